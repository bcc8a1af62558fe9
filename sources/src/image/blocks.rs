//! Disks that are stored in blocks, which a table finds.

use std::io::{self, ErrorKind};
use std::rc::Rc;

use loginrec::read::{ReadAt, read_full_at};

/// Where a block is.
pub(super) enum Block {
    /// Nowhere: it is all zeros.
    Zeros,
    /// At an offset of the file.
    At(u64),
    /// In memory.
    Held(Rc<Vec<u8>>),
}

/// Finds blocks by their number.
pub(super) trait Table {
    fn block(&self, source: &dyn ReadAt, number: u64) -> io::Result<Block>;
}

/// A disk in blocks of one size.
pub(super) struct BlockDisk<T> {
    pub(super) source: Rc<dyn ReadAt>,
    pub(super) size: u64,
    /// Bytes of a block, more than 0.
    pub(super) block: u64,
    pub(super) table: T,
}

impl<T: Table> ReadAt for BlockDisk<T> {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let within = offset % self.block;
        let left = self.block.saturating_sub(within).min(self.size.saturating_sub(offset));
        let len = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
        let buffer = buffer.get_mut(..len).unwrap_or_default();
        if buffer.is_empty() {
            return Ok(0);
        }
        match self.table.block(&*self.source, offset / self.block)? {
            Block::Zeros => buffer.fill(0),
            Block::Held(block) => {
                let from = usize::try_from(within).unwrap_or(usize::MAX);
                let held = block.get(from..).unwrap_or_default();
                buffer.fill(0);
                for (to, from) in buffer.iter_mut().zip(held) {
                    *to = *from;
                }
            }
            Block::At(at) => {
                let (read, error) = read_full_at(&*self.source, buffer, at.saturating_add(within));
                error.map_or(Ok(()), Err)?;
                if read == 0 {
                    let why = format!("the image is cut short: nothing is at its byte {at}");
                    return Err(io::Error::new(ErrorKind::UnexpectedEof, why));
                }
                // The last block of the file may be cut off.
                buffer.get_mut(read..).unwrap_or_default().fill(0);
            }
        }
        Ok(len)
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.size)
    }
}
