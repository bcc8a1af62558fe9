//! `--cursor` and `--follow` over files that are rotated, copied, cut and replaced: no record is
//! lost, none comes twice.

use std::fs;
use std::path::Path;

use loginrec_testing::{Rng, Scratch, run, text, told};

use crate::compressed::gzip;
use crate::follow::{Following, append};

const SIZE: usize = 384;
const LOGIN: u16 = 7;
const LOGOUT: u16 = 8;

/// A record of glibc on Linux, by hand.
fn record(kind: u16, number: u32, line: &str, user: &str) -> Vec<u8> {
    let mut bytes = vec![0; SIZE];
    let mut put = |at: usize, value: &[u8]| bytes[at..at + value.len()].copy_from_slice(value);
    put(0, &kind.to_le_bytes());
    put(4, &number.to_le_bytes());
    put(8, line.as_bytes());
    put(44, user.as_bytes());
    put(76, b"198.51.100.7");
    put(340, &(1_700_000_000 + number).to_le_bytes());
    put(348, &[198, 51, 100, 7]);
    bytes
}

/// Logins whose process ids count up.
fn logins(from: u32, to: u32) -> Vec<u8> {
    (from..to).flat_map(|n| record(LOGIN, n, &format!("pts/{n}"), "alice")).collect()
}

/// The process ids that a run with a cursor prints.
fn news(cursor: &str, log: &str, more: &[&str]) -> Vec<u32> {
    let args = [&["dump", "--format", "jsonl", "--cursor", cursor][..], more, &[log]].concat();
    let output = run(&args);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output).1);
    text(&output.stdout).lines().map(pid).collect()
}

fn pid(line: &str) -> u32 {
    let row: serde_json::Value = serde_json::from_str(line).unwrap();
    u32::try_from(row["pid"].as_u64().unwrap()).unwrap()
}

struct Log {
    scratch: Scratch,
    path: String,
    cursor: String,
}

impl Log {
    fn new(bytes: &[u8]) -> Log {
        let scratch = Scratch::new();
        let (path, cursor) = (scratch.file("wtmp", bytes), scratch.path("cursor"));
        Log { scratch, path, cursor }
    }

    fn news(&self) -> Vec<u32> {
        news(&self.cursor, &self.path, &[])
    }

    fn copy(&self, name: &str) -> String {
        self.scratch.path(name)
    }

    /// As logrotate does it.
    fn rename(&self, new: &[u8]) {
        self.shift();
        fs::rename(&self.path, self.copy("wtmp.1")).unwrap();
        fs::write(&self.path, new).unwrap();
    }

    /// As logrotate does it with `copytruncate`.
    fn copytruncate(&self) {
        self.shift();
        fs::copy(&self.path, self.copy("wtmp.1")).unwrap();
        fs::File::options().write(true).truncate(true).open(&self.path).unwrap();
    }

    /// As rsync does it: a longer copy gets the name.
    fn replace(&self, more: &[u8]) {
        let whole = [fs::read(&self.path).unwrap(), more.to_vec()].concat();
        fs::write(self.copy("new"), whole).unwrap();
        fs::rename(self.copy("new"), &self.path).unwrap();
    }

    fn shift(&self) {
        for n in (1..90).rev() {
            let from = self.copy(&format!("wtmp.{n}"));
            if Path::new(&from).exists() {
                fs::rename(from, self.copy(&format!("wtmp.{}", n + 1))).unwrap();
            }
        }
    }
}

fn numbers(from: u32, to: u32) -> Vec<u32> {
    (from..to).collect()
}

#[test]
fn only_what_is_new() {
    let log = Log::new(&logins(0, 9));
    assert_eq!(log.news(), numbers(0, 9));
    assert_eq!(log.news(), numbers(0, 0));
    append(&log.path, &logins(9, 12));
    append(&log.path, &logins(12, 13)[..100]);
    assert_eq!(log.news(), numbers(9, 12));
    append(&log.path, &logins(12, 13)[100..]);
    assert_eq!(log.news(), [12]);
    let cursor = fs::read_to_string(&log.cursor).unwrap();
    let lines: Vec<serde_json::Value> =
        cursor.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["loginrec_cursor"], 1);
    assert_eq!(lines[1]["path"], log.path.as_str());
    assert_eq!((&lines[1]["offset"], &lines[1]["index"]), (&(13 * 384).into(), &13.into()));
    assert_eq!(lines[1]["layout"], "linux-glibc-384-le");
}

