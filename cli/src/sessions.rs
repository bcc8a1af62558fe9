//! `loginrec sessions`: who was logged in, from when to when.

use std::cell::RefCell;
use std::io::{self, Write as _};
use std::net::IpAddr;
use std::ops::Range;

use clap::{Args, ValueEnum};
use loginrec::session::{End, Pairing, Session};
use loginrec::{Entry, Timestamp};
use serde::Serialize;

use crate::args::{EXIT_STATUS, Reading};
use crate::calendar::Rfc3339;
use crate::json;
use crate::length::{self, Length, Seconds};
use crate::output::{Output, stdout};
use crate::person::Person;
use crate::report::Report;
use crate::sheet::Sheet;
use crate::sources::Sources;
use crate::span::{self, Now, Span, or_dash};
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
    let zone = args.tz.clone().unwrap_or_else(Zone::utc);
    let newest = || sources.newest(&args.reading);
    let as_of = args.as_of.as_ref().map(|time| span::seconds(time, &zone, newest));
    let choice = Choice::of(args, &zone, || as_of.unwrap_or_else(newest));
    let mut now = Now::of(as_of);
    let mut view = View::new(args, zone, &sources);
    view.begin()?;

    let told = RefCell::new(&mut *report);
    let mut pairing =
        Pairing::new().correct_clock(args.correct_clock).unsigned_time(args.reading.unsigned_time);
    for (file, record) in sources.records(&told) {
        if now.has(&record, &args.reading) {
            for session in pairing.push(file, &record) {
                choice.show(&session, now, &mut view)?;
            }
        }
    }
    for session in pairing.finish() {
        choice.show(&session, now, &mut view)?;
    }
    view.end()?;
    sources.finish(report);
    Ok(())
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
    seconds: Seconds,
    end: &'static str,
    boot: Option<Rfc3339>,
    disputed: bool,
    file: &'a str,
    offset: u64,
    closing_file: Option<&'a str>,
    closing_offset: Option<u64>,
}

struct View<'a> {
    format: Format,
    sources: &'a Sources<'a>,
    zone: Zone,
    out: Option<Output>,
    sheet: Option<Sheet>,
    rows: Vec<(Timestamp, u32, u64, [String; 9])>,
}

impl<'a> View<'a> {
    fn new(args: &SessionsArgs, zone: Zone, sources: &'a Sources<'a>) -> View<'a> {
        let format = args.format;
        let out = (format != Format::Csv).then(stdout);
        let sheet = (format == Format::Csv).then(|| Sheet::new(stdout()));
        View { format, sources, zone, out, sheet, rows: Vec::new() }
    }

    fn begin(&mut self) -> io::Result<()> {
        match &mut self.sheet {
            Some(sheet) => sheet.headings(HEADER),
            None => Ok(()),
        }
    }

    fn show(&mut self, session: &Session<'_>, entry: &Entry<'_>, span: &Span) -> io::Result<()> {
        if self.format == Format::Text {
            let place = span.begin.place;
            let cells = self.cells(session, entry, span);
            self.rows.push((span.begin.time, place.file, place.offset, cells));
            return Ok(());
        }
        let unless = |known: Option<Rfc3339>, time: Option<Timestamp>| match known {
            Some(_) => None,
            None => time.map(|time| time.tv_sec),
        };
        let login = span::rfc3339(span.begin);
        let ended = span.closing.and_then(span::rfc3339);
        let closing = session.closing.map(|mark| mark.place);
        let row = SessionRow {
            person: Person::new(span.begin.layout, entry),
            login,
            login_raw_sec: unless(login, Some(entry.ut_tv)),
            ended,
            ended_raw_sec: unless(ended, span.ended()),
            seconds: span.seconds(),
            end: session.end.name(),
            boot: session.boot.and_then(span::rfc3339),
            disputed: session.disputed,
            file: self.sources.value(span.begin.place.file),
            offset: span.begin.place.offset,
            closing_file: closing.map(|place| self.sources.value(place.file)),
            closing_offset: closing.map(|place| place.offset),
        };
        if let Some(out) = &mut self.out {
            json::write_line(out, &row)?;
        }
        if let Some(sheet) = &mut self.sheet {
            sheet.text(row.person.user)?;
            sheet.text(row.person.line)?;
            sheet.text(row.person.host)?;
            sheet.cell(row.person.addr.flatten())?;
            sheet.cell(row.login)?;
            sheet.cell(row.ended)?;
            sheet.cell(Some(row.seconds))?;
            sheet.cell(Some(row.end))?;
            sheet.cell(row.boot)?;
            sheet.cell(Some(row.disputed))?;
            sheet.cell(Some(self.sources.shown(span.begin.place.file)))?;
            sheet.cell(Some(row.offset))?;
            sheet.cell(closing.map(|place| self.sources.shown(place.file)))?;
            sheet.cell(row.closing_offset)?;
            sheet.end()?;
        }
        Ok(())
    }

    fn end(mut self) -> io::Result<()> {
        if let Some(sheet) = &mut self.sheet {
            return sheet.flush();
        }
        let Some(mut out) = self.out else { return Ok(()) };
        if self.format == Format::Text {
            self.rows.sort_by_key(|&(time, file, offset, _)| (time, file, offset));
            let mut widths = span::headings(&COLUMNS);
            for (.., cells) in &self.rows {
                span::widen(&mut widths, cells);
            }
            table::write_line(&mut out, &COLUMNS, &widths, COLUMNS.map(|(heading, _)| heading))?;
            for (.., cells) in &self.rows {
                let cells = cells.each_ref().map(String::as_str);
                table::write_line(&mut out, &COLUMNS, &widths, cells)?;
            }
        }
        out.flush()
    }

    fn cells(&self, session: &Session<'_>, entry: &Entry<'_>, span: &Span) -> [String; 9] {
        let disputed = if session.disputed { ", disputed" } else { "" };
        let cells = [
            entry.ut_user.to_string(),
            entry.ut_line.to_string(),
            entry.ut_host.to_string(),
            entry.addr().map(|addr| addr.to_string()).unwrap_or_default(),
            span::shown(entry.ut_tv, &self.zone),
            span.ended().map(|ended| span::shown(ended, &self.zone)).unwrap_or_default(),
            span.length.to_string(),
            format!("{}{disputed}", session.end.name()),
            span.places(self.sources),
        ];
        cells.map(or_dash)
    }
}
