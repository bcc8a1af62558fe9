//! A file of login records, opened.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use loginrec::read::RowState;
use loginrec::{FileKind, formats};
use pyo3::exceptions::{PyIndexError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyList, PySlice, PyTuple};

use crate::damage::{Fault, OnDamage};
use crate::detection::Detection;
use crate::input::{Given, Origin};
use crate::log_source::{Log, is_set};
use crate::record::{Record, RecordFactory};
use crate::record_cursor::RecordCursor;
use crate::table::Table;
use crate::work;

/// A file of login records: a sequence of its records, and a context manager that closes it.
/// Iterate over it any number of times. Indexes take constant time for files of records of one size.
///
/// A file of more than 1 MiB stays open and is read during the iteration, up to the length it had
/// when it was opened; a smaller one is in memory. If it shrinks meanwhile, that counts as damage
/// and ends the iteration.
#[pyclass(module = "loginrec", frozen)]
pub(crate) struct LogFile {
    /// `None` if it is closed.
    log: Mutex<Option<Arc<Log>>>,
    origin: Arc<Origin>,
    layout: Option<&'static loginrec::Layout>,
    detection: Option<loginrec::detect::Detection>,
    damage: OnDamage,
    given: Py<Given>,
}

#[pymethods]
impl LogFile {
    /// The path as given; `None` for bytes without a name.
    #[getter]
    fn path(&self) -> Option<&std::ffi::OsStr> {
        self.origin.path().map(Path::as_os_str)
    }

    /// The machine, if the source has its name.
    #[getter]
    fn machine(&self) -> Option<&str> {
        self.origin.machine.as_deref()
    }

