//! Findings: irregularities in login records.

use std::sync::Arc;

use loginrec::audit::{Finding as Found, RULES, Severity, Subject, rule};
use loginrec::contract::{FindingRow, RuleRow};
use loginrec::formats::by_name;
use loginrec::{Layout, Timestamp};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use crate::clock::Clock;
use crate::contract;
use crate::input::Origin;
use crate::rows::find_findings;
use crate::table::Table;
use crate::work;

/// An irregularity in the evidence. It is an indication, not proof: `innocent` lists harmless
/// causes of the same trace.
#[pyclass(module = "loginrec", frozen)]
pub(crate) struct Finding {
    found: Found,
    origin: Arc<Origin>,
    layout: Option<&'static Layout>,
}

#[pymethods]
impl Finding {
    /// The rule's stable name, such as `'zeroed-record'`.
    #[getter]
    fn rule(&self) -> &'static str {
        self.found.rule.id
    }

    /// `'info'`, `'low'`, `'medium'` or `'high'`.
    #[getter]
    fn severity(&self) -> &'static str {
        self.found.severity.name()
    }

    /// The observation that the rule is about, in a few words.
    #[getter]
    fn title(&self) -> &'static str {
        self.found.rule.title
    }

    /// The file; `None` for bytes.
    #[getter]
    fn path(&self) -> Option<&std::ffi::OsStr> {
        self.origin.path().map(std::path::Path::as_os_str)
    }

    /// The index of the record; `None` for findings about the file.
    #[getter]
    fn index(&self) -> Option<u64> {
        self.found.index
    }

    /// Byte offset in the file of `raw`.
    #[getter]
    fn offset(&self) -> u64 {
        self.found.offset
    }

    /// The bytes concerned; empty for findings about the file.
    #[getter]
    fn raw<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.found.bytes)
    }

    /// The observation, with text from the file escaped.
    #[getter]
    fn message(&self) -> &str {
        &self.found.message
    }

    /// The content that an untouched file would have.
    #[getter]
    fn expected(&self) -> &'static str {
        self.found.rule.expected
    }

    /// Harmless causes of the same trace.
    #[getter]
    fn innocent(&self) -> Vec<&'static str> {
        self.found.rule.innocent.to_vec()
    }

    /// The technique of MITRE ATT&CK that may leave this trace.
    #[getter]
    fn technique(&self) -> Option<&'static str> {
        self.found.rule.technique
    }

    /// The number of further findings of this rule in this file that are not listed.
    #[getter]
    fn more(&self) -> u64 {
        self.found.more
    }

    /// Returns the finding as a dict with the keys of `loginrec audit --format jsonl`.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let path = self.origin.path();
        let source = self.origin.source(path.map(|_| ""));
        let row = FindingRow { source, layout: self.layout, finding: &self.found };
        contract::dict(py, &row, path)
    }

    fn __repr__(&self) -> String {
        let (rule, severity) = (self.rule(), self.severity());
        format!("<loginrec.Finding {severity} {rule} offset={}: {}>", self.offset(), self.message())
    }

    /// The time of the record, or of the last one before it: an aware `datetime` in UTC; `None` for
    /// findings about the file.
    #[getter]
    fn time(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        match self.found.time {
            Some(time) => Clock::new(py)?.exact(py, time),
            None => Ok(py.None()),
        }
    }

    /// The machine, if the source has its name.
    #[getter]
    fn machine(&self) -> Option<&str> {
        self.origin.machine.as_deref()
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Finding>().is_ok_and(|other| {
            let other = other.get();
            // The number of the file counts among those that were read with it.
            let mut found = self.found.clone();
            found.file = other.found.file;
            found == other.found && self.origin.path == other.origin.path
        })
    }

    fn __hash__(&self) -> u64 {
        use std::hash::{DefaultHasher, Hash as _, Hasher as _};
        let mut hasher = DefaultHasher::new();
        (self.found.rule.id, self.found.offset, &self.found.bytes).hash(&mut hasher);
        hasher.finish()
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (Values,))> {
        let make = py.import("loginrec._loginrec")?.getattr("finding_again")?;
        let Found { rule, severity, time, ref subject, index, offset, ref bytes, .. } = self.found;
        let subject = subject.as_ref().map(|subject| {
            let Subject { user, line, host, .. } = subject;
            (user.clone(), line.clone(), host.clone())
        });
        let time = time.map(|time| (time.tv_sec, time.tv_usec));
        let what = (rule.id.to_owned(), severity.name().to_owned(), time, subject);
        let place = (index, offset, bytes.clone(), self.found.message.clone(), self.found.more);
        let path = self.origin.path.as_ref().map(|path| path.as_os_str().to_owned());
        let layout = self.layout.map(|layout| layout.name.to_owned());
        let from = (path, self.origin.machine.clone(), layout);
        Ok((make, ((what, place, from),)))
    }
}

