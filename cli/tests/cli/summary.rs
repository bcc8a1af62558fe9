//! `summary`. The events are written down here with what they add up to.

use loginrec_testing::{Scratch, clean, fixtures, json_lines, run, text, told};
use serde_json::Value;

/// alice is in for an hour and for half an hour, bob for two hours over midnight into Saturday;
/// carol is still in when the records end, ten minutes later.
const WTMP: &str = "\
[2] [00000] [~~  ] [reboot  ] [~           ] [6.1.0-13-amd64      ] [0.0.0.0        ] [2024-03-01T08:00:00,000000+00:00]
[7] [00101] [ts/0] [alice   ] [pts/0       ] [192.0.2.10          ] [192.0.2.10     ] [2024-03-01T09:00:00,000000+00:00]
[8] [00101] [ts/0] [        ] [pts/0       ] [                    ] [0.0.0.0        ] [2024-03-01T10:00:00,000000+00:00]
[7] [00102] [ts/1] [bob     ] [pts/1       ] [::ffff:192.0.2.10   ] [::ffff:192.0.2.10] [2024-03-01T23:00:00,000000+00:00]
[8] [00102] [ts/1] [        ] [pts/1       ] [                    ] [0.0.0.0        ] [2024-03-02T01:00:00,000000+00:00]
[7] [00103] [ts/0] [alice   ] [pts/0       ] [gw.example.org      ] [0.0.0.0        ] [2024-03-02T09:15:00,000000+00:00]
[8] [00103] [ts/0] [        ] [pts/0       ] [                    ] [0.0.0.0        ] [2024-03-02T09:45:00,000000+00:00]
[2] [00000] [~~  ] [reboot  ] [~           ] [6.1.0-13-amd64      ] [0.0.0.0        ] [2024-03-04T07:00:00,000000+00:00]
[7] [00104] [tty1] [carol   ] [tty1        ] [                    ] [0.0.0.0        ] [2024-03-04T08:00:00,000000+00:00]
[8] [00105] [ts/9] [        ] [pts/9       ] [                    ] [0.0.0.0        ] [2024-03-04T08:10:00,000000+00:00]
";

/// Two guesses from two addresses, the first recorded by two programs.
const BTMP: &str = "\
[6] [00501] [    ] [root    ] [ssh:notty   ] [192.0.2.10          ] [192.0.2.10     ] [2024-03-01T08:30:00,000000+00:00]
[7] [00501] [    ] [root    ] [ssh         ] [192.0.2.10          ] [192.0.2.10     ] [2024-03-01T08:30:01,000000+00:00]
[6] [00502] [    ] [root    ] [ssh:notty   ] [203.0.113.9         ] [203.0.113.9    ] [2024-03-02T08:30:00,000000+00:00]
[6] [00503] [    ] [root    ] [ssh:notty   ] [203.0.113.9         ] [203.0.113.9    ] [2024-03-02T08:30:00,000000+00:00]
";

fn file(scratch: &Scratch, name: &str, events: &str) -> String {
    let source = scratch.file(&format!("{name}.txt"), events.as_bytes());
    let path = scratch.path(name);
    clean(&["undump", "--layout", "linux-glibc-384-le", "-o", &path, &source], b"");
    path
}

fn rows(args: &[&str]) -> Vec<Value> {
    json_lines(&clean(&[&["summary", "--format", "jsonl"], args].concat(), b""))
}

/// The rows as `key logins failed seconds`.
fn numbers(rows: &[Value], key: &str) -> Vec<String> {
    let number = |row: &Value, of: &str| row[of].as_i64().unwrap();
    let line = |row: &Value| {
        let name = match &row[key] {
            Value::String(name) => name.clone(),
            other => other.to_string(),
        };
        let [logins, failed, seconds] = ["logins", "failed", "seconds"].map(|of| number(row, of));
        format!("{name} {logins} {failed} {seconds}")
    };
    rows.iter().map(line).collect()
}

