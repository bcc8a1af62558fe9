//! `loginrec ac`: hours of connect time, as GNU ac prints them.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::path::PathBuf;

use clap::{Args, ValueHint};
use jiff::civil::{Date, Time};
use loginrec::session::{End, Session, SessionTracker};
use loginrec::{FileKind, Timestamp};

use crate::args::applet::{Applet, with_command};
use crate::args::output::OutputOptions;
use crate::args::reading::ReadOptions;
use crate::args::time::TimeArg;
use crate::args::zone::Zone;
use crate::diagnostics::{Diagnostics, EXIT_STATUS, Stop};
use crate::input::history::History;
use crate::input::inputs::Inputs;
use crate::input::root::{self, own_log};
use crate::output::interval::AsOf;
use crate::output::writer::Output;
use crate::run::{NamedFiles, Run};
use crate::sources::Sources;

/// Print hours of connect time, like ac
///
/// The sum of the time that users were logged in, for any platform's wtmp.
#[derive(Debug, Args)]
#[command(after_help = format!("\
The hours are those of `loginrec sessions`. As GNU ac does, a session that a boot ended without a
shutdown counts whole only with --reboots, and one that was still on a line when the next login
came there only with --supplants: nobody knows when they ended. Else they count up to the last
midnight before. Unlike ac, open sessions count up to the
newest record or --as-of, not to the clock of this machine; users are in alphabetical order; every
day has its date, none is `Today`; sessions across a clock change count.

Examples:
  loginrec ac -p -f wtmp
  loginrec ac -d -f wtmp.1 -f wtmp alice
  loginrec ac -d -p --tz Europe/Berlin --root /mnt/image

{EXIT_STATUS}"))]
pub(crate) struct AcArgs {
    /// Only these users
    #[arg(value_name = "USER")]
    users: Vec<String>,

    /// Print the hours of each day
    #[arg(short = 'd', long)]
    daily_totals: bool,

    /// Print the hours of each user
    #[arg(short = 'p', long)]
    individual_totals: bool,

    /// With -d: print days without logins too
    #[arg(short, long, requires = "daily_totals")]
    all_days: bool,

    /// With -d: print the year
    #[arg(short = 'y', long, requires = "daily_totals")]
    print_year: bool,

    /// With -p: print users with 0.00 hours too
    #[arg(short = 'z', long, requires = "individual_totals")]
    print_zeros: bool,

    /// Count sessions that ended with a boot without a shutdown before it
    #[arg(long)]
    reboots: bool,

    /// Count sessions that were followed by another login on their line
    #[arg(long)]
    supplants: bool,

    /// Like --reboots --supplants
    #[arg(long)]
    compatibility: bool,

    /// Read FILE; may be repeated. Default: this machine's own wtmp
    #[arg(short, long = "file", value_name = "FILE", value_hint = ValueHint::FilePath)]
    files: Vec<PathBuf>,

    /// Read the files as they were at this time; open sessions count up to it. Default: the newest
    /// record
    #[arg(long, value_name = "TIME", value_parser = TimeArg::parse, allow_hyphen_values = true)]
    as_of: Option<TimeArg>,

    /// The time zone of days: UTC, an offset such as +02:00, or a name such as Europe/Berlin.
    /// Default: that of TZ or of this machine
    #[arg(long, value_name = "ZONE", value_parser = Zone::parse, allow_hyphen_values = true)]
    tz: Option<Zone>,

    #[command(flatten)]
    output: OutputOptions,

    #[command(flatten)]
    options: ReadOptions,

    #[arg(skip)]
    sources: Sources,
}

/// ac(8) called by its own name.
pub(crate) static AC: Applet =
    Applet { name: "ac", rewrite: |_, rest| with_command("ac", rest), respell: None };

