//! Copies of records that outlive the bytes they were read from.

use std::borrow::Cow;
use std::vec::Vec;

use crate::entry::Entry;
use crate::session::numbers::StoredNumbers;
use crate::session::record_ref::RecordRef;

/// A copy of a record, with its place. It does not need the file.
#[derive(Clone, Debug)]
pub struct StoredRecord<'a> {
    numbers: StoredNumbers,
    texts: Cow<'a, [u8]>,
}

/// Compares the place and the entry.
impl PartialEq for StoredRecord<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.at() == other.at() && self.entry() == other.entry()
    }
}

impl<'a> StoredRecord<'a> {
    pub(in crate::session) fn new(numbers: StoredNumbers, texts: &'a [u8]) -> StoredRecord<'a> {
        StoredRecord { numbers, texts: Cow::Borrowed(texts) }
    }

    pub(in crate::session) fn copy(at: RecordRef, entry: &Entry<'_>) -> StoredRecord<'static> {
        let (numbers, texts) = StoredNumbers::of(at, entry);
        let mut copy = Vec::with_capacity(numbers.len());
        for (text, len) in texts.into_iter().zip(numbers.lens) {
            copy.extend_from_slice(text.get(..len.into()).unwrap_or(text));
        }
        StoredRecord { numbers, texts: Cow::Owned(copy) }
    }

    /// Returns the place and time of the record.
    #[inline]
    pub fn at(&self) -> RecordRef {
        self.numbers.at()
    }

    /// Returns the entry. Zeros at the end of a text are not stored, nor is an address of zeros.
    pub fn entry(&self) -> Entry<'_> {
        self.numbers.entry(&self.texts)
    }

    /// Copies the texts.
    pub fn into_owned(self) -> StoredRecord<'static> {
        StoredRecord { numbers: self.numbers, texts: Cow::Owned(self.texts.into_owned()) }
    }
}
