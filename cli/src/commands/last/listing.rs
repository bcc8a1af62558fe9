//! Selects and prints rows.

use std::fs;
use std::io;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use loginrec::{Entry, Event, FileKind, Record};

use crate::args::time::TimeArg;
use crate::args::zone::Zone;
use crate::commands::last::args::{ListOptions, TimeFormat};
use crate::commands::last::classify::TypeConvention;
use crate::commands::last::pairing::{Pairing, Row, failed};
use crate::commands::last::row::{Columns, Format, HostColumn, shown_line};
use crate::commands::last::time::TimeCache;
use crate::diagnostics::Diagnostics;
use crate::file_name::FileName;
use crate::input::file::Input;
use crate::output::rows::RowEncoder;
use crate::output::writer::Output;

/// The options of a listing, and its progress.
pub(super) struct Listing<'a> {
    pub(super) args: &'a ListOptions,
    pub(super) kind: FileKind,
    pub(super) format: Format,
    pub(super) zone: Zone,
    pub(super) since: Option<i64>,
    pub(super) until: Option<i64>,
    pub(super) present: Option<i64>,
    /// Whether rows are selected by their kind alone.
    pub(super) takes_all: bool,
    pub(super) as_of: Option<i64>,
    /// Whether `now` is the same for all files.
    pub(super) is_now_known: bool,
    pub(super) out: Output,
    /// What makes rows of jsonl and csv; `None` for text.
    pub(super) rows: Option<RowEncoder>,
    /// Number of lines left to print, for all files.
    pub(super) left: u64,
}

