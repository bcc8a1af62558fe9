//! The bytes of a disk where no file lies. What is allocated reads as zeros.

use std::cell::RefCell;
use std::io;
use std::ops::Range;
use std::rc::Rc;

use loginrec::read::ReadAt;

use super::bytes::{le16, le32, read_exactly};
use super::{ext, head_of, invalid, places};

/// A disk of which only the space that no file has is shown.
struct Free {
    disk: Rc<dyn ReadAt>,
    size: u64,
    systems: Vec<Ext>,
}

/// Shows the free space of the file systems ext2, ext3 and ext4, and all that is in none of them.
///
/// # Errors
///
/// If the disk has no such file system, or its superblock is damaged.
pub(crate) fn free(disk: Rc<dyn ReadAt>) -> io::Result<Rc<dyn ReadAt>> {
    let mut systems = Vec::new();
    for (begin, bytes) in places(&disk)? {
        if ext::is_ext(&head_of(&bytes)) {
            systems.push(Ext::new(bytes, begin)?);
        }
    }
    if systems.is_empty() {
        return Err(invalid(
            "there is no ext2, ext3 or ext4 file system in it: leave out --unallocated to look at \
             all of it",
        ));
    }
    systems.sort_by_key(|system| system.begin);
    Ok(Rc::new(Free { size: disk.size()?, disk, systems }))
}

impl Free {
    /// Returns whether the bytes at an offset are free, and where that ends.
    fn stretch(&self, offset: u64) -> io::Result<(bool, u64)> {
        let mut next = self.size;
        for system in &self.systems {
            if offset < system.begin {
                next = next.min(system.begin);
            } else if offset < system.end() {
                return system.stretch(offset);
            }
        }
        Ok((true, next))
    }
}

impl ReadAt for Free {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        if offset >= self.size || buffer.is_empty() {
            return Ok(0);
        }
        let (is_free, end) = self.stretch(offset)?;
        let left = end.min(self.size).saturating_sub(offset).max(1);
        let len = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
        let room = buffer.get_mut(..len).unwrap_or_default();
        if is_free {
            return self.disk.read_at(room, offset);
        }
        room.fill(0);
        Ok(len)
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.size)
    }

    fn data_after(&self, offset: u64) -> io::Result<Option<Range<u64>>> {
        let mut at = offset;
        while at < self.size {
            match self.stretch(at)? {
                (true, end) => return Ok(Some(at..end.max(at.saturating_add(1)))),
                (false, end) => at = end.max(at.saturating_add(1)),
            }
        }
        Ok(None)
    }
}

/// What is allocated in a file system.
struct Ext {
    bytes: Rc<dyn ReadAt>,
    /// Offset on the disk.
    begin: u64,
    block: u64,
    first_block: u64,
    /// What a bit of a bitmap is about, in bytes.
    unit: u64,
    /// Bits of a group.
    group_units: u64,
    groups: u64,
    descriptor: u64,
    /// Whether the blocks of a group may never have been written.
    has_unused: bool,
    /// The last bitmap that was read.
    last: RefCell<(u64, Rc<Vec<u8>>)>,
}

