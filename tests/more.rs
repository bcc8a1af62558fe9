//! Every sample of `../shared/corpus/more` under its own name and a neutral one, against the values
//! that its maker wrote down. Where bytes cannot tell, the truth comes first among the candidates.
#![cfg(feature = "std")]

use std::fs;
use std::path::Path;

use loginrec::detect::{Hints, Verdict, detect_with};
use loginrec::{Entry, Layout, LogFile, Record, Timestamp, formats};
use loginrec_testing::{json_lines, layout_of, shared};
use serde_json::Value;

/// Samples that are compared elsewhere or not read, each with the reason.
const WAITING: &[(&str, &str)] = &[
    ("v6_utmp16", "no reader: 16 bytes without a type were refused under neutral names"),
    ("irix_badlogin1", "one byte: any file of one byte would be one; the time is not in it"),
    ("aix_lastlog", "no reader yet: named as text of that file"),
    ("aix_portlog", "no reader yet: named as text of that file"),
    ("loginlog", "no reader yet: named as text of that file"),
    ("fwtmp_svr4", "text for undump: cli/tests/cli/fwtmp.rs"),
    ("fwtmp_solaris", "text for undump: cli/tests/cli/fwtmp.rs"),
    ("fwtmp_aix", "text for undump: cli/tests/cli/fwtmp.rs"),
];

/// Damaged samples, whose faults come with the records.
const DAMAGED: &[&str] = &["asl/cut.asl", "asl/badstring.asl"];
const SAMPLES: usize = 51;

#[test]
fn every_sample_under_both_names() {
    let Some(folder) = shared("corpus/more") else { return };
    let index = fs::read_to_string(folder.join("INDEX.tsv")).unwrap();
    let (mut read, mut waiting) = (0, Vec::new());
    for row in index.lines().skip(1) {
        let mut cells = row.split('\t');
        let (file, atlas) = (cells.next().unwrap(), cells.next().unwrap());
        let bytes = fs::read(folder.join(file)).unwrap();
        let wanted = fs::read(folder.join(format!("{file}.jsonl"))).unwrap();
        let wanted = json_lines(&wanted);
        let known = atlas.rsplit_once('-').map_or(atlas, |(name, _)| name);
        if WAITING.iter().any(|(name, _)| *name == known) {
            waiting.push(known);
            continue;
        }
        for name in [file.rsplit('/').next().unwrap(), "evidence.bin"] {
            check(file, name, ours(atlas), &bytes, &wanted);
        }
        read += 1;
    }
    println!("{read} samples, {} elsewhere", waiting.len());
    assert_eq!(read + waiting.len(), SAMPLES);
    for (name, why) in WAITING {
        assert!(waiting.contains(name), "{name} does not wait any more: {why}");
    }
}

/// The name of a layout of the atlas, such as `faillog24-le`.
fn ours(atlas: &str) -> &'static Layout {
    let name = match atlas {
        "asl_v2" => "macos-asl",
        "asl_v1" => "macos-asl1",
        "systemd_session" => "linux-logind",
        _ => {
            let (name, order) = atlas.rsplit_once('-').unwrap();
            let orders = [("le", "little"), ("be", "big"), ("pdp", "pdp")];
            layout_of(name, orders.iter().find(|(short, _)| *short == order).unwrap().1)
        }
    };
    formats::by_name(name).unwrap()
}

fn check(file: &str, name: &str, truth: &'static Layout, bytes: &[u8], wanted: &[Value]) {
    let at = format!("{file} as {name}");
    let found = detect_with(bytes, &Hints::new().file_name(name));
    if wanted.is_empty() && found.layout().is_none() {
        // Slots without a user: only the name says what they are.
        let is_named = name != "evidence.bin";
        assert_eq!(found.verdict() == Verdict::Empty, is_named, "{at}: {found:?}");
        return;
    }
    let is_same = |c: &loginrec::detect::Candidate| c.layout == truth && c.same_reading;
    let is_right = found.layout() == Some(truth) || found.candidates().iter().any(is_same);
    assert!(is_right, "{at}: {found:?}");
    let first = found.candidates().first().unwrap().layout;
    assert!(matches!(found.verdict(), Verdict::Recognized | Verdict::Ambiguous), "{at}: {found:?}");
    let log = LogFile::options().file_name(name).layout(first).from_slice(bytes).unwrap();
    let (mut records, mut faults) = (Vec::new(), 0);
    for record in log.records() {
        match record {
            Ok(record) => records.push(record),
            Err(_) => faults += 1,
        }
    }
    assert_eq!(faults > 0, DAMAGED.contains(&file), "{at}: {faults} faults");
    assert_eq!(records.len(), wanted.len(), "{at}: records");
    for (record, wanted) in records.iter().zip(wanted) {
        compare(&format!("{at} byte {}", wanted["offset"]), record, wanted);
    }
}

