//! Failed logins counted by user.

use std::ops::ControlFlow;

use loginrec::contract::FailuresRow;

use crate::log_source::Log;
use crate::out::Out;
use crate::plan::{Plan, user_of};

/// Returns the reason why a file has no counts.
pub(super) fn refused(log: &Log) -> Option<&'static str> {
    let is_one = log.layout.is_none_or(loginrec::Layout::is_failures);
    (!is_one)
        .then_some("does not count failed logins; the records of a btmp are in loginrec.table()")
}

pub(super) fn rows(plan: &Plan, out: &mut Out<'_>) -> ControlFlow<()> {
    for log in &plan.logs {
        let (file, own) = (log.origin.name(), user_of(log));
        let source = log.origin.source(file.as_deref());
        let stopped = log.each(|record| {
            let record = match record {
                Ok(record) => record,
                Err(fault) => return out.fault(log, fault),
            };
            let (entry, layout, uid) = (record.entry(), record.layout(), record.uid());
            let user = plan.user(uid).or(own.as_deref().map(str::as_bytes));
            let offset = record.offset();
            out.row(&FailuresRow { source, layout, offset, uid, user, entry: &entry })
        });
        if stopped.is_some() {
            return ControlFlow::Break(());
        }
    }
    ControlFlow::Continue(())
}