#[test]
fn new_only() {
    let log = Log::new(&logins(0, 9));
    assert_eq!(news(&log.cursor, &log.path, &["--new-only"]), numbers(0, 0));
    append(&log.path, &logins(9, 12));
    assert_eq!(news(&log.cursor, &log.path, &["--new-only"]), numbers(9, 12));
    let following = Following::command("dump", &["--new-only", "--format", "jsonl", &log.path]);
    following.is_quiet();
    append(&log.path, &logins(12, 14));
    assert_eq!([pid(&following.next()), pid(&following.next())], [12, 13]);
    assert_eq!(told(&run(&["dump", "--new-only", &log.path])).0, 2);
}

#[test]
fn rotated_between_runs() {
    let log = Log::new(&logins(0, 9));
    assert_eq!(log.news(), numbers(0, 9));
    append(&log.path, &logins(9, 11));
    log.rename(&logins(11, 13));
    assert_eq!(log.news(), numbers(9, 13));
    // Three times, the last one without anything new.
    append(&log.path, &logins(13, 14));
    log.rename(&logins(14, 15));
    log.copytruncate();
    append(&log.path, &logins(15, 16));
    log.rename(b"");
    assert_eq!(log.news(), numbers(13, 16));
    assert_eq!(log.news(), numbers(0, 0));
    // The file that was empty then is rotated before it is read again.
    append(&log.path, &logins(16, 18));
    log.rename(&logins(18, 19));
    assert_eq!(log.news(), numbers(16, 19));
}

#[test]
fn cut_and_written_again() {
    let log = Log::new(&logins(0, 9));
    assert_eq!(log.news(), numbers(0, 9));
    // As long as before, and longer: the size does not show it.
    for (more, from, to) in [(1, 10, 20), (2, 22, 62)] {
        append(&log.path, &logins(from - more, from));
        log.copytruncate();
        append(&log.path, &logins(from, to));
        assert_eq!(log.news(), numbers(from - more, to));
    }
    // Cut without a copy: what was in it is lost, what comes is not.
    fs::write(&log.path, logins(62, 63)).unwrap();
    let (status, stderr) =
        told(&run(&["dump", "--cursor", &log.copy("other"), "--new-only", &log.path]));
    assert_eq!((status, stderr.as_str()), (0, ""));
    assert_eq!(log.news(), [62]);
}

#[test]
fn replaced_by_a_longer_copy() {
    let log = Log::new(&logins(0, 9));
    assert_eq!(log.news(), numbers(0, 9));
    log.replace(&logins(9, 12));
    assert_eq!(log.news(), numbers(9, 12));
    let args = ["--format", "jsonl", "--cursor", &log.cursor, &log.path];
    let following = Following::command("dump", &args);
    for n in 12..15 {
        log.replace(&logins(n, n + 1));
        assert_eq!(pid(&following.next()), n);
    }
    following.is_quiet();
}

#[test]
fn compressed_and_deleted_copies() {
    let log = Log::new(&logins(0, 9));
    assert_eq!(log.news(), numbers(0, 9));
    append(&log.path, &logins(9, 11));
    log.rename(&logins(11, 13));
    log.rename(&logins(13, 14));
    for name in ["wtmp.1", "wtmp.2"] {
        let bytes = fs::read(log.copy(name)).unwrap();
        fs::write(log.copy(&format!("{name}.gz")), gzip(&bytes)).unwrap();
        fs::remove_file(log.copy(name)).unwrap();
    }
    assert_eq!(log.news(), numbers(9, 14));
    fs::remove_file(log.copy("wtmp.1.gz")).unwrap();
    fs::remove_file(log.copy("wtmp.2.gz")).unwrap();
    append(&log.path, &logins(14, 15));
    log.rename(&logins(15, 16));
    log.rename(&logins(16, 17));
    // The file that was read is gone: later ones are not.
    fs::remove_file(log.copy("wtmp.2")).unwrap();
    let later = fs::File::options().write(true).open(log.copy("wtmp.1")).unwrap();
    later.set_modified(std::time::SystemTime::now() + std::time::Duration::from_secs(5)).unwrap();
    assert_eq!(log.news(), numbers(15, 17));
}

