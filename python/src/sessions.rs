//! Logins with their logouts.

use std::ops::ControlFlow;
use std::sync::Arc;

use loginrec::session::{End, Session as Paired, SessionTracker};
use pyo3::basic::CompareOp;
use pyo3::exceptions::{PyMemoryError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDelta, PyDict, PyTuple};

use crate::clock::Clock;
use crate::damage::Fault;
use crate::history::History;
use crate::log_source::Log;
use crate::strings::{Strings, TextErrors};
use crate::table::Table;
use crate::work;

const DAY: i128 = 86_400;
const MICROS: i128 = 1_000_000;

/// A login with its logout.
#[pyclass(module = "loginrec", frozen, get_all)]
pub(crate) struct Session {
    /// The user.
    user: Py<PyAny>,
    /// The terminal, without `/dev/`.
    line: Py<PyAny>,
    /// The remote host, as the record has it.
    host: Py<PyAny>,
    /// The remote address; `None` if none is stored.
    addr: Option<String>,
    /// The PAM service that logged the user in, in a wtmp.db; else `None`.
    service: Py<PyAny>,
    /// The begin: an aware `datetime` in UTC; `None` if it is not a valid date.
    login: Py<PyAny>,
    /// The end as far as known: after a crash, the next boot; `None` while open.
    logout: Py<PyAny>,
    /// The time from login to end; `None` while open. Negative if the clock was set back.
    duration: Option<Py<PyDelta>>,
    /// How it ended: `'logout'`, `'shutdown'`, `'crash'` (a boot without a shutdown before it),
    /// `'replaced'` (by the next login on the line), `'open'` (not ended when the files end).
    how: &'static str,
    /// The time of the boot; `None` if it is not in the files.
    boot: Py<PyAny>,
    /// Whether the login and logout records disagree about the process id.
    disputed: bool,
    /// The machine, if the source has its name.
    machine: Py<PyAny>,
    /// The file of the login record; `None` for bytes.
    path: Py<PyAny>,
    /// Byte offset of the login record.
    offset: u64,
    /// The file of the record that ended it.
    logout_path: Py<PyAny>,
    /// Byte offset of the record that ended it; `None` while open.
    logout_offset: Option<u64>,
}

#[pymethods]
impl Session {
    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let show =
            |value: &Py<PyAny>| PyResult::Ok(value.bind(py).repr()?.to_string_lossy().into_owned());
        Ok(format!(
            "<loginrec.Session user={} line={} host={} how={} offset={}>",
            show(&self.user)?,
            show(&self.line)?,
            show(&self.host)?,
            self.how,
            self.offset,
        ))
    }

    /// Returns the session as a dict with the keys of `loginrec.schema('sessions')`; of an open
    /// session `seconds` is `None`.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let row = PyDict::new(py);
        let json = py.import("loginrec._rows")?.getattr("_json")?;
        let seconds = match &self.duration {
            Some(lasted) => {
                let seconds: f64 = lasted.bind(py).call_method0("total_seconds")?.extract()?;
                Some(seconds.trunc() as i64)
            }
            None => None,
        };
        row.set_item("machine", &self.machine)?;
        for (key, text) in [("user", &self.user), ("line", &self.line), ("host", &self.host)] {
            row.set_item(key, text)?;
        }
        row.set_item("addr", &self.addr)?;
        row.set_item("service", &self.service)?;
        row.set_item("login", json.call1((&self.login,))?)?;
        row.set_item("logout", json.call1((&self.logout,))?)?;
        row.set_item("seconds", seconds)?;
        row.set_item("how", self.how)?;
        row.set_item("disputed", self.disputed)?;
        row.set_item("file", &self.path)?;
        row.set_item("offset", self.offset)?;
        row.set_item("logout_file", &self.logout_path)?;
        row.set_item("logout_offset", self.logout_offset)?;
        Ok(row)
    }

    /// Compares everything.
    fn __richcmp__<'py>(
        &self,
        other: &Bound<'py, PyAny>,
        op: CompareOp,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = other.py();
        match (other.cast::<Session>(), op) {
            (Ok(other), CompareOp::Eq | CompareOp::Ne) => {
                self.values(py)?.rich_compare(other.get().values(py)?, op)
            }
            _ => Ok(py.NotImplemented().into_bound(py)),
        }
    }

    fn __hash__(&self, py: Python<'_>) -> PyResult<isize> {
        self.values(py)?.hash()
    }

    fn __reduce__<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyTuple>,))> {
        let make = py.import("loginrec._loginrec")?.getattr("session_again")?;
        Ok((make, (self.values(py)?,)))
    }
}

/// The values of a session, in the order of its fields.
type Values = (
    (Py<PyAny>, Py<PyAny>, Py<PyAny>, Option<String>, Py<PyAny>),
    (Py<PyAny>, Py<PyAny>, Option<Py<PyDelta>>, String, Py<PyAny>, bool),
    (Py<PyAny>, Py<PyAny>, u64, Py<PyAny>, Option<u64>),
);

impl Session {
    fn values<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let Session { user, line, host, addr, service, .. } = self;
        let Session { login, logout, duration, how, boot, disputed, .. } = self;
        let Session { machine, path, offset, logout_path, logout_offset, .. } = self;
        (
            (user, line, host, addr, service),
            (login, logout, duration, *how, boot, *disputed),
            (machine, path, *offset, logout_path, *logout_offset),
        )
            .into_pyobject(py)
    }
}

