//! The change counter of a database counts its writes: one for the table, one for each login, one
//! for each logout. Rows that are gone have left their number there.

use std::format;
use std::vec::Vec;

use crate::audit::finding::{Findings, Location, Rule, Severity};
use crate::audit::rules::database::Tally;
use crate::container::sqlite::facts::Facts;

/// Where the header has the counter.
const COUNTER: u64 = 24;
/// Writes without explanation that are more than a slip.
const MANY: i64 = 10;

pub(in crate::audit) static WRITES_UNEXPLAINED: Rule = Rule {
    id: "writes-unexplained",
    severity: Severity::Medium,
    title: "a login database that was written more often than its rows say",
    meaning: "Consistent with rows deleted or edited: the change counter of the header is 1, plus \
        1 for each login, plus 1 for each logout, and it remains when deleted rows are cleared \
        and the file is vacuumed. The writes of wtmpdb rotate are subtracted if its archives \
        (wtmp_*.db) are given. High for ten and more. Low if only the oldest rows are missing, as \
        after a rotation whose archive was not given, and in a lastlog2.db, where removing or \
        renaming a user is a write. Not for databases with a write-ahead log.",
    expected: "a change counter of 1 + the highest row number + the number of logouts",
    innocent: &[
        "wtmpdb rotate, whose archives are kept elsewhere",
        "a logout written twice",
        "a write-ahead log that was in use for a time",
        "an administrator who deleted rows of tests",
    ],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

pub(in crate::audit) static ROWS_IN_ONE_WRITE: Rule = Rule {
    id: "rows-in-one-write",
    severity: Severity::Medium,
    title: "a login database that was written less often than its rows say",
    meaning: "Consistent with a database that was replaced by an edited copy, or with rows \
        inserted together: wtmpdb and lastlog2 write each login and each logout alone.",
    expected: "a change counter of 1 + the highest row number + the number of logouts",
    innocent: &[
        "a write-ahead log that was in use for a time: it does not count",
        "a database restored from a dump",
    ],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

/// The databases of a machine.
#[derive(Debug, Default)]
pub(in crate::audit) struct Writes {
    all: Vec<Written>,
}

#[derive(Clone, Copy, Debug)]
struct Written {
    file: u32,
    facts: Facts,
    tally: Tally,
    is_lastlog: bool,
}

impl Writes {
    /// Takes a database that was read to its end.
    pub(in crate::audit) fn ended(
        &mut self,
        file: u32,
        facts: Facts,
        tally: Tally,
        is_lastlog: bool,
    ) {
        self.all.push(Written { file, facts, tally, is_lastlog });
    }

    pub(in crate::audit) fn end(&self, findings: &mut Findings) {
        for written in self.all.iter().filter(|written| written.counts()) {
            written.check(&written.archives(&self.all), findings);
        }
    }
}

/// Counts of rows moved to archives.
#[derive(Default)]
struct Moved {
    files: i64,
    rows: i64,
    logouts: i64,
}

impl Written {
    /// Whether the counter and the rows can be compared.
    fn counts(&self) -> bool {
        let Facts { header, log, tables, others, .. } = self.facts;
        let is_alone = tables == 1 && others == 0;
        // Rows without numbers say nothing about those before them.
        let has_ids = self.tally.ids.is_some() || self.tally.rows == 0;
        header.read_version < 2 && log.is_none() && is_alone && has_ids && !self.tally.is_damaged
    }

    /// Counts the rows of other databases that are older than all of this one: it held them before.
    fn archives(&self, all: &[Written]) -> Moved {
        let mut moved = Moved::default();
        for other in all.iter().filter(|other| other.file != self.file && !self.is_lastlog) {
            let is_older = match (self.tally.times, other.tally.times) {
                (Some((begin, _)), Some((_, end))) => end <= begin,
                (None, Some(_)) => true,
                _ => false,
            };
            if is_older && !other.is_lastlog {
                moved.files = moved.files.saturating_add(1);
                moved.rows = moved.rows.saturating_add(other.tally.rows as i64);
                moved.logouts = moved.logouts.saturating_add(other.tally.logouts as i64);
            }
        }
        moved
    }

    fn check(&self, moved: &Moved, findings: &mut Findings) {
        let Written { facts, tally, is_lastlog, .. } = *self;
        let (first, highest) = tally.ids.unwrap_or((1, 0));
        let counter = i64::from(facts.header.change_counter);
        let logouts = tally.logouts as i64;
        let expected = highest.saturating_add(logouts).saturating_add(1);
        // Each change of definitions is a write, too.
        let changes = i64::from(facts.header.schema_cookie.saturating_sub(1));
        // The numbers of moved rows are still counted in the highest one, if there is one.
        let again = if tally.rows == 0 { moved.rows } else { 0 };
        let explained = match first > 1 || tally.rows == 0 {
            true => moved.logouts.saturating_add(moved.files).saturating_add(again),
            false => 0, // nothing was moved
        };
        let surplus = counter.saturating_sub(expected).saturating_sub(changes);
        let counted = match is_lastlog {
            true => {
                format!("{counter} writes, where the highest row number {highest} needs {expected}")
            }
            false => format!(
                "{counter} writes, where the highest row number {highest} and {logouts} logouts need \
                 {expected}"
            ),
        };
        let location = Location { file: self.file, offset: COUNTER, ..Location::default() };
        let bytes = facts.header.change_counter.to_be_bytes();
        let mut add = |rule: &'static Rule, severity, message| {
            findings.add(rule, severity, location, &bytes, message);
        };
        if surplus < 0 {
            let message = format!("{counted}: several rows were written at once");
            return add(&ROWS_IN_ONE_WRITE, ROWS_IN_ONE_WRITE.severity, message);
        }
        let left = surplus.saturating_sub(explained);
        if left <= 0 {
            return;
        }
        // Rows before the first one may have been moved to archives that are not here. Each of
        // them had a logout at most, and a rotation took one at least.
        let head = first.saturating_sub(1).saturating_sub(moved.rows).max(0);
        let is_rotated = !is_lastlog && head > 0 && left <= head.saturating_mul(2);
        let severity = match left {
            _ if is_rotated || is_lastlog => Severity::Low,
            left if left >= MANY => Severity::High,
            _ => WRITES_UNEXPLAINED.severity,
        };
        let archived = match moved.files {
            0 => "".into(),
            files => format!("; {files} archives explain {explained}"),
        };
        let why = match (is_lastlog, is_rotated) {
            (true, _) => "consistent with users removed or renamed, or rows deleted",
            (_, true) => {
                "consistent with a rotation whose archive was not given, or the oldest rows deleted"
            }
            _ => "consistent with rows deleted or edited",
        };
        add(
            &WRITES_UNEXPLAINED,
            severity,
            format!("{counted}{archived}: {left} without a row, {why}"),
        );
    }
}
