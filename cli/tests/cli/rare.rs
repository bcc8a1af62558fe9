//! Last logins with a file for each user, and sessions with a file of text for each: named and
//! below a root.

use std::fs;
use std::process::Command;

use loginrec_testing::{Scratch, clean, json_lines, root, run_with, skip, text, told};

/// 1741160000 is Wed Mar 5 07:33:20 2025.
const SSH: &[u8] = b"# This is private data. Do not parse.\nUID=1000\nUSER=alice\nACTIVE=1\n\
    STATE=active\nREMOTE=1\nTYPE=tty\nCLASS=user\nREMOTE_HOST=h\\303\\266st.example.net\n\
    SERVICE=sshd\nTTY=pts/0\nLEADER=2044\nREALTIME=1741160000000001\nMONOTONIC=7\n";
const GREETER: &[u8] = b"# This is private data. Do not parse.\r\nUID=110\r\nUSER=gdm\r\n\
    CLASS=greeter\r\nDISPLAY=:0\r\nSERVICE=gdm-launch-environment\r\nLEADER=699\r\n\
    REALTIME=1741160040000000\r\n";

#[test]
fn sessions_of_logind() {
    let scratch = Scratch::new();
    for folder in ["run", "run/systemd", "run/systemd/sessions"] {
        fs::create_dir(scratch.path(folder)).unwrap();
    }
    let ssh = scratch.file("run/systemd/sessions/14", SSH);
    let greeter = scratch.file("run/systemd/sessions/c1", GREETER);
    // Each session has a FIFO beside its file, which is no log.
    let fifo = scratch.path("run/systemd/sessions/14.ref");
    if !Command::new("mkfifo").arg(&fifo).status().is_ok_and(|status| status.success()) {
        skip("mkfifo is not here");
    }
    let image = scratch.folder().to_str().unwrap();
    let shown = text(&clean(&["who", "--tz", "UTC", "--root", image], b""));
    let words: Vec<&str> = shown.split_whitespace().collect();
    assert_eq!(words[..4], ["alice", "pts/0", "2025-03-05", "07:33"], "{shown}");
    assert_eq!(shown.lines().count(), 1, "{shown}");
    let prompts = text(&clean(&["who", "--tz", "UTC", "-l", &ssh, &greeter], b""));
    let words: Vec<&str> = prompts.split_whitespace().collect();
    assert_eq!(words[..4], ["LOGIN", ":0", "2025-03-05", "07:34"], "{prompts}");
    let rows = json_lines(&clean(&["dump", "--format", "jsonl", &ssh], b""));
    let [row] = rows.as_slice() else { panic!("{rows:?}") };
    for (key, value) in [
        ("layout", "linux-logind"),
        ("type", "USER_PROCESS"),
        ("event", "login"),
        ("time", "2025-03-05T07:33:20.000001Z"),
        ("user", "alice"),
        ("line", "pts/0"),
        ("host", "h\u{f6}st.example.net"),
        ("service", "sshd"),
    ] {
        assert_eq!(row[key], value, "{key}: {row}");
    }
    assert_eq!(row["pid"], 2044);
    let rows = json_lines(&clean(&["timeline", "--format", "jsonl", &ssh], b""));
    assert_eq!((rows.len(), &rows[0]["event"]), (1, &"login".into()));
    let (status, message) = told(&run_with(&["undump", "--layout", "linux-logind"], b"[7]\n"));
    assert!(status != 0 && message.contains("is text"), "{message}");
    let users = scratch.file("1000", b"# This is private data. Do not parse.\nNAME=alice\n");
    let (status, message) = told(&run_with(&["dump", &users], b""));
    assert!(status == 3 && message.contains("not of a session"), "{message}");
}

#[test]
fn last_logins_of_irix() {
    let scratch = Scratch::new();
    for folder in ["var", "var/adm", "var/adm/lastlog", "etc"] {
        fs::create_dir(scratch.path(folder)).unwrap();
    }
    let bytes = fs::read(root().join("fixtures/irix-lastlog-300-be/alice")).unwrap();
    scratch.file("var/adm/lastlog/alice", &bytes);
    scratch.file("etc/passwd", b"root:x:0:0::/:/bin/sh\nalice:x:100:100::/:/bin/sh\n");
    let image = scratch.folder().to_str().unwrap();
    let rows =
        json_lines(&clean(&["lastlog", "--root", image, "-u", "alice", "--format", "jsonl"], b""));
    let [row] = rows.as_slice() else { panic!("{rows:?}") };
    assert_eq!((&row["user"], &row["uid"]), (&"alice".into(), &100.into()), "{row}");
    assert_eq!(row["time"], "2001-11-27T13:05:44.000000Z");
    // Without a passwd, the name of the file is that of the user.
    let file = scratch.path("var/adm/lastlog/alice");
    let rows = json_lines(&clean(&["lastlog", "--format", "jsonl", &file], b""));
    assert_eq!((rows.len(), &rows[0]["user"]), (1, &"alice".into()), "{rows:?}");
    let never =
        json_lines(&clean(&["lastlog", "--never", "--root", image, "--format", "jsonl"], b""));
    assert_eq!((never.len(), &never[0]["user"]), (1, &"root".into()), "{never:?}");
}
