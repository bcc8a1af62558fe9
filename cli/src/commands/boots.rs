//! `loginrec boots`: the times the machine was up.

use std::io;

use clap::Args;
use loginrec::contract::{BootRow, Column};
use loginrec::session::{Boot, BootTracker};
use loginrec::{FileKind, Timestamp};

use crate::args::filter::WhenArgs;
use crate::args::format::{FormulaGuard, OutputFormat};
use crate::args::output::OutputOptions;
use crate::args::reading::Reading;
use crate::args::time::TimeArg;
use crate::args::zone::Zone;
use crate::diagnostics::{Diagnostics, EXIT_STATUS, Stop};
use crate::file_name::FileName;
use crate::input::history::History;
use crate::input::inputs::Inputs;
use crate::output::duration::Length;
use crate::output::filter::{Filter, Missed, Selection, Subject};
use crate::output::interval::{AsOf, Span, file_value, machine_of, source_of};
use crate::output::listing::{Listing, Table};
use crate::output::table::{Heading, RECORDS, left, right};
use crate::output::writer::Output;
use crate::run::{NamedFiles, Run};

/// List boots, and how each uptime ended
///
/// Several files of one machine are read as its history, in the order of their first records.
#[derive(Debug, Args)]
#[command(after_help = format!("\
HOW is how the machine went down: shutdown, crash (no shutdown before the next boot; DOWN is that
boot), open (neither in the files). DURATION is days+hh:mm:ss; a running system counts up to the
newest record or --as-of. KERNEL is what Linux records at boot. RECORDS are the byte offsets of
the boot and shutdown records. jsonl and csv always have times in UTC.

Examples:
  loginrec boots wtmp.1 wtmp
  loginrec boots --present '2024-03-01 03:14' --root /mnt/image
  loginrec boots --format jsonl wtmp | jq -r 'select(.how == \"crash\").boot'

{EXIT_STATUS}"))]
pub(crate) struct BootsArgs {
    /// Output format
    #[arg(long, value_parser = OutputFormat::one_of(OutputFormat::ALL), default_value = "text")]
    format: OutputFormat,

    #[command(flatten)]
    guard: FormulaGuard,

    #[command(flatten)]
    when: WhenArgs,

    /// Only boots up to this time after which the system was still running then
    #[arg(long, value_name = "TIME", value_parser = TimeArg::parse, allow_hyphen_values = true)]
    present: Option<TimeArg>,

    /// Read the files as they were at this time: later records are ignored, and a running
    /// system counts up to it. Default: the newest record
    #[arg(long, value_name = "TIME", value_parser = TimeArg::parse, allow_hyphen_values = true)]
    as_of: Option<TimeArg>,

    /// The time zone of the table and of times without one: UTC, an offset such as +02:00, or a name such as
    /// Europe/Berlin. Default: UTC
    #[arg(long, value_name = "ZONE", value_parser = Zone::parse, allow_hyphen_values = true)]
    tz: Option<Zone>,

    #[command(flatten)]
    output: OutputOptions,

    #[command(flatten)]
    pub(crate) reading: Reading,
}

const COLUMNS: [Heading; 7] = [
    left(Column::Machine),
    left(Column::Boot),
    left(Column::Down),
    right(Column::Seconds),
    left(Column::How),
    left(Column::Kernel),
    RECORDS,
];

impl Run for BootsArgs {
    fn reading(&mut self) -> Option<(&mut Reading, &'static [FileKind])> {
        Some((&mut self.reading, &[FileKind::Wtmp]))
    }

    fn files(&self) -> NamedFiles<'_> {
        NamedFiles::of(&self.reading).written_to(&self.output).in_format(self.format)
    }

    fn run(&self, out: Output, report: &mut Diagnostics) -> Result<(), Stop> {
        run(self, out, report)
    }
}

