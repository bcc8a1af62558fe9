//! Sessions and boots: what both tables have in common.

use std::io::Write as _;
use std::ops::Range;

use loginrec::session::Mark;
use loginrec::{Layout, Record, Timestamp};

use crate::args::Reading;
use crate::calendar::{Clock, Rfc3339};
use crate::digits::{decimal, digits};
use crate::length::{Length, Seconds};
use crate::row::{Cells, Key, Shape, key};
use crate::sources::Sources;
use crate::time_arg::TimeArg;
use crate::zone::{Offsets, Zone};

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

    pub(crate) fn seconds(&self, shapes: &mut Shapes) -> Seconds {
        let mut precise = |mark: Mark| shapes.of(mark.layout).microseconds;
        let microseconds = precise(self.begin) || self.closing.is_some_and(precise);
        Seconds { length: self.length, microseconds }
    }

    /// The records, as `wtmp:384..1152`.
    pub(crate) fn push_places(&self, out: &mut Vec<u8>, sources: &Sources<'_>) {
        let begin = self.begin.place;
        let file = |out: &mut Vec<u8>, file: u32| {
            out.extend_from_slice(sources.shown(file).as_bytes());
            out.push(b':');
        };
        file(out, begin.file);
        decimal(out, begin.offset);
        if let Some(closing) = self.closing.map(|mark| mark.place) {
            out.extend_from_slice(b"..");
            if closing.file != begin.file {
                file(out, closing.file);
            }
            decimal(out, closing.offset);
        }
    }

    /// How it ended and where its records are, as JSON and CSV have it.
    pub(crate) fn write_places(&self, to: &mut impl Cells, sources: &Sources<'_>) {
        let begin = self.begin.place;
        sources.name(begin.file).into_iter().for_each(|name| to.file(key!("file"), name));
        to.number(key!("offset"), Some(begin.offset));
        let closing = self.closing.map(|mark| mark.place);
        match closing.and_then(|place| Some((place, sources.name(place.file)?))) {
            Some((place, name)) => {
                to.file(key!("closing_file"), name);
                to.number(key!("closing_offset"), Some(place.offset));
            }
            None => {
                to.null(key!("closing_file"));
                to.null(key!("closing_offset"));
            }
        }
    }
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

/// What is to be known of layouts, looked up when the layout changes, and of the boot, which
/// changes more seldom still.
#[derive(Debug, Default)]
pub(crate) struct Shapes {
    shape: Option<Shape>,
    boot: Option<(Mark, String)>,
}

impl Shapes {
    #[inline]
    pub(crate) fn of(&mut self, layout: &'static Layout) -> Shape {
        match self.shape {
            Some(shape) if shape.is_of(layout) => shape,
            _ => *self.shape.insert(Shape::of(layout)),
        }
    }

    /// Writes the time of a boot. It lies days before the other times of a row, of whose days
    /// the calendar had better not be made to turn back to it.
    pub(crate) fn write_boot(&mut self, key: Key, boot: Option<Mark>, to: &mut impl Cells) {
        let Some(mark) = boot else { return to.null(key) };
        if self.boot.as_ref().is_none_or(|(known, _)| *known != mark) {
            let shown = self.time(mark).map(|time| time.to_string());
            self.boot = Some((mark, shown.unwrap_or_default()));
        }
        match &self.boot {
            Some((_, shown)) if !shown.is_empty() => to.stamp(key, shown),
            _ => to.null(key),
        }
    }

    /// The time of a record for JSON and CSV.
    #[inline]
    pub(crate) fn time(&mut self, mark: Mark) -> Option<Rfc3339> {
        Rfc3339::new(mark.time, self.of(mark.layout).microseconds)
    }
}

/// Writes times for tables.
#[derive(Debug)]
pub(crate) struct Times {
    offsets: Offsets,
    clock: Clock,
}

impl Times {
    pub(crate) fn new(zone: &Zone) -> Times {
        Times { offsets: zone.offsets(), clock: Clock::new() }
    }

    /// To the second: `2024-02-17T21:01:23Z` or with another offset.
    #[inline]
    pub(crate) fn push(&mut self, out: &mut Vec<u8>, time: Timestamp) {
        let Some(east) = self.offsets.east(time.tv_sec) else {
            // A Vec takes everything.
            let _ = write!(out, "@{}", time.tv_sec);
            return;
        };
        self.clock.write(out, time.tv_sec.saturating_add(east.into()));
        match east.unsigned_abs() / 60 {
            0 => out.push(b'Z'),
            minutes => {
                let sign = if east < 0 { b'-' } else { b'+' };
                let ([h, i], [m, n]) = (digits(minutes / 60), digits(minutes % 60));
                out.extend_from_slice(&[sign, h, i, b':', m, n]);
            }
        }
    }
}

/// Whether a time lies in a range; either end may be open.
pub(crate) fn within(time: Timestamp, range: &Range<Option<i64>>) -> bool {
    let at = |tv_sec| Timestamp { tv_sec, tv_usec: 0 };
    range.start.is_none_or(|start| time >= at(start)) && range.end.is_none_or(|end| time <= at(end))
}
