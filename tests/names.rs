//! Names parse to what printed them, and nothing else does.

use std::fmt::Display;
use std::str::FromStr;

use loginrec::audit::Severity;
use loginrec::contract::Column;
use loginrec::formats::LAYOUTS;
use loginrec::value::UnknownName;
use loginrec::{Event, FileKind, Layout, UtType};

fn round_trip<T>(values: &[T], what: &str)
where
    T: Copy + Display + FromStr<Err = UnknownName> + PartialEq + std::fmt::Debug,
{
    for value in values {
        let name = value.to_string();
        assert_eq!(name.parse::<T>(), Ok(*value));
        assert!(format!("{name} ").parse::<T>().is_err(), "{name}");
    }
    let error = "".parse::<T>().unwrap_err();
    assert_eq!(error.to_string(), format!("unknown {what}"));
}

#[test]
fn names_parse() {
    round_trip(Event::ALL, "event");
    round_trip(UtType::ALL, "type");
    round_trip(FileKind::ALL, "kind of file");
    round_trip(Severity::ALL, "severity");
    round_trip(Column::ALL, "column");
    assert_eq!("clock-old".parse(), Ok(Event::ClockOld));
    assert_eq!("USER_PROCESS".parse(), Ok(UtType::UserProcess));
    assert_eq!("btmp".parse(), Ok(FileKind::Btmp));
}

#[test]
fn layouts_parse() {
    for layout in LAYOUTS {
        assert_eq!(layout.to_string(), layout.name);
        assert_eq!(layout.name.parse::<&Layout>(), Ok(layout));
    }
    let error = "linux-glibc-385-le".parse::<&Layout>().unwrap_err();
    assert_eq!(error.to_string(), "unknown layout");
}
