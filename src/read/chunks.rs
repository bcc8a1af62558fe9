use std::fmt;
use std::ops::Range;

use crate::container::Position;
use crate::layout::Layout;
use crate::read::chunker::{ChunkAt, Chunker};
use crate::read::error::ReadError;
use crate::read::feed::ByOffset;
use crate::read::hole::Hole;
use crate::read::read_at::ReadAt;
use crate::read::record::{ANY, Records};

/// Records of a file chunk by chunk, from the beginning, in bounded memory.
///
/// Sources in memory are not copied. The holes of a lastlog are not read, if [`ReadAt::data_after`]
/// finds them; in other files zeros are records. See
/// [`LogReader::chunks`](crate::LogReader::chunks).
pub struct Chunks<S>(Chunker<ByOffset<S>>);

impl<S: ReadAt> Chunks<S> {
    /// Reads `source` from its beginning.
    pub fn new(layout: &'static Layout, source: S) -> Chunks<S> {
        Chunks(Chunker::new(layout, ByOffset(source)))
    }

    /// Reads nothing, because the source was empty when its layout was detected.
    pub(crate) fn empty(source: S) -> Chunks<S> {
        let mut chunks = Chunks::new(&ANY, source);
        chunks.0.limit(Position::default(), 0);
        chunks
    }

    /// Reads the records of an array with these indexes.
    pub(crate) fn range(layout: &'static Layout, source: S, indexes: Range<u64>) -> Chunks<S> {
        let mut chunks = Chunks::new(layout, source);
        let offset_of = |index: u64| index.saturating_mul(layout.size as u64);
        let start = Position { offset: offset_of(indexes.start), index: indexes.start, zeros: 0 };
        chunks.0.limit(start, offset_of(indexes.end));
        chunks
    }

    /// Reads 32-bit seconds as unsigned; see
    /// [`Timestamp::unsigned32`](crate::Timestamp::unsigned32).
    #[must_use]
    pub fn unsigned_seconds(mut self, yes: bool) -> Self {
        self.0.unsigned_seconds = yes;
        self
    }

    /// Searches for the next record that fits if records are not at the offsets that the layout
    /// predicts: after inserted or lost bytes, and before records of another layout.
    ///
    /// The bytes between are reported as [`Error::Skipped`](crate::Error::Skipped). Without this,
    /// every record is read at its predicted offset.
    #[must_use]
    pub fn resync(mut self, yes: bool) -> Self {
        self.0.resync = yes;
        self
    }

    /// Passes over holes of a MiB and more in an array, as far as [`ReadAt::data_after`] knows
    /// them. See [`Chunks::hole`].
    #[must_use]
    pub fn skip_holes(mut self, yes: bool) -> Self {
        self.0.skip_holes(yes);
        self
    }

    /// Returns, after the rows of a database, those that it no longer has: older versions, deleted
    /// rows, rows of transactions that were not finished or are undone. [`RowPlace::state`] tells
    /// them apart.
    ///
    /// [`RowPlace::state`]: crate::read::RowPlace::state
    #[must_use]
    pub fn deleted(mut self, yes: bool) -> Self {
        self.0.rows.deleted(yes);
        self
    }

    /// Returns the records of zeros that were passed over, if that is what the last chunk was:
    /// with [`Chunks::skip_holes`] a hole is a chunk without records.
    pub fn hole(&self) -> Option<Hole> {
        self.0.hole
    }

    /// Reads about `bytes` at a time instead of 256 KiB. A chunk holds at least one record.
    #[must_use]
    pub fn chunk_size(mut self, bytes: usize) -> Self {
        self.0.set_target(bytes);
        self
    }

    /// Returns the layout of the records.
    pub fn layout(&self) -> &'static Layout {
        self.0.home()
    }

    /// Returns a reference to the source.
    pub fn get_ref(&self) -> &S {
        &self.0.feed.0
    }

    /// Returns the records of the next chunk; `None` at the end.
    ///
    /// # Errors
    ///
    /// If the source cannot be read further. By then, all whole records before the error have been
    /// returned. The next call returns `None`.
    pub fn next_chunk(&mut self) -> Result<Option<Records<'_>>, ReadError> {
        self.0.next_chunk()
    }

    /// Returns the bytes after the last whole record and their offset, once everything has been
    /// read: the beginning of a truncated record. Empty for a database.
    pub fn tail(&self) -> (u64, &[u8]) {
        self.0.tail()
    }

    /// Reads up to byte `end`.
    pub(super) fn ending(mut self, end: u64) -> Chunks<S> {
        self.0.limit(Position::default(), end);
        self
    }

    /// Returns the place of the last chunk.
    pub(super) fn last_chunk(&self) -> ChunkAt {
        self.0.last_chunk()
    }
}

/// Omits the buffer and the source.
impl<S> fmt::Debug for Chunks<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Chunks").field(&self.0).finish()
    }
}
