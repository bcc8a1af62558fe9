//! The files of one machine as one history.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use loginrec::{FileKind, Framing, Record, Timestamp};

use crate::args::Reading;
use crate::filename::FileName;
use crate::input::{Input, Inputs};
use crate::report::Report;

/// Files in the order of their first record's time.
pub(crate) struct Sources<'a> {
    files: Vec<Source<'a>>,
}

struct Source<'a> {
    name: FileName<'a>,
    /// The names are asked for while the records are read.
    input: RefCell<Input>,
    /// The first time that is set.
    begin: Option<Timestamp>,
}

impl<'a> Sources<'a> {
    /// Opens the files. Those that hold no history are refused.
    pub(crate) fn open(reading: &'a Reading, report: &mut Report) -> io::Result<Sources<'a>> {
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
            match inputs.open_kept(&name, report) {
                Ok(input) => match refused(&input) {
                    Some(why) => report.failed(&name, why),
                    None => files.push(Source::new(name, input, reading)?),
                },
                Err(why) => report.failed(&name, why),
            }
        }
        if reading.root.is_some() {
            leave_out_twins(&mut files, report);
        }
        files.sort_by_key(|source| source.begin);
        Ok(Sources { files })
    }

    /// The latest time of any record: what "now" is, where nobody says.
    pub(crate) fn newest(&self, reading: &Reading) -> i64 {
        let mut newest = None;
        for source in &self.files {
            // What cannot be read is told when its records are asked for.
            let _ = source.input.borrow_mut().again(|record| {
                newest = newest.max(Some(reading.entry(record).ut_tv.tv_sec));
                Ok(())
            });
        }
        newest.unwrap_or_default()
    }

    /// Hands over all records, each with the number of its file; damage goes to `report`.
    pub(crate) fn records(
        &self,
        report: &mut Report,
        mut f: impl FnMut(u32, &Record<'_>) -> io::Result<()>,
    ) -> io::Result<()> {
        for (number, source) in (0_u32..).zip(&self.files) {
            let mut input = source.input.borrow_mut();
            input.rewind()?;
            input.records(&source.name, report, |record| f(number, record))?;
        }
        Ok(())
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
}

impl<'a> Source<'a> {
    fn new(name: FileName<'a>, mut input: Input, reading: &Reading) -> io::Result<Source<'a>> {
        let begin = input.find(|record| {
            let time = reading.entry(record).ut_tv;
            (time != Timestamp::default()).then_some(time)
        })?;
        Ok(Source { name, input: RefCell::new(input), begin })
    }
}

/// NetBSD and Solaris write each login into wtmp and into wtmpx beside it. The latter says
/// more; the former counts where the latter is empty.
fn leave_out_twins(files: &mut Vec<Source<'_>>, report: &Report) {
    let full = files.iter().filter(|source| source.begin.is_some());
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
fn refused(input: &Input) -> Option<&'static str> {
    if input.kind() == Some(FileKind::Btmp) {
        return Some("holds failed logins, which begin no sessions: see `loginrec dump`");
    }
    match input.framing()? {
        Framing::Indexed | Framing::Database => {
            Some("is a lastlog, which has no sessions: see `loginrec lastlog`")
        }
        _ => None,
    }
}
