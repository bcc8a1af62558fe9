//! `loginrec sessions`: who was logged in, from when to when.

use std::io::{self, Write as _};
use std::net::IpAddr;
use std::ops::Range;

use clap::{Args, ValueEnum};
use loginrec::session::{End, Mark, Pairing, Session};
use loginrec::{Address, Entry, Timestamp};

use crate::args::{EXIT_STATUS, Reading};
use crate::calendar::Clock;
use crate::digits::address;
use crate::json::Object;
use crate::length::{self, Length};
use crate::output::{Output, stdout};
use crate::report::Report;
use crate::row::{Cells, key};
use crate::sheet::{Line, Safety};
use crate::sources::Sources;
use crate::span::{self, Now, Shapes, Span, Times};
use crate::table::{Column, Grid};
use crate::time_arg::TimeArg;
use crate::zone::Zone;

/// Pair logins with logouts: who was logged in, from when to when
///
/// A session ends with a logout on its line, with the next login there, with a shutdown, or
/// with a boot that no shutdown went before. Several files are read as the history of one
/// machine, in the order of their first records: sessions go on from wtmp.1 into wtmp.
#[derive(Debug, Args)]
#[command(after_help = format!("\
HOW a session ended: logout, shutdown, crash (no shutdown before the next boot: it ended at
that boot or earlier), replaced (somebody logged in on the same line), open (not by the end of
the files). `disputed`: line and process id of the records tell different stories. DURATION is
days+hh:mm:ss; of open sessions, until the newest record or --as-of. RECORDS are the bytes where
login and logout begin.

The table is in the order of the logins. jsonl and csv are written as sessions end, open ones
last, with times in UTC, whatever --tz says; `boot` is the time of the boot before the login.
--user, --line and --host may be given more than once; each has to match as a whole. All
options that choose are applied after logins and logouts have been paired.

Examples:
  loginrec sessions wtmp.1 wtmp
  loginrec sessions --user root --since 2024-03-01 wtmp
  loginrec sessions --format jsonl wtmp | jq 'select(.end == \"crash\")'
  loginrec sessions --host 203.0.113.7 --min-duration 5m /mnt/image/var/log/wtmp

{EXIT_STATUS}"))]
pub(crate) struct SessionsArgs {
    /// What to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,

    #[command(flatten)]
    safety: Safety,

    /// Only sessions that have not ended
    #[arg(long)]
    open: bool,

    /// Only sessions of this user
    #[arg(long, value_name = "NAME")]
    user: Vec<String>,

    /// Only sessions on this line, as pts/0
    #[arg(long, value_name = "LINE")]
    line: Vec<String>,

    /// Only sessions from this host or address
    #[arg(long, value_name = "HOST")]
    host: Vec<String>,

    /// Only sessions that began at this time or later
    #[arg(long, value_name = "TIME", value_parser = TimeArg::parse, allow_hyphen_values = true)]
    since: Option<TimeArg>,

    /// Only sessions that began at this time or earlier
    #[arg(long, value_name = "TIME", value_parser = TimeArg::parse, allow_hyphen_values = true)]
    until: Option<TimeArg>,

    /// Only sessions that lasted this long or longer, as 90s, 5m, 2h, 1d; those still open
    /// have lasted until now
    #[arg(long, value_name = "LENGTH", value_parser = length::parse)]
    min_duration: Option<Length>,

    /// Read the files as they were at this time: later records count as not yet written. It
    /// also is `now` for other times, and until then open sessions have lasted. Default: the
    /// newest record
    #[arg(long, value_name = "TIME", value_parser = TimeArg::parse, allow_hyphen_values = true)]
    as_of: Option<TimeArg>,

    /// Take recorded changes of the clock out of the durations
    #[arg(long)]
    correct_clock: bool,

    /// The time zone of the table and of --since and --until: UTC, an offset as +02:00, or a
    /// name as Europe/Berlin. Default: UTC
    #[arg(long, value_name = "ZONE", value_parser = Zone::parse, allow_hyphen_values = true)]
    tz: Option<Zone>,

