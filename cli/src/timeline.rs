//! `loginrec timeline`: what happened, from all files, in the order of time.

use std::collections::HashMap;
use std::io::{self, Write as _};
use std::ops::Range;
use std::path::PathBuf;

use clap::{Args, ValueHint};
use loginrec::{Address, Entry, Event, FileKind, Record, Text, Timestamp};

use crate::args::{EXIT_STATUS, Reading};
use crate::calendar::{Clock, Rfc3339};
use crate::digits::{address, decimal};
use crate::json::Object;
use crate::merge::Order;
use crate::output::{Output, stdout};
use crate::passwd;
use crate::printer::Origin;
use crate::report::Report;
use crate::row::{Cells, Shape, key};
use crate::sessions::Format;
use crate::sheet::{Line, Safety};
use crate::span::{self, Shapes, Times};
use crate::table::{Column, Grid};
use crate::time_arg::TimeArg;
use crate::zone::Zone;

/// List what happened, from files of every kind, in the order of time
///
/// Logins, logouts, failed logins, boots, shutdowns, run levels, changes of the clock, and
/// each user's last login out of lastlogs, each with the file and the byte it has been read
/// from. Nothing is paired, nothing merged into one: what two files say is listed twice.
#[derive(Debug, Args)]
#[command(after_help = format!("\
EVENT is one of login, logout, failed-login, boot, shutdown, run-level, clock-old, clock-new,
last-login (of a lastlog, lastlogx or utx.lastlogin), unknown (a type the platform does not
have). HOST is the address where there is no host. SOURCE is the file and the byte in it, of
a compressed file in its unpacked content. The names of users in lastlogs come from --passwd
or the passwd below --root; without, USER is the uid. Logouts and boots mostly name nobody,
so that --user leaves them out: `loginrec sessions` pairs logins with logouts.

The order is by the stored times to the microsecond, whatever order the files are in; of one
time, that of the files, then of their records. A clock that was set back puts what followed
in front of what went before. Records without a time have no place here; how many there are
is told. Memory is 24 bytes for each record, about 70 for each of a utx.log or lastlogx, and
compressed files whole.

jsonl and csv have times in UTC, whatever --tz says, and: time, event, user, uid (of
lastlogs; there `user` is the name in the passwd), line, host, addr, pid, file, layout, index,
offset; raw_sec and raw_usec of times that no calendar has.

Examples:
  loginrec timeline --root /mnt/image
  loginrec timeline --root /mnt/image --since 2024-03-01 --until '2024-03-02 06:00'
  loginrec timeline --user root --tz Europe/Berlin wtmp.1.gz wtmp btmp
  loginrec timeline --root /mnt/image --format csv > timeline.csv
  loginrec timeline --format jsonl wtmp btmp | jq -r 'select(.event == \"failed-login\").host'

{EXIT_STATUS}"))]
pub(crate) struct TimelineArgs {
    /// What to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    /// Only what this user did, by the name under USER; may be given more than once
    #[arg(long, value_name = "NAME")]
    user: Vec<String>,

    /// Only what happened at this time or later. `now`, for relative times, is the newest
    /// record
    #[arg(long, value_name = "TIME", value_parser = TimeArg::parse, allow_hyphen_values = true)]
    since: Option<TimeArg>,

    /// Only what happened at this time or earlier
    #[arg(long, value_name = "TIME", value_parser = TimeArg::parse, allow_hyphen_values = true)]
    until: Option<TimeArg>,

    /// Also what says little: login prompts, processes started by init, accounting
    #[arg(long)]
    all: bool,

    /// Take the names of users from this passwd or master.passwd: lastlogs have numbers only
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    passwd: Option<PathBuf>,

    /// The time zone of the table and of --since and --until: UTC, an offset as +02:00, or a
    /// name as Europe/Berlin. Default: UTC
    #[arg(long, value_name = "ZONE", value_parser = Zone::parse, allow_hyphen_values = true)]
    tz: Option<Zone>,

    #[command(flatten)]
    safety: Safety,

    #[command(flatten)]
    pub(crate) reading: Reading,
}

const COLUMNS: [Column; 6] = [
    ("TIME", false),
    ("EVENT", false),
    ("USER", false),
    ("LINE", false),
    ("HOST", false),
    ("SOURCE", false),
];

/// The order of [`Moment::write`].
const HEADER: &str = "time,raw_sec,raw_usec,event,user,uid,line,host,addr,pid,file,layout,index,\
    offset\n";

/// What a slot of a lastlog says.
const LAST_LOGIN: &str = "last-login";

pub(crate) fn run(args: &TimelineArgs, report: &mut Report) -> io::Result<()> {
    let passwd = passwd::text(args.passwd.as_deref(), &args.reading, report);
    let mut names: HashMap<u64, &[u8]> = HashMap::new();
    // As getpwuid(3): of two names with one id, the first.
    passwd::entries(&passwd).for_each(|(name, uid)| _ = names.entry(uid).or_insert(name));

    let mut timeless = 0_u64;
    let mut order = Order::of(&args.reading, report, |record, entry, origin| {
        let is_event = args.takes(record, entry, origin.kind);
        let has_time = entry.ut_tv != Timestamp::default();
        timeless += u64::from(is_event && !has_time);
        is_event && has_time
    })?;
    let zone = args.tz.clone().unwrap_or_else(Zone::utc);
    order.limit(&args.range(&zone, order.newest().unwrap_or_default()));

    let mut view = View::new(args, &zone)?;
    order.each(report, |record, origin| {
        let entry = args.reading.entry(record);
        let name = record.uid().and_then(|uid| names.get(&uid).copied());
        let moment = Moment { record, entry, origin, name };
        if args.user.is_empty() || args.user.iter().any(|user| moment.is_of(user)) {
            view.show(&moment)?;
        }
        Ok(())
    })?;
    view.end()?;
    if timeless > 0 {
        let (records, are) = if timeless == 1 { ("record", "is") } else { ("records", "are") };
        report.note(format_args!(
            "{timeless} {records} without a time {are} left out: see `loginrec dump`"
        ));
    }
    Ok(())
}

