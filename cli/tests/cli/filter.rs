//! The options that select rows. What is expected is computed from all rows by code of its own.

use loginrec_testing::{Scratch, clean, corpus_files, json_lines, run, text};
use serde_json::Value;

/// A Friday evening, a night into Saturday, and a Monday, with hosts of every form.
const EVENTS: &str = "\
[2] [00000] [~~  ] [reboot  ] [~           ] [6.1.0-13-amd64      ] [0.0.0.0        ] [2024-03-01T17:00:00,000000+00:00]
[7] [00101] [ts/0] [alice   ] [pts/0       ] [192.0.2.10          ] [192.0.2.10     ] [2024-03-01T18:30:00,000000+00:00]
[7] [00102] [ts/1] [bob     ] [pts/1       ] [::ffff:192.0.2.11   ] [::ffff:192.0.2.11] [2024-03-01T23:30:00,000000+00:00]
[8] [00101] [ts/0] [        ] [pts/0       ] [                    ] [0.0.0.0        ] [2024-03-01T23:45:00,000000+00:00]
[7] [00103] [ts/2] [carol   ] [pts/2       ] [gw.example.org      ] [203.0.113.5    ] [2024-03-02T03:14:00,000000+00:00]
[8] [00102] [ts/1] [        ] [pts/1       ] [                    ] [0.0.0.0        ] [2024-03-02T04:00:00,000000+00:00]
[8] [00103] [ts/2] [        ] [pts/2       ] [                    ] [0.0.0.0        ] [2024-03-02T04:10:00,000000+00:00]
[7] [00104] [ts/3] [alice   ] [pts/3       ] [2001:db8:1::7       ] [2001:db8:1::7  ] [2024-03-04T09:00:00,000000+00:00]
[7] [00105] [tty1] [root    ] [tty1        ] [                    ] [0.0.0.0        ] [2024-03-04T09:30:00,000000+00:00]
";

fn wtmp(scratch: &Scratch, layout: &str) -> String {
    let events = scratch.file("events", EVENTS.as_bytes());
    let wtmp = scratch.path("wtmp");
    clean(&["undump", "--layout", layout, "-o", &wtmp, &events], b"");
    wtmp
}

fn rows(command: &str, options: &[&str], file: &str) -> Vec<Value> {
    let output = run(&[&[command, "--format", "jsonl"], options, &[file]].concat());
    assert!(output.status.success(), "{command} {options:?}: {}", text(&output.stderr));
    json_lines(&output.stdout)
}

fn users(command: &str, options: &[&str], file: &str) -> String {
    let rows = rows(command, options, file);
    let all: Vec<&str> = rows.iter().filter_map(|row| row["user"].as_str()).collect();
    all.join(" ")
}

#[test]
fn sessions_by_time() {
    for layout in ["linux-glibc-384-le", "linux-glibc-400-be", "netbsd-utmpx-520-le"] {
        let scratch = Scratch::new();
        let wtmp = wtmp(&scratch, layout);
        for (options, expected) in [
            (&["--present", "2024-03-01 23:40"][..], "alice bob"),
            (&["--present", "2024-03-02 03:30"], "carol bob"),
            (&["--present", "2024-03-01 17:30"], ""),
            (&["--during", "2024-03-02..2024-03-02 03:00"], "bob"),
            (&["--during", "2024-03-02 04:05.."], "carol alice root"),
            (&["--during", "..2024-03-01 20:00"], "alice"),
            (&["--hours", "22-06"], "bob carol"),
            (&["--hours", "9-9:30"], "alice"),
            (&["--weekdays", "fri"], "alice bob"),
            (&["--weekdays", "sat-sun"], "carol"),
            (&["--weekdays", "sat,sun", "--tz", "Asia/Tokyo"], "alice bob carol"),
            (&["--hours", "8-10", "--tz", "Asia/Tokyo"], "bob"),
            (&["--since", "2024-03-04"], "alice root"),
            (&["--until", "2024-03-01 18:30"], "alice"),
            (&["--since", "2024-04"], ""),
            (&["--since", "30m"], "alice root"),
            (&["--since", "1709535600"], "alice root"),
        ] {
            let mut found: Vec<_> = rows("sessions", options, &wtmp);
            found.sort_by_key(|row| row["offset"].as_u64());
            let mut found: Vec<_> = found.iter().map(|row| row["user"].as_str().unwrap()).collect();
            let mut expected: Vec<_> = expected.split_whitespace().collect();
            found.sort_unstable();
            expected.sort_unstable();
            assert_eq!(found, expected, "{layout} {options:?}");
        }
    }
}

