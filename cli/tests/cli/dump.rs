//! `dump` of files that the fixtures do not have.

use loginrec_testing::{Scratch, clean, fixtures, json_lines, run, run_with, text, told};

/// A 384-byte record of a login, all by hand.
fn login(sec: [u8; 4]) -> Vec<u8> {
    let mut record = vec![0; 384];
    record[0] = 7;
    record[4..6].copy_from_slice(&1234u16.to_le_bytes());
    record[8..13].copy_from_slice(b"pts/0");
    record[40..44].copy_from_slice(b"ts/0");
    record[44..49].copy_from_slice(b"alice");
    record[340..344].copy_from_slice(&sec);
    record
}

const GLIBC: &str = "linux-glibc-384-le";

#[test]
fn seconds_are_signed_unless_told_otherwise() {
    let record = login([0, 0, 0, 0x80]);
    for (more, year) in [
        (&["--format", "jsonl"][..], "1901-12-13T20:45:52.000000Z"),
        (&["--format", "jsonl", "--unsigned-time"], "2038-01-19T03:14:08.000000Z"),
        (&["--format", "csv", "--unsigned-time"], "2038-01-19T03:14:08.000000Z"),
        (&["--unsigned-time"], "[2038-01-19T03:14:08,000000+00:00]"),
        (&[], "[1901-12-13T20:45:52,000000+00:00]"),
    ] {
        let args = [&["dump", "--layout", GLIBC, "-"], more].concat();
        let printed = text(&clean(&args, &record));
        assert!(printed.contains(year), "{more:?}: {printed}");
    }
    let unsigned = ["dump", "--layout", GLIBC, "--format", "jsonl", "--unsigned-time", "-"];
    let fields = clean(&unsigned, &record);
    assert!(clean(&["undump"], &fields) == record, "the year 2038 is the same bytes as 1901");
    let wide = ["dump", "--layout", "linux-glibc-400-le", "--unsigned-time", "-"];
    let mut record = vec![0; 400];
    record[0] = 7;
    record[344..352].copy_from_slice(&(-1i64).to_le_bytes());
    assert!(text(&clean(&wide, &record)).contains("[1969-12-31T23:59:59,"));
}

#[test]
fn lastlog_rows_have_a_uid() {
    let mut file = vec![0; 292 * 1001];
    let slot = &mut file[292 * 1000..];
    slot[..4].copy_from_slice(&1_700_000_000u32.to_le_bytes());
    slot[4..9].copy_from_slice(b"pts/3");
    slot[36..46].copy_from_slice(b"192.0.2.17");
    let rows = clean(&["dump", "--layout", "linux-lastlog-292-le", "-"], &file);
    assert_eq!(
        text(&rows),
        "[01000] [pts/3       ] [192.0.2.17          ] [0.0.0.0        ] \
         [2023-11-14T22:13:20,000000+00:00]\n"
    );
    let back = clean(&["undump", "--layout", "linux-lastlog-292-le"], &rows);
    assert!(back == file);
}

/// Rows of other systems have Linux's number for what a record means.
#[test]
fn types_of_other_systems_are_translated() {
    let columns = |name: &str| -> Vec<String> {
        let rows = text(&clean(&["dump", name], b""));
        rows.lines().map(|row| row[1..].split(']').next().unwrap().to_owned()).collect()
    };
    let number = |ut_type: &str| match ut_type {
        "RUN_LVL" | "SHUTDOWN_TIME" | "DOWN_TIME" => "1",
        "BOOT_TIME" => "2",
        "NEW_TIME" => "3",
        "OLD_TIME" => "4",
        "INIT_PROCESS" => "5",
        "LOGIN_PROCESS" => "6",
        "USER_PROCESS" => "7",
        "DEAD_PROCESS" => "8",
        "ACCOUNTING" => "9",
        _ => "0",
    };
    for fixture in fixtures() {
        let lines = json_lines(&fixture.expected());
        if lines[0]["uid"].is_u64() || lines[0]["type"].is_null() {
            continue;
        }
        let linux = lines[0]["layout"].as_str().unwrap().starts_with("linux-");
        let expected: Vec<String> = lines
            .iter()
            .map(|line| match linux {
                true => line["raw_type"].to_string(),
                false => number(line["type"].as_str().unwrap()).to_owned(),
            })
            .collect();
        assert_eq!(columns(fixture.name()), expected, "{}", fixture.name());
    }
}

#[test]
fn several_files_have_headings() {
    let files = ["fixtures/glibc-x86_64/utmp", "fixtures/glibc-x86_64/btmp"];
    let [one, two] = files.map(|file| text(&clean(&["dump", file], b"")));
    let both = text(&clean(&["dump", files[0], files[1]], b""));
    assert_eq!(both, format!("==> {} <==\n{one}\n==> {} <==\n{two}", files[0], files[1]));
    let csv = text(&clean(&["dump", "--format", "csv", files[0], files[1]], b""));
    assert_eq!(
        csv.lines().filter(|line| line.starts_with("machine,source,file,layout,")).count(),
        1
    );
    assert_eq!(csv.lines().count(), 1 + one.lines().count() + two.lines().count());
}

