//! A lastlog that holes make larger than any disk.

use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::common::{Scratch, command, json_lines};

/// Bytes of a slot of glibc's lastlog.
const SLOT: u64 = 292;
/// The largest is what (uid_t) -2, `nobody` of old, makes of the file.
const USERS: [(u64, i32, &str); 3] = [
    (0, 1_650_000_000, "tty1"),
    (1000, 1_660_000_000, "pts/0"),
    (4_294_967_294, 1_670_000_000, "ftp"),
];
/// Reading the holes takes hours.
const PATIENCE: Duration = Duration::from_secs(120);

/// Lines of a command that is given time, but not hours.
fn lines(args: &[&str]) -> Vec<Value> {
    let mut child = command(args).stdout(Stdio::piped()).spawn().unwrap();
    let begin = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if begin.elapsed() > PATIENCE {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("{args:?}: reads the holes");
        }
        thread::sleep(Duration::from_millis(5));
    };
    assert!(status.success(), "{args:?}: {status}");
    let mut out = Vec::new();
    child.stdout.take().unwrap().read_to_end(&mut out).unwrap();
    json_lines(&out)
}

#[test]
fn holes_are_not_read() {
    let scratch = Scratch::new();
    let path = scratch.path("lastlog");
    let file = File::create(&path).unwrap();
    for (uid, time, line) in USERS {
        let mut slot = [0; SLOT as usize];
        slot[..4].copy_from_slice(&time.to_le_bytes());
        slot[4..4 + line.len()].copy_from_slice(line.as_bytes());
        if let Err(error) = file.write_all_at(&slot, uid * SLOT) {
            eprintln!("skipped: no file of 1.2 TB here: {error}");
            return;
        }
    }
    let about = file.metadata().unwrap();
    assert!(about.len() > 1_200_000_000_000);
    if about.blocks() * 512 > 1 << 20 {
        eprintln!("skipped: no holes here");
        return;
    }
    let uids = || USERS.map(|(uid, ..)| uid).to_vec();
    let numbers = |lines: &[Value], key: &str| -> Vec<u64> {
        lines.iter().map(|line| line[key].as_u64().unwrap()).collect()
    };

    let dumped = lines(&["dump", "--format", "jsonl", &path]);
    assert_eq!(numbers(&dumped, "uid"), uids());
    assert_eq!(numbers(&dumped, "index"), uids());
    assert_eq!(numbers(&dumped, "offset"), USERS.map(|(uid, ..)| uid * SLOT).to_vec());
    assert_eq!(dumped[2]["time"], "2022-12-02T16:53:20Z");
    assert_eq!(dumped[2]["line"], "ftp");

    let last = lines(&["lastlog", "--format", "jsonl", &path]);
    assert_eq!(numbers(&last, "uid"), uids());
    assert_eq!(last[1]["line"], "pts/0");

    let found = lines(&["detect", "--format", "jsonl", &path]);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["layout"], "linux-lastlog-292-le");
    assert_eq!(found[0]["records"], 3);
    assert_eq!(found[0]["first"], "2022-04-15T05:20:00Z");
    assert_eq!(found[0]["last"], "2022-12-02T16:53:20Z");
}
