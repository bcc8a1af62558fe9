//! Every record of the fixtures and of the corpus against values that an independent
//! reader found, or that were handed to the C library that wrote the file.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use loginrec::formats::by_name;
use loginrec::{Entry, FileKind, LogFile, Record, Text, Timestamp, UtType};
use loginrec_testing::{corpus_files, fixtures, layout_of, root, shared};
use serde_json::Value;

fn open(path: &Path, layout: &str) -> LogFile<'static> {
    let layout = by_name(layout).unwrap_or_else(|| panic!("no layout {layout}"));
    LogFile::options().layout(layout).open(path).unwrap()
}

fn lines(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn unhex(hex: &str) -> Vec<u8> {
    let digits = |i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap();
    (0..hex.len()).step_by(2).map(digits).collect()
}

fn trimmed(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().rposition(|&b| b != 0).map_or(0, |last| last + 1);
    &bytes[..end]
}

/// Checks a text of the contract: `key`, the bytes in `key_hex`, the bytes after the NUL.
fn check_text(at: &str, want: &Value, key: &str, got: Text<'_>) {
    let Some(text) = want.get(key) else {
        assert!(got.raw().is_empty() || key == "id", "{at}: {key} should be left out");
        return;
    };
    match want.get(format!("{key}_hex")) {
        Some(hex) => assert_eq!(got.as_bytes(), unhex(hex.as_str().unwrap()), "{at}: {key}"),
        None => assert_eq!(got.to_str(), text.as_str(), "{at}: {key}"),
    }
    let residue = want.get(format!("{key}_residue")).map_or(vec![], |r| unhex(r.as_str().unwrap()));
    assert_eq!(trimmed(got.residue()), residue, "{at}: {key}_residue");
}

fn check_time(at: &str, want: &Value, tv: Timestamp, micros: bool) {
    match want["time"].as_str() {
        Some(time) => assert_eq!(tv.to_string(), time, "{at}: time"),
        // An empty record has no time to print.
        None if want.get("raw_sec").is_none() => {
            assert_eq!((tv.tv_sec, tv.tv_usec), (0, 0), "{at}: time");
        }
        None => {
            assert_eq!(want["raw_sec"], tv.tv_sec, "{at}: raw_sec");
            assert!(!micros || want["raw_usec"] == tv.tv_usec, "{at}: raw_usec");
        }
    }
}

/// Checks a record against a line of the JSON contract.
fn check_record(at: &str, want: &Value, record: &Record<'_>, kind: Option<FileKind>) {
    let entry = record.entry();
    assert_eq!(want["layout"], record.layout().name, "{at}: layout");
    assert_eq!(want["index"], record.index(), "{at}: index");
    assert_eq!(want["offset"], record.offset(), "{at}: offset");
    assert_eq!(want.get("uid").and_then(Value::as_u64), record.uid(), "{at}: uid");
    if record.layout().is_log() {
        assert_eq!(want["type"], entry.ut_type().name(), "{at}: type");
        assert_eq!(want["event"], entry.event_in(kind).name(), "{at}: event");
        let raw_type = want.get("raw_type").and_then(Value::as_i64);
        assert_eq!(raw_type, entry.raw_type.map(i64::from), "{at}: raw_type");
    }
    check_time(at, want, entry.ut_tv, record.layout().has_microseconds());
    // The file's name is not in the record.
    if !entry.platform.is_named_by_user {
        check_text(at, want, "user", entry.ut_user);
    }
    if let Some(failures) = entry.failures {
        let number = |key: &str| want.get(key).and_then(Value::as_i64).unwrap_or_default();
        assert_eq!(number("count"), failures.count, "{at}: count");
        assert_eq!(number("max"), i64::from(failures.max), "{at}: max");
        assert_eq!(number("lock_seconds"), failures.lock_seconds, "{at}: lock_seconds");
        assert_eq!(number("status"), i64::from(failures.status), "{at}: status");
    }
    check_text(at, want, "line", entry.ut_line);
    check_text(at, want, "host", entry.ut_host);
    if entry.platform.binary_id {
        let whole = want.get("id_hex").map_or(vec![], |h| unhex(h.as_str().unwrap()));
        assert_eq!(trimmed(entry.ut_id.raw()), trimmed(&whole), "{at}: id_hex");
    } else {
        check_text(at, want, "id", entry.ut_id);
    }
    assert_eq!(want.get("pid").and_then(Value::as_i64), entry.ut_pid, "{at}: pid");
    assert_eq!(want.get("session").and_then(Value::as_i64), entry.ut_session, "{at}: session");
    let exit = want.get("exit").map(|e| (e["termination"].as_i64(), e["exit"].as_i64()));
    let got = entry.ut_exit.map(|e| (Some(e.e_termination.into()), Some(e.e_exit.into())));
    assert_eq!(exit, got, "{at}: exit");
    let addr = entry.addr().map(|a| a.to_string());
    assert_eq!(want.get("addr").and_then(Value::as_str), addr.as_deref(), "{at}: addr");
}

#[test]
fn fixtures_hold_what_they_say() {
    let (mut files, mut records) = (0, 0);
    for sample in fixtures() {
        let at = sample.path.strip_prefix(root()).unwrap().display().to_string();
        let mut expected = sample.path.clone().into_os_string();
        expected.push(".jsonl");
        let want = lines(Path::new(&expected));
        // The damaged records lie in files of proper ones.
        let own = want[0]["layout"].as_str().unwrap();
        let layout = if own.contains("time64") {
            own.replace("time64a8", "glibc").replace("time64a4", "glibc")
        } else {
            own.to_owned()
        };
        let file = open(&sample.path, &layout);
        let got: Vec<_> = file.records().map(Result::unwrap).collect();
        assert_eq!(got.len(), want.len(), "{at}: records");
        for (want, record) in want.iter().zip(&got) {
            let place = format!("{at} record {}", record.index());
            check_record(&place, want, record, file.kind());
        }
        files += 1;
        records += got.len();
    }
    println!("{files} fixtures, {records} records");
    assert!(files > 100 && records > 1000);
}

/// `corpus/expected/*.jsonl`: another form, by another reader.
#[test]
fn files_of_real_machines() {
    let Some(corpus) = shared("corpus") else { return };
    let mut records = 0;
    for sample in corpus_files() {
        let name = sample.path.strip_prefix(&corpus).unwrap().to_str().unwrap().replace('/', "_");
        let expected = corpus.join(format!("expected/{name}.jsonl"));
        if !expected.exists() {
            continue;
        }
        let file = open(&sample.path, sample.layout);
        let mut got = file.records();
        for want in lines(&expected) {
            let at = format!("{name} byte {}", want["offset"]);
            let next = got.next().unwrap_or_else(|| panic!("{at}: no record"));
            if let Some(rest) = want.get("trailing") {
                assert_eq!(next.unwrap_err().offset(), want["offset"].as_u64().unwrap(), "{at}");
                let error = next.unwrap_err().to_string();
                assert!(error.contains(&format!("{rest} left")), "{at}: {error}");
                continue;
            }
            let record = next.unwrap();
            let entry = record.entry();
            assert_eq!(want["offset"], record.offset(), "{at}");
            assert_eq!(want.get("uid").and_then(Value::as_u64), record.uid(), "{at}: uid");
            if record.uid().is_none() {
                let known = entry.ut_type() != UtType::Unknown;
                assert!(!known || want["type"] == entry.ut_type().name(), "{at}: {want} {entry:?}");
            }
            if let Some(raw) = want.get("raw_type") {
                assert_eq!(raw.as_i64(), entry.raw_type.map(i64::from), "{at}: raw_type");
            }
            assert_eq!(want["sec"], entry.ut_tv.tv_sec, "{at}: sec");
            assert_eq!(want.get("usec").unwrap_or(&0.into()), entry.ut_tv.tv_usec, "{at}: usec");
            for (key, text) in
                [("user", entry.ut_user), ("line", entry.ut_line), ("host", entry.ut_host)]
            {
                let Some(want) = want.get(key).and_then(Value::as_str) else { continue };
                match want.strip_prefix("hex:") {
                    Some(hex) => assert_eq!(text.as_bytes(), unhex(hex), "{at}: {key}"),
                    None => assert_eq!(text.to_str(), Some(want), "{at}: {key}"),
                }
            }
            if let Some(id) = want.get("id").and_then(Value::as_str) {
                if name.starts_with("freebsd") {
                    assert_eq!(trimmed(entry.ut_id.raw()), unhex(id), "{at}: id");
                } else {
                    assert_eq!(entry.ut_id.to_str(), Some(id), "{at}: id");
                }
            }
            if let Some(pid) = want.get("pid") {
                assert_eq!(pid.as_i64(), entry.ut_pid, "{at}: pid");
            }
            if let Some(session) = want.get("session") {
                assert_eq!(session.as_i64(), entry.ut_session, "{at}: session");
            }
            if let Some(addr) = want.get("addr") {
                let got = entry.addr().map(|a| a.to_string());
                assert_eq!(addr.as_str(), got.as_deref(), "{at}: addr");
            }
            if let Some(status) = want.get("exit").and_then(Value::as_i64) {
                assert_eq!(entry.ut_exit.map(|e| e.e_exit.into()), Some(status), "{at}: exit");
            }
            records += 1;
        }
        assert!(got.next().is_none(), "{name}: more records than expected");
    }
    println!("{records} records");
    assert!(records > 300);
}

/// `corpus/generated`: the values handed to the C library of 35 ports, and what the
/// atlas's tables make of them elsewhere.
#[test]
fn files_of_real_c_libraries() {
    let Some(corpus) = shared("corpus") else { return };
    let (mut records, mut undecidable) = (0, 0);
    for sample in corpus_files() {
        let folder = sample.path.parent().unwrap();
        let Ok(text) = fs::read_to_string(folder.join("expected.jsonl")) else { continue };
        let file_name = sample.path.file_name().unwrap().to_str().unwrap();
        let damaged = folder.to_str().unwrap().contains("time64-app");
        let file = open(&sample.path, sample.layout);
        let want: HashMap<u64, Value> = text
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap())
            .filter(|want| want["file"] == file_name)
            .map(|want| (want["offset"].as_u64().unwrap(), want))
            .collect();
        let mut seen = 0;
        for record in file.records().map(Result::unwrap) {
            let at = format!("{} byte {}", sample.path.display(), record.offset());
            let want = &want.get(&record.offset()).unwrap_or_else(|| panic!("{at}: unexpected"));
            seen += 1;
            if damaged && file_name != "lastlog" && !can_be_told(want) {
                undecidable += 1;
                continue;
            }
            check_written(&at, want, &record, damaged);
            records += 1;
        }
        assert_eq!(seen, want.len(), "{}", sample.path.display());
    }
    let corpus = corpus.display();
    println!("{records} records of {corpus}, {undecidable} damaged ones that cannot be told");
    assert!(records > 2500);
    assert!(undecidable <= 60, "{undecidable}");
}