/// The user, line and host of a finding.
type Texts = (Option<Vec<u8>>, Option<Vec<u8>>, Option<Vec<u8>>);
/// The values of a finding, for pickle.
type Values = (
    (String, String, Option<(i64, i64)>, Option<Texts>),
    (Option<u64>, u64, Vec<u8>, String, u64),
    (Option<std::ffi::OsString>, Option<String>, Option<String>),
);

/// Makes a finding of its values: the other half of pickle.
#[pyfunction]
pub(crate) fn finding_again(values: Values) -> PyResult<Finding> {
    let (what, place, from) = values;
    let (id, severity, time, subject) = what;
    let (index, offset, bytes, message, more) = place;
    let (path, machine, layout) = from;
    let unknown = || PyValueError::new_err("a finding of another version");
    let rule = rule(&id).ok_or_else(unknown)?;
    let severity = Severity::ALL.iter().copied().find(|known| known.name() == severity);
    let mut found = Found::new(rule);
    found.severity = severity.ok_or_else(unknown)?;
    found.time = time.map(|(tv_sec, tv_usec)| Timestamp { tv_sec, tv_usec });
    found.subject = subject.map(|(user, line, host)| {
        let mut subject = Subject::default();
        (subject.user, subject.line, subject.host) = (user, line, host);
        subject
    });
    (found.index, found.offset, found.bytes) = (index, offset, bytes);
    (found.message, found.more) = (message, more);
    let origin = Origin { path: path.map(Into::into), machine, ..Origin::default() };
    let layout = layout.as_deref().and_then(by_name);
    Ok(Finding { found, origin: Arc::new(origin), layout })
}

/// Returns the findings of a table as objects, in the order of files and offsets.
#[pyfunction]
pub(crate) fn findings_of(py: Python<'_>, table: &Table) -> PyResult<Vec<Finding>> {
    let plan = table.plan();
    let found = work::run(py, move || {
        let machines = plan.machines();
        machines.iter().map(|logs| find_findings(logs, &plan.options.users)).collect::<Vec<_>>()
    })?;
    let damage = table.tell_once();
    let mut all = Vec::new();
    for (findings, faults) in found {
        for (log, fault) in faults {
            damage.act(py, log.path(), fault)?;
        }
        all.extend(findings.into_iter().map(|(found, log)| Finding {
            found,
            layout: log.as_ref().and_then(|log| log.layout),
            origin: log.map(|log| Arc::clone(&log.origin)).unwrap_or_default(),
        }));
    }
    Ok(all)
}

/// Returns the rules of the audit as dicts: `rule`, `severity`, `title`, `meaning`, `expected`,
/// `innocent`, `technique`.
#[pyfunction]
pub(crate) fn audit_rules(py: Python<'_>) -> PyResult<Vec<Bound<'_, PyDict>>> {
    RULES.iter().map(|rule| contract::dict(py, &RuleRow(rule), None)).collect()
}
