//! `loginrec boots`: when the machine was up.

use std::io::{self, Write as _};

use clap::Args;
use loginrec::session::{Boot, UpTimes};

use crate::args::{EXIT_STATUS, Reading};
use crate::calendar::Clock;
use crate::json::Object;
use crate::length::Length;
use crate::output::{Output, stdout};
use crate::report::Report;
use crate::row::{Cells, key};
use crate::sessions::Format;
use crate::sheet::{Line, Safety};
use crate::sources::Sources;
use crate::span::{self, Now, Shapes, Span, Times};
use crate::table::{Column, Grid};
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

    #[command(flatten)]
    safety: Safety,

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

const HEADER: &str = "boot,ended,seconds,end,kernel,file,offset,closing_file,closing_offset\n";

pub(crate) fn run(args: &BootsArgs, report: &mut Report) -> io::Result<()> {
    let sources = Sources::open(&args.reading, report)?;
    let zone = args.tz.clone().unwrap_or_else(Zone::utc);
    let newest = || sources.newest(&args.reading);
    let mut now = Now::of(args.as_of.as_ref().map(|as_of| span::seconds(as_of, &zone, newest)));

    let mut view = View {
        format: args.format,
        safety: args.safety,
        sources: &sources,
        out: stdout(),
        clock: Clock::new(),
        times: Times::new(&zone),
        shapes: Shapes::default(),
        grid: Grid::new(&COLUMNS),
    };
    if args.format == Format::Csv {
        view.out.write_all(HEADER.as_bytes())?;
    }

    let mut times = UpTimes::new().unsigned_time(args.reading.unsigned_time);
    sources.records(report, |file, record| {
        if now.has(record, &args.reading)
            && let Some(boot) = times.push(file, record)
        {
            view.show(&boot, now)?;
        }
        Ok(())
    })?;
    if let Some(boot) = times.finish() {
        view.show(&boot, now)?;
    }
    view.end()
}

struct View<'a> {
    format: Format,
    safety: Safety,
    sources: &'a Sources<'a>,
    out: Output,
    clock: Clock,
    times: Times,
    shapes: Shapes,
    /// Boots are listed as they come.
    grid: Grid<(u32, u64), 6>,
}

impl View<'_> {
    fn show(&mut self, boot: &Boot, now: Now) -> io::Result<()> {
        let View { sources, shapes, .. } = self;
        let until = boot.closing.map_or(now.time(), |mark| mark.time);
        let begin = boot.boot.mark();
        let length = Length::between(begin.time, until);
        let span = Span { begin, closing: boot.closing, length };
        match self.format {
            Format::Text => self.cells(boot, &span),
            Format::Jsonl => {
                let mut object = Object::new(self.out.lines(), &mut self.clock);
                write(boot, &span, shapes, sources, &mut object);
                object.end();
            }
            Format::Csv => {
                let mut line = Line::new(self.out.lines(), &mut self.clock, self.safety);
                write(boot, &span, shapes, sources, &mut line);
                line.end();
            }
        }
        self.out.settle()
    }

    fn end(mut self) -> io::Result<()> {
        if self.format == Format::Text {
            self.grid.write(&mut self.out)?;
        }
        self.out.flush()
    }

    fn cells(&mut self, boot: &Boot, span: &Span) {
        let View { sources, times, grid, .. } = self;
        let place = span.begin.place;
        grid.row((place.file, place.offset));
        grid.cell(|out| times.push(out, span.begin.time));
        grid.cell(|out| span.ended().into_iter().for_each(|ended| times.push(out, ended)));
        grid.cell(|out| span.length.push(out));
        grid.cell(|out| out.extend_from_slice(boot.end.name().as_bytes()));
        grid.text(boot.boot.entry().ut_host);
        grid.cell(|out| span.push_places(out, sources));
    }
}

/// The order of JSON's keys and of [`HEADER`].
fn write(
    boot: &Boot,
    span: &Span,
    shapes: &mut Shapes,
    sources: &Sources<'_>,
    to: &mut impl Cells,
) {
    to.time(key!("boot"), shapes.time(span.begin));
    to.time(key!("ended"), boot.closing.and_then(|mark| shapes.time(mark)));
    to.seconds(key!("seconds"), span.seconds(shapes));
    to.word(key!("end"), Some(boot.end.name()));
    let has_host = shapes.of(span.begin.layout).host;
    to.text(key!("kernel"), has_host.then_some(boot.boot.entry().ut_host));
    span.write_places(to, sources);
}
