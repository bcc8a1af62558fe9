//! `loginrec sessions`: logins paired with their ends.

use std::io;

use clap::Args;
use loginrec::FileKind;
use loginrec::contract::{Column, SessionRow};
use loginrec::session::{End, RecordRef, Session, SessionTracker};
use loginrec::{Entry, Timestamp};

use crate::args::filter::{WhenArgs, WhoArgs};
use crate::args::follow::FollowOptions;
use crate::args::format::{FormulaGuard, OutputFormat};
use crate::args::output::OutputOptions;
use crate::args::reading::Reading;
use crate::args::time::TimeArg;
use crate::args::zone::Zone;
use crate::diagnostics::{Diagnostics, EXIT_STATUS, Stop};
use crate::file_name::FileName;
use crate::input::follow::{Cursor, How, follow};
use crate::input::history::History;
use crate::input::inputs::Inputs;
use crate::output::ascii::number::address;
use crate::output::duration::{self, Length};
use crate::output::filter::{Filter, Missed, Selection, Subject};
use crate::output::interval::{AsOf, Span, file_value, machine_of, source_of};
use crate::output::listing::{Listing, Table};
use crate::output::table::{Heading, RECORDS, left, right};
use crate::output::writer::Output;
use crate::run::{NamedFiles, Run};
use crate::sources::SourceFile;

/// Pair logins with logouts: who was logged in, from when to when
///
/// A session ends with a logout on its line, with the next login there, with a shutdown, or
/// with a boot that was not preceded by a shutdown. Several files of one machine are read as its history, in the order of their first records: sessions continue from wtmp.1 into wtmp.
#[derive(Debug, Args)]
#[command(after_help = format!("\
HOW is how a session ended: logout, shutdown, crash (no shutdown before the next boot; it ended
at that boot or earlier), replaced (another login on the same line), open (no end in the files).
`disputed`: the process of the logout record logged in on another line. DURATION is days+hh:mm:ss;
open sessions count up to the newest record or --as-of. RECORDS are the byte offsets of the
login and logout records.

The table is sorted by login. jsonl and csv are written as sessions end, open ones last, with
times always in UTC. There HOW is `how`, and `seconds` are whole. Filters are applied after logins
and logouts have been paired.

With --follow and --cursor a session is a row when it begins (`open`) and a row when it ends. The
rotated copies of a file are read first, and not listed: who logged in before is known when it
ends. Damage of what has been read before is not reported again.

Examples:
  loginrec sessions wtmp.1 wtmp
  loginrec sessions --user root --since 2024-03-01 wtmp
  loginrec sessions --format jsonl wtmp | jq 'select(.how == \"crash\")'
  loginrec sessions --host 203.0.113.0/24 --min-duration 5m /mnt/image/var/log/wtmp
  loginrec sessions --present '2024-03-01 03:14' --root /mnt/image
  loginrec sessions --hours 22-06 --weekdays sat,sun --root /mnt/image
  loginrec sessions --follow --new-only --root /
  loginrec sessions --cursor logins.cursor --format jsonl /var/log/wtmp

{EXIT_STATUS}"))]
pub(crate) struct SessionsArgs {
    /// Output format
    #[arg(long, value_parser = OutputFormat::one_of(OutputFormat::EXPORTED), default_value = "text")]
    pub(crate) format: OutputFormat,

    #[command(flatten)]
    guard: FormulaGuard,

    /// Only sessions that have not ended
    #[arg(long, conflicts_with_all = ["follow", "cursor"])]
    open: bool,

    #[command(flatten)]
    who: WhoArgs,

    #[command(flatten)]
    when: WhenArgs,

    /// Only sessions that had begun by this time and had not ended
    #[arg(long, conflicts_with_all = ["follow", "cursor"], value_name = "TIME", value_parser = TimeArg::parse, allow_hyphen_values = true)]
    present: Option<TimeArg>,

    /// Only sessions at least this long, such as 90s, 5m, 2h or 1d; open sessions count up to
    /// now
    #[arg(long, value_name = "LENGTH", value_parser = duration::parse)]
    min_duration: Option<Length>,

    /// Read the files as they were at this time: later records are ignored, relative times
    /// count from it, and open sessions count up to it. Default: the newest record
    #[arg(long, conflicts_with_all = ["follow", "cursor"], value_name = "TIME", value_parser = TimeArg::parse, allow_hyphen_values = true)]
    as_of: Option<TimeArg>,

    /// Correct durations by recorded clock changes
    #[arg(long)]
    correct_clock: bool,

    /// The time zone of the table and of --since and --until: UTC, an offset such as +02:00, or
    /// a name such as Europe/Berlin. Default: UTC
    #[arg(long, value_name = "ZONE", value_parser = Zone::parse, allow_hyphen_values = true)]
    tz: Option<Zone>,

    #[command(flatten)]
    follow: FollowOptions,

