//! The file systems UFS1 and UFS2 of the BSDs, in either byte order.

mod directory;
mod inode;

use std::io;
use std::rc::Rc;

use loginrec::read::ReadAt;

use super::bytes::{be32, be64, le32, le64, read_exactly};
use super::content::{Content, Extent, Extents, Map};
use super::inodes::{Inode, InodeTree, Inodes};
use super::invalid;
use crate::tree::{Kind, Tree};

/// Where a superblock may be.
const PLACES: [usize; 3] = [65_536, 8192, 0];
/// Offset in the superblock of the magic number, which is its last field.
const MAGIC: usize = 1372;
/// Blocks that an inode names itself.
const DIRECT: u64 = 12;
/// The most blocks of pointers of one file that are read.
const MOST_BLOCKS: u32 = 1 << 16;

/// What the superblock says.
pub(super) struct Ufs {
    disk: Rc<dyn ReadAt>,
    order: Order,
    is_ufs2: bool,
    /// Bytes of a block and of a fragment.
    block: u64,
    fragment: u64,
    groups: u64,
    group_inodes: u64,
    group_fragments: u64,
    /// Where inodes begin in a group, in fragments.
    inodes_begin: u64,
    /// UFS1 moves the beginning of its groups.
    stagger: (u64, u64),
    longest_short_link: u64,
    /// Whether names in directories have kinds.
    has_kinds: bool,
}

/// The order of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Order {
    is_big: bool,
}

impl Order {
    fn u16(self, bytes: &[u8], at: usize) -> Option<u16> {
        let [first, second] = super::bytes::array(bytes, at)?;
        Some(match self.is_big {
            true => u16::from_be_bytes([first, second]),
            false => u16::from_le_bytes([first, second]),
        })
    }

    fn u32(self, bytes: &[u8], at: usize) -> Option<u32> {
        if self.is_big { be32(bytes, at) } else { le32(bytes, at) }
    }

    fn u64(self, bytes: &[u8], at: usize) -> Option<u64> {
        if self.is_big { be64(bytes, at) } else { le64(bytes, at) }
    }
}

/// Returns the superblock in `head`, its byte order, and whether it is that of UFS2.
fn superblock(head: &[u8]) -> Option<(&[u8], Order, bool)> {
    PLACES.iter().find_map(|place| {
        let bytes = head.get(*place..)?.get(..MAGIC + 4)?;
        [false, true].into_iter().find_map(|is_big| {
            let order = Order { is_big };
            let is_ufs2 = match order.u32(bytes, MAGIC)? {
                0x0001_1954 => false,
                0x1954_0119 => true,
                _ => return None,
            };
            // Some boot sectors have a copy of the number by chance.
            let (block, fragment) = (order.u32(bytes, 48)?, order.u32(bytes, 52)?);
            let is_sound = (4096..=65_536).contains(&block) && block.is_power_of_two();
            let is_sound = is_sound && fragment.is_power_of_two() && fragment >= block / 8;
            (is_sound && fragment <= block).then_some((bytes, order, is_ufs2))
        })
    })
}

/// Returns whether a partition that begins with `head` has such a file system.
pub(super) fn is_ufs(head: &[u8]) -> bool {
    superblock(head).is_some()
}

/// Returns the label of a file system.
pub(super) fn label(head: &[u8]) -> Option<&[u8]> {
    superblock(head)?.0.get(680..712)
}

pub(super) fn open(disk: &Rc<dyn ReadAt>, head: &[u8]) -> io::Result<Rc<dyn Tree>> {
    Ok(Rc::new(InodeTree::new(Ufs::new(disk, head)?)?))
}

impl Ufs {
    fn new(disk: &Rc<dyn ReadAt>, head: &[u8]) -> io::Result<Ufs> {
        let damaged = || invalid("damaged superblock");
        let (bytes, order, is_ufs2) = superblock(head).ok_or_else(damaged)?;
        let number = |at| order.u32(bytes, at).map(u64::from).unwrap_or_default();
        let system = Ufs {
            disk: Rc::clone(disk),
            order,
            is_ufs2,
            block: number(48),
            fragment: number(52),
            groups: number(44),
            group_inodes: number(184),
            group_fragments: number(188),
            inodes_begin: number(16),
            stagger: if is_ufs2 { (0, 0) } else { (number(24), number(28)) },
            longest_short_link: number(1320),
            has_kinds: is_ufs2 || number(1324) == 2,
        };
        match system.group_inodes > 0 && system.group_fragments > 0 {
            true => Ok(system),
            false => Err(damaged()),
        }
    }

    fn inode_size(&self) -> u64 {
        if self.is_ufs2 { 256 } else { 128 }
    }

