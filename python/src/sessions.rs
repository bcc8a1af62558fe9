//! Logins with their ends.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use loginrec::session::{Pairing, Session as Paired};
use loginrec::{FileKind, Framing};
use pyo3::prelude::*;
use pyo3::types::{PyDelta, PyTuple};

use crate::clock::Clock;
use crate::damage::{Fault, OnDamage};
use crate::errors;
use crate::input::LayoutName;
use crate::opened::{Choice, Log};
use crate::strings::{Strings, TextErrors};

const DAY: i128 = 86_400;
const MICROS: i128 = 1_000_000;

/// A login with its end.
#[pyclass(module = "loginrec", frozen, get_all)]
pub(crate) struct Session {
    /// Who.
    user: Py<PyAny>,
    /// The terminal, without `/dev/`.
    line: Py<PyAny>,
    /// Where from, as the record has it.
    host: Py<PyAny>,
    /// Where from, as an address; `None` if none is stored.
    addr: Option<String>,
    /// When it began: an aware `datetime` in UTC; `None` where no calendar has it.
    login: Py<PyAny>,
    /// When it ended, as far as known: of a crash, the boot behind it; `None` while open.
    ended: Py<PyAny>,
    /// From login to end, `None` while open. Negative where the clock was set back.
    duration: Option<Py<PyDelta>>,
    /// How it ended: `'logout'`, `'shutdown'`, `'crash'` (a boot that no shutdown went before),
    /// `'replaced'` (by the next login on the line), `'open'` (not by the end of the files).
    end: &'static str,
    /// When the system had come up; `None` if that is not in the files.
    boot: Py<PyAny>,
    /// Line and process id of the records tell different stories.
    disputed: bool,
    /// The file of the login record; `None` for bytes.
    path: Option<PathBufText>,
    /// Byte offset of the login record.
    offset: u64,
    /// The file of the record that ended it.
    closing_path: Option<PathBufText>,
    /// Byte offset of the record that ended it; `None` while open.
    closing_offset: Option<u64>,
}

/// A path as Python's own functions give it: `str`.
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
            "<loginrec.Session user={} line={} host={} end={} offset={}>",
            show(&self.user)?,
            show(&self.line)?,
            show(&self.host)?,
            self.end,
            self.offset,
        ))
    }
}

/// Pairs logins with what ended them, by the rules of each platform.
///
/// The sources are taken for the history of one machine and read in the order of their first
/// records: sessions go on from wtmp.1 into wtmp. They come as they end; those still open come
/// last. A btmp or a lastlog is a `WrongKindError`. `correct_clock` takes recorded changes of
/// the clock out of the durations; `layout` and `damage` are those of `open()`.
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
    let mut logs = Log::open_all(py, sources, Choice { layout, ..Choice::default() })?;
    for log in &logs {
        let framing = log.layout.map(|layout| layout.framing);
        if log.kind() == Some(FileKind::Btmp) {
            let why = "holds failed logins, which begin no sessions";
            return Err(errors::wrong_kind(py, log.path(), why));
        }
        if matches!(framing, Some(Framing::Indexed | Framing::Database)) {
            let why = "is a lastlog, which has no sessions";
            return Err(errors::wrong_kind(py, log.path(), why));
        }
    }
    let (paired, faults) = py.detach(|| {
        logs.sort_by_cached_key(|log| log.begin());
        find(&logs, correct_clock)
    });
    for (log, fault) in faults {
        damage.unwrap_or(OnDamage::Warn).act(py, log.path(), fault)?;
    }
    let mut maker = Maker {
        strings: Strings::new(py, TextErrors::ESCAPE),
        clock: Clock::new(py)?,
        paths: logs.iter().map(|log| log.path().map(Path::to_owned).map(PathBufText)).collect(),
    };
    paired.iter().map(|session| maker.make(py, session)).collect()
}

type Faults<'a> = Vec<(&'a Log, Fault)>;

fn find(logs: &[Arc<Log>], correct_clock: bool) -> (Vec<Paired<'static>>, Faults<'_>) {
    let mut pairing = Pairing::new().correct_clock(correct_clock);
    let (mut paired, mut faults) = (Vec::new(), Vec::new());
    for (number, log) in (0_u32..).zip(logs) {
        let _: Option<()> = log.each(|record| {
            match record {
                Ok(record) => {
                    paired.extend(pairing.push(number, &record).map(Paired::into_owned));
                }
                Err(fault) => faults.push((&**log, fault)),
            }
            ControlFlow::Continue(())
        });
    }
    paired.extend(pairing.finish().map(Paired::into_owned));
    (paired, faults)
}

struct Maker {
    strings: Strings,
    clock: Clock,
    paths: Vec<Option<PathBufText>>,
}

impl Maker {
    fn path(&self, file: u32) -> Option<PathBufText> {
        self.paths.get(usize::try_from(file).ok()?)?.clone()
    }

    fn make(&mut self, py: Python<'_>, session: &Paired<'_>) -> PyResult<Session> {
        let login = session.login.entry();
        let mark = session.login.mark();
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
            login: self.clock.exact(py, mark.time)?,
            ended: match session.ended() {
                Some(time) => self.clock.exact(py, time)?,
                None => py.None(),
            },
            // A length Python has no timedelta for is none.
            duration: duration.and_then(Result::ok).map(Bound::unbind),
            end: session.end.name(),
            boot: match session.boot {
                Some(boot) => self.clock.exact(py, boot.time)?,
                None => py.None(),
            },
            disputed: session.disputed,
            path: self.path(mark.place.file),
            offset: mark.place.offset,
            closing_path: session.closing.and_then(|mark| self.path(mark.place.file)),
            closing_offset: session.closing.map(|mark| mark.place.offset),
        })
    }
}
