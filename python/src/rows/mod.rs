//! Files as rows of columns, batch by batch and in bounded memory.

mod failures;
mod findings;
mod lastlog;
mod sessions;
mod summary;
mod timeline;

use std::ops::ControlFlow;

use loginrec::FileKind;
use loginrec::contract::RowKind;

pub(crate) use self::findings::find as find_findings;
use crate::batches;
use crate::history;
use crate::log_source::Log;
use crate::out::{Out, Take};
use crate::plan::Plan;

/// Makes all rows of a plan.
pub(crate) fn produce(plan: &Plan, take: &mut Take<'_>) {
    let mut out = Out::new(&plan.selection, take);
    let done = match plan.kind {
        RowKind::Records => {
            match batches::make(&plan.logs, &plan.selection, &mut |item| out.item(item)) {
                Ok(flow) => flow,
                Err(error) => out.fail(&error),
            }
        }
        RowKind::Sessions => sessions::sessions(plan, &mut out),
        RowKind::Boots => sessions::boots(plan, &mut out),
        RowKind::Timeline => timeline::rows(plan, &mut out),
        RowKind::Findings => findings::rows(plan, &mut out),
        RowKind::Lastlog => lastlog::rows(plan, &mut out),
        RowKind::Failures => failures::rows(plan, &mut out),
        RowKind::Summary => summary::rows(plan, &mut out),
        _ => out.fail(&"no such rows"),
    };
    if done.is_continue() && out.unread(&plan.unread).is_continue() {
        let _: ControlFlow<()> = out.flush();
    }
}

/// Returns the reason why a file has no rows of a kind.
pub(crate) fn refused(kind: RowKind) -> fn(&Log) -> Option<&'static str> {
    match kind {
        RowKind::Sessions | RowKind::Boots => history::refused,
        RowKind::Lastlog => lastlog::refused,
        RowKind::Failures => failures::refused,
        _ => |_| None,
    }
}

/// Returns the kinds of files below a root that have such rows; empty for all.
pub(crate) fn kinds(kind: RowKind) -> &'static [FileKind] {
    match kind {
        RowKind::Sessions | RowKind::Boots => &[FileKind::Wtmp],
        RowKind::Lastlog => &[FileKind::Lastlog],
        RowKind::Failures => &[FileKind::Failures],
        _ => &[],
    }
}
