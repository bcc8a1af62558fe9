//! Makes tables of sources.

use std::collections::HashMap;
use std::sync::Arc;

use loginrec::contract::{Column, RowKind};
use loginrec_columns::Selection;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::damage::{OnDamage, warn};
use crate::input::{Given, Input, Origin};
use crate::log_source::{Log, LogOptions, Opened, Refuse};
use crate::plan::{By, Plan, RowOptions};
use crate::rows::{kinds, refused};
use crate::table::Table;

/// The reaction to a source that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnError {
    Warn,
    Raise,
    Row,
}

impl<'py> FromPyObject<'_, 'py> for OnError {
    type Error = PyErr;

    fn extract(word: Borrowed<'_, 'py, PyAny>) -> PyResult<OnError> {
        let word: String = word.extract()?;
        match word.as_str() {
            "warn" => Ok(OnError::Warn),
            "raise" => Ok(OnError::Raise),
            "row" => Ok(OnError::Row),
            _ => Err(PyValueError::new_err(format!("on_error='{word}': warn, raise or row"))),
        }
    }
}

/// A source that could not be read, with the reason.
type Unread = (Arc<Origin>, String);

/// Opens the inputs. What cannot be read raises an exception if nothing else was readable, or if
/// that is wanted.
fn open_some(
    py: Python<'_>,
    inputs: Vec<Input>,
    options: LogOptions,
    refuse: Refuse,
    on_error: OnError,
) -> PyResult<(Vec<Arc<Log>>, Vec<Unread>)> {
    let Opened { logs, failed } = Log::open_all(py, inputs, options, refuse)?;
    let is_nothing = logs.is_empty();
    let mut unread = Vec::new();
    for (origin, why) in failed {
        let error = why.into_error(py, origin.path());
        if on_error == OnError::Raise || is_nothing && on_error == OnError::Warn {
            return Err(error);
        }
        let said = error.value(py).str()?.to_string_lossy().into_owned();
        match on_error {
            OnError::Row => unread.push((origin, said)),
            _ => warn(py, "SourceWarning", &format!("not read: {said}"))?,
        }
    }
    Ok((logs, unread))
}

/// Makes a table of a kind of rows.
#[pyfunction]
#[pyo3(signature = (
    sources, rows, *, columns=None, raw=false, damage=None, on_error=None, correct_clock=false,
    users=None, by=None, keep=None,
))]
#[expect(clippy::too_many_arguments, reason = "one for each option")]
pub(crate) fn make_table(
    py: Python<'_>,
    sources: Vec<PyRef<'_, Given>>,
    rows: &str,
    columns: Option<Vec<String>>,
    raw: bool,
    damage: Option<OnDamage>,
    on_error: Option<OnError>,
    correct_clock: bool,
    users: Option<HashMap<u64, String>>,
    by: Option<Vec<String>>,
    keep: Option<bool>,
) -> PyResult<Table> {
    let kind = kind_of(rows)?;
    let selection = match columns {
        None => Selection::of_kind(kind, false),
        Some(names) => Selection::named_of_kind(kind, names)
            .map_err(|error| PyValueError::new_err(error.to_string()))?,
    };
    let selection = if raw { selection.with(Column::Raw) } else { selection };
    let by = by.unwrap_or_default().iter().map(|name| by_of(name)).collect::<PyResult<_>>()?;
    let options = RowOptions { correct_clock, users: users.unwrap_or_default(), by };
    let inputs = sources.iter().map(|given| given.0.clone()).collect();
    let on_error = on_error.unwrap_or(OnError::Warn);
    let off_grid = kind == RowKind::Findings;
    let chosen = LogOptions { off_grid, ..LogOptions::default() };
    let (logs, unread) = open_some(py, inputs, chosen, refused(kind), on_error)?;
    let plan = Plan { logs, unread, kind, selection, options };
    Table::new(py, plan, damage.unwrap_or(OnDamage::Warn), keep)
}

fn by_of(name: &str) -> PyResult<By> {
    let known = By::NAMES.iter().find(|(known, _)| *known == name);
    known.map(|(_, by)| *by).ok_or_else(|| {
        let all: Vec<&str> = By::NAMES.iter().map(|(name, _)| *name).collect();
        PyValueError::new_err(format!("by='{name}': {}", all.join(", ")))
    })
}

pub(crate) fn kind_of(rows: &str) -> PyResult<RowKind> {
    rows.parse().map_err(|_| {
        let all: Vec<&str> = RowKind::ALL.iter().take(8).map(|kind| kind.name()).collect();
        PyValueError::new_err(format!("rows='{rows}': {}", all.join(", ")))
    })
}

/// Returns the kinds of files that are taken of a folder for such rows; empty for all.
#[pyfunction]
pub(crate) fn kinds_of(rows: &str) -> PyResult<Vec<&'static str>> {
    Ok(kinds(kind_of(rows)?).iter().map(|kind| kind.name()).collect())
}
