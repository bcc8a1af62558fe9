//! Records of a file that somebody else may close: an iterator with a share in its file.

use std::sync::Arc;

use loginrec::{Error, Record, Records};
use self_cell::self_cell;

use crate::input::Log;

self_cell! {
    struct Inner {
        owner: Arc<Log>,
        #[covariant]
        dependent: Records,
    }
}

/// The records of a shared file.
pub(crate) struct Walk(Inner);

impl Walk {
    pub(crate) fn new(log: Arc<Log>) -> Walk {
        Walk(Inner::new(log, |log| log.file.records()))
    }

    /// Hands the next record to `take`, which is not called at the end.
    #[inline]
    pub(crate) fn next<R>(
        &mut self,
        take: impl FnOnce(&Log, Result<Record<'_>, Error>) -> R,
    ) -> Option<R> {
        self.0.with_dependent_mut(|log, records| records.next().map(|record| take(log, record)))
    }
}
