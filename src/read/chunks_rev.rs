use std::fmt;
use std::io::{self, ErrorKind};
use std::ops::Range;
use std::vec::Vec;

use crate::align;
use crate::container::{Access, Position};
use crate::layout::Layout;
use crate::read::chunker::{CHUNK, ChunkAt};
use crate::read::chunks::Chunks;
use crate::read::error::ReadError;
use crate::read::hole::LONG_HOLE;
use crate::read::read_at::{ReadAt, read_full_at};
use crate::read::record::{ANY, Records};
use crate::read::rows::{DATABASE_LIMIT, RowReader, too_large};

/// Records of a file chunk by chunk, from the end, in bounded memory.
///
/// Within a chunk, records are in file order and can be iterated from either end. Arrays are read
/// from their end directly, and the holes of a lastlog are skipped. The records of a `utx.log` can
/// only be found from the beginning, so it is read twice, with 32 bytes kept for each chunk. A
/// database is one chunk. See [`LogReader::chunks_rev`](crate::LogReader::chunks_rev).
pub struct ChunksRev<S> {
    layout: &'static Layout,
    source: S,
    target: u64,
    unsigned_seconds: bool,
    resync: bool,
    skip_holes: bool,
    /// Cleared once, not for each chunk.
    buffer: Vec<u8>,
    /// Database values that span several pages, assembled.
    fragmented: Vec<u8>,
    left: Left,
}

/// The chunks that have not been returned yet.
#[derive(Debug)]
enum Left {
    /// The chunks are not known yet.
    Unknown,
    /// Ranges of whole slots; the last one may have a truncated slot after it.
    Ranges(Vec<Range<u64>>),
    /// The chunks of a file that was read from the beginning.
    Parts(Vec<ChunkAt>),
    /// All rows of a table.
    Rows,
}

impl<S: ReadAt> ChunksRev<S> {
    /// Reads `source` from its end.
    pub fn new(layout: &'static Layout, source: S) -> ChunksRev<S> {
        let (buffer, fragmented) = (Vec::new(), Vec::new());
        let (target, left) = (CHUNK as u64, Left::Unknown);
        ChunksRev {
            layout,
            source,
            target,
            unsigned_seconds: false,
            resync: false,
            skip_holes: false,
            buffer,
            fragmented,
            left,
        }
    }

    /// Reads nothing, because the source was empty when its layout was detected.
    pub(crate) fn empty(source: S) -> ChunksRev<S> {
        ChunksRev { left: Left::Ranges(Vec::new()), ..ChunksRev::new(&ANY, source) }
    }

    /// Reads 32-bit seconds as unsigned; see
    /// [`Timestamp::unsigned32`](crate::Timestamp::unsigned32).
    #[must_use]
    pub fn unsigned_seconds(mut self, yes: bool) -> Self {
        self.unsigned_seconds = yes;
        self
    }

    /// Searches for the next record that fits if records are not at the offsets that the layout
    /// predicts: after inserted or lost bytes, and before records of another layout.
    ///
    /// The bytes between are reported as [`Error::Skipped`](crate::Error::Skipped). Without this,
    /// every record is read at its predicted offset.
    #[must_use]
    pub fn resync(mut self, yes: bool) -> Self {
        self.resync = yes;
        self
    }

    /// Passes over holes of a MiB and more in an array, as far as [`ReadAt::data_after`] knows
    /// them. Their records, which are zeros, are left out.
    #[must_use]
    pub fn skip_holes(mut self, yes: bool) -> Self {
        self.skip_holes = yes;
        self
    }

    /// Reads about `bytes` at a time instead of 256 KiB. A chunk holds at least one record.
    #[must_use]
    pub fn chunk_size(mut self, bytes: usize) -> Self {
        self.target = bytes.max(1) as u64;
        self
    }

