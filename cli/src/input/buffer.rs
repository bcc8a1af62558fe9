//! Buffers for reading, placed where copying is fast.

use std::io::{self, Read};

use loginrec::read::{ReadAt, read_full, read_full_at};

/// Distance of the bytes from the beginning of their allocation. Large allocations begin 16 bytes
/// after the beginning of a page, and some processors (Zen 3) take up to 1.4 times as long to copy
/// whole pages there.
const AHEAD: usize = 64;
/// Bytes to read at a time if the total is unknown.
const PIECE: usize = 64 << 10;

/// Bytes that were read, with room for more that is cleared only once.
#[derive(Debug, Default)]
pub(crate) struct Buffer {
    room: Vec<u8>,
    len: usize,
}

impl Buffer {
    pub(crate) fn bytes(&self) -> &[u8] {
        self.room.get(AHEAD..).and_then(|bytes| bytes.get(..self.len)).unwrap_or_default()
    }

    /// The next `len` bytes.
    fn room(&mut self, len: usize) -> io::Result<&mut [u8]> {
        let begin = AHEAD.saturating_add(self.len);
        let end = begin.saturating_add(len);
        if self.room.len() < end {
            self.room.try_reserve_exact(end.saturating_sub(self.room.len()))?;
            self.room.resize(end, 0);
        }
        Ok(self.room.get_mut(begin..end).unwrap_or_default())
    }

    /// Replaces the content with these bytes.
    pub(crate) fn begin(&mut self, bytes: &[u8]) {
        self.len = 0;
        let (mut input, len) = (bytes, bytes.len());
        self.read(&mut input, len); // memory can be read
    }

    /// Reads `len` more bytes, or as many as there are. Returns the error if there was one.
    pub(crate) fn read(&mut self, input: &mut dyn Read, len: usize) -> Option<io::Error> {
        let (read, error) = match self.room(len) {
            Ok(room) => read_full(input, room),
            Err(error) => return Some(error),
        };
        self.len = self.len.saturating_add(read);
        error
    }

    /// Does the same as [`Buffer::read`], at `offset`.
    pub(crate) fn read_at(
        &mut self,
        source: &impl ReadAt,
        offset: u64,
        len: usize,
    ) -> Option<io::Error> {
        let (read, error) = match self.room(len) {
            Ok(room) => read_full_at(source, room, offset),
            Err(error) => return Some(error),
        };
        self.len = self.len.saturating_add(read);
        error
    }

    /// Reads everything, up to `limit` bytes, in growing pieces.
    pub(crate) fn read_on(&mut self, input: &mut dyn Read, limit: u64) -> Option<io::Error> {
        let mut left = limit;
        while left > 0 {
            let len = usize::try_from(left).unwrap_or(usize::MAX).min(self.len.max(PIECE));
            let before = self.len;
            let error = self.read(input, len);
            left = left.saturating_sub(self.len.saturating_sub(before) as u64);
            if error.is_some() || self.len < before.saturating_add(len) {
                return error;
            }
        }
        None
    }

    /// Frees the unused room.
    pub(crate) fn shrink(&mut self) {
        self.room.truncate(AHEAD.saturating_add(self.len));
        self.room.shrink_to_fit();
    }

    /// Cuts the content to `len` bytes at most.
    pub(crate) fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    /// Extends the content to `len` bytes at least, with zeros.
    pub(crate) fn pad(&mut self, len: usize) {
        let missing = len.saturating_sub(self.len);
        if let Ok(room) = self.room(missing) {
            room.fill(0);
            self.len = self.len.saturating_add(missing);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_and_what_is_not() {
        let mut buffer = Buffer::default();
        assert!(buffer.read(&mut &b"abcdefgh"[..], 6).is_none());
        assert_eq!(buffer.bytes(), b"abcdef");
        buffer.truncate(2);
        assert!(buffer.read(&mut &b"xy"[..], 4).is_none());
        assert_eq!(buffer.bytes(), b"abxy");
        // Room may contain old bytes.
        buffer.pad(6);
        assert_eq!(buffer.bytes(), b"abxy\0\0");
        buffer.pad(3);
        assert_eq!(buffer.bytes().len(), 6);
        buffer.begin(b"12");
        assert_eq!(buffer.bytes(), b"12");
        let long: Vec<u8> = (0..500_000).map(|n: u32| n as u8).collect();
        assert!(buffer.read_on(&mut &long[2..], 300_000).is_none());
        assert!(buffer.bytes()[2..] == long[2..300_002]);
        buffer.shrink();
        assert!(buffer.read_on(&mut &long[300_002..], u64::MAX).is_none());
        assert!(buffer.bytes()[2..] == long[2..]);
    }
}
