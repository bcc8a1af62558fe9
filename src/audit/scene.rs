//! One record as the rules see it.

use std::string::String;

use crate::dialect::{Event, FileKind, Rules};
use crate::entry::Entry;
use crate::field::{Field, Role};
use crate::frame::Framing;
use crate::layout::Layout;
use crate::record::Record;
use crate::timestamp::Timestamp;

use super::rule::{Findings, Rule, Severity, Spot};

/// One record, decoded once for all rules.
#[derive(Debug)]
pub(super) struct Scene<'s> {
    pub(super) file: u32,
    pub(super) kind: Option<FileKind>,
    pub(super) record: &'s Record<'s>,
    pub(super) layout: &'static Layout,
    pub(super) entry: Entry<'s>,
    pub(super) event: Event,
}

impl<'s> Scene<'s> {
    /// Whether records are only ever appended to such a file.
    pub(super) fn is_history(&self) -> bool {
        matches!(self.kind, Some(FileKind::Wtmp | FileKind::Btmp))
    }

    pub(super) fn is_linux(&self) -> bool {
        self.layout.dialect.rules == Rules::Linux && self.layout.dialect.system == "Linux"
    }

    /// FreeBSD's own form, in which one library call writes all files.
    pub(super) fn is_futx(&self) -> bool {
        self.layout.field(Role::Micros).is_some()
    }

    pub(super) fn time(&self) -> Timestamp {
        self.entry.ut_tv
    }

    pub(super) fn sec(&self) -> i64 {
        self.entry.ut_tv.tv_sec
    }

    /// Where the record is.
    pub(super) fn spot(&self) -> Spot {
        Spot {
            file: self.file,
            index: Some(self.record.index()),
            offset: self.record.offset().saturating_add(self.prefix()),
        }
    }

    /// The bytes in front of the record that are not part of it.
    fn prefix(&self) -> u64 {
        if self.layout.framing == Framing::LengthPrefixed { 2 } else { 0 }
    }

    /// A finding about the whole record.
    pub(super) fn find(
        &self,
        out: &mut Findings,
        rule: &'static Rule,
        severity: Severity,
        message: String,
    ) {
        out.add(rule, severity, self.spot(), self.record.bytes(), message);
    }

    /// A finding about one field.
    pub(super) fn find_field(
        &self,
        out: &mut Findings,
        field: &Field,
        rule: &'static Rule,
        severity: Severity,
        message: String,
    ) {
        let spot = self.spot();
        let offset = spot.offset.saturating_add(field.offset as u64);
        let bytes = field.of_record(self.record.bytes());
        out.add(rule, severity, Spot { offset, ..spot }, bytes, message);
    }

    /// As [`Scene::find_field`] for the field with a role; about the record if none has it.
    pub(super) fn find_role(
        &self,
        out: &mut Findings,
        role: Role,
        rule: &'static Rule,
        severity: Severity,
        message: String,
    ) {
        match self.layout.field(role).or_else(|| self.layout.field(Role::Micros)) {
            Some(field) => self.find_field(out, field, rule, severity, message),
            None => self.find(out, rule, severity, message),
        }
    }
}

/// A time without parts of a second, as messages have it.
pub(super) fn at(time: Timestamp) -> String {
    use std::string::ToString as _;
    let shown = Timestamp { tv_usec: 0, ..time }.to_string();
    match shown.split_once(".000000") {
        Some((whole, _)) => std::format!("{whole}Z"),
        None => shown,
    }
}

/// A number of seconds in words.
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

/// A pseudo-terminal: opened for one session, by nobody but the program that logs it.
pub(super) fn is_pty(line: &[u8]) -> bool {
    match line {
        [b'p', b't', b's', b'/', digit, ..] => digit.is_ascii_digit(),
        // Later letters are consoles and serial lines on FreeBSD.
        [b't', b't', b'y', b'p'..=b't', _, ..] => true,
        _ => false,
    }
}