#[test]
fn counts_by_each_value() {
    let scratch = Scratch::new();
    let (wtmp, btmp) = (file(&scratch, "wtmp", WTMP), file(&scratch, "btmp", BTMP));
    let by = |what: &str, more: &[&str]| {
        numbers(&rows(&[&["--by", what], more, &[&wtmp, &btmp]].concat()), what)
    };
    assert_eq!(by("user", &[]), ["root 0 4 0", "alice 2 0 5400", "bob 1 0 7200", "carol 1 0 600"]);
    assert_eq!(
        by("source", &[]),
        ["192.0.2.10 2 2 10800", "203.0.113.9 0 2 0", " 1 0 600", "gw.example.org 1 0 1800"]
    );
    assert_eq!(
        by("line", &[]),
        ["ssh:notty 0 3 0", "pts/0 2 0 5400", "pts/1 1 0 7200", "ssh 0 1 0", "tty1 1 0 600"]
    );
    assert_eq!(by("machine", &[]), ["null 4 4 13200"]);
    assert_eq!(
        by("day", &[]),
        ["2024-03-01 2 2 10800", "2024-03-02 1 2 1800", "2024-03-04 1 0 600"]
    );
    assert_eq!(by("hour", &[]), ["8 1 4 600", "9 2 0 5400", "23 1 0 7200"]);
    assert_eq!(by("weekday", &[]), ["monday 1 0 600", "friday 2 2 10800", "saturday 1 2 1800"]);
    // One hour east of UTC bob's login is on a Saturday.
    let east = &["--tz", "+01:00"];
    assert_eq!(by("weekday", east), ["monday 1 0 600", "friday 1 2 3600", "saturday 2 2 9000"]);
    assert_eq!(by("user", &["--top", "1"]), ["root 0 4 0"]);
    assert_eq!(
        by("user", &["--event", "login", "--host", "192.0.2.0/24"]),
        ["alice 1 0 3600", "bob 1 0 7200"]
    );
    assert_eq!(
        by("user", &["--as-of", "2024-03-02"]),
        ["root 0 2 0", "alice 1 0 3600", "bob 1 0 3600"]
    );

    let sources = rows(&["--by", "source", &wtmp, &btmp]);
    assert_eq!(sources[0]["users"], 3);
    assert_eq!(sources[0]["sources"], 1);
    assert_eq!(sources[0]["first"], "2024-03-01T08:30:00.000000Z");
    assert_eq!(sources[0]["last"], "2024-03-01T23:00:00.000000Z");
}

#[test]
fn two_values_make_a_table() {
    let scratch = Scratch::new();
    let (wtmp, btmp) = (file(&scratch, "wtmp", WTMP), file(&scratch, "btmp", BTMP));
    let table = |by: &[&str]| text(&clean(&[&["summary"], by, &[&wtmp, &btmp]].concat(), b""));
    assert_eq!(
        table(&["--by", "user,weekday"]),
        "USER   mon  fri  sat  ALL\n\
         root     .    2    2    4\n\
         alice    .    1    1    2\n\
         bob      .    1    .    1\n\
         carol    1    .    .    1\n"
    );
    assert_eq!(
        table(&["--by", "weekday", "--by", "user", "--top", "2"]),
        "WEEKDAY  root  alice  OTHER  ALL\n\
         mon         .      .      1    1\n\
         fri         2      1      1    4\n\
         ... 1 more\n"
    );
    let pairs = rows(&["--by", "user,source", &btmp]);
    let pairs: Vec<_> = pairs.iter().map(|row| (&row["user"], &row["source"])).collect();
    assert_eq!(pairs.len(), 2);
    assert!(pairs.iter().all(|(user, source)| **user == "root" && source.is_string()));
}

#[test]
fn doubled_failures_are_folded() {
    let scratch = Scratch::new();
    let btmp = file(&scratch, "btmp", BTMP);
    // Two processes that fail in one second are two guesses.
    assert_eq!(
        numbers(&rows(&["--fold", "--by", "source", &btmp]), "source"),
        ["203.0.113.9 0 2 0", "192.0.2.10 0 1 0"]
    );
}

