//! What a file of a file system holds: bytes in its inode, or extents of the disk.

use std::io::{self, ErrorKind};
use std::ops::Range;
use std::rc::Rc;

use loginrec::read::ReadAt;

use super::invalid;

/// The most extents of one file: 4 GiB in blocks of 4096 bytes that each lie alone.
const MOST: usize = 1 << 20;

/// A stretch of a file that lies in one piece on the disk. All numbers are in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Extent {
    /// Offset in the file.
    pub(super) offset: u64,
    pub(super) len: u64,
    /// Offset on the disk.
    pub(super) at: u64,
}

impl Extent {
    fn end(&self) -> u64 {
        self.offset.saturating_add(self.len)
    }
}

/// The extents of a file in the order of their offsets. What none has is a hole.
#[derive(Clone, Debug, Default)]
pub(super) struct Extents(Vec<Extent>);

impl Extents {
    /// Adds an extent after those that are there. One that continues the last one is joined to it.
    pub(super) fn push(&mut self, extent: Extent) -> io::Result<()> {
        if extent.len == 0 {
            return Ok(());
        }
        if let Some(last) = self.0.last_mut() {
            if extent.offset < last.end() {
                return Err(invalid("damaged: two places on the disk for the same part of a file"));
            }
            if extent.offset == last.end() && extent.at == last.at.saturating_add(last.len) {
                last.len = last.len.saturating_add(extent.len);
                return Ok(());
            }
        }
        if self.0.len() >= MOST {
            return Err(invalid(format!("a file in more than {MOST} pieces")));
        }
        self.0.push(extent);
        Ok(())
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Extent> {
        self.0.iter()
    }

    /// Returns the first extent that ends after an offset.
    fn after(&self, offset: u64) -> Option<&Extent> {
        self.0.get(self.0.partition_point(|extent| extent.end() <= offset))
    }
}

/// The content of a file.
pub(super) struct Content {
    disk: Rc<dyn ReadAt>,
    size: u64,
    map: Map,
}

/// Where the content of a file lies.
#[derive(Debug)]
pub(super) enum Map {
    /// In the inode.
    Inline(Vec<u8>),
    /// Elsewhere on the disk.
    Extents(Extents),
}

impl Content {
    pub(super) fn new(disk: &Rc<dyn ReadAt>, size: u64, map: Map) -> Content {
        Content { disk: Rc::clone(disk), size, map }
    }
}

impl ReadAt for Content {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let left = usize::try_from(self.size.saturating_sub(offset)).unwrap_or(usize::MAX);
        let most = left.min(buffer.len());
        let Some(buffer) = buffer.get_mut(..most).filter(|room| !room.is_empty()) else {
            return Ok(0);
        };
        let extents = match &self.map {
            Map::Extents(extents) => extents,
            Map::Inline(bytes) => {
                let from = usize::try_from(offset).unwrap_or(usize::MAX);
                let held = bytes.get(from..).unwrap_or_default();
                let len = held.len().min(buffer.len());
                for (to, from) in buffer.iter_mut().zip(held) {
                    *to = *from;
                }
                return Ok(len);
            }
        };
        let within = |len: u64| usize::try_from(len).unwrap_or(usize::MAX).min(most);
        let Some(extent) = extents.after(offset) else {
            buffer.fill(0);
            return Ok(most);
        };
        if let Some(hole @ 1..) = extent.offset.checked_sub(offset) {
            let len = within(hole);
            buffer.get_mut(..len).unwrap_or_default().fill(0);
            return Ok(len);
        }
        let skipped = offset.saturating_sub(extent.offset);
        let room = buffer.get_mut(..within(extent.len.saturating_sub(skipped)));
        let at = extent.at.saturating_add(skipped);
        match self.disk.read_at(room.unwrap_or_default(), at)? {
            0 => Err(io::Error::new(ErrorKind::UnexpectedEof, "the image is cut short there")),
            read => Ok(read),
        }
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.size)
    }

    fn data_after(&self, offset: u64) -> io::Result<Option<Range<u64>>> {
        let data = match &self.map {
            Map::Inline(_) => Some(offset..self.size),
            Map::Extents(extents) => extents.after(offset).map(|extent| {
                let from = extent.offset.max(offset);
                from..extent.end().min(self.size)
            }),
        };
        Ok(data.filter(|data| data.start < data.end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_are_zeros() {
        let disk: Rc<dyn ReadAt> = Rc::new(Vec::from(*b"0123456789"));
        let mut extents = Extents::default();
        for (offset, len, at) in [(2, 2, 4), (4, 1, 6), (8, 1, 0)] {
            extents.push(Extent { offset, len, at }).unwrap();
        }
        assert_eq!(extents.iter().count(), 2);
        assert!(extents.push(Extent { offset: 8, len: 1, at: 3 }).is_err());
        let file = Content::new(&disk, 11, Map::Extents(extents));
        let mut bytes = [9; 20];
        let (read, error) = loginrec::read::read_full_at(&file, &mut bytes, 1);
        assert!(error.is_none());
        assert_eq!(&bytes[..read], b"\x00456\0\0\x000\0\0");
        let ranges = [0, 3, 5, 9].map(|at| file.data_after(at).unwrap());
        assert_eq!(ranges, [Some(2..5), Some(3..5), Some(8..9), None]);
    }
}
