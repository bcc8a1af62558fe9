//! `loginrec dump`: every record of every file.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use loginrec::{Error, FileKind, Framing, LogFile, Record};

use crate::args::{Dump, DumpFormat, Reading};
use crate::filename::FileName;
use crate::follow::{How, follow};
use crate::follower::Batch;
use crate::hex::hex;
use crate::input::Inputs;
use crate::output::{Output, output};
use crate::report::{Report, reason};
use crate::row::{End, Row};
use crate::sheet::Sheet;
use crate::{follower, json, merge, text};

pub(crate) fn run(args: &Dump, report: &mut Report) -> io::Result<()> {
    let reading = &args.reading;
    let path = args.output.as_deref();
    let out = match path.filter(|path| reading.files.iter().any(|file| is_same(path, file))) {
        Some(_) => Err("is to be read and is not overwritten".to_owned()),
        None => output(path).map_err(|error| reason(&error)),
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
    let mut printer = Printer::new(args.format, reading.files.len() > 1, out);
    if args.follow {
        let how =
            How { layout: reading.layout, max_size: reading.max_size, interval: args.interval };
        return follow(&reading.files, how, report, |name, batch, report| {
            print_batch(name, batch, args, &mut printer, report)
        });
    }
    let mut inputs = Inputs::of(reading);
    for file in &reading.files {
        let name = FileName::new(file);
        match inputs.open(&name, report) {
            Ok(log) => print(&log, &name, args, &mut printer, report)?,
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
    args: &Dump,
    printer: &mut Printer,
    report: &mut Report,
) -> io::Result<()> {
    let origin = Origin { name, kind: batch.kind, offset: batch.offset, index: batch.index };
    if printer.last != name.value {
        printer.begin(name)?;
    }
    for record in batch.records() {
        match record {
            Ok(record) => printer.record(&record, &origin, args)?,
            Err(error) => report.damaged(name, batch.in_file(error)),
        }
    }
    printer.flush()
}

fn print(
    log: &LogFile<'_>,
    name: &FileName<'_>,
    args: &Dump,
    printer: &mut Printer,
    report: &mut Report,
) -> io::Result<()> {
    printer.begin(name)?;
    let (mut printed, mut damaged) = (false, false);
    let mut end = 0;
    for record in log.records() {
        match record {
            Ok(record) => {
                printer.record(&record, &Origin::file(name, log), args)?;
                printed = true;
                end = behind(&record);
            }
            Err(error) => {
                // On a terminal the message stands where the damage is.
                if !damaged {
                    printer.flush()?;
                }
                report.damaged(name, error);
                damaged = true;
                if let Error::ZeroLength { offset, skipped } = error {
                    end = offset.saturating_add(skipped);
                }
            }
        }
    }
    if args.raw {
        printer.end(log, name, end)?;
    }
    match printed || !damaged {
        true => report.read(),
        false => report.failed_quietly(),
    }
    Ok(())
}

/// Where a record ends.
fn behind(record: &Record<'_>) -> u64 {
    let prefix = match record.layout().framing {
        Framing::LengthPrefixed => 2,
        _ => 0,
    };
    record.offset().saturating_add(prefix + record.bytes().len() as u64)
}

/// Where a record comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin<'a> {
    name: &'a FileName<'a>,
    kind: Option<FileKind>,
    /// What is to be added to a record's own, which count from the part that was read.
    offset: u64,
    index: u64,
}

impl<'a> Origin<'a> {
    /// A file that was read as a whole.
    pub(crate) fn file(name: &'a FileName<'a>, log: &LogFile<'_>) -> Origin<'a> {
        Origin { name, kind: log.kind(), offset: 0, index: 0 }
    }
}

/// The one output of the three formats.
pub(crate) struct Printer {
    form: Form,
    labels: Labels,
    /// Files begun.
    files: u32,
    /// The last of them.
    last: String,
}

/// How text tells the files apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Labels {
    None,
    Headings,
    Prefixes,
}

enum Form {
    Text(Output),
    Jsonl(Output),
    Csv(Box<Sheet<Output>>),
}

impl Printer {
    fn new(format: DumpFormat, headings: bool, out: Output) -> Printer {
        let form = match format {
            DumpFormat::Text => Form::Text(out),
            DumpFormat::Jsonl => Form::Jsonl(out),
            DumpFormat::Csv => Form::Csv(Box::new(Sheet::new(out))),
        };
        let labels = if headings { Labels::Headings } else { Labels::None };
        Printer { form, labels, files: 0, last: String::new() }
    }

    /// For the records of several files in one order.
    pub(crate) fn merged(format: DumpFormat, out: Output) -> io::Result<Printer> {
        let mut printer = Printer { labels: Labels::Prefixes, ..Printer::new(format, false, out) };
        if let Form::Csv(sheet) = &mut printer.form {
            sheet.header()?;
        }
        Ok(printer)
    }

    /// Begins a file that could be opened. Text has headings as head(1) prints them.
    fn begin(&mut self, name: &FileName<'_>) -> io::Result<()> {
        self.files += 1;
        self.last.clone_from(&name.value);
        match &mut self.form {
            Form::Text(out) if self.labels == Labels::Headings => {
                let gap = if self.files > 1 { "\n" } else { "" };
                writeln!(out, "{gap}==> {} <==", shown(name))
            }
            Form::Csv(sheet) if self.files == 1 => sheet.header(),
            _ => Ok(()),
        }
    }

    pub(crate) fn record(
        &mut self,
        record: &Record<'_>,
        origin: &Origin<'_>,
        args: &Dump,
    ) -> io::Result<()> {
        let entry = args.reading.entry(record);
        let Origin { name, kind, offset, index } = *origin;
        let row = || {
            let mut row = Row::new(&name.value, record, &entry, entry.event_in(kind), args.raw);
            row.offset += offset;
            row.index += index;
            row
        };
        match &mut self.form {
            Form::Text(out) => {
                if self.labels == Labels::Prefixes {
                    write!(out, "{}: ", shown(name))?;
                }
                text::write_row(out, record, &entry)
            }
            Form::Jsonl(out) => json::write_line(out, &row()),
            Form::Csv(sheet) => sheet.row(&name.shown, &row()),
        }
    }

    /// Closes a file for `undump`: what lies behind `end`, where records and zero lengths
    /// end. Arrays may go on with unused slots of a lastlog; a database holds its records
    /// anywhere, so nothing lies behind them.
    fn end(&mut self, log: &LogFile<'_>, name: &FileName<'_>, end: u64) -> io::Result<()> {
        let Form::Jsonl(out) = &mut self.form else { return Ok(()) };
        let len = log.bytes().len();
        let start = match log.layout() {
            Some(layout) => match layout.framing {
                Framing::Fixed | Framing::Indexed => len - len % layout.size,
                Framing::LengthPrefixed => usize::try_from(end).unwrap_or(len),
                _ => len,
            },
            None => len,
        };
        let end = End {
            file: &name.value,
            layout: log.layout().map(|layout| layout.name),
            event: "end",
            offset: start as u64,
            raw: hex(log.bytes().get(start..).unwrap_or_default()),
        };
        json::write_line(out, &end)
    }

    pub(crate) fn flush(&mut self) -> io::Result<()> {
        match &mut self.form {
            Form::Text(out) | Form::Jsonl(out) => out.flush(),
            Form::Csv(sheet) => sheet.flush(),
        }
    }
}

/// A file's name for people.
fn shown<'a>(name: &'a FileName<'_>) -> &'a str {
    if name.is_stdin() { "standard input" } else { &name.shown }
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
