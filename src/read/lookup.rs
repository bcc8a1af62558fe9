use std::fmt;
use std::vec::Vec;

use crate::layout::Layout;
use crate::read::error::ReadError;
use crate::read::read_at::{ReadAt, read_full_at};
use crate::read::record::Record;

/// Bytes read around a record, because the next one is usually near.
const AROUND: usize = 64 << 10;
/// Bytes read if the previous record was elsewhere.
const APART: usize = 1 << 10;

/// Single records of a file, in any order; see [`LogReader::lookup`](crate::LogReader::lookup).
pub struct Lookup<S> {
    layout: Option<&'static Layout>,
    source: S,
    unsigned_seconds: bool,
    /// A part of the file, and its offset.
    window: Vec<u8>,
    filled: usize,
    begin: u64,
}

impl<S: ReadAt> Lookup<S> {
    /// Reads `source`.
    pub fn new(layout: &'static Layout, source: S) -> Lookup<S> {
        Lookup { layout: Some(layout), ..Lookup::empty(source) }
    }

    /// Reads nothing, because the source was empty when its layout was detected.
    pub(crate) fn empty(source: S) -> Lookup<S> {
        let (window, filled, begin) = (Vec::new(), 0, 0);
        Lookup { layout: None, source, unsigned_seconds: false, window, filled, begin }
    }

    /// Reads 32-bit seconds as unsigned; see
    /// [`Timestamp::unsigned32`](crate::Timestamp::unsigned32).
    #[must_use]
    pub fn unsigned_seconds(mut self, yes: bool) -> Self {
        self.unsigned_seconds = yes;
        self
    }

    /// Returns the record with this [`Record::index`] and [`Record::offset`]; `None` if there is
    /// none. For an array the index suffices, and the offset is ignored. Values of a database
    /// cannot be looked up.
    ///
    /// # Errors
    ///
    /// If the source cannot be read.
    pub fn record(&mut self, index: u64, offset: u64) -> Result<Option<Record<'_>>, ReadError> {
        let Some(layout) = self.layout else { return Ok(None) };
        let offset = match layout.container.is_array() {
            true => index.saturating_mul(layout.size as u64),
            false => offset,
        };
        self.record_at(layout, index, offset)
    }

    /// Returns the record of `layout` at `offset`, which has this [`Record::index`]. For files
    /// whose records are not all at the offsets that the layout predicts, as
    /// [`Chunks::resync`](super::Chunks::resync) finds them.
    ///
    /// # Errors
    ///
    /// If the source cannot be read.
    pub fn record_at(
        &mut self,
        layout: &'static Layout,
        index: u64,
        offset: u64,
    ) -> Result<Option<Record<'_>>, ReadError> {
        let access = layout.container.access();
        let prefix = match access.prefix_len() {
            0 => &[],
            len => self.bytes(offset, len)?,
        };
        let Some(len) = access.stored_len(layout.size, prefix) else { return Ok(None) };
        let unsigned = self.unsigned_seconds;
        let bytes = self.bytes(offset, len)?;
        let mut records = layout.records_at(bytes, offset, index).unsigned_seconds(unsigned);
        Ok(records.next().and_then(Result::ok))
    }

    /// Returns up to `len` bytes at `offset`.
    fn bytes(&mut self, offset: u64, len: usize) -> Result<&[u8], ReadError> {
        if self.source.in_memory().is_none() && self.cached(offset, len).is_none() {
            let ahead = offset.checked_sub(self.begin);
            let is_near = ahead.is_some_and(|ahead| ahead <= AROUND as u64);
            let wanted = len.max(if is_near { AROUND } else { APART });
            self.window.resize(wanted.max(self.window.len()), 0);
            let window = self.window.get_mut(..wanted).unwrap_or_default();
            let (read, error) = read_full_at(&self.source, window, offset);
            (self.begin, self.filled) = (offset, read);
            if let Some(error) = error.filter(|_| read < len) {
                return Err(ReadError::new(offset.saturating_add(read as u64), error));
            }
        }
        let rest = match self.source.in_memory() {
            Some(all) => all.get(usize::try_from(offset).unwrap_or(usize::MAX)..),
            None => match self.cached(offset, len) {
                Some(bytes) => Some(bytes),
                None => self.window.get(..self.filled),
            },
        };
        let rest = rest.unwrap_or_default();
        Ok(rest.get(..len).unwrap_or(rest))
    }

    /// Returns the bytes if they are in the window.
    fn cached(&self, offset: u64, len: usize) -> Option<&[u8]> {
        let from = usize::try_from(offset.checked_sub(self.begin)?).ok()?;
        self.window.get(..self.filled)?.get(from..)?.get(..len)
    }
}

/// Omits the window and the source.
impl<S> fmt::Debug for Lookup<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lookup").field("layout", &self.layout).finish_non_exhaustive()
    }
}
