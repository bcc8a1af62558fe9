//! `loginrec dump`: prints every record of every file.

pub(crate) mod applet;
pub(crate) mod args;
mod merge;
mod print;

use std::io;
use std::mem;

use loginrec::{Container, Error, FileKind, Record};

use crate::args::format::OutputFormat;
use crate::args::reading::Reading;
use crate::args::zone::Zone;
use crate::commands::dump::args::DumpArgs;
use crate::commands::dump::print::{Printer, Rows, Selected};
use crate::diagnostics::{Diagnostics, Stop};
use crate::file_name::FileName;
use crate::input::chunks::{Chunks, Rendered};
use crate::input::file::{Input, Item, Origin};
use crate::input::follow::{Batch, Cursor, FOLLOWED, How, follow};
use crate::input::holes::Holes;
use crate::input::inputs::Inputs;
use crate::input::parallel::threads;
use crate::output::filter::Missed;
use crate::output::fwtmp::Form;
use crate::output::writer::Output;
use crate::run::{NamedFiles, Run};
use crate::sources::SourceFile;

impl Run for DumpArgs {
    fn reading(&mut self) -> Option<(&mut Reading, &'static [FileKind])> {
        Some((&mut self.reading, &[]))
    }

    fn resolve(&mut self, report: &mut Diagnostics) -> Result<(), String> {
        self.reading.resolve_followed(self.follow.is_given(), &[], FOLLOWED, report)
    }

    fn check(&self) -> Result<(), &'static str> {
        if self.raw && !self.format.has_raw() {
            return Err("--raw needs --format jsonl, parquet or arrow");
        }
        self.follow.check(self.format, &self.reading.files)?;
        let follows = self.follow.is_given();
        if self.format == OutputFormat::Fwtmp && (self.merge || follows || self.deleted) {
            return Err("--format fwtmp is the text of whole files: without --merge, --follow, \
                --cursor and --deleted");
        }
        if self.tz.is_some() && !self.selection().has_times() {
            return Err(
                "--tz is the zone of --since, --until, --during, --hours and --weekdays: give one of them",
            );
        }
        if self.selection().is_relative() {
            return Err("records are printed as they are read: give times with a date");
        }
        Ok(())
    }

    fn files(&self) -> NamedFiles<'_> {
        NamedFiles::of(&self.reading)
            .written_to(&self.output)
            .in_format(self.format)
            .following(&self.follow)
    }

    fn run(&self, out: Output, report: &mut Diagnostics) -> Result<(), Stop> {
        let zone = self.tz.clone().unwrap_or_else(Zone::utc);
        let (selection, missed) = (self.selection(), Missed::default());
        // No time is relative.
        let filter = selection.resolve(&zone, || 0)?;
        let missed = &missed;
        let selected = selection.is_given().then_some(Selected { filter, missed });
        let printer = Printer::new(self, selected, out);
        match self.follow.is_given() {
            true => run_followed(self, printer, report)?,
            false => run(self, printer, report)?,
        }
        if !report.has_failed() {
            missed.explain(&selection, "record", report);
        }
        Ok(())
    }
}

fn run(args: &DumpArgs, mut printer: Printer<'_>, report: &mut Diagnostics) -> io::Result<()> {
    let reading = &args.reading;
    if args.merge {
        return merge::run(args, printer, report);
    }
    let mut inputs = Inputs::reading(reading);
    for file in reading.sources.files() {
        let name = file.name();
        match inputs.open(&name, report) {
            Ok(input) => print(input, &name, args, &mut printer, report)?,
            Err(why) => report.failed(&name, why),
        }
    }
    printer.finish(report)
}

/// Prints what is new.
fn run_followed(
    args: &DumpArgs,
    mut printer: Printer<'_>,
    report: &mut Diagnostics,
) -> Result<(), Stop> {
    let mut cursor = args.follow.cursor.as_deref().map(Cursor::open).transpose()?;
    let names = args.reading.sources.files().map(SourceFile::name);
    let how = How::new(&args.follow, &args.reading);
    follow(names, how, cursor.as_mut(), report, |name, batch, report| match batch.are_old() {
        true => Ok(()),
        false => print_batch(name, batch, &mut printer, report),
    })?;
    Ok(printer.finish(report)?)
}

