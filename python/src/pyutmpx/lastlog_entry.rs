//! A user's last login.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple, PyType};

use crate::pyutmpx::fields::{
    Fields, Named, NewArgs, equal, hash, new_args, or_none, plain, refuse_changes, refuse_others,
    repr,
};

/// A user's last login: `struct lastlog`, whose index in the file is the user id.
#[pyclass(name = "lastlog_entry", module = "loginrec.pyutmpx", frozen, subclass)]
pub(crate) struct LastlogEntry {
    /// The user id.
    #[pyo3(get)]
    pub(crate) uid: Py<PyAny>,
    /// The remote host; `''` for a local login.
    #[pyo3(get)]
    pub(crate) host: Py<PyAny>,
    /// The terminal, without `/dev/`.
    #[pyo3(get)]
    pub(crate) line: Py<PyAny>,
    /// The time: an aware `datetime` in UTC; `None` if it is not a valid date.
    #[pyo3(get)]
    pub(crate) time: Py<PyAny>,
}

impl Fields<4> for LastlogEntry {
    fn fields(&self) -> Named<'_, 4> {
        [("uid", &self.uid), ("host", &self.host), ("line", &self.line), ("time", &self.time)]
    }
}

#[pymethods]
impl LastlogEntry {
    #[new]
    #[classmethod]
    #[allow(clippy::too_many_arguments)] // one for each field
    #[pyo3(
        signature = (*args, uid=None, host=None, line=None, time=None, **others),
        text_signature = "(*, uid=None, host=None, line=None, time=None)"
    )]
    fn new(
        class: &Bound<'_, PyType>,
        args: &Bound<'_, PyTuple>,
        uid: Option<Py<PyAny>>,
        host: Option<Py<PyAny>>,
        line: Option<Py<PyAny>>,
        time: Option<Py<PyAny>>,
        others: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<LastlogEntry> {
        refuse_others::<LastlogEntry>(class, args, others)?;
        let py = class.py();
        Ok(LastlogEntry {
            uid: or_none(py, uid),
            host: or_none(py, host),
            line: or_none(py, line),
            time: or_none(py, time),
        })
    }

    /// Accepts the arguments that a subclass with its own `__init__` passes on.
    #[pyo3(signature = (*_args, **keywords))]
    fn __init__(
        &self,
        py: Python<'_>,
        _args: &Bound<'_, PyTuple>,
        keywords: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<()> {
        refuse_changes(py, self, keywords)
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        repr(py, "lastlog_entry", self, plain)
    }

    fn __eq__<'py>(&self, other: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        equal(self, other)
    }

    fn __hash__(&self, py: Python<'_>) -> PyResult<isize> {
        hash(py, self)
    }

    fn __getnewargs_ex__<'py>(&self, py: Python<'py>) -> PyResult<NewArgs<'py>> {
        new_args(py, self)
    }
}
