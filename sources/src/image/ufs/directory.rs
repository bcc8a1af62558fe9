//! Directories of UFS: blocks of 512 bytes, which entries do not leave.

use std::io;

use loginrec::read::{ReadAt, read_full_at};

use super::Ufs;
use crate::image::content::Content;
use crate::image::invalid;

const BLOCK: usize = 512;
/// The most bytes of names of one directory.
const MOST: u64 = 64 << 20;

/// Calls `each` with the names and the numbers of their inodes. Damaged blocks are an error after the
/// others were read.
pub(super) fn read(
    system: &Ufs,
    content: &Content,
    each: &mut dyn FnMut(&[u8], u64) -> io::Result<()>,
) -> io::Result<()> {
    let size = content.size()?;
    if size > MOST {
        return Err(invalid(format!("a directory with more than {} MiB of names", MOST >> 20)));
    }
    let mut is_damaged = false;
    let mut buffer = vec![0; 64 << 10];
    let mut at = 0;
    while at < size {
        let (read, error) = read_full_at(content, &mut buffer, at);
        error.map_or(Ok(()), Err)?;
        if read == 0 {
            break;
        }
        for block in buffer.get(..read).unwrap_or_default().chunks(BLOCK) {
            is_damaged |= !entries(system, block, each)?;
        }
        at = at.saturating_add(read as u64);
    }
    match is_damaged {
        true => Err(invalid("damaged directory")),
        false => Ok(()),
    }
}

/// Reads the entries of a block; `false` if it is damaged.
fn entries(
    system: &Ufs,
    mut block: &[u8],
    each: &mut dyn FnMut(&[u8], u64) -> io::Result<()>,
) -> io::Result<bool> {
    while !block.is_empty() {
        let number = system.order.u32(block, 0).unwrap_or_default();
        let len = usize::from(system.order.u16(block, 4).unwrap_or_default());
        if len < 8 {
            return Ok(false);
        }
        let name_len = match system.has_kinds {
            true => block.get(7).copied().map(u16::from),
            false => system.order.u16(block, 6),
        };
        let end = 8_usize.saturating_add(name_len.unwrap_or_default().into());
        let Some(rest) = block.get(len..).filter(|_| end <= len) else { return Ok(false) };
        if number != 0 {
            each(block.get(8..end).unwrap_or_default(), number.into())?;
        }
        block = rest;
    }
    Ok(true)
}
