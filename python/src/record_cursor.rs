//! The records of a shared file, one call at a time.

use std::sync::Arc;

use loginrec::read::Chunks;
use loginrec::{Record, Records};
use self_cell::{MutBorrow, self_cell};

use crate::damage::Fault;
use crate::log_source::Log;
use crate::source::Source;

self_cell! {
    /// A window and its remaining records.
    struct Window {
        owner: MutBorrow<Chunks<Arc<Source>>>,
        #[covariant]
        dependent: Records,
    }
}

/// An iterator that borrows nothing.
pub(crate) struct RecordCursor {
    log: Arc<Log>,
    left: Left,
    /// Whether the rows that a database no longer has follow.
    deleted: bool,
}

enum Left {
    All,
    Window(Window),
    Nothing,
}

impl RecordCursor {
    pub(crate) fn new(log: Arc<Log>) -> RecordCursor {
        RecordCursor { log, left: Left::All, deleted: false }
    }

    /// Adds the rows that a database no longer has, after those that it has.
    pub(crate) fn with_deleted(self) -> RecordCursor {
        RecordCursor { deleted: true, ..self }
    }

    /// Calls `take` with the next record; does not call it at the end.
    #[inline]
    pub(crate) fn next<R>(
        &mut self,
        take: impl FnOnce(&Log, Result<Record<'_>, Fault>) -> R,
    ) -> Option<R> {
        let mut take = Some(take);
        loop {
            if let Left::Window(window) = &mut self.left {
                let log = &*self.log;
                let next = window.with_dependent_mut(|_, records| {
                    let record = records.next()?.map_err(Fault::Framing);
                    take.take().map(|take| take(log, record))
                });
                if next.is_some() {
                    return next;
                }
            }
            if let Err(fault) = self.next_chunk()? {
                return take.map(|take| take(&self.log, Err(fault)));
            }
        }
    }

    fn next_chunk(&mut self) -> Option<Result<(), Fault>> {
        let chunks = match std::mem::replace(&mut self.left, Left::Nothing) {
            Left::All => self.log.shared_chunks(self.deleted)?,
            Left::Window(window) => window.into_owner().into_inner(),
            Left::Nothing => return None,
        };
        let window = Window::try_new_or_recover(MutBorrow::new(chunks), |chunks| {
            match chunks.borrow_mut().next_chunk() {
                Ok(Some(records)) => Ok(records),
                Ok(None) => Err(None),
                Err(error) => Err(Some(Fault::from(error))),
            }
        });
        match window {
            Ok(window) => {
                self.left = Left::Window(window);
                Some(Ok(()))
            }
            Err((_, Some(fault))) => Some(Err(fault)),
            Err((chunks, None)) => self.log.ended(chunks.into_inner().tail()).map(Err),
        }
    }
}
