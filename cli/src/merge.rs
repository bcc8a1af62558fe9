//! The records of all files in one order by time: `dump --merge`, `timeline`.

use std::io;
use std::ops::Range;

use loginrec::{Entry, Framing, LogFile, Record, Timestamp};

use crate::args::{Dump, Reading};
use crate::filename::FileName;
use crate::input::{Input, Inputs, Unopened};
use crate::output::Output;
use crate::printer::{Origin, Printer};
use crate::report::{Report, reason};
use crate::span::within;

/// A record's place in the order, 24 bytes: there may be many millions, and no file is
/// certain to be in order itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    sec: i64,
    usec: i32,
    file: u32,
    /// Which record of the file, from 0.
    at: u64,
}

/// How much is read around a record: files are mostly in order.
const WINDOW: u64 = 64 << 10;

/// A file whose records can be had in any order.
struct Source {
    input: Input,
    /// Of a `utx.log`, where each record is.
    places: Vec<u64>,
    /// A part of the file, and where that begins.
    window: Vec<u8>,
    begin: u64,
}

pub(crate) fn run(args: &Dump, out: Output, report: &mut Report) -> io::Result<()> {
    let order = Order::of(&args.reading, report, |_, _, _| true)?;
    let mut printer = Printer::new(args, out);
    printer.begin_merged()?;
    order.each(report, |record, origin| printer.record(record, origin))?;
    printer.flush()
}

/// Files that have been read once, and the order of their records: of one time, in the order
/// of the files, then of the records in them.
pub(crate) struct Order<'a> {
    names: Vec<FileName<'a>>,
    sources: Vec<Source>,
    /// A database is in memory, and its records are only found by walking it.
    databases: Vec<Option<LogFile<'static>>>,
    keys: Vec<Key>,
}

impl<'a> Order<'a> {
    /// Reads the files. Records have a place in the order if `takes` says so.
    pub(crate) fn of(
        reading: &'a Reading,
        report: &mut Report,
        mut takes: impl FnMut(&Record<'_>, &Entry<'_>, &Origin<'_>) -> bool,
    ) -> io::Result<Order<'a>> {
        let mut inputs = Inputs::of(reading);
        let (mut names, mut sources, mut databases) = (Vec::new(), Vec::new(), Vec::new());
        for file in &reading.files {
            let name = FileName::new(file);
            match inputs.open(&name, report).and_then(|input| keep(input, &name, reading, report)) {
                Ok((input, database)) => {
                    names.push(name);
                    sources.push(Source::new(input));
                    databases.push(database);
                }
                Err(why) => report.failed(&name, why),
            }
        }
        let mut keys = Vec::new();
        for ((file, name), source) in (0..).zip(&names).zip(&mut sources) {
            let origin = Origin::file(name, source.input.kind());
            source.index(&origin, report, |record, at| {
                let entry = reading.entry(record);
                if takes(record, &entry, &origin) {
                    keys.push(Key::new(entry.ut_tv, file, at));
                }
            })?;
        }
        keys.sort_unstable();
        Ok(Order { names, sources, databases, keys })
    }

    /// The seconds of the latest record.
    pub(crate) fn newest(&self) -> Option<i64> {
        self.keys.last().map(|key| key.sec)
    }

    /// Leaves out what lies outside of a range, either end of which may be open.
    pub(crate) fn limit(&mut self, range: &Range<Option<i64>>) {
        self.keys.retain(|key| within(key.time(), range));
    }

