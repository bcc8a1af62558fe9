//! `loginrec timeline`: the events of all files in the order of time.

use std::collections::HashMap;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, ValueHint};
use loginrec::contract::{Column, LoginRef, TimelineRow};
use loginrec::session::{End, Session, SessionTracker};
use loginrec::{Entry, Event, FileKind, Record, Text, Timestamp};

use crate::args::filter::{EventArgs, WhenArgs, WhoArgs};
use crate::args::follow::FollowOptions;
use crate::args::format::{FormulaGuard, OutputFormat, columns};
use crate::args::output::OutputOptions;
use crate::args::reading::Reading;
use crate::args::zone::Zone;
use crate::diagnostics::{Diagnostics, EXIT_STATUS, Stop};
use crate::file_name::FileName;
use crate::input::file::Origin;
use crate::input::follow::{Cursor, FOLLOWED, How, follow};
use crate::input::ordered::{Order, Ordered};
use crate::input::passwd;
use crate::output::ascii::number::{address, decimal};
use crate::output::filter::{Filter, Missed, Selection, Subject};
use crate::output::listing::{Listing, Table};
use crate::output::table::{Heading, left};
use crate::output::writer::Output;
use crate::run::{NamedFiles, Run};
use crate::sources::SourceFile;

/// List events from files of every kind in order of time
///
/// Logins, logouts, failed logins, boots, shutdowns, run levels, clock changes, and each user's
/// last login from lastlogs and last failure from faillogs, each with its file and byte offset. A logout names the user and the
/// host of the login that it ends. Nothing is merged: an event recorded in two files appears
/// twice.
#[derive(Debug, Args)]
#[command(after_help = format!("\
EVENT is one of login, logout, failed-login, boot, shutdown, run-level, clock-old, clock-new,
last-login (of a lastlog, lastlogx or utx.lastlogin; a faillog and its kin
have a failed-login with a `count` for each user), unknown (a type the platform does not
have). HOST is the address if there is no host. SOURCE is the file and the byte offset, of a compressed
file in its unpacked content. User names for lastlogs come from --passwd or the passwd below
--root; without either, USER is the uid. Most logouts name no user: they show the user, host and
address of the login that they end, if the files have it. Boots name no user, so --user omits
them. A row of a wtmp.db that holds its logout is two events; a boot with its shutdown as well.

Events are sorted by stored time to the microsecond; events with equal times keep file order,
then record order. If the clock was set back, later events come before earlier ones. Records
without a time are omitted and counted. Memory is at most 100 bytes per record. With --follow and
--cursor, events are in the order in which they are found; the rotated copies of a file are read
first, and not listed, so that the user of a logout is known.

jsonl and csv have times always in UTC. `uid` is that of a lastlog; `raw_sec` and `raw_usec` are
for times outside the calendar; `login_file` and `login_offset` say where the login is that a
logout ends. Columns:
{}

Examples:
  loginrec timeline --root /mnt/image
  loginrec timeline --root /mnt/image --since 2024-03-01 --until '2024-03-02 06:00'
  loginrec timeline --user root --tz Europe/Berlin wtmp.1.gz wtmp btmp
  loginrec timeline --host 203.0.113.0/24 --event failed-login --root /mnt/image
  loginrec timeline --root /mnt/image --format csv > timeline.csv
  loginrec timeline --root case.tar.gz --format timesketch -o web01.jsonl
  loginrec timeline --event failed-login --format jsonl wtmp btmp | jq -r .host
  loginrec timeline --follow --cursor siem.cursor --format ecs -o logins.ndjson --root /

{EXIT_STATUS}", columns::<TimelineRow<'_>>()))]
pub(crate) struct TimelineArgs {
    /// Output format
    #[arg(long, value_parser = OutputFormat::one_of(OutputFormat::EXPORTED), default_value = "text")]
    format: OutputFormat,

    #[command(flatten)]
    who: WhoArgs,

    #[command(flatten)]
    when: WhenArgs,

    #[command(flatten)]
    events: EventArgs,

    /// Also show low-value events: login prompts, processes started by init, accounting
    #[arg(long)]
    all: bool,

    /// Read user names from this passwd or master.passwd; lastlogs store only numbers
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    passwd: Option<PathBuf>,

