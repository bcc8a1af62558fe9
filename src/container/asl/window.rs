//! The part of a file that is being read.

use alloc::vec::Vec;

use crate::container::source::Source;

/// Bytes that are read at a time.
const SIZE: usize = 256 << 10;

/// A part of a file in memory.
#[derive(Debug, Default)]
pub(super) struct Window {
    bytes: Vec<u8>,
    begin: u64,
    /// Whether the file ends where it does.
    is_last: bool,
}

impl Window {
    /// Returns bytes that are in memory.
    pub(super) fn get(&self, at: u64, len: usize) -> Option<&[u8]> {
        let from = usize::try_from(at.checked_sub(self.begin)?).ok()?;
        self.bytes.get(from..)?.get(..len)
    }

    /// Reads up to `len` bytes at `at`, and those after them. Returns fewer only at the end of the
    /// file.
    pub(super) fn read(&mut self, source: &dyn Source, at: u64, len: usize) -> &[u8] {
        if self.get(at, len).is_none() && !(self.is_last && at >= self.begin) {
            self.begin = at;
            self.bytes.resize(SIZE.max(len), 0);
            let read = source.read_at(&mut self.bytes, at);
            self.is_last = read < self.bytes.len();
            self.bytes.truncate(read);
        }
        let from = usize::try_from(at.saturating_sub(self.begin)).unwrap_or(usize::MAX);
        let rest = self.bytes.get(from..).unwrap_or_default();
        rest.get(..len).unwrap_or(rest)
    }
}
