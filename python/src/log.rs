//! A file of login records, opened.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use loginrec::read::RowState;
use loginrec::{FileKind, formats};
use pyo3::prelude::*;

use crate::damage::{Fault, OnDamage};
use crate::detection::Detection;
use crate::input::{Input, LayoutName};
use crate::log_source::{Log, is_set};
use crate::record::{Record, RecordFactory};
use crate::record_cursor::RecordCursor;

/// A file of login records. Iterate over it for its records, any number of times.
///
/// A file of more than 1 MiB stays open and is read during the iteration, up to the length it had
/// when it was opened; a smaller one is in memory. If it shrinks meanwhile, that counts as damage
/// and ends the iteration.
#[pyclass(module = "loginrec", frozen)]
pub(crate) struct LogFile {
    log: Arc<Log>,
    damage: OnDamage,
}

#[pymethods]
impl LogFile {
    /// The path as given; `None` for bytes.
    #[getter]
    fn path(&self) -> Option<&std::ffi::OsStr> {
        self.log.path().map(Path::as_os_str)
    }

    /// The name of the layout the file is read as; `None` if it is empty.
    #[getter]
    fn layout(&self) -> Option<&'static str> {
        self.log.layout.map(|layout| layout.name)
    }

    /// The kind of the file, by its name: `'utmp'`, `'wtmp'`, `'btmp'`, `'lastlog'`.
    #[getter]
    fn kind(&self) -> Option<&'static str> {
        self.log.kind().map(kind_name)
    }

    /// How the layout was detected; `None` if it was given.
    #[getter]
    fn detection(&self) -> Option<Detection> {
        self.log.detection.as_ref().map(Detection::of)
    }

    /// Returns the record with this index; `None` if there is none. Constant time for arrays.
    fn get(&self, py: Python<'_>, index: u64) -> PyResult<Option<Record>> {
        let mut factory = RecordFactory::new(py, Arc::clone(&self.log.origin))?;
        match self.log.get(index, |record| factory.make(py, record)) {
            Ok(record) => record.transpose(),
            Err(fault) => self.damage.act(py, self.log.path(), fault).map(|()| None),
        }
    }

    fn __iter__(&self, py: Python<'_>) -> PyResult<RecordIterator> {
        let cursor = RecordCursor::new(Arc::clone(&self.log));
        self.iterate(py, cursor, false)
    }

    /// Returns an iterator over the rows that a database no longer has: older versions, deleted
    /// rows, rows of transactions that were not finished or are undone. `Record.state` says which.
    /// Empty for any other file.
    fn residue(&self, py: Python<'_>) -> PyResult<RecordIterator> {
        let cursor = RecordCursor::new(Arc::clone(&self.log)).with_deleted();
        self.iterate(py, cursor, true)
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let path = match self.path() {
            Some(path) => path.into_pyobject(py)?.repr()?.to_string_lossy().into_owned(),
            None => format!("<{} bytes>", self.log.source().len()),
        };
        Ok(format!("<loginrec.LogFile {path} layout={}>", self.layout().unwrap_or("-")))
    }
}

impl LogFile {
    fn iterate(
        &self,
        py: Python<'_>,
        cursor: RecordCursor,
        is_residue: bool,
    ) -> PyResult<RecordIterator> {
        let factory = RecordFactory::new(py, Arc::clone(&self.log.origin))?;
        Ok(RecordIterator { cursor, factory, damage: self.damage, is_residue })
    }
}

fn kind_name(kind: FileKind) -> &'static str {
    match kind {
        FileKind::Utmp => "utmp",
        FileKind::Wtmp => "wtmp",
        FileKind::Btmp => "btmp",
        FileKind::Lastlog => "lastlog",
        FileKind::Failures => "failures",
        _ => "unknown",
    }
}

/// Iterator over the records of a file.
#[pyclass(module = "loginrec")]
pub(crate) struct RecordIterator {
    cursor: RecordCursor,
    factory: RecordFactory,
    damage: OnDamage,
    /// Whether live records and the damage among them are passed over.
    is_residue: bool,
}

#[pymethods]
impl RecordIterator {
    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __next__(&mut self, py: Python<'_>) -> PyResult<Option<Record>> {
        let RecordIterator { cursor, factory, damage, is_residue } = self;
        loop {
            let found = cursor.next(|log, record| match record {
                Ok(record) if *is_residue && is_live(&record) => Ok(None),
                Err(Fault::Framing(_)) if *is_residue => Ok(None),
                Ok(record) => factory.make(py, &record).map(Some),
                Err(error) => damage.act(py, log.path(), error).map(|()| None),
            });
            match found {
                None => return Ok(None),
                Some(Ok(None)) => {}
                Some(record) => return record,
            }
        }
    }
}

fn is_live(record: &loginrec::Record<'_>) -> bool {
    record.row_place().is_none_or(|place| place.state == RowState::Live)
}

/// Opens a file of login records of any platform.
///
/// `source` is a path or the bytes themselves. The layout is detected from the content; if that is
/// ambiguous (`AmbiguousError`), pass it as `layout`. `damage` chooses the reaction to lost
/// framing, such as a truncated file: a `DamageWarning` (`"warn"`), a `DamageError` after which the
/// iterator continues (`"raise"`), or nothing (`"ignore"`).
#[pyfunction]
#[pyo3(
    signature = (source, layout=None, *, damage=None),
    text_signature = "(source, layout=None, *, damage='warn')"
)]
pub(crate) fn open(
    py: Python<'_>,
    source: Input,
    layout: Option<LayoutName>,
    damage: Option<OnDamage>,
) -> PyResult<LogFile> {
    let log = Log::open(py, source, layout)?;
    Ok(LogFile { log, damage: damage.unwrap_or(OnDamage::Warn) })
}

/// Opens a lastlog, lastlogx or lastlog2.db: each user's last login, with the user id in `uid`; a
/// lastlog2.db has names instead.
///
/// Works like `open()`, but raises `WrongKindError` for a file that is not a lastlog, and skips
/// users who never logged in.
#[pyfunction]
#[pyo3(
    signature = (source, layout=None, *, damage=None),
    text_signature = "(source, layout=None, *, damage='warn')"
)]
pub(crate) fn lastlog(
    py: Python<'_>,
    source: Input,
    layout: Option<LayoutName>,
    damage: Option<OnDamage>,
) -> PyResult<Vec<Record>> {
    let log = Log::open(py, source, layout)?;
    if log.layout.is_some() && !log.is_lastlog() {
        return Err(crate::errors::wrong_kind(py, log.path(), "is no lastlog"));
    }
    let mut factory = RecordFactory::new(py, Arc::clone(&log.origin))?;
    let mut all = Vec::new();
    let failed = log.each(|record| {
        let done = match record {
            Ok(record) if !is_set(record.entry().ut_tv) => Ok(()),
            Ok(record) => factory.make(py, &record).map(|record| all.push(record)),
            Err(fault) => damage.unwrap_or(OnDamage::Warn).act(py, log.path(), fault),
        };
        done.map_or_else(ControlFlow::Break, ControlFlow::Continue)
    });
    failed.map_or(Ok(all), Err)
}

/// Returns the names of all layouts that can be read.
#[pyfunction]
pub(crate) fn layouts() -> Vec<&'static str> {
    formats::all().map(|layout| layout.name).collect()
}
