//! Members with holes.

use std::io;
use std::ops::Range;

use loginrec::read::ReadAt;

use crate::spool::Spool;

/// A file whose other bytes are zeros.
pub(super) struct Sparse {
    spool: Spool,
    /// Offset in the file, length, and offset in the spool, in this order.
    parts: Vec<(u64, u64, u64)>,
    size: u64,
}

impl Sparse {
    pub(super) fn new(spool: Spool, parts: &[(u64, u64)], size: u64) -> Sparse {
        let mut stored = 0_u64;
        let mut all: Vec<(u64, u64, u64)> = Vec::with_capacity(parts.len());
        for &(offset, len) in parts {
            all.push((offset, len, stored));
            stored = stored.saturating_add(len);
        }
        all.sort_unstable();
        Sparse { spool, parts: all, size }
    }

    /// Returns the first part that ends after an offset.
    fn part(&self, offset: u64) -> Option<(Range<u64>, u64)> {
        let at = self.parts.partition_point(|&(at, len, _)| at.saturating_add(len) <= offset);
        let &(at, len, stored) = self.parts.get(at)?;
        Some((at..at.saturating_add(len).min(self.size), stored))
    }
}

impl ReadAt for Sparse {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let left = self.size.saturating_sub(offset);
        let zeros_until = |end: u64| end.saturating_sub(offset).min(left);
        match self.part(offset) {
            Some((part, stored)) if part.start <= offset => {
                let len = usize::try_from(zeros_until(part.end)).unwrap_or(usize::MAX);
                let len = len.min(buffer.len());
                let room = buffer.get_mut(..len).unwrap_or_default();
                let at = stored.saturating_add(offset.saturating_sub(part.start));
                match self.spool.read_at(room, at)? {
                    // It was cut short.
                    0 => {
                        room.fill(0);
                        Ok(len)
                    }
                    read => Ok(read),
                }
            }
            part => {
                let end = part.map_or(self.size, |(part, _)| part.start);
                let len = usize::try_from(zeros_until(end)).unwrap_or(usize::MAX);
                let len = len.min(buffer.len());
                buffer.get_mut(..len).unwrap_or_default().fill(0);
                Ok(len)
            }
        }
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.size)
    }

    fn data_after(&self, offset: u64) -> io::Result<Option<Range<u64>>> {
        let part = self.part(offset).map(|(part, _)| part.start.max(offset)..part.end);
        Ok(part.filter(|part| part.start < self.size))
    }
}
