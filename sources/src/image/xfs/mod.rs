//! The file system XFS: version 5, and version 4 with directories of version 2.
//!
//! Changes that are only in the log of the file system are not applied.

mod directory;
mod extents;
mod inode;
mod log;

use std::io;
use std::rc::Rc;

use loginrec::read::ReadAt;

use self::inode::Format;
use super::bytes::{array, be16, be32, be64, read_exactly};
use super::content::{Content, Map};
use super::inodes::{Inode, InodeTree, Inodes};
use super::invalid;
use crate::tree::{Kind, Tree};

/// Features of version 5 that change what is read here: names with kinds, sparse inodes, another
/// UUID, times until 2486, a repair that is needed, long counts of extents, exchanged ranges,
/// parents, metadata directories.
const KNOWN: u32 = 0x1ff;

/// What the superblock says.
pub(super) struct Xfs {
    disk: Rc<dyn ReadAt>,
    is_v5: bool,
    block_bits: u32,
    inode_bits: u32,
    /// The number of blocks in an allocation group, and the bits of a block's number in it.
    group_blocks: u64,
    group_bits: u32,
    groups: u64,
    /// Blocks of a directory block, as a power of two.
    folder_bits: u32,
    has_kinds: bool,
    top: u64,
    log: (u64, u64),
}

/// Returns whether a partition that begins with `head` has such a file system.
pub(super) fn is_xfs(head: &[u8]) -> bool {
    let block_size = be32(head, 4).unwrap_or_default();
    let is_version = matches!(be16(head, 100).map(|version| version & 15), Some(4 | 5));
    head.starts_with(b"XFSB") && block_size.is_power_of_two() && is_version
}

/// Opens a file system. `note` is told of changes that are only in its log.
pub(super) fn open(disk: &Rc<dyn ReadAt>, note: &mut dyn FnMut(&str)) -> io::Result<Rc<dyn Tree>> {
    let system = Xfs::new(disk)?;
    if system.has_changes_in_log() {
        note(
            "XFS was not unmounted: its last changes may be only in its log, which is not applied; \
             carve finds records in it",
        );
    }
    Ok(Rc::new(InodeTree::new(system)?))
}

impl Xfs {
    fn new(disk: &Rc<dyn ReadAt>) -> io::Result<Xfs> {
        let head = read_exactly(&**disk, 0, 512)?;
        let byte = |at: usize| head.get(at).copied().map(u32::from).unwrap_or_default();
        let u32_at = |at| be32(&head, at).unwrap_or_default();
        let u64_at = |at| be64(&head, at).unwrap_or_default();
        let version = be16(&head, 100).unwrap_or_default();
        let is_v5 = version & 15 == 5;
        let (block_bits, inode_bits, group_bits) = (byte(120), byte(122), byte(124));
        let folder_bits = byte(192);
        let is_sound = (9..=16).contains(&block_bits)
            && (8..=11).contains(&inode_bits)
            && inode_bits <= block_bits
            && (1..=31).contains(&group_bits)
            && block_bits.saturating_add(folder_bits) <= 16
            && 1_u32.checked_shl(block_bits) == Some(u32_at(4))
            && u64::from(u32_at(84)) <= 1 << group_bits
            && u32_at(84) > 0;
        if !is_sound {
            return Err(invalid("damaged superblock"));
        }
        if !is_v5 && version & 0x2000 == 0 {
            return Err(invalid("directories of version 1 are not read"));
        }
        let incompatible = if is_v5 { u32_at(216) } else { 0 };
        if incompatible & !KNOWN != 0 {
            let unknown = incompatible & !KNOWN;
            return Err(invalid(format!("it uses features that are not read: {unknown:#x}")));
        }
        let has_kinds = match is_v5 {
            true => incompatible & 1 != 0,
            false => version & 0x8000 != 0 && u32_at(200) & 0x200 != 0,
        };
        Ok(Xfs {
            disk: Rc::clone(disk),
            is_v5,
            block_bits,
            inode_bits,
            group_blocks: u32_at(84).into(),
            group_bits,
            groups: u32_at(88).into(),
            folder_bits,
            has_kinds,
            top: u64_at(56),
            log: (u64_at(48), u64::from(u32_at(96)) << block_bits),
        })
    }

    fn block_size(&self) -> usize {
        1 << self.block_bits
    }

    /// Returns the offset on the disk of a block: its group is in the upper bits of its number.
    fn block_at(&self, block: u64) -> io::Result<u64> {
        let group = block >> self.group_bits;
        let within = block & (1_u64 << self.group_bits).saturating_sub(1);
        if group >= self.groups || within >= self.group_blocks {
            return Err(invalid(format!("damaged: there is no block {block}")));
        }
        Ok(group.saturating_mul(self.group_blocks).saturating_add(within) << self.block_bits)
    }

    /// Returns the offset on the disk of an inode.
    fn inode_at(&self, number: u64) -> io::Result<u64> {
        let per_block = self.block_bits.saturating_sub(self.inode_bits);
        let within = number & (1_u64 << per_block).saturating_sub(1);
        let block = self.block_at(number >> per_block);
        let block = block.map_err(|_| invalid(format!("damaged: there is no inode {number}")))?;
        Ok(block.saturating_add(within << self.inode_bits))
    }
}

impl Inodes for Xfs {
    fn top(&self) -> u64 {
        self.top
    }

    fn inode(&self, number: u64) -> io::Result<Inode> {
        let raw = read_exactly(&*self.disk, self.inode_at(number)?, 1 << self.inode_bits)?;
        inode::parse(raw, number)
    }

    fn entries(
        &self,
        folder: &Inode,
        each: &mut dyn FnMut(&[u8], u64) -> io::Result<()>,
    ) -> io::Result<()> {
        match inode::format(folder)? {
            Format::Local => directory::short(inode::fork(folder)?, self.has_kinds, each),
            Format::Extents | Format::Tree => directory::long(self, folder, each),
        }
    }

    fn content(&self, file: &Inode) -> io::Result<Content> {
        if inode::is_realtime(file) {
            return Err(invalid("its data is on the realtime device, which is not read"));
        }
        let map = match inode::format(file)? {
            Format::Local => Map::Inline(inode::fork(file)?.to_vec()),
            // Targets that do not fit the inode have a header in each block.
            Format::Extents | Format::Tree if file.kind == Kind::Link && self.is_v5 => {
                Map::Inline(self.long_target(file)?)
            }
            Format::Extents | Format::Tree => Map::Extents(extents::all(self, file)?),
        };
        Ok(Content::new(&self.disk, file.size, map))
    }
}

impl Xfs {
    fn long_target(&self, link: &Inode) -> io::Result<Vec<u8>> {
        const HEADER: usize = 56;
        let mut target = Vec::new();
        for extent in extents::all(self, link)?.iter() {
            let mut at = extent.at;
            let end = at.saturating_add(extent.len);
            while at < end && (target.len() as u64) < link.size {
                let block = read_exactly(&*self.disk, at, self.block_size())?;
                let len = be32(&block, 8).and_then(|len| usize::try_from(len).ok());
                let text = block.get(HEADER..).zip(len).and_then(|(text, len)| text.get(..len));
                match text {
                    Some(text) if array(&block, 0) == Some(*b"XSLM") => {
                        target.extend_from_slice(text);
                    }
                    _ => return Err(invalid("damaged target of a link")),
                }
                at = at.saturating_add(self.block_size() as u64);
            }
        }
        Ok(target)
    }
}
