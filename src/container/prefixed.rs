//! Records with a length before them.

use core::mem;

use crate::container::frame::{Frame, Item, Position};
use crate::error::Error;
use crate::scan::leading_zeros;

/// Size of a length.
pub(super) const PREFIX: usize = 2;

/// FreeBSD's `utx.log`.
#[derive(Clone, Debug)]
pub(super) struct Prefixed<'a> {
    data: &'a [u8],
    at: Position,
}

impl<'a> Prefixed<'a> {
    pub(super) fn new(data: &'a [u8]) -> Self {
        Prefixed { data, at: Position::default() }
    }

    /// Sets the place of the first record. Nothing has been taken yet.
    pub(super) fn start(&mut self, start: Position) {
        self.at = start;
    }

    /// Returns an upper bound for the remaining items: a length and one byte each, or runs of
    /// zeros.
    pub(super) fn most(&self) -> usize {
        self.data.len()
    }

    fn skip(&mut self, bytes: usize) {
        self.data = self.data.get(bytes..).unwrap_or_default();
        self.at.offset = self.at.offset.saturating_add(bytes as u64);
    }

    /// Returns the next record if all of it is here.
    #[inline]
    pub(super) fn next_whole(&mut self) -> Option<Frame<'a>> {
        let (prefix, behind) = self.data.split_first_chunk()?;
        let len = u16::from_be_bytes(*prefix);
        let is_told = self.at.zeros == 0; // zeros before it are reported first
        let (bytes, rest) = behind.split_at_checked(len.into()).filter(|_| len > 0 && is_told)?;
        let Position { index, offset, .. } = self.at;
        let frame = Frame { index, offset, key: None, bytes };
        self.data = rest;
        self.at.offset = self.at.offset.wrapping_add(2).wrapping_add(len.into());
        self.at.index = self.at.index.wrapping_add(1);
        Some(frame)
    }

    pub(super) fn next(&mut self) -> Option<Item<'a>> {
        self.next_whole().map(Ok).or_else(|| self.next_damaged())
    }

    fn next_damaged(&mut self) -> Option<Item<'a>> {
        if self.data.is_empty() {
            return None;
        }
        let zeros = leading_zeros(self.data);
        // The last zero may be the high byte of a length.
        let here = if zeros == self.data.len() { zeros } else { zeros.saturating_sub(1) };
        let before = mem::take(&mut self.at.zeros);
        let skipped = before.saturating_add(here as u64);
        if skipped > 0 {
            let offset = self.at.offset.saturating_sub(before);
            self.skip(here);
            return Some(Err(Error::ZeroLength { offset, skipped }));
        }
        let len = match self.data.first_chunk() {
            Some(prefix) => u64::from(u16::from_be_bytes(*prefix)),
            None => 0,
        };
        let have = self.data.len() as u64;
        let error = Error::Truncated { offset: self.at.offset, need: len.saturating_add(2), have };
        self.skip(self.data.len());
        Some(Err(error))
    }
}

/// Returns the length of a record including its length prefix, from its first two bytes.
#[cfg(feature = "std")]
pub(super) fn stored_len(prefix: &[u8]) -> usize {
    let len = match prefix {
        [high, low] => u16::from_be_bytes([*high, *low]),
        _ => 0,
    };
    usize::from(len).saturating_add(PREFIX)
}

/// Returns the length and number of the whole records of a `utx.log` that continues. Zeros at the
/// end are left for the next read: a length may begin with the last one.
pub(super) fn whole_records(data: &[u8]) -> (usize, u64) {
    let mut log = Prefixed::new(data);
    let mut end = 0;
    while let Some(item) = log.next() {
        match item {
            Ok(_) => end = data.len().saturating_sub(log.data.len()),
            Err(Error::Truncated { .. }) => break,
            Err(_) => {}
        }
    }
    (end, log.at.index)
}
