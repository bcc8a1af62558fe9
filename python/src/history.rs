//! The files of one machine as its history.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use loginrec::{Container, Entry, FileKind, Record, Timestamp};

use crate::damage::Fault;
use crate::log_source::{Log, is_set};

/// A clock that was never set begins in 1970.
const UNSET_CLOCK: i64 = 365 * 86_400;

/// Returns the reason why a file has neither sessions nor boots.
pub(crate) fn refused(log: &Log) -> Option<&'static str> {
    if log.kind() == Some(FileKind::Btmp) {
        return Some("contains failed logins, not sessions");
    }
    let layout = log.layout?;
    if layout.is_failures() {
        return Some("counts failed logins, not sessions; see loginrec.failures()");
    }
    let is_last = layout.is_lastlog()
        || matches!(layout.container, Container::Slots | Container::BerkeleyHash);
    is_last.then_some("contains last logins, not sessions; see loginrec.lastlog()")
}

/// The files of one machine in the order of their first records.
pub(crate) struct History {
    pub(crate) logs: Vec<Arc<Log>>,
    pub(crate) names: Vec<Option<String>>,
    pub(crate) newest: Timestamp,
}

impl History {
    pub(crate) fn new(logs: Vec<Arc<Log>>) -> History {
        let mut logs: Vec<_> = logs.into_iter().map(|log| (begin(&log), log)).collect();
        leave_out_twins(&mut logs);
        logs.sort_by(|(a, one), (b, other)| (a, &one.origin.path).cmp(&(b, &other.origin.path)));
        let logs: Vec<_> = logs.into_iter().map(|(_, log)| log).collect();
        let names = logs.iter().map(|log| log.origin.name()).collect();
        History { logs, names, newest: Timestamp::default() }
    }

    /// Passes on all records, each with the number of its file.
    pub(crate) fn each(
        &mut self,
        mut f: impl FnMut(u32, &Arc<Log>, Result<(&Record<'_>, &Entry<'_>), Fault>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let mut newest = None;
        let mut flow = ControlFlow::Continue(());
        for (number, log) in (0_u32..).zip(&self.logs) {
            let stopped = log.each(|record| match record {
                Ok(record) => {
                    let entry = record.entry();
                    newest = newest.max(Some(entry.ut_tv));
                    f(number, log, Ok((&record, &entry)))
                }
                Err(fault) => f(number, log, Err(fault)),
            });
            if stopped.is_some() {
                flow = ControlFlow::Break(());
                break;
            }
        }
        self.newest = newest.unwrap_or_default();
        flow
    }

    pub(crate) fn log(&self, file: u32) -> Option<&Arc<Log>> {
        self.logs.get(usize::try_from(file).ok()?)
    }

    pub(crate) fn name(&self, file: u32) -> Option<&str> {
        self.names.get(usize::try_from(file).ok()?)?.as_deref()
    }

    pub(crate) fn source(&self, file: u32) -> loginrec::contract::Source<'_> {
        let source = self.log(file).map(|log| log.origin.source(self.name(file)));
        source.unwrap_or_default()
    }
}

/// Returns the first time of a clock that had been set, else the first.
fn begin(log: &Log) -> Option<Timestamp> {
    let mut first = None;
    let begin = log.each(|record| {
        let time = record.map_or(Timestamp::default(), |record| record.entry().ut_tv);
        first = first.or_else(|| is_set(time).then_some(time));
        match time.tv_sec >= UNSET_CLOCK {
            true => ControlFlow::Break(time),
            false => ControlFlow::Continue(()),
        }
    });
    begin.or(first)
}

/// Leaves out files of a root whose twin is better: NetBSD and Solaris write each login to wtmp and
/// to wtmpx in the same folder.
fn leave_out_twins(logs: &mut Vec<(Option<Timestamp>, Arc<Log>)>) {
    let full = logs.iter().filter(|(begin, log)| begin.is_some() && log.origin.machine.is_some());
    let full: HashSet<PathBuf> = full.filter_map(|(_, log)| log.origin.path.clone()).collect();
    logs.retain(|(_, log)| {
        let twin = log.origin.path().and_then(twin);
        log.origin.machine.is_none() || twin.is_none_or(|twin| !full.contains(&twin))
    });
}

/// Returns `wtmpx.0` for `wtmp.0`.
fn twin(path: &Path) -> Option<PathBuf> {
    let rest = path.file_name()?.to_str()?.strip_prefix("wtmp")?;
    (!rest.starts_with('x')).then(|| path.with_file_name(format!("wtmpx{rest}")))
}