    /// The time zone of the table and of --since and --until: UTC, an offset such as +02:00, or
    /// a name such as Europe/Berlin. Default: UTC
    #[arg(long, value_name = "ZONE", value_parser = Zone::parse, allow_hyphen_values = true)]
    tz: Option<Zone>,

    #[command(flatten)]
    follow: FollowOptions,

    #[command(flatten)]
    guard: FormulaGuard,

    #[command(flatten)]
    output: OutputOptions,

    #[command(flatten)]
    pub(crate) reading: Reading,
}

const COLUMNS: [Heading; 7] = [
    left(Column::Machine),
    left(Column::Time),
    left(Column::Event),
    left(Column::User),
    left(Column::Line),
    left(Column::Host),
    ("SOURCE", false),
];

impl Run for TimelineArgs {
    fn reading(&mut self) -> Option<(&mut Reading, &'static [FileKind])> {
        Some((&mut self.reading, &[]))
    }

    fn files(&self) -> NamedFiles<'_> {
        NamedFiles::of(&self.reading)
            .passwd(self.passwd.as_ref())
            .written_to(&self.output)
            .in_format(self.format)
            .following(&self.follow)
    }

    fn resolve(&mut self, report: &mut Diagnostics) -> Result<(), String> {
        self.reading.resolve_followed(self.follow.is_given(), &[], FOLLOWED, report)
    }

    fn check(&self) -> Result<(), &'static str> {
        self.follow.check(self.format, &self.reading.files)?;
        match self.follow.is_given() && self.selection().is_relative() {
            true => Err("events are printed as they arrive: give times with a date"),
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

fn run(args: &TimelineArgs, out: Output, report: &mut Diagnostics) -> Result<(), Stop> {
    let names = Names::read(args, report);
    let mut timeless = 0_u64;
    let mut order =
        Order::of(&args.reading, report, |Ordered { record, is_end }, entry, origin| {
            let is_event = args.takes(record, entry, origin.kind);
            if is_end {
                return is_event && entry.logout != Some(Timestamp::default());
            }
            timeless += u64::from(is_event && !has_time(entry));
            is_event && has_time(entry)
        })?;
    let zone = args.tz.clone().unwrap_or_else(Zone::utc);
    let newest = || order.newest().unwrap_or_default();
    let (selection, missed) = (args.selection(), Missed::default());
    selection.say_now(newest, report);
    let filter = selection.resolve(&zone, newest)?;
    // Logins before the selected time are needed to pair logouts in it.
    order.limit(&(None..filter.until()));

    let mut events = Events::new(args, &names, filter, &missed, View::new(args, &zone, out));
    order.each(report, |Ordered { record, is_end }, origin| {
        events.take(record, &record.entry(), is_end, false, origin)
    })?;
    let is_full = events.is_full();
    events.view.listing.end(report)?;
    if !report.has_failed() {
        missed.explain(&selection, "event", report);
    }
    say_what_is_missing(is_full, timeless, report);
    Ok(())
}

/// Lists events as they arrive.
fn followed(args: &TimelineArgs, out: Output, report: &mut Diagnostics) -> Result<(), Stop> {
    let names = Names::read(args, report);
    let mut cursor = args.follow.cursor.as_deref().map(Cursor::open).transpose()?;
    let zone = args.tz.clone().unwrap_or_else(Zone::utc);
    let missed = Missed::default();
    // No time is relative.
    let filter = args.selection().resolve(&zone, || 0)?;
    let mut events = Events::new(args, &names, filter, &missed, View::new(args, &zone, out));
    let mut timeless = 0_u64;
    let how = How::new(&args.follow, &args.reading).replaying();
    let files: Vec<FileName<'_>> = args.reading.sources.files().map(SourceFile::name).collect();
    follow(files.iter().cloned(), how, cursor.as_mut(), report, |name, batch, report| {
        let name = files.iter().find(|known| known.path() == name.path()).unwrap_or(name);
        let origin = Origin::file(name, batch.kind);
        for record in batch.whole_records(name, report) {
            let (entry, is_old) = (record.entry(), batch.is_old(&record));
            if !args.takes(&record, &entry, batch.kind) {
                continue;
            }
            match has_time(&entry) {
                true => events.take(&record, &entry, false, is_old, &origin)?,
                false => timeless += u64::from(!is_old),
            }
            if entry.logout.is_some_and(|end| end != Timestamp::default()) {
                events.take(&record, &entry, true, is_old, &origin)?;
            }
        }
        events.view.listing.flush()
    })?;
    let is_full = events.is_full();
    events.view.listing.end(report)?;
    say_what_is_missing(is_full, timeless, report);
    Ok(())
}

fn has_time(entry: &Entry<'_>) -> bool {
    ![Timestamp::default(), Timestamp::ABSENT].contains(&entry.ut_tv)
}

fn say_what_is_missing(is_full: bool, timeless: u64, report: &mut Diagnostics) {
    if is_full {
        report.out_of_memory("logouts without a user may have one");
    }
    if timeless > 0 {
        let (records, are) = if timeless == 1 { ("record", "is") } else { ("records", "are") };
        report.note(format_args!(
            "{timeless} {records} without a time {are} omitted; see `loginrec dump`"
        ));
    }
}

/// The users of each machine by their numbers.
struct Names(Vec<HashMap<u64, Vec<u8>>>);

impl Names {
    fn read(args: &TimelineArgs, report: &mut Diagnostics) -> Names {
        let machines = args.reading.sources.machines.iter();
        let names = machines.map(|own| {
            let passwd = passwd::text(args.passwd.as_deref(), own, report);
            // As in getpwuid(3): the first of two names with one id.
            let mut names: HashMap<u64, Vec<u8>> = HashMap::new();
            for (name, uid) in passwd::entries(&passwd) {
                names.entry(uid).or_insert_with(|| name.to_vec());
            }
            names
        });
        Names(names.collect())
    }
}

/// Events, with the logins that they end.
struct Events<'a> {
    names: &'a Names,
    filter: Filter<'a>,
    missed: &'a Missed,
    /// Logins and logouts of two machines have nothing to do with each other.
    pairings: Vec<Pairing>,
    view: View,
}

