//! Files that holes make larger than any disk.

use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use loginrec_testing::{Scratch, command, json_lines, skip, text};
use serde_json::Value;

use crate::wtmp::{SIZE, records};

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
            skip(&format!("no file of 1.2 TB here: {error}"));
            return;
        }
    }
    let about = file.metadata().unwrap();
    assert!(about.len() > 1_200_000_000_000);
    if about.blocks() * 512 > 1 << 20 {
        skip("no holes here");
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
    assert_eq!(dumped[2]["time"], "2022-12-02T16:53:20.000000Z");
    assert_eq!(dumped[2]["line"], "ftp");

    let last = lines(&["lastlog", "--format", "jsonl", &path]);
    assert_eq!(numbers(&last, "uid"), uids());
    assert_eq!(last[1]["line"], "pts/0");

    let found = lines(&["detect", "--format", "jsonl", &path]);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["layout"], "linux-lastlog-292-le");
    assert_eq!(found[0]["records"], 3);
    assert_eq!(found[0]["first"], "2022-04-15T05:20:00.000000Z");
    assert_eq!(found[0]["last"], "2022-12-02T16:53:20.000000Z");
}

/// 64 GiB of a history with 48 KiB in it, at both ends or at its beginning, one byte off the
/// grid or on it.
#[test]
fn holes_of_a_history_are_counted() {
    const LEN: u64 = 64 << 30;
    let scratch = Scratch::new();
    let head = records(0..64);
    let whole = LEN / SIZE as u64;
    let zeros = whole - 128;
    for (end, name) in
        [(whole * SIZE as u64 - 64 * SIZE as u64, "both"), (64 * SIZE as u64, "begin")]
    {
        let path = scratch.path(name);
        let file = File::create(&path).unwrap();
        file.write_all_at(&head, 0).unwrap();
        file.write_all_at(&records(64..128), end).unwrap();
        if let Err(error) = file.set_len(whole * SIZE as u64) {
            skip(&format!("no file of 64 GiB here: {error}"));
            return;
        }
        if file.metadata().unwrap().blocks() * 512 > 1 << 20 {
            skip("no holes here");
            return;
        }
        let found = lines(&["detect", "--format", "jsonl", &path]);
        assert_eq!(
            (found[0]["layout"].as_str(), found[0]["records"].as_u64()),
            (Some("linux-glibc-384-le"), Some(whole))
        );
        // The parts of a record in each hole are read, so that some zero records are listed.
        let dumped = lines(&["dump", "--format", "jsonl", &path]);
        let used: Vec<&Value> = dumped.iter().filter(|line| line["event"] != "empty").collect();
        assert_eq!(used.len(), 128);
        assert!(dumped.len() < 128 + 30, "{}", dumped.len());
        assert_eq!(used[127]["offset"], end + 63 * SIZE as u64);
        assert_eq!(used[127]["index"], end / SIZE as u64 + 63);
        let notice = told(&["dump", &path]);
        let listed = zeros - (dumped.len() as u64 - 128);
        assert!(
            notice
                .contains(&format!(" are a hole of the file: {listed} empty records, not listed")),
            "{notice}"
        );
        for (args, count) in [
            (&["sessions", "--format", "jsonl"][..], 64),
            (&["timeline", "--format", "jsonl"], 128),
            (&["boots", "--format", "jsonl"], 0),
            (&["dump", "--merge", "--format", "jsonl"], dumped.len()),
        ] {
            assert_eq!(lines(&[args, &[&path]].concat()).len(), count, "{args:?}");
        }
        // `last` prints the same for the file as for its records alone.
        let plain = scratch.file(&format!("{name}-plain"), &records(0..128));
        let rows = |path: &str| -> Vec<String> {
            let output = command(&["last", "--tz", "UTC", "-f", path]).output().unwrap();
            text(&output.stdout)
                .lines()
                .filter(|line| line.starts_with("user"))
                .map(str::to_owned)
                .collect()
        };
        assert_eq!(rows(&path), rows(&plain));
        let audit = command(&["audit", "--format", "jsonl", &path]).output().unwrap();
        let findings = json_lines(&audit.stdout);
        let wiped = findings.iter().find(|finding| finding["rule"] == "zeroed-record").unwrap();
        assert!(
            wiped["message"].as_str().unwrap().starts_with(&format!("{zeros} all-zero records")),
            "{wiped}"
        );
        // Bit for bit, without storing the zeros.
        let (raw, copy) = (scratch.path("raw"), scratch.path("copy"));
        assert!(
            command(&["dump", "--raw", "--format", "jsonl", "-o", &raw, &path])
                .status()
                .unwrap()
                .success()
        );
        assert!(command(&["undump", "--force", "-o", &copy, &raw]).status().unwrap().success());
        let copied = File::open(&copy).unwrap();
        assert_eq!(copied.metadata().unwrap().len(), whole * SIZE as u64);
        assert!(copied.metadata().unwrap().blocks() * 512 < 1 << 20);
        let mut bytes = vec![0; head.len()];
        copied.read_exact_at(&mut bytes, end).unwrap();
        assert_eq!(bytes, records(64..128));
    }
}

/// After a hole records go on where those before it put them, whether or not that is the grid.
#[test]
fn records_behind_a_hole_keep_their_places() {
    let scratch = Scratch::new();
    let path = scratch.path("wtmp");
    let file = File::create(&path).unwrap();
    // One byte more before record 32, and all that follow are one byte off.
    file.write_all_at(&records(0..32), 0).unwrap();
    file.write_all_at(&records(32..64), 32 * SIZE as u64 + 1).unwrap();
    let behind = 100_000 * SIZE as u64 + 1;
    file.write_all_at(&records(64..128), behind).unwrap();
    let output = command(&["dump", "--format", "jsonl", &path]).output().unwrap();
    let used = json_lines(&output.stdout);
    let used: Vec<&Value> = used.iter().filter(|line| line["event"] != "empty").collect();
    assert_eq!(used.len(), 128);
    assert_eq!(used[127]["offset"], behind + 63 * SIZE as u64);
    assert!(text(&output.stderr).contains("byte 12288: 1 byte"), "{}", text(&output.stderr));
    let output = command(&["last", "--tz", "UTC", "-f", &path]).output().unwrap();
    assert_eq!(text(&output.stdout).lines().filter(|line| line.starts_with("user")).count(), 64);
}

fn told(args: &[&str]) -> String {
    text(&command(args).output().unwrap().stderr)
}
