//! `dump --merge`: the records of all files in one order by time.

use std::io;

use loginrec::{Framing, LogFile, Record};

use crate::args::Dump;
use crate::filename::FileName;
use crate::input::{Input, Inputs, Unopened};
use crate::output::Output;
use crate::printer::{Origin, Printer};
use crate::report::{Report, reason};

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
    let mut inputs = Inputs::of(&args.reading);
    let (mut names, mut sources, mut databases) = (Vec::new(), Vec::new(), Vec::new());
    for file in &args.reading.files {
        let name = FileName::new(file);
        match inputs.open(&name, report).and_then(|input| keep(input, &name, args, report)) {
            Ok((input, database)) => {
                names.push(name);
                sources.push(Source::new(input));
                databases.push(database);
            }
            Err(why) => report.failed(&name, why),
        }
    }
    let mut keys = Vec::new();
    // A database is in memory, and its records are only found by walking it.
    let mut kept: Vec<Vec<Record<'_>>> = Vec::new();
    let files = (0..).zip(&names).zip(&mut sources).zip(&databases);
    for (((file, name), source), database) in files {
        source.index(name, file, args, &mut keys, report)?;
        let records = database.iter().flat_map(|database| database.records().flatten());
        kept.push(records.collect());
    }
    keys.sort_unstable();
    let mut printer = Printer::new(args, out);
    printer.begin_merged()?;
    for key in keys {
        let Ok(file) = usize::try_from(key.file) else { continue };
        let (Some(name), Some(source)) = (names.get(file), sources.get_mut(file)) else { continue };
        let origin = Origin::file(name, source.input.kind());
        let of_database = kept.get(file).zip(usize::try_from(key.at).ok());
        let record = match of_database.and_then(|(kept, at)| kept.get(at)) {
            Some(record) => Ok(Some(*record)),
            None => source.record(key.at),
        };
        match record {
            Ok(Some(record)) => printer.record(&record, &origin)?,
            Ok(None) => {}
            Err(error) => report.damaged(name, reason(&error)),
        }
    }
    printer.flush()
}

/// Makes sure that the file can be read again.
fn keep(
    mut input: Input,
    name: &FileName<'_>,
    args: &Dump,
    report: &mut Report,
) -> Result<(Input, Option<LogFile<'static>>), Unopened> {
    input.keep(args.reading.max_size, name, report)?;
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

    /// Puts the records into the order.
    fn index(
        &mut self,
        name: &FileName<'_>,
        file: u32,
        args: &Dump,
        keys: &mut Vec<Key>,
        report: &mut Report,
    ) -> io::Result<()> {
        let framing = self.input.framing();
        let (places, mut number) = (&mut self.places, 0_u64..);
        self.input.records(name, report, |record| {
            let tv = args.reading.entry(record).ut_tv;
            let usec = tv.tv_usec.clamp(i32::MIN.into(), i32::MAX.into());
            let usec = i32::try_from(usec).unwrap_or_default();
            let at = match framing {
                Some(Framing::Database) => number.next().unwrap_or_default(),
                _ => record.index(),
            };
            keys.push(Key { sec: tv.tv_sec, usec, file, at });
            if framing == Some(Framing::LengthPrefixed) {
                places.push(record.offset());
            }
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
