//! `--fold`: failed logins that two programs recorded.

use std::collections::HashMap;

use loginrec::{Entry, Timestamp};

/// Finds records of a failure that has been recorded already. sshd and PAM write one record each,
/// within a second, with other types, lines or process ids.
#[derive(Debug, Default)]
pub(crate) struct Doubles {
    /// The last record of a user and a source.
    last: HashMap<(u32, u32), Trace>,
}

#[derive(Clone, Debug, PartialEq)]
struct Trace {
    time: Timestamp,
    raw_type: Option<i32>,
    line: Vec<u8>,
    pid: Option<i64>,
    /// Whether another record was recognized as its double: three are two failures.
    is_matched: bool,
}

impl Doubles {
    /// Returns whether the record repeats the one before it.
    pub(crate) fn has(&mut self, user: u32, source: u32, entry: &Entry<'_>) -> bool {
        let trace = Trace {
            time: entry.ut_tv,
            raw_type: entry.raw_type,
            line: entry.ut_line.as_bytes().to_vec(),
            pid: entry.ut_pid,
            is_matched: false,
        };
        let before = self.last.get_mut(&(user, source));
        if let Some(before) = before
            && before.is_doubled_by(&trace)
        {
            before.is_matched = true;
            return true;
        }
        self.last.insert((user, source), trace);
        false
    }
}

impl Trace {
    fn is_doubled_by(&self, other: &Trace) -> bool {
        let is_near = other.time.tv_sec.abs_diff(self.time.tv_sec) <= 1;
        // Two guesses of one program have one type and line, and a process each.
        let by_two = self.raw_type != other.raw_type || self.line != other.line;
        !self.is_matched && is_near && (by_two || self.pid.is_some() && self.pid == other.pid)
    }
}