    /// Returns the records of the chunk before the last one returned; `None` at the beginning of
    /// the file.
    ///
    /// # Errors
    ///
    /// If a chunk cannot be read. The next call continues with the chunk before it.
    pub fn next_chunk(&mut self) -> Result<Option<Records<'_>>, ReadError> {
        if let Left::Unknown = self.left {
            self.left = Left::Ranges(Vec::new());
            self.survey()?;
        }
        if let Left::Rows = self.left {
            self.left = Left::Ranges(Vec::new());
            let (rows, error) = RowReader::all(self.layout, &self.source);
            self.fragmented = rows;
            if let Some(error) = error {
                return Err(ReadError::new(0, error));
            }
            return Ok(Some(self.layout.records_with(&[], &self.fragmented)));
        }
        let Some(mut part) = self.left.pop(self.layout, self.target) else { return Ok(None) };
        let mut len = self.load(part)?;
        if self.resync
            && matches!(self.left, Left::Ranges(_))
            && !align::is_on_grid(part.layout, self.loaded(part, len))
        {
            // Such records can only be found from the beginning.
            self.left = Left::Ranges(Vec::new());
            self.read_forwards(part.start.offset.saturating_add(part.len))?;
            part = match self.left.pop(self.layout, self.target) {
                Some(part) => part,
                None => return Ok(None),
            };
            len = self.load(part)?;
        }
        if self.layout.container.access() == Access::Whole {
            self.fragmented = self.layout.container.reassemble(self.loaded(part, len));
        }
        let data = self.loaded(part, len);
        if part.is_skipped {
            return Ok(Some(part.layout.skipped(part.start.offset, data)));
        }
        let records = part.layout.records_with(data, &self.fragmented).at(part.start);
        Ok(Some(records.unsigned_seconds(self.unsigned_seconds)))
    }

    /// Reads a part, or the rest of it if the file shrank. Returns its length.
    fn load(&mut self, part: ChunkAt) -> Result<usize, ReadError> {
        let failed = |error| ReadError::new(part.start.offset, error);
        let out_of_memory = |_| failed(ErrorKind::OutOfMemory.into());
        let len = usize::try_from(part.len).map_err(out_of_memory)?;
        if self.source.in_memory().is_some() {
            return Ok(len);
        }
        if self.buffer.len() < len {
            self.buffer.resize(len, 0);
        }
        let room = self.buffer.get_mut(..len).unwrap_or_default();
        match read_full_at(&self.source, room, part.start.offset) {
            (read, None) => Ok(read),
            (_, Some(error)) => Err(failed(error)),
        }
    }

    /// Returns the bytes of a part that has been loaded.
    fn loaded(&self, part: ChunkAt, len: usize) -> &[u8] {
        let data = match self.source.in_memory() {
            Some(all) => {
                let from = usize::try_from(part.start.offset).unwrap_or(usize::MAX);
                all.get(from..).unwrap_or_default()
            }
            None => &self.buffer,
        };
        data.get(..len).unwrap_or(data)
    }

    /// Finds the chunks.
    fn survey(&mut self) -> Result<(), ReadError> {
        let failed = |error| ReadError::new(0, error);
        let end = self.source.size().map_err(failed)?;
        self.left = match self.layout.container.access() {
            Access::Array if self.skip_holes => {
                Left::Ranges(self.used_slots(end, LONG_HOLE).map_err(failed)?)
            }
            Access::Array => Left::Ranges(std::iter::once(0..end).collect()),
            Access::SparseArray => Left::Ranges(self.used_slots(end, 0).map_err(failed)?),
            Access::Whole if end > DATABASE_LIMIT => return Err(failed(too_large())),
            Access::Whole => {
                let (layout, start) = (self.layout, Position::default());
                Left::Parts([ChunkAt { layout, start, len: end, is_skipped: false }].into())
            }
            // Read forwards, and turned round by the caller.
            Access::Rows => Left::Rows,
            Access::Chain => return self.read_forwards(u64::MAX),
        };
        Ok(())
    }

    /// Ranges of slots that are not all in holes of `least` bytes and more.
    fn used_slots(&self, end: u64, least: u64) -> io::Result<Vec<Range<u64>>> {
        let size = self.layout.size.max(1) as u64;
        let slot = |at: u64| at.checked_div(size).unwrap_or(0).saturating_mul(size);
        let slot_end = |at: u64| slot(at.saturating_add(size.saturating_sub(1)));
        let mut ranges: Vec<Range<u64>> = Vec::new();
        let mut push = |range: Range<u64>| match ranges.last_mut() {
            Some(last) if last.end.saturating_add(least) >= range.start => {
                last.end = last.end.max(range.end)
            }
            _ if range.is_empty() => {}
            _ => ranges.push(range),
        };
        let mut at = 0;
        while let Some(data) = self.source.data_after(at)?.filter(|data| data.start < end) {
            push(slot(data.start)..slot_end(data.end).min(end));
            at = data.end.max(at.saturating_add(1));
        }
        // The end of a truncated slot.
        push(slot(end)..end);
        Ok(ranges)
    }

    /// Finds the chunks before byte `end`. Those before an error can still be read.
    fn read_forwards(&mut self, end: u64) -> Result<(), ReadError> {
        let mut parts = Vec::new();
        let target = usize::try_from(self.target).unwrap_or(CHUNK);
        let chunks = Chunks::new(self.layout, &self.source).chunk_size(target);
        let mut chunks = chunks.ending(end).resync(self.resync).skip_holes(self.skip_holes);
        let failed = loop {
            match chunks.next_chunk() {
                Ok(Some(_)) => {}
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            }
            if chunks.hole().is_none() {
                parts.push(chunks.last_chunk());
            }
        };
        self.left = Left::Parts(parts);
        failed
    }
}

impl Left {
    /// Removes and returns the last part.
    fn pop(&mut self, layout: &'static Layout, target: u64) -> Option<ChunkAt> {
        let ranges = match self {
            Left::Parts(parts) => return parts.pop(),
            Left::Ranges(ranges) => ranges,
            Left::Unknown | Left::Rows => return None,
        };
        let Range { start, end } = ranges.last().filter(|range| !range.is_empty())?.clone();
        let size = layout.size.max(1) as u64;
        let step = target.checked_div(size).unwrap_or(0).max(1).saturating_mul(size);
        let last = end.saturating_sub(1);
        let offset = last.checked_div(step).unwrap_or(0).saturating_mul(step).max(start);
        match ranges.last_mut() {
            Some(range) if offset > start => range.end = offset,
            _ => drop(ranges.pop()),
        }
        let index = offset.checked_div(size).unwrap_or(0);
        let start = Position { offset, index, zeros: 0 };
        let len = end.saturating_sub(offset);
        Some(ChunkAt { layout, start, len, is_skipped: false })
    }
}

/// Omits the buffer and the source.
impl<S> fmt::Debug for ChunksRev<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChunksRev").field("layout", &self.layout).finish_non_exhaustive()
    }
}