#[test]
fn hosts_users_lines_and_events() {
    let scratch = Scratch::new();
    let wtmp = wtmp(&scratch, "linux-glibc-384-le");
    for (options, expected) in [
        (&["--host", "192.0.2.0/28"][..], "alice bob"),
        (&["--host", "192.0.2.11"], "bob"),
        (&["--host", "::ffff:192.0.2.10"], "alice"),
        (&["--host", "203.0.113.0/24"], "carol"),
        (&["--host", "*.EXAMPLE.org"], "carol"),
        (&["--host", "2001:db8::/32", "--host", "gw.*"], "carol alice"),
        (&["--user", "root", "--user", "bob", "--event", "login"], "bob root"),
        (&["--line", "pts/3"], "alice"),
        (&["--event", "boot"], "reboot"),
        (&["--event", "login", "--hours", "3-4"], "carol"),
    ] {
        assert_eq!(users("dump", options, &wtmp), expected, "dump {options:?}");
    }
    // A logout has the user and the host of its login.
    assert_eq!(users("timeline", &["--host", "192.0.2.0/24"], &wtmp), "alice bob alice bob");
    assert_eq!(users("timeline", &["--user", "carol"], &wtmp), "carol carol");
    assert_eq!(rows("boots", &["--present", "2024-03-02"], &wtmp).len(), 1);
    assert_eq!(rows("boots", &["--until", "2024-03-01 16:00"], &wtmp).len(), 0);
}

/// An empty list is explained by what there is.
#[test]
fn nothing_matches() {
    let scratch = Scratch::new();
    let wtmp = wtmp(&scratch, "linux-glibc-384-le");
    for (arguments, expected) in [
        (&["sessions", "--user", "ROOT"][..], &["5 sessions", "alice, bob, carol, root"][..]),
        (&["sessions", "--host", "10.0.0.0/8"], &["gw.example.org", "192.0.2.10"]),
        (&["dump", "--line", "pts/9"], &["9 records", "pts/0", "tty1"]),
        (&["timeline", "--event", "shutdown"], &["9 events", "boot, login, logout"]),
        (&["boots", "--since", "2025-01"], &["1 boot;", "2024-03-01T17:00:00"]),
        (&["sessions", "--since", "2025-01"], &["2024-03-01T18:30:00", "2024-03-04T09:30:00"]),
    ] {
        let output = run(&[arguments, &["--format", "jsonl", &wtmp]].concat());
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
        for part in expected {
            assert!(message.contains(part), "{arguments:?}: {message}");
        }
    }
    // The names listed come from the evidence, and are printed safely.
    let evil = EVENTS.replace("[alice   ]", "[a\u{1b}]2;x  ]");
    let events = scratch.file("evil", evil.as_bytes());
    let file = scratch.path("evil-wtmp");
    clean(&["undump", "--layout", "linux-glibc-384-le", "-o", &file, &events], b"");
    let output = run(&["sessions", "--user", "nobody", &file]);
    assert!(!output.stderr.contains(&0x1b), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("bob"));
}

#[test]
fn what_cannot_be_asked() {
    let scratch = Scratch::new();
    let wtmp = wtmp(&scratch, "linux-glibc-384-le");
    for arguments in [
        &["dump", "--since", "2 days ago"][..],
        &["dump", "--tz", "+02:00"],
        &["dump", "--event", "logn"],
        &["sessions", "--host", "192.0.2.0/33"],
        &["sessions", "--hours", "7"],
        &["sessions", "--weekdays", "someday"],
        &["sessions", "--during", "2024-03-01"],
        &["boots", "--user", "root"],
    ] {
        let output = run(&[arguments, &[&wtmp]].concat());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    }
    let relative = run(&["sessions", "--since", "1h", &wtmp]);
    assert!(text(&relative.stderr).contains("newest record, 2024-03-04T09:30:00"));
}

/// Filters do not depend on the number of threads, and select the same rows of real files as a
/// filter of all rows does.
#[test]
fn of_the_corpus() {
    let mut checked = 0;
    for file in corpus_files() {
        let path = file.path.to_str().unwrap();
        let all = run(&["dump", "--format", "jsonl", path]);
        if all.status.code() != Some(0) {
            continue;
        }
        let all = json_lines(&all.stdout);
        let Some(user) = all.iter().rev().find_map(|row| row["user"].as_str()) else { continue };
        if user.is_empty() || user.contains('\\') {
            continue;
        }
        let expected: Vec<&Value> = all.iter().filter(|row| row["user"] == user).collect();
        for threads in ["1", "3"] {
            let found = rows("dump", &["--user", user, "--threads", threads], path);
            assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{path} {user}");
        }
        let logins: Vec<&Value> = all.iter().filter(|row| row["event"] == "login").collect();
        let found = rows("dump", &["--event", "login"], path);
        assert_eq!(found.iter().collect::<Vec<_>>(), logins, "{path}");
        checked += 1;
    }
    assert!(corpus_files().is_empty() || checked > 50, "{checked}");
}
