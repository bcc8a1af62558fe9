//! `loginrec last` and `loginrec lastb`: what last(1) of util-linux prints, byte for byte.
//!
//! Differences, all on purpose:
//!
//! * `--since` and `--until` choose among paired sessions; util-linux drops records before
//!   it pairs them and so loses logouts, shutdowns and boots.
//! * Nothing is asked of the host: no `gone - no logout` from its users, processes and
//!   terminals, no DNS, no clock but for relative times.
//! * A file that ends within a record is read from its beginning, the rest reported;
//!   util-linux counts from the end and reads every record askew.
//! * Control characters (tab, line feed, return and bell included) and characters that
//!   deceive are never printed; whether a character can be printed depends neither on the
//!   locale nor on the C library's tables.
//! * A last shutdown that no boot follows (`-x`) has no end and no length; util-linux ends it
//!   in 1970.
//! * A file that holds no login records is an error (exit status 1), and so is one of
//!   nothing but zeros; the other files are still listed.

mod args;
mod brief;
mod careful;
mod format;
mod kind;
mod lines;
mod live;
mod name;
mod pair;
mod stamp;

use std::collections::HashSet;
use std::fs;
use std::io::{self, Write as _};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use loginrec::{Entry, Event, FileKind, Record, system};

pub(crate) use self::args::{LAST_HELP, Last};
use self::format::{Columns, Format, HostColumn, TimeFormat, shown_line};
use self::kind::Habits;
use self::live::Live;
use self::pair::{Pairing, Row, failed};
use self::stamp::Stamps;
use crate::filename::FileName;
use crate::input::{Input, Inputs};
use crate::output::{Output, stdout};
use crate::report::Report;
use crate::root;
use crate::time_arg::TimeArg;
use crate::zone::Zone;

/// Runs `last`, or for [`FileKind::Btmp`] `lastb`.
pub(crate) fn run(args: &Last, kind: FileKind, report: &mut Report) -> io::Result<()> {
    let zone = args.tz.clone().unwrap_or_else(Zone::system);
    let mut listing = match Listing::new(args, kind, zone) {
        Ok(listing) => listing,
        Err(why) => {
            report.misused(why);
            return Ok(());
        }
    };
    if args.dns {
        report.note("--dns: no name server is asked, addresses are printed as stored");
    }
    let mut files = chosen(args, kind, report);
    if args.follow {
        let mut seen = HashSet::new();
        files.retain(|file| seen.insert(file.clone()));
    }
    if args.follow && files.iter().any(|file| FileName::new(file).is_stdin()) {
        report.misused("--follow needs files with names, not standard input");
        return Ok(());
    }
    let mut inputs = Inputs::new(args.layout).limited(args.max_size).hashed(args.hash);
    let mut live = Live::default();
    for file in &files {
        let name = FileName::new(file);
        if args.follow && !file.exists() {
            live.add(file);
            continue;
        }
        match inputs.open_kept(&name, report) {
            Ok(input) if input.layout().is_some_and(|layout| layout.is_lastlog()) => {
                report.failed(&name, "has last logins, not a history: see `loginrec lastlog`");
            }
            Ok(mut input) => {
                live.add(file);
                listing.file(&mut input, &name, &mut live, report)?;
            }
            Err(why) => report.failed(&name, why),
        }
    }
    listing.out.flush()?;
    match args.follow {
        true => live.follow(&mut listing, report),
        false => Ok(()),
    }
}

/// The files to list.
fn chosen(args: &Last, kind: FileKind, report: &mut Report) -> Vec<PathBuf> {
    if !args.files.is_empty() {
        return args.files.clone();
    }
    for path in args.names.iter().map(Path::new).filter(|path| path.is_file()) {
        let path = FileName::new(path).shown;
        report.note(format_args!("{path} is a file: -f {path} lists it"));
    }
    match &args.root {
        Some(root) => {
            let mut found = root::found(root, &[kind], report);
            found.reverse();
            found
        }
        None => vec![own_log(kind)],
    }
}

