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
//! * A file that holds no login records is an error (exit status 1), and so is one of
//!   nothing but zeros; the other files are still listed.

mod args;
mod careful;
mod format;
mod kind;
mod pair;

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use loginrec::{Entry, Event, FileKind, LogFile, system};

pub(crate) use self::args::{LAST_HELP, Last};
use self::format::{Format, HostColumn, TimeFormat, shown_line};
use self::pair::{Pairing, Row, failed};
use crate::filename::FileName;
use crate::input::Inputs;
use crate::output::{Stdout, stdout};
use crate::report::Report;
use crate::time_arg::TimeArg;
use crate::zone::Zone;

const BUFFER: usize = 32 << 10;

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
    let own;
    let files = match args.files.as_slice() {
        [] => {
            own = [own_log(kind)];
            own.as_slice()
        }
        files => files,
    };
    let mut inputs = Inputs::new(args.layout);
    for file in files {
        let name = FileName::new(file);
        match inputs.open(&name, report) {
            Ok(log) if log.layout().is_some_and(|layout| layout.is_lastlog()) => {
                report.failed(&name, "has last logins, not a history: see `loginrec lastlog`");
            }
            Ok(log) => listing.file(&log, &name, report)?,
            Err(why) => report.failed(&name, why),
        }
    }
    listing.out.flush()
}

/// This machine's log.
fn own_log(kind: FileKind) -> PathBuf {
    let places = system::paths(kind);
    let there = places.iter().find(|path| path.exists());
    let usual = match kind {
        FileKind::Btmp => "/var/log/btmp",
        _ => "/var/log/wtmp",
    };
    there.or(places.first()).map_or_else(|| usual.into(), |path| path.to_path_buf())
}

/// What is listed, how, and how far that is.
struct Listing<'a> {
    args: &'a Last,
    kind: FileKind,
    format: Format,
    since: Option<i64>,
    until: Option<i64>,
    present: Option<i64>,
    as_of: Option<i64>,
    out: Stdout,
    buffer: Vec<u8>,
    /// Lines printed, of all files.
    printed: u32,
}

impl<'a> Listing<'a> {
    fn new(args: &'a Last, kind: FileKind, zone: Zone) -> Result<Listing<'a>, String> {
        let clock = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let clock = i64::try_from(clock.as_secs()).unwrap_or(i64::MAX);
        let at = |option: &str, time: &Option<TimeArg>, now: i64| match time {
            Some(time) => match time.seconds(&zone, now) {
                Some(seconds) => Ok(Some(seconds)),
                None => Err(format!("--{option}: there is no such time")),
            },
            None => Ok(None),
        };
        let as_of = at("as-of", &args.as_of, clock)?;
        let now = as_of.unwrap_or(clock);
        Ok(Listing {
            since: at("since", &args.since, now)?,
            until: at("until", &args.until, now)?,
            present: at("present", &args.present, now)?,
            as_of,
            args,
            kind,
            format: Format {
                times: if args.fulltimes { TimeFormat::Full } else { args.time_format },
                wide: args.fullnames,
                host: match (args.nohostname, args.hostlast) {
                    (true, _) => HostColumn::Absent,
                    (_, true) => HostColumn::Last,
                    _ => HostColumn::Third,
                },
                address: args.ip || args.dns,
                separator: if args.tab_separated { b'\t' } else { b' ' },
                zone,
            },
            out: stdout(),
            buffer: Vec::with_capacity(BUFFER + 1024),
            printed: 0,
        })
    }

    /// One file from its end, and the line under it.
    fn file(
        &mut self,
        log: &LogFile<'_>,
        name: &FileName<'_>,
        report: &mut Report,
    ) -> io::Result<()> {
        let mut pairing = Pairing::default();
        let (mut any, mut damaged) = (false, false);
        for record in log.records().rev() {
            let record = match record {
                Ok(record) => record,
                Err(error) => {
                    report.damaged(name, error);
                    damaged = true;
                    continue;
                }
            };
            any = true;
            let entry = self.entry(record.entry(), record.layout().has_32bit_time());
            if self.as_of.is_some_and(|as_of| as_of < entry.ut_tv.tv_sec) {
                continue;
            }
            let row = match self.kind {
                FileKind::Btmp if entry.event() == Event::Signature => None,
                FileKind::Btmp => Some(failed(&entry)),
                _ => pairing.record(&entry),
            };
            let Some(row) = row.filter(|row| self.wants(row)) else { continue };
            self.format.row(&mut self.buffer, &row);
            if self.buffer.len() >= BUFFER {
                self.drain()?;
            }
            self.printed = self.printed.saturating_add(1);
            if self.args.limit != 0 && self.printed >= self.args.limit {
                break;
            }
        }
        if pairing.unknown > 0 {
            let records = if pairing.unknown == 1 { "record" } else { "records" };
            let what = format!("{} {records} of unknown type left out", pairing.unknown);
            report.warn(name, what);
        }
        match any || !damaged {
            true => report.read(),
            false => report.failed_quietly(),
        }
        self.drain()?;
        let base = name.path().and_then(Path::file_name).map(Path::new);
        let base = base.map_or_else(|| name.shown.clone(), |base| FileName::new(base).shown);
        match self.begins(log, name) {
            Some(begins) => self.format.footer(&mut self.out, &base, begins),
            None => Ok(()),
        }
    }

    fn drain(&mut self) -> io::Result<()> {
        self.out.write_all(&self.buffer)?;
        self.buffer.clear();
        Ok(())
    }

    fn entry<'e>(&self, mut entry: Entry<'e>, is_32bit: bool) -> Entry<'e> {
        if self.args.unsigned_time && is_32bit {
            entry.ut_tv = entry.ut_tv.unsigned32();
        }
        entry
    }

    /// The time of the first record; of an empty file, when it was last changed.
    fn begins(&self, log: &LogFile<'_>, name: &FileName<'_>) -> Option<i64> {
        let mut records = log.records().flatten();
        let first = records.find(|record| record.entry().event() != Event::Signature);
        match first {
            Some(record) => {
                let entry = self.entry(record.entry(), record.layout().has_32bit_time());
                Some(entry.ut_tv.tv_sec)
            }
            None => changed(name.path()?),
        }
    }

    fn wants(&self, row: &Row<'_>) -> bool {
        (self.args.system || !row.is_system)
            && self.since.is_none_or(|since| since <= row.time)
            && self.until.is_none_or(|until| row.time <= until)
            && self.present.is_none_or(|present| row.is_present(present))
            && (self.args.names.is_empty() || self.is_named(row))
    }

    fn is_named(&self, row: &Row<'_>) -> bool {
        let line = shown_line(&row.line);
        self.args.names.iter().any(|name| {
            let name = name.as_encoded_bytes();
            name == row.user || name == line || line.strip_prefix(b"tty") == Some(name)
        })
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
