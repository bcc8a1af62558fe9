//! The optional feature `serde`.
#![cfg(feature = "serde")]

use loginrec::platform::by_name;
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
