//! The optional feature `serde`.
#![cfg(feature = "serde")]

use loginrec::formats::by_name;
use loginrec::{Event, Exit, Timestamp, UtType};

#[test]
fn entries_become_json() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/glibc-x86_64/wtmp");
    let data = std::fs::read(path).unwrap();
    let layout = by_name("linux-glibc-384-le").unwrap();
    let entry = layout.records(&data).nth(6).unwrap().unwrap().entry();
    let json = serde_json::to_value(entry).unwrap();
    assert_eq!(json["ut_type"], "USER_PROCESS");
    assert_eq!(json["raw_type"], 7);
    assert_eq!(json["event"], "login");
    assert_eq!(json["ut_tv"], serde_json::json!({"tv_sec": 1_700_000_120, "tv_usec": 999_999}));
    assert_eq!(json["ut_line"], "pts/0");
}

#[test]
fn values_go_both_ways() {
    let time = Timestamp { tv_sec: -1, tv_usec: 2_000_000 };
    let exit = Exit { e_termination: 2, e_exit: -3 };
    let json = serde_json::to_string(&(time, exit, UtType::DownTime, Event::ClockOld)).unwrap();
    for ut_type in UtType::ALL {
        assert_eq!(serde_json::to_value(ut_type).unwrap(), ut_type.name());
    }
    assert!(json.ends_with(r#","DOWN_TIME","clock-old"]"#), "{json}");
    let back: (Timestamp, Exit, UtType, Event) = serde_json::from_str(&json).unwrap();
    assert_eq!(back, (time, exit, UtType::DownTime, Event::ClockOld));
}

#[test]
fn rows_with_a_layout_or_an_address_serialize() {
    let layout = by_name("linux-glibc-384-le").unwrap();
    assert_eq!(serde_json::to_value(layout).unwrap(), "linux-glibc-384-le");
    let address = loginrec::Address::V4(&[192, 0, 2, 1]);
    assert_eq!(serde_json::to_value(address).unwrap(), "192.0.2.1");
    assert!(serde_json::to_value(loginrec::Address::Absent).unwrap().is_null());
}

#[test]
fn findings_serialize() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/linux-glibc-400-le/wtmp");
    let mut bytes = std::fs::read(path).unwrap();
    bytes[800..1200].fill(0);
    let wtmp = loginrec::LogFile::options().file_name("wtmp").from_vec(bytes).unwrap();
    let mut audit = loginrec::audit::Audit::new();
    audit.read(&wtmp, loginrec::audit::FileInfo::of(&wtmp));
    let json = serde_json::to_value(audit.finish()).unwrap();
    let wiped = json.as_array().unwrap().iter().find(|row| row["offset"] == 800).unwrap();
    assert_eq!((&wiped["rule"]["id"], &wiped["index"]), (&"zeroed-record".into(), &2.into()));
}
