//! Rows on their way into batches.

use std::ops::ControlFlow;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::ArrowError;
use loginrec::contract::{FaultRow, Row};
use loginrec_columns::{BatchBuilder, Selection};

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

/// Collects rows into batches.
pub(crate) struct Out<'a> {
    selection: &'a Selection,
    batch: BatchBuilder<'static>,
    take: &'a mut Take<'a>,
}

impl<'a> Out<'a> {
    pub(crate) fn new(selection: &'a Selection, take: &'a mut Take<'a>) -> Out<'a> {
        Out { selection, batch: BatchBuilder::new(selection, 0), take }
    }

    pub(crate) fn item(&mut self, item: Item) -> ControlFlow<()> {
        match (self.take)(item) && !work::is_cancelled() {
            true => ControlFlow::Continue(()),
            false => ControlFlow::Break(()),
        }
    }

    pub(crate) fn row<R: Row>(&mut self, row: &R) -> ControlFlow<()> {
        self.batch.push_other(row);
        match self.batch.len() >= BATCH {
            true => self.flush(),
            false => ControlFlow::Continue(()),
        }
    }

    pub(crate) fn flush(&mut self) -> ControlFlow<()> {
        if self.batch.is_empty() {
            return ControlFlow::Continue(());
        }
        let next = BatchBuilder::new(self.selection, 0);
        match std::mem::replace(&mut self.batch, next).finish() {
            Ok(batch) => self.item(Item::Batch(batch)),
            Err(error) => self.fail(&error),
        }
    }

    pub(crate) fn fault(&mut self, log: &Arc<Log>, fault: Fault) -> ControlFlow<()> {
        self.item(Item::Fault(Arc::clone(log), fault))
    }

    pub(crate) fn fail(&mut self, why: &impl std::fmt::Display) -> ControlFlow<()> {
        let _: ControlFlow<()> = self.item(Item::Failed(why.to_string()));
        ControlFlow::Break(())
    }

    pub(crate) fn unread(&mut self, unread: &[(Arc<Origin>, String)]) -> ControlFlow<()> {
        unread.iter().try_for_each(|(origin, error)| {
            let name = origin.name();
            self.row(&FaultRow { source: origin.source(name.as_deref()), error })
        })
    }
}

/// An error of Arrow, as an exception says it.
pub(crate) fn said(error: ArrowError) -> pyo3::PyErr {
    pyo3::exceptions::PyRuntimeError::new_err(error.to_string())
}
