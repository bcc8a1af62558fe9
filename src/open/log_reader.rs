use std::fmt;
use std::ops::Range;

use crate::detect::Detection;
use crate::layout::Layout;
use crate::open::identity::Identity;
use crate::read::chunks::Chunks;
use crate::read::chunks_rev::ChunksRev;
use crate::read::error::ReadError;
use crate::read::lookup::Lookup;
use crate::read::read_at::ReadAt;
use crate::read::record::Record;
use crate::value::file_kind::FileKind;

/// A file of login records that is read on demand: forwards, backwards, by index, or in parts for
/// several threads.
///
/// Nothing is mapped. Memory is bounded whatever the size of the file, and a file that shrinks
/// while it is open just ends early. Where bytes were inserted or lost, chunks continue at the next
/// record that fits, even if the layout was given, and report the skipped bytes.
///
/// ```
/// use std::fs::File;
/// use loginrec::LogReader;
///
/// let wtmp = LogReader::new(File::open("fixtures/linux-glibc-384-le/wtmp")?)?;
/// let mut chunks = wtmp.chunks();
/// let mut logins = 0;
/// while let Some(records) = chunks.next_chunk()? {
///     logins += records.flatten().filter(|r| r.entry().raw_type == Some(7)).count();
/// }
/// assert!(logins > 0);
/// assert_eq!(wtmp.get(1, |record| record.offset())?, Some(384));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct LogReader<S> {
    source: S,
    identity: Identity,
}

impl<S: ReadAt> LogReader<S> {
    /// Combines a source with the result of [`OpenOptions::identify`](crate::OpenOptions::identify)
    /// for it.
    pub fn with_identity(source: S, identity: Identity) -> LogReader<S> {
        LogReader { source, identity }
    }

    /// Returns the layout; `None` for an empty file, which fits every layout.
    pub fn layout(&self) -> Option<&'static Layout> {
        self.identity.layout()
    }

    /// Returns how the layout was detected; `None` if it was given.
    pub fn detection(&self) -> Option<&Detection> {
        self.identity.detection()
    }

    /// Returns the file's kind: as given, from its content, or from its name.
    pub fn kind(&self) -> Option<FileKind> {
        self.identity.kind()
    }

    /// Returns a reference to the source.
    pub fn get_ref(&self) -> &S {
        &self.source
    }

    /// Returns the source.
    pub fn into_inner(self) -> S {
        self.source
    }

    /// Returns the number of records if it follows from the file size; `None` for `utx.log` and
    /// lastlogx. Unused slots of a lastlog count.
    ///
    /// # Errors
    ///
    /// If the source does not know its size.
    pub fn record_count(&self) -> Result<Option<u64>, ReadError> {
        match self.layout() {
            None => Ok(Some(0)),
            Some(layout) if layout.container.is_array() => {
                let size = self.source.size().map_err(|error| ReadError::new(0, error))?;
                Ok(size.checked_div(layout.size as u64))
            }
            Some(_) => Ok(None),
        }
    }

    /// Returns the records chunk by chunk, from the beginning.
    pub fn chunks(&self) -> Chunks<&S> {
        let chunks = match self.layout() {
            Some(layout) => Chunks::new(layout, &self.source),
            None => Chunks::empty(&self.source),
        };
        chunks.unsigned_seconds(self.identity.unsigned_seconds()).resync(true)
    }

    fn is_off_grid(&self) -> bool {
        self.detection().is_some_and(Detection::is_off_grid)
    }

    /// Returns the records chunk by chunk, from the end.
    pub fn chunks_rev(&self) -> ChunksRev<&S> {
        let chunks = match self.layout() {
            Some(layout) => ChunksRev::new(layout, &self.source),
            None => ChunksRev::empty(&self.source),
        };
        chunks.unsigned_seconds(self.identity.unsigned_seconds()).resync(true)
    }

    /// Returns the records with these indexes, chunk by chunk. A truncated record at the end of the
    /// file has an index too. `None` unless the file is an array: in other files, records have to
    /// be found from the beginning.
    pub fn range(&self, indexes: Range<u64>) -> Option<Chunks<&S>> {
        let layout = self.layout().filter(|layout| layout.container.is_array())?;
        if self.is_off_grid() {
            return None;
        }
        let chunks = Chunks::range(layout, &self.source, indexes);
        Some(chunks.unsigned_seconds(self.identity.unsigned_seconds()))
    }

    /// Returns part `n` of `of` roughly equal parts, for as many threads. Together they cover the
    /// whole file. `None` if there is no such part, or if the file is not an array.
    ///
    /// # Errors
    ///
    /// If the source does not know its size.
    pub fn part(&self, n: u64, of: u64) -> Result<Option<Chunks<&S>>, ReadError> {
        let Some(records) = self.record_count()?.filter(|_| n < of) else { return Ok(None) };
        let begin = |n: u64| {
            let at = u128::from(records).saturating_mul(n.into()).checked_div(of.into());
            u64::try_from(at.unwrap_or_default()).unwrap_or(records)
        };
        let next = n.saturating_add(1);
        Ok(self.range(begin(n)..if next == of { u64::MAX } else { begin(next) }))
    }

    /// Calls `take` with the record that has this [`Record::index`] and returns the result; `None`
    /// if there is no such record. Constant time for arrays; other files are read from their
    /// beginning.
    ///
    /// # Errors
    ///
    /// If the source cannot be read.
    pub fn get<T>(
        &self,
        index: u64,
        take: impl FnOnce(&Record<'_>) -> T,
    ) -> Result<Option<T>, ReadError> {
        let is_array = self.layout().is_some_and(|layout| layout.container.is_array());
        if is_array && !self.is_off_grid() {
            return Ok(self.lookup().record(index, 0)?.as_ref().map(take));
        }
        let mut chunks = self.chunks();
        while let Some(records) = chunks.next_chunk()? {
            if let Some(record) = records.flatten().find(|record| record.index() == index) {
                return Ok(Some(take(&record)));
            }
        }
        Ok(None)
    }

    /// Returns a reader of single records, for callers that know their offsets.
    pub fn lookup(&self) -> Lookup<&S> {
        let lookup = match self.layout() {
            Some(layout) => Lookup::new(layout, &self.source),
            None => Lookup::empty(&self.source),
        };
        lookup.unsigned_seconds(self.identity.unsigned_seconds())
    }
}

/// Omits the source.
impl<S> fmt::Debug for LogReader<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogReader")
            .field("layout", &self.identity.layout())
            .field("kind", &self.identity.kind())
            .finish_non_exhaustive()
    }
}
