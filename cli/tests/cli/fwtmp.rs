//! `undump` of what fwtmp prints on System V, Solaris and AIX.

use std::fs;

use loginrec_testing::{Scratch, clean, json_lines, run_with, shared, told};
use serde_json::Value;

/// The files of the corpus, with the values that they were made of.
#[test]
fn text_of_three_systems() {
    let Some(corpus) = shared("corpus/more/fwtmp") else { return };
    let scratch = Scratch::new();
    for name in ["svr4", "solaris", "aix"] {
        let text = fs::read(corpus.join(format!("{name}.txt"))).unwrap();
        let wtmp = clean(&["undump"], &text);
        let file = scratch.file("wtmp", &wtmp);
        let layout = match name {
            "svr4" => "svr4-utmp-36-be",
            "solaris" => "svr4-utmpx-372-be",
            _ => "aix-utmp-648-be",
        };
        let rows = clean(&["dump", "--format", "jsonl", "--layout", layout, &file], b"");
        let rows = json_lines(&rows);
        let wanted = fs::read(corpus.join(format!("{name}.txt.jsonl"))).unwrap();
        let wanted = json_lines(&wanted);
        assert_eq!(rows.len(), wanted.len(), "{name}");
        for (row, wanted) in rows.iter().zip(&wanted) {
            for key in ["user", "id", "line", "raw_type", "type", "pid", "session"] {
                if !wanted[key].is_null() {
                    assert_eq!(row[key], wanted[key], "{name}: {key}: {row}");
                }
            }
            if !row["host"].is_null() {
                assert_eq!(row["host"], wanted["host"], "{name}: {row}");
            }
            let exit = [&row["exit"]["termination"], &row["exit"]["exit"]];
            assert_eq!(exit, [&wanted["termination"], &wanted["exit"]], "{name}: {row}");
            let time = loginrec::Timestamp {
                tv_sec: wanted["sec"].as_i64().unwrap(),
                tv_usec: wanted["usec"].as_i64().unwrap_or_default(),
            };
            assert_eq!(row["time"], Value::from(time.to_string()), "{name}: {row}");
        }
    }
}

/// Text of the corpus, read and written again, is the same text.
#[test]
fn there_and_back() {
    let Some(corpus) = shared("corpus/more/fwtmp") else { return };
    let scratch = Scratch::new();
    for (name, layout) in [
        ("svr4", "svr4-utmp-36-be"),
        ("svr4", "svr4-utmp-36-le"),
        ("solaris", "svr4-utmpx-372-be"),
        ("solaris", "svr4-utmpx-372-le"),
        ("aix", "aix-utmp-648-be"),
    ] {
        let text = fs::read(corpus.join(format!("{name}.txt"))).unwrap();
        let wtmp = clean(&["undump", "--layout", layout], &text);
        let file = scratch.file("wtmp", &wtmp);
        let again = clean(&["dump", "--format", "fwtmp", "--layout", layout, &file], b"");
        assert_eq!(String::from_utf8(again), String::from_utf8(text), "{name} {layout}");
    }
}

/// Only these systems have the program.
#[test]
fn other_systems_are_named() {
    let file = "fixtures/linux-glibc-384-le/wtmp";
    let (status, message) = told(&run_with(&["dump", "--format", "fwtmp", file], b""));
    assert!(status == 3 && message.contains("linux-glibc-384-le has no form"), "{message}");
    let file = "fixtures/svr4-utmpx-372-be/wtmpx";
    let (status, _) = told(&run_with(&["dump", "--format", "fwtmp", "--merge", file], b""));
    assert_eq!(status, 2);
}

/// The form of the first line is that of all.
#[test]
fn other_lines_are_named() {
    let line = "alba     co   console            312  7 0000 0000 1741160100 \
                Wed Mar  5 07:35:00 2025\n";
    for (second, at) in [("alba\n", "line 2"), ("[7] [00312] [co  ]\n", "line 2")] {
        let output = run_with(&["undump"], format!("{line}{second}").as_bytes());
        let (status, message) = told(&output);
        assert!(status == 3 && message.contains(at), "{message}");
        assert!(message.contains("not a line of fwtmp"), "{message}");
    }
}