/// A damaged record with seconds before 1990 or impossible microseconds looks like a
/// proper one that is odd; so does one that is all zero.
fn can_be_told(want: &Value) -> bool {
    let sec = want["sec"].as_i64().unwrap();
    let usec = want["usec"].as_i64().unwrap();
    (631_152_000..4_102_444_800).contains(&sec) && (0..1_000_000).contains(&usec)
}

fn check_written(at: &str, want: &Value, record: &Record<'_>, damaged: bool) {
    let entry = record.entry();
    let layout = record.layout();
    let wide = !layout.has_32bit_time();
    let sec = if wide { &want["sec"] } else { want.get("sec_i32").unwrap_or(&want["sec"]) };
    let sec = sec.as_i64().unwrap();
    let sec = if wide { sec } else { i64::from(sec as i32) };
    assert_eq!(entry.ut_tv.tv_sec, sec, "{at}: sec of {}", layout.name);
    if let Some(unsigned) = want.get("sec_u32").and_then(Value::as_i64)
        && !wide
    {
        assert_eq!(entry.ut_tv.unsigned32().tv_sec, unsigned, "{at}: unsigned");
    }
    let text = |key: &str, got: Text<'_>| {
        let hex = want.get(format!("{key}_hex")).and_then(Value::as_str).map(unhex);
        let whole = hex.unwrap_or_else(|| want[key].as_str().unwrap().as_bytes().to_vec());
        let kept = &whole[..whole.len().min(got.raw().len())];
        assert_eq!(got.as_bytes(), kept, "{at}: {key}");
    };
    text("line", entry.ut_line);
    text("host", entry.ut_host);
    if let Some(uid) = want.get("uid") {
        assert_eq!(uid.as_u64(), record.uid(), "{at}: uid");
        return;
    }
    text("user", entry.ut_user);
    text("id", entry.ut_id);
    let number = want["type"].as_i64().unwrap();
    assert_eq!(entry.raw_type.map(i64::from), Some(number), "{at}: type");
    if entry.ut_type() != UtType::Unknown {
        assert_eq!(want["type_name"], entry.ut_type().name(), "{at}: type name");
    }
    let pid_is_wide = layout.fields.iter().any(|f| f.name == "ut_pid" && f.len == 4);
    assert!(!pid_is_wide || entry.ut_pid == want["pid"].as_i64(), "{at}: pid");
    if layout.has_microseconds() {
        assert_eq!(entry.ut_tv.tv_usec, want["usec"].as_i64().unwrap(), "{at}: usec");
    }
    if let Some(session) = entry.ut_session {
        assert_eq!(Some(session), want["session"].as_i64(), "{at}: session");
    }
    if let Some(exit) = entry.ut_exit {
        let got = (i64::from(exit.e_termination), i64::from(exit.e_exit));
        let want = (want["exit_termination"].as_i64(), want["exit_status"].as_i64());
        assert_eq!((Some(got.0), Some(got.1)), want, "{at}: exit");
    }
    check_address(at, want, &entry, damaged);
}

