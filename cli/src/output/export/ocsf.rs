//! Rows as events of OCSF: Authentication (3002) and Detection Finding (2004).

use loginrec::Timestamp;
use loginrec::contract::Column;
use serde_json::{Map, Value};

use crate::output::export::collected::Collected;
use crate::output::export::json;
use crate::output::export::kind::{Kind, message, micros};
use crate::output::export::mapping::{SEVERITIES, event_named, put_fields};

/// The version of the schema.
const VERSION: &str = "1.8.0";

/// Returns the event; `None` if OCSF has no class for it, such as for boots.
pub(super) fn object(row: &Collected, kind: Kind, time: Timestamp) -> Option<Map<String, Value>> {
    let mut object = Map::new();
    let is_address = row.text(Column::Host) == row.text(Column::Addr);
    put_fields(&mut object, row, |field| match field.column {
        Column::Host if is_address => &[],
        // A finding has them as evidence.
        Column::User | Column::Host if kind == Kind::Finding => &[],
        _ => field.ocsf,
    });
    match kind {
        Kind::Event => {
            let named = event_named(row.text(Column::Event).unwrap_or_default());
            let [activity, status] = named.ocsf?;
            authentication(&mut object, row, activity, status);
            let login = row.place(Column::LoginFile, Column::LoginOffset);
            let own = row.place(Column::File, Column::Offset);
            if let Some(uid) = login.or(own.filter(|_| activity == 1 && status == 1)) {
                json::put(&mut object, "session.uid", uid);
            }
        }
        Kind::Session => {
            authentication(&mut object, row, 1, 1);
            if let Some(uid) = row.place(Column::File, Column::Offset) {
                json::put(&mut object, "session.uid", uid);
            }
            json::put(&mut object, "session.created_time", millis(time));
            json::put(&mut object, "start_time", millis(time));
            if let Some(end) = row.time(Column::Logout) {
                json::put(&mut object, "end_time", millis(end));
                json::put(&mut object, "duration", millis(end).saturating_sub(millis(time)).max(0));
            }
        }
        Kind::Finding => finding(&mut object, row),
    }
    let mut put = |key: &str, value: Value| json::put(&mut object, key, value);
    put("time", millis(time).into());
    put("message", message(row, kind).into());
    put("metadata.version", VERSION.into());
    put("metadata.original_time", time.to_string().into());
    put("metadata.product.name", "loginrec".into());
    put("metadata.product.vendor_name", "loginrec".into());
    put("metadata.product.version", env!("CARGO_PKG_VERSION").into());
    if let Some(file) = row.text(Column::File) {
        put("metadata.log_name", file.rsplit('/').next().unwrap_or(file).into());
    }
    Some(object)
}

fn authentication(object: &mut Map<String, Value>, row: &Collected, activity: u8, status: u8) {
    let mut put = |key: &str, value: Value| json::put(object, key, value);
    put("activity_id", activity.into());
    put("activity_name", if activity == 1 { "Logon" } else { "Logoff" }.into());
    put("category_uid", 3.into());
    put("category_name", "Identity & Access Management".into());
    put("class_uid", 3002.into());
    put("class_name", "Authentication".into());
    put("type_uid", (300_200 + u32::from(activity)).into());
    put("severity_id", 1.into());
    put("severity", "Informational".into());
    put("status_id", status.into());
    put("status", if status == 1 { "Success" } else { "Failure" }.into());
    if let Some(uid) = row.value(Column::Uid) {
        put("user.uid", uid.to_string().into());
    } else if row.text(Column::User).is_none() {
        put("user.name", "(none)".into());
    }
    put(machine_key("dst_endpoint", row), row.text(Column::Machine).unwrap_or("unknown").into());
    if row.text(Column::Addr).is_some() {
        put("is_remote", true.into());
    }
    if let Some(line) = row.text(Column::Line) {
        put("session.terminal", line.into());
    }
    if let Some(uid) = row.place(Column::File, Column::Offset) {
        put("metadata.uid", uid.into());
    }
}

/// Returns the key for the machine's name. A host name of OCSF has letters, digits, hyphens and
/// dots only.
fn machine_key(endpoint: &str, row: &Collected) -> &'static str {
    let is_name = |name: &str| {
        name.split('.').all(|label| {
            let is_plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
            (1..=63).contains(&label.len())
                && label.bytes().all(is_plain)
                && !label.starts_with('-')
                && !label.ends_with('-')
        })
    };
    match (endpoint, row.text(Column::Machine).is_some_and(is_name)) {
        ("device", true) => "device.hostname",
        ("device", false) => "device.name",
        (_, true) => "dst_endpoint.hostname",
        (_, false) => "dst_endpoint.name",
    }
}

fn finding(object: &mut Map<String, Value>, row: &Collected) {
    let text = |column| row.text(column).unwrap_or_default();
    let severity = SEVERITIES.iter().find(|(name, ..)| *name == text(Column::Severity));
    let (_, _, id, words) = severity.copied().unwrap_or(("", 0, 0, "Unknown"));
    let place = row.place(Column::File, Column::Offset).unwrap_or_default();
    let uid = format!("{place}:{}", text(Column::Rule));
    let mut put = |key: &str, value: Value| json::put(object, key, value);
    put("activity_id", 1.into());
    put("activity_name", "Create".into());
    put("category_uid", 2.into());
    put("category_name", "Findings".into());
    put("class_uid", 2004.into());
    put("class_name", "Detection Finding".into());
    put("type_uid", 200_401.into());
    put("severity_id", id.into());
    put("severity", words.into());
    put("status_id", 1.into());
    put("status", "New".into());
    put("finding_info.uid", uid.clone().into());
    put("metadata.uid", uid.into());
    put("finding_info.analytic.uid", text(Column::Rule).into());
    put("finding_info.analytic.type_id", 1.into());
    if let Some(technique) = row.text(Column::Technique) {
        let (whole, part) = technique.split_once('.').unwrap_or((technique, ""));
        let mut attack = Map::new();
        json::put(&mut attack, "technique.uid", whole);
        if !part.is_empty() {
            json::put(&mut attack, "sub_technique.uid", technique);
        }
        put("finding_info.attacks[]", attack.into());
    }
    let file = text(Column::File);
    let mut evidence = Map::new();
    json::put(&mut evidence, "file.name", file.rsplit('/').next().unwrap_or(file));
    json::put(&mut evidence, "file.path", file);
    json::put(&mut evidence, "file.type_id", 1);
    if let Some(user) = row.text(Column::User) {
        json::put(&mut evidence, "actor.user.name", user);
    }
    if let Some(host) = row.text(Column::Host) {
        json::put(&mut evidence, "src_endpoint.name", host);
    }
    put("evidences[]", evidence.into());
    if let Some(machine) = row.text(Column::Machine) {
        put(machine_key("device", row), machine.into());
        put("device.type_id", 0.into());
    }
}

/// Returns the milliseconds since 1970.
fn millis(time: Timestamp) -> i64 {
    micros(time).div_euclid(1000)
}
