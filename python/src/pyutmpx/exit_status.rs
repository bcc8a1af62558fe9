//! The exit status of a process.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple, PyType};

use crate::pyutmpx::fields::{
    Fields, Named, NewArgs, equal, hash, new_args, or_none, plain, refuse_changes, refuse_others,
    repr,
};

/// The exit status of the process of a `DEAD_PROCESS` entry: `struct exit_status`.
///
/// Linux seldom writes it; systemd stores a `waitid` code in `termination`.
#[pyclass(name = "exit_status", module = "loginrec.pyutmpx", frozen, subclass)]
pub(crate) struct ExitStatus {
    /// The signal that ended the process, 0 if none did.
    #[pyo3(get)]
    pub(crate) termination: Py<PyAny>,
    /// The argument of the process's `exit()`.
    #[pyo3(get)]
    pub(crate) exit: Py<PyAny>,
}

impl Fields<2> for ExitStatus {
    fn fields(&self) -> Named<'_, 2> {
        [("termination", &self.termination), ("exit", &self.exit)]
    }
}

#[pymethods]
impl ExitStatus {
    #[new]
    #[classmethod]
    #[allow(clippy::too_many_arguments)] // one for each field
    #[pyo3(
        signature = (*args, termination=None, exit=None, **others),
        text_signature = "(*, termination=None, exit=None)"
    )]
    fn new(
        class: &Bound<'_, PyType>,
        args: &Bound<'_, PyTuple>,
        termination: Option<Py<PyAny>>,
        exit: Option<Py<PyAny>>,
        others: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<ExitStatus> {
        refuse_others::<ExitStatus>(class, args, others)?;
        let py = class.py();
        Ok(ExitStatus { termination: or_none(py, termination), exit: or_none(py, exit) })
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
        repr(py, "exit_status", self, plain)
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