    #[command(flatten)]
    output: OutputOptions,

    #[command(flatten)]
    pub(crate) reading: Reading,
}

const COLUMNS: [Heading; 10] = [
    left(Column::Machine),
    left(Column::User),
    left(Column::Line),
    left(Column::Host),
    left(Column::Addr),
    left(Column::Login),
    left(Column::Logout),
    right(Column::Seconds),
    left(Column::How),
    RECORDS,
];

impl Run for SessionsArgs {
    fn reading(&mut self) -> Option<(&mut Reading, &'static [FileKind])> {
        Some((&mut self.reading, &[FileKind::Wtmp]))
    }

    fn files(&self) -> NamedFiles<'_> {
        NamedFiles::of(&self.reading)
            .written_to(&self.output)
            .in_format(self.format)
            .following(&self.follow)
    }

    fn resolve(&mut self, report: &mut Diagnostics) -> Result<(), String> {
        let kinds = &[FileKind::Wtmp];
        self.reading.resolve_followed(self.follow.is_given(), kinds, kinds, report)
    }

    fn check(&self) -> Result<(), &'static str> {
        self.follow.check(self.format, &self.reading.files)?;
        match self.follow.is_given() && self.selection().is_relative() {
            true => Err("sessions are printed as they begin and end: give times with a date"),
            false => Ok(()),
        }
    }

    fn run(&self, out: Output, report: &mut Diagnostics) -> Result<(), Stop> {
        match self.follow.is_given() {
            true => followed(self, out, report),
            false => run(self, out, report),
        }
    }
}

fn run(args: &SessionsArgs, out: Output, report: &mut Diagnostics) -> Result<(), Stop> {
    let zone = args.tz.clone().unwrap_or_else(Zone::utc);
    let missed = Missed::default();
    let mut count = 0_u64;
    let mut view = View::new(args, &zone, out);
    let mut inputs = Inputs::reading(&args.reading).asking_kind();
    let mut is_full = false;
    for machine in &args.reading.sources.machines {
        let history = History::open(machine, &mut inputs, report)?;
        is_full |= list(args, &history, &zone, &missed, &mut count, &mut view, report)?;
        view.files += machine.files.len() as u32;
    }
    view.listing.end(report)?;
    if is_full {
        report.out_of_memory("sessions are missing");
    } else if !report.has_failed() {
        match count {
            0 => report.note("no logins in these files, so there are no sessions"),
            _ => missed.explain(&args.selection(), "session", report),
        }
    }
    Ok(())
}

/// Lists sessions as they begin and as they end.
fn followed(args: &SessionsArgs, out: Output, report: &mut Diagnostics) -> Result<(), Stop> {
    let zone = args.tz.clone().unwrap_or_else(Zone::utc);
    let mut cursor = args.follow.cursor.as_deref().map(Cursor::open).transpose()?;
    let missed = Missed::default();
    // No time is relative.
    let filter = args.selection().resolve(&zone, || 0)?;
    let filter = SessionFilter { args, filter, missed: &missed };
    let names: Vec<FileName<'_>> = args.reading.sources.files().map(SourceFile::name).collect();
    // Logins and logouts of two machines have nothing to do with each other.
    let machines = args.reading.sources.machines.iter();
    let mut pairings: Vec<SessionTracker> =
        machines.map(|_| SessionTracker::new().correct_clock(args.correct_clock)).collect();
    let mut view = View::new(args, &zone, out);
    let how = How::new(&args.follow, &args.reading).replaying();
    follow(names.iter().cloned(), how, cursor.as_mut(), report, |name, batch, report| {
        let is_failures = batch.kind == Some(FileKind::Btmp);
        let number = names.iter().position(|known| known.path() == name.path());
        let file = number.and_then(|number| u32::try_from(number).ok()).unwrap_or_default();
        let Some(pairing) = pairings.get_mut(name.machine_number()).filter(|_| !is_failures) else {
            report.warn(name, "contains failed logins, not sessions");
            return Ok(());
        };
        for record in batch.whole_records(name, report) {
            let (entry, is_old) = (record.entry(), batch.is_old(&record));
            let now = AsOf::of(Some(entry.ut_tv.tv_sec));
            for session in pairing.push(file, &record, &entry).filter(|_| !is_old) {
                filter.show(&session, now, &names, &mut view)?;
            }
            if let Some(session) = pairing.begun(file, &record, &entry).filter(|_| !is_old) {
                filter.show(&session, now, &names, &mut view)?;
            }
        }
        view.listing.flush()
    })?;
    if pairings.iter().any(SessionTracker::is_full) {
        report.out_of_memory("sessions are missing");
    }
    Ok(view.listing.end(report)?)
}

