//! Memory does not grow with the file.

use std::fs::{self, File};
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use loginrec_testing::{Scratch, command};

use crate::wtmp::{SIZE, records};

const FILE: u64 = 256 << 20;
const LIMIT: u64 = 32 << 20;
/// Records written at a time.
const STEP: u32 = 16 << 10;

/// The most memory that a command has at once, and whether it ended well.
pub(crate) fn peak(mut command: Command) -> (u64, bool) {
    let mut child = command.stdout(Stdio::null()).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut most = 0;
    loop {
        // Nothing is known about a process that has ended, but this value never falls.
        if let Ok(status) = fs::read_to_string(&status)
            && let Some(line) = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))
        {
            let kib: u64 = line.trim().trim_end_matches(" kB").parse().unwrap();
            most = most.max(kib << 10);
        }
        if let Some(status) = child.try_wait().unwrap() {
            return (most, status.success());
        }
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn a_file_of_256_mib_in_32() {
    let scratch = Scratch::new();
    let path = scratch.path("wtmp");
    let mut file = File::create(&path).unwrap();
    let mut next = 0;
    while u64::from(next) * (SIZE as u64) < FILE {
        file.write_all(&records(next..next + STEP)).unwrap();
        next += STEP;
    }
    drop(file);
    for args in [
        &["dump", "--threads", "1"][..],
        &["dump", "--threads", "8"],
        &["dump"],
        &["dump", "--format", "jsonl"],
        &["sessions", "--format", "jsonl"],
        &["boots"],
        &["last", "--tz", "UTC", "-f"],
        // The newest record is needed first, so the file is read once more.
        &["last", "--tz", "UTC", "-s", "-3days", "-f"],
        &["detect"],
    ] {
        let (peak, is_well) = peak(command(&[args, &[&path]].concat()));
        assert!(is_well, "{args:?}");
        assert!(peak > 1 << 20, "{args:?}: {peak} bytes: not measured");
        assert!(peak < LIMIT, "{args:?}: {peak} bytes");
        eprintln!("{args:?}: {} KiB", peak >> 10);
    }
    // A file is one by way of standard input, too.
    let mut redirected = command(&["last", "--tz", "UTC", "-n", "1", "-f", "-"]);
    redirected.stdin(File::open(&path).unwrap());
    let (peak, is_well) = peak(redirected);
    assert!(is_well && peak < LIMIT, "{peak} bytes");
}
