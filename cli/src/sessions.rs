//! `loginrec sessions`: who was logged in, from when to when.

use std::cell::RefCell;
use std::collections::HashMap;
use std::io::{self, Write as _};
use std::net::IpAddr;
use std::ops::Range;

use clap::{Args, ValueEnum};
use loginrec::session::{End, Place, Session, sessions};
use loginrec::{Event, Record, Timestamp};
use serde::Serialize;

use crate::args::{EXIT_STATUS, Reading};
use crate::calendar::Rfc3339;
use crate::json;
use crate::length::{self, Length, Seconds};
use crate::output::stdout;
use crate::person::Person;
use crate::report::Report;
use crate::sheet::Sheet;
use crate::sources::Sources;
use crate::span::{self, Span, or_dash};
use crate::table::{self, Column};
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
days+hh:mm:ss. RECORDS are the bytes where login and logout begin.

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

    /// Only sessions that lasted this long or longer, as 90s, 5m, 2h, 1d; open ones too, for
    /// they may
    #[arg(long, value_name = "LENGTH", value_parser = length::parse)]
    min_duration: Option<Length>,

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

const HEADER: &[&str] = &[
    "user",
    "line",
    "host",
    "addr",
    "login",
    "ended",
    "seconds",
    "end",
    "boot",
    "disputed",
    "file",
    "offset",
    "closing_file",
    "closing_offset",
];

pub(crate) fn run(args: &SessionsArgs, report: &mut Report) -> io::Result<()> {
    let sources = Sources::open(&args.reading, report);
    let boots = RefCell::default();
    let told = RefCell::new(&mut *report);
    let records =
        sources.records(&told).inspect(|(file, record)| note(*file, record, args, &boots));
    let choice = Choice::of(args, &sources);
    let all = sessions(records).correct_clock(args.correct_clock);
    let chosen = all.filter(|session| choice.takes(session));
    let view = View { args, sources: &sources, boots: &boots };
    match args.format {
        Format::Text => view.table(chosen.collect())?,
        Format::Jsonl => view.jsonl(chosen)?,
        Format::Csv => view.csv(chosen)?,
    }
    sources.finish(report);
    Ok(())
}

/// When the boots were to which sessions belong.
type BootTimes = RefCell<HashMap<Place, Option<Rfc3339>>>;

fn note(file: u32, record: &Record<'_>, args: &SessionsArgs, boots: &BootTimes) {
    let entry = args.reading.entry(record);
    if args.format != Format::Text && entry.event() == Event::Boot {
        let place = Place { file, index: record.index(), offset: record.offset() };
        let time = Rfc3339::new(entry.ut_tv, record.layout().has_microseconds());
        boots.borrow_mut().insert(place, time);
    }
}

/// Which sessions are wanted.
struct Choice<'a> {
    args: &'a SessionsArgs,
    addresses: Vec<IpAddr>,
    range: Range<Option<i64>>,
}

impl<'a> Choice<'a> {
    fn of(args: &'a SessionsArgs, sources: &Sources<'_>) -> Choice<'a> {
        let zone = args.tz.clone().unwrap_or_else(Zone::utc);
        let seconds = |time: &Option<TimeArg>| {
            let time = time.as_ref()?;
            Some(span::seconds(time, &zone, || sources.newest(&args.reading)))
        };
        Choice {
            args,
            addresses: args.host.iter().filter_map(|host| host.parse().ok()).collect(),
            range: seconds(&args.since)..seconds(&args.until),
        }
    }

    fn takes(&self, session: &Session<'_>) -> bool {
        let Choice { args, addresses, range } = self;
        let entry = args.reading.entry(&session.login.record);
        let one_of = |wanted: &[String], text: loginrec::Text<'_>| {
            wanted.is_empty() || wanted.iter().any(|wanted| text == wanted.as_str())
        };
        let from = || entry.addr().is_some_and(|addr| addresses.contains(&addr));
        (!args.open || session.end == End::Open)
            && one_of(&args.user, entry.ut_user)
            && one_of(&args.line, entry.ut_line)
            && (one_of(&args.host, entry.ut_host) || from())
            && span::within(entry.ut_tv, range)
            && args.min_duration.is_none_or(|least| {
                span(session).length(&args.reading).is_none_or(|length| length >= least)
            })
    }
}

fn span<'a>(session: &Session<'a>) -> Span<'a> {
    let stored = session.ended().map(|ended| {
        let Length(micros) = Length::between(session.login.entry().ut_tv, ended);
        micros
    });
    let clock = stored.zip(session.micros()).map_or(0, |(stored, corrected)| stored - corrected);
    Span { begin: session.login, closing: session.closing, clock }
}