impl TimelineArgs {
    fn takes(&self, record: &Record<'_>, entry: &Entry<'_>, kind: Option<FileKind>) -> bool {
        match entry.event_in(kind) {
            // What a slot of a lastlog holds is no event to the platform's rules.
            _ if record.uid().is_some() => true,
            Event::Empty | Event::Signature => false,
            Event::Prompt | Event::Init | Event::Accounting => self.all,
            _ => true,
        }
    }

    fn range(&self, zone: &Zone, newest: i64) -> Range<Option<i64>> {
        let seconds =
            |time: &Option<TimeArg>| time.as_ref().map(|time| span::seconds(time, zone, || newest));
        seconds(&self.since)..seconds(&self.until)
    }
}

/// A record, and what other files say about it.
struct Moment<'a> {
    record: &'a Record<'a>,
    entry: Entry<'a>,
    origin: &'a Origin<'a>,
    /// The name in the passwd of the user whose last login this is.
    name: Option<&'a [u8]>,
}

impl<'a> Moment<'a> {
    fn event(&self) -> &'static str {
        let event = self.entry.event_in(self.origin.kind);
        // FreeBSD's utx.lastlogin has records of logins.
        let is_last = self.origin.kind == Some(FileKind::Lastlog) && event == Event::Login;
        if self.record.uid().is_some() || is_last { LAST_LOGIN } else { event.name() }
    }

    fn user(&self) -> Text<'a> {
        self.name.map_or(self.entry.ut_user, Text::new)
    }

    fn is_of(&self, user: &str) -> bool {
        match self.record.uid().filter(|_| self.name.is_none()) {
            Some(uid) => user == uid.to_string(),
            None => self.user() == user,
        }
    }

    /// The order of JSON's keys.
    fn write(&self, shape: &Shape, to: &mut impl Cells) {
        let Moment { record, entry, origin, .. } = self;
        let time = Rfc3339::new(entry.ut_tv, shape.microseconds);
        let odd = time.is_none();
        to.time(key!("time"), time);
        to.number(key!("raw_sec"), odd.then_some(entry.ut_tv.tv_sec));
        to.number(key!("raw_usec"), (odd && shape.microseconds).then_some(entry.ut_tv.tv_usec));
        to.word(key!("event"), Some(self.event()));
        to.text(key!("user"), (shape.user || self.name.is_some()).then(|| self.user()));
        to.number(key!("uid"), record.uid());
        to.text(key!("line"), shape.line.then_some(entry.ut_line));
        to.text(key!("host"), shape.host.then_some(entry.ut_host));
        to.address(key!("addr"), (entry.ut_addr != Address::Absent).then(|| entry.addr()));
        to.number(key!("pid"), entry.ut_pid);
        to.file(key!("file"), origin.name);
        to.word(key!("layout"), Some(record.layout().name));
        to.number(key!("index"), Some(record.index()));
        to.number(key!("offset"), Some(record.offset()));
    }
}

struct View {
    format: Format,
    safety: Safety,
    out: Output,
    clock: Clock,
    times: Times,
    shapes: Shapes,
    grid: Grid<u64, 6>,
    rows: u64,
}

impl View {
    fn new(args: &TimelineArgs, zone: &Zone) -> io::Result<View> {
        let mut out = stdout();
        if args.format == Format::Csv {
            out.write_all(HEADER.as_bytes())?;
        }
        Ok(View {
            format: args.format,
            safety: args.safety,
            out,
            clock: Clock::new(),
            times: Times::new(zone),
            shapes: Shapes::default(),
            grid: Grid::new(&COLUMNS),
            rows: 0,
        })
    }

    fn show(&mut self, moment: &Moment<'_>) -> io::Result<()> {
        let shape = self.shapes.of(moment.record.layout());
        match self.format {
            Format::Text => {
                self.cells(moment);
                return self.grid.settle(&mut self.out);
            }
            Format::Jsonl => {
                let mut object = Object::new(self.out.lines(), &mut self.clock);
                moment.write(&shape, &mut object);
                object.end();
            }
            Format::Csv => {
                let mut line = Line::new(self.out.lines(), &mut self.clock, self.safety);
                moment.write(&shape, &mut line);
                line.end();
            }
        }
        self.out.settle()
    }

    fn cells(&mut self, moment: &Moment<'_>) {
        let View { times, grid, rows, .. } = self;
        let Moment { record, entry, origin, name } = moment;
        *rows += 1;
        grid.row(*rows);
        grid.cell(|out| times.push(out, entry.ut_tv));
        grid.cell(|out| out.extend_from_slice(moment.event().as_bytes()));
        match record.uid().filter(|_| name.is_none()) {
            Some(uid) => grid.cell(|out| decimal(out, uid)),
            None => grid.text(moment.user()),
        }
        grid.text(entry.ut_line);
        match entry.addr().filter(|_| entry.ut_host.is_empty()) {
            Some(addr) => grid.cell(|out| address(out, addr)),
            None => grid.text(entry.ut_host),
        }
        let file = if origin.name.is_stdin() { "standard input" } else { &origin.name.shown };
        grid.cell(|out| {
            out.extend_from_slice(file.as_bytes());
            out.push(b':');
            decimal(out, record.offset());
        });
    }

    fn end(mut self) -> io::Result<()> {
        if self.format == Format::Text {
            self.grid.write(&mut self.out)?;
        }
        self.out.flush()
    }
}