impl Ext {
    fn new(bytes: Rc<dyn ReadAt>, begin: u64) -> io::Result<Ext> {
        const META_GROUPS: u32 = 0x10;
        const WIDE: u32 = 0x80;
        const CLUSTERS: u32 = 0x200;
        /// Descriptors have checksums, and say which groups were never written.
        const CHECKSUMS: u32 = 0x410;
        let superblock = read_exactly(&*bytes, 1024, 1024)?;
        let number = |at| le32(&superblock, at).unwrap_or_default();
        let (incompatible, read_only) = (number(96), number(100));
        if incompatible & META_GROUPS != 0 {
            return Err(invalid("its groups are described in several places, which is not read"));
        }
        let damaged = || invalid("damaged superblock");
        let has_clusters = read_only & CLUSTERS != 0;
        let block = 1024_u64.checked_shl(number(24)).filter(|block| *block <= 1 << 16);
        let block = block.filter(|block| *block >= 1024).ok_or_else(damaged)?;
        let unit = if has_clusters { number(28) } else { number(24) };
        let unit = 1024_u64.checked_shl(unit).filter(|unit| (block..=1 << 29).contains(unit));
        let unit = unit.ok_or_else(damaged)?;
        let group_units = u64::from(if has_clusters { number(36) } else { number(32) });
        if group_units == 0 || group_units > block.saturating_mul(8) {
            return Err(damaged());
        }
        let is_wide = incompatible & WIDE != 0;
        let upper = if is_wide { u64::from(number(336)) << 32 } else { 0 };
        let blocks = (upper | u64::from(number(4))).saturating_sub(number(20).into());
        let descriptor = match is_wide {
            true => u64::from(le16(&superblock, 254).unwrap_or_default()),
            false => 32,
        };
        if !(32..=1024).contains(&descriptor) {
            return Err(damaged());
        }
        let group_bytes = group_units.saturating_mul(unit);
        Ok(Ext {
            bytes,
            begin,
            block,
            first_block: number(20).into(),
            unit,
            group_units,
            groups: blocks.saturating_mul(block).div_ceil(group_bytes),
            descriptor,
            has_unused: read_only & CHECKSUMS != 0,
            last: RefCell::new((u64::MAX, Rc::default())),
        })
    }

    fn group_bytes(&self) -> u64 {
        self.group_units.saturating_mul(self.unit)
    }

    /// Returns where the first group begins.
    fn first(&self) -> u64 {
        self.begin.saturating_add(self.first_block.saturating_mul(self.block))
    }

    fn end(&self) -> u64 {
        self.first().saturating_add(self.groups.saturating_mul(self.group_bytes()))
    }

    /// Returns whether the bytes at an offset of the disk are free, and where that ends.
    fn stretch(&self, offset: u64) -> io::Result<(bool, u64)> {
        // The boot block is before the first group.
        let Some(within) = offset.checked_sub(self.first()) else {
            return Ok((false, self.first()));
        };
        let (group, unit) = (within / self.group_bytes(), within % self.group_bytes() / self.unit);
        let bitmap = self.bitmap(group)?;
        let is_free = |unit: u64| {
            let byte = usize::try_from(unit / 8).ok().and_then(|at| bitmap.get(at));
            byte.is_none_or(|byte| byte & (1 << (unit % 8)) == 0)
        };
        let this = is_free(unit);
        let last = (unit..self.group_units).take_while(|unit| is_free(*unit) == this).count();
        let end = unit.saturating_add(last as u64).saturating_mul(self.unit);
        let group = self.group_bytes().saturating_mul(group);
        Ok((this, self.first().saturating_add(group).saturating_add(end)))
    }

    /// Returns the bitmap of a group; an empty one if all of it is free.
    fn bitmap(&self, group: u64) -> io::Result<Rc<Vec<u8>>> {
        /// The bitmap was never written.
        const UNUSED: u16 = 2;
        let mut last = self.last.borrow_mut();
        if last.0 == group {
            return Ok(Rc::clone(&last.1));
        }
        // In the block after that of the superblock.
        let table = (1024 / self.block).saturating_add(1).saturating_mul(self.block);
        let at = table.saturating_add(group.saturating_mul(self.descriptor));
        let len = usize::try_from(self.descriptor).unwrap_or_default();
        let descriptor = read_exactly(&*self.bytes, at, len)?;
        let lower = u64::from(le32(&descriptor, 0).unwrap_or_default());
        let upper = u64::from(le32(&descriptor, 32).unwrap_or_default());
        let flags = le16(&descriptor, 18).unwrap_or_default();
        let bitmap = match self.has_unused && flags & UNUSED != 0 {
            true => Vec::new(),
            false => {
                let at = (upper << 32 | lower).saturating_mul(self.block);
                read_exactly(&*self.bytes, at, usize::try_from(self.block).unwrap_or_default())?
            }
        };
        *last = (group, Rc::new(bitmap));
        Ok(Rc::clone(&last.1))
    }
}