#[test]
fn standard_input_is_a_file() {
    let bytes = std::fs::read(loginrec_testing::root().join("fixtures/glibc-s390x/wtmp")).unwrap();
    let piped = clean(&["dump", "-"], &bytes);
    assert_eq!(text(&piped), text(&clean(&["dump", "fixtures/glibc-s390x/wtmp"], b"")));
    let lines = json_lines(&clean(&["dump", "--format", "jsonl", "-"], &bytes));
    assert!(lines.iter().all(|line| line["file"] == "-"));
}

/// A btmp is one by its name only, wherever it lies.
#[test]
fn the_name_makes_a_btmp() {
    let scratch = Scratch::new();
    let record = login([0, 0xf1, 0x53, 0x65]);
    for (name, event) in [("btmp.1", "failed-login"), ("wtmp", "login"), ("copy", "login")] {
        let path = scratch.file(name, &record);
        let lines = json_lines(&clean(&["dump", "--format", "jsonl", &path], b""));
        assert_eq!(lines[0]["event"], event);
    }
}

/// `--raw` keeps what is no record: stray bytes, unused slots at the end, zeros between the
/// records of an utx.log.
#[test]
fn raw_keeps_everything() {
    let read = |name: &str| std::fs::read(loginrec_testing::root().join(name)).unwrap();
    let log = read("fixtures/freebsd-utx-log/utx.log");
    let gaps = [&log[..], &[0; 5], &log, &[0; 300], &log, &[0, 60, 1, 2, 3]].concat();
    let mut lastlog = read("fixtures/linux-lastlog-292-le/lastlog");
    lastlog.resize(lastlog.len() + 292 * 50 + 7, 0);
    let mut stray = read("fixtures/glibc-mips/wtmp");
    stray.extend([0xde, 0xad]);
    let trailing = [&log[..], &[0; 999]].concat();
    for (bytes, layout, status) in [
        (gaps, "freebsd-utx-log", 4),
        (trailing, "freebsd-utx-log", 4),
        (lastlog, "linux-lastlog-292-le", 4),
        (stray, "linux-glibc-384-be", 4),
        (vec![1; 100], "linux-glibc-384-be", 3),
        (Vec::new(), "linux-glibc-384-be", 0),
    ] {
        let args = ["dump", "--format", "jsonl", "--raw", "--layout", layout, "-"];
        let dumped = run_with(&args, &bytes);
        assert_eq!(dumped.status.code(), Some(status), "{layout}");
        assert!(clean(&["undump"], &dumped.stdout) == bytes, "{layout}");
        let lines = json_lines(&dumped.stdout);
        let rest = lines.last().unwrap()["raw"].as_str().unwrap();
        assert!(rest.len() <= 200, "zeros are a gap, not a rest, however many they are");
    }
    let scratch = Scratch::new();
    let empty = clean(&["dump", "--format", "jsonl", "--raw", &scratch.file("wtmp", b"")], b"");
    assert!(json_lines(&empty)[0]["layout"].is_null());
    assert!(clean(&["undump"], &empty).is_empty());
}

/// Bytes that read equally well in both orders: two logins on 4.2BSD, once in 1995 and once
/// in 1996.
fn either_order() -> Vec<u8> {
    let mut record = [0; 36];
    record[..5].copy_from_slice(b"ttyp0");
    record[8..12].copy_from_slice(b"root");
    record[32..].copy_from_slice(&[0x30, 0, 0, 0x32]);
    record.repeat(2)
}

#[test]
fn what_is_ambiguous_is_read_with_a_warning() {
    let scratch = Scratch::new();
    let path = scratch.file("records", &either_order());
    let output = run(&["dump", &path]);
    let (status, message) = told(&output);
    assert_eq!(status, 0, "{message}");
    assert_eq!(text(&output.stdout).lines().count(), 2);
    for word in [&path, "bsd-utmp-36-le", "bsd-utmp-36-be", "--layout"] {
        assert!(message.contains(word), "{message}");
    }
    for (layout, year) in [("bsd-utmp-36-be", "[1995-"), ("bsd-utmp-36-le", "[1996-")] {
        let rows = text(&clean(&["dump", "--layout", layout, &path], b""));
        assert!(rows.contains(year), "{rows}");
    }
}

/// A file of the same folder whose layout is clear decides.
#[test]
fn neighbors_settle_what_is_ambiguous() {
    for (order, year) in [("be", "1995-"), ("le", "1996-")] {
        let scratch = Scratch::new();
        let kind = if order == "be" { "utmp" } else { "wtmp" };
        let known = format!("fixtures/bsd-utmp-36-{order}/{kind}");
        let known = std::fs::read(loginrec_testing::root().join(known)).unwrap();
        let (known, path) = (scratch.file("utmp", &known), scratch.file("x", &either_order()));
        // Whichever comes first, and that is said.
        for files in [[&known, &path], [&path, &known]] {
            let output = run(&["dump", "--format", "jsonl", files[0], files[1]]);
            let (status, message) = told(&output);
            assert_eq!((status, message.lines().count()), (0, 1), "{message}");
            assert!(message.contains("because"), "{message}");
            let lines = json_lines(&output.stdout);
            let row = lines.iter().find(|row| row["file"] == path.as_str()).unwrap();
            let time = row["time"].as_str().unwrap();
            assert!(time.starts_with(year), "{time}");
        }
    }
}