impl Run for AcArgs {
    fn resolve(&mut self, report: &mut Diagnostics) -> Result<(), String> {
        let mut files = self.files.clone();
        if files.is_empty() && self.options.root.is_empty() {
            files.push(own_log(FileKind::Wtmp));
        }
        self.sources = root::resolve(&files, &self.options, &[FileKind::Wtmp], report)?;
        Ok(())
    }

    fn files(&self) -> NamedFiles<'_> {
        NamedFiles::reading(&self.files, &self.options).written_to(&self.output)
    }

    fn run(&self, out: Output, report: &mut Diagnostics) -> Result<(), Stop> {
        run(self, out, report)
    }
}

fn run(args: &AcArgs, mut out: Output, report: &mut Diagnostics) -> Result<(), Stop> {
    let zone = args.tz.clone().unwrap_or_else(Zone::system);
    let mut inputs = Inputs::of(&args.options).among(&args.sources).asking_kind();
    let several = args.sources.has_several();
    let machines = args.sources.machines.iter().filter(|machine| !machine.files.is_empty());
    for (number, machine) in machines.enumerate() {
        if let Some(name) = machine.name.as_deref().filter(|_| several) {
            let gap = if number > 0 { "\n" } else { "" };
            writeln!(out, "{gap}==> {name} <==")?;
        }
        let history = History::open(machine, &mut inputs, report)?;
        // Hours of nothing would look like an answer.
        if !history.names().is_empty() {
            Hours::of(args, &history, &zone, report)?.write(args, &zone, &mut out)?;
        }
    }
    Ok(out.flush()?)
}

/// Microseconds by user. Without -p there is one, without a name.
type ByUser = BTreeMap<String, i128>;

/// Hours by day and user.
#[derive(Debug, Default)]
struct Hours {
    /// The time in parts of days; without -d, all of it without a day.
    parts: BTreeMap<Option<Date>, ByUser>,
    /// How many more sessions last the whole day than the day before. A session may last for
    /// centuries, by what is stored.
    changes: BTreeMap<Date, ByUser>,
}

impl Hours {
    fn of(
        args: &AcArgs,
        history: &History<'_>,
        zone: &Zone,
        report: &mut Diagnostics,
    ) -> Result<Hours, Stop> {
        let newest = || history.newest();
        let as_of = args.as_of.as_ref().map(|time| time.resolve("as-of", zone, newest));
        let mut now = AsOf::of(as_of.transpose()?);
        let mut hours = Hours::default();
        let mut tracker = SessionTracker::new();
        history.records(report, |file, record| {
            let entry = record.entry();
            if now.includes(entry.ut_tv) {
                tracker.push(file, record, &entry).for_each(|session| {
                    hours.add(args, &session, now.time(), zone);
                });
            }
            Ok(())
        })?;
        tracker.finish().for_each(|session| hours.add(args, &session, now.time(), zone));
        if tracker.is_full() {
            report.out_of_memory("sessions are missing");
        }
        Ok(hours)
    }

    fn add(&mut self, args: &AcArgs, session: &Session<'_>, now: Timestamp, zone: &Zone) {
        let is_counted = match session.end {
            End::Crash => args.reboots || args.compatibility,
            End::Replaced => args.supplants || args.compatibility,
            _ => true,
        };
        let (login, user) = (session.login.at().time, session.login.entry().ut_user);
        if !(args.users.is_empty() || args.users.iter().any(|name| user == **name)) {
            return;
        }
        let (begin, mut end) = (micros(login), micros(session.ended().unwrap_or(now)));
        if !is_counted {
            // As ac, which adds up at midnight: the whole days before the end count.
            let Some(local) = zone.local(seconds(end)) else { return };
            let Some(midnight) = midnight(zone, local.civil.date()) else { return };
            end = midnight;
            if end <= begin {
                return;
            }
        }
        let user = if args.individual_totals { user.to_string() } else { String::new() };
        let day = |micros| zone.local(seconds(micros)).map(|local| local.civil.date());
        let days = match args.daily_totals && begin < end {
            true => day(begin).zip(day(end)).filter(|(first, last)| first < last),
            false => None,
        };
        if let Some((first, last)) = days
            && let Some(second) = first.tomorrow().ok()
            && let Some((morning, evening)) = midnight(zone, second).zip(midnight(zone, last))
        {
            add(&mut self.parts, Some(first), &user, morning - begin);
            add(&mut self.changes, second, &user, 1);
            add(&mut self.changes, last, &user, -1);
            if end > evening {
                add(&mut self.parts, Some(last), &user, end - evening);
            }
        } else if begin < end || !args.daily_totals {
            let day = if args.daily_totals { day(begin) } else { None };
            add(&mut self.parts, day, &user, (end - begin).max(0));
        }
    }