#[test]
fn what_is_no_cursor() {
    let log = Log::new(&logins(0, 2));
    let refused = |cursor: &str, why: &str| {
        let (status, stderr) = told(&run(&["dump", "--cursor", cursor, &log.path]));
        assert!(status != 0 && stderr.contains(why), "{cursor}: {status} {stderr}");
    };
    refused(&log.path, "refusing to overwrite an input file");
    let before = fs::read(&log.path).unwrap();
    assert_eq!(before, logins(0, 2));
    let notes = log.scratch.file("notes", b"remember\n");
    refused(&notes, "is not a cursor, and is not overwritten");
    assert_eq!(fs::read(&notes).unwrap(), b"remember\n");
    refused(&log.scratch.file("later", b"{\"loginrec_cursor\":9}\n"), "of a later version");
    let damaged = log.scratch.file("damaged", b"{\"loginrec_cursor\":1}\n{}\n");
    refused(&damaged, "line 2 is damaged");
    let missing = log.copy("none");
    let (status, stderr) = told(&run(&["dump", "--cursor", &log.cursor, &missing]));
    assert!(status == 3 && stderr.contains("no such file"), "{stderr}");
    for args in [
        &["dump", "--cursor", "c", "-"][..],
        &["dump", "--cursor", "c", "--merge", "x"],
        &["dump", "--cursor", "c", "--format", "parquet", "x"],
        &["timeline", "--follow", "--since", "2 days ago", "x"],
        &["sessions", "--cursor", "c", "--open", "x"],
    ] {
        assert_eq!(told(&run(args)).0, 2, "{args:?}");
    }
    let same = ["dump", "--cursor", &log.cursor, "-o", &log.cursor, &log.path];
    assert!(told(&run(&same)).1.contains("is also the file of --output"));
}

/// Rows are added to those that the file has.
#[test]
fn output_is_appended() {
    let log = Log::new(&logins(0, 2));
    let out = log.copy("out.jsonl");
    for to in [2, 4, 4, 5] {
        fs::write(&log.path, logins(0, to)).unwrap();
        let args = ["dump", "--format", "jsonl", "--cursor", &log.cursor, "-o", &out, &log.path];
        assert_eq!(told(&run(&args)), (0, String::new()));
    }
    let rows = fs::read_to_string(&out).unwrap();
    assert_eq!(rows.lines().map(pid).collect::<Vec<_>>(), numbers(0, 5));
}

/// Rotates a log at random, a few records at a time.
fn churn(log: &Log, seed: u64, steps: u32, mut each: impl FnMut(u32)) -> u32 {
    let mut rng = Rng::new(seed);
    let mut next = 1;
    for _ in 0..steps {
        let to = next + rng.below(4) as u32;
        match rng.below(8) {
            0 => log.rename(&logins(next, to)),
            1 => {
                log.copytruncate();
                append(&log.path, &logins(next, to));
            }
            2 => log.replace(&logins(next, to)),
            _ => append(&log.path, &logins(next, to)),
        }
        next = to;
        each(next);
    }
    next
}

/// Runs between steps that rotate as well.
#[test]
fn runs_while_the_log_is_rotated() {
    for seed in 1..=3 {
        let (log, mut rng) = (Log::new(&logins(0, 1)), Rng::new(seed + 100));
        let mut found = log.news();
        let next = churn(&log, seed, 60, |_| {
            if rng.below(3) == 0 {
                found.extend(log.news());
            }
        });
        found.extend(log.news());
        assert_eq!(found, numbers(0, next), "seed {seed}");
    }
}