impl<'a> Listing<'a> {
    pub(super) fn new(
        args: &'a ListOptions,
        kind: FileKind,
        zone: Zone,
        out: Output,
    ) -> Result<Listing<'a>, String> {
        let clock = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let clock = i64::try_from(clock.as_secs()).unwrap_or(i64::MAX);
        let as_of = seconds("as-of", args.as_of.as_ref(), &zone, clock)?;
        let own = args.files.is_empty() && args.options.root.is_empty();
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
                TimeCache::new(&zone),
            ),
            zone,
            out,
            rows: args.encoder(),
            left: match args.limit {
                0 => u64::MAX,
                limit => limit.into(),
            },
        };
        // Times that do not depend on `now` are checked before anything is read.
        listing.count_from(now.unwrap_or(0))?;
        Ok(listing)
    }

    /// Sets `now`, from which relative times count.
    pub(super) fn count_from(&mut self, now: i64) -> Result<(), String> {
        let Listing { args, zone, .. } = self;
        let [since, until, present] =
            [("since", &args.since), ("until", &args.until), ("present", &args.present)]
                .map(|(option, time)| seconds(option, time.as_ref(), zone, now));
        (self.since, self.until, self.present) = (since?, until?, present?);
        let times = [self.since, self.until, self.present];
        self.takes_all = times == [None; 3] && self.args.names.is_empty();
        Ok(())
    }

    /// Lists one file from its end, and prints its footer. `pairing` has seen the records of the
    /// files after it. With --follow, `listed` gets every record and its row.
    pub(super) fn file(
        &mut self,
        input: &mut Input,
        name: &FileName<'_>,
        pairing: &mut Pairing,
        mut listed: impl FnMut(&Record<'_>, Option<Row<'_>>),
        report: &mut Diagnostics,
    ) -> io::Result<()> {
        if let Some(layout) = input.layout() {
            pairing.continue_with(TypeConvention::of(layout.platform));
        }
        if self.rows.is_some() {
            self.file_rows(input, name, pairing, report)?;
            warn_of_unknown(name, pairing, report);
            return Ok(());
        }
        let is_btmp = self.kind == FileKind::Btmp;
        let as_of = self.as_of.unwrap_or(i64::MAX);
        // Two loops: where the record is not handed on, it need not be built.
        match self.args.follow {
            false => input.backwards(name, report, |record| {
                let entry = record.entry();
                if as_of < entry.ut_tv.tv_sec {
                    return Ok(ControlFlow::Continue(()));
                }
                self.list(row(&entry, is_btmp, pairing))
            }),
            true => input.backwards(name, report, |record| {
                let entry = record.entry();
                if as_of < entry.ut_tv.tv_sec {
                    return Ok(ControlFlow::Continue(()));
                }
                let row = row(&entry, is_btmp, pairing);
                listed(record, row);
                // --follow needs all sessions that have not ended.
                if self.left > 0 {
                    _ = self.list(row)?;
                }
                Ok(ControlFlow::Continue(()))
            }),
        }?;
        warn_of_unknown(name, pairing, report);
        let base = name.path().and_then(Path::file_name).map(Path::new);
        let base = base.map_or_else(|| name.shown.clone(), |base| FileName::new(base).shown);
        match self.begins(input, name)? {
            Some(begins) => self.format.footer(&mut self.out, &base, begins),
            None => Ok(()),
        }
    }

    /// Lists a row, if there is one and it is wanted. Breaks when there are enough.
    #[inline(always)]
    fn list(&mut self, row: Option<Row<'_>>) -> io::Result<ControlFlow<()>> {
        let Some(row) = row.filter(|row| self.wants(*row)) else {
            return Ok(ControlFlow::Continue(()));
        };
        self.format.row(self.out.lines(), row);
        self.out.settle()?;
        self.left = self.left.saturating_sub(1);
        Ok(match self.left {
            0 => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        })
    }

    /// Returns whether a time on the command line is relative to a time in the file.
    pub(super) fn needs_now(&self) -> bool {
        let times = [&self.args.since, &self.args.until, &self.args.present];
        let is_relative = |time: &Option<TimeArg>| !matches!(time, None | Some(TimeArg::At(_)));
        !self.is_now_known && times.into_iter().any(is_relative)
    }

    /// Returns the time of the newest record, whatever the order in the file.
    pub(super) fn newest(&self, input: &mut Input) -> io::Result<i64> {
        let mut newest = None;
        input.again(|record| {
            newest = newest.max(Some(record.entry().ut_tv.tv_sec));
            Ok(())
        })?;
        Ok(newest.unwrap_or(0))
    }

    /// Returns the time of the first record; for an empty file, its modification time.
    pub(super) fn begins(&self, input: &mut Input, name: &FileName<'_>) -> io::Result<Option<i64>> {
        let first = input.find(|record| {
            let entry = record.entry();
            (entry.event() != Event::Signature).then_some(entry.ut_tv.tv_sec)
        })?;
        Ok(first.or_else(|| changed(name.path()?)))
    }

    #[inline]
    pub(super) fn wants(&self, row: Row<'_>) -> bool {
        (!row.is_of_system() || self.args.system) && (self.takes_all || self.takes(row))
    }

    #[inline(never)]
    pub(super) fn takes(&self, row: Row<'_>) -> bool {
        self.since.is_none_or(|since| since <= row.time())
            && self.until.is_none_or(|until| row.time() <= until)
            && self.present.is_none_or(|present| row.is_present(present))
            && (self.args.names.is_empty() || self.is_named(&row))
    }

    pub(super) fn is_named(&self, row: &Row<'_>) -> bool {
        let (user, line) = (row.user(), row.line());
        let (user, line) = (user.as_bytes(), shown_line(line.as_bytes()));
        self.args.names.iter().any(|name| {
            let name = name.as_encoded_bytes();
            name == user || name == line || line.strip_prefix(b"tty") == Some(name)
        })
    }
}

fn warn_of_unknown(name: &FileName<'_>, pairing: &mut Pairing, report: &Diagnostics) {
    let unknown = std::mem::take(&mut pairing.unknown);
    if unknown > 0 {
        let records = if unknown == 1 { "record" } else { "records" };
        report.warn(name, format_args!("{unknown} {records} of unknown type omitted"));
    }
}

/// Returns the row of a record.
#[inline(always)]
pub(super) fn row<'e>(
    entry: &'e Entry<'_>,
    is_btmp: bool,
    pairing: &mut Pairing,
) -> Option<Row<'e>> {
    match is_btmp {
        true if entry.event() == Event::Signature => None,
        true => Some(failed(entry)),
        false => pairing.record(entry),
    }
}

/// Converts a TIME argument to seconds since the epoch.
fn seconds(
    option: &str,
    time: Option<&TimeArg>,
    zone: &Zone,
    now: i64,
) -> Result<Option<i64>, String> {
    time.map(|time| time.resolve(option, zone, || now)).transpose()
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
