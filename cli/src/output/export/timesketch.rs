//! Rows for Timesketch. `hostname` is the machine, as its analyzers expect.

use loginrec::Timestamp;
use loginrec::contract::Column;
use serde_json::{Map, Value};

use crate::output::export::collected::Collected;
use crate::output::export::json;
use crate::output::export::kind::{Kind, message, micros};
use crate::output::export::mapping::{event_named, put_fields};

pub(super) fn object(row: &Collected, kind: Kind, time: Timestamp) -> Map<String, Value> {
    let mut object = Map::new();
    put_fields(&mut object, row, |field| field.timesketch);
    let mut put = |key: &str, value: Value| json::put(&mut object, key, value);
    put("message", message(row, kind).into());
    put("datetime", with_offset(time).into());
    put("timestamp", micros(time).into());
    match kind {
        Kind::Event => {
            let event = row.text(Column::Event).unwrap_or_default();
            let named = event_named(event);
            put("data_type", "loginrec:record".into());
            put("event_type", event.into());
            put("timestamp_desc", named.time.into());
            if !named.tag.is_empty() {
                put("tag[]", named.tag.into());
            }
        }
        Kind::Session => {
            put("data_type", "loginrec:session".into());
            put("timestamp_desc", "Login Time".into());
            put("tag[]", "session".into());
            if let Some(end) = row.time(Column::Logout) {
                put("session_end", end.to_string().into());
            }
        }
        Kind::Finding => {
            put("data_type", "loginrec:finding".into());
            put("timestamp_desc", "Time of the record, or of the one before".into());
            put("tag[]", format!("loginrec-{}", row.text(Column::Severity).unwrap_or("")).into());
            if let Some(technique) = row.text(Column::Technique) {
                put("tag[]", technique.into());
            }
        }
    }
    object
}

/// Returns a time with the offset in digits.
fn with_offset(time: Timestamp) -> String {
    let time = time.to_string();
    format!("{}+00:00", time.trim_end_matches('Z'))
}
