//! Numbers in bytes, in either byte order, and stretches of a source.

use std::io::{self, ErrorKind};

use loginrec::read::{ReadAt, read_full_at};

/// Returns the `N` bytes at an offset.
pub(super) fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}

pub(super) fn be16(bytes: &[u8], at: usize) -> Option<u16> {
    array(bytes, at).map(u16::from_be_bytes)
}

pub(super) fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    array(bytes, at).map(u32::from_be_bytes)
}

pub(super) fn be64(bytes: &[u8], at: usize) -> Option<u64> {
    array(bytes, at).map(u64::from_be_bytes)
}

pub(super) fn le16(bytes: &[u8], at: usize) -> Option<u16> {
    array(bytes, at).map(u16::from_le_bytes)
}

pub(super) fn le32(bytes: &[u8], at: usize) -> Option<u32> {
    array(bytes, at).map(u32::from_le_bytes)
}

pub(super) fn le64(bytes: &[u8], at: usize) -> Option<u64> {
    array(bytes, at).map(u64::from_le_bytes)
}

/// Reads `len` bytes at an offset. What is missing is an error.
pub(super) fn read_exactly(source: &dyn ReadAt, at: u64, len: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; len];
    match read_full_at(source, &mut bytes, at) {
        (_, Some(error)) => Err(error),
        (read, None) if read < len => {
            let end = at.saturating_add(read as u64);
            let why = format!("cut short: nothing is at byte {end}");
            Err(io::Error::new(ErrorKind::UnexpectedEof, why))
        }
        _ => Ok(bytes),
    }
}
