//! `loginrec dump`: every record of every file.

use std::fs;
use std::io;
use std::mem;
use std::path::Path;

use loginrec::Record;

use crate::args::{Dump, Reading};
use crate::filename::FileName;
use crate::follow::{How, follow};
use crate::follower::Batch;
use crate::input::{Input, Inputs};
use crate::output::Output;
use crate::printer::{Origin, Printer};
use crate::report::{Report, reason};
use crate::workers::threads;
use crate::{follower, merge};

pub(crate) fn run(args: &Dump, report: &mut Report) -> io::Result<()> {
    let reading = &args.reading;
    let path = args.output.as_deref();
    let out = match path.filter(|path| reading.files.iter().any(|file| is_same(path, file))) {
        Some(_) => Err("is to be read and is not overwritten".to_owned()),
        None => Output::named(path).map_err(|error| reason(&error)),
    };
    let out = match (out, path) {
        (Ok(out), _) => out,
        (Err(why), path) => {
            report.failed(&FileName::new(path.unwrap_or(Path::new("-"))), why);
            return Ok(());
        }
    };
    if args.merge {
        return merge::run(args, out, report);
    }
    let mut printer = Printer::new(args, out);
    if args.follow {
        let how =
            How { layout: reading.layout, max_size: reading.max_size, interval: args.interval };
        return follow(&reading.files, how, report, |name, batch, report| {
            print_batch(name, batch, &mut printer, report)
        });
    }
    let mut inputs = Inputs::of(reading);
    for file in &reading.files {
        let name = FileName::new(file);
        match inputs.open(&name, report) {
            Ok(input) => print(input, &name, args.threads, &mut printer, report)?,
            Err(why) => report.failed(&name, why),
        }
    }
    printer.flush()
}

/// Whether both are one file, perhaps by way of links.
fn is_same(path: &Path, other: &Path) -> bool {
    let id = |path: &Path| fs::metadata(path).ok().as_ref().and_then(follower::id);
    let real = |path: &Path| fs::canonicalize(path).ok();
    let same = real(path).is_some_and(|path| Some(path) == real(other));
    same || id(path).is_some_and(|path| Some(path) == id(other))
}

/// Prints what a followed file got.
fn print_batch(
    name: &FileName<'_>,
    batch: &Batch,
    printer: &mut Printer<'_>,
    report: &mut Report,
) -> io::Result<()> {
    let origin = Origin::file(name, batch.kind);
    if !printer.is_at(name) {
        printer.begin(name)?;
    }
    for record in batch.records() {
        match record {
            Ok(record) => printer.record(&record, &origin)?,
            Err(error) => report.damaged(name, error),
        }
    }
    printer.flush()
}

fn print(
    mut input: Input,
    name: &FileName<'_>,
    asked: Option<u8>,
    printer: &mut Printer<'_>,
    report: &mut Report,
) -> io::Result<()> {
    printer.begin(name)?;
    let origin = Origin::file(name, input.kind());
    if asked != Some(1)
        && let Some(windows) = input.windows(asked.is_some())
    {
        let tail = windows.print(threads(asked), &origin, printer, report)?;
        return printer.end(input.layout(), name, &tail);
    }
    let mut damaged = false;
    let tail = input.each(name, report, |item| match item {
        Ok(record) => printer.record(&record, &origin),
        // On a terminal the message stands where the damage is.
        Err(_) if !mem::replace(&mut damaged, true) => printer.flush(),
        Err(_) => Ok(()),
    })?;
    printer.end(input.layout(), name, &tail)
}

impl Reading {
    /// A record's entry, its seconds as the user wants them read.
    pub(crate) fn entry<'a>(&self, record: &Record<'a>) -> loginrec::Entry<'a> {
        let mut entry = record.entry();
        if self.unsigned_time && record.layout().has_32bit_time() {
            entry.ut_tv = entry.ut_tv.unsigned32();
        }
        entry
    }
}
