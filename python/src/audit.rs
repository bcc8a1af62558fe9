//! What in the files does not fit.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use loginrec::audit::{About, Audit, Finding as Found};
use loginrec::{Error, FileKind};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyTuple};

use crate::damage::{Fault, OnDamage};
use crate::opened::{Choice, Log};

/// Something in the evidence that does not fit. It is consistent with something, and proves
/// nothing: `innocent` says what else leaves the same trace.
#[pyclass(module = "loginrec", frozen)]
pub(crate) struct Finding {
    found: Found,
    path: Option<PathBuf>,
}

#[pymethods]
impl Finding {
    /// The rule's stable name, as `'zeroed-record'`.
    #[getter]
    fn rule(&self) -> &'static str {
        self.found.rule.id
    }

    /// `'info'`, `'low'`, `'medium'` or `'high'`.
    #[getter]
    fn severity(&self) -> &'static str {
        self.found.severity.name()
    }

    /// What the rule looks for, in a few words.
    #[getter]
    fn title(&self) -> &'static str {
        self.found.rule.title
    }

    /// The file; `None` for bytes.
    #[getter]
    fn path(&self) -> Option<&std::ffi::OsStr> {
        self.path.as_deref().map(std::path::Path::as_os_str)
    }

    /// Which record; `None` if it is about the file.
    #[getter]
    fn index(&self) -> Option<u64> {
        self.found.index
    }

    /// Byte offset in the file of `raw`.
    #[getter]
    fn offset(&self) -> u64 {
        self.found.offset
    }

    /// The bytes concerned; empty if it is about the file.
    #[getter]
    fn raw<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.found.bytes)
    }

    /// What was seen. Text from the file is in it escaped.
    #[getter]
    fn message(&self) -> &str {
        &self.found.message
    }

    /// What should have been there.
    #[getter]
    fn expected(&self) -> &'static str {
        self.found.rule.expected
    }

    /// What else, quite innocently, leaves the same trace.
    #[getter]
    fn innocent(&self) -> Vec<&'static str> {
        self.found.rule.innocent.to_vec()
    }

    /// The technique of MITRE ATT&CK it is consistent with.
    #[getter]
    fn technique(&self) -> Option<&'static str> {
        self.found.rule.technique
    }

    /// How many more findings of this rule in this file are not listed.
    #[getter]
    fn more(&self) -> u64 {
        self.found.more
    }

    /// The finding as the command line's JSON has it: `loginrec audit --format jsonl`.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let row = PyDict::new(py);
        row.set_item("rule", self.rule())?;
        row.set_item("severity", self.severity())?;
        row.set_item("title", self.title())?;
        row.set_item("file", self.path().unwrap_or_default())?;
        row.set_item("index", self.index())?;
        row.set_item("offset", self.offset())?;
        row.set_item("bytes", crate::contract::hex(&self.found.bytes))?;
        row.set_item("message", self.message())?;
        row.set_item("expected", self.expected())?;
        row.set_item("innocent", self.innocent())?;
        row.set_item("technique", self.technique())?;
        row.set_item("more", self.more())?;
        Ok(row)
    }

    fn __repr__(&self) -> String {
        let (rule, severity) = (self.rule(), self.severity());
        format!("<loginrec.Finding {severity} {rule} offset={}: {}>", self.offset(), self.message())
    }
}

/// Looks for what does not fit: traces of tampering, contradictions, damage.
///
/// The sources are taken for the files of one machine and compared: utmp, lastlog and btmp
/// with wtmp, rotated copies with what follows them; what each is kept for is told by its
/// name. `users` has names for user ids: a lastlog has numbers only. The findings come in the
/// order of the files and offsets. Damage is a finding here, not a warning.
#[pyfunction]
#[pyo3(signature = (*sources, users=None))]
pub(crate) fn audit(
    py: Python<'_>,
    sources: &Bound<'_, PyTuple>,
    users: Option<HashMap<u64, String>>,
) -> PyResult<Vec<Finding>> {
    let logs = Log::open_all(py, sources, Choice { off_grid: true, ..Choice::default() })?;
    let (findings, faults) = py.detach(|| find(&logs, &users.unwrap_or_default()));
    for (log, fault) in faults {
        OnDamage::Warn.act(py, log.path(), fault)?;
    }
    Ok(findings)
}

/// What was found, and what kept records from being looked at.
fn find<'a>(
    logs: &'a [Arc<Log>],
    users: &HashMap<u64, String>,
) -> (Vec<Finding>, Vec<(&'a Log, Fault)>) {
    let mut audit = Audit::new();
    for (uid, name) in users {
        audit.name_user(*uid, name.as_bytes());
    }
    let mut all: Vec<_> = logs.iter().map(|log| (about(log), &**log)).collect();
    // Small ones first, histories in the order of time.
    all.sort_by_cached_key(|(about, log)| {
        let history = matches!(about.kind, Some(FileKind::Wtmp | FileKind::Btmp));
        let begin = if history { log.begin() } else { None };
        (about.rank(), about.layout.map(|layout| layout.name), begin)
    });
    let mut faults = Vec::new();
    for &(about, log) in &all {
        audit.begin(about);
        let _: Option<()> = log.each(|record| {
            match record {
                Ok(record) => audit.push(&record),
                Err(Fault::Framing(error)) => audit.damage(&error, &concerned(&error, log)),
                Err(fault) => faults.push((log, fault)),
            }
            ControlFlow::Continue(())
        });
    }
    let path = |file: u32| {
        let at = usize::try_from(file).ok()?;
        all.get(at)?.1.origin.path.clone()
    };
    let findings = audit.finish().into_iter();
    (findings.map(|found| Finding { path: path(found.file), found }).collect(), faults)
}

fn about(log: &Log) -> About {
    let mut about = About::default();
    (about.kind, about.layout) = (log.kind(), log.layout);
    about.len = Some(log.source.len());
    let file = log.path().and_then(|path| std::fs::metadata(path).ok());
    if let Some(file) = file.filter(|file| file.is_file() && Some(file.len()) == about.len) {
        let modified = file.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
        about.modified = modified.and_then(|since| i64::try_from(since.as_secs()).ok());
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt as _;
            about.allocated = Some(file.blocks().saturating_mul(512));
        }
    }
    about
}

/// The bytes at which framing was lost.
fn concerned(error: &Error, log: &Log) -> Vec<u8> {
    const MOST: u64 = 1024;
    let len = match *error {
        Error::Truncated { have, .. } => have,
        Error::ZeroLength { skipped, .. } => skipped,
        _ => 64,
    };
    log.source.part(error.offset(), len.min(MOST) as usize).unwrap_or_default()
}