    /// The name of the layout the file is read as; `None` if it is empty.
    #[getter]
    fn layout(&self) -> Option<&'static str> {
        self.layout.map(|layout| layout.name)
    }

    /// The kind of the file, as given or by its content and name: `'utmp'`, `'wtmp'`, `'btmp'`,
    /// `'lastlog'`, `'failures'`.
    #[getter]
    fn kind(&self) -> Option<&'static str> {
        self.origin.kind.map(FileKind::name)
    }

    /// How the layout was detected; `None` if it was given.
    #[getter]
    fn detection(&self) -> Option<Detection> {
        self.detection.as_ref().map(Detection::of)
    }

    /// Returns the record with this index; `None` if there is none. Constant time for arrays.
    fn get(&self, py: Python<'_>, index: u64) -> PyResult<Option<Record>> {
        let log = self.log()?;
        let mut factory = RecordFactory::new(py, Arc::clone(&log.origin))?;
        match log.get(index, |record| factory.make(py, record)) {
            Ok(record) => record.transpose(),
            Err(fault) => self.damage.act(py, log.path(), fault).map(|()| None),
        }
    }

    /// The number of records: a file whose records differ in size is read for it.
    fn __len__(&self, py: Python<'_>) -> PyResult<usize> {
        let log = self.log()?;
        let count = work::run(py, move || log.count())?;
        usize::try_from(count).map_err(Into::into)
    }

    fn __getitem__<'py>(
        &self,
        py: Python<'py>,
        at: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let len = self.__len__(py)?;
        if let Ok(slice) = at.cast::<PySlice>() {
            let found = slice.indices(len.try_into()?)?;
            let mut places = Vec::with_capacity(found.slicelength);
            let mut at = found.start;
            for _ in 0..found.slicelength {
                places.push(usize::try_from(at)?);
                at += found.step;
            }
            return Ok(PyList::new(py, self.at(py, &places)?)?.into_any());
        }
        let given: isize = at.extract()?;
        let at = if given < 0 { given + isize::try_from(len)? } else { given };
        let at = usize::try_from(at).ok().filter(|at| *at < len);
        let at = at.ok_or_else(|| PyIndexError::new_err("there are not so many records"))?;
        let found = self.at(py, &[at])?.into_iter().next();
        let found = found.ok_or_else(|| PyIndexError::new_err("the file became shorter"))?;
        Ok(Bound::new(py, found)?.into_any())
    }

    /// The records from the last one to the first.
    fn __reversed__(slf: Bound<'_, Self>) -> PyResult<Bound<'_, PyAny>> {
        let py = slf.py();
        let log = slf.get().log()?;
        if work::run(py, move || log.is_plain())? {
            return py.import("loginrec._rows")?.getattr("_backwards")?.call1((slf,));
        }
        let all = PyList::new(py, slf.get().__iter__(py)?.rest(py)?)?;
        all.call_method0("__reversed__")
    }

    /// Closes the file. Iterators that have begun go on.
    fn close(&self) {
        *self.log.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn __enter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    #[pyo3(signature = (*_why))]
    fn __exit__(&self, _why: &Bound<'_, PyTuple>) {
        self.close();
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Again)> {
        let make = py.import("loginrec._loginrec")?.getattr("open_log")?;
        Ok((make, (self.given.clone_ref(py), self.damage.name())))
    }

    fn _repr_html_(slf: Bound<'_, Self>) -> PyResult<Bound<'_, PyAny>> {
        slf.py().import("loginrec._rows")?.getattr("_html_of_log")?.call1((slf,))
    }

    fn __iter__(&self, py: Python<'_>) -> PyResult<RecordIterator> {
        let cursor = RecordCursor::new(self.log()?);
        self.iterate(py, cursor, false)
    }

    /// Returns an iterator over the rows that a database no longer has: older versions, deleted
    /// rows, rows of transactions that were not finished or are undone. `Record.state` says which.
    /// Empty for any other file.
    fn residue(&self, py: Python<'_>) -> PyResult<RecordIterator> {
        let cursor = RecordCursor::new(self.log()?).with_deleted();
        self.iterate(py, cursor, true)
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let path = match self.path() {
            Some(path) => path.into_pyobject(py)?.repr()?.to_string_lossy().into_owned(),
            None => match self.log() {
                Ok(log) => format!("<{} bytes>", log.source().len()),
                Err(_) => "closed".to_owned(),
            },
        };
        Ok(format!("<loginrec.LogFile {path} layout={}>", self.layout().unwrap_or("-")))
    }
}

/// What opens a file again, for pickle.
type Again = (Py<Given>, &'static str);

impl LogFile {
    fn log(&self) -> PyResult<Arc<Log>> {
        let log = self.log.lock().unwrap_or_else(PoisonError::into_inner).clone();
        log.ok_or_else(|| PyValueError::new_err("the file is closed"))
    }

    /// Returns the records at these places of the iteration.
    fn at(&self, py: Python<'_>, places: &[usize]) -> PyResult<Vec<Record>> {
        let log = self.log()?;
        let mut factory = RecordFactory::new(py, Arc::clone(&log.origin))?;
        let mut all = Vec::with_capacity(places.len());
        if log.is_plain() {
            for (count, &at) in places.iter().enumerate() {
                if count % 4096 == 4095 {
                    py.check_signals()?;
                }
                match log.get(at as u64, |record| factory.make(py, record)) {
                    Ok(Some(record)) => all.push(record?),
                    Ok(None) => break,
                    Err(fault) => self.damage.act(py, log.path(), fault)?,
                }
            }
            return Ok(all);
        }
        let mut wanted: Vec<(usize, usize)> = places.iter().copied().zip(0..).collect();
        wanted.sort_unstable();
        let mut wanted = wanted.into_iter().peekable();
        let (mut at, mut made) = (0, Vec::new());
        let failed = log.each(|record| {
            let Ok(record) = record else { return ControlFlow::Continue(()) };
            if let Some((_, place)) = wanted.next_if(|(wanted, _)| *wanted == at) {
                match factory.make(py, &record) {
                    Ok(record) => made.push((place, record)),
                    Err(error) => return ControlFlow::Break(Err(error)),
                }
            }
            at += 1;
            match wanted.peek() {
                Some(_) => ControlFlow::Continue(()),
                None => ControlFlow::Break(Ok(())),
            }
        });
        failed.unwrap_or(Ok(()))?;
        made.sort_unstable_by_key(|(place, _)| *place);
        Ok(made.into_iter().map(|(_, record)| record).collect())
    }

    fn iterate(
        &self,
        py: Python<'_>,
        cursor: RecordCursor,
        is_residue: bool,
    ) -> PyResult<RecordIterator> {
        let factory = RecordFactory::new(py, Arc::clone(&self.origin))?;
        Ok(RecordIterator { cursor, factory, damage: self.damage, is_residue })
    }
}

impl RecordIterator {
    fn rest(mut self, py: Python<'_>) -> PyResult<Vec<Record>> {
        let mut all = Vec::new();
        while let Some(record) = self.__next__(py)? {
            all.push(record);
            if all.len() % 4096 == 0 {
                py.check_signals()?;
            }
        }
        Ok(all)
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

/// Opens a source.
#[pyfunction]
#[pyo3(signature = (given, damage=None))]
pub(crate) fn open_log(
    py: Python<'_>,
    given: Py<Given>,
    damage: Option<OnDamage>,
) -> PyResult<LogFile> {
    let log = Log::open(py, given.get().0.clone(), |_| None)?;
    Ok(LogFile {
        origin: Arc::clone(&log.origin),
        layout: log.layout,
        detection: log.detection.clone(),
        log: Mutex::new(Some(log)),
        damage: damage.unwrap_or(OnDamage::Warn),
        given,
    })
}

/// Returns the last logins of a table as records; users who never logged in are left out.
#[pyfunction]
pub(crate) fn lastlogs_of(py: Python<'_>, table: &Table) -> PyResult<Vec<Record>> {
    let damage = table.tell_once();
    let mut all = Vec::new();
    for log in &table.plan().logs {
        let mut factory = RecordFactory::new(py, Arc::clone(&log.origin))?;
        let failed = log.each(|record| {
            let done = match record {
                Ok(record) if !is_set(record.entry().ut_tv) => Ok(()),
                Ok(record) => factory.make(py, &record).map(|record| all.push(record)),
                Err(fault) => damage.act(py, log.path(), fault),
            };
            let done = done.and_then(|()| match all.len() % 4096 {
                4095 => py.check_signals(),
                _ => Ok(()),
            });
            done.map_or_else(ControlFlow::Break, ControlFlow::Continue)
        });
        failed.map_or(Ok(()), Err)?;
    }
    Ok(all)
}

/// Returns the names of all layouts that can be read.
#[pyfunction]
pub(crate) fn layouts() -> Vec<&'static str> {
    formats::all().map(|layout| layout.name).collect()
}
