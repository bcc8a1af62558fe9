//! Results that cannot be written.

use std::fs::{self, File, OpenOptions};
use std::process::{Command, Output, Stdio};

use loginrec_testing::{Scratch, clean, command, loginrec, root, run_with, told};

use crate::commands::{of_logins, with};

const WTMP: &str = "fixtures/glibc-x86_64/wtmp";

/// More than a pipe holds, of nearly every command.
fn long_file(scratch: &Scratch) -> String {
    let wtmp = fs::read(root().join(WTMP)).unwrap();
    scratch.file("wtmp", &wtmp.repeat(1 + (1 << 20) / wtmp.len()))
}

/// Exit status and messages, but for the warning of lastb that the file is a wtmp.
fn without_warning(output: &std::process::Output) -> (i32, String) {
    let (status, message) = told(output);
    let lines = message.split_inclusive('\n');
    (status, lines.filter(|line| !line.contains("contains logins that succeeded")).collect())
}

#[test]
fn a_closed_pipe_ends_it_quietly() {
    let scratch = Scratch::new();
    let path = long_file(&scratch);
    let more = [&["layouts"][..], &["completions", "bash"], &["man"], &["--help"]];
    let readers = of_logins().map(|reader| with(reader, &[path.as_str()]));
    for args in readers.chain(more.iter().map(|args| args.to_vec())) {
        let mut child =
            command(&args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(without_warning(&output), (0, String::new()), "{args:?}");
    }
    let lines = clean(&["dump", "--format", "jsonl", "--raw", WTMP], b"");
    let mut undump = command(&["undump", "-"]);
    undump.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = undump.spawn().unwrap();
    drop(child.stdout.take());
    let mut input = child.stdin.take().unwrap();
    drop(std::io::Write::write_all(&mut input, &lines));
    drop(input);
    assert_eq!(told(&child.wait_with_output().unwrap()), (0, String::new()), "undump");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() {
    let full = || Stdio::from(OpenOptions::new().write(true).open("/dev/full").unwrap());
    let why = "loginrec: cannot write: No space left on device\n";
    let more = [&["layouts"][..], &["completions", "bash"], &["man"], &["--help"], &["--version"]];
    let readers = of_logins().map(|reader| with(reader, &[WTMP]));
    for args in readers.chain(more.iter().map(|args| args.to_vec())) {
        let output = command(&args).stdout(full()).output().unwrap();
        assert_eq!(without_warning(&output), (3, why.to_owned()), "{args:?}");
    }
    let lines = clean(&["dump", "--format", "jsonl", "--raw", WTMP], b"");
    let scratch = Scratch::new();
    let dumped = scratch.file("wtmp.jsonl", &lines);
    let output = command(&["undump", &dumped]).stdout(full()).output().unwrap();
    assert_eq!(told(&output), (3, why.to_owned()));
    let output = run_with(&["dump", "--output", "/dev/full", WTMP], b"");
    assert_eq!(told(&output).0, 3);
    assert_eq!(told(&output).1.lines().count(), 1);
}

/// A disk that is full in the middle: the file under the old name stays, no other is left.
#[cfg(target_os = "linux")]
#[test]
fn undump_leaves_no_half_a_file() {
    let scratch = Scratch::new();
    let path = long_file(&scratch);
    let dumped = scratch.file("jsonl", &clean(&["dump", "--format", "jsonl", "--raw", &path], b""));
    let before = scratch.file("before", b"what was there");
    // No file may grow beyond 100 blocks of 512 bytes or 1 KiB. The signal is ignored, so that
    // writing fails as on a full disk.
    let limited = |args: &[&str]| -> Output {
        let script = "trap '' XFSZ; ulimit -f 100; exec \"$0\" \"$@\"";
        let mut command = Command::new("sh");
        command.args(["-c", script]).arg(loginrec()).args(args).output().unwrap()
    };
    let mut names = scratch.names();
    for args in [
        &["undump", "-o", &scratch.path("new"), &dumped][..],
        &["undump", "--force", "-o", &before, &dumped],
    ] {
        let (status, stderr) = told(&limited(args));
        assert_eq!(status, 3, "{stderr}");
        assert!(stderr.contains(": File too large") && stderr.lines().count() == 1, "{stderr}");
    }
    assert_eq!(fs::read(&before).unwrap(), b"what was there");
    let mut left = scratch.names();
    left.sort();
    names.sort();
    assert_eq!(left, names);
}

#[test]
fn undump_replaces_only_by_force() {
    let scratch = Scratch::new();
    let dumped = scratch.file("jsonl", &clean(&["dump", "--format", "jsonl", "--raw", WTMP], b""));
    let there = scratch.file("there", b"what was there");
    let (status, stderr) = told(&run_with(&["undump", "-o", &there, &dumped], b""));
    assert_eq!((status, stderr), (3, format!("loginrec: {there}: exists: --force replaces it\n")));
    assert_eq!(fs::read(&there).unwrap(), b"what was there");
    clean(&["undump", "--force", "-o", &there, &dumped], b"");
    assert_eq!(fs::read(&there).unwrap(), fs::read(root().join(WTMP)).unwrap());
}

/// Under the name of a tool the status is the tool's.
#[cfg(target_os = "linux")]
#[test]
fn tools_fail_with_one() {
    use std::os::unix::process::CommandExt as _;
    let wtmp = root().join(WTMP);
    for tool in ["last", "utmpdump", "who"] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let mut command = Command::new(loginrec());
        let output = command.arg0(tool).args((tool == "last").then_some("-f")).arg(&wtmp);
        let output = output.stdout(full).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{tool}");
    }
}
