//! Files as rows of columns, batch by batch and in bounded memory.

mod failures;
mod findings;
mod lastlog;
mod sessions;
mod summary;
mod timeline;

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::ArrowError;
use loginrec::FileKind;
use loginrec::contract::{FaultRow, Row, RowKind};
use loginrec_columns::{BatchBuilder, Selection};

pub(crate) use self::findings::find as find_findings;
pub(crate) use self::sessions::{History, refused as no_history};
pub(crate) use self::summary::By;
use crate::batches;
use crate::damage::Fault;
use crate::input::Origin;
use crate::log_source::Log;
use crate::work;

/// Rows in a batch.
const BATCH: usize = 1 << 14;

/// What comes out.
pub(crate) enum Item {
    Batch(RecordBatch),
    Fault(Arc<Log>, Fault),
    /// Nothing can follow.
    Failed(String),
}

/// Takes what comes, until it returns false.
pub(crate) type Take<'a> = dyn FnMut(Item) -> bool + 'a;

/// Settings of some kinds of rows.
#[derive(Clone, Debug, Default)]
pub(crate) struct RowOptions {
    pub(crate) correct_clock: bool,
    /// Names of users by their ids.
    pub(crate) users: HashMap<u64, String>,
    /// What a summary counts by.
    pub(crate) by: Vec<By>,
}

/// Files and what to make of them.
pub(crate) struct Plan {
    pub(crate) logs: Vec<Arc<Log>>,
    /// What could not be read, for rows that say so.
    pub(crate) unread: Vec<(Arc<Origin>, String)>,
    pub(crate) kind: RowKind,
    pub(crate) selection: Selection,
    pub(crate) options: RowOptions,
}

impl Plan {
    /// Returns the number of bytes of all files.
    pub(crate) fn bytes(&self) -> u64 {
        self.logs.iter().map(|log| log.source().len()).sum()
    }

    /// Makes all rows.
    pub(crate) fn produce(&self, take: &mut Take<'_>) {
        let mut out = Out::new(&self.selection, take);
        let done = match self.kind {
            RowKind::Records => {
                match batches::make(&self.logs, &self.selection, &mut |item| out.item(item)) {
                    Ok(flow) => flow,
                    Err(error) => out.fail(&error),
                }
            }
            RowKind::Sessions => sessions::sessions(self, &mut out),
            RowKind::Boots => sessions::boots(self, &mut out),
            RowKind::Timeline => timeline::rows(self, &mut out),
            RowKind::Findings => findings::rows(self, &mut out),
            RowKind::Lastlog => lastlog::rows(self, &mut out),
            RowKind::Failures => failures::rows(self, &mut out),
            RowKind::Summary => summary::rows(self, &mut out),
            _ => out.fail(&"no such rows"),
        };
        if done.is_continue() && out.unread(&self.unread).is_continue() {
            let _: ControlFlow<()> = out.flush();
        }
    }

    /// Returns the files by machine, in the order of the machines' first files.
    pub(crate) fn machines(&self) -> Vec<Vec<Arc<Log>>> {
        let mut machines: Vec<Vec<Arc<Log>>> = Vec::new();
        for log in &self.logs {
            let of = |logs: &&mut Vec<Arc<Log>>| {
                logs.first().is_some_and(|first| first.origin.machine == log.origin.machine)
            };
            match machines.iter_mut().find(of) {
                Some(logs) => logs.push(Arc::clone(log)),
                None => machines.push(vec![Arc::clone(log)]),
            }
        }
        machines
    }

    fn user(&self, uid: Option<u64>) -> Option<&[u8]> {
        self.options.users.get(&uid?).map(String::as_bytes)
    }
}

/// Collects rows into batches.
pub(crate) struct Out<'a> {
    selection: &'a Selection,
    batch: BatchBuilder<'static>,
    take: &'a mut Take<'a>,
}

impl<'a> Out<'a> {
    fn new(selection: &'a Selection, take: &'a mut Take<'a>) -> Out<'a> {
        Out { selection, batch: BatchBuilder::new(selection, 0), take }
    }

    fn item(&mut self, item: Item) -> ControlFlow<()> {
        match (self.take)(item) && !work::is_cancelled() {
            true => ControlFlow::Continue(()),
            false => ControlFlow::Break(()),
        }
    }

    fn row<R: Row>(&mut self, row: &R) -> ControlFlow<()> {
        self.batch.push_other(row);
        match self.batch.len() >= BATCH {
            true => self.flush(),
            false => ControlFlow::Continue(()),
        }
    }

    fn flush(&mut self) -> ControlFlow<()> {
        if self.batch.is_empty() {
            return ControlFlow::Continue(());
        }
        let next = BatchBuilder::new(self.selection, 0);
        match std::mem::replace(&mut self.batch, next).finish() {
            Ok(batch) => self.item(Item::Batch(batch)),
            Err(error) => self.fail(&error),
        }
    }

    fn fault(&mut self, log: &Arc<Log>, fault: Fault) -> ControlFlow<()> {
        self.item(Item::Fault(Arc::clone(log), fault))
    }

    fn fail(&mut self, why: &impl std::fmt::Display) -> ControlFlow<()> {
        let _: ControlFlow<()> = self.item(Item::Failed(why.to_string()));
        ControlFlow::Break(())
    }

    fn unread(&mut self, unread: &[(Arc<Origin>, String)]) -> ControlFlow<()> {
        unread.iter().try_for_each(|(origin, error)| {
            let name = origin.name();
            self.row(&FaultRow { source: origin.source(name.as_deref()), error })
        })
    }
}

/// Returns the reason why a file has no rows of a kind.
pub(crate) fn refused(kind: RowKind) -> fn(&Log) -> Option<&'static str> {
    match kind {
        RowKind::Sessions | RowKind::Boots => no_history,
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

/// Returns the user whom a file is named after.
fn user_of(log: &Log) -> Option<String> {
    let is_named = log.layout.is_some_and(|layout| layout.platform.is_named_by_user);
    log.origin.base(log.source().is_packed()).filter(|_| is_named)
}

/// An error of Arrow, as an exception says it.
pub(crate) fn said(error: ArrowError) -> pyo3::PyErr {
    pyo3::exceptions::PyRuntimeError::new_err(error.to_string())
}