fn run(args: &BootsArgs, out: Output, report: &mut Diagnostics) -> Result<(), Stop> {
    let zone = args.tz.clone().unwrap_or_else(Zone::utc);
    let sources = &args.reading.sources;
    let several = sources.has_several();
    let listing =
        Listing::begin::<BootRow<'_>>(args.format, args.guard, &COLUMNS, several, &zone, out);
    let missed = Missed::default();
    let mut view = View { files: 0, listing };
    let mut inputs = Inputs::reading(&args.reading).asking_kind();
    for machine in &sources.machines {
        let history = History::open(machine, &mut inputs, report)?;
        list(args, &history, &zone, &missed, &mut view, report)?;
        view.files += machine.files.len() as u32;
    }
    view.listing.end(report)?;
    if !report.has_failed() {
        missed.explain(&args.selection(), "boot", report);
    }
    Ok(())
}

impl BootsArgs {
    fn selection(&self) -> Selection<'_> {
        let (when, present) = (Some(&self.when), self.present.as_ref());
        Selection { when, present, ..Selection::default() }
    }
}

/// Lists the boots of one machine.
fn list(
    args: &BootsArgs,
    history: &History<'_>,
    zone: &Zone,
    missed: &Missed,
    view: &mut View,
    report: &mut Diagnostics,
) -> Result<(), Stop> {
    let newest = || history.newest();
    let as_of = args.as_of.as_ref().map(|time| time.resolve("as-of", zone, newest)).transpose()?;
    let filter = args.selection().resolve(zone, || as_of.unwrap_or_else(newest))?;
    let filter = BootFilter { filter, missed };
    let mut now = AsOf::of(as_of);
    if as_of.is_none() {
        args.selection().say_now(newest, report);
    }
    let names = history.names();
    let mut times = BootTracker::new();
    history.records(report, |file, record| {
        let entry = record.entry();
        if now.includes(entry.ut_tv)
            && let Some(boot) = times.push(file, record, &entry)
        {
            filter.show(&boot, now, names, view)?;
        }
        Ok(())
    })?;
    if let Some(boot) = times.finish() {
        filter.show(&boot, now, names, view)?;
    }
    Ok(())
}

struct View {
    /// Files of the machines before this one.
    files: u32,
    /// Boots are listed in the order they are found.
    listing: Listing<(u32, u64), 7>,
}

/// The boots that the options select.
struct BootFilter<'a> {
    filter: Filter<'a>,
    missed: &'a Missed,
}

impl BootFilter<'_> {
    /// Shows a boot if it is selected.
    fn show(
        &self,
        boot: &Boot,
        now: AsOf,
        files: &[FileName<'_>],
        view: &mut View,
    ) -> io::Result<()> {
        let end = boot.closing.map_or(now.time(), |closing| closing.time);
        let subject = Subject { begin: boot.boot.at().time, end, ..Subject::default() };
        match self.filter.takes(&subject, true, self.missed) {
            true => view.show(boot, end, files),
            false => Ok(()),
        }
    }
}

impl View {
    fn show(&mut self, boot: &Boot, until: Timestamp, files: &[FileName<'_>]) -> io::Result<()> {
        let begin = boot.boot.at();
        let length = Length::between(begin.time, until);
        let span = Span { begin, closing: boot.closing, length };
        match &mut self.listing {
            Listing::Table(table) => {
                let place = span.begin.location;
                // Not by offset: a database stores rows in no order.
                table.grid.row((self.files.saturating_add(place.file), place.index));
                cells(table, boot, &span, files);
                Ok(())
            }
            Listing::Rows(rows) => {
                let down_file = span.closing.and_then(|end| file_value(files, end.location.file));
                let source = source_of(files, begin.location.file);
                rows.row(&BootRow { source, down_file, boot, seconds: length.seconds() })
            }
        }
    }
}

fn cells(
    Table { grid, times, .. }: &mut Table<(u32, u64), 7>,
    boot: &Boot,
    span: &Span,
    files: &[FileName<'_>],
) {
    grid.first(machine_of(files, span.begin.location.file));
    grid.cell(|out| times.push(out, span.begin.time));
    grid.cell(|out| span.ended().into_iter().for_each(|ended| times.push(out, ended)));
    grid.cell(|out| span.length.push(out));
    grid.cell(|out| out.extend_from_slice(boot.end.name().as_bytes()));
    grid.text(boot.boot.entry().ut_host);
    grid.cell(|out| span.push_places(out, files));
}