/// This machine's log.
pub(crate) fn own_log(kind: FileKind) -> PathBuf {
    let places = system::paths(kind);
    let there = places.iter().find(|path| path.exists());
    let usual = match kind {
        FileKind::Btmp => "/var/log/btmp",
        FileKind::Utmp => "/var/run/utmp",
        FileKind::Lastlog => "/var/log/lastlog",
        _ => "/var/log/wtmp",
    };
    there.or(places.first()).map_or_else(|| usual.into(), |path| path.to_path_buf())
}

/// What is listed, how, and how far that is.
struct Listing<'a> {
    args: &'a Last,
    kind: FileKind,
    is_unsigned: bool,
    format: Format,
    zone: Zone,
    since: Option<i64>,
    until: Option<i64>,
    present: Option<i64>,
    /// Whether nothing else than the kind of a row decides.
    takes_all: bool,
    as_of: Option<i64>,
    /// Whether `now` is the same for all files.
    is_now_known: bool,
    out: Output,
    /// Lines to come, of all files.
    left: u64,
}

impl<'a> Listing<'a> {
    fn new(args: &'a Last, kind: FileKind, zone: Zone) -> Result<Listing<'a>, String> {
        let clock = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let clock = i64::try_from(clock.as_secs()).unwrap_or(i64::MAX);
        let as_of = seconds("as-of", args.as_of.as_ref(), &zone, clock)?;
        let own = args.files.is_empty() && args.root.is_none();
        let now = as_of.or((own || args.clock).then_some(clock));
        let mut listing = Listing {
            since: None,
            until: None,
            present: None,
            takes_all: false,
            as_of,
            is_now_known: now.is_some(),
            args,
            kind,
            is_unsigned: args.unsigned_time,
            format: Format::new(
                Columns {
                    times: if args.fulltimes { TimeFormat::Full } else { args.time_format },
                    wide: args.fullnames,
                    host: match (args.nohostname, args.hostlast) {
                        (true, _) => HostColumn::Absent,
                        (_, true) => HostColumn::Last,
                        _ => HostColumn::Third,
                    },
                    address: args.ip || args.dns,
                    separator: if args.tab_separated { b'\t' } else { b' ' },
                },
                Stamps::new(&zone),
            ),
            zone,
            out: stdout(),
            left: match args.limit {
                0 => u64::MAX,
                limit => limit.into(),
            },
        };
        // Times that need no `now` are checked before anything is read.
        listing.count_from(now.unwrap_or(0))?;
        Ok(listing)
    }

    /// Relative times count from `now`.
    fn count_from(&mut self, now: i64) -> Result<(), String> {
        let Listing { args, zone, .. } = self;
        let [since, until, present] =
            [("since", &args.since), ("until", &args.until), ("present", &args.present)]
                .map(|(option, time)| seconds(option, time.as_ref(), zone, now));
        (self.since, self.until, self.present) = (since?, until?, present?);
        let times = [self.since, self.until, self.present];
        self.takes_all = times == [None; 3] && self.args.names.is_empty();
        Ok(())
    }

    /// One file from its end, and the line under it.
    fn file(
        &mut self,
        input: &mut Input,
        name: &FileName<'_>,
        live: &mut Live,
        report: &mut Report,
    ) -> io::Result<()> {
        if self.needs_now()
            && let Err(why) = self.count_from(self.newest(input)?)
        {
            report.misused(why);
            return Ok(());
        }
        let dialect = input.layout().map(|layout| layout.dialect);
        let mut pairing = Pairing::new(dialect.map_or(Habits::Other, Habits::of));
        let (is_followed, is_btmp) = (self.args.follow, self.kind == FileKind::Btmp);
        let as_of = self.as_of.unwrap_or(i64::MAX);
        input.backwards(name, report, |record| {
            let entry = self.entry(record);
            if as_of < entry.ut_tv.tv_sec {
                return Ok(ControlFlow::Continue(()));
            }
            let row = row(&entry, is_btmp, &mut pairing);
            if is_followed {
                live.listed(record, row);
            }
            let Some(row) = row else { return Ok(ControlFlow::Continue(())) };
            // Who follows has to know all sessions that have not ended.
            if !self.wants(row) || is_followed && self.left == 0 {
                return Ok(ControlFlow::Continue(()));
            }
            self.format.row(self.out.lines(), row);
            self.out.settle()?;
            self.left = self.left.saturating_sub(1);
            Ok(match self.left {
                0 if !is_followed => ControlFlow::Break(()),
                _ => ControlFlow::Continue(()),
            })
        })?;
        if pairing.unknown > 0 {
            let records = if pairing.unknown == 1 { "record" } else { "records" };
            let what = format!("{} {records} of unknown type left out", pairing.unknown);
            report.warn(name, what);
        }
        let base = name.path().and_then(Path::file_name).map(Path::new);
        let base = base.map_or_else(|| name.shown.clone(), |base| FileName::new(base).shown);
        match self.begins(input, name)? {
            Some(begins) => self.format.footer(&mut self.out, &base, begins),
            None => Ok(()),
        }
    }

    /// Whether a time on the command line counts from a moment that the file has to tell.
    fn needs_now(&self) -> bool {
        let times = [&self.args.since, &self.args.until, &self.args.present];
        let is_relative = |time: &Option<TimeArg>| !matches!(time, None | Some(TimeArg::At(_)));
        !self.is_now_known && times.into_iter().any(is_relative)
    }

    /// The time of the newest record, whatever the order in the file.
    fn newest(&self, input: &mut Input) -> io::Result<i64> {
        let mut newest = None;
        input.again(|record| {
            newest = newest.max(Some(self.entry(record).ut_tv.tv_sec));
            Ok(())
        })?;
        Ok(newest.unwrap_or(0))
    }

    #[inline]
    fn entry<'e>(&self, record: &Record<'e>) -> Entry<'e> {
        let mut entry = record.entry();
        if self.is_unsigned && record.layout().has_32bit_time() {
            entry.ut_tv = entry.ut_tv.unsigned32();
        }
        entry
    }

    /// The time of the first record; of an empty file, when it was last changed.
    fn begins(&self, input: &mut Input, name: &FileName<'_>) -> io::Result<Option<i64>> {
        let first = input.find(|record| {
            let entry = self.entry(record);
            (entry.event() != Event::Signature).then_some(entry.ut_tv.tv_sec)
        })?;
        Ok(first.or_else(|| changed(name.path()?)))
    }

    #[inline(always)]
    fn wants(&self, row: Row<'_>) -> bool {
        (!row.is_of_system() || self.args.system) && (self.takes_all || self.takes(row))
    }

    #[inline(never)]
    fn takes(&self, row: Row<'_>) -> bool {
        self.since.is_none_or(|since| since <= row.time())
            && self.until.is_none_or(|until| row.time() <= until)
            && self.present.is_none_or(|present| row.is_present(present))
            && (self.args.names.is_empty() || self.is_named(&row))
    }

    fn is_named(&self, row: &Row<'_>) -> bool {
        let (user, line) = (row.user(), row.line());
        let (user, line) = (user.as_bytes(), shown_line(line.as_bytes()));
        self.args.names.iter().any(|name| {
            let name = name.as_encoded_bytes();
            name == user || name == line || line.strip_prefix(b"tty") == Some(name)
        })
    }
}

/// What a record is in the list.
#[inline(always)]
fn row<'e>(entry: &'e Entry<'_>, is_btmp: bool, pairing: &mut Pairing) -> Option<Row<'e>> {
    match is_btmp {
        true if entry.event() == Event::Signature => None,
        true => Some(failed(entry)),
        false => pairing.record(entry),
    }
}

/// A TIME argument in seconds since the epoch.
fn seconds(
    option: &str,
    time: Option<&TimeArg>,
    zone: &Zone,
    now: i64,
) -> Result<Option<i64>, String> {
    match time.map(|time| time.seconds(zone, now)) {
        None => Ok(None),
        Some(Some(seconds)) => Ok(Some(seconds)),
        Some(None) => Err(format!("--{option}: there is no such time")),
    }
}

#[cfg(unix)]
fn changed(path: &Path) -> Option<i64> {
    use std::os::unix::fs::MetadataExt as _;
    fs::metadata(path).ok().map(|about| about.ctime())
}

#[cfg(not(unix))]
fn changed(path: &Path) -> Option<i64> {
    let modified = fs::metadata(path).ok()?.modified().ok()?;
    i64::try_from(modified.duration_since(UNIX_EPOCH).ok()?.as_secs()).ok()
}
