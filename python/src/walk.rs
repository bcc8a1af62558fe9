//! The records of a shared file, one call after the other.

use std::sync::Arc;

use loginrec::{Record, Records, Stream};
use self_cell::{MutBorrow, self_cell};

use crate::damage::Fault;
use crate::opened::{Log, ended};
use crate::source::Reader;

self_cell! {
    /// A window and the records left in it.
    struct Window {
        owner: MutBorrow<Stream<Reader>>,
        #[covariant]
        dependent: Records,
    }
}

/// An iterator that does not borrow.
pub(crate) struct Walk {
    log: Arc<Log>,
    left: Left,
}

enum Left {
    All,
    Window(Window),
    Nothing,
}

impl Walk {
    pub(crate) fn new(log: Arc<Log>) -> Walk {
        Walk { log, left: Left::All }
    }

    /// Hands the next record to `take`, which is not called at the end.
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
            if let Err(fault) = self.next_window()? {
                return take.map(|take| take(&self.log, Err(fault)));
            }
        }
    }

    fn next_window(&mut self) -> Option<Result<(), Fault>> {
        let stream = match std::mem::replace(&mut self.left, Left::Nothing) {
            Left::All => self.log.stream()?,
            Left::Window(window) => window.into_owner().into_inner(),
            Left::Nothing => return None,
        };
        let window = Window::try_new_or_recover(MutBorrow::new(stream), |stream| {
            match stream.borrow_mut().next_window() {
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
            Err((stream, None)) => ended(stream.into_inner().get_ref()).map(Err),
        }
    }
}
