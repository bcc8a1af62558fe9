//! Several machines: roots, folders with folders, collections.

use std::fs;
use std::path::Path;

use loginrec_testing::{Scratch, fixture, json_lines, run, text, told};
use serde_json::Value;

fn put(image: &str, path: &str, bytes: &[u8]) {
    let path = Path::new(image).join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

/// A record of linux-glibc-384-le.
fn record(kind: u8, user: &str, line: &str, pid: u8, time: u32) -> Vec<u8> {
    let mut record = vec![0; 384];
    record[0] = kind;
    record[4] = pid;
    record[8..8 + line.len()].copy_from_slice(line.as_bytes());
    record[44..44 + user.len()].copy_from_slice(user.as_bytes());
    record[340..344].copy_from_slice(&time.to_le_bytes());
    record
}

fn rows(args: &[&str]) -> Vec<Value> {
    let output = run(&[args, &["--format", "jsonl"]].concat());
    let (status, stderr) = told(&output);
    assert_eq!((status, stderr.as_str()), (0, ""), "{args:?}");
    json_lines(&output.stdout)
}

fn machines(rows: &[Value]) -> Vec<&str> {
    let mut names: Vec<&str> = rows.iter().map(|row| row["machine"].as_str().unwrap()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// One logs in and the other logs out, on one line and by one process: that is no session.
#[test]
fn two_machines_have_nothing_to_do_with_each_other() {
    let scratch = Scratch::new();
    let image = scratch.path("case");
    let time = 1_700_000_000;
    let begin = |user: &str| {
        [record(2, "reboot", "~", 0, time), record(7, user, "pts/0", 9, time + 60)].concat()
    };
    let end = record(8, "", "pts/0", 9, time + 600);
    put(&image, "a/var/log/wtmp", &begin("alice"));
    put(&image, "a/etc/hostname", b"# comment\n\nweb01\n");
    put(&image, "b/var/log/wtmp", &[begin("bob"), end.clone()].concat());
    put(
        &image,
        "b/etc/rc.conf",
        b"sshd_enable=\"YES\"\nhostname=\"db02.example.org\" # of the rack\n",
    );
    put(&image, "c/var/log/wtmp", &[record(2, "reboot", "~", 0, time + 300), end].concat());
    put(&image, "c/etc/hostname", b"localhost\n");
    let of = |rows: &[Value], machine: &str| -> Vec<Value> {
        rows.iter().filter(|row| row["machine"] == machine).cloned().collect()
    };
    let sessions = rows(&["sessions", &image]);
    assert_eq!(machines(&sessions), ["db02.example.org", "web01"]);
    assert_eq!(of(&sessions, "web01")[0]["how"], "open");
    assert_eq!(of(&sessions, "db02.example.org")[0]["how"], "logout");
    assert_eq!(sessions[0]["file"], "a/var/log/wtmp");
    // A logout has the user of its own machine, and none if that has no login.
    let timeline = rows(&["timeline", "--root", &image]);
    let logouts: Vec<_> = timeline.iter().filter(|row| row["event"] == "logout").collect();
    assert_eq!(logouts.len(), 2);
    assert_eq!(
        (&logouts[0]["machine"], &logouts[0]["user"]),
        (&"db02.example.org".into(), &"bob".into())
    );
    assert_eq!((&logouts[1]["machine"], &logouts[1]["user"]), (&"c".into(), &"".into()));
    assert_eq!(of(&rows(&["boots", &image]), "c")[0]["how"], "open");
    for command in ["dump", "detect", "audit", "boots"] {
        let rows = rows(&[command, &image]);
        assert!(rows.iter().all(|row| row["machine"].is_string()), "{command}");
    }
    // Text output names the machine if there are several.
    let table = text(&run(&["sessions", &image]).stdout);
    assert!(table.starts_with("MACHINE"), "{table}");
    let table = text(&run(&["sessions", "--root", &image, "--machine", "web01"]).stdout);
    assert!(table.starts_with("USER") && table.lines().count() == 2, "{table}");
    let listed = text(&run(&["last", "--tz", "UTC", "--root", &image]).stdout);
    let headings: Vec<&str> = listed.lines().filter(|line| line.starts_with("==> ")).collect();
    assert_eq!(headings, ["==> web01 <==", "==> db02.example.org <==", "==> c <=="]);
    assert_eq!(listed.matches("still logged in").count(), 1, "{listed}");
}

#[test]
fn names_of_machines() {
    let scratch = Scratch::new();
    let wtmp = fixture("linux-glibc-384-le/wtmp");
    let image = |name: &str| {
        put(&scratch.path(name), "var/log/wtmp", &wtmp);
        scratch.path(name)
    };
    let (a, b) = (image("a"), image("b"));
    let both = ["dump", "--root", &a, "--root", &format!("mail={b}")];
    assert_eq!(machines(&rows(&both)), ["a", "mail"]);
    put(&a, "etc/hostname", b"same");
    put(&b, "etc/hostname", b"same");
    let output = run(&["dump", "--format", "jsonl", &a, &b]);
    assert_eq!(machines(&json_lines(&output.stdout)), ["same#1", "same#2"]);
    assert!(told(&output).1.contains("2 machines are called same"));
    // --machine chooses below roots, and names the machine of files.
    let output = run(&["dump", "--root", &a, "--machine", "other"]);
    let (status, stderr) = told(&output);
    assert_eq!(status, 2);
    assert!(stderr.contains("no machine is called other; there are: same"), "{stderr}");
    let file = format!("{a}/var/log/wtmp");
    assert_eq!(machines(&rows(&["dump", "--machine", "mail7", &file])), ["mail7"]);
    assert!(rows(&["dump", &file]).iter().all(|row| row.get("machine").is_none()));
}

#[test]
fn collections() {
    let scratch = Scratch::new();
    let image = scratch.path("case");
    let wtmp = fixture("linux-glibc-384-le/wtmp");
    put(&image, "uac-ws1-linux-20240501103000/[root]/var/log/wtmp.1", &wtmp);
    put(&image, "uac-ws1-linux-20240501103000/uac.log", b"text");
    put(&image, "velociraptor/uploads/auto/var/log/wtmp%2E1", &wtmp);
    put(&image, "velociraptor/uploads/auto/etc/hostname", b"ws2\n");
    put(&image, "velociraptor/uploads.json", b"{}");
    put(&image, "loose/today/web01_wtmp", &wtmp);
    put(&image, "loose/today/wtmp.txt", b"text");
    put(&image, "loose/today/notes", &wtmp);
    let found = rows(&["dump", &image]);
    let mut files: Vec<(&str, &str)> = found
        .iter()
        .map(|row| (row["machine"].as_str().unwrap(), row["file"].as_str().unwrap()))
        .collect();
    files.sort_unstable();
    files.dedup();
    assert_eq!(
        files,
        [
            ("today", "loose/today/web01_wtmp"),
            ("ws1", "uac-ws1-linux-20240501103000/[root]/var/log/wtmp.1"),
            ("ws2", "velociraptor/uploads/auto/var/log/wtmp%2E1"),
        ]
    );
    // --scan asks the content of every file.
    let found = rows(&["dump", "--scan", &image]);
    assert!(found.iter().any(|row| row["file"] == "loose/today/notes"));
    let output = run(&["dump", "-v", &format!("{image}/velociraptor")]);
    assert!(told(&output).1.contains("var/log/wtmp and its copies: 1 file"));
}
