//! `dump --merge`: the records of all files in one order by time.

use std::io;

use loginrec::{LogFile, Record};

use crate::args::Dump;
use crate::filename::FileName;
use crate::input::Inputs;
use crate::output::Output;
use crate::printer::{Origin, Printer};
use crate::report::Report;

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

/// A file whose records can be had in any order.
struct Source<'a> {
    name: FileName<'a>,
    log: LogFile<'static>,
}

impl Source<'_> {
    /// Whether a record is found by its number. Others can only be walked to.
    fn is_array(&self) -> bool {
        self.log.len().is_some()
    }
}

pub(crate) fn run(args: &Dump, out: Output, report: &mut Report) -> io::Result<()> {
    let mut inputs = Inputs::of(&args.reading);
    let mut sources = Vec::new();
    for file in &args.reading.files {
        let name = FileName::new(file);
        match inputs.open(&name, report) {
            Ok(log) => sources.push(Source { name, log }),
            Err(why) => report.failed(&name, why),
        }
    }
    let mut keys = Vec::new();
    // The records of those files that are no arrays, which have to be kept.
    let mut kept: Vec<Vec<Record<'_>>> = Vec::new();
    for (file, source) in (0..).zip(&sources) {
        kept.push(index(source, file, args, &mut keys, report));
    }
    keys.sort_unstable();
    let mut printer = Printer::new(args, out);
    printer.begin_merged()?;
    for key in keys {
        let Ok(file) = usize::try_from(key.file) else { continue };
        let (Some(source), Some(kept)) = (sources.get(file), kept.get(file)) else { continue };
        let record = match source.is_array() {
            true => source.log.get(key.at),
            false => usize::try_from(key.at).ok().and_then(|at| kept.get(at).copied()),
        };
        if let Some(record) = record {
            printer.record(&record, &Origin::file(&source.name, &source.log))?;
        }
    }
    printer.flush()
}

/// Puts the records of one file into the order.
fn index<'a>(
    source: &'a Source<'_>,
    file: u32,
    args: &Dump,
    keys: &mut Vec<Key>,
    report: &mut Report,
) -> Vec<Record<'a>> {
    let mut kept = Vec::new();
    let (mut any, mut damaged) = (false, false);
    for record in source.log.records() {
        match record {
            Ok(record) => {
                any = true;
                let tv = args.reading.entry(&record).ut_tv;
                let usec = tv.tv_usec.clamp(i32::MIN.into(), i32::MAX.into());
                let at = if source.is_array() { record.index() } else { kept.len() as u64 };
                let usec = i32::try_from(usec).unwrap_or_default();
                keys.push(Key { sec: tv.tv_sec, usec, file, at });
                if !source.is_array() {
                    kept.push(record);
                }
            }
            Err(error) => {
                report.damaged(&source.name, error);
                damaged = true;
            }
        }
    }
    match any || !damaged {
        true => report.read(),
        false => report.failed_quietly(),
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_small() {
        assert_eq!(size_of::<Key>(), 24);
    }
}
