//! The log of XFS: whether it has changes that the rest of the file system lacks.

use super::Xfs;
use crate::image::bytes::{be32, read_exactly};

/// Sectors of the log.
const SECTOR: u64 = 512;
/// Begins a record of the log.
const MAGIC: u32 = 0xfeed_babe;
/// The largest record: 256 KiB with its headers.
const RECORD: u64 = 257 << 10;

impl Xfs {
    /// Returns whether the last record of the log is another one than that of an unmount.
    pub(super) fn has_changes_in_log(&self) -> bool {
        self.has_changes().unwrap_or_default()
    }

    /// `None` if the log lies elsewhere or its end is not found.
    fn has_changes(&self) -> Option<bool> {
        let (block, len) = self.log;
        let begin = self.block_at(block).ok().filter(|_| block != 0)?;
        let sectors = len / SECTOR;
        let head = self.head(begin, sectors)?;
        // Go back to the header of the last record.
        for back in 1..=(RECORD / SECTOR).min(sectors) {
            let sector = head.checked_sub(back).unwrap_or_else(|| {
                // The log is a ring.
                sectors.saturating_add(head).saturating_sub(back)
            });
            let at = begin.saturating_add(sector.saturating_mul(SECTOR));
            let header = read_exactly(&*self.disk, at, 512).ok()?;
            if be32(&header, 0) == Some(MAGIC) {
                return Some(!self.is_unmount(&header, begin, sector, sectors));
            }
        }
        None
    }

    /// Returns whether a record is that of an unmount: one operation, with this flag.
    fn is_unmount(&self, header: &[u8], begin: u64, sector: u64, sectors: u64) -> bool {
        const UNMOUNT: u8 = 0x20;
        // A header is a sector for each 32 KiB that a record may have.
        let headers = be32(header, 320).unwrap_or_default().div_ceil(32 << 10).clamp(1, 8);
        let next = sector.saturating_add(headers.into()) % sectors;
        let at = begin.saturating_add(next.saturating_mul(SECTOR));
        let operation = read_exactly(&*self.disk, at, 512).unwrap_or_default();
        be32(header, 40) == Some(1) && operation.get(9).is_some_and(|flags| flags & UNMOUNT != 0)
    }

    /// Returns the sector after the last one that was written: the first whose cycle is one less.
    fn head(&self, begin: u64, sectors: u64) -> Option<u64> {
        let first = self.cycle(begin, 0)?;
        let (mut low, mut high) = (0, sectors);
        // Sectors before `low` have the cycle of the first one, those from `high` on another.
        while high.saturating_sub(low) > 1 {
            let middle = low.midpoint(high);
            match self.cycle(begin, middle)? == first {
                true => low = middle,
                false => high = middle,
            }
        }
        Some(high % sectors.max(1)).filter(|_| first != 0)
    }

    /// Returns the cycle of a sector: the number of times that the log was begun again.
    fn cycle(&self, begin: u64, sector: u64) -> Option<u32> {
        let at = begin.saturating_add(sector.saturating_mul(SECTOR));
        let bytes = read_exactly(&*self.disk, at, 512).ok()?;
        match be32(&bytes, 0)? {
            // A header has it after its magic number.
            MAGIC => be32(&bytes, 4),
            cycle => Some(cycle),
        }
    }
}
