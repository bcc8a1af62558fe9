//! `audit`.

use std::fs;

use loginrec::contract::{FindingRow, Row as _};
use loginrec_testing::{Scratch, clean, fixture, json_lines, run, text, told};

/// A wtmp whose third record was zeroed.
fn zapped(scratch: &Scratch) -> String {
    let mut wtmp = fixture("linux-glibc-400-le/wtmp");
    wtmp[800..1200].fill(0);
    scratch.file("wtmp", &wtmp)
}

#[test]
fn text_says_where_what_and_why_not() {
    let scratch = Scratch::new();
    let path = zapped(&scratch);
    let out = text(&clean(&["audit", "--min-severity", "medium", &path], b""));
    let expected = [
        &format!("{path}: linux-glibc-400-le, "),
        "MEDIUM zeroed-record at record 2, byte 800, ATT&CK T1070.002",
        "consistent with a wipe in place",
        "bytes     0000000000000000... (400 bytes, all zero)",
        "expected  a record",
        "innocent  a file system that lost the last write",
    ];
    for expected in expected {
        assert!(out.contains(expected), "{expected:?} is not in {out}");
    }
    assert!(!out.contains('\x1b'), "{out}");
}

#[test]
fn json_keys_are_stable() {
    let scratch = Scratch::new();
    let path = zapped(&scratch);
    let lines = json_lines(&clean(&["audit", "--format", "jsonl", &path], b""));
    let wiped: Vec<_> = lines.iter().filter(|line| line["index"] == 2).collect();
    assert_eq!(wiped.len(), 1, "{lines:?}");
    let keys: Vec<&str> = wiped[0].as_object().unwrap().keys().map(String::as_str).collect();
    // A finding about a wiped record has no user, line or host.
    let left_out = ["machine", "source", "raw_sec", "raw_usec", "user", "line", "host"];
    let columns = FindingRow::COLUMNS.iter().map(|column| column.name());
    let mut expected: Vec<&str> = columns.filter(|name| !left_out.contains(name)).collect();
    expected.sort_unstable();
    assert_eq!(keys, expected);
    assert_eq!(wiped[0]["rule"], "zeroed-record");
    assert_eq!(wiped[0]["offset"], 800);
    assert_eq!(wiped[0]["bytes"], "00".repeat(400));
    assert_eq!(wiped[0]["technique"], "T1070.002");
    assert!(wiped[0]["innocent"].as_array().unwrap().len() == 2);
}

#[test]
fn exit_status() {
    let scratch = Scratch::new();
    let path = zapped(&scratch);
    let status = |args: &[&str]| run(&[&["audit"], args].concat()).status.code().unwrap();
    assert_eq!(status(&[&path]), 0);
    assert_eq!(status(&["--fail-on", "medium", &path]), 1);
    assert_eq!(status(&["--fail-on", "high", &path]), 0);
    // Findings that are not shown count.
    assert_eq!(status(&["--fail-on", "medium", "--min-severity", "high", &path]), 1);
    assert_eq!(status(&["--fail-on", "huge", &path]), 2);
    assert_eq!(status(&[]), 2);
    assert_eq!(status(&["--fail-on", "medium", "Cargo.toml"]), 3);
    let cut = scratch.file("cut.wtmp", &fs::read(&path).unwrap()[..1000]);
    assert_eq!(status(&["--kind", "wtmp", &cut]), 4);
}

#[test]
fn the_catalog() {
    let all = text(&clean(&["audit", "--rules"], b""));
    let rules = json_lines(&clean(&["audit", "--rules=jsonl"], b""));
    assert_eq!(rules.len(), loginrec::audit::RULES.len());
    for rule in rules {
        let head =
            format!("{} ({}", rule["rule"].as_str().unwrap(), rule["severity"].as_str().unwrap());
        assert!(all.contains(&head), "{head}");
    }
    let (status, message) = told(&run(&["audit", "--rules", "fixtures/linux-glibc-384-le/wtmp"]));
    assert!(status == 2 && message.contains("--rules"), "{message}");
}

/// A file without its first hundred bytes is recognised, and told how it is moved.
#[test]
fn a_file_without_its_head() {
    let scratch = Scratch::new();
    let path = scratch.file("wtmp", &fixture("linux-glibc-384-le/wtmp")[100..]);
    let output = run(&["audit", "--format", "jsonl", "--min-severity", "high", &path]);
    let lines = json_lines(&output.stdout);
    assert_eq!(lines.len(), 1, "{lines:?} {}", text(&output.stderr));
    assert_eq!((&lines[0]["rule"], &lines[0]["offset"]), (&"grid-shift".into(), &0.into()));
    let message = lines[0]["message"].as_str().unwrap();
    assert!(
        message.contains("begins at byte 284") && message.contains("100 bytes cut off"),
        "{message}"
    );
}
