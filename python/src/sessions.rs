//! Logins with their logouts.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use loginrec::session::{Session as Paired, SessionTracker};
use loginrec::{Container, FileKind};
use pyo3::exceptions::PyMemoryError;
use pyo3::prelude::*;
use pyo3::types::{PyDelta, PyTuple};

use crate::clock::Clock;
use crate::damage::{Fault, OnDamage};
use crate::errors;
use crate::input::LayoutName;
use crate::log_source::{Log, LogOptions};
use crate::strings::{Strings, TextErrors};

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
    /// The file of the login record; `None` for bytes.
    path: Option<PathBufText>,
    /// Byte offset of the login record.
    offset: u64,
    /// The file of the record that ended it.
    logout_path: Option<PathBufText>,
    /// Byte offset of the record that ended it; `None` while open.
    logout_offset: Option<u64>,
}

/// A path as Python's own functions return it: `str`.
#[derive(Clone)]
pub(crate) struct PathBufText(PathBuf);

impl<'py> IntoPyObject<'py> for &PathBufText {
    type Target = pyo3::types::PyString;
    type Output = Bound<'py, Self::Target>;
    type Error = std::convert::Infallible;

    fn into_pyobject(self, py: Python<'py>) -> Result<Self::Output, Self::Error> {
        self.0.as_os_str().into_pyobject(py)
    }
}

impl<'py> IntoPyObject<'py> for PathBufText {
    type Target = pyo3::types::PyString;
    type Output = Bound<'py, Self::Target>;
    type Error = std::convert::Infallible;

    fn into_pyobject(self, py: Python<'py>) -> Result<Self::Output, Self::Error> {
        (&self).into_pyobject(py)
    }
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
}

/// Pairs logins with their ends, by the rules of each platform.
///
/// The sources are treated as the history of one machine and read in the order of their first
/// records: sessions continue from wtmp.1 into wtmp. Sessions are returned as they end, then those
/// still open. A btmp or a lastlog raises `WrongKindError`. `correct_clock` corrects durations by
/// recorded clock changes; `layout` and `damage` are those of `open()`.
#[pyfunction]
#[pyo3(
    signature = (*sources, layout=None, correct_clock=false, damage=None),
    text_signature = "(*sources, layout=None, correct_clock=False, damage='warn')"
)]
pub(crate) fn sessions(
    py: Python<'_>,
    sources: &Bound<'_, PyTuple>,
    layout: Option<LayoutName>,
    correct_clock: bool,
    damage: Option<OnDamage>,
) -> PyResult<Vec<Session>> {
    let layout = layout.map(|LayoutName(layout)| layout);
    let mut logs = Log::open_all(py, sources, LogOptions { layout, ..LogOptions::default() })?;
    for log in &logs {
        let container = log.layout.map(|layout| layout.container);
        if log.kind() == Some(FileKind::Btmp) {
            let why = "contains failed logins, not sessions";
            return Err(errors::wrong_kind(py, log.path(), why));
        }
        if log.is_lastlog() || matches!(container, Some(Container::Slots | Container::BerkeleyHash))
        {
            let why = "contains last logins, not sessions";
            return Err(errors::wrong_kind(py, log.path(), why));
        }
    }
    let (paired, faults, is_full) = py.detach(|| {
        logs.sort_by_cached_key(|log| log.begin());
        find(&logs, correct_clock)
    });
    if is_full {
        return Err(PyMemoryError::new_err(
            "not enough memory for the logins that are open at once",
        ));
    }
    for (log, fault) in faults {
        damage.unwrap_or(OnDamage::Warn).act(py, log.path(), fault)?;
    }
    let mut factory = SessionFactory {
        strings: Strings::new(py, TextErrors::ESCAPE),
        clock: Clock::new(py)?,
        paths: logs.iter().map(|log| log.path().map(Path::to_owned).map(PathBufText)).collect(),
    };
    paired.iter().map(|session| factory.make(py, session)).collect()
}

type Faults<'a> = Vec<(&'a Log, Fault)>;

/// Returns the sessions, the damage, and whether memory ended before every login had room.
fn find(logs: &[Arc<Log>], correct_clock: bool) -> (Vec<Paired<'static>>, Faults<'_>, bool) {
    let mut pairing = SessionTracker::new().correct_clock(correct_clock);
    let (mut paired, mut faults) = (Vec::new(), Vec::new());
    for (number, log) in (0_u32..).zip(logs) {
        let _: Option<()> = log.each(|record| {
            match record {
                Ok(record) => {
                    paired.extend(
                        pairing.push(number, &record, &record.entry()).map(Paired::into_owned),
                    );
                }
                Err(fault) => faults.push((&**log, fault)),
            }
            ControlFlow::Continue(())
        });
    }
    let is_full = pairing.is_full();
    paired.extend(pairing.finish().map(Paired::into_owned));
    (paired, faults, is_full)
}

struct SessionFactory {
    strings: Strings,
    clock: Clock,
    paths: Vec<Option<PathBufText>>,
}

impl SessionFactory {
    fn path(&self, file: u32) -> Option<PathBufText> {
        self.paths.get(usize::try_from(file).ok()?)?.clone()
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
            path: self.path(mark.location.file),
            offset: mark.location.offset,
            logout_path: session.closing.and_then(|mark| self.path(mark.location.file)),
            logout_offset: session.closing.map(|mark| mark.location.offset),
        })
    }
}
