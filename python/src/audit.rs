//! Findings: irregularities in login records.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use loginrec::audit::{Audit, FileInfo, Finding as Found};
use loginrec::contract::{FindingRow, Source};
use loginrec::{Error, FileKind, Layout};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyTuple};

use crate::contract;
use crate::damage::{Fault, OnDamage};
use crate::log_source::{Log, LogOptions};

/// An irregularity in the evidence. It is an indication, not proof: `innocent` lists harmless
/// causes of the same trace.
#[pyclass(module = "loginrec", frozen)]
pub(crate) struct Finding {
    found: Found,
    path: Option<PathBuf>,
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
        self.path.as_deref().map(std::path::Path::as_os_str)
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
        let path = self.path.as_deref();
        let source = Source { machine: None, file: path.map(|_| "") };
        let row = FindingRow { source, layout: self.layout, finding: &self.found };
        contract::dict(py, &row, path)
    }

    fn __repr__(&self) -> String {
        let (rule, severity) = (self.rule(), self.severity());
        format!("<loginrec.Finding {severity} {rule} offset={}: {}>", self.offset(), self.message())
    }
}

/// Looks for traces of tampering, contradictions and damage.
///
/// The sources are treated as the files of one machine and compared: utmp, lastlog and btmp with
/// wtmp, rotated copies with the files that follow them. The name of a file decides its kind.
/// `users` maps user ids to names, because a lastlog has ids only. The findings are in the order of
/// files and offsets. Damage is a finding here, not a warning.
/// order of the files and offsets. Damage is a finding here, not a warning.
#[pyfunction]
#[pyo3(signature = (*sources, users=None))]
pub(crate) fn audit(
    py: Python<'_>,
    sources: &Bound<'_, PyTuple>,
    users: Option<HashMap<u64, String>>,
) -> PyResult<Vec<Finding>> {
    let logs = Log::open_all(py, sources, LogOptions { off_grid: true, ..LogOptions::default() })?;
    let (findings, faults) = py.detach(|| find(&logs, &users.unwrap_or_default()));
    for (log, fault) in faults {
        OnDamage::Warn.act(py, log.path(), fault)?;
    }
    Ok(findings)
}

/// Returns the findings, and the faults that kept records from being read.
fn find<'a>(
    logs: &'a [Arc<Log>],
    users: &HashMap<u64, String>,
) -> (Vec<Finding>, Vec<(&'a Log, Fault)>) {
    let mut audit = Audit::new();
    for (uid, name) in users {
        audit.name_user(*uid, name.as_bytes());
    }
    let mut all: Vec<_> = logs.iter().map(|log| (about(log), &**log)).collect();
    // Small files first, histories in the order of time.
    all.sort_by_cached_key(|(about, log)| {
        let history = matches!(about.kind, Some(FileKind::Wtmp | FileKind::Btmp));
        let begin = if history { log.begin() } else { None };
        (about.rank(), about.layout.map(|layout| layout.name), begin)
    });
    let mut faults = Vec::new();
    for &(about, log) in &all {
        audit.begin(about);
        let _: Option<()> = log.each_and_deleted(|record| {
            match record {
                Ok(record) => audit.push(&record, &record.entry()),
                Err(Fault::Framing(error)) => audit.damage(&error, &concerned(&error, log)),
                Err(fault) => faults.push((log, fault)),
            }
            ControlFlow::Continue(())
        });
    }
    let log = |file: u32| Some(all.get(usize::try_from(file).ok()?)?.1);
    let findings = audit.finish().into_iter();
    let findings = findings.map(|found| {
        let log = log(found.file);
        let (path, layout) =
            (log.and_then(|log| log.origin.path.clone()), log.and_then(|log| log.layout));
        Finding { found, path, layout }
    });
    (findings.collect(), faults)
}

fn about(log: &Log) -> FileInfo {
    let mut about = FileInfo::default();
    (about.kind, about.layout) = (log.kind(), log.layout);
    about.len = Some(log.source().len());
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

/// Returns the bytes at which framing was lost.
fn concerned(error: &Error, log: &Log) -> Vec<u8> {
    const MOST: u64 = 1024;
    let len = match *error {
        Error::Truncated { have, .. } => have,
        Error::ZeroLength { skipped, .. } => skipped,
        _ => 64,
    };
    log.source().part(error.offset(), len.min(MOST) as usize).unwrap_or_default()
}
