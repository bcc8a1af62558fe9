//! Copies of what records say, which outlive the bytes they were read from.

use std::borrow::Cow;
use std::vec::Vec;

use super::facts::Facts;
use crate::entry::Entry;
use crate::layout::Layout;
use crate::record::Record;
use crate::timestamp::Timestamp;

/// Where a record was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Place {
    /// Which file, in the caller's own numbering.
    pub file: u32,
    /// [`Record::index`].
    pub index: u64,
    /// [`Record::offset`].
    pub offset: u64,
}

/// A record that begins or ends something: where it lies and when it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mark {
    /// Where it lies.
    pub place: Place,
    /// Its time; read as unsigned if that was asked for.
    pub time: Timestamp,
    /// Its layout, which says how precise the time is.
    pub layout: &'static Layout,
}

impl Mark {
    pub(super) fn new(file: u32, record: &Record<'_>, entry: &Entry<'_>) -> Mark {
        let place = Place { file, index: record.index(), offset: record.offset() };
        Mark { place, time: entry.ut_tv, layout: record.layout() }
    }
}

/// A record that begins something, with all it says: a copy, which needs the file no more.
#[derive(Clone, Debug)]
pub struct Opening<'a> {
    facts: Facts,
    texts: Cow<'a, [u8]>,
}

impl<'a> Opening<'a> {
    pub(super) fn new(facts: Facts, texts: &'a [u8]) -> Opening<'a> {
        Opening { facts, texts: Cow::Borrowed(texts) }
    }

    pub(super) fn copy(mark: Mark, entry: &Entry<'_>) -> Opening<'static> {
        let (facts, texts) = Facts::of(mark, entry);
        let mut copy = Vec::with_capacity(facts.len());
        for (text, len) in texts.into_iter().zip(facts.lens) {
            copy.extend_from_slice(text.get(..len.into()).unwrap_or(text));
        }
        Opening { facts, texts: Cow::Owned(copy) }
    }

    /// Where the record lies, and when it was written.
    #[inline]
    pub fn mark(&self) -> Mark {
        self.facts.mark()
    }

    /// What the record says. Zeros at the end of a text are not kept, nor is an address of
    /// nothing but zeros.
    pub fn entry(&self) -> Entry<'_> {
        self.facts.entry(&self.texts)
    }

    /// The same with texts of its own.
    pub fn into_owned(self) -> Opening<'static> {
        Opening { facts: self.facts, texts: Cow::Owned(self.texts.into_owned()) }
    }
}
