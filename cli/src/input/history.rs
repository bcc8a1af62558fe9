//! The files of one machine as one history.

use std::cell::{RefCell, RefMut};
use std::collections::{HashMap, HashSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use loginrec::{Container, Entry, Event, FileKind, Layout, Record, Text, Timestamp};

use crate::diagnostics::Diagnostics;
use crate::file_name::FileName;
use crate::input::file::Input;
use crate::input::input_bytes::Access;
use crate::input::inputs::Inputs;
use crate::sources::MachineFiles;

/// Files in the order of their first record's time.
pub(crate) struct History<'a> {
    names: Vec<FileName<'a>>,
    /// Each in a cell of its own, because names are needed while records are read.
    inputs: Vec<RefCell<Input>>,
}

/// A clock that was never set begins in 1970. Machines without a battery boot with it.
const UNSET_CLOCK: i64 = 365 * 86_400;

struct HistoryFile<'a> {
    name: FileName<'a>,
    input: Input,
    /// The first time that a clock showed that had been set, else the first.
    begin: Option<Timestamp>,
}

impl<'a> History<'a> {
    /// Opens the files of a machine. Files that are not a history are rejected.
    pub(crate) fn open(
        machine: &'a MachineFiles,
        inputs: &mut Inputs,
        report: &mut Diagnostics,
    ) -> io::Result<History<'a>> {
        History::of(machine, inputs, refused, report)
    }

    /// Opens the files, except those for which `refused` returns a reason.
    pub(crate) fn of(
        machine: &'a MachineFiles,
        inputs: &mut Inputs,
        refused: impl Fn(&Input) -> Option<&'static str>,
        report: &mut Diagnostics,
    ) -> io::Result<History<'a>> {
        let mut files = Vec::new();
        let mut known: HashMap<PathBuf, &Path> = HashMap::new();
        for file in &machine.files {
            let name = file.name();
            // Its sessions would all be listed twice. `open` reports what has no path.
            if let Some(path) = name.path().and_then(|path| fs::canonicalize(path).ok())
                && let Some(first) = known.insert(path, &file.path)
            {
                let first = FileName::new(first).shown;
                report.warn(&name, format_args!("is the same file as {first}: read once"));
                continue;
            }
            match inputs.open_kept(Access::InOrder, &name, report) {
                Ok(input) => match refused(&input) {
                    Some(why) => report.failed(&name, why),
                    None => files.push(HistoryFile::new(name, input)?),
                },
                Err(why) => report.failed(&name, why),
            }
        }
        if machine.is_root {
            leave_out_twins(&mut files, report);
        }
        leave_out_imported(&mut files, report)?;
        files.sort_by_key(|source| source.begin);
        let (names, inputs) =
            files.into_iter().map(|file| (file.name, RefCell::new(file.input))).unzip();
        Ok(History { names, inputs })
    }

    /// Returns the latest time of any record, the default for "now".
    pub(crate) fn newest(&self) -> i64 {
        let mut newest = None;
        for input in &self.inputs {
            // Read errors are reported when the records are read.
            let _ = input.borrow_mut().again(|record| {
                newest = newest.max(Some(record.entry().ut_tv.tv_sec));
                Ok(())
            });
        }
        newest.unwrap_or_default()
    }

    /// Calls the function with all records, each with the number of its file. Damage goes to
    /// `report`.
    pub(crate) fn records(
        &self,
        report: &mut Diagnostics,
        mut f: impl FnMut(u32, &Record<'_>) -> io::Result<()>,
    ) -> io::Result<()> {
        for ((number, name), input) in (0_u32..).zip(&self.names).zip(&self.inputs) {
            let mut input = input.borrow_mut();
            input.records(name, report, |record| f(number, record))?;
        }
        Ok(())
    }

    /// Returns what the files are, by the same numbers.
    pub(crate) fn formats(&self) -> Vec<(Option<FileKind>, Option<&'static Layout>)> {
        let inputs = self.inputs.iter().map(RefCell::borrow);
        inputs.map(|input| (input.kind(), input.layout())).collect()
    }

    /// Returns the files, the newest first.
    pub(crate) fn rev(&self) -> impl Iterator<Item = (&FileName<'a>, RefMut<'_, Input>)> {
        self.names.iter().zip(self.inputs.iter().map(RefCell::borrow_mut)).rev()
    }

    /// Returns the files' names, by the numbers that [`History::records`] uses.
    pub(crate) fn names(&self) -> &[FileName<'a>] {
        &self.names
    }
}

