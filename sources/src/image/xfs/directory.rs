//! Directories of XFS: in the inode, in one block, or in many with an index that is not needed.

use std::io;

use super::{Xfs, extents};
use crate::image::bytes::{array, be16, be32, be64, read_exactly};
use crate::image::inodes::Inode;
use crate::image::invalid;

/// Offset in a directory after which it has its index.
const INDEX: u64 = 32 << 30;
/// The most bytes of names of one directory.
const MOST: u64 = 64 << 20;

/// What is called with each name and the number of its inode.
type Each<'e> = &'e mut dyn FnMut(&[u8], u64) -> io::Result<()>;

fn damaged() -> io::Error {
    invalid("damaged directory")
}

/// Reads a directory in an inode.
pub(super) fn short(fork: &[u8], has_kinds: bool, each: Each) -> io::Result<()> {
    let (&count, &long) = fork.first().zip(fork.get(1)).ok_or_else(damaged)?;
    let number_len = if long > 0 { 8 } else { 4 };
    let mut rest = fork.get(2_usize.saturating_add(number_len)..).ok_or_else(damaged)?;
    for _ in 0..count {
        let (&len, tail) = rest.split_first().ok_or_else(damaged)?;
        // The offset that the entry would have in a block.
        let tail = tail.get(2..).ok_or_else(damaged)?;
        let (name, tail) = tail.split_at_checked(len.into()).ok_or_else(damaged)?;
        let tail = tail.get(usize::from(has_kinds)..).ok_or_else(damaged)?;
        let (number, tail) = tail.split_at_checked(number_len).ok_or_else(damaged)?;
        let number = be64(number, 0).or_else(|| be32(number, 0).map(u64::from));
        each(name, number.unwrap_or_default())?;
        rest = tail;
    }
    Ok(())
}

/// Reads a directory in blocks. Damaged blocks are an error after the others were read.
pub(super) fn long(system: &Xfs, folder: &Inode, each: Each) -> io::Result<()> {
    let size = system.block_size() << system.folder_bits;
    let mut left = MOST;
    let mut result = Ok(());
    let mut block = Vec::new();
    // A block of a directory may be in several extents if it has several blocks of the system.
    for extent in extents::all(system, folder)?.iter().filter(|extent| extent.offset < INDEX) {
        let mut at = extent.at;
        let end = extent.at.saturating_add(extent.len);
        while at < end {
            let len = system.block_size();
            left = left.checked_sub(len as u64).ok_or_else(|| {
                invalid(format!("a directory with more than {} MiB of names", MOST >> 20))
            })?;
            block.extend_from_slice(&read_exactly(&*system.disk, at, len)?);
            at = at.saturating_add(len as u64);
            if block.len() >= size {
                match data(system, &block, each) {
                    Err(error) if error.kind() == io::ErrorKind::InvalidData => result = Err(error),
                    other => other?,
                }
                block.clear();
            }
        }
    }
    result
}

/// Reads the entries in one block.
fn data(system: &Xfs, block: &[u8], each: Each) -> io::Result<()> {
    let (header, has_index) = match array(block, 0).as_ref() {
        Some(b"XD2B") => (16, true),
        Some(b"XD2D") => (16, false),
        Some(b"XDB3") => (64, true),
        Some(b"XDD3") => (64, false),
        _ => return Err(damaged()),
    };
    // A directory of one block has its index at the end of it, 8 bytes an entry.
    let end = match has_index {
        true => {
            let tail = block.len().saturating_sub(8);
            let entries = be32(block, tail).and_then(|count| usize::try_from(count).ok());
            tail.checked_sub(entries.unwrap_or(usize::MAX).saturating_mul(8)).ok_or_else(damaged)?
        }
        false => block.len(),
    };
    let mut rest = block.get(header..end).ok_or_else(damaged)?;
    while rest.len() >= 8 {
        if be16(rest, 0) == Some(0xffff) {
            let free = usize::from(be16(rest, 2).unwrap_or_default());
            rest = rest.get(free..).filter(|_| free >= 8).ok_or_else(damaged)?;
            continue;
        }
        let number = be64(rest, 0).ok_or_else(damaged)?;
        let len = usize::from(rest.get(8).copied().ok_or_else(damaged)?);
        let name = rest.get(9..9_usize.saturating_add(len)).ok_or_else(damaged)?;
        if len == 0 {
            return Err(damaged());
        }
        each(name, number)?;
        // The number, the length, the name, the kind, and the entry's own offset.
        let used = 11_usize.saturating_add(len).saturating_add(usize::from(system.has_kinds));
        rest = rest.get(used.next_multiple_of(8)..).ok_or_else(damaged)?;
    }
    Ok(())
}
