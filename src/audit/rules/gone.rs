//! Rows that a login database no longer has, against those that it has.

use std::borrow::ToOwned as _;
use std::collections::{HashMap, HashSet};
use std::format;
use std::hash::{DefaultHasher, Hasher as _};
use std::string::String;
use std::vec::Vec;

use crate::entry::Entry;
use crate::layout::field::Role;
use crate::read::record::{Record, RowPlace, RowState};
use crate::value::text::Text;
use crate::value::timestamp::Timestamp;

use crate::audit::context::at;
use crate::audit::finding::{Findings, Location, Rule, Severity, Subject};

pub(in crate::audit) static ROW_DELETED: Rule = Rule {
    id: "row-deleted",
    severity: Severity::Medium,
    title: "a deleted row that is still in the files of a login database",
    meaning: "wtmpdb deletes the oldest rows only, and moves them to an archive. Rows that an \
        archive (wtmp_*.db) has are left out. Low for a row older than all others, as after a \
        rotation whose archive was not given, and in a lastlog2.db, where users can be removed \
        and renamed.",
    expected: "no deleted row but those in the archives",
    innocent: &[
        "wtmpdb rotate, whose archives are kept elsewhere",
        "an administrator who deleted rows of tests",
        "a user removed or renamed with lastlog2 -C or -r",
    ],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

pub(in crate::audit) static ROW_EDITED: Rule = Rule {
    id: "row-edited",
    severity: Severity::High,
    title: "an older version of a row with another user, host or time",
    meaning: "wtmpdb changes a row once: it sets the logout. An older version in the free space, \
        the log or the journal of the database has something else. Low if only the logout was set \
        again.",
    expected: "versions of a row that differ in the logout only, which the older one does not have",
    innocent: &["a logout written twice", "an administrator who corrected a row by hand"],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

/// Most deleted rows of a machine that are kept until all its databases were read.
const MOST: usize = 1 << 16;

/// What is compared of a row: numbers that stand for its texts.
#[derive(Clone, Copy, Debug)]
struct Version {
    login: i64,
    logout: Option<i64>,
    user: u64,
    line: u64,
    host: u64,
    service: u64,
}

/// The rows of one database.
#[derive(Debug, Default)]
pub(in crate::audit) struct Versions {
    by_rowid: HashMap<i64, Version>,
    /// The numbers of rows by login; `None` for several of one time.
    by_login: HashMap<i64, Option<i64>>,
    users: HashSet<u64>,
    lowest: Option<i64>,
    first: Option<i64>,
}

/// The rows of all databases, and the deleted ones that none is known to have.
#[derive(Debug, Default)]
pub(in crate::audit) struct Gone {
    known: HashSet<(i64, u64)>,
    deleted: Vec<Deleted>,
}

#[derive(Debug)]
struct Deleted {
    login: i64,
    user: u64,
    severity: Severity,
    location: Location,
    bytes: Vec<u8>,
    message: String,
    subject: Subject,
}

impl Versions {
    /// Takes a row that the database has.
    pub(in crate::audit) fn live(&mut self, place: &RowPlace, entry: &Entry<'_>, gone: &mut Gone) {
        let version = Version::of(entry);
        gone.known.insert((version.login, version.user));
        self.users.insert(version.user);
        if entry.ut_tv != Timestamp::ABSENT {
            self.first = Some(self.first.map_or(version.login, |first| first.min(version.login)));
        }
        let Some(rowid) = place.rowid else { return };
        self.lowest = Some(self.lowest.map_or(rowid, |lowest| lowest.min(rowid)));
        self.by_rowid.insert(rowid, version);
        self.by_login.entry(version.login).and_modify(|one| *one = None).or_insert(Some(rowid));
    }

    /// Takes a row that the database no longer has. These come after all that it has.
    pub(in crate::audit) fn gone(
        &self,
        file: u32,
        record: &Record<'_>,
        entry: &Entry<'_>,
        gone: &mut Gone,
        findings: &mut Findings,
    ) {
        let Some(place) = record.row_place() else { return };
        // A transaction that was not finished did not delete anything.
        if !matches!(place.state, RowState::Superseded | RowState::Deleted) {
            return;
        }
        let version = Version::of(entry);
        if record.layout().is_lastlog() {
            let is_known = place.lacks(Role::User) || self.users.contains(&version.user);
            if !is_known {
                let message = format!("the last login of {} was removed", told(entry));
                gone.add(Severity::Low, file, record, entry, version, message);
            }
            return;
        }
        // A row whose number is lost is known by its login, to the microsecond.
        let by_login = || {
            let exact = entry.ut_tv.tv_usec != 0;
            self.by_login.get(&version.login).copied().flatten().filter(|_| exact)
        };
        let now = place.rowid.or_else(by_login).and_then(|rowid| self.by_rowid.get(&rowid));
        if let Some(now) = now {
            let changes = version.changes(now, &place);
            let is_same_time = version.login == now.login;
            if changes.is_empty() && is_same_time {
                return;
            }
            let is_moved = changes.is_empty() || changes == ["logout"];
            if is_same_time || is_moved {
                let severity = match is_same_time && is_moved {
                    true => Severity::Low,
                    false => ROW_EDITED.severity,
                };
                let what = if is_same_time { changes.join(" and ") } else { "login".to_owned() };
                let message = format!(
                    "an older version of the row is {}: consistent with the {what} having been \
                     changed",
                    told(entry)
                );
                let (location, bytes) = (location(file, record, entry), record.bytes());
                let subject = Some(subject(entry));
                return findings.add_about(
                    &ROW_EDITED,
                    severity,
                    location,
                    bytes,
                    message,
                    subject,
                );
            }
            // The number was given again.
        }
        let is_oldest = match (place.rowid, self.lowest, self.first) {
            (Some(rowid), Some(lowest), _) => rowid < lowest,
            (None, _, Some(first)) => version.login < first,
            _ => false,
        };
        let severity = if is_oldest { Severity::Low } else { ROW_DELETED.severity };
        let why = match is_oldest {
            true => "consistent with a rotation whose archive was not given, or with a deletion",
            false => "consistent with the row having been deleted",
        };
        let message = format!("{}: {why}", told(entry));
        gone.add(severity, file, record, entry, version, message);
    }
}

impl Gone {
    fn add(
        &mut self,
        severity: Severity,
        file: u32,
        record: &Record<'_>,
        entry: &Entry<'_>,
        version: Version,
        message: String,
    ) {
        if self.deleted.len() < MOST {
            let Version { login, user, .. } = version;
            let (location, bytes) = (location(file, record, entry), record.bytes().to_owned());
            let subject = subject(entry);
            self.deleted.push(Deleted { login, user, severity, location, bytes, message, subject });
        }
    }

    /// Reports the deleted rows that no database has.
    pub(in crate::audit) fn end(self, findings: &mut Findings) {
        let mut told: HashSet<(i64, u64)> = self.known;
        for row in self.deleted {
            // Several versions of a row are one.
            if told.insert((row.login, row.user)) {
                let Deleted { severity, location, bytes, message, subject, .. } = row;
                let subject = Some(subject);
                findings.add_about(&ROW_DELETED, severity, location, &bytes, message, subject);
            }
        }
    }
}

impl Version {
    fn of(entry: &Entry<'_>) -> Version {
        let service = entry.service.unwrap_or_default();
        Version {
            login: micros(entry.ut_tv),
            logout: entry.logout.map(micros),
            user: digest(entry.ut_user),
            line: digest(entry.ut_line),
            host: digest(entry.ut_host),
            service: digest(service),
        }
    }

    /// Returns what of this older version is not in the later one. Lost columns say nothing.
    fn changes(&self, now: &Version, place: &RowPlace) -> Vec<&'static str> {
        let is_reset = self.logout.is_some() && self.logout != now.logout;
        let all = [
            (Role::User, "user", self.user != now.user),
            (Role::Line, "terminal", self.line != now.line),
            (Role::Host, "host", self.host != now.host),
            (Role::Service, "service", self.service != now.service),
            (Role::Logout, "logout", is_reset),
        ];
        let changed = all.into_iter().filter(|(role, _, differs)| *differs && !place.lacks(*role));
        changed.map(|(_, name, _)| name).collect()
    }
}

fn micros(time: Timestamp) -> i64 {
    time.tv_sec.saturating_mul(1_000_000).saturating_add(time.tv_usec)
}

fn digest(text: Text<'_>) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(text.raw());
    hasher.finish()
}

fn location(file: u32, record: &Record<'_>, entry: &Entry<'_>) -> Location {
    let time = Some(entry.ut_tv).filter(|time| *time != Timestamp::ABSENT);
    Location { file, index: Some(record.index()), offset: record.offset(), time }
}

fn subject(entry: &Entry<'_>) -> Subject {
    let text = |text: Text<'_>| Some(text.as_bytes().to_owned());
    let (user, line) = (text(entry.ut_user), text(entry.ut_line));
    Subject { user, line, host: text(entry.ut_host) }
}

/// The row in words.
fn told(entry: &Entry<'_>) -> String {
    let host = match entry.ut_host.is_empty() {
        true => String::new(),
        false => format!(" from {}", entry.ut_host),
    };
    format!("{} on {}{host} at {}", entry.ut_user, entry.ut_line, at(entry.ut_tv))
}
