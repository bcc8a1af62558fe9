use std::fmt;
use std::io::Read;

use crate::container::Position;
use crate::entry::Entry;
use crate::error::Error;
use crate::layout::Layout;
use crate::read::chunker::Chunker;
use crate::read::error::ReadError;
use crate::read::feed::InOrder;
use crate::read::record::{Record, Records};
use crate::read::rows::DATABASE_LIMIT;

/// Records of a known layout from a source that can be read only once, such as a pipe. Reads chunk
/// by chunk, in bounded memory.
///
/// For a file use a [`LogReader`](crate::LogReader), which can also read backwards and by index. A
/// chunk borrows the stream, so it cannot be kept: that bounds the memory. Its records have the
/// same offsets and indexes as in the whole file, and the same errors as [`Layout::records`] over
/// the whole.
///
/// ```
/// use std::fs::File;
/// use loginrec::formats;
/// use loginrec::read::RecordStream;
///
/// let layout = formats::by_name("linux-glibc-384-le").unwrap();
/// let mut stream = RecordStream::new(layout, File::open("fixtures/linux-glibc-384-le/wtmp")?);
/// let mut logins = 0;
/// while let Some(records) = stream.next_chunk()? {
///     for record in records {
///         match record {
///             Ok(record) => logins += u32::from(record.entry().raw_type == Some(7)),
///             Err(damage) => eprintln!("{damage}"),
///         }
///     }
/// }
/// assert!(logins > 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [`RecordStream::for_each`] is shorter, and faster if entries are needed.
///
/// A database (`lastlogx`) cannot be read in order: it is one chunk, of at most
/// [`RecordStream::DATABASE_LIMIT`] bytes.
pub struct RecordStream<R>(Chunker<InOrder<R>>);

impl<R> RecordStream<R> {
    /// Most bytes of a database that is read: some 600,000 users.
    pub const DATABASE_LIMIT: u64 = DATABASE_LIMIT;

    /// Returns the layout of the records.
    pub fn layout(&self) -> &'static Layout {
        self.0.home()
    }

    /// Returns a reference to the source.
    pub fn get_ref(&self) -> &R {
        &self.0.feed.0
    }

    /// Returns the source; its position is unspecified.
    pub fn into_inner(self) -> R {
        self.0.feed.0
    }

    /// Reads 32-bit seconds as unsigned; see
    /// [`Timestamp::unsigned32`](crate::Timestamp::unsigned32).
    #[must_use]
    pub fn unsigned_seconds(mut self, yes: bool) -> Self {
        self.0.unsigned_seconds = yes;
        self
    }

    /// Sets the position of the source: byte `offset` of its file, where record number `index`
    /// begins.
    #[must_use]
    pub fn starting_at(mut self, offset: u64, index: u64) -> Self {
        self.0.limit(Position { offset, index, zeros: 0 }, u64::MAX);
        self
    }

    /// Returns rows that a database no longer has, too; see [`Chunks::deleted`](crate::read::Chunks::deleted).
    #[must_use]
    pub fn deleted(mut self, yes: bool) -> Self {
        self.0.rows.deleted(yes);
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

    /// Reads about `bytes` at a time instead of 256 KiB. A chunk holds at least one record.
    #[must_use]
    pub fn chunk_size(mut self, bytes: usize) -> Self {
        self.0.set_target(bytes);
        self
    }
}

impl<R: Read> RecordStream<R> {
    /// Creates a stream from `source`, which is at the beginning of the file.
    pub fn new(layout: &'static Layout, source: R) -> RecordStream<R> {
        RecordStream(Chunker::new(layout, InOrder(source)))
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

    /// Calls `f` with every record and its entry, as fast as [`Records::entries`].
    ///
    /// ```
    /// use std::fs::File;
    /// use loginrec::formats;
    /// use loginrec::read::RecordStream;
    ///
    /// let layout = formats::by_name("openbsd-utmp-304-le").unwrap();
    /// let file = File::open("fixtures/openbsd-utmp-304-le/wtmp")?;
    /// let mut newest = 0;
    /// RecordStream::new(layout, file).for_each(|item| {
    ///     if let Ok((_, entry)) = item {
    ///         newest = newest.max(entry.ut_tv.tv_sec);
    ///     }
    /// })?;
    /// assert!(newest > 1_600_000_000);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`RecordStream::next_chunk`].
    pub fn for_each(
        mut self,
        mut f: impl FnMut(Result<(Record<'_>, Entry<'_>), Error>),
    ) -> Result<(), ReadError> {
        while let Some(records) = self.next_chunk()? {
            records.entries().for_each(&mut f);
        }
        Ok(())
    }
}

/// Omits the buffer and the source.
impl<R> fmt::Debug for RecordStream<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RecordStream").field(&self.0).finish()
    }
}