impl<'a> Events<'a> {
    fn new(
        args: &TimelineArgs,
        names: &'a Names,
        filter: Filter<'a>,
        missed: &'a Missed,
        view: View,
    ) -> Events<'a> {
        let machines = args.reading.sources.machines.iter();
        let pairings = machines.map(|_| Pairing::default()).collect();
        Events { names, filter, missed, pairings, view }
    }

    /// Returns whether memory ran out.
    fn is_full(&self) -> bool {
        self.pairings.iter().any(|pairing| pairing.tracker.is_full())
    }

    /// Takes the next record, for its time or for that of the [end](Entry::logout) that it holds.
    /// Old ones are not shown.
    fn take(
        &mut self,
        record: &Record<'_>,
        entry: &Entry<'_>,
        is_end: bool,
        is_old: bool,
        origin: &Origin<'_>,
    ) -> io::Result<()> {
        let number = origin.name.machine_number();
        let pairing = self.pairings.get_mut(number).filter(|_| !is_end);
        let session = pairing.and_then(|pairing| pairing.push(record, entry, origin));
        if is_old {
            return Ok(());
        }
        let own = self.names.0.get(number);
        let name = match record.uid() {
            Some(uid) => own.and_then(|names| names.get(&uid)).map(Vec::as_slice),
            None => origin.name.user_of(record.layout()),
        };
        let (kind, source) = (origin.kind, origin.name.source());
        let begin = session.as_ref().map(|ended| (ended, ended.session.login.entry()));
        let login = match &begin {
            Some((ended, entry)) => {
                let offset = ended.session.login.at().location.offset;
                Some(LoginRef { file: ended.file, offset, entry })
            }
            None if is_end && entry.event() != Event::Boot => {
                let (file, offset) = (&*origin.name.value, record.offset());
                Some(LoginRef { file, offset, entry })
            }
            None => None,
        };
        let row = TimelineRow { source, kind, record, entry, is_end, user: name, login };
        let uid = row.record.uid().filter(|_| row.user.is_none()).map(|uid| uid.to_string());
        let subject = Subject {
            user: uid.as_ref().map_or(row.user(), |uid| Text::new(uid.as_bytes())),
            line: entry.ut_line,
            host: row.host(),
            addr: row.addr(),
            event: row.event(),
            begin: row.time(),
            end: row.time(),
        };
        match self.filter.takes(&subject, true, self.missed) {
            true => self.view.show(&row, origin.name),
            false => Ok(()),
        }
    }
}

