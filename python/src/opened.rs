//! A file of login records, opened, and its layout found.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use loginrec::audit::find_off_grid;
use loginrec::detect::{Detection, Hints, Sample, Verdict, detect_with};
use loginrec::{FileKind, Framing, Layout, OpenErrorKind, Record, Stream, Timestamp};
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::damage::Fault;
use crate::errors;
use crate::input::{Input, LayoutName};
use crate::source::{Reader, Source};

/// How much of a file not recognised is searched for records that stand off the grid.
const OFF_GRID: usize = 1 << 20;

/// Where records come from: what each of them remembers of its file.
pub(crate) struct Origin {
    pub(crate) path: Option<PathBuf>,
    /// What the file is kept for, by its name.
    pub(crate) kind: Option<FileKind>,
}

impl Origin {
    pub(crate) fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }
}

/// An open file, which its iterators share.
pub(crate) struct Log {
    pub(crate) source: Arc<Source>,
    pub(crate) origin: Arc<Origin>,
    /// `None` for an empty file, which could have any.
    pub(crate) layout: Option<&'static Layout>,
    /// How the layout was found; `None` if it was given.
    pub(crate) detection: Option<Detection>,
}

/// How a layout is chosen.
#[derive(Clone, Copy, Default)]
pub(crate) struct Choice {
    pub(crate) layout: Option<&'static Layout>,
    /// The layout of another file of the same machine: decides ties.
    pub(crate) neighbour: Option<&'static Layout>,
    /// Takes the best of several, instead of failing.
    pub(crate) guess: bool,
    /// Takes also a file whose records do not begin with its first byte.
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
        Log::open_with(py, input, Choice { layout, ..Choice::default() })
    }

    /// Opens files of one machine: what the bytes of one leave open, those before it decide.
    pub(crate) fn open_all(
        py: Python<'_>,
        sources: &Bound<'_, PyTuple>,
        choice: Choice,
    ) -> PyResult<Vec<Arc<Log>>> {
        let mut logs: Vec<Arc<Log>> = Vec::with_capacity(sources.len());
        for source in sources {
            let neighbour = logs.iter().find_map(|log| log.layout);
            logs.push(Log::open_with(py, source.extract()?, Choice { neighbour, ..choice })?);
        }
        Ok(logs)
    }

    fn open_with(py: Python<'_>, input: Input, choice: Choice) -> PyResult<Arc<Log>> {
        let (path, opened) = py.detach(|| match input {
            Input::Bytes(data) => (None, Ok(Source::python(data))),
            Input::Path(path) => {
                let source = Source::open(&path).map_err(OpenErrorKind::Io);
                (Some(path), source)
            }
        });
        let at = path.clone();
        let log = opened.and_then(|source| py.detach(|| Log::new(source, path, choice)));
        log.map(Arc::new).map_err(|why| errors::open(py, at.as_deref(), why))
    }

    /// Finds the layout of what has been opened.
    pub(crate) fn new(
        source: Source,
        path: Option<PathBuf>,
        choice: Choice,
    ) -> Result<Log, OpenErrorKind> {
        let name = path.as_deref().and_then(Path::file_name).map(|name| name.to_string_lossy());
        let kind = name.as_deref().and_then(FileKind::from_name);
        let source = Arc::new(source);
        let mut detection = None;
        let mut layout = choice.layout;
        if layout.is_none() {
            let hints = Hints { file_name: name.as_deref(), neighbour: choice.neighbour };
            let found = detect(&source, &hints).map_err(OpenErrorKind::Io)?;
            layout = match found.verdict() {
                Verdict::NotRecognised => match choice.off_grid.then(|| off_grid(&source)) {
                    Some(Some(layout)) => Some(layout),
                    _ => return Err(OpenErrorKind::NotRecognised(found)),
                },
                Verdict::Ambiguous if !choice.guess => {
                    return Err(OpenErrorKind::Ambiguous(found));
                }
                _ => found.layout(),
            };
            detection = Some(found);
        }
        let origin = Arc::new(Origin { path, kind });
        Ok(Log { source, origin, layout, detection })
    }

    pub(crate) fn path(&self) -> Option<&Path> {
        self.origin.path()
    }

    /// What the file is kept for, by its name.
    pub(crate) fn kind(&self) -> Option<FileKind> {
        self.origin.kind
    }

    pub(crate) fn is_lastlog(&self) -> bool {
        self.layout.is_some_and(Layout::is_lastlog)
    }

    /// The records, window by window; `None` for an empty file.
    pub(crate) fn stream(&self) -> Option<Stream<Reader>> {
        Some(Stream::sparse(self.layout?, self.source.reader(), Reader::next_data))
    }

    /// Hands over every record, and what keeps records from being read, until `f` has enough.
    pub(crate) fn each<B>(
        &self,
        mut f: impl FnMut(Result<Record<'_>, Fault>) -> ControlFlow<B>,
    ) -> Option<B> {
        let mut stream = self.stream()?;
        loop {
            let fault = match stream.next_window() {
                Ok(Some(mut records)) => {
                    let found = records.try_for_each(|record| f(record.map_err(Fault::Framing)));
                    match found {
                        ControlFlow::Break(found) => return Some(found),
                        ControlFlow::Continue(()) => continue,
                    }
                }
                Ok(None) => ended(stream.get_ref())?,
                Err(error) => Fault::from(error),
            };
            return f(Err(fault)).break_value();
        }
    }

    /// Hands over the record with this index, if there is one. Constant time for arrays.
    pub(crate) fn get<T>(
        &self,
        index: u64,
        take: impl FnOnce(&Record<'_>) -> T,
    ) -> Result<Option<T>, Fault> {
        let Some(layout) = self.layout else { return Ok(None) };
        if let Framing::Fixed | Framing::Indexed = layout.framing {
            let at = index.saturating_mul(layout.size as u64);
            let bytes = self.source.part(at, layout.size).map_err(Fault::Unread)?;
            let record = layout.records_at(&bytes, at, index).next();
            return Ok(record.and_then(Result::ok).as_ref().map(take));
        }
        let mut take = Some(take);
        let found = self.each(|record| match record {
            Ok(record) if record.index() == index => {
                ControlFlow::Break(Ok(take.take().map(|take| take(&record))))
            }
            Err(fault @ Fault::Unread(_)) => ControlFlow::Break(Err(fault)),
            _ => ControlFlow::Continue(()),
        });
        found.unwrap_or(Ok(None))
    }

    /// The first time that is set.
    pub(crate) fn begin(&self) -> Option<Timestamp> {
        self.each(|record| match record.map(|record| record.entry().ut_tv) {
            Ok(time) if time != Timestamp::default() => ControlFlow::Break(time),
            _ => ControlFlow::Continue(()),
        })
    }
}

/// What the end of a file says: less was there than in the beginning.
pub(crate) fn ended(reader: &Reader) -> Option<Fault> {
    reader.ended_early().map(|offset| Fault::Shrunk { offset })
}

/// Which layout a source has.
pub(crate) fn detect(source: &Arc<Source>, hints: &Hints<'_>) -> std::io::Result<Detection> {
    match source.in_memory() {
        Some(data) => Ok(detect_with(data, hints)),
        None => Ok(Sample::sparse(&mut source.reader(), Reader::next_data)?.detect(hints)),
    }
}

/// The layout of a file that lost its head, or gained one.
fn off_grid(source: &Source) -> Option<&'static Layout> {
    match source.in_memory() {
        Some(data) => find_off_grid(data),
        None => find_off_grid(&source.part(0, OFF_GRID).ok()?),
    }
}
