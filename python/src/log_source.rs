//! An opened file of login records with its layout.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use loginrec::audit::find_off_grid;
use loginrec::detect::{Detection, Reason, Verdict};
use loginrec::open::{OnAmbiguous, OpenErrorKind};
use loginrec::read::{Chunks, ReadAt as _};
use loginrec::{Container, FileKind, Layout, LogReader, OpenError, OpenOptions, Record, Timestamp};
use pyo3::prelude::*;

use crate::damage::Fault;
use crate::errors;
use crate::input::{Content, Input, Origin};
use crate::source::Source;
use crate::work;

/// How many bytes of an unrecognized file are searched for records at other offsets.
const OFF_GRID: usize = 1 << 20;
/// Bits by which a layout leads the next one if it decides those of other files.
const CERTAIN: i32 = 20;

/// An open file, shared by its iterators.
pub(crate) struct Log {
    pub(crate) reader: LogReader<Arc<Source>>,
    pub(crate) origin: Arc<Origin>,
    /// `None` for an empty file, which fits every layout.
    pub(crate) layout: Option<&'static Layout>,
    /// How the layout was detected; `None` if it was given.
    pub(crate) detection: Option<Detection>,
    count: OnceLock<u64>,
}

/// The reason why an input is no log that is wanted.
pub(crate) enum Unopened {
    Failed(OpenErrorKind),
    /// It is of another kind.
    WrongKind(&'static str),
}

impl From<OpenErrorKind> for Unopened {
    fn from(why: OpenErrorKind) -> Unopened {
        Unopened::Failed(why)
    }
}

impl Unopened {
    pub(crate) fn into_error(self, py: Python<'_>, path: Option<&Path>) -> PyErr {
        match self {
            Unopened::Failed(why) => errors::open(py, path, why),
            Unopened::WrongKind(why) => errors::wrong_kind(py, path, why),
        }
    }
}

/// The logs that could be opened, and what could not.
#[derive(Default)]
pub(crate) struct Opened {
    pub(crate) logs: Vec<Arc<Log>>,
    pub(crate) failed: Vec<(Arc<Origin>, Unopened)>,
}

/// Options for choosing a layout.
#[derive(Clone, Copy, Default)]
pub(crate) struct LogOptions {
    pub(crate) layout: Option<&'static Layout>,
    /// The layout of another file of the same machine, to decide ties.
    pub(crate) sibling: Option<&'static Layout>,
    /// Whether to take the best of several layouts instead of failing.
    pub(crate) guess: bool,
    /// Whether to accept a file whose records do not begin with its first byte.
    pub(crate) off_grid: bool,
}

/// Returns the reason why a log is not wanted.
pub(crate) type Refuse = fn(&Log) -> Option<&'static str>;

impl Log {
    /// Opens a file.
    pub(crate) fn open(py: Python<'_>, input: Input, refuse: Refuse) -> PyResult<Arc<Log>> {
        let path = input.origin.path.clone();
        let opened = Log::open_all(py, vec![input], LogOptions::default(), refuse)?;
        let Opened { logs, failed } = opened;
        match (logs.into_iter().next(), failed.into_iter().next()) {
            (Some(log), _) => Ok(log),
            (None, Some((_, why))) => Err(why.into_error(py, path.as_deref())),
            (None, None) => Err(pyo3::exceptions::PyRuntimeError::new_err("nothing was opened")),
        }
    }

    /// Opens files without the interpreter lock: those of one machine decide what the bytes of one
    /// of them leave open, in whatever order they are.
    pub(crate) fn open_all(
        py: Python<'_>,
        inputs: Vec<Input>,
        options: LogOptions,
        refuse: Refuse,
    ) -> PyResult<Opened> {
        work::run(py, move || open_inputs(&inputs, options, refuse))
    }

