//! One record's bytes with their place, and the place where iteration begins.

use crate::error::Error;
use crate::value::key::Key;

/// The place in a file where iteration begins.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Position {
    pub(crate) offset: u64,
    /// The ordinal of the first record.
    pub(crate) index: u64,
    /// Number of zero lengths right before it that have not been reported (`utx.log`).
    pub(crate) zeros: u64,
}

/// One record's bytes with their place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Frame<'a> {
    pub(crate) index: u64,
    pub(crate) offset: u64,
    /// The key of the record; `None` if it is the index.
    pub(crate) key: Option<Key<'a>>,
    pub(crate) bytes: &'a [u8],
}

pub(in crate::container) type Item<'a> = Result<Frame<'a>, Error>;
