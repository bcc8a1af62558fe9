//! The bytes that chunks are made of.

use std::io::{self, Read};
use std::ops::Range;

use crate::read::read_at::{ReadAt, read_full, read_full_at};

/// The source of a chunker's bytes.
pub(super) trait Feed {
    /// Fills `buffer` with the bytes at `offset`. They follow those of the last call, unless
    /// [`Feed::data_after`] skipped a hole. Returns as [`read_full`] does.
    fn fill(&mut self, buffer: &mut [u8], offset: u64) -> (usize, Option<io::Error>);

    /// See [`ReadAt::data_after`].
    fn data_after(&self, offset: u64) -> io::Result<Option<Range<u64>>> {
        Ok(Some(offset..u64::MAX))
    }

    /// See [`ReadAt::size`]. Called only after [`Feed::data_after`] returned `None`.
    fn size(&self) -> io::Result<u64> {
        Ok(0)
    }

    /// See [`ReadAt::in_memory`].
    fn in_memory(&self) -> Option<&[u8]> {
        None
    }

    /// Returns the source, if it can be read at any offset.
    fn source(&self) -> Option<&dyn ReadAt> {
        None
    }
}

/// A source that can only be read in order.
pub(super) struct InOrder<R>(pub(super) R);

impl<R: Read> Feed for InOrder<R> {
    fn fill(&mut self, buffer: &mut [u8], _: u64) -> (usize, Option<io::Error>) {
        read_full(&mut self.0, buffer)
    }
}

/// A source that can be read at any offset.
pub(super) struct ByOffset<S>(pub(super) S);

impl<S: ReadAt> Feed for ByOffset<S> {
    fn fill(&mut self, buffer: &mut [u8], offset: u64) -> (usize, Option<io::Error>) {
        read_full_at(&self.0, buffer, offset)
    }

    fn data_after(&self, offset: u64) -> io::Result<Option<Range<u64>>> {
        self.0.data_after(offset)
    }

    fn size(&self) -> io::Result<u64> {
        self.0.size()
    }

    fn in_memory(&self) -> Option<&[u8]> {
        self.0.in_memory()
    }

    fn source(&self) -> Option<&dyn ReadAt> {
        Some(&self.0)
    }
}
