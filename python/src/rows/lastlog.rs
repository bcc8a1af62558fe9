//! Last logins.

use std::ops::ControlFlow;

use loginrec::contract::LastlogRow;
use loginrec::{Container, Event, FileKind};

use crate::log_source::{Log, is_set};
use crate::out::Out;
use crate::plan::{Plan, user_of};

/// Returns the reason why a file has no last logins.
pub(super) fn refused(log: &Log) -> Option<&'static str> {
    let is_one = log.layout.is_none_or(|layout| {
        layout.is_lastlog()
            || log.kind() == Some(FileKind::Lastlog) && layout.holds(FileKind::Lastlog)
    });
    (!is_one).then_some("is no lastlog; kind='lastlog' or layout= say otherwise")
}

/// Users who never logged in are left out.
pub(super) fn rows(plan: &Plan, out: &mut Out<'_>) -> ControlFlow<()> {
    for log in &plan.logs {
        let Some(home) = log.layout else { continue };
        let by_name = home.container == Container::Array || home.container.has_rows();
        let (file, own) = (log.origin.name(), user_of(log));
        let source = log.origin.source(file.as_deref());
        let stopped = log.each(|record| {
            let record = match record {
                Ok(record) => record,
                Err(fault) => return out.fault(log, fault),
            };
            let (entry, uid) = (record.entry(), record.uid());
            if !is_set(entry.ut_tv) || by_name && entry.event() != Event::Login {
                return ControlFlow::Continue(());
            }
            let login = Some((record.layout(), record.offset(), &entry));
            let name = plan.user(uid).or(own.as_deref().map(str::as_bytes));
            out.row(&LastlogRow { source, uid, name, login })
        });
        if stopped.is_some() {
            return ControlFlow::Break(());
        }
    }
    ControlFlow::Continue(())
}