/// Lists the sessions of one machine, and returns whether memory ran out.
fn list(
    args: &SessionsArgs,
    history: &History<'_>,
    zone: &Zone,
    missed: &Missed,
    count: &mut u64,
    view: &mut View,
    report: &mut Diagnostics,
) -> Result<bool, Stop> {
    let newest = || history.newest();
    let as_of = args.as_of.as_ref().map(|time| time.resolve("as-of", zone, newest)).transpose()?;
    let now = || as_of.unwrap_or_else(newest);
    let filter = args.selection().resolve(zone, now)?;
    let filter = SessionFilter { args, filter, missed };
    let mut now = AsOf::of(as_of);
    if as_of.is_none() {
        args.selection().say_now(newest, report);
    }
    let names = history.names();
    let mut pairing = SessionTracker::new().correct_clock(args.correct_clock);
    history.records(report, |file, record| {
        let entry = record.entry();
        if now.includes(entry.ut_tv) {
            for session in pairing.push(file, record, &entry) {
                *count += 1;
                filter.show(&session, now, names, view)?;
            }
        }
        Ok(())
    })?;
    for session in pairing.finish() {
        *count += 1;
        filter.show(&session, now, names, view)?;
    }
    Ok(pairing.is_full())
}

/// The sessions that the options select.
struct SessionFilter<'a> {
    args: &'a SessionsArgs,
    filter: Filter<'a>,
    missed: &'a Missed,
}

impl SessionsArgs {
    fn selection(&self) -> Selection<'_> {
        let SessionsArgs { who, when, present, .. } = self;
        let present = present.as_ref();
        Selection { who: Some(who), when: Some(when), present, ..Selection::default() }
    }
}

impl SessionFilter<'_> {
    /// Shows a session if it is selected.
    fn show(
        &self,
        session: &Session<'_>,
        now: AsOf,
        names: &[FileName<'_>],
        view: &mut View,
    ) -> io::Result<()> {
        let entry = session.login.entry();
        let until = session.ended().unwrap_or_else(|| now.time());
        let length = Length(session.micros_until(until));
        let span = Span { begin: session.login.at(), closing: session.closing, length };
        if self.takes(session, &entry, length, until) {
            view.show(session, &entry, &span, names)?;
        }
        Ok(())
    }

    fn takes(
        &self,
        session: &Session<'_>,
        entry: &Entry<'_>,
        length: Length,
        end: Timestamp,
    ) -> bool {
        let subject = Subject {
            user: entry.ut_user,
            line: entry.ut_line,
            host: entry.ut_host,
            addr: entry.addr(),
            begin: entry.ut_tv,
            end,
            ..Subject::default()
        };
        let SessionsArgs { open, min_duration, .. } = *self.args;
        let is_possible =
            (!open || session.end == End::Open) && min_duration.is_none_or(|least| length >= least);
        self.filter.takes(&subject, is_possible, self.missed)
    }
}

struct View {
    /// Files of the machines before this one.
    files: u32,
    listing: Listing<Begin, 10>,
}

/// The sort key of the table, in 24 bytes: there may be millions of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Begin {
    sec: i64,
    usec: i32,
    file: u32,
    index: u64,
}

impl Begin {
    fn of(mark: RecordRef, files: u32) -> Begin {
        let Timestamp { tv_sec, tv_usec } = mark.time;
        let usec = tv_usec.clamp(i32::MIN.into(), i32::MAX.into());
        let usec = i32::try_from(usec).unwrap_or_default();
        let file = files.saturating_add(mark.location.file);
        Begin { sec: tv_sec, usec, file, index: mark.location.index }
    }
}

impl View {
    fn new(args: &SessionsArgs, zone: &Zone, out: Output) -> View {
        let SessionsArgs { format, guard, .. } = *args;
        let several = args.reading.sources.has_several();
        let listing = Listing::begin::<SessionRow<'_>>(format, guard, &COLUMNS, several, zone, out);
        View { files: 0, listing }
    }

    fn show(
        &mut self,
        session: &Session<'_>,
        entry: &Entry<'_>,
        span: &Span,
        files: &[FileName<'_>],
    ) -> io::Result<()> {
        match &mut self.listing {
            Listing::Table(table) => {
                table.grid.row(Begin::of(span.begin, self.files));
                cells(table, session, entry, span, files);
                Ok(())
            }
            Listing::Rows(rows) => {
                let source = source_of(files, span.begin.location.file);
                let logout_file = span.closing.and_then(|end| file_value(files, end.location.file));
                let seconds = span.length.seconds();
                rows.row(&SessionRow { source, logout_file, session, entry, seconds })
            }
        }
    }
}

fn cells(
    Table { grid, times, .. }: &mut Table<Begin, 10>,
    session: &Session<'_>,
    entry: &Entry<'_>,
    span: &Span,
    files: &[FileName<'_>],
) {
    grid.first(machine_of(files, span.begin.location.file));
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
    grid.cell(|out| span.push_places(out, files));
}
