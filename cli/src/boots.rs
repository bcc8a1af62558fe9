//! `loginrec boots`: when the machine was up.

use std::cell::RefCell;
use std::io::{self, Write as _};

use clap::Args;
use loginrec::layout::Role;
use loginrec::session::{Boot, UpTimes};
use serde::Serialize;

use crate::args::{EXIT_STATUS, Reading};
use crate::calendar::Rfc3339;
use crate::json;
use crate::length::{Length, Seconds};
use crate::output::stdout;
use crate::report::Report;
use crate::row::{Shown, Stored};
use crate::sessions::Format;
use crate::sheet::Sheet;
use crate::sources::Sources;
use crate::span::{self, Now, Span, or_dash};
use crate::table::{self, Column};
use crate::time_arg::TimeArg;
use crate::zone::Zone;

/// List the boots, and how the time after each ended
///
/// Several files are read as the history of one machine, in the order of their first records.
#[derive(Debug, Args)]
#[command(after_help = format!("\
HOW the machine went down: shutdown, crash (no shutdown before the next boot; END is that
boot), open (neither by the end of the files). UP is days+hh:mm:ss; of a system that is up,
until the newest record or --as-of. KERNEL is what Linux notes at boot. RECORDS are the bytes where the boot and the shutdown record begin. jsonl and csv have
times in UTC, whatever --tz says.

Examples:
  loginrec boots wtmp.1 wtmp
  loginrec boots --format jsonl wtmp | jq -r 'select(.end == \"crash\").boot'

{EXIT_STATUS}"))]
pub(crate) struct BootsArgs {
    /// What to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    /// Read the files as they were at this time: later records count as not yet written, and
    /// a system that is up has been so until then. Default: the newest record
    #[arg(long, value_name = "TIME", value_parser = TimeArg::parse, allow_hyphen_values = true)]
    as_of: Option<TimeArg>,

    /// The time zone of the table: UTC, an offset as +02:00, or a name as Europe/Berlin.
    /// Default: UTC
    #[arg(long, value_name = "ZONE", value_parser = Zone::parse, allow_hyphen_values = true)]
    tz: Option<Zone>,

    #[command(flatten)]
    pub(crate) reading: Reading,
}

const COLUMNS: [Column; 6] = [
    ("BOOT", false),
    ("END", false),
    ("UP", true),
    ("HOW", false),
    ("KERNEL", false),
    ("RECORDS", false),
];

const HEADER: &[&str] = &[
    "boot",
    "ended",
    "seconds",
    "end",
    "kernel",
    "file",
    "offset",
    "closing_file",
    "closing_offset",
];

pub(crate) fn run(args: &BootsArgs, report: &mut Report) -> io::Result<()> {
    let sources = Sources::open(&args.reading, report);
    let zone = args.tz.clone().unwrap_or_else(Zone::utc);
    let newest = || sources.newest(&args.reading);
    let mut now = Now::of(args.as_of.as_ref().map(|as_of| span::seconds(as_of, &zone, newest)));

    let told = RefCell::new(&mut *report);
    let mut times = UpTimes::new().unsigned_time(args.reading.unsigned_time);
    let mut all = Vec::new();
    for (file, record) in sources.records(&told) {
        if now.has(&record, &args.reading) {
            all.extend(times.push(file, &record));
        }
    }
    all.extend(times.finish());
    let view = View { now, zone, sources: &sources };
    match args.format {
        Format::Text => view.table(&all)?,
        Format::Jsonl => view.jsonl(&all)?,
        Format::Csv => view.csv(&all)?,
    }
    sources.finish(report);
    Ok(())
}

/// A boot as JSON.
#[derive(Debug, Serialize)]
struct BootRow<'a> {
    boot: Option<Rfc3339>,
    ended: Option<Rfc3339>,
    seconds: Seconds,
    end: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    kernel: Option<Shown<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kernel_hex: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kernel_residue: Option<String>,
    file: &'a str,
    offset: u64,
    closing_file: Option<&'a str>,
    closing_offset: Option<u64>,
}

struct View<'a> {
    now: Now,
    zone: Zone,
    sources: &'a Sources<'a>,
}

impl View<'_> {
    fn span(&self, boot: &Boot) -> Span {
        let until = boot.closing.map_or(self.now.time(), |mark| mark.time);
        let begin = boot.boot.mark();
        Span { begin, closing: boot.closing, length: Length::between(begin.time, until) }
    }

    fn row<'r>(&'r self, boot: &'r Boot) -> BootRow<'r> {
        let span = self.span(boot);
        let kernel = Stored::of(span.begin.layout, Role::Host, boot.boot.entry().ut_host);
        let closing = boot.closing.map(|mark| mark.place);
        BootRow {
            boot: span::rfc3339(span.begin),
            ended: boot.closing.and_then(span::rfc3339),
            seconds: span.seconds(),
            end: boot.end.name(),
            kernel: kernel.shown,
            kernel_hex: kernel.hex,
            kernel_residue: kernel.residue,
            file: self.sources.value(span.begin.place.file),
            offset: span.begin.place.offset,
            closing_file: closing.map(|place| self.sources.value(place.file)),
            closing_offset: closing.map(|place| place.offset),
        }
    }

    fn jsonl(&self, all: &[Boot]) -> io::Result<()> {
        let mut out = stdout();
        for boot in all {
            json::write_line(&mut out, &self.row(boot))?;
        }
        out.flush()
    }

    fn csv(&self, all: &[Boot]) -> io::Result<()> {
        let mut sheet = Sheet::new(stdout());
        sheet.headings(HEADER)?;
        for boot in all {
            let row = self.row(boot);
            sheet.cell(row.boot)?;
            sheet.cell(row.ended)?;
            sheet.cell(Some(row.seconds))?;
            sheet.cell(Some(row.end))?;
            sheet.text(row.kernel)?;
            sheet.cell(Some(self.sources.shown(boot.boot.mark().place.file)))?;
            sheet.cell(Some(row.offset))?;
            sheet.cell(boot.closing.map(|mark| self.sources.shown(mark.place.file)))?;
            sheet.cell(row.closing_offset)?;
            sheet.end()?;
        }
        sheet.flush()
    }

    fn table(&self, all: &[Boot]) -> io::Result<()> {
        let rows: Vec<_> = all.iter().map(|boot| self.cells(boot)).collect();
        let mut widths = span::headings(&COLUMNS);
        rows.iter().for_each(|cells| span::widen(&mut widths, cells));
        let mut out = stdout();
        table::write_line(&mut out, &COLUMNS, &widths, COLUMNS.map(|(heading, _)| heading))?;
        for cells in &rows {
            table::write_line(&mut out, &COLUMNS, &widths, cells.each_ref().map(String::as_str))?;
        }
        out.flush()
    }

    fn cells(&self, boot: &Boot) -> [String; 6] {
        let span = self.span(boot);
        let cells = [
            span::shown(span.begin.time, &self.zone),
            span.ended().map(|ended| span::shown(ended, &self.zone)).unwrap_or_default(),
            span.length.to_string(),
            boot.end.name().to_owned(),
            boot.boot.entry().ut_host.to_string(),
            span.places(self.sources),
        ];
        cells.map(or_dash)
    }
}