    #[command(flatten)]
    pub(crate) reading: Reading,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A table
    Text,
    /// One JSON object for each line of it
    Jsonl,
    /// Comma-separated values under a header line (RFC 4180, lines end in LF)
    Csv,
}

const COLUMNS: [Column; 9] = [
    ("USER", false),
    ("LINE", false),
    ("HOST", false),
    ("ADDRESS", false),
    ("LOGIN", false),
    ("END", false),
    ("DURATION", true),
    ("HOW", false),
    ("RECORDS", false),
];

const HEADER: &str = "user,line,host,addr,login,ended,seconds,end,boot,disputed,file,offset,\
    closing_file,closing_offset\n";

pub(crate) fn run(args: &SessionsArgs, report: &mut Report) -> io::Result<()> {
    let sources = Sources::open(&args.reading, report)?;
    let zone = args.tz.clone().unwrap_or_else(Zone::utc);
    let newest = || sources.newest(&args.reading);
    let as_of = args.as_of.as_ref().map(|time| span::seconds(time, &zone, newest));
    let choice = Choice::of(args, &zone, || as_of.unwrap_or_else(newest));
    let mut now = Now::of(as_of);
    let mut view = View::new(args, &zone, &sources);
    view.begin()?;

    let mut pairing =
        Pairing::new().correct_clock(args.correct_clock).unsigned_time(args.reading.unsigned_time);
    sources.records(report, |file, record| {
        if now.has(record, &args.reading) {
            for session in pairing.push(file, record) {
                choice.show(&session, now, &mut view)?;
            }
        }
        Ok(())
    })?;
    for session in pairing.finish() {
        choice.show(&session, now, &mut view)?;
    }
    view.end()
}

/// Which sessions are wanted.
struct Choice<'a> {
    args: &'a SessionsArgs,
    addresses: Vec<IpAddr>,
    range: Range<Option<i64>>,
}

impl<'a> Choice<'a> {
    fn of(args: &'a SessionsArgs, zone: &Zone, now: impl Fn() -> i64) -> Choice<'a> {
        let seconds =
            |time: &Option<TimeArg>| time.as_ref().map(|time| span::seconds(time, zone, &now));
        Choice {
            args,
            addresses: args.host.iter().filter_map(|host| host.parse().ok()).collect(),
            range: seconds(&args.since)..seconds(&args.until),
        }
    }

    fn show(&self, session: &Session<'_>, now: Now, view: &mut View<'_>) -> io::Result<()> {
        let entry = session.login.entry();
        let until = session.ended().unwrap_or_else(|| now.time());
        let length = Length(session.micros_until(until));
        let span = Span { begin: session.login.mark(), closing: session.closing, length };
        match self.takes(session, &entry, &span) {
            true => view.show(session, &entry, &span),
            false => Ok(()),
        }
    }

    fn takes(&self, session: &Session<'_>, entry: &Entry<'_>, span: &Span) -> bool {
        let Choice { args, addresses, range } = self;
        let one_of = |wanted: &[String], text: loginrec::Text<'_>| {
            wanted.is_empty() || wanted.iter().any(|wanted| text == wanted.as_str())
        };
        let from = || entry.addr().is_some_and(|addr| addresses.contains(&addr));
        (!args.open || session.end == End::Open)
            && one_of(&args.user, entry.ut_user)
            && one_of(&args.line, entry.ut_line)
            && (one_of(&args.host, entry.ut_host) || from())
            && span::within(entry.ut_tv, range)
            && args.min_duration.is_none_or(|least| span.length >= least)
    }
}

struct View<'a> {
    format: Format,
    safety: Safety,
    sources: &'a Sources<'a>,
    out: Output,
    clock: Clock,
    times: Times,
    shapes: Shapes,
    grid: Grid<Begin, 9>,
}

/// What the table is in the order of, in 24 bytes: there may be millions of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Begin {
    sec: i64,
    usec: i32,
    file: u32,
    offset: u64,
}

