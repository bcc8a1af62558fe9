//! `loginrec FILE` without a command, what usage errors offer, and options without effect.

use loginrec_testing::{Scratch, root, run, run_with, text, told};

const FOLDER: &str = "fixtures/glibc-x86_64";

/// Each command that it offers runs.
#[test]
fn a_file_is_described_and_questions_are_offered() {
    for (file, what, command) in [
        ("wtmp", "history of logins (wtmp)", "sessions"),
        ("btmp", "failed logins (btmp)", "summary --by source"),
        ("utmp", "who is logged in (utmp)", "who"),
    ] {
        let path = format!("{FOLDER}/{file}");
        let output = run(&[&path]);
        assert_eq!(told(&output), (0, String::new()));
        let out = text(&output.stdout);
        assert!(out.starts_with(&format!("{path}: {what}")), "{out}");
        assert!(out.contains("layout linux-glibc-384-le, "), "{out}");
        assert!(out.contains(&format!("loginrec {command} {path}\n")), "{out}");
        for line in out.lines() {
            if let Some((_, command)) = line.split_once("  loginrec ") {
                let words: Vec<&str> = command.split(' ').collect();
                assert_eq!(run(&words).status.code(), Some(0), "{command}");
            }
        }
    }
    let piped = run_with(&["-"], &std::fs::read(root().join(FOLDER).join("btmp")).unwrap());
    assert!(text(&piped.stdout).starts_with("standard input: failed logins"));
    for args in [&[FOLDER][..], &["--root", FOLDER]] {
        let out = text(&run(args).stdout);
        assert_eq!(out.matches("linux-glibc-384-le").count(), 3, "{out}");
        assert!(out.contains(&format!("loginrec audit {}", args.join(" "))), "{out}");
    }
}

#[test]
fn what_is_no_login_record_is_named_with_what_to_do() {
    let (status, message) = told(&run(&["Cargo.toml"]));
    assert_eq!(status, 3);
    assert!(message.contains("text") && message.contains("loginrec carve Cargo.toml"), "{message}");
    // A command is a command, and a name that is neither is wrong usage.
    assert_eq!(told(&run(&["./no-such-file"])).0, 3);
    assert_eq!(told(&run(&["no-such-command"])).0, 2);
    let scratch = Scratch::new();
    let path = scratch.file("it's; a \"name\"", b"");
    let out = text(&run(&[&path]).stdout);
    assert!(out.contains(r"it'\''s; a"), "{out}");
}

#[test]
fn a_missing_file_is_met_with_what_can_be_given() {
    for command in ["dump", "sessions", "timeline", "summary", "audit", "lastlog", "who"] {
        let (status, message) = told(&run(&[command]));
        assert_eq!(status, 2, "{command}");
        assert!(message.contains("`-`") && message.contains("--root /"), "{command}: {message}");
    }
}

#[test]
fn an_option_without_effect_is_an_error() {
    let wtmp = &*format!("{FOLDER}/wtmp");
    for args in [
        &["dump", "--csv-safe", wtmp][..],
        &["sessions", "--csv-safe", "--format", "jsonl", wtmp],
        &["sessions", "--tz", "Asia/Tokyo", "--format", "jsonl", wtmp],
        &["timeline", "--tz", "Asia/Tokyo", "--format", "csv", wtmp],
        &["timeline", "--scan", wtmp],
        &["last", "-w", "--format", "jsonl", "-f", wtmp],
        &["last", "--follow", "--format", "csv", "-f", wtmp],
        &["lastlog", "--never", "-t", "5", wtmp],
    ] {
        let (status, message) = told(&run(args));
        assert_eq!(status, 2, "{args:?}: {message}");
    }
    for args in [
        &["sessions", "--tz", "Asia/Tokyo", "--format", "jsonl", "--since", "2023-11-14", wtmp][..],
        &["summary", "--tz", "Asia/Tokyo", "--format", "csv", "--csv-safe", "--by", "day", wtmp],
    ] {
        assert_eq!(told(&run(args)), (0, String::new()), "{args:?}");
    }
}