impl TimelineArgs {
    fn takes(&self, record: &Record<'_>, entry: &Entry<'_>, kind: Option<FileKind>) -> bool {
        match entry.event_in(kind) {
            // An account may have a limit and no failure.
            _ if entry.failures.is_some() => entry.ut_tv != Timestamp::default(),
            // A lastlog slot is not an event in the platform's rules.
            _ if record.uid().is_some() => true,
            Event::Empty | Event::Signature => false,
            event @ (Event::Prompt | Event::Init | Event::Accounting) => {
                self.all || self.events.event.iter().any(|wanted| wanted == event.name())
            }
            _ => true,
        }
    }

    fn selection(&self) -> Selection<'_> {
        let TimelineArgs { who, when, events, .. } = self;
        let (who, when, events) = (Some(who), Some(when), Some(events));
        Selection { who, when, events, ..Selection::default() }
    }
}

/// Finds the logins that logouts end.
#[derive(Default)]
struct Pairing {
    tracker: SessionTracker,
    /// The files of the records so far, by the numbers that the tracker has for them.
    files: Vec<Arc<str>>,
}

/// A session that ended with a logout, and the file of its login.
struct Ended<'a> {
    session: Session<'a>,
    file: &'a str,
}

impl Pairing {
    /// Takes a record. Gives the session that it ends if it is a logout.
    fn push(
        &mut self,
        record: &Record<'_>,
        entry: &Entry<'_>,
        origin: &Origin<'_>,
    ) -> Option<Ended<'_>> {
        // Only a history has both ends of a session.
        if !matches!(origin.kind, None | Some(FileKind::Wtmp)) || record.uid().is_some() {
            return None;
        }
        let Pairing { tracker, files } = self;
        let name = &origin.name.value;
        let number = files.iter().rposition(|file| Arc::ptr_eq(file, name)).unwrap_or_else(|| {
            files.push(Arc::clone(name));
            files.len() - 1
        });
        let mut ended = tracker.push(u32::try_from(number).ok()?, record, entry);
        let session = ended.find(|session| session.end == End::Logout)?;
        // An entry that holds both ends is its own login.
        let login = session.login.at().location;
        let is_whole = (login.file, login.offset) == (u32::try_from(number).ok()?, record.offset());
        let file = files.get(usize::try_from(login.file).ok()?)?;
        (!is_whole).then_some(Ended { session, file })
    }
}

struct View {
    listing: Listing<u64, 7>,
    rows: u64,
}

impl View {
    fn new(args: &TimelineArgs, zone: &Zone, out: Output) -> View {
        let (format, several) = (args.format, args.reading.sources.has_several());
        let listing =
            Listing::begin::<TimelineRow<'_>>(format, args.guard, &COLUMNS, several, zone, out);
        View { listing, rows: 0 }
    }

    fn show(&mut self, row: &TimelineRow<'_>, name: &FileName<'_>) -> io::Result<()> {
        match &mut self.listing {
            Listing::Table(table) => {
                self.rows += 1;
                cells(table, self.rows, row, name);
                table.settle()
            }
            Listing::Rows(rows) => rows.row(row),
        }
    }
}

fn cells(
    Table { grid, times, .. }: &mut Table<u64, 7>,
    number: u64,
    row: &TimelineRow<'_>,
    name: &FileName<'_>,
) {
    let TimelineRow { record, entry, .. } = row;
    grid.row(number);
    grid.first(name.machine_name());
    grid.cell(|out| times.push(out, row.time()));
    grid.cell(|out| out.extend_from_slice(row.event().as_bytes()));
    match record.uid().filter(|_| row.user.is_none()) {
        Some(uid) => grid.cell(|out| decimal(out, uid)),
        None => grid.text(row.user()),
    }
    grid.text(entry.ut_line);
    let host = row.host();
    match row.addr().filter(|_| host.is_empty()) {
        Some(addr) => grid.cell(|out| address(out, addr)),
        None => grid.text(host),
    }
    let file = if name.is_stdin() { "standard input" } else { &name.shown };
    grid.cell(|out| {
        out.extend_from_slice(file.as_bytes());
        out.push(b':');
        decimal(out, record.offset());
    });
}