/// A writer that does not wait for the reader.
#[test]
fn followed_under_load() {
    for seed in 1..=3 {
        let log = Log::new(&logins(0, 1));
        let args = ["--format", "jsonl", "--cursor", &log.cursor, &log.path];
        let following = Following::command("dump", &args);
        assert_eq!(pid(&following.next()), 0);
        // All copies are kept: the reader may get no time at all.
        let next = churn(&log, seed, 150, |_| {
            std::thread::sleep(std::time::Duration::from_millis(4));
        });
        let found: Vec<u32> = (1..next).map(|_| pid(&following.next())).collect();
        assert_eq!(found, numbers(1, next), "seed {seed}");
        following.is_quiet();
        drop(following);
        append(&log.path, &logins(next, next + 2));
        assert_eq!(log.news(), numbers(next, next + 2));
    }
}

fn fields(line: &str, names: &[&str]) -> Vec<String> {
    let row: serde_json::Value = serde_json::from_str(line).unwrap();
    let text = |value: &serde_json::Value| match value {
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    names.iter().map(|name| text(&row[*name])).collect()
}

/// Who it was is known over rotations and restarts.
#[test]
fn sessions_begin_and_end() {
    let log = Log::new(&record(LOGIN, 1, "pts/1", "alice"));
    log.rename(&record(LOGIN, 2, "pts/2", "bob"));
    let args = ["--format", "jsonl", "--cursor", &log.cursor, &log.path];
    let row = |following: &Following| fields(&following.next(), &["user", "line", "how"]);
    let following = Following::command("sessions", &args);
    assert_eq!(row(&following), ["bob", "pts/2", "open"]);
    append(&log.path, &record(LOGOUT, 1, "pts/1", ""));
    assert_eq!(row(&following), ["alice", "pts/1", "logout"]);
    log.rename(&record(LOGIN, 3, "pts/3", "carol"));
    assert_eq!(row(&following), ["carol", "pts/3", "open"]);
    // Until the cursor is written.
    following.is_quiet();
    drop(following);
    append(&log.path, &record(LOGOUT, 2, "pts/2", ""));
    let following = Following::command("sessions", &args);
    assert_eq!(row(&following), ["bob", "pts/2", "logout"]);
    append(&log.path, &record(LOGOUT, 3, "pts/3", ""));
    assert_eq!(row(&following), ["carol", "pts/3", "logout"]);
    following.is_quiet();
}

#[test]
fn events_of_a_root() {
    let scratch = Scratch::new();
    let folder = scratch.path("root/var/log");
    fs::create_dir_all(&folder).unwrap();
    let wtmp = format!("{folder}/wtmp");
    fs::write(format!("{folder}/wtmp.1"), record(LOGIN, 1, "pts/1", "alice")).unwrap();
    fs::write(&wtmp, record(LOGIN, 2, "pts/2", "bob")).unwrap();
    fs::write(format!("{folder}/btmp"), record(LOGIN, 3, "ssh:notty", "root")).unwrap();
    let (cursor, root) = (scratch.path("cursor"), scratch.path("root"));
    let news = |command: &str| {
        let args = [command, "--format", "jsonl", "--cursor", &cursor, "--root", &root];
        let output = run(&args);
        assert_eq!(told(&output), (0, String::new()));
        let events = text(&output.stdout);
        events.lines().map(|line| fields(line, &["event", "user", "host"])).collect::<Vec<_>>()
    };
    let mut events = news("timeline");
    events.sort();
    let host = "198.51.100.7";
    assert_eq!(events, [["failed-login", "root", host], ["login", "bob", host]]);
    append(&wtmp, &record(LOGOUT, 1, "pts/1", ""));
    assert_eq!(news("timeline"), [["logout", "alice", host]]);
    assert_eq!(news("timeline"), Vec::<Vec<String>>::new());
    let archive = ["dump", "--follow", "--root", "tests"];
    assert_ne!(told(&run(&archive)).0, 0);
}
