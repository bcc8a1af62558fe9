//! The files of one machine as one history.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use loginrec::{Error, FileKind, Framing, LogFile, Record, Timestamp};

use crate::args::Reading;
use crate::filename::FileName;
use crate::input::Inputs;
use crate::report::Report;

/// Files in the order of their first record's time.
#[derive(Debug)]
pub(crate) struct Sources<'a> {
    files: Vec<Source<'a>>,
}

#[derive(Debug)]
struct Source<'a> {
    name: FileName<'a>,
    log: LogFile<'static>,
    read: Cell<bool>,
    damaged: Cell<bool>,
}

impl<'a> Sources<'a> {
    /// Opens the files. Those that hold no history are refused.
    pub(crate) fn open(reading: &'a Reading, report: &mut Report) -> Sources<'a> {
        let mut inputs = Inputs::of(reading);
        let mut files = Vec::new();
        let mut known: HashMap<PathBuf, &Path> = HashMap::new();
        for file in &reading.files {
            let name = FileName::new(file);
            // Its sessions would all be there twice. What has no path is for `open` to say.
            if let Some(path) = name.path().and_then(|path| fs::canonicalize(path).ok())
                && let Some(first) = known.insert(path, file)
            {
                let first = FileName::new(first).shown;
                report.warn(&name, format_args!("is the same file as {first}: read once"));
                continue;
            }
            match inputs.open_whole(&name, report) {
                Ok(log) => match refused(&log) {
                    Some(why) => report.failed(&name, why),
                    None => files.push(Source::new(name, log)),
                },
                Err(why) => report.failed(&name, why),
            }
        }
        if reading.root.is_some() {
            leave_out_twins(&mut files, reading, report);
        }
        files.sort_by_cached_key(|source| source.begin(reading));
        Sources { files }
    }

    /// The latest time of any record: what "now" is, where nobody says.
    pub(crate) fn newest(&self, reading: &Reading) -> i64 {
        let records = self.files.iter().flat_map(|source| source.log.records().flatten());
        records.map(|record| reading.entry(&record).ut_tv.tv_sec).max().unwrap_or_default()
    }

    /// All records, each with the number of its file; damage goes to `report`.
    pub(crate) fn records<'s>(
        &'s self,
        report: &'s RefCell<&mut Report>,
    ) -> impl Iterator<Item = (u32, Record<'s>)> {
        let numbered = (0_u32..).zip(&self.files);
        numbered.flat_map(move |(number, source)| {
            let whole = move |record| source.note(record, report);
            source.log.records().filter_map(whole).map(move |record| (number, record))
        })
    }

    /// The name of a file by its number.
    pub(crate) fn name(&self, number: u32) -> Option<&FileName<'a>> {
        let at = usize::try_from(number).ok()?;
        self.files.get(at).map(|source| &source.name)
    }

    /// The name for people.
    pub(crate) fn shown(&self, number: u32) -> &str {
        self.name(number).map_or("", |name| &name.shown)
    }

    /// Says how the files fared, when all records were asked for.
    pub(crate) fn finish(&self, report: &mut Report) {
        for source in &self.files {
            match source.read.get() || !source.damaged.get() {
                true => report.read(),
                false => report.failed_quietly(),
            }
        }
    }
}

impl<'a> Source<'a> {
    fn new(name: FileName<'a>, log: LogFile<'static>) -> Source<'a> {
        Source { name, log, read: Cell::new(false), damaged: Cell::new(false) }
    }

    /// The first time that is set.
    fn begin(&self, reading: &Reading) -> Option<Timestamp> {
        let mut times = self.log.records().flatten().map(|record| reading.entry(&record).ut_tv);
        times.find(|time| *time != Timestamp::default())
    }

    fn note<'s>(
        &self,
        record: Result<Record<'s>, Error>,
        report: &RefCell<&mut Report>,
    ) -> Option<Record<'s>> {
        match record {
            Ok(record) => {
                self.read.set(true);
                Some(record)
            }
            Err(error) => {
                self.damaged.set(true);
                report.borrow_mut().damaged(&self.name, error);
                None
            }
        }
    }
}

/// NetBSD and Solaris write each login into wtmp and into wtmpx beside it. The latter says
/// more; the former counts where the latter is empty.
fn leave_out_twins(files: &mut Vec<Source<'_>>, reading: &Reading, report: &Report) {
    let full = files.iter().filter(|source| source.begin(reading).is_some());
    let full: HashSet<PathBuf> = full.filter_map(|s| Some(s.name.path()?.to_owned())).collect();
    files.retain(|source| {
        let twin = source.name.path().and_then(twin).filter(|twin| full.contains(twin));
        if let Some(twin) = &twin {
            let twin = FileName::new(twin).shown;
            report.warn(&source.name, format_args!("left out: {twin} has the same logins"));
        }
        twin.is_none()
    });
}

/// `wtmpx.0` of `wtmp.0`.
fn twin(path: &Path) -> Option<PathBuf> {
    let rest = path.file_name()?.to_str()?.strip_prefix("wtmp")?;
    (!rest.starts_with('x')).then(|| path.with_file_name(format!("wtmpx{rest}")))
}

/// Why a file has neither sessions nor boots.
fn refused(log: &LogFile<'_>) -> Option<&'static str> {
    if log.kind() == Some(FileKind::Btmp) {
        return Some("holds failed logins, which begin no sessions: see `loginrec dump`");
    }
    match log.layout()?.framing {
        Framing::Indexed | Framing::Database => {
            Some("is a lastlog, which has no sessions: see `loginrec lastlog`")
        }
        _ => None,
    }
}