impl Begin {
    fn of(mark: Mark) -> Begin {
        let Timestamp { tv_sec, tv_usec } = mark.time;
        let usec = tv_usec.clamp(i32::MIN.into(), i32::MAX.into());
        let usec = i32::try_from(usec).unwrap_or_default();
        Begin { sec: tv_sec, usec, file: mark.place.file, offset: mark.place.offset }
    }
}

impl<'a> View<'a> {
    fn new(args: &SessionsArgs, zone: &Zone, sources: &'a Sources<'a>) -> View<'a> {
        View {
            format: args.format,
            safety: args.safety,
            sources,
            out: stdout(),
            clock: Clock::new(),
            times: Times::new(zone),
            shapes: Shapes::default(),
            grid: Grid::new(&COLUMNS),
        }
    }

    fn begin(&mut self) -> io::Result<()> {
        match self.format {
            Format::Csv => self.out.write_all(HEADER.as_bytes()),
            Format::Text | Format::Jsonl => Ok(()),
        }
    }

    fn show(&mut self, session: &Session<'_>, entry: &Entry<'_>, span: &Span) -> io::Result<()> {
        let View { sources, shapes, .. } = self;
        match self.format {
            Format::Text => self.cells(session, entry, span),
            Format::Jsonl => {
                let mut object = Object::new(self.out.lines(), &mut self.clock);
                write(session, entry, span, shapes, sources, &mut object);
                object.end();
            }
            Format::Csv => {
                let mut line = Line::new(self.out.lines(), &mut self.clock, self.safety);
                write(session, entry, span, shapes, sources, &mut line);
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

    fn cells(&mut self, session: &Session<'_>, entry: &Entry<'_>, span: &Span) {
        let View { sources, times, grid, .. } = self;
        grid.row(Begin::of(span.begin));
        grid.text(entry.ut_user);
        grid.text(entry.ut_line);
        grid.text(entry.ut_host);
        grid.cell(|out| entry.addr().into_iter().for_each(|addr| address(out, addr)));
        grid.cell(|out| times.push(out, span.begin.time));
        grid.cell(|out| span.ended().into_iter().for_each(|ended| times.push(out, ended)));
        grid.cell(|out| span.length.push(out));
        grid.cell(|out| {
            out.extend_from_slice(session.end.name().as_bytes());
            if session.disputed {
                out.extend_from_slice(b", disputed");
            }
        });
        grid.cell(|out| span.push_places(out, sources));
    }
}

/// The order of JSON's keys; without those that only JSON has, that of [`HEADER`].
fn write(
    session: &Session<'_>,
    entry: &Entry<'_>,
    span: &Span,
    shapes: &mut Shapes,
    sources: &Sources<'_>,
    to: &mut impl Cells,
) {
    let shape = shapes.of(span.begin.layout);
    to.text(key!("user"), shape.user.then_some(entry.ut_user));
    to.text(key!("line"), shape.line.then_some(entry.ut_line));
    to.text(key!("host"), shape.host.then_some(entry.ut_host));
    to.address(key!("addr"), (entry.ut_addr != Address::Absent).then(|| entry.addr()));
    let seconds = |known: bool, time: Timestamp| (!known).then_some(time.tv_sec);
    let login = shapes.time(span.begin);
    to.time(key!("login"), login);
    to.aside(key!("login_raw_sec"), seconds(login.is_some(), span.begin.time));
    let ended = span.closing.and_then(|mark| shapes.time(mark));
    to.time(key!("ended"), ended);
    to.aside(key!("ended_raw_sec"), span.ended().and_then(|time| seconds(ended.is_some(), time)));
    to.seconds(key!("seconds"), span.seconds(shapes));
    to.word(key!("end"), Some(session.end.name()));
    shapes.write_boot(key!("boot"), session.boot, to);
    to.flag(key!("disputed"), session.disputed);
    span.write_places(to, sources);
}