/// The counts of a database from the fixtures' expected rows.
#[test]
fn failure_databases_count() {
    let mut tried = 0;
    for fixture in fixtures() {
        let path = fixture.name();
        if !["faillog", "tallylog"].iter().any(|name| path.ends_with(name)) {
            continue;
        }
        tried += 1;
        let expected = std::fs::read(format!("{}.jsonl", fixture.path.display())).unwrap();
        let mut expected: Vec<(String, i64)> = json_lines(&expected)
            .iter()
            .filter(|row| row["count"].as_i64() > Some(0))
            .map(|row| (row["uid"].to_string(), row["count"].as_i64().unwrap()))
            .collect();
        let found = rows(&["--by", "user", path]);
        let mut found: Vec<(String, i64)> = found
            .iter()
            .map(|row| (row["user"].as_str().unwrap().to_owned(), row["failed"].as_i64().unwrap()))
            .collect();
        expected.sort_unstable();
        found.sort_unstable();
        assert_eq!(found, expected, "{path}");
    }
    assert!(tried > 5);
}

/// With records of the same failures beside it, a database counts them again, unless folded.
#[test]
fn databases_beside_records() {
    let scratch = Scratch::new();
    let btmp = file(&scratch, "btmp", BTMP);
    let faillog = "fixtures/linux-faillog-32-le/faillog";
    let failed = |more: &[&str]| {
        let output = run(&[&["summary", "--by", "machine", "--format", "jsonl"], more].concat());
        (json_lines(&output.stdout)[0]["failed"].as_i64().unwrap(), text(&output.stderr))
    };
    let (alone, _) = failed(&[faillog]);
    let (both, message) = failed(&[faillog, &btmp]);
    assert_eq!(both, alone + 4);
    assert!(message.contains("--fold"), "{message}");
    assert_eq!(failed(&["--fold", faillog, &btmp]), (3, String::new()));
}

#[test]
fn the_overview_has_files_machines_sources_users_and_findings() {
    let scratch = Scratch::new();
    let (wtmp, btmp) = (file(&scratch, "wtmp", WTMP), file(&scratch, "btmp", BTMP));
    let output = run(&["summary", &wtmp, &btmp]);
    let overview = text(&output.stdout);
    let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let lines: Vec<Vec<String>> = overview.lines().map(words).collect();
    let has = |wanted: &str| assert!(lines.contains(&words(wanted)), "{wanted}:\n{overview}");
    has(&format!("{wtmp} wtmp linux-glibc-384-le 10 2024-03-01 08:00 2024-03-04 08:10"));
    has(&format!("{btmp} btmp linux-glibc-384-le 4 2024-03-01 08:30 2024-03-02 08:30"));
    has("MACHINE BOOTS CRASHES LOGINS FAILED USERS SOURCES");
    has("- 2 1 4 4 4 3");
    has("192.0.2.10 2 2 0+03:00:00 2024-03-01 08:30 2024-03-01 23:00");
    has("carol 1 0 0+00:10:00 2024-03-04 08:00 2024-03-04 08:00");
    // The same number as audit lists.
    let audit = run(&["audit", "--min-severity", "info", "--format", "jsonl", &wtmp, &btmp]);
    let of = |level: &str| {
        let findings = json_lines(&audit.stdout);
        findings.iter().filter(|row| row["severity"] == level).count().to_string()
    };
    let counts = ["high", "medium", "low", "info"].map(of).join(" ");
    has("FINDINGS HIGH MEDIUM LOW INFO");
    has(&format!("- {counts}"));
    let place = |what: &str| overview.find(what).unwrap();
    assert!(place("\n192.0.2.10 ") < place("\n203.0.113.9 "), "both first:\n{overview}");

    let piped = loginrec_testing::run_with(&["summary", "-"], &std::fs::read(&wtmp).unwrap());
    assert_eq!(piped.status.code(), Some(0));
    assert!(text(&piped.stdout).contains("alice"));
}

#[test]
fn wrong_usage() {
    let wtmp = "fixtures/glibc-x86_64/wtmp";
    for (args, part) in [
        (&["--by", "user,user"][..], "two different values"),
        (&["--by", "user,day,line"], "one or two values"),
        (&["--top", "0"], "from 1 on"),
        (&["--by", "colour"], "possible values"),
    ] {
        let (status, message) = told(&run(&[&["summary"], args, &[wtmp]].concat()));
        assert_eq!(status, 2, "{args:?}");
        assert!(message.contains(part), "{args:?}: {message}");
    }
    let (status, message) = told(&run(&["summary", "--user", "nobody-here", "--by", "user", wtmp]));
    assert_eq!(status, 0);
    assert!(message.contains("no login matches") && message.contains("alice"), "{message}");
}