    /// Detects the layout of an opened source.
    pub(crate) fn new(
        source: Arc<Source>,
        known: &Origin,
        chosen: LogOptions,
    ) -> Result<Log, OpenErrorKind> {
        let mut options = OpenOptions::new();
        if let Some(name) = known.base(source.is_packed()) {
            options = options.file_name(name);
        }
        if let Some(kind) = known.kind {
            options = options.kind(kind);
        }
        if let Some(layout) = chosen.layout {
            options = options.layout(layout);
        }
        if let Some(layout) = chosen.sibling {
            options = options.sibling(layout);
        }
        if chosen.guess {
            options = options.on_ambiguous(OnAmbiguous::BestGuess);
        }
        let open = |options: OpenOptions| {
            options.from_reader(Arc::clone(&source)).map_err(OpenError::into_kind)
        };
        let (reader, detection) = match open(options.clone()) {
            Err(OpenErrorKind::NotRecognized(found)) if chosen.off_grid => {
                match off_grid(&source) {
                    Some(layout) => (open(options.layout(layout))?, Some(found)),
                    None => return Err(OpenErrorKind::NotRecognized(found)),
                }
            }
            Err(why) => return Err(why),
            Ok(reader) => {
                let detection = reader.detection().cloned();
                (reader, detection)
            }
        };
        let origin = Arc::new(Origin { kind: reader.kind(), ..known.clone() });
        let layout = reader.layout();
        Ok(Log { reader, origin, layout, detection, count: OnceLock::new() })
    }

    /// Returns the number of records.
    pub(crate) fn count(&self) -> u64 {
        *self.count.get_or_init(|| {
            let mut count = 0_u64;
            let _: Option<()> = self.each(|record| {
                count += u64::from(record.is_ok());
                ControlFlow::Continue(())
            });
            count
        })
    }

    /// Returns whether each record is at its index times the size of a record.
    pub(crate) fn is_plain(&self) -> bool {
        self.layout.is_some_and(|layout| {
            layout.container == Container::Array
                && self.count() == self.source().len() / layout.size.max(1) as u64
        })
    }

    /// Returns the layout if it leaves no doubt.
    fn certain_layout(&self) -> Option<&'static Layout> {
        let found = self.detection.as_ref()?;
        let is_hinted = found.reasons().iter().any(|why| matches!(why, Reason::Hint { .. }));
        let is_sure = found.verdict() == Verdict::Recognized && !is_hinted;
        found.layout().filter(|_| is_sure && found.margin() >= CERTAIN)
    }

    pub(crate) fn source(&self) -> &Arc<Source> {
        self.reader.get_ref()
    }

    pub(crate) fn path(&self) -> Option<&Path> {
        self.origin.path()
    }

    /// Returns the file's kind, by its name.
    pub(crate) fn kind(&self) -> Option<FileKind> {
        self.origin.kind
    }

    pub(crate) fn is_lastlog(&self) -> bool {
        self.layout.is_some_and(Layout::is_lastlog)
    }

    /// Returns the records chunk by chunk, sharing the source; `None` for an empty file. `deleted`
    /// adds the rows that a database no longer has, after those that it has.
    pub(crate) fn shared_chunks(&self, deleted: bool) -> Option<Chunks<Arc<Source>>> {
        let chunks = Chunks::new(self.layout?, Arc::clone(self.source()));
        Some(chunks.resync(self.reader.detection().is_some()).deleted(deleted))
    }

