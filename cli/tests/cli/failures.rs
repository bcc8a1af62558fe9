//! `failures` against the tools that print these files, and below a root.

use std::fs;
use std::process::Command;

use loginrec_testing::{
    Scratch, clean, command_of, fixtures, json_lines, run, shared, skip, text, told,
};

const PASSWD: &[u8] = b"root:x:0:0::/root:/bin/sh\nwww-data:x:33:33::/:/bin/sh\n\
    alba:x:100:100::/:/bin/sh\nabcdefghijklm:x:101:101::/:/bin/sh\n";

/// Whether a program is installed.
fn has(program: &str) -> bool {
    let found = Command::new(program).arg("--help").output().is_ok();
    if !found {
        skip(&format!("{program} is not installed"));
    }
    found
}

/// faillog reads below a folder that it makes its root, which only the superuser may do.
#[test]
fn text_is_that_of_faillog() {
    let Some(corpus) = shared("corpus/more/linux") else { return };
    if !has("faillog") || cfg!(not(target_pointer_width = "64")) {
        return;
    }
    let scratch = Scratch::new();
    for folder in ["etc", "var", "var/log"] {
        fs::create_dir(scratch.path(folder)).unwrap();
    }
    let passwd = scratch.file("etc/passwd", PASSWD);
    let root = passwd.strip_suffix("/etc/passwd").unwrap();
    let file = scratch.file("var/log/faillog", &fs::read(corpus.join("faillog.32-le")).unwrap());
    for (theirs, ours) in [(&["-R", root][..], &[][..]), (&["-R", root, "-a"], &["-a"])] {
        let output = command_of("faillog", theirs).output().unwrap();
        if !output.status.success() {
            return skip("faillog cannot change its root folder here");
        }
        let args = [&["failures", "--tz", "UTC", "--passwd", &passwd, &file], ours].concat();
        assert_eq!(text(&clean(&args, b"")), text(&output.stdout), "{ours:?}");
    }
}

#[test]
fn text_is_that_of_faillock() {
    let Some(corpus) = shared("corpus/more/linux/faillock-le") else { return };
    if !has("faillock") {
        return;
    }
    let scratch = Scratch::new();
    let file = scratch.file("alba", &fs::read(corpus.join("alba")).unwrap());
    let folder = file.strip_suffix("/alba").unwrap();
    let output = command_of("faillock", &["--dir", folder, "--user", "alba"]).output().unwrap();
    if !output.status.success() {
        return skip("faillock cannot read files of others here");
    }
    assert_eq!(text(&clean(&["failures", "--tz", "UTC", &file], b"")), text(&output.stdout));
}

/// pam_tally2 1.3.1: `%-15.15s %5hu    `, the time in 17 columns, the source.
#[test]
fn text_is_that_of_pam_tally2() {
    let file = "fixtures/linux-tallylog-64-le/tallylog";
    let got = text(&clean(&["failures", "--tz", "UTC", file], b""));
    let wanted = "Login           Failures Latest failure     From\n\
                  0                   1    01/21/14 06:33:19  tty1\n\
                  5                   3    01/22/14 06:33:19  ttyp0\n";
    assert!(got.starts_with(wanted), "{got}");
}

/// The files of a machine, one of them named after its user.
#[test]
fn below_a_root() {
    let scratch = Scratch::new();
    let mut root = String::new();
    for (from, to) in [
        ("linux-faillog-32-le/faillog", "var/log/faillog"),
        ("linux-tallylog-64-le/tallylog", "var/log/tallylog"),
        ("linux-faillock-64-le/alice", "var/run/faillock/alice"),
        ("glibc-x86_64/wtmp", "var/log/wtmp"),
    ] {
        let bytes = fs::read(loginrec_testing::root().join("fixtures").join(from)).unwrap();
        let (folder, _) = to.rsplit_once('/').unwrap();
        fs::create_dir_all(scratch.path(folder)).unwrap();
        let file = scratch.file(to, &bytes);
        root = file.strip_suffix(to).unwrap().to_owned();
    }
    let rows = json_lines(&clean(&["failures", "--root", &root, "--format", "jsonl"], b""));
    let of = |name: &str| {
        let ends = |row: &&serde_json::Value| row["file"].as_str().unwrap().ends_with(name);
        rows.iter().filter(ends).count()
    };
    assert_eq!((of("faillog"), of("tallylog"), of("faillock/alice")), (6, 6, 6));
    // The wtmp has a record without a time, which is said.
    let rows = json_lines(&run(&["timeline", "--root", &root, "--format", "jsonl"]).stdout);
    let failed: Vec<_> = rows.iter().filter(|row| row["event"] == "failed-login").collect();
    // A limit alone is no event.
    assert_eq!(failed.len(), 17);
    assert!(failed.iter().any(|row| row["user"] == "alice" && row["host"] == "192.0.2.17"));
    assert!(failed.iter().any(|row| row["uid"] == 5 && row["count"] == 3));
}

/// Other commands say what the file is and what reads it.
#[test]
fn other_commands_name_this_one() {
    let file = "fixtures/linux-faillog-32-le/faillog";
    for command in [&["sessions"][..], &["boots"], &["last", "-f"], &["who"], &["lastlog"]] {
        let (status, message) = told(&run(&[command, &[file]].concat()));
        let lastlog = command == ["lastlog"];
        assert!(status == 3 && (lastlog || message.contains("loginrec failures")), "{message}");
    }
    let (status, message) = told(&run(&["failures", "fixtures/glibc-x86_64/wtmp"]));
    assert!(status == 3 && message.contains("does not count failed logins"), "{message}");
}

/// Every value goes back into the record.
#[test]
fn jsonl_goes_back_without_raw() {
    let mut files = 0;
    for fixture in fixtures() {
        if !fixture.folder().contains("fail") && !fixture.folder().contains("tally") {
            continue;
        }
        let dump = [&["dump", "--format", "jsonl", fixture.name()], fixture.options()].concat();
        let lines = clean(&dump, b"");
        let back = loginrec_testing::run_with(&["undump"], &lines);
        assert_eq!(told(&back), (0, String::new()), "{}", fixture.name());
        assert!(back.stdout == fixture.bytes(), "{}", fixture.name());
        files += 1;
    }
    assert!(files > 20, "{files}");
}