    /// Hands over the records, which are read again.
    pub(crate) fn each(
        mut self,
        report: &mut Report,
        mut f: impl FnMut(&Record<'_>, &Origin<'_>) -> io::Result<()>,
    ) -> io::Result<()> {
        let kept: Vec<Vec<Record<'_>>> = self.databases.iter().map(records).collect();
        for key in self.keys {
            let Ok(file) = usize::try_from(key.file) else { continue };
            let (names, sources) = (&self.names, &mut self.sources);
            let (Some(name), Some(source)) = (names.get(file), sources.get_mut(file)) else {
                continue;
            };
            let origin = Origin::file(name, source.input.kind());
            let of_database = kept.get(file).zip(usize::try_from(key.at).ok());
            let record = match of_database.and_then(|(kept, at)| kept.get(at)) {
                Some(record) => Ok(Some(*record)),
                None => source.record(key.at),
            };
            match record {
                Ok(Some(record)) => f(&record, &origin)?,
                Ok(None) => {}
                Err(error) => report.damaged(name, reason(&error)),
            }
        }
        Ok(())
    }
}

/// All records of a database.
fn records<'a>(database: &'a Option<LogFile<'static>>) -> Vec<Record<'a>> {
    database.iter().flat_map(|database| database.records().flatten()).collect()
}

impl Key {
    fn new(tv: Timestamp, file: u32, at: u64) -> Key {
        let usec = tv.tv_usec.clamp(i32::MIN.into(), i32::MAX.into());
        Key { sec: tv.tv_sec, usec: i32::try_from(usec).unwrap_or_default(), file, at }
    }

    fn time(&self) -> Timestamp {
        Timestamp { tv_sec: self.sec, tv_usec: self.usec.into() }
    }
}

/// Makes sure that the file can be read again.
fn keep(
    mut input: Input,
    name: &FileName<'_>,
    reading: &Reading,
    report: &mut Report,
) -> Result<(Input, Option<LogFile<'static>>), Unopened> {
    input.keep(reading.max_size, name, report)?;
    let database = match input.framing() {
        Some(Framing::Database) => Some(input.log()?),
        _ => None,
    };
    Ok((input, database))
}

impl Source {
    fn new(input: Input) -> Source {
        Source { input, places: Vec::new(), window: Vec::new(), begin: 0 }
    }

    /// Hands over the records, each with its number.
    fn index(
        &mut self,
        origin: &Origin<'_>,
        report: &mut Report,
        mut f: impl FnMut(&Record<'_>, u64),
    ) -> io::Result<()> {
        let framing = self.input.framing();
        let (places, mut number) = (&mut self.places, 0_u64..);
        self.input.records(origin.name, report, |record| {
            let at = match framing {
                Some(Framing::Database) => number.next().unwrap_or_default(),
                _ => record.index(),
            };
            if framing == Some(Framing::LengthPrefixed) {
                places.push(record.offset());
            }
            f(record, at);
            Ok(())
        })
    }

    /// The record that is number `at`.
    fn record(&mut self, at: u64) -> io::Result<Option<Record<'_>>> {
        let Some(layout) = self.input.layout() else { return Ok(None) };
        let size = layout.size as u64;
        let (offset, len) = match layout.framing {
            Framing::LengthPrefixed => {
                let place = usize::try_from(at).ok().and_then(|at| self.places.get(at));
                let Some(&offset) = place else { return Ok(None) };
                let len = match self.bytes(offset, 2)? {
                    [high, low] => u16::from_be_bytes([*high, *low]),
                    _ => 0,
                };
                (offset, u64::from(len).saturating_add(2))
            }
            _ => (at.saturating_mul(size), size),
        };
        let bytes = self.bytes(offset, len)?;
        Ok(layout.records_at(bytes, offset, at).flatten().next())
    }

    fn bytes(&mut self, offset: u64, len: u64) -> io::Result<&[u8]> {
        let range = |begin: u64| {
            let from = usize::try_from(offset.checked_sub(begin)?).ok()?;
            Some(from..from.checked_add(usize::try_from(len).ok()?)?)
        };
        if range(self.begin).is_none_or(|range| self.window.get(range).is_none()) {
            self.begin = offset;
            self.input.read_at(offset, len.max(WINDOW), &mut self.window)?;
        }
        let bytes = range(self.begin).and_then(|range| self.window.get(range));
        Ok(bytes.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_small() {
        assert_eq!(size_of::<Key>(), 24);
    }
}
