//! An opened file of login records with its layout.

use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use loginrec::audit::find_off_grid;
use loginrec::detect::Detection;
use loginrec::open::{OnAmbiguous, OpenErrorKind};
use loginrec::read::{Chunks, ReadAt as _};
use loginrec::{Container, FileKind, Layout, LogReader, OpenError, OpenOptions, Record, Timestamp};
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::damage::Fault;
use crate::errors;
use crate::input::{Input, LayoutName};
use crate::source::Source;

/// How many bytes of an unrecognized file are searched for records at other offsets.
const OFF_GRID: usize = 1 << 20;

/// The origin of records: the facts about its file that each record keeps.
pub(crate) struct Origin {
    pub(crate) path: Option<PathBuf>,
    /// The file's kind, by its name.
    pub(crate) kind: Option<FileKind>,
}

impl Origin {
    pub(crate) fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }
}

/// An open file, shared by its iterators.
pub(crate) struct Log {
    pub(crate) reader: LogReader<Arc<Source>>,
    pub(crate) origin: Arc<Origin>,
    /// `None` for an empty file, which fits every layout.
    pub(crate) layout: Option<&'static Layout>,
    /// How the layout was detected; `None` if it was given.
    pub(crate) detection: Option<Detection>,
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

impl Log {
    /// Opens a file without the interpreter lock.
    pub(crate) fn open(
        py: Python<'_>,
        input: Input,
        layout: Option<LayoutName>,
    ) -> PyResult<Arc<Log>> {
        let layout = layout.map(|LayoutName(layout)| layout);
        Log::open_with(py, input, LogOptions { layout, ..LogOptions::default() })
    }

    /// Opens files of one machine: those before it decide what the bytes of a file leave open.
    pub(crate) fn open_all(
        py: Python<'_>,
        sources: &Bound<'_, PyTuple>,
        options: LogOptions,
    ) -> PyResult<Vec<Arc<Log>>> {
        let mut logs: Vec<Arc<Log>> = Vec::with_capacity(sources.len());
        for source in sources {
            let sibling = logs.iter().find_map(|log| log.layout);
            logs.push(Log::open_with(py, source.extract()?, LogOptions { sibling, ..options })?);
        }
        Ok(logs)
    }

    fn open_with(py: Python<'_>, input: Input, options: LogOptions) -> PyResult<Arc<Log>> {
        let (path, opened) = py.detach(|| match input {
            Input::Bytes(data) => (None, Ok(Source::python(data))),
            Input::Path(path) => {
                let source = Source::open(&path).map_err(OpenErrorKind::Io);
                (Some(path), source)
            }
        });
        let at = path.clone();
        let log =
            opened.and_then(|source| py.detach(|| Log::new(source, path, options)?.with_records()));
        log.map(Arc::new).map_err(|why| errors::open(py, at.as_deref(), why))
    }

    /// Detects the layout of an opened source.
    pub(crate) fn new(
        source: Source,
        path: Option<PathBuf>,
        chosen: LogOptions,
    ) -> Result<Log, OpenErrorKind> {
        let mut options = OpenOptions::new();
        if let Some(name) = path.as_deref().and_then(Path::file_name) {
            options = options.file_name(name.to_string_lossy());
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
        let source = Arc::new(source);
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
        let origin = Arc::new(Origin { path, kind: reader.kind() });
        let layout = reader.layout();
        Ok(Log { reader, origin, layout, detection })
    }

    /// Refuses a log of messages: a [`Record`](crate::record::Record) holds the bytes of a struct or
    /// a row of a database.
    pub(crate) fn with_records(self) -> Result<Log, OpenErrorKind> {
        match self.layout.map(|layout| layout.container) {
            Some(container) if container.has_rows() && container != Container::Sqlite => {
                let why = "a log of messages, which Python does not read yet; \
                    `loginrec dump --format jsonl` prints its rows";
                Err(OpenErrorKind::Io(io::Error::new(io::ErrorKind::Unsupported, why)))
            }
            _ => Ok(self),
        }
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
        let is_database = self.layout.is_some_and(|layout| layout.container == Container::Sqlite);
        (offset < end && !is_database).then_some(Fault::Shrunk { offset })
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
