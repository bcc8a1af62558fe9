//! `loginrec dump`: every record of every file.

use std::io::{self, Write as _};

use loginrec::{Error, Framing, LogFile, Record};

use crate::args::{Dump, DumpFormat, Reading};
use crate::filename::FileName;
use crate::hex::hex;
use crate::input::Inputs;
use crate::json;
use crate::output::{Stdout, stdout};
use crate::report::Report;
use crate::row::{End, Row};
use crate::sheet::Sheet;
use crate::text;

pub(crate) fn run(args: &Dump, report: &mut Report) -> io::Result<()> {
    let reading = &args.reading;
    let mut inputs = Inputs::new(reading.layout);
    let mut printer = Printer::new(args.format, reading.files.len() > 1);
    for file in &reading.files {
        let name = FileName::new(file);
        match inputs.open(&name, report) {
            Ok(log) => print(&log, &name, args, &mut printer, report)?,
            Err(why) => report.failed(&name, why),
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
                printer.record(log, &record, name, args)?;
                printed = true;
                end = behind(&record);
            }
            Err(error) => {
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

/// The one output of the three formats.
struct Printer {
    form: Form,
    /// Whether text tells the files apart.
    headings: bool,
    /// Files begun.
    files: u32,
}

enum Form {
    Text(Stdout),
    Jsonl(Stdout),
    Csv(Box<Sheet<Stdout>>),
}

impl Printer {
    fn new(format: DumpFormat, headings: bool) -> Printer {
        let form = match format {
            DumpFormat::Text => Form::Text(stdout()),
            DumpFormat::Jsonl => Form::Jsonl(stdout()),
            DumpFormat::Csv => Form::Csv(Box::new(Sheet::new(stdout()))),
        };
        Printer { form, headings, files: 0 }
    }

    /// Begins a file that could be opened. Text has headings as head(1) prints them.
    fn begin(&mut self, name: &FileName<'_>) -> io::Result<()> {
        self.files += 1;
        match &mut self.form {
            Form::Text(out) if self.headings => {
                let gap = if self.files > 1 { "\n" } else { "" };
                let file = if name.is_stdin() { "standard input" } else { &name.shown };
                writeln!(out, "{gap}==> {file} <==")
            }
            Form::Csv(sheet) if self.files == 1 => sheet.header(),
            _ => Ok(()),
        }
    }

    fn record(
        &mut self,
        log: &LogFile<'_>,
        record: &Record<'_>,
        name: &FileName<'_>,
        args: &Dump,
    ) -> io::Result<()> {
        let entry = args.reading.entry(record);
        let row = || {
            let event = entry.event_in(log.kind());
            Row::new(&name.value, record, &entry, event, args.raw)
        };
        match &mut self.form {
            Form::Text(out) => text::write_row(out, record, &entry),
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

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.form {
            Form::Text(out) | Form::Jsonl(out) => out.flush(),
            Form::Csv(sheet) => sheet.flush(),
        }
    }
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