/// A session as JSON.
#[derive(Debug, Serialize)]
struct SessionRow<'a> {
    #[serde(flatten)]
    person: Person<'a>,
    login: Option<Rfc3339>,
    #[serde(skip_serializing_if = "Option::is_none")]
    login_raw_sec: Option<i64>,
    ended: Option<Rfc3339>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_raw_sec: Option<i64>,
    seconds: Option<Seconds>,
    end: &'static str,
    boot: Option<Rfc3339>,
    disputed: bool,
    file: &'a str,
    offset: u64,
    closing_file: Option<&'a str>,
    closing_offset: Option<u64>,
}

struct View<'a> {
    args: &'a SessionsArgs,
    sources: &'a Sources<'a>,
    boots: &'a BootTimes,
}

impl<'a> View<'a> {
    fn row(&self, session: &Session<'a>) -> SessionRow<'a> {
        let reading = &self.args.reading;
        let span = span(session);
        let entry = reading.entry(&session.login.record);
        let login = span::rfc3339(&session.login, reading);
        let ended = session.closing.and_then(|mark| span::rfc3339(&mark, reading));
        let unless = |known: Option<Rfc3339>, time: Option<Timestamp>| match known {
            Some(_) => None,
            None => time.map(|time| time.tv_sec),
        };
        let closing = session.closing.map(|mark| mark.place());
        let boots = self.boots.borrow();
        SessionRow {
            person: Person::new(&session.login.record, &entry),
            login,
            login_raw_sec: unless(login, Some(entry.ut_tv)),
            ended,
            ended_raw_sec: unless(ended, span.ended(reading)),
            seconds: span.seconds(reading),
            end: session.end.name(),
            boot: session.boot.and_then(|place| boots.get(&place).copied().flatten()),
            disputed: session.disputed,
            file: self.sources.value(session.login.file),
            offset: session.login.record.offset(),
            closing_file: closing.map(|place| self.sources.value(place.file)),
            closing_offset: closing.map(|place| place.offset),
        }
    }

    fn jsonl(&self, all: impl Iterator<Item = Session<'a>>) -> io::Result<()> {
        let mut out = stdout();
        for session in all {
            json::write_line(&mut out, &self.row(&session))?;
        }
        out.flush()
    }

    fn csv(&self, all: impl Iterator<Item = Session<'a>>) -> io::Result<()> {
        let mut sheet = Sheet::new(stdout());
        sheet.headings(HEADER)?;
        for session in all {
            let row = self.row(&session);
            sheet.text(row.person.user)?;
            sheet.text(row.person.line)?;
            sheet.text(row.person.host)?;
            sheet.cell(row.person.addr.flatten())?;
            sheet.cell(row.login)?;
            sheet.cell(row.ended)?;
            sheet.cell(row.seconds)?;
            sheet.cell(Some(row.end))?;
            sheet.cell(row.boot)?;
            sheet.cell(Some(row.disputed))?;
            sheet.cell(Some(self.sources.shown(session.login.file)))?;
            sheet.cell(Some(row.offset))?;
            sheet.cell(session.closing.map(|mark| self.sources.shown(mark.file)))?;
            sheet.cell(row.closing_offset)?;
            sheet.end()?;
        }
        sheet.flush()
    }

    fn table(&self, mut all: Vec<Session<'a>>) -> io::Result<()> {
        let zone = self.args.tz.clone().unwrap_or_else(Zone::utc);
        all.sort_by_key(|session| {
            let place = session.login.place();
            (self.args.reading.entry(&session.login.record).ut_tv, place.file, place.offset)
        });
        // Cells are made twice: texts of millions of sessions need not be kept.
        let mut widths = span::headings(&COLUMNS);
        for session in &all {
            span::widen(&mut widths, &self.cells(session, &zone));
        }
        let mut out = stdout();
        table::write_line(&mut out, &COLUMNS, &widths, COLUMNS.map(|(heading, _)| heading))?;
        for session in &all {
            let cells = self.cells(session, &zone);
            table::write_line(&mut out, &COLUMNS, &widths, cells.each_ref().map(String::as_str))?;
        }
        out.flush()
    }

    fn cells(&self, session: &Session<'a>, zone: &Zone) -> [String; 9] {
        let reading = &self.args.reading;
        let entry = reading.entry(&session.login.record);
        let span = span(session);
        let disputed = if session.disputed { ", disputed" } else { "" };
        let cells = [
            entry.ut_user.to_string(),
            entry.ut_line.to_string(),
            entry.ut_host.to_string(),
            entry.addr().map(|addr| addr.to_string()).unwrap_or_default(),
            span::shown(entry.ut_tv, zone),
            span.ended(reading).map(|ended| span::shown(ended, zone)).unwrap_or_default(),
            span.length(reading).map(|length| length.to_string()).unwrap_or_default(),
            format!("{}{disputed}", session.end.name()),
            span.places(self.sources),
        ];
        cells.map(or_dash)
    }
}
