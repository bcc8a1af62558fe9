//! One record of a utmp, wtmp or btmp.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple, PyType};

use crate::pyutmpx::fields::{
    Fields, Named, NewArgs, equal, hash, new_args, or_none, plain, refuse_changes, refuse_others,
    repr,
};

/// One record of a utmp, wtmp or btmp.
///
/// Keyword arguments only. Fields that are not given, or that the file's platform does not store,
/// are `None`.
#[pyclass(name = "utmp_entry", module = "loginrec.pyutmpx", frozen, subclass)]
pub(crate) struct UtmpEntry {
    /// The type: one of the constants of this module, whatever number the file's platform stores.
    #[pyo3(get)]
    pub(crate) r#type: Py<PyAny>,
    /// The process id as an unsigned number: -1 is 18446744073709551615, as in pyutmpx.
    #[pyo3(get)]
    pub(crate) pid: Py<PyAny>,
    /// The terminal, without `/dev/`; `'~'` for the system itself.
    #[pyo3(get)]
    pub(crate) line: Py<PyAny>,
    /// `ut_id`: the `inittab` entry, or the end of the terminal's name.
    #[pyo3(get)]
    pub(crate) id: Py<PyAny>,
    /// The user; `'reboot'` and the like for the system itself.
    #[pyo3(get)]
    pub(crate) user: Py<PyAny>,
    /// The remote host; at a boot on Linux, the kernel release.
    #[pyo3(get)]
    pub(crate) host: Py<PyAny>,
    /// The exit status of the process: an `exit_status`, only for `DEAD_PROCESS`.
    #[pyo3(get)]
    pub(crate) exit: Py<PyAny>,
    /// The session, as an unsigned number.
    #[pyo3(get)]
    pub(crate) sid: Py<PyAny>,
    /// The time: an aware `datetime` in UTC, to the microsecond; `None` if it is not a valid date.
    #[pyo3(get)]
    pub(crate) time: Py<PyAny>,
    /// The remote address; `''` if none is stored.
    #[pyo3(get)]
    pub(crate) addr: Py<PyAny>,
}

impl Fields<10> for UtmpEntry {
    fn fields(&self) -> Named<'_, 10> {
        [
            ("type", &self.r#type),
            ("pid", &self.pid),
            ("line", &self.line),
            ("id", &self.id),
            ("user", &self.user),
            ("host", &self.host),
            ("exit", &self.exit),
            ("sid", &self.sid),
            ("time", &self.time),
            ("addr", &self.addr),
        ]
    }
}

#[pymethods]
impl UtmpEntry {
    #[new]
    #[classmethod]
    #[allow(clippy::too_many_arguments)] // one for each field
    #[pyo3(
        signature = (*args, r#type=None, pid=None, line=None, id=None, user=None, host=None, exit=None, sid=None, time=None, addr=None, **others),
        text_signature = "(*, type=None, pid=None, line=None, id=None, user=None, host=None, exit=None, sid=None, time=None, addr=None)"
    )]
    fn new(
        class: &Bound<'_, PyType>,
        args: &Bound<'_, PyTuple>,
        r#type: Option<Py<PyAny>>,
        pid: Option<Py<PyAny>>,
        line: Option<Py<PyAny>>,
        id: Option<Py<PyAny>>,
        user: Option<Py<PyAny>>,
        host: Option<Py<PyAny>>,
        exit: Option<Py<PyAny>>,
        sid: Option<Py<PyAny>>,
        time: Option<Py<PyAny>>,
        addr: Option<Py<PyAny>>,
        others: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<UtmpEntry> {
        refuse_others::<UtmpEntry>(class, args, others)?;
        let py = class.py();
        Ok(UtmpEntry {
            r#type: or_none(py, r#type),
            pid: or_none(py, pid),
            line: or_none(py, line),
            id: or_none(py, id),
            user: or_none(py, user),
            host: or_none(py, host),
            exit: or_none(py, exit),
            sid: or_none(py, sid),
            time: or_none(py, time),
            addr: or_none(py, addr),
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
        repr(py, "utmp_entry", self, |name, value| match name {
            "type" => spell_type(value),
            _ => plain(name, value),
        })
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

/// The constants' names, by number.
const TYPES: [&str; 10] = [
    "EMPTY",
    "BOOT_TIME",
    "OLD_TIME",
    "NEW_TIME",
    "USER_PROCESS",
    "INIT_PROCESS",
    "LOGIN_PROCESS",
    "DEAD_PROCESS",
    "RUN_LEVEL",
    "ACCOUNTING",
];

/// Returns a type as its constant. `EMPTY` is omitted, as in pyutmpx.
fn spell_type(value: &Bound<'_, PyAny>) -> PyResult<Option<String>> {
    if !value.is_truthy()? {
        return Ok(None);
    }
    let name = value.extract::<usize>().ok().and_then(|number| TYPES.get(number));
    Ok(Some(name.map_or_else(|| "(unknown)".to_owned(), |name| format!("pyutmpx.{name}"))))
}
