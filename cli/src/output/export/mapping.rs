//! The one table of where each column goes in Timesketch, ECS and OCSF, and of what each event is
//! called there.

use loginrec::contract::Column;
use serde_json::{Map, Value};

use crate::output::export::collected::Collected;
use crate::output::export::json;

/// Where a column goes: paths of keys, separated by dots. A path that ends in `[]` is a list.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) column: Column,
    pub(super) timesketch: &'static [&'static str],
    pub(super) ecs: &'static [&'static str],
    pub(super) ocsf: &'static [&'static str],
}

macro_rules! fields {
    ($($column:ident [$($timesketch:literal)*] [$($ecs:literal)*] [$($ocsf:literal)*];)*) => {
        pub(super) const FIELDS: &[Field] = &[$(Field {
            column: Column::$column,
            timesketch: &[$($timesketch),*],
            ecs: &[$($ecs),*],
            ocsf: &[$($ocsf),*],
        },)*];
    };
}

// A name of the remote host may be anything, such as `:0`; OCSF's `hostname` may not.
fields! {
    Machine ["hostname" "computer_name"] ["host.name" "host.hostname" "host.id"] [];
    Source ["source_archive"] ["loginrec.source"] ["unmapped.source"];
    File ["source_file"] ["log.file.path"] ["unmapped.file"];
    Offset ["source_offset"] ["loginrec.offset"] ["unmapped.offset"];
    Index ["source_index"] ["loginrec.index"] ["unmapped.index"];
    Layout ["layout"] ["event.provider"] ["unmapped.layout"];
    User ["username"] ["user.name" "related.user[]"] ["user.name"];
    Uid ["uid"] ["user.id"] ["user.uid"];
    Line ["terminal"] ["loginrec.line"] ["unmapped.line"];
    Host ["remote_host"] ["source.domain"] ["src_endpoint.name"];
    Addr ["ip_address"] ["source.ip" "related.ip[]"] ["src_endpoint.ip"];
    Pid ["pid"] ["process.pid"] ["unmapped.pid"];
    Session ["session_id"] ["loginrec.session"] ["unmapped.session"];
    Service ["service"] ["loginrec.service"] ["service.name"];
    Count ["failure_count"] ["loginrec.count"] ["unmapped.count"];
    LoginFile ["login_file"] ["loginrec.login_file"] ["unmapped.login_file"];
    LoginOffset ["login_offset"] ["loginrec.login_offset"] ["unmapped.login_offset"];
    Seconds ["session_seconds"] [] [];
    How ["session_end_reason"] ["event.reason"] ["status_detail"];
    Disputed ["session_disputed"] ["loginrec.disputed"] ["unmapped.disputed"];
    LogoutFile ["logout_file"] ["loginrec.logout_file"] ["unmapped.logout_file"];
    LogoutOffset ["logout_offset"] ["loginrec.logout_offset"] ["unmapped.logout_offset"];
    Rule ["rule"] ["rule.id" "event.action"] [];
    Severity ["severity"] ["loginrec.severity"] [];
    Title ["title"] ["rule.name"] ["finding_info.title"];
    Expected ["expected"] ["rule.description"] ["finding_info.desc"];
    Innocent ["innocent"] ["loginrec.innocent"] ["unmapped.innocent"];
    Bytes ["bytes"] ["loginrec.bytes"] ["unmapped.bytes"];
    Technique ["technique"] [] [];
    More ["more"] ["loginrec.more"] ["unmapped.more"];
}

/// Puts the columns where the table says.
pub(super) fn put_fields(
    object: &mut Map<String, Value>,
    row: &Collected,
    paths: impl Fn(&Field) -> &'static [&'static str],
) {
    for field in FIELDS {
        let Some(value) = row.value(field.column) else { continue };
        for path in paths(field) {
            json::put(object, path, value.clone());
        }
    }
}

/// What an event is called.
#[derive(Debug)]
pub(super) struct Named {
    /// The event of a timeline.
    pub(super) event: &'static str,
    /// Timesketch: what the time is, and the tag.
    pub(super) time: &'static str,
    pub(super) tag: &'static str,
    /// ECS: `event.category`, `event.type`, `event.action`, `event.outcome`.
    pub(super) ecs: [&'static str; 4],
    /// OCSF, class Authentication: `activity_id` and `status_id`. Other events have no class.
    pub(super) ocsf: Option<[u8; 2]>,
}

const fn named(
    event: &'static str,
    time: &'static str,
    tag: &'static str,
    ecs: [&'static str; 4],
    ocsf: Option<[u8; 2]>,
) -> Named {
    Named { event, time, tag, ecs, ocsf }
}

pub(super) const AUTHENTICATION: &str = "authentication";

/// The actions are those of Auditbeat, which reads the same files on a running Linux.
pub(super) const EVENTS: &[Named] = &[
    named(
        "login",
        "Login Time",
        "login",
        [AUTHENTICATION, "start", "user_login", "success"],
        Some([1, 1]),
    ),
    named(
        "failed-login",
        "Failed Login Time",
        "login-failed",
        [AUTHENTICATION, "start", "user_login", "failure"],
        Some([1, 2]),
    ),
    named(
        "logout",
        "Logout Time",
        "logout",
        [AUTHENTICATION, "end", "user_logout", ""],
        Some([2, 1]),
    ),
    named(
        "last-login",
        "Last Login Time",
        "",
        [AUTHENTICATION, "info", "last_login", "success"],
        None,
    ),
    named("boot", "Boot Time", "", ["host", "start", "boot", ""], None),
    named("shutdown", "Shutdown Time", "", ["host", "end", "shutdown", ""], None),
    named("run-level", "Run Level Change Time", "", ["host", "change", "run_level", ""], None),
    named("clock-old", "Clock Change Time (old)", "", ["host", "change", "clock_old", ""], None),
    named("clock-new", "Clock Change Time (new)", "", ["host", "change", "clock_new", ""], None),
];

/// Any other event, such as a prompt.
pub(super) const OTHER: Named =
    named("", "Recorded Time", "", ["host", "info", "record", ""], None);

pub(super) fn event_named(event: &str) -> &'static Named {
    EVENTS.iter().find(|named| named.event == event).unwrap_or(&OTHER)
}

/// A severity: its name, `event.severity` of ECS as Elastic's rules have it, `severity_id` and
/// `severity` of OCSF.
pub(super) const SEVERITIES: &[(&str, u8, u8, &str)] = &[
    ("info", 0, 1, "Informational"),
    ("low", 21, 2, "Low"),
    ("medium", 47, 3, "Medium"),
    ("high", 73, 4, "High"),
];
