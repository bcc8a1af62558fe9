//! The bytes in which other formats have their magic numbers.

use crate::detect::sample::Sample;
use crate::endian::{Endian, read_uint};

/// The beginning of a file, and its end if that was read.
pub(super) struct Bytes<'a> {
    sample: &'a Sample<'a>,
    pub(super) head: &'a [u8],
}

impl<'a> Bytes<'a> {
    pub(super) fn of(sample: &'a Sample<'a>) -> Bytes<'a> {
        Bytes { sample, head: sample.head(usize::MAX) }
    }

    /// Returns the bytes at `offset`; empty if there are fewer.
    pub(super) fn at(&self, offset: usize, len: usize) -> &'a [u8] {
        self.head.get(offset..).and_then(|bytes| bytes.get(..len)).unwrap_or_default()
    }

    /// Returns whether `magic` is at `offset`.
    pub(super) fn has(&self, offset: usize, magic: &[u8]) -> bool {
        self.head.get(offset..).is_some_and(|bytes| bytes.starts_with(magic))
    }

    /// Returns whether `magic` is this many bytes before the end of the file.
    pub(super) fn has_before_end(&self, before: u64, magic: &[u8]) -> bool {
        let at = self.sample.len.checked_sub(before).filter(|_| self.sample.ends);
        at.and_then(|at| self.sample.get(at, magic.len())).is_some_and(|bytes| bytes == magic)
    }

    /// Returns the number at `offset`; zero beyond the end.
    pub(super) fn int(&self, order: Endian, offset: usize, width: usize) -> u64 {
        match self.at(offset, width) {
            [] => 0,
            bytes => read_uint(order, bytes, width),
        }
    }

    /// Returns the little-endian number at `offset`; zero beyond the end.
    pub(super) fn le(&self, offset: usize, width: usize) -> u64 {
        self.int(Endian::Little, offset, width)
    }

    /// Returns the big-endian number at `offset`; zero beyond the end.
    pub(super) fn be(&self, offset: usize, width: usize) -> u64 {
        self.int(Endian::Big, offset, width)
    }
}

/// Returns whether a number is a power of two within a range.
pub(super) fn is_power(number: u64, least: u64, most: u64) -> bool {
    number.is_power_of_two() && (least..=most).contains(&number)
}
