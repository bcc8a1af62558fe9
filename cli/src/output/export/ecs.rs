//! Rows in the Elastic Common Schema, with the values that Auditbeat has for logins.

use loginrec::Timestamp;
use loginrec::contract::Column;
use loginrec::formats::by_name;
use serde_json::{Map, Value};

use crate::output::export::collected::Collected;
use crate::output::export::json;
use crate::output::export::kind::{Kind, message, micros};
use crate::output::export::mapping::{AUTHENTICATION, SEVERITIES, event_named, put_fields};

/// The version of the schema.
const VERSION: &str = "9.4.0";
/// Values of `host.os.type` that are names of systems. Every other system here is a Unix.
const SYSTEMS: [&str; 2] = ["linux", "macos"];

pub(super) fn object(row: &Collected, kind: Kind, time: Timestamp) -> Map<String, Value> {
    let mut object = Map::new();
    let named = event_named(row.text(Column::Event).unwrap_or_default());
    // Only who logs in is a user, and only where that is from is a source: the record of a boot has
    // `reboot` and the kernel there.
    let is_login = kind != Kind::Event || named.ecs.first() == Some(&AUTHENTICATION);
    let host = row.text(Column::Host).filter(|host| Some(*host) != row.text(Column::Addr));
    put_fields(&mut object, row, |field| match field.column {
        Column::User | Column::Addr if !is_login => &[],
        Column::Host if !is_login || host.is_none() => &[],
        _ => field.ecs,
    });
    let mut put = |key: &str, value: Value| json::put(&mut object, key, value);
    // Identifiers are keywords.
    if let Some(uid) = row.value(Column::Uid) {
        put("user.id", uid.to_string().into());
    }
    put("@timestamp", time.to_string().into());
    put("ecs.version", VERSION.into());
    put("message", message(row, kind).into());
    put("event.module", "loginrec".into());
    if let Some(layout) = row.text(Column::Layout).and_then(by_name) {
        let system = layout.platform.system.to_ascii_lowercase();
        let system = SYSTEMS.into_iter().find(|known| *known == system);
        put("host.os.type", system.unwrap_or("unix").into());
    }
    match kind {
        Kind::Event => {
            let [category, kind, action, outcome] = named.ecs;
            put("event.kind", "event".into());
            put("event.dataset", "loginrec.timeline".into());
            put("event.category[]", category.into());
            put("event.type[]", kind.into());
            put("event.action", action.into());
            if !outcome.is_empty() {
                put("event.outcome", outcome.into());
            }
        }
        Kind::Session => {
            put("event.kind", "event".into());
            put("event.dataset", "loginrec.sessions".into());
            put("event.category[]", "session".into());
            put("event.type[]", "info".into());
            put("event.action", "session".into());
            put("event.start", time.to_string().into());
            if let Some(end) = row.time(Column::Logout) {
                let length = micros(end).saturating_sub(micros(time)).max(0);
                put("event.end", end.to_string().into());
                put("event.duration", length.saturating_mul(1000).into());
            }
        }
        Kind::Finding => {
            let severity = row.text(Column::Severity).unwrap_or_default();
            let severity = SEVERITIES.iter().find(|(name, ..)| *name == severity);
            put("event.kind", "alert".into());
            put("event.dataset", "loginrec.audit".into());
            put("event.category[]", "file".into());
            put("event.type[]", "change".into());
            put("event.severity", severity.map_or(0, |(_, number, ..)| *number).into());
            if let Some(technique) = row.text(Column::Technique) {
                let (whole, part) = technique.split_once('.').unwrap_or((technique, ""));
                put("threat.framework", "MITRE ATT&CK".into());
                put("threat.technique.id[]", whole.into());
                if !part.is_empty() {
                    put("threat.technique.subtechnique.id[]", technique.into());
                }
            }
        }
    }
    object
}
