//! The kinds of rows that the standards have a place for, and a row of each in words.

use loginrec::Timestamp;
use loginrec::contract::Column;
use serde_json::Value;

use crate::output::export::collected::Collected;

/// The kinds of rows that have a place in the standards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Event,
    Session,
    Finding,
}

impl Kind {
    /// The kind of rows that have these columns.
    pub(super) fn of(columns: &[Column]) -> Kind {
        match (columns.contains(&Column::Rule), columns.contains(&Column::Login)) {
            (true, _) => Kind::Finding,
            (_, true) => Kind::Session,
            _ => Kind::Event,
        }
    }

    /// The column with the time of a row.
    pub(super) fn time(self) -> Column {
        if self == Kind::Session { Column::Login } else { Column::Time }
    }
}

/// Returns the microseconds since 1970.
pub(super) fn micros(time: Timestamp) -> i64 {
    time.tv_sec.saturating_mul(1_000_000).saturating_add(time.tv_usec)
}

/// Returns the row in words.
pub(super) fn message(row: &Collected, kind: Kind) -> String {
    let text = |column| row.text(column);
    let user = || match (text(Column::User), row.value(Column::Uid)) {
        (Some(user), _) => user.to_owned(),
        (None, Some(uid)) => format!("uid {uid}"),
        (None, None) => "(nobody)".to_owned(),
    };
    let on = text(Column::Line).map(|line| format!(" on {line}")).unwrap_or_default();
    let from = text(Column::Host).or(text(Column::Addr));
    let from = from.map(|host| format!(" from {host}")).unwrap_or_default();
    match kind {
        Kind::Finding => {
            let [severity, title, words] = [Column::Severity, Column::Title, Column::Message]
                .map(|column| text(column).unwrap_or_default());
            format!("[{severity}] {title}: {words}")
        }
        Kind::Session => {
            let seconds = row.value(Column::Seconds).map(Value::to_string).unwrap_or_default();
            let end = match text(Column::How) {
                Some("open") | None => "open".to_owned(),
                Some(how) => format!("ended by {how}"),
            };
            format!("Session of {}{on}{from}: {seconds} s, {end}", user())
        }
        Kind::Event => match text(Column::Event).unwrap_or_default() {
            "login" => format!("{} logged in{on}{from}", user()),
            "logout" => match text(Column::User) {
                Some(user) => format!("{user} logged out{on}{from}"),
                None => format!("Logout{on}"),
            },
            "failed-login" => format!("Failed login of {}{on}{from}", user()),
            "last-login" => format!("Last login of {}{on}{from}", user()),
            "boot" => match text(Column::Host) {
                Some(kernel) => format!("System boot ({kernel})"),
                None => "System boot".to_owned(),
            },
            "shutdown" => "System shutdown".to_owned(),
            event => match text(Column::User) {
                Some(user) => format!("{event}{on} {user}"),
                None => format!("{event}{on}"),
            },
        },
    }
}