    fn write(mut self, args: &AcArgs, zone: &Zone, out: &mut Output) -> io::Result<()> {
        if let Some(users) = self.parts.remove(&None) {
            day_lines(args, None, &users, out)?;
        } else if !args.daily_totals {
            day_lines(args, None, &ByUser::new(), out)?;
        }
        let mut all_day = ByUser::new();
        let mut next: Option<Date> = None;
        loop {
            let first = |days: Option<Date>| days.into_iter();
            let known = first(self.parts.keys().next().copied().flatten())
                .chain(first(self.changes.keys().next().copied()));
            let Some(known) = known.min() else { return Ok(()) };
            let is_between = args.all_days || !all_day.is_empty();
            let day = next.filter(|next| is_between && *next < known).unwrap_or(known);
            let mut users = self.parts.remove(&Some(day)).unwrap_or_default();
            for (user, change) in self.changes.remove(&day).unwrap_or_default() {
                *all_day.entry(user).or_default() += change;
            }
            all_day.retain(|_, sessions| *sessions != 0);
            next = day.tomorrow().ok();
            let end = next.and_then(|next| midnight(zone, next));
            let length = end.zip(midnight(zone, day)).map_or(0, |(end, begin)| end - begin);
            for (user, sessions) in &all_day {
                *users.entry(user.clone()).or_default() += sessions * length;
            }
            if args.all_days || !users.is_empty() {
                day_lines(args, Some(day), &users, out)?;
            }
        }
    }
}

fn add<K: Ord>(days: &mut BTreeMap<K, ByUser>, day: K, user: &str, number: i128) {
    *days.entry(day).or_default().entry(user.to_owned()).or_default() += number;
}

/// The beginning of a day in a zone.
fn midnight(zone: &Zone, day: Date) -> Option<i128> {
    zone.seconds(day.to_datetime(Time::midnight())).map(|seconds| i128::from(seconds) * 1_000_000)
}

fn day_lines(args: &AcArgs, day: Option<Date>, users: &ByUser, out: &mut Output) -> io::Result<()> {
    for (user, micros) in users.iter().filter(|_| args.individual_totals) {
        if args.print_zeros || *micros > 0 || !args.daily_totals {
            writeln!(out, "\t{user:<32} {}", hours(*micros, 8))?;
        }
    }
    total(args, day, users.values().sum(), out)
}

fn total(args: &AcArgs, day: Option<Date>, micros: i128, out: &mut Output) -> io::Result<()> {
    if let Some(day) = day {
        let year = if args.print_year { " %Y" } else { "" };
        write!(out, "{}", day.strftime(&format!("%b %e{year}")))?;
    }
    writeln!(out, "\ttotal {}", hours(micros, 11))
}

fn micros(time: Timestamp) -> i128 {
    i128::from(time.tv_sec) * 1_000_000 + i128::from(time.tv_usec)
}

fn seconds(micros: i128) -> i64 {
    i64::try_from(micros.div_euclid(1_000_000)).unwrap_or(i64::MAX)
}

/// Hours with two decimals, rounded as printf(3) rounds.
fn hours(micros: i128, width: usize) -> String {
    format!("{:width$.2}", micros as f64 / 3.6e9)
}
