//! Inodes of UFS.

use std::io;

use super::Ufs;
use crate::image::inodes::{Inode, kind_of};
use crate::image::invalid;

/// Offsets of the fields, which UFS2 made wider.
struct Fields {
    size: usize,
    modified: usize,
    blocks: usize,
    pointers: usize,
    /// Bytes of the pointers.
    width: usize,
}

const UFS1: Fields = Fields { size: 8, modified: 24, blocks: 104, pointers: 40, width: 4 };
const UFS2: Fields = Fields { size: 16, modified: 40, blocks: 24, pointers: 112, width: 8 };

fn fields(system: &Ufs) -> &'static Fields {
    if system.is_ufs2 { &UFS2 } else { &UFS1 }
}

/// Takes an inode apart.
pub(super) fn parse(system: &Ufs, raw: Vec<u8>, number: u64) -> io::Result<Inode> {
    let fields = fields(system);
    let mode = system.order.u16(&raw, 0).unwrap_or_default();
    if mode == 0 {
        return Err(invalid(format!("inode {number} is not in use")));
    }
    let size = system.order.u64(&raw, fields.size).unwrap_or_default();
    if i64::try_from(size).is_err() {
        return Err(invalid(format!("damaged inode {number}")));
    }
    let modified = match system.is_ufs2 {
        true => system.order.u64(&raw, fields.modified).map(u64::cast_signed),
        false => system.order.u32(&raw, fields.modified).map(|time| time.cast_signed().into()),
    };
    Ok(Inode { kind: kind_of(mode), size, modified: modified.unwrap_or_default(), raw })
}

/// Returns the pointers to 12 blocks, and to three blocks of pointers.
pub(super) fn pointers(system: &Ufs, inode: &Inode) -> Vec<u64> {
    let Fields { pointers, width, .. } = fields(system);
    let all = inode.raw.get(*pointers..).unwrap_or_default().chunks_exact(*width).take(15);
    all.map(|pointer| system.pointer(pointer, 0)).collect()
}

/// Returns the target of a link that is in the place of the pointers.
pub(super) fn short_link<'i>(system: &Ufs, inode: &'i Inode) -> Option<&'i [u8]> {
    let fields = fields(system);
    let has_blocks = match system.is_ufs2 {
        true => system.order.u64(&inode.raw, fields.blocks) != Some(0),
        false => system.order.u32(&inode.raw, fields.blocks) != Some(0),
    };
    let len = usize::try_from(inode.size).ok()?;
    let room = inode.raw.get(fields.pointers..)?.get(..fields.width.saturating_mul(15))?;
    let is_short = inode.size < system.longest_short_link || !has_blocks;
    room.get(..len).filter(|_| is_short)
}