    /// Returns the offset on the disk of an inode.
    fn inode_at(&self, number: u64) -> io::Result<u64> {
        let (group, within) = (number / self.group_inodes, number % self.group_inodes);
        if group >= self.groups {
            return Err(invalid(format!("damaged: there is no inode {number}")));
        }
        let (offset, mask) = self.stagger;
        let stagger = offset.saturating_mul(group & !mask & u64::from(u32::MAX));
        let begin = self.group_fragments.saturating_mul(group).saturating_add(stagger);
        let begin = begin.saturating_add(self.inodes_begin).saturating_mul(self.fragment);
        // Blocks hold a whole number of inodes.
        Ok(begin.saturating_add(within.saturating_mul(self.inode_size())))
    }

    /// Returns the numbers of blocks of a file, by the number in the file.
    fn extents(&self, file: &Inode) -> io::Result<Extents> {
        let mut walk = Walk { extents: Extents::default(), left: MOST_BLOCKS };
        let blocks = file.size.div_ceil(self.block);
        let pointers = inode::pointers(self, file);
        for (number, pointer) in (0..DIRECT.min(blocks)).zip(&pointers) {
            self.add(file.size, number, *pointer, &mut walk)?;
        }
        let mut first = DIRECT;
        let per_block = self.block / if self.is_ufs2 { 8 } else { 4 };
        let mut span: u64 = 1;
        for pointer in pointers.iter().skip(12) {
            span = span.saturating_mul(per_block);
            if first < blocks {
                self.indirect(file.size, *pointer, first, span, &mut walk)?;
            }
            first = first.saturating_add(span);
        }
        Ok(walk.extents)
    }

    /// Adds the blocks under a block of pointers, of which there are `span` from number `first` on.
    fn indirect(
        &self,
        size: u64,
        pointer: u64,
        first: u64,
        span: u64,
        walk: &mut Walk,
    ) -> io::Result<()> {
        if pointer == 0 {
            return Ok(());
        }
        walk.left = walk.left.checked_sub(1).ok_or_else(|| invalid("a file without an end"))?;
        let at = pointer.saturating_mul(self.fragment);
        let len = usize::try_from(self.block).unwrap_or_default();
        let block = read_exactly(&*self.disk, at, len)?;
        let width = if self.is_ufs2 { 8 } else { 4 };
        let span = span / (self.block / width).max(1);
        for (number, entry) in (0..).zip(block.chunks_exact(usize::try_from(width).unwrap_or(8))) {
            let pointer = self.pointer(entry, 0);
            let first = span.saturating_mul(number).saturating_add(first);
            if first.saturating_mul(self.block) >= size {
                break;
            }
            match span {
                0 | 1 => self.add(size, first, pointer, walk)?,
                _ => self.indirect(size, pointer, first, span, walk)?,
            }
        }
        Ok(())
    }

    fn add(&self, size: u64, number: u64, pointer: u64, walk: &mut Walk) -> io::Result<()> {
        let offset = number.saturating_mul(self.block);
        // The last block may be fragments of one.
        let len = size.saturating_sub(offset).min(self.block);
        if pointer == 0 {
            return Ok(());
        }
        walk.extents.push(Extent { offset, len, at: pointer.saturating_mul(self.fragment) })
    }

    fn pointer(&self, bytes: &[u8], at: usize) -> u64 {
        let pointer = match self.is_ufs2 {
            true => self.order.u64(bytes, at),
            false => self.order.u32(bytes, at).map(u64::from),
        };
        pointer.unwrap_or_default()
    }
}

/// What was found of a file.
struct Walk {
    extents: Extents,
    /// Blocks of pointers that may yet be read.
    left: u32,
}

impl Inodes for Ufs {
    fn top(&self) -> u64 {
        2
    }

    fn inode(&self, number: u64) -> io::Result<Inode> {
        let len = usize::try_from(self.inode_size()).unwrap_or_default();
        let raw = read_exactly(&*self.disk, self.inode_at(number)?, len)?;
        inode::parse(self, raw, number)
    }

    fn entries(
        &self,
        folder: &Inode,
        each: &mut dyn FnMut(&[u8], u64) -> io::Result<()>,
    ) -> io::Result<()> {
        directory::read(self, &self.content(folder)?, each)
    }

    fn content(&self, file: &Inode) -> io::Result<Content> {
        let short = (file.kind == Kind::Link).then(|| inode::short_link(self, file)).flatten();
        let map = match short {
            Some(target) => Map::Inline(target.to_vec()),
            None => Map::Extents(self.extents(file)?),
        };
        Ok(Content::new(&self.disk, file.size, map))
    }
}