fn check_address(at: &str, want: &Value, entry: &Entry<'_>, damaged: bool) {
    let stored = unhex(want["addr_hex"].as_str().unwrap());
    match entry.ut_addr {
        loginrec::Address::V4(bytes) => assert_eq!(bytes[..4], stored[..4], "{at}: address"),
        address => {
            assert_eq!(address.raw(), stored, "{at}: address");
            let ip = entry.addr().map(|a| a.to_string());
            let as_shown = want["addr"].as_str();
            // There is no family: such an IPv6 address is IPv4 to every reader.
            let short = stored[4..].iter().all(|&b| b == 0);
            if as_shown.is_some() && !damaged && !short {
                assert_eq!(ip.as_deref(), as_shown, "{at}: address");
            }
        }
    }
}

/// Values of the hash databases, whole and spread over pages.
#[test]
fn lastlogx_databases() {
    let Some(corpus) = shared("corpus") else { return };
    let folder = corpus.join("netbsd-lastlogx-synthetic");
    let truth: Value =
        serde_json::from_str(&fs::read_to_string(folder.join("expected.json")).unwrap()).unwrap();
    for (name, database) in truth.as_object().unwrap() {
        let file = LogFile::open(folder.join(name)).unwrap_or_else(|e| panic!("{e}"));
        let layout = file.layout().unwrap();
        assert_eq!(database["value_size"], layout.size, "{name}");
        let want = database["entries"].as_object().unwrap();
        let mut seen = 0;
        for record in file.records() {
            let record = record.unwrap_or_else(|e| panic!("{name}: {e}"));
            let entry = record.entry();
            let uid = record.uid().unwrap();
            let want = &want[&uid.to_string()];
            let at = format!("{name} uid {uid}");
            assert_eq!(want["sec"], entry.ut_tv.tv_sec, "{at}");
            assert_eq!(want["usec"], entry.ut_tv.tv_usec, "{at}");
            assert_eq!(want["line"].as_str(), entry.ut_line.to_str(), "{at}");
            assert_eq!(want["host"].as_str(), entry.ut_host.to_str(), "{at}");
            assert_eq!(want["family"] != 0, entry.addr().is_some(), "{at}");
            seen += 1;
        }
        assert_eq!(seen, want.len(), "{name}");
    }

    let file = LogFile::open(corpus.join("netbsd93-amd64/lastlogx")).unwrap();
    assert_eq!(file.layout().unwrap().name, "netbsd-lastlogx-432-le");
    let users: Vec<_> = file.records().entries().map(Result::unwrap).collect();
    let [(record, entry)] = users[..] else { panic!("one user") };
    assert_eq!((record.uid(), entry.ut_tv.tv_sec), (Some(0), 1_708_850_203));
    assert_eq!(entry.ut_line, "pts/2");
    assert_eq!(entry.ut_host, "192.168.100.254");
    assert_eq!(entry.addr().unwrap().to_string(), "192.168.124.180");
}

#[test]
fn atlas_names_are_ours() {
    assert_eq!(layout_of("freebsd_futx_log", "big"), "freebsd-utx-log");
}
