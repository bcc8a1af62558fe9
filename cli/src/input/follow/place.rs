//! The place up to which a file has been read, and how to know the file again.

use std::io;

use loginrec::Layout;
use loginrec::read::{ReadAt, read_full_at};
use loginrec_sources::{FileId, sha256};

/// Bytes that are compared at both ends of what was read: the first and the last record, for layouts
/// whose records are no longer.
const EDGE: usize = 1024;

/// The first and the last bytes of what was read of a file.
#[derive(Clone, Debug, Default)]
pub(super) struct Edges {
    first: Vec<u8>,
    last: Vec<u8>,
}

impl Edges {
    /// Returns the edges of the first `offset` bytes of a file.
    pub(super) fn read(file: &impl ReadAt, offset: u64) -> io::Result<Edges> {
        let len = offset.min(EDGE as u64);
        let first = part(file, 0, len)?;
        let last = part(file, offset.saturating_sub(len), len)?;
        Ok(Edges { first, last })
    }

    /// Adds what was read next.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        let room = EDGE.saturating_sub(self.first.len()).min(bytes.len());
        self.first.extend_from_slice(bytes.get(..room).unwrap_or_default());
        let tail = bytes.get(bytes.len().saturating_sub(EDGE)..).unwrap_or_default();
        let kept = EDGE.saturating_sub(tail.len());
        self.last.drain(..self.last.len().saturating_sub(kept));
        self.last.extend_from_slice(tail);
    }

    /// Adds a hole.
    pub(super) fn push_hole(&mut self, len: u64) {
        self.push(&vec![0; len.min(EDGE as u64) as usize]);
    }

    /// Returns whether the first `offset` bytes of a file still have these edges.
    pub(super) fn are_of(&self, file: &impl ReadAt, offset: u64) -> io::Result<bool> {
        let Edges { first, last } = Edges::read(file, offset)?;
        Ok(first == self.first && last == self.last)
    }
}

/// Returns a part of a file; less if the file is shorter.
fn part(file: &impl ReadAt, offset: u64, len: u64) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; len as usize];
    let (read, error) = read_full_at(file, &mut bytes, offset);
    bytes.truncate(read);
    error.map_or(Ok(bytes), Err)
}

/// A place in a file that may have another name, or be gone, when it is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// Device and number of the file, where the system has them.
    pub(super) id: Option<(u64, u64)>,
    pub(super) layout: Option<&'static Layout>,
    pub(super) offset: u64,
    /// The number of the next record.
    pub(super) index: u64,
    /// When the file had been written last, in nanoseconds.
    pub(super) changed: Option<i64>,
    pub(super) first: Print,
    pub(super) last: Print,
}

/// Some bytes, known by their checksum.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Print {
    pub(super) len: u64,
    pub(super) sha256: String,
}

impl Print {
    fn of(bytes: &[u8]) -> Print {
        // Reading from memory cannot fail.
        let sum = sha256(bytes).map(|sum| sum.sha256).unwrap_or_default();
        Print { len: bytes.len() as u64, sha256: sum }
    }

    /// Returns whether it could be of a file.
    pub(super) fn is_possible(&self) -> bool {
        self.len <= EDGE as u64
    }
}

impl Place {
    pub(super) fn with_edges(self, edges: &Edges) -> Place {
        Place { first: Print::of(&edges.first), last: Print::of(&edges.last), ..self }
    }

    /// Returns whether the file is the one of this place, or a copy of it. A file of which nothing
    /// was read is known by its number only.
    pub(super) fn is_in(&self, file: &impl ReadAt, id: Option<FileId>) -> bool {
        if self.offset == 0 {
            return self.id.is_some() && self.id == numbers(id);
        }
        let size = file.size().unwrap_or_default();
        let is = |print: &Print, offset| {
            part(file, offset, print.len).is_ok_and(|bytes| Print::of(&bytes) == *print)
        };
        let last = self.offset.saturating_sub(self.last.len);
        size >= self.offset && is(&self.first, 0) && is(&self.last, last)
    }
}

pub(super) fn numbers(id: Option<FileId>) -> Option<(u64, u64)> {
    id.map(|id| (id.device(), id.number()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_of_what_was_read() {
        let bytes: Vec<u8> = (0..5000_u32).map(|n| (n * n / 7) as u8).collect();
        for sizes in [&[1, 2, 3, 700, 2000][..], &[1024, 1024], &[384; 10], &[5000], &[]] {
            let (mut edges, mut at) = (Edges::default(), 0);
            for size in sizes {
                edges.push(&bytes[at..at + size]);
                at += size;
            }
            let file = &bytes[..];
            assert!(edges.are_of(&file, at as u64).unwrap(), "{sizes:?}");
            let mut other = bytes.clone();
            if at > 0 {
                other[at - 1] ^= 1;
                assert!(!edges.are_of(&&other[..], at as u64).unwrap());
                assert!(!edges.are_of(&&bytes[..at - 1], at as u64).unwrap());
            }
        }
    }
}
