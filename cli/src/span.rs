//! Sessions and boots: what both tables have in common.

use std::ops::Range;

use loginrec::session::Mark;
use loginrec::{Record, Timestamp};

use crate::args::Reading;
use crate::calendar::Rfc3339;
use crate::length::{Length, Seconds};
use crate::sources::Sources;
use crate::table::Column;
use crate::time_arg::TimeArg;
use crate::zone::Zone;

/// Columns wider than this are not lined up: one long host must not push all others away.
const WIDEST: usize = 32;

/// From a record to the one that ended it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    pub(crate) begin: Mark,
    pub(crate) closing: Option<Mark>,
    /// How long that is; of what has not ended, until now.
    pub(crate) length: Length,
}

impl Span {
    /// When it ended.
    pub(crate) fn ended(&self) -> Option<Timestamp> {
        self.closing.map(|mark| mark.time)
    }

    pub(crate) fn seconds(&self) -> Seconds {
        let precise = |mark: Mark| mark.layout.has_microseconds();
        let microseconds = precise(self.begin) || self.closing.is_some_and(precise);
        Seconds { length: self.length, microseconds }
    }

    /// The records, as `wtmp:384..1152`.
    pub(crate) fn places(&self, sources: &Sources<'_>) -> String {
        let begin = self.begin.place;
        let mut places = format!("{}:{}", sources.shown(begin.file), begin.offset);
        if let Some(closing) = self.closing.map(|mark| mark.place) {
            places.push_str("..");
            if closing.file != begin.file {
                places.push_str(sources.shown(closing.file));
                places.push(':');
            }
            places.push_str(&closing.offset.to_string());
        }
        places
    }
}

/// The time of a record for JSON and CSV.
pub(crate) fn rfc3339(mark: Mark) -> Option<Rfc3339> {
    Rfc3339::new(mark.time, mark.layout.has_microseconds())
}

/// Which records count, and until when what is still open lasts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Now {
    as_of: Option<i64>,
    newest: Option<Timestamp>,
}

impl Now {
    /// As the command line says; without a word, the newest record decides.
    pub(crate) fn of(as_of: Option<i64>) -> Now {
        let newest = as_of.map(|tv_sec| Timestamp { tv_sec, tv_usec: 0 });
        Now { as_of, newest }
    }

    /// Whether a record had been written by then.
    #[inline]
    pub(crate) fn has(&mut self, record: &Record<'_>, reading: &Reading) -> bool {
        let time = reading.entry(record).ut_tv;
        match self.as_of {
            Some(as_of) => time.tv_sec <= as_of,
            None => {
                self.newest = self.newest.max(Some(time));
                true
            }
        }
    }

    pub(crate) fn time(&self) -> Timestamp {
        self.newest.unwrap_or_default()
    }
}

/// What a time on the command line means. There may be no such time (a weekday on the wrong
/// date), which only the zone tells: that is wrong usage still.
pub(crate) fn seconds(time: &TimeArg, zone: &Zone, now: impl FnOnce() -> i64) -> i64 {
    let now = match time {
        TimeArg::At(_) => 0,
        _ => now(),
    };
    time.seconds(zone, now).unwrap_or_else(|| {
        let why = "there is no such time as one of those given\n";
        clap::Error::raw(clap::error::ErrorKind::ValueValidation, why).exit()
    })
}

/// A time for a table, to the second: `2024-02-17T21:01:23Z` or with another offset.
pub(crate) fn shown(time: Timestamp, zone: &Zone) -> String {
    let Some(local) = zone.local(time.tv_sec) else { return format!("@{}", time.tv_sec) };
    let civil = local.civil.strftime("%Y-%m-%dT%H:%M:%S");
    match local.offset.unsigned_abs() / 60 {
        0 => format!("{civil}Z"),
        minutes => {
            let sign = if local.offset < 0 { '-' } else { '+' };
            format!("{civil}{sign}{:02}:{:02}", minutes / 60, minutes % 60)
        }
    }
}

/// `-` for what is not there.
pub(crate) fn or_dash(cell: String) -> String {
    if cell.is_empty() { "-".to_owned() } else { cell }
}

/// Makes columns as wide as these cells need, within reason.
pub(crate) fn widen<const N: usize>(widths: &mut [usize; N], cells: &[String; N]) {
    for (width, cell) in widths.iter_mut().zip(cells) {
        *width = cell.chars().count().min(WIDEST).max(*width);
    }
}

/// The widths the headings need.
pub(crate) fn headings<const N: usize>(columns: &[Column; N]) -> [usize; N] {
    columns.map(|(heading, _)| heading.chars().count())
}

/// Whether a time lies in a range; either end may be open.
pub(crate) fn within(time: Timestamp, range: &Range<Option<i64>>) -> bool {
    let at = |tv_sec| Timestamp { tv_sec, tv_usec: 0 };
    range.start.is_none_or(|start| time >= at(start)) && range.end.is_none_or(|end| time <= at(end))
}
