//! `dump --merge`.

use loginrec_testing::{Scratch, clean, json_lines, root, run, text, told};
use serde_json::Value;

use crate::compressed::gzip;

/// A record of 4.3BSD: line, user, host, seconds.
fn bsd(line: &str, user: &str, sec: u32) -> Vec<u8> {
    let mut record = vec![0; 36];
    record[..line.len()].copy_from_slice(line.as_bytes());
    record[8..8 + user.len()].copy_from_slice(user.as_bytes());
    record[16..18].copy_from_slice(b"h1");
    record[32..].copy_from_slice(&sec.to_le_bytes());
    record
}

#[test]
fn one_order_by_time() {
    let scratch = Scratch::new();
    let day = 1_000_000_000;
    let new = [bsd("tty1", "c", day + 2), bsd("tty2", "d", day + 5)].concat();
    // Not in order itself.
    let old = [bsd("tty3", "a", day + 3), bsd("tty4", "b", day), bsd("tty5", "e", day + 2)];
    let new = scratch.file("wtmp", &new);
    let old = scratch.file("wtmp.1.gz", &gzip(&old.concat()));
    let args = ["dump", "--merge", "--layout", "bsd-utmp-36-le", "--format"];
    let lines = json_lines(&clean(&[&args[..], &["jsonl", &old, &new]].concat(), b""));
    let row = |line: &serde_json::Value| {
        let file = line["file"].as_str().unwrap().to_owned();
        (file, line["index"].as_u64().unwrap(), line["user"].as_str().unwrap().to_owned())
    };
    let rows: Vec<_> = lines.iter().map(row).collect();
    let is = |file: &String, index, user: &str| (file.clone(), index, user.to_owned());
    assert_eq!(
        rows,
        [is(&old, 1, "b"), is(&old, 2, "e"), is(&new, 0, "c"), is(&old, 0, "a"), is(&new, 1, "d")]
    );
    let rows = text(&clean(&[&args[..], &["text", &old, &new]].concat(), b""));
    assert!(rows.starts_with(&format!("{old}: [")), "{rows}");
    assert_eq!(rows.lines().filter(|row| row.starts_with(&format!("{new}: ["))).count(), 2);
    let sheet = text(&clean(&[&args[..], &["csv", &old, &new]].concat(), b""));
    assert_eq!(sheet.lines().count(), 6);
    assert!(sheet.starts_with("machine,source,file,layout,"), "{sheet}");
}

/// Records that can only be walked to are found again, as those of arrays.
#[test]
fn every_framing() {
    let files = [
        "fixtures/freebsd-utx-log/utx.log",
        "fixtures/linux-glibc-384-le/wtmp",
        "fixtures/netbsd-lastlogx-432-le/lastlogx",
        "fixtures/linux-lastlog-292-le/lastlog",
    ];
    let sorted = |merge: &[&str]| {
        let args = [&["dump", "--format", "jsonl", "--raw"], merge, &files[..]].concat();
        let lines = json_lines(&clean(&args, b""));
        // Rows that only `undump` needs are omitted from a merge.
        let is_record = |line: &&Value| line["event"] != "end" && line["event"] != "content";
        let lines = lines.iter().filter(is_record);
        let mut lines: Vec<String> = lines.map(ToString::to_string).collect();
        lines.sort();
        lines
    };
    assert!(files.iter().all(|file| root().join(file).exists()));
    assert_eq!(sorted(&["--merge"]), sorted(&[]));
}

#[test]
fn what_cannot_be_read() {
    let scratch = Scratch::new();
    let good = "fixtures/linux-glibc-384-le/wtmp";
    let cut = scratch.file("wtmp", &[0; 100]);
    let output = run(&["dump", "--merge", "--layout", "linux-glibc-384-le", good, &cut, "nowhere"]);
    let (status, stderr) = told(&output);
    assert_eq!(status, 4, "{stderr}");
    assert!(stderr.contains("record cut short") && stderr.contains("nowhere: no such file"));
    assert_eq!(text(&output.stdout).lines().count(), 14);
    let (status, _) = told(&run(&["dump", "--merge", "nowhere"]));
    assert_eq!(status, 3);
}