    /// Calls `f` with every record and every fault until it returns `Break`.
    pub(crate) fn each<B>(
        &self,
        f: impl FnMut(Result<Record<'_>, Fault>) -> ControlFlow<B>,
    ) -> Option<B> {
        self.each_of(self.reader.chunks(), f)
    }

    /// Calls `f` like [`Log::each`], and then with the rows that a database no longer has.
    pub(crate) fn each_and_deleted<B>(
        &self,
        f: impl FnMut(Result<Record<'_>, Fault>) -> ControlFlow<B>,
    ) -> Option<B> {
        self.each_of(self.reader.chunks().deleted(true), f)
    }

    fn each_of<B>(
        &self,
        mut chunks: Chunks<&Arc<Source>>,
        mut f: impl FnMut(Result<Record<'_>, Fault>) -> ControlFlow<B>,
    ) -> Option<B> {
        loop {
            if work::is_cancelled() {
                return None;
            }
            let fault = match chunks.next_chunk() {
                Ok(Some(mut records)) => {
                    let found = records.try_for_each(|record| f(record.map_err(Fault::Framing)));
                    match found {
                        ControlFlow::Break(found) => return Some(found),
                        ControlFlow::Continue(()) => continue,
                    }
                }
                Ok(None) => self.ended(chunks.tail())?,
                Err(error) => Fault::from(error),
            };
            return f(Err(fault)).break_value();
        }
    }

    /// Returns the fault at the end of a file that has fewer bytes than it had at first. Pages of a
    /// database are read in no order.
    pub(crate) fn ended(&self, tail: (u64, &[u8])) -> Option<Fault> {
        self.ended_before(tail, self.source().len())
    }

    /// Returns the fault if bytes before `end` are missing.
    pub(crate) fn ended_before(&self, (offset, tail): (u64, &[u8]), end: u64) -> Option<Fault> {
        let offset = offset.saturating_add(tail.len() as u64);
        // Of other files, not all bytes are records.
        let has_rows = self.layout.is_some_and(|layout| layout.container.has_rows());
        if offset < end && !has_rows {
            return Some(Fault::Shrunk { offset });
        }
        let why = self.source().ended().filter(|_| end >= self.source().len())?;
        Some(Fault::Packed { offset, why: why.to_owned() })
    }

    /// Calls `f` with the record at this index, if there is one. Constant time for arrays.
    pub(crate) fn get<T>(
        &self,
        index: u64,
        take: impl FnOnce(&Record<'_>) -> T,
    ) -> Result<Option<T>, Fault> {
        self.reader.get(index, take).map_err(Fault::from)
    }

    /// Returns the first time that is set.
    pub(crate) fn begin(&self) -> Option<Timestamp> {
        self.each(|record| match record.map(|record| record.entry().ut_tv) {
            Ok(time) if is_set(time) => ControlFlow::Break(time),
            _ => ControlFlow::Continue(()),
        })
    }
}

fn open_inputs(inputs: &[Input], options: LogOptions, refuse: Refuse) -> Opened {
    let mut opened: Vec<_> = inputs.iter().map(|input| open_input(input, options)).collect();
    for (place, input) in inputs.iter().enumerate() {
        let is_open = matches!(
            opened.get(place),
            Some(Err((Some(_), OpenErrorKind::Ambiguous(_) | OpenErrorKind::NotRecognized(_))))
        );
        let Some(sibling) = is_open.then(|| sibling(input, inputs, &opened)).flatten() else {
            continue;
        };
        if let Some(result @ Err((Some(_), _))) = opened.get_mut(place)
            && let Err((Some(source), _)) = result
        {
            let options = LogOptions { sibling: Some(sibling), ..options };
            if let Ok(log) = log_of(input, Arc::clone(source), options) {
                *result = Ok(log);
            }
        }
    }
    let mut all = Opened::default();
    for (input, result) in inputs.iter().zip(opened) {
        match result {
            Ok(log) => match refuse(&log) {
                Some(why) => all.failed.push((log.origin, Unopened::WrongKind(why))),
                None => all.logs.push(Arc::new(log)),
            },
            Err((_, why)) => all.failed.push((Arc::clone(&input.origin), why.into())),
        }
    }
    all
}

/// A log, or what was opened and why it is none.
type Attempt = Result<Log, (Option<Arc<Source>>, OpenErrorKind)>;

fn open_input(input: &Input, options: LogOptions) -> Attempt {
    let source = match &input.content {
        Content::Kept(source) => Arc::clone(source),
        Content::Path(path) => match Source::open(path) {
            Ok(source) => Arc::new(source),
            Err(error) => return Err((None, OpenErrorKind::Io(error))),
        },
    };
    log_of(input, Arc::clone(&source), options).map_err(|why| (Some(source), why))
}

fn log_of(input: &Input, source: Arc<Source>, options: LogOptions) -> Result<Log, OpenErrorKind> {
    let layout = input.layout.or(options.layout);
    Log::new(source, &input.origin, LogOptions { layout, ..options })
}

/// Returns the layout of the other files of the machine, if they agree on the byte order.
fn sibling(input: &Input, inputs: &[Input], opened: &[Attempt]) -> Option<&'static Layout> {
    let machine = &input.origin.machine;
    let others = inputs.iter().zip(opened).filter(|(other, _)| other.origin.machine == *machine);
    let layouts = others.filter_map(|(_, log)| log.as_ref().ok()?.certain_layout());
    let mut found: Option<&'static Layout> = None;
    for layout in layouts {
        match found {
            Some(first) if first.endian != layout.endian => return None,
            Some(first) if first.name <= layout.name => {}
            _ => found = Some(layout),
        }
    }
    found
}

/// Returns whether a time is neither zero nor NULL in a database.
pub(crate) fn is_set(time: Timestamp) -> bool {
    time != Timestamp::default() && time != Timestamp::ABSENT
}

/// Returns the layout of a file whose head was cut off or replaced.
fn off_grid(source: &Source) -> Option<&'static Layout> {
    match source.in_memory() {
        Some(data) => find_off_grid(data),
        None => find_off_grid(&source.part(0, OFF_GRID).ok()?),
    }
}
