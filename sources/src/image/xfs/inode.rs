//! Inodes of XFS: what they say of a file, and their data fork.

use std::io;

use crate::image::bytes::{be16, be32, be64};
use crate::image::inodes::{Inode, kind_of};
use crate::image::invalid;

/// Set in `di_flags`.
const REALTIME: u16 = 1;
/// Set in `di_flags2`.
const BIG_TIME: u64 = 8;
const MANY_EXTENTS: u64 = 16;

/// Where the data of a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Local,
    Extents,
    Tree,
}

/// Takes an inode apart.
pub(super) fn parse(raw: Vec<u8>, number: u64) -> io::Result<Inode> {
    let damaged = || invalid(format!("damaged inode {number}"));
    let mode = be16(&raw, 2).filter(|_| raw.starts_with(b"IN")).ok_or_else(damaged)?;
    let version = raw.get(4).copied().unwrap_or_default();
    // Version 3 knows its own number.
    if !(1..=3).contains(&version) || (version == 3 && be64(&raw, 152) != Some(number)) {
        return Err(damaged());
    }
    if mode == 0 {
        return Err(invalid(format!("inode {number} is not in use")));
    }
    let size = be64(&raw, 56).filter(|size| i64::try_from(*size).is_ok()).ok_or_else(damaged)?;
    let modified = match flags2(&raw) & BIG_TIME {
        // Nanoseconds since the least time that 32 bits hold.
        1.. => be64(&raw, 40).map(|time| {
            let seconds = i64::try_from(time / 1_000_000_000).unwrap_or(i64::MAX);
            seconds.saturating_add(i32::MIN.into())
        }),
        0 => be32(&raw, 40).map(|seconds| seconds.cast_signed().into()),
    };
    let modified = modified.unwrap_or_default();
    Ok(Inode { kind: kind_of(mode), size, modified, raw })
}

fn is_v3(raw: &[u8]) -> bool {
    raw.get(4) == Some(&3)
}

fn flags2(raw: &[u8]) -> u64 {
    be64(raw, 120).filter(|_| is_v3(raw)).unwrap_or_default()
}

pub(super) fn is_realtime(inode: &Inode) -> bool {
    be16(&inode.raw, 90).is_some_and(|flags| flags & REALTIME != 0)
}

pub(super) fn format(inode: &Inode) -> io::Result<Format> {
    match inode.raw.get(5) {
        Some(1) => Ok(Format::Local),
        Some(2) => Ok(Format::Extents),
        Some(3) => Ok(Format::Tree),
        _ => Err(invalid("damaged inode: its data is in no known format")),
    }
}

/// Returns the number of extents.
pub(super) fn extent_count(inode: &Inode) -> u64 {
    match flags2(&inode.raw) & MANY_EXTENTS {
        0 => be32(&inode.raw, 76).unwrap_or_default().into(),
        _ => be64(&inode.raw, 24).unwrap_or_default(),
    }
}

/// Returns the data fork: what is after the core and before the fork of attributes.
pub(super) fn fork(inode: &Inode) -> io::Result<&[u8]> {
    let core = if is_v3(&inode.raw) { 176 } else { 100 };
    let fork = inode.raw.get(core..).unwrap_or_default();
    let len = match inode.raw.get(82) {
        None | Some(0) => fork.len(),
        Some(words) => usize::from(*words).saturating_mul(8),
    };
    fork.get(..len).ok_or_else(|| invalid("damaged inode: its data does not fit"))
}
