//! Records without anything between them.

use crate::container::frame::{Frame, Item, Position};
use crate::error::Error;
use crate::scan::leading_zeros;

/// An array: the remaining whole records, then the partial tail.
#[derive(Clone, Debug)]
pub(super) struct Slots<'a> {
    /// A multiple of `size`.
    data: &'a [u8],
    size: usize,
    offset: u64,
    index: u64,
    /// The ordinal after the last of them, however many have been taken at the front.
    end: u64,
    tail: Option<Error>,
}

impl<'a> Slots<'a> {
    pub(super) fn new(data: &'a [u8], size: usize) -> Self {
        let have = data.len().checked_rem(size).unwrap_or(0);
        let (data, _) = data.split_at(data.len().saturating_sub(have));
        let offset = data.len() as u64;
        let tail =
            (have > 0).then_some(Error::Truncated { offset, need: size as u64, have: have as u64 });
        let end = data.len().checked_div(size).unwrap_or(0) as u64;
        Slots { data, size, offset: 0, index: 0, end, tail }
    }

    /// Sets the place of the first record. Nothing has been taken yet.
    pub(super) fn start(&mut self, Position { offset, index, .. }: Position) {
        (self.offset, self.index) = (offset, index);
        self.end = self.end.saturating_add(index);
        if let Some(Error::Truncated { offset: at, .. }) = &mut self.tail {
            *at = at.saturating_add(offset);
        }
    }

    pub(super) fn take_whole(&mut self) -> (Position, &'a [u8]) {
        let start = Position { offset: self.offset, index: self.index, zeros: 0 };
        let whole = self.data;
        self.skip(whole.len());
        (start, whole)
    }

    /// Skips `bytes` of whole records.
    fn skip(&mut self, bytes: usize) {
        self.data = self.data.get(bytes..).unwrap_or_default();
        self.offset = self.offset.saturating_add(bytes as u64);
        self.index = self.index.saturating_add(self.records_in(bytes));
    }

    /// Returns the number of whole records in this many bytes.
    fn records_in(&self, bytes: usize) -> u64 {
        bytes.checked_div(self.size).unwrap_or(0) as u64
    }

    /// Counts a record that was taken. The records are in memory, so this cannot wrap.
    #[inline]
    fn count_one(&mut self, size: usize) {
        self.offset = self.offset.wrapping_add(size as u64);
        self.index = self.index.wrapping_add(1);
    }

    pub(super) fn next(&mut self) -> Option<Item<'a>> {
        self.next_whole().map(Ok).or_else(|| self.tail.take().map(Err))
    }

    #[inline]
    pub(super) fn next_whole(&mut self) -> Option<Frame<'a>> {
        let (bytes, rest) = self.data.split_at_checked(self.size)?;
        let Slots { index, offset, .. } = *self;
        let frame = Frame { index, offset, key: None, bytes };
        self.data = rest;
        self.count_one(self.size);
        Some(frame)
    }

    pub(super) fn next_back(&mut self) -> Option<Item<'a>> {
        self.next_back_whole().map(Ok).or_else(|| {
            let error = self.tail.take()?;
            Some(Err(error))
        })
    }

    /// The last, unless what is left ends with a part of a record.
    #[inline]
    pub(super) fn next_back_whole(&mut self) -> Option<Frame<'a>> {
        if self.tail.is_some() {
            return None;
        }
        let at = self.data.len().checked_sub(self.size)?;
        let (rest, bytes) = self.data.split_at_checked(at)?;
        self.data = rest;
        // The records are in memory, so this cannot wrap.
        self.end = self.end.wrapping_sub(1);
        let offset = self.offset.wrapping_add(at as u64);
        Some(Frame { index: self.end, offset, key: None, bytes })
    }

    /// Skips the next `n` items.
    pub(super) fn skip_front(&mut self, n: usize) {
        let whole = self.data.len().checked_div(self.size).unwrap_or(0);
        self.skip(n.min(whole).saturating_mul(self.size));
        if n > whole {
            self.tail = None;
        }
    }

    /// Skips `n` items at the end.
    pub(super) fn skip_back(&mut self, n: usize) {
        let n = n.saturating_sub(self.tail.take().is_some().into());
        let keep = self.data.len().saturating_sub(n.saturating_mul(self.size));
        let (data, left_out) = self.data.split_at(keep);
        self.data = data;
        self.end = self.end.saturating_sub(self.records_in(left_out.len()));
    }

    pub(super) fn skip_unused(&mut self) {
        let unused = leading_zeros(self.data);
        let within = unused.checked_rem(self.size).unwrap_or(0);
        self.skip(unused.saturating_sub(within));
    }

    pub(super) fn len(&self) -> usize {
        let whole = self.data.len().checked_div(self.size).unwrap_or(0);
        whole.saturating_add(usize::from(self.tail.is_some()))
    }
}