/// Makes a session of its values: the other half of pickle.
#[pyfunction]
pub(crate) fn session_again(values: Values) -> PyResult<Session> {
    let (who, when, place) = values;
    let (user, line, host, addr, service) = who;
    let (login, logout, duration, how, boot, disputed) = when;
    let (machine, path, offset, logout_path, logout_offset) = place;
    let ends = [End::Logout, End::Shutdown, End::Crash, End::Replaced, End::Open];
    let how = ends.iter().map(|end| end.name()).find(|name| **name == how);
    let how = how.ok_or_else(|| PyValueError::new_err("no such end of a session"))?;
    Ok(Session {
        user,
        line,
        host,
        addr,
        service,
        login,
        logout,
        duration,
        how,
        boot,
        disputed,
        machine,
        path,
        offset,
        logout_path,
        logout_offset,
    })
}

/// Returns the sessions of a table as objects: as they end, then those still open.
#[pyfunction]
pub(crate) fn sessions_of(py: Python<'_>, table: &Table) -> PyResult<Vec<Session>> {
    let plan = table.plan();
    let (machines, faults, is_full) = work::run(py, move || {
        let (mut machines, mut faults, mut is_full) = (Vec::new(), Vec::new(), false);
        for logs in plan.machines() {
            let mut history = History::new(logs);
            let (paired, full) = find(&mut history, plan.options.correct_clock, &mut faults);
            is_full |= full;
            machines.push((history, paired));
        }
        (machines, faults, is_full)
    })?;
    if is_full {
        return Err(PyMemoryError::new_err(
            "not enough memory for the logins that are open at once",
        ));
    }
    let damage = table.tell_once();
    for (log, fault) in faults {
        damage.act(py, log.path(), fault)?;
    }
    let mut all = Vec::new();
    for (history, paired) in machines {
        let path = |log: &Arc<Log>| match log.path() {
            Some(path) => PyResult::Ok(path.as_os_str().into_pyobject(py)?.into_any().unbind()),
            None => Ok(py.None()),
        };
        let machine = history.logs.first().and_then(|log| log.origin.machine.as_deref());
        let mut factory = SessionFactory {
            strings: Strings::new(py, TextErrors::ESCAPE),
            clock: Clock::new(py)?,
            machine: machine.into_pyobject(py)?.unbind(),
            paths: history.logs.iter().map(path).collect::<PyResult<_>>()?,
        };
        for session in &paired {
            all.push(factory.make(py, session)?);
            if all.len() % 4096 == 0 {
                py.check_signals()?;
            }
        }
    }
    Ok(all)
}

/// Returns the sessions, and whether memory ended before every login had room.
fn find(
    history: &mut History,
    correct_clock: bool,
    faults: &mut Vec<(Arc<Log>, Fault)>,
) -> (Vec<Paired<'static>>, bool) {
    let mut pairing = SessionTracker::new().correct_clock(correct_clock);
    let mut paired = Vec::new();
    let _: ControlFlow<()> = history.each(|number, log, item| {
        match item {
            Ok((record, entry)) => {
                paired.extend(pairing.push(number, record, entry).map(Paired::into_owned));
            }
            Err(fault) => faults.push((Arc::clone(log), fault)),
        }
        ControlFlow::Continue(())
    });
    let is_full = pairing.is_full();
    paired.extend(pairing.finish().map(Paired::into_owned));
    (paired, is_full)
}

struct SessionFactory {
    strings: Strings,
    clock: Clock,
    machine: Py<PyAny>,
    paths: Vec<Py<PyAny>>,
}

impl SessionFactory {
    fn path(&self, py: Python<'_>, file: u32) -> Py<PyAny> {
        let path = usize::try_from(file).ok().and_then(|file| self.paths.get(file));
        path.map_or_else(|| py.None(), |path| path.clone_ref(py))
    }

    fn make(&mut self, py: Python<'_>, session: &Paired<'_>) -> PyResult<Session> {
        let login = session.login.entry();
        let mark = session.login.at();
        let duration = session.micros().map(|micros| {
            let (seconds, micros) = (micros.div_euclid(MICROS), micros.rem_euclid(MICROS));
            let days = i32::try_from(seconds.div_euclid(DAY)).unwrap_or(i32::MAX);
            PyDelta::new(py, days, seconds.rem_euclid(DAY) as i32, micros as i32, false)
        });
        Ok(Session {
            user: self.strings.text(py, login.ut_user)?,
            line: self.strings.text(py, login.ut_line)?,
            host: self.strings.text(py, login.ut_host)?,
            addr: login.addr().map(|addr| addr.to_string()),
            service: match login.service {
                Some(service) => self.strings.text(py, service)?,
                None => py.None(),
            },
            login: self.clock.exact(py, mark.time)?,
            logout: match session.ended() {
                Some(time) => self.clock.exact(py, time)?,
                None => py.None(),
            },
            // A duration that a timedelta cannot hold is omitted.
            duration: duration.and_then(Result::ok).map(Bound::unbind),
            how: session.end.name(),
            boot: match session.boot {
                Some(boot) => self.clock.exact(py, boot.time)?,
                None => py.None(),
            },
            disputed: session.disputed,
            machine: self.machine.clone_ref(py),
            path: self.path(py, mark.location.file),
            offset: mark.location.offset,
            logout_path: match session.closing {
                Some(mark) => self.path(py, mark.location.file),
                None => py.None(),
            },
            logout_offset: session.closing.map(|mark| mark.location.offset),
        })
    }
}