fn compare(at: &str, record: &Record<'_>, wanted: &Value) {
    let entry = record.entry();
    assert_eq!(wanted["offset"], record.offset(), "{at}");
    for (key, wanted) in wanted.as_object().unwrap() {
        let text = |got: loginrec::Text<'_>| Value::from(got.to_string());
        let number = |got: i64| Value::from(got);
        let failures = entry.failures.unwrap_or_default();
        let got = match key.as_str() {
            "uid" if record.layout().container.has_rows() => continue,
            "uid" => record.uid().into(),
            // The file's name is not in the record.
            "user" if entry.platform.is_named_by_user => continue,
            "user" => text(entry.ut_user),
            "line" => text(entry.ut_line),
            "host" => text(entry.ut_host),
            "id" => text(entry.ut_id),
            "id_hex" => {
                let digits = entry.ut_id.raw().iter().map(|byte| format!("{byte:02x}"));
                digits.collect::<String>().into()
            }
            "source" if entry.ut_host.is_empty() => text(entry.ut_line),
            "source" => text(entry.ut_host),
            "remote_user" if record.layout().container.has_rows() => continue,
            "class" => {
                let wanted = if wanted == "greeter" { "LOGIN_PROCESS" } else { "USER_PROCESS" };
                assert_eq!(entry.ut_type().name(), wanted, "{at}");
                continue;
            }
            "source_kind" => match failures.status & 6 {
                2 => "rhost".into(),
                4 => "tty".into(),
                _ => "service".into(),
            },
            "remote_user" => text(entry.remote_user.unwrap_or_default()),
            "sender" | "service" => text(entry.service.unwrap_or_default()),
            "pid" | "leader" => entry.ut_pid.unwrap_or_default().into(),
            "raw_type" => entry.raw_type.into(),
            "type" => entry.ut_type().name().into(),
            "count" => number(failures.count),
            "max" => number(failures.max.into()),
            "locktime" if wanted.is_null() => Value::Null,
            "locktime" => number(failures.lock_seconds),
            "status" => number(failures.status.into()),
            "valid" => failures.is_valid().into(),
            "termination" => entry.ut_exit.unwrap().e_termination.into(),
            "exit" => entry.ut_exit.unwrap().e_exit.into(),
            "mid" => {
                let loginrec::read::Key::Rowid(id) = record.key() else { panic!("{at}") };
                number(id)
            }
            "unlinked" => {
                let link = record.row_place().unwrap().link.unwrap();
                (link != loginrec::read::Link::Linked).into()
            }
            "sec" | "usec" if is_logout(record, &entry) => continue,
            "sec" => number(entry.ut_tv.tv_sec),
            "usec" => number(entry.ut_tv.tv_usec),
            // A logout keeps the time of its login: the time of the message is the true one.
            "log_time" if is_logout(record, &entry) => {
                let Timestamp { tv_sec, tv_usec } = entry.ut_tv;
                let wanted = wanted.as_str().unwrap();
                assert!(wanted.starts_with(&format!("{tv_sec}.{tv_usec:06}")), "{at}: {wanted}");
                continue;
            }
            // Of no interest to a reader of logins, or not cleared by the writer. The session is
            // the name of its file.
            "session" | "kind" | "state" | "offset" | "level" | "log_time" | "facility"
            | "sender_pid" | "host_name" | "expire" | "message" => continue,
            key => panic!("{at}: {key} is not compared"),
        };
        assert_eq!(got, *wanted, "{at}: {key}");
    }
}

fn is_logout(record: &Record<'_>, entry: &Entry<'_>) -> bool {
    record.layout().container.has_messages() && entry.raw_type == Some(8)
}

/// A waiting sample is text, which is said, or is read as nothing.
#[test]
fn what_waits_is_no_record() {
    let Some(folder) = shared("corpus/more") else { return };
    let index = fs::read_to_string(folder.join("INDEX.tsv")).unwrap();
    for row in index.lines().skip(1) {
        let mut cells = row.split('\t');
        let (file, atlas) = (cells.next().unwrap(), cells.next().unwrap());
        let known = atlas.rsplit_once('-').map_or(atlas, |(name, _)| name);
        let Some((_, why)) = WAITING.iter().find(|(name, _)| *name == known) else { continue };
        let bytes = fs::read(folder.join(file)).unwrap();
        let own = Path::new(file).file_name().unwrap().to_str().unwrap();
        for name in [own, "evidence.bin"] {
            let found = detect_with(&bytes, &Hints::new().file_name(name));
            assert_eq!(found.verdict(), Verdict::NotRecognized, "{file} as {name}: {found:?}");
            let is_text = found.reasons().iter().any(|reason| reason.to_string().contains("text"));
            if why.contains("of that file") {
                let said = format!("{:?}", found.reasons());
                assert!(said.contains(known.trim_start_matches("aix_")), "{file}: {said}");
            }
            assert!(is_text || bytes.contains(&0) || bytes.len() < 2, "{file}: {found:?}");
        }
    }
}

/// Nothing is known of the records of HP-UX 11i, which is said of files with their names.
#[test]
fn logs_of_hpux_11i_are_named() {
    let bytes: Vec<u8> = (0..4000_u32).flat_map(|n| (n * n).to_be_bytes()).collect();
    for (name, is_named) in [("wtmps", true), ("btmps.1", true), ("WTMPS", true), ("wtmp", false)] {
        let found = detect_with(&bytes, &Hints::new().file_name(name));
        assert_eq!(found.verdict(), Verdict::NotRecognized, "{name}");
        let says = found.reasons().iter().any(|reason| reason.to_string().contains("HP-UX 11i"));
        assert_eq!(says, is_named, "{name}");
    }
}
