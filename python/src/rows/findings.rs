//! Findings: what does not fit.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use loginrec::audit::{Audit, FileInfo, Finding};
use loginrec::contract::FindingRow;
use loginrec::{Error, FileKind};

use crate::damage::Fault;
use crate::log_source::Log;
use crate::out::Out;
use crate::plan::Plan;

/// Findings with their files, and faults.
type Found = (Vec<(Finding, Option<Arc<Log>>)>, Vec<(Arc<Log>, Fault)>);

pub(super) fn rows(plan: &Plan, out: &mut Out<'_>) -> ControlFlow<()> {
    for logs in plan.machines() {
        let (findings, faults) = find(&logs, &plan.options.users);
        for (finding, log) in &findings {
            let file = log.as_ref().and_then(|log| log.origin.name());
            let source = log.as_ref().map(|log| log.origin.source(file.as_deref()));
            let layout = log.as_ref().and_then(|log| log.layout);
            out.row(&FindingRow { source: source.unwrap_or_default(), layout, finding })?;
        }
        faults.into_iter().try_for_each(|(log, fault)| out.fault(&log, fault))?;
    }
    ControlFlow::Continue(())
}

/// Returns the findings of one machine, and the faults that kept records from being read.
pub(crate) fn find(logs: &[Arc<Log>], users: &HashMap<u64, String>) -> Found {
    let mut audit = Audit::new();
    for (uid, name) in users {
        audit.name_user(*uid, name.as_bytes());
    }
    let mut all: Vec<_> = logs.iter().map(|log| (about(log), log)).collect();
    // Small files first, histories in the order of time.
    all.sort_by_cached_key(|(about, log)| {
        let history = matches!(about.kind, Some(FileKind::Wtmp | FileKind::Btmp));
        let begin = if history { log.begin() } else { None };
        let layout = about.layout.map(|layout| layout.name);
        (about.rank(), layout, begin, log.origin.path.clone())
    });
    let mut faults = Vec::new();
    for &(about, log) in &all {
        audit.begin(about);
        let _: Option<()> = log.each_and_deleted(|record| {
            match record {
                Ok(record) => audit.push(&record, &record.entry()),
                Err(Fault::Framing(error)) => audit.damage(&error, &concerned(&error, log)),
                Err(fault) => faults.push((Arc::clone(log), fault)),
            }
            ControlFlow::Continue(())
        });
    }
    let log = |file: u32| Some(Arc::clone(all.get(usize::try_from(file).ok()?)?.1));
    let findings = audit.finish().into_iter();
    (
        findings.map(|found| (log(found.file), found)).map(|(log, found)| (found, log)).collect(),
        faults,
    )
}

fn about(log: &Log) -> FileInfo {
    let mut about = FileInfo::default();
    (about.kind, about.layout) = (log.kind(), log.layout);
    about.len = Some(log.source().len());
    let own = log.path().filter(|_| log.source().is_file());
    let file = own.and_then(|path| std::fs::metadata(path).ok());
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