impl<'a> HistoryFile<'a> {
    fn new(name: FileName<'a>, mut input: Input) -> io::Result<HistoryFile<'a>> {
        let mut first = None;
        let begin = input.find(|record| {
            let time = record.entry().ut_tv;
            first = first.or_else(|| (time != Timestamp::default()).then_some(time));
            (time.tv_sec >= UNSET_CLOCK).then_some(time)
        })?;
        Ok(HistoryFile { name, input, begin: begin.or(first) })
    }
}

/// Returns files whose twin is better: NetBSD and Solaris write each login to wtmp and to wtmpx in
/// the same folder. The latter has more fields; the former is used if the latter is empty.
fn leave_out_twins(files: &mut Vec<HistoryFile<'_>>, report: &Diagnostics) {
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

/// What an import copies: time, user and line.
type Login = (i64, Vec<u8>, Vec<u8>);

/// Length of a user and a line in a wtmp. An import takes bytes behind a text that fills its field.
const TEXT: usize = 32;

fn login(entry: &Entry<'_>) -> Login {
    let text = |text: Text<'_>| {
        let bytes = text.as_bytes();
        bytes.get(..TEXT).unwrap_or(bytes).to_vec()
    };
    // A wtmp may have more microseconds than a second has.
    let Timestamp { tv_sec, tv_usec } = entry.ut_tv;
    let micros = tv_sec.saturating_mul(1_000_000).saturating_add(tv_usec);
    (micros, text(entry.ut_user), text(entry.ut_line))
}

/// Counts once what `wtmpdb import` copied from a wtmp that is read as well. Such rows have no
/// service; other rows without one have times of their own, in microseconds.
fn leave_out_imported(files: &mut [HistoryFile<'_>], report: &mut Diagnostics) -> io::Result<()> {
    let is_table = |input: &Input| {
        input
            .layout()
            .is_some_and(|layout| layout.is_log() && layout.container == Container::Sqlite)
    };
    let is_wtmp = |input: &Input| input.kind() == Some(FileKind::Wtmp) && !is_table(input);
    if !files.iter().any(|file| is_table(&file.input))
        || !files.iter().any(|file| is_wtmp(&file.input))
    {
        return Ok(());
    }
    let mut rows: HashMap<Login, Vec<(usize, i64)>> = HashMap::new();
    for (number, file) in files.iter_mut().enumerate().filter(|(_, file)| is_table(&file.input)) {
        file.input.again(|record| {
            let entry = record.entry();
            let rowid = record.row_place().and_then(|place| place.rowid);
            if let Some(rowid) = rowid.filter(|_| entry.service.is_none()) {
                rows.entry(login(&entry)).or_default().push((number, rowid));
            }
            Ok(())
        })?;
    }
    let mut imported: HashMap<usize, HashSet<i64>> = HashMap::new();
    for file in files.iter_mut().filter(|file| is_wtmp(&file.input)) {
        file.input.again(|record| {
            let entry = record.entry();
            if !rows.is_empty() && matches!(entry.event(), Event::Login | Event::Boot) {
                for (number, rowid) in rows.remove(&login(&entry)).into_iter().flatten() {
                    imported.entry(number).or_default().insert(rowid);
                }
            }
            Ok(())
        })?;
    }
    for (number, file) in files.iter_mut().enumerate() {
        let Some(rowids) = imported.remove(&number) else { continue };
        let rows = match rowids.len() {
            1 => "1 row is".to_owned(),
            count => format!("{count} rows are"),
        };
        report.warn(&file.name, format_args!("{rows} also in a wtmp that is read: counted once"));
        file.input.left_out = rowids;
    }
    Ok(())
}

/// Returns `wtmpx.0` for `wtmp.0`.
fn twin(path: &Path) -> Option<PathBuf> {
    let rest = path.file_name()?.to_str()?.strip_prefix("wtmp")?;
    (!rest.starts_with('x')).then(|| path.with_file_name(format!("wtmpx{rest}")))
}

/// Returns why a file has neither sessions nor boots.
fn refused(input: &Input) -> Option<&'static str> {
    if input.kind() == Some(FileKind::Btmp) {
        return Some(
            "contains failed logins, not sessions; use `loginrec lastb -f FILE` or `loginrec timeline FILE`",
        );
    }
    let layout = input.layout()?;
    if layout.is_failures() {
        return Some("counts failed logins, not sessions; use `loginrec failures`");
    }
    layout.is_lastlog().then_some("contains last logins, not sessions; use `loginrec lastlog`")
}
