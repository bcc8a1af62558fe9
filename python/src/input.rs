//! What callers hand in: a path or bytes, a layout's name.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use loginrec::platform::by_name;
use loginrec::{FileKind, Layout, LogFile};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes, PyMemoryView, PyTuple};

use crate::errors;

/// A path, or the bytes themselves.
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
        Log::open_beside(py, input, layout, None)
    }

    fn open_beside(
        py: Python<'_>,
        input: Input,
        layout: Option<LayoutName>,
        neighbour: Option<&'static Layout>,
    ) -> PyResult<Arc<Log>> {
        let (path, result) = py.detach(|| {
            let mut options = LogFile::options();
            if let Some(LayoutName(layout)) = layout {
                options = options.layout(layout);
            }
            if let Some(neighbour) = neighbour {
                options = options.neighbour(neighbour);
            }
            match input {
                Input::Path(path) => {
                    let result = options.open(&path);
                    (Some(path), result)
                }
                Input::Bytes(bytes) => (None, options.vec(bytes)),
            }
        });
        match result {
            Ok(file) => Ok(Arc::new(Log { file, path })),
            Err(error) => Err(errors::open(py, path.as_deref(), error.into_kind())),
        }
    }

    /// Opens files of one machine: what the bytes of one leave open, those before it decide.
    pub(crate) fn open_all(
        py: Python<'_>,
        sources: &Bound<'_, PyTuple>,
        layout: Option<LayoutName>,
    ) -> PyResult<Vec<Arc<Log>>> {
        let mut logs: Vec<Arc<Log>> = Vec::with_capacity(sources.len());
        for source in sources {
            let neighbour = logs.iter().find_map(|log| log.file.layout());
            logs.push(Log::open_beside(py, source.extract()?, layout, neighbour)?);
        }
        Ok(logs)
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
}
