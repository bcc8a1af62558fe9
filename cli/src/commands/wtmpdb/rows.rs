//! The rows of a wtmp.db, kept until they are sorted.

use std::cmp::Reverse;
use std::ffi::OsString;

use loginrec::layout::Role;
use loginrec::{Record, Timestamp};

/// A row: the numbers as the tool reads them, and the texts one after the other.
#[derive(Debug)]
pub(super) struct Row {
    /// Microseconds since 1970.
    pub(super) login: i64,
    pub(super) logout: Option<i64>,
    pub(super) raw_type: i32,
    /// User, terminal, host and service.
    texts: Box<[u8]>,
    /// Where the first three of them end.
    ends: [u32; 3],
}

/// What is listed.
pub(super) struct Filter<'a> {
    pub(super) since: Option<i64>,
    pub(super) until: Option<i64>,
    pub(super) present: Option<i64>,
    pub(super) names: &'a [OsString],
}

impl Row {
    /// Returns `None` for a row without a login time.
    pub(super) fn of(record: &Record<'_>) -> Option<Row> {
        let entry = record.entry();
        if entry.ut_tv == Timestamp::ABSENT {
            return None;
        }
        let line = if record.is_null(Role::Line) { b"?" } else { entry.ut_line.raw() };
        let service = entry.service.unwrap_or_default();
        let texts = [entry.ut_user.raw(), line, entry.ut_host.raw(), service.raw()];
        let mut ends = [0; 3];
        let mut end = 0_usize;
        for (place, text) in ends.iter_mut().zip(texts) {
            end += text.len();
            *place = u32::try_from(end).ok()?;
        }
        Some(Row {
            login: micros(entry.ut_tv),
            logout: entry.logout.map(micros),
            raw_type: entry.raw_type.unwrap_or_default(),
            texts: texts.concat().into(),
            ends,
        })
    }

    /// Returns the order of the tool: the newest login first; of one time, the open one first.
    pub(super) fn order(&self) -> (Reverse<i64>, Option<i64>) {
        (Reverse(self.login), self.logout)
    }

    /// Returns the seconds of the login. The tool reads a time before 1970 as one far in the future.
    pub(super) fn begin(&self) -> i64 {
        seconds(self.login)
    }

    pub(super) fn user(&self) -> &[u8] {
        self.text(0)
    }

    pub(super) fn line(&self) -> &[u8] {
        self.text(1)
    }

    pub(super) fn host(&self) -> &[u8] {
        self.text(2)
    }

    pub(super) fn service(&self) -> &[u8] {
        self.text(3)
    }

    fn text(&self, nth: usize) -> &[u8] {
        let end = |nth: usize| self.ends.get(nth).map_or(self.texts.len(), |end| *end as usize);
        let begin = nth.checked_sub(1).map_or(0, end);
        self.texts.get(begin..end(nth)).unwrap_or_default()
    }
}

/// Returns seconds of microseconds that are stored as a signed number and read as an unsigned one.
pub(super) fn seconds(micros: i64) -> i64 {
    (micros as u64 / 1_000_000) as i64
}

fn micros(time: Timestamp) -> i64 {
    time.tv_sec.saturating_mul(1_000_000).saturating_add(time.tv_usec)
}

impl Filter<'_> {
    pub(super) fn takes(&self, row: &Row) -> bool {
        let begin = row.begin();
        let ended = row.logout.map(seconds).filter(|end| *end > 0);
        self.since.is_none_or(|since| since <= begin)
            && self.until.is_none_or(|until| until >= begin)
            && self.present.is_none_or(|at| at >= begin && ended.is_none_or(|end| end >= at))
            && (self.names.is_empty() || self.names.iter().any(|name| is_of(row, name)))
    }
}

fn is_of(row: &Row, name: &OsString) -> bool {
    let name = name.as_encoded_bytes();
    row.user() == name || row.line() == name
}
