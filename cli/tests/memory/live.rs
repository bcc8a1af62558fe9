//! Files that change while they are read.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::os::unix::process::ExitStatusExt as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use loginrec_testing::{Scratch, command, text};

use crate::wtmp::{SIZE, records};

const RUNS: usize = 1000;
const READERS: usize = 4;

/// Appends, cuts short and rotates, again and again.
fn disturb(path: &str, done: &AtomicBool) {
    // Some files are in memory once they are open, others are not.
    let (small, large) = (records(0..50), records(0..3000));
    let rotated = format!("{path}.1");
    while !done.load(Ordering::Relaxed) {
        for history in [&small, &small, &large] {
            let mut file = OpenOptions::new().append(true).create(true).open(path).unwrap();
            file.write_all(history).unwrap();
            for len in [history.len() / 2, 7 * SIZE + 100, 0] {
                file.set_len(len as u64).unwrap();
                thread::yield_now();
            }
            for part in history.chunks(1000) {
                file.write_all(part).unwrap();
            }
            fs::rename(path, &rotated).unwrap();
            File::create(path).unwrap();
            file.set_len(0).unwrap();
        }
    }
}

#[test]
fn a_file_may_change_while_it_is_read() {
    let scratch = Scratch::new();
    let path = scratch.file("wtmp", &records(0..50));
    let done = AtomicBool::new(false);
    let counts = thread::scope(|scope| {
        let writer = scope.spawn(|| disturb(&path, &done));
        let readers: Vec<_> =
            (0..READERS).map(|_| scope.spawn(|| read_again_and_again(&path))).collect();
        let counts = readers.into_iter().map(thread::ScopedJoinHandle::join);
        let counts: Vec<_> = counts.collect();
        done.store(true, Ordering::Relaxed);
        writer.join().unwrap();
        counts
    });
    let mut all = [0; 5];
    for count in counts {
        all.iter_mut().zip(count.unwrap()).for_each(|(all, one)| *all += one);
    }
    eprintln!("exit status 0: {}, 3: {}, 4: {}", all[0], all[3], all[4]);
    assert_eq!(all.iter().sum::<usize>(), RUNS);
    // Else nothing was disturbed, or nothing read.
    assert!(all[0] > 0 && all[0] < RUNS, "{all:?}");
}

/// How often each exit status was.
fn read_again_and_again(path: &str) -> [usize; 5] {
    let mut counts = [0; 5];
    for run in 0..RUNS / READERS {
        let args = [&["dump"][..], &["last", "--tz", "UTC", "-f"], &["sessions"]][run % 3];
        let output = command(&[args, &[path]].concat()).output().unwrap();
        let status = output.status;
        let stderr = text(&output.stderr);
        assert_eq!(status.signal(), None, "{args:?}: {stderr}");
        let code = status.code().unwrap();
        assert!(matches!(code, 0 | 3 | 4), "{args:?}: {code}: {stderr}");
        // Records that were not read, or not as a whole, are reported.
        assert!(code == 0 || stderr.starts_with("loginrec: "), "{args:?}: {code}: {stderr}");
        assert!(!stderr.contains("panicked"), "{stderr}");
        counts[usize::try_from(code).unwrap()] += 1;
    }
    counts
}
