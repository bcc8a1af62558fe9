//! When files were modified, against their newest records.

use std::format;
use std::vec::Vec;

use crate::value::file_kind::FileKind;
use crate::value::timestamp::Timestamp;

use crate::audit::context::at;
use crate::audit::file_info::FileInfo;
use crate::audit::finding::{Findings, Location, Rule, Severity};

/// Seconds between a record and the write of it.
const AT_ONCE: i64 = 60;
/// Files of one machine that are compared.
const MOST: usize = 4096;

pub(in crate::audit) static MTIME_AFTER_RECORDS: Rule = Rule {
    id: "mtime-after-records",
    severity: Severity::Low,
    title: "a history that was modified after its newest record",
    meaning: "Consistent with records that were cut from the end, or changed in place. Applies \
        where another file of the machine has the time of its newest record, so that times were \
        kept.",
    expected: "the modification time of the newest record",
    innocent: &[
        "a file that was restored or touched after its last record",
        "a clock that was behind when the record was written, or was corrected since",
        "a program that opens the file for writing and adds nothing",
    ],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

pub(in crate::audit) static LASTLOG_MTIME: Rule = Rule {
    id: "lastlog-mtime",
    severity: Severity::Low,
    title: "a lastlog that was last modified before its newest slot",
    meaning: "Consistent with a modification time set back, or with a slot from the future. \
        Applies where another file of the machine has the time of its newest record, so that \
        times were kept.",
    expected: "a modification time not before the newest slot",
    innocent: &[
        "a copy that was given another modification time",
        "a clock that was ahead when the slot was written",
    ],
    technique: Some("T1070.006"),
    ..Rule::NEW
};

/// A file with a modification time.
#[derive(Clone, Copy, Debug)]
struct Written {
    is_lastlog: bool,
    newest: Timestamp,
    location: Location,
    modified: i64,
}

impl Written {
    /// Returns the seconds from the newest record to the modification.
    fn later(&self) -> i64 {
        self.modified.saturating_sub(self.newest.tv_sec)
    }

    fn is_kept(&self) -> bool {
        self.later().abs() <= AT_ONCE
    }
}

/// The files of a machine.
#[derive(Debug, Default)]
pub(in crate::audit) struct Modified {
    files: Vec<Written>,
}

impl Modified {
    /// Takes a file that has ended, with its newest record.
    pub(in crate::audit) fn ended(
        &mut self,
        about: &FileInfo,
        newest: Option<(Timestamp, Location)>,
    ) {
        let is_lastlog = about.layout.is_some_and(|layout| layout.is_lastlog());
        let is_history = matches!(about.kind, Some(FileKind::Wtmp | FileKind::Btmp));
        // Databases are rewritten when they are opened, and utmps with each change.
        let is_array = about.layout.is_some_and(|layout| layout.container.is_array());
        let (Some((newest, location)), Some(modified)) = (newest, about.modified) else { return };
        if (is_lastlog || is_history) && is_array && newest.tv_sec > 0 && self.files.len() < MOST {
            self.files.push(Written { is_lastlog, newest, location, modified });
        }
    }

    pub(in crate::audit) fn end(&self, findings: &mut Findings) {
        if !self.files.iter().any(Written::is_kept) {
            return;
        }
        for file in &self.files {
            let modified = at(Timestamp { tv_sec: file.modified, tv_usec: 0 });
            let newest = at(file.newest);
            let (rule, message) = match (file.is_lastlog, file.later()) {
                (true, later) if later < -AT_ONCE => (
                    &LASTLOG_MTIME,
                    format!(
                        "the newest slot is from {newest}, the file was last modified {modified}"
                    ),
                ),
                (false, later) if later > AT_ONCE => (
                    &MTIME_AFTER_RECORDS,
                    format!(
                        "the file was last modified {modified}, its newest record is from {newest}"
                    ),
                ),
                _ => continue,
            };
            findings.add(rule, rule.severity, file.location, &[], message);
        }
    }
}
