//! Extents of files in XFS: in the inode, or in a B+ tree.

use std::io;

use super::Xfs;
use super::inode::{self, Format};
use crate::image::bytes::{be16, be64, read_exactly};
use crate::image::content::{Extent, Extents};
use crate::image::inodes::Inode;
use crate::image::invalid;

/// Bytes of an extent, and of a key with its pointer.
const RECORD: usize = 16;
/// The most blocks of one tree that are read.
const MOST_BLOCKS: u32 = 1 << 16;
/// The highest tree.
const HIGHEST: u16 = 9;

/// Returns the extents of a file. What is allocated and was never written is a hole.
pub(super) fn all(system: &Xfs, file: &Inode) -> io::Result<Extents> {
    let mut extents = Extents::default();
    let fork = inode::fork(file)?;
    match inode::format(file)? {
        Format::Local => return Err(invalid("damaged inode: it has no extents")),
        Format::Extents => {
            let count = usize::try_from(inode::extent_count(file)).unwrap_or(usize::MAX);
            let records = fork.get(..count.saturating_mul(RECORD));
            let records = records.ok_or_else(|| invalid("damaged inode: too many extents"))?;
            add(system, records, &mut extents)?;
        }
        Format::Tree => {
            let (level, count) = (be16(fork, 0).unwrap_or_default(), be16(fork, 2));
            let room = fork.get(4..).unwrap_or_default();
            let children = pointers(room, count.unwrap_or_default())?;
            walk(system, level, children, &mut extents)?;
        }
    }
    Ok(extents)
}

/// Adds the extents in the leaves of a tree, from left to right.
fn walk(system: &Xfs, level: u16, top: Vec<u64>, extents: &mut Extents) -> io::Result<()> {
    if !(1..=HIGHEST).contains(&level) {
        return Err(invalid("damaged tree of extents"));
    }
    let (magic, header) = match system.is_v5 {
        true => (b"BMA3", 72),
        false => (b"BMAP", 24),
    };
    let mut left = MOST_BLOCKS;
    let mut todo: Vec<(u64, u16)> = Vec::new();
    todo.extend(top.into_iter().rev().map(|child| (child, level.saturating_sub(1))));
    while let Some((block, level)) = todo.pop() {
        left = left.checked_sub(1).ok_or_else(|| invalid("a tree of extents without an end"))?;
        let node = read_exactly(&*system.disk, system.block_at(block)?, system.block_size())?;
        if !node.starts_with(magic) || be16(&node, 4) != Some(level) {
            return Err(invalid("damaged tree of extents"));
        }
        let count = be16(&node, 6).unwrap_or_default();
        let room = node.get(header..).unwrap_or_default();
        match level {
            0 => {
                let records = room.get(..usize::from(count).saturating_mul(RECORD));
                add(system, records.unwrap_or_default(), extents)?;
            }
            _ => {
                let children = pointers(room, count)?.into_iter().rev();
                todo.extend(children.map(|child| (child, level.saturating_sub(1))));
            }
        }
    }
    Ok(())
}

/// Returns the pointers of a node. They are after as many keys as there is room for.
fn pointers(room: &[u8], count: u16) -> io::Result<Vec<u64>> {
    let most = room.len() / RECORD;
    let all = room.get(most.saturating_mul(8)..).unwrap_or_default();
    let used =
        all.get(..usize::from(count).saturating_mul(8)).filter(|_| usize::from(count) <= most);
    let used = used.ok_or_else(|| invalid("damaged tree of extents"))?;
    Ok(used.as_chunks().0.iter().map(|pointer| u64::from_be_bytes(*pointer)).collect())
}

fn add(system: &Xfs, records: &[u8], extents: &mut Extents) -> io::Result<()> {
    for record in records.chunks_exact(RECORD) {
        let (Some(upper), Some(lower)) = (be64(record, 0), be64(record, 8)) else { continue };
        let is_unwritten = upper >> 63 != 0;
        let offset = (upper & (u64::MAX >> 1)) >> 9;
        let block = (upper & 0x1ff) << 43 | lower >> 21;
        let count = lower & 0x1f_ffff;
        if is_unwritten || count == 0 {
            continue;
        }
        let last = block.saturating_add(count).saturating_sub(1);
        let at = system.block_at(block)?;
        if last >> system.group_bits != block >> system.group_bits {
            return Err(invalid("damaged extent: it leaves its group"));
        }
        system.block_at(last)?;
        let bytes = |blocks: u64| blocks.saturating_mul(system.block_size() as u64);
        extents.push(Extent { offset: bytes(offset), len: bytes(count), at })?;
    }
    Ok(())
}
