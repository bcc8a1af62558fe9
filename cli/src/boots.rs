//! `loginrec boots`: when the machine was up.

use std::cell::RefCell;
use std::io::{self, Write as _};

use clap::Args;
use loginrec::layout::Role;
use loginrec::session::{Boot, boots};
use serde::Serialize;

use crate::args::{EXIT_STATUS, Reading};
use crate::calendar::Rfc3339;
use crate::json;
use crate::length::Seconds;
use crate::output::stdout;
use crate::report::Report;
use crate::row::{Shown, Stored};
use crate::sessions::Format;
use crate::sheet::Sheet;
use crate::sources::Sources;
use crate::span::{self, Span, or_dash};
use crate::table::{self, Column};
use crate::zone::Zone;

/// List the boots, and how the time after each ended
///
/// Several files are read as the history of one machine, in the order of their first records.
#[derive(Debug, Args)]
#[command(after_help = format!("\
HOW the machine went down: shutdown, crash (no shutdown before the next boot; END is that
boot), open (neither by the end of the files). UP is days+hh:mm:ss. KERNEL is what Linux notes
at boot. RECORDS are the bytes where the boot and the shutdown record begin. jsonl and csv have
times in UTC, whatever --tz says.

Examples:
  loginrec boots wtmp.1 wtmp
  loginrec boots --format jsonl wtmp | jq -r 'select(.end == \"crash\").boot'

{EXIT_STATUS}"))]
pub(crate) struct BootsArgs {
    /// What to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

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
    let told = RefCell::new(&mut *report);
    let all = boots(sources.records(&told));
    let view = View { args, sources: &sources };
    match args.format {
        Format::Text => view.table(all.collect())?,
        Format::Jsonl => view.jsonl(all)?,
        Format::Csv => view.csv(all)?,
    }
    sources.finish(report);
    Ok(())
}

/// A boot as JSON.
#[derive(Debug, Serialize)]
struct BootRow<'a> {
    boot: Option<Rfc3339>,
    ended: Option<Rfc3339>,
    seconds: Option<Seconds>,
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
    args: &'a BootsArgs,
    sources: &'a Sources<'a>,
}

impl<'a> View<'a> {
    fn row(&self, boot: &Boot<'a>) -> BootRow<'a> {
        let reading = &self.args.reading;
        let record = &boot.boot.record;
        let kernel = Stored::of(record.layout(), Role::Host, record.entry().ut_host);
        let closing = boot.closing.map(|mark| mark.place());
        BootRow {
            boot: span::rfc3339(&boot.boot, reading),
            ended: boot.closing.and_then(|mark| span::rfc3339(&mark, reading)),
            seconds: span(boot).seconds(reading),
            end: boot.end.name(),
            kernel: kernel.shown,
            kernel_hex: kernel.hex,
            kernel_residue: kernel.residue,
            file: self.sources.value(boot.boot.file),
            offset: boot.boot.record.offset(),
            closing_file: closing.map(|place| self.sources.value(place.file)),
            closing_offset: closing.map(|place| place.offset),
        }
    }

    fn jsonl(&self, all: impl Iterator<Item = Boot<'a>>) -> io::Result<()> {
        let mut out = stdout();
        for boot in all {
            json::write_line(&mut out, &self.row(&boot))?;
        }
        out.flush()
    }

    fn csv(&self, all: impl Iterator<Item = Boot<'a>>) -> io::Result<()> {
        let mut sheet = Sheet::new(stdout());
        sheet.headings(HEADER)?;
        for boot in all {
            let row = self.row(&boot);
            sheet.cell(row.boot)?;
            sheet.cell(row.ended)?;
            sheet.cell(row.seconds)?;
            sheet.cell(Some(row.end))?;
            sheet.text(row.kernel)?;
            sheet.cell(Some(self.sources.shown(boot.boot.file)))?;
            sheet.cell(Some(row.offset))?;
            sheet.cell(boot.closing.map(|mark| self.sources.shown(mark.file)))?;
            sheet.cell(row.closing_offset)?;
            sheet.end()?;
        }
        sheet.flush()
    }

    fn table(&self, all: Vec<Boot<'a>>) -> io::Result<()> {
        let zone = self.args.tz.clone().unwrap_or_else(Zone::utc);
        let mut widths = span::headings(&COLUMNS);
        for boot in &all {
            span::widen(&mut widths, &self.cells(boot, &zone));
        }
        let mut out = stdout();
        table::write_line(&mut out, &COLUMNS, &widths, COLUMNS.map(|(heading, _)| heading))?;
        for boot in &all {
            let cells = self.cells(boot, &zone);
            table::write_line(&mut out, &COLUMNS, &widths, cells.each_ref().map(String::as_str))?;
        }
        out.flush()
    }

    fn cells(&self, boot: &Boot<'a>, zone: &Zone) -> [String; 6] {
        let reading = &self.args.reading;
        let span = span(boot);
        let cells = [
            span::shown(span.began(reading), zone),
            span.ended(reading).map(|ended| span::shown(ended, zone)).unwrap_or_default(),
            span.length(reading).map(|length| length.to_string()).unwrap_or_default(),
            boot.end.name().to_owned(),
            boot.boot.entry().ut_host.to_string(),
            span.places(self.sources),
        ];
        cells.map(or_dash)
    }
}

fn span<'a>(boot: &Boot<'a>) -> Span<'a> {
    Span { begin: boot.boot, closing: boot.closing, clock: 0 }
}
