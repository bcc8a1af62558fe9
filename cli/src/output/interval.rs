//! Shared code for the tables of sessions and boots.

use std::io::Write as _;

use loginrec::Timestamp;
use loginrec::contract::Source;
use loginrec::session::RecordRef;

use crate::args::zone::{Offsets, Zone};
use crate::file_name::FileName;
use crate::output::ascii::datetime::Clock;
use crate::output::ascii::number::{decimal, time_of_day};
use crate::output::duration::Length;

/// The time from a record to the one that ended it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    pub(crate) begin: RecordRef,
    pub(crate) closing: Option<RecordRef>,
    /// The duration; without an end, up to now.
    pub(crate) length: Length,
}

impl Span {
    /// The end.
    pub(crate) fn ended(&self) -> Option<Timestamp> {
        self.closing.map(|mark| mark.time)
    }

    /// The places of the records, such as `wtmp:384..1152`.
    pub(crate) fn push_places(&self, out: &mut Vec<u8>, files: &[FileName<'_>]) {
        let begin = self.begin.location;
        let file = |out: &mut Vec<u8>, file: u32| {
            let name = file_of(files, file);
            out.extend_from_slice(name.map_or(&[], |name| name.shown.as_bytes()));
            out.push(b':');
        };
        file(out, begin.file);
        decimal(out, begin.offset);
        if let Some(closing) = self.closing.map(|mark| mark.location) {
            out.extend_from_slice(b"..");
            if closing.file != begin.file {
                file(out, closing.file);
            }
            decimal(out, closing.offset);
        }
    }
}

/// Returns the name of a file as it is in rows, given its number.
pub(crate) fn file_value<'f>(files: &'f [FileName<'_>], number: u32) -> Option<&'f str> {
    file_of(files, number).map(|name| &*name.value)
}

/// Returns the machine and the file as they are in rows, given the number of the file.
pub(crate) fn source_of<'f>(files: &'f [FileName<'_>], number: u32) -> Source<'f> {
    file_of(files, number).map(FileName::source).unwrap_or_default()
}

/// Returns the name of the machine that a file is from.
pub(crate) fn machine_of<'f>(files: &'f [FileName<'_>], number: u32) -> &'f str {
    file_of(files, number).map_or("-", FileName::machine_name)
}

/// Returns the name of a file, given its number.
fn file_of<'f, 'n>(files: &'f [FileName<'n>], number: u32) -> Option<&'f FileName<'n>> {
    files.get(usize::try_from(number).ok()?)
}

/// The records to use, and the time up to which open intervals last.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AsOf {
    as_of: Option<i64>,
    newest: Option<Timestamp>,
}

impl AsOf {
    /// Takes the time from the command line; by default the newest record decides.
    pub(crate) fn of(as_of: Option<i64>) -> AsOf {
        let newest = as_of.map(|tv_sec| Timestamp { tv_sec, tv_usec: 0 });
        AsOf { as_of, newest }
    }

    /// Returns whether a record with this time had been written by then.
    #[inline]
    pub(crate) fn includes(&mut self, time: Timestamp) -> bool {
        match self.as_of {
            Some(as_of) => time.tv_sec <= as_of,
            None => {
                if self.newest.is_none_or(|newest| newest < time) {
                    self.newest = Some(time);
                }
                true
            }
        }
    }

    pub(crate) fn time(&self) -> Timestamp {
        self.newest.unwrap_or_default()
    }
}

/// Formats times for tables.
#[derive(Debug)]
pub(crate) struct Times {
    offsets: Offsets,
    clock: Clock,
}

impl Times {
    pub(crate) fn new(zone: &Zone) -> Times {
        Times { offsets: zone.offsets(), clock: Clock::new() }
    }

    /// Returns a time to the second: `2024-02-17T21:01:23Z`, or with another offset.
    #[inline]
    pub(crate) fn push(&mut self, out: &mut Vec<u8>, time: Timestamp) {
        let Some(east) = self.offsets.east(time.tv_sec) else {
            // Writing to a Vec cannot fail.
            let _ = write!(out, "@{}", time.tv_sec);
            return;
        };
        self.clock.write(out, time.tv_sec.saturating_add(east.into()));
        match east.unsigned_abs() {
            0..60 => out.push(b'Z'),
            seconds => {
                let sign = if east < 0 { b'-' } else { b'+' };
                let [h, i, colon, m, n, ..] = time_of_day(seconds);
                out.extend_from_slice(&[sign, h, i, colon, m, n]);
            }
        }
    }
}