/// Prints the new records of a followed file.
fn print_batch(
    name: &FileName<'_>,
    batch: &Batch,
    printer: &mut Printer<'_>,
    report: &mut Diagnostics,
) -> io::Result<()> {
    let origin = Origin::file(name, batch.kind);
    if !printer.is_at(name) {
        printer.begin(name)?;
    }
    for record in batch.records() {
        match record {
            Ok(record) if batch.is_old(&record) => {}
            Ok(record) => printer.record(&record, &origin)?,
            Err(error) => report.damaged(name, error),
        }
    }
    printer.flush()
}

/// Prints a lastlogx as it is stored: its records alone do not make the database again.
fn print_content(input: &Input, name: &FileName<'_>, printer: &mut Printer<'_>) -> io::Result<()> {
    const PIECE: u64 = 64 << 10;
    let len = input.len()?;
    let mut offset = 0;
    while offset < len {
        let piece = input.part(offset, PIECE)?;
        if piece.is_empty() {
            break; // The file shrank, which has been reported.
        }
        printer.content(input.layout(), name, offset, &piece)?;
        offset += piece.len() as u64;
    }
    Ok(())
}

fn print(
    mut input: Input,
    name: &FileName<'_>,
    args: &DumpArgs,
    printer: &mut Printer<'_>,
    report: &mut Diagnostics,
) -> io::Result<()> {
    let other = input.layout().filter(|layout| Form::of(layout.home()).is_none());
    if let Some(layout) = other.filter(|_| args.format == OutputFormat::Fwtmp) {
        let why = format!(
            "{layout} has no form of fwtmp, which is for files of System V, Solaris and AIX"
        );
        report.failed(name, why);
        return Ok(());
    }
    printer.begin(name)?;
    let (origin, layout) = (Origin::file(name, input.kind()), input.layout());
    if args.deleted {
        match input.container() {
            Some(Container::Sqlite) => input.read_deleted(),
            _ => report.warn(name, "not a database: --deleted finds nothing in it"),
        }
    }
    let asked = args.threads;
    // Columns are made on one thread.
    if asked != Some(1)
        && !args.format.is_columnar()
        && let Some(chunks) = Chunks::of(&mut input, asked.is_some())
    {
        let selected = printer.selected();
        let renderer = || {
            let mut rows = Rows::new(args, selected.clone());
            move |lines: &mut Vec<u8>, record: &Record<'_>| rows.write(lines, record, &origin)
        };
        let tail = chunks.render(threads(asked), name, report, renderer, |part| match part {
            Rendered::Lines(lines) => printer.lines(lines),
            // On a terminal the message appears where the damage is.
            Rendered::Damage => printer.flush(),
            Rendered::Skipped(offset, bytes) => printer.skipped(layout, name, offset, bytes),
        })?;
        return printer.end(layout, name, &tail);
    }
    let (mut damaged, mut holes) = (false, Holes::default());
    let tail = input.each(name, report, |item| match item {
        Item::Record(record) => printer.record(&record, &origin),
        Item::Hole(hole) => {
            holes.push(hole);
            Ok(())
        }
        Item::Damage(damage) => {
            if let Error::Skipped { offset, .. } = damage.error {
                printer.skipped(layout, name, offset, damage.bytes)?;
            }
            // On a terminal the message appears where the damage is.
            match mem::replace(&mut damaged, true) {
                true => Ok(()),
                false => printer.flush(),
            }
        }
    })?;
    if args.raw && input.container() == Some(Container::BerkeleyHash) {
        print_content(&input, name, printer)?;
    }
    printer.end(layout, name, &tail)?;
    holes.tell(name, report);
    Ok(())
}
