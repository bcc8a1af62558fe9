//! What callers hand in: a path or bytes, a layout's name.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use loginrec::audit::find_off_grid;
use loginrec::platform::{LAYOUTS, by_name};
use loginrec::{FileKind, Layout, LogFile, OpenError, OpenErrorKind, Options, Timestamp};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes, PyMemoryView, PyTuple};

use crate::errors;

/// A path, or the bytes themselves.
#[derive(Clone)]
pub(crate) enum Input {
    Path(PathBuf),
    Bytes(Vec<u8>),
}

impl<'py> FromPyObject<'_, 'py> for Input {
    type Error = PyErr;

    fn extract(given: Borrowed<'_, 'py, PyAny>) -> PyResult<Input> {
        if let Ok(bytes) = given.cast::<PyBytes>() {
            return Ok(Input::Bytes(bytes.as_bytes().to_vec()));
        }
        if given.is_instance_of::<PyByteArray>() || given.is_instance_of::<PyMemoryView>() {
            let bytes = given.py().get_type::<PyBytes>().call1((given,))?;
            return Ok(Input::Bytes(bytes.extract()?));
        }
        given.extract().map(Input::Path)
    }
}

/// A layout by name.
#[derive(Clone, Copy)]
pub(crate) struct LayoutName(pub(crate) &'static Layout);

impl<'py> FromPyObject<'_, 'py> for LayoutName {
    type Error = PyErr;

    fn extract(name: Borrowed<'_, 'py, PyAny>) -> PyResult<LayoutName> {
        let name: String = name.extract()?;
        let known = by_name(&name).map(LayoutName);
        known.ok_or_else(|| {
            let message = format!("no layout is called '{name}': see loginrec.layouts()");
            PyValueError::new_err(message)
        })
    }
}

/// An open file that iterators share.
pub(crate) struct Log {
    pub(crate) file: LogFile<'static>,
    pub(crate) path: Option<PathBuf>,
}

impl Log {
    /// Maps or reads a file as the library does, without the interpreter lock.
    pub(crate) fn open(
        py: Python<'_>,
        input: Input,
        layout: Option<LayoutName>,
    ) -> PyResult<Arc<Log>> {
        let mut options = LogFile::options();
        if let Some(LayoutName(layout)) = layout {
            options = options.layout(layout);
        }
        Log::open_with(py, input, options, false)
    }

    /// Opens files of one machine: what the bytes of one leave open, those before it decide.
    pub(crate) fn open_all(
        py: Python<'_>,
        sources: &Bound<'_, PyTuple>,
        layout: Option<LayoutName>,
    ) -> PyResult<Vec<Arc<Log>>> {
        Log::open_each(py, sources, layout, false)
    }

    /// As [`Log::open_all`]; a file that lost its head, or gained one, is opened too.
    pub(crate) fn open_all_even_off_grid(
        py: Python<'_>,
        sources: &Bound<'_, PyTuple>,
    ) -> PyResult<Vec<Arc<Log>>> {
        Log::open_each(py, sources, None, true)
    }

    fn open_each(
        py: Python<'_>,
        sources: &Bound<'_, PyTuple>,
        layout: Option<LayoutName>,
        off_grid: bool,
    ) -> PyResult<Vec<Arc<Log>>> {
        let mut logs: Vec<Arc<Log>> = Vec::with_capacity(sources.len());
        for source in sources {
            let mut options = LogFile::options();
            if let Some(neighbour) = logs.iter().find_map(|log| log.file.layout()) {
                options = options.neighbour(neighbour);
            }
            if let Some(LayoutName(layout)) = layout {
                options = options.layout(layout);
            }
            logs.push(Log::open_with(py, source.extract()?, options, off_grid)?);
        }
        Ok(logs)
    }

    fn open_with(
        py: Python<'_>,
        input: Input,
        options: Options,
        off_grid: bool,
    ) -> PyResult<Arc<Log>> {
        let path = match &input {
            Input::Path(path) => Some(path.clone()),
            Input::Bytes(_) => None,
        };
        let again = off_grid.then(|| input.clone());
        let result = py.detach(|| match (input.open(options), again) {
            (Err(why), Some(again)) if matches!(why.kind(), OpenErrorKind::NotRecognised(_)) => {
                again.off_grid().ok_or(why)
            }
            (result, _) => result,
        });
        match result {
            Ok(file) => Ok(Arc::new(Log { file, path })),
            Err(error) => Err(errors::open(py, path.as_deref(), error.into_kind())),
        }
    }

    pub(crate) fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// What the file is kept for, by its name.
    pub(crate) fn kind(&self) -> Option<FileKind> {
        self.file.kind()
    }

    pub(crate) fn is_lastlog(&self) -> bool {
        self.file.layout().is_some_and(Layout::is_lastlog)
    }

    /// The first time that is set.
    pub(crate) fn begin(&self) -> Option<Timestamp> {
        let mut times = self.file.records().flatten().map(|record| record.entry().ut_tv);
        times.find(|time| *time != Timestamp::default())
    }
}

impl Input {
    fn open(self, options: Options) -> Result<LogFile<'static>, OpenError> {
        match self {
            Input::Path(path) => options.open(path),
            Input::Bytes(bytes) => options.vec(bytes),
        }
    }

    /// The file as records that do not begin with its first byte, if it has such.
    fn off_grid(self) -> Option<LogFile<'static>> {
        // What lies on the grid is no record of any layout; any gives the bytes.
        let any = self.clone().open(LogFile::options().layout(LAYOUTS.first()?)).ok()?;
        let layout = find_off_grid(any.bytes())?;
        self.open(LogFile::options().layout(layout)).ok()
    }
}
