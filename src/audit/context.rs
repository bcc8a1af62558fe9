//! One record as the rules see it.

use std::borrow::ToOwned as _;
use std::string::String;

use crate::entry::Entry;
use crate::layout::Layout;
use crate::layout::field::{Field, Role};
use crate::read::record::Record;
use crate::value::event::Event;
use crate::value::file_kind::FileKind;
use crate::value::text::Text;
use crate::value::timestamp::Timestamp;

use crate::audit::finding::{Findings, Location, Rule, Severity, Subject};

/// One record, decoded once for all rules.
#[derive(Debug)]
pub(super) struct RecordContext<'s> {
    pub(super) file: u32,
    pub(super) kind: Option<FileKind>,
    pub(super) record: &'s Record<'s>,
    pub(super) layout: &'static Layout,
    pub(super) entry: Entry<'s>,
    pub(super) event: Event,
}

impl<'s> RecordContext<'s> {
    /// Returns whether records are only ever appended to such a file.
    pub(super) fn is_history(&self) -> bool {
        matches!(self.kind, Some(FileKind::Wtmp | FileKind::Btmp))
    }

    pub(super) fn time(&self) -> Timestamp {
        self.entry.ut_tv
    }

    pub(super) fn sec(&self) -> i64 {
        self.entry.ut_tv.tv_sec
    }

    /// Returns where the record is.
    pub(super) fn location(&self) -> Location {
        Location {
            file: self.file,
            index: Some(self.record.index()),
            offset: self.record.offset().saturating_add(self.prefix()),
            time: Some(self.time()).filter(|time| *time != Timestamp::default()),
        }
    }

    /// Returns whom the record concerns, if it is a login or logout.
    fn subject(&self) -> Option<Subject> {
        let is_login = matches!(self.event, Event::Login | Event::Logout | Event::FailedLogin);
        if !is_login && !self.layout.is_lastlog() {
            return None;
        }
        let entry = &self.entry;
        let text = |role, text: Text<'_>| self.layout.has(role).then(|| text.as_bytes().to_owned());
        Some(Subject {
            user: text(Role::User, entry.ut_user),
            line: text(Role::Line, entry.ut_line),
            host: text(Role::Host, entry.ut_host),
        })
    }

    /// Returns the length of the bytes before the record that are not part of it.
    fn prefix(&self) -> u64 {
        self.layout.container.access().prefix_len() as u64
    }

    /// Returns a finding about the whole record.
    pub(super) fn find(
        &self,
        findings: &mut Findings,
        rule: &'static Rule,
        severity: Severity,
        message: String,
    ) {
        let (location, bytes) = (self.location(), self.record.bytes());
        findings.add_about(rule, severity, location, bytes, message, self.subject());
    }

    /// Returns a finding about one field.
    pub(super) fn find_field(
        &self,
        findings: &mut Findings,
        field: &Field,
        rule: &'static Rule,
        severity: Severity,
        message: String,
    ) {
        let location = self.location();
        let offset = location.offset.saturating_add(field.offset as u64);
        let bytes = field.of_record(self.record.bytes());
        let location = Location { offset, ..location };
        findings.add_about(rule, severity, location, bytes, message, self.subject());
    }

    /// Returns a finding about the field with this role, or about the record if it has none.
    pub(super) fn find_role(
        &self,
        findings: &mut Findings,
        role: Role,
        rule: &'static Rule,
        severity: Severity,
        message: String,
    ) {
        match self.layout.field(role).or_else(|| self.layout.field(Role::Micros)) {
            Some(field) => self.find_field(findings, field, rule, severity, message),
            None => self.find(findings, rule, severity, message),
        }
    }
}

/// Formats a time without fractions of a second, for messages.
pub(super) fn at(time: Timestamp) -> String {
    use std::string::ToString as _;
    let shown = Timestamp { tv_usec: 0, ..time }.to_string();
    match shown.split_once(".000000") {
        Some((whole, _)) => std::format!("{whole}Z"),
        None => shown,
    }
}

/// Formats a number of seconds in words.
pub(super) fn span(seconds: i64) -> String {
    let seconds = seconds.unsigned_abs();
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    match (days, rest / 3600, rest / 60, rest) {
        (0, 0, 0, seconds) => std::format!("{seconds} s"),
        (0, 0, minutes, _) => std::format!("{minutes} min"),
        (0, hours, ..) => std::format!("{hours} h"),
        (days, ..) => std::format!("{days} days"),
    }
}

/// Returns whether a line is a pseudo-terminal: opened for one session, and logged only by the
/// program that opened it.
pub(super) fn is_pty(line: &[u8]) -> bool {
    match line {
        [b'p', b't', b's', b'/', digit, ..] => digit.is_ascii_digit(),
        // Later letters are consoles and serial lines on FreeBSD.
        [b't', b't', b'y', b'p'..=b't', _, ..] => true,
        _ => false,
    }
}
