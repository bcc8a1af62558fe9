use core::iter::FusedIterator;

use crate::entry::Entry;
use crate::error::Error;
use crate::layout::{Layout, RawRecord, decode};
use crate::platform::{Visitor, visit};
use crate::record::Records;
use crate::text::Text;
use crate::timestamp::Timestamp;

/// Iterator over normalised entries; see [`Layout::entries`].
#[derive(Clone, Debug)]
pub struct Entries<'a>(Records<'a>);

impl Layout {
    /// The records in `data`, normalised.
    ///
    /// A `for` loop builds every entry in memory, by one call through a function pointer.
    /// `for_each`, `fold`, `sum`, `filter(..).count()` and the like choose the record type
    /// once and then run at the speed of a loop over a slice of structs: up to twice as
    /// fast, if what they are given is small enough to be inlined.
    pub fn entries<'a>(&'static self, data: &'a [u8]) -> Entries<'a> {
        Entries(self.records(data))
    }
}

impl<'a> From<Records<'a>> for Entries<'a> {
    fn from(records: Records<'a>) -> Self {
        Entries(records)
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = Result<Entry<'a>, Error>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        self.0.next_entry()
    }

    fn nth(&mut self, n: usize) -> Option<Self::Item> {
        Some(self.0.nth(n)?.map(|record| record.entry()))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }

    fn last(self) -> Option<Self::Item> {
        Some(self.0.last()?.map(|record| record.entry()))
    }

    fn fold<B, F: FnMut(B, Self::Item) -> B>(self, init: B, f: F) -> B {
        visit(self.0.layout(), Fold { records: self.0, init, f })
    }
}

impl DoubleEndedIterator for Entries<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        Some(self.0.next_back()?.map(|record| record.entry()))
    }

    fn nth_back(&mut self, n: usize) -> Option<Self::Item> {
        Some(self.0.nth_back(n)?.map(|record| record.entry()))
    }
}

impl FusedIterator for Entries<'_> {}

struct Fold<'a, B, F> {
    records: Records<'a>,
    init: B,
    f: F,
}

impl<'a, B, F: FnMut(B, Result<Entry<'a>, Error>) -> B> Visitor for Fold<'a, B, F> {
    type Output = B;

    fn visit<R: RawRecord>(self) -> B {
        let Fold { mut records, init, mut f } = self;
        let (whole, _) = R::slice_from(records.take_whole());
        let mut acc = all(records.layout(), whole, init, &mut f);
        if R::IS_TRIMMED {
            while let Some(stored) = records.next_whole() {
                acc = f(acc, Ok(R::read(stored)));
            }
        }
        Fold { records, init: acc, f }.one_by_one()
    }

    fn one_by_one(self) -> B {
        let Fold { mut records, init, mut f } = self;
        let mut acc = init;
        while let Some(entry) = records.next_entry() {
            acc = f(acc, entry);
        }
        acc
    }
}

/// Hands out what lies back to back. Not within `visit`, where a panic in `f` has something
/// to drop: LLVM takes whatever is behind a call that may panic so for seldom run, and
/// inlines nothing of it.
#[inline(never)]
fn all<'a, R: RawRecord, B>(
    layout: &Layout,
    whole: &'a [R],
    init: B,
    f: &mut impl FnMut(B, Result<Entry<'a>, Error>) -> B,
) -> B {
    let mut acc = init;
    for raw in whole {
        // Two calls, not one with either entry: an entry that may come from two
        // places is built in memory instead of vanishing into `f`.
        acc = match R::HAS_VARIANTS && raw.is_suspect() {
            true => with_suspect(layout, raw, acc, f),
            false => with_raw(raw, acc, f),
        };
    }
    acc
}

/// For a second look: once `f` has been inlined here, the lengths of the fields are known,
/// and with them the search for a NUL is small enough to be inlined in turn.
#[inline]
fn with_raw<'a, R: RawRecord, B>(
    raw: &'a R,
    acc: B,
    f: &mut impl FnMut(B, Result<Entry<'a>, Error>) -> B,
) -> B {
    f(acc, Ok(raw.entry()))
}

#[cold]
#[inline(never)]
fn with_suspect<'a, R: RawRecord, B>(
    layout: &Layout,
    raw: &'a R,
    acc: B,
    f: &mut impl FnMut(B, Result<Entry<'a>, Error>) -> B,
) -> B {
    let entry = decode::suspect::<R>(layout, raw.as_bytes());
    f(acc, Ok(entry))
}

/// One used slot of a lastlog, or one value of a lastlogx database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct LastlogEntry<'a> {
    /// The user.
    pub uid: u64,
    /// Where from.
    pub ll_host: Text<'a>,
    /// The terminal.
    pub ll_line: Text<'a>,
    /// When; zero means never, whatever else is stored.
    pub ll_tv: Timestamp,
    /// Remote address; only lastlogx has one.
    pub addr: Option<core::net::IpAddr>,
}

/// Iterator over lastlog entries; see [`Layout::lastlog`].
#[derive(Clone, Debug)]
pub struct LastlogEntries<'a>(Records<'a>);

impl Layout {
    /// The used slots of the lastlog in `data`, by user id. Nothing for other files;
    /// FreeBSD's `utx.lastlogin` is one of those: its records have names.
    pub fn lastlog<'a>(&'static self, data: &'a [u8]) -> LastlogEntries<'a> {
        LastlogEntries::from(self.records(data))
    }
}

impl<'a> From<Records<'a>> for LastlogEntries<'a> {
    fn from(records: Records<'a>) -> Self {
        match records.layout().is_lastlog() {
            true => LastlogEntries(records),
            false => LastlogEntries(records.layout().records(&[])),
        }
    }
}

impl<'a> Iterator for LastlogEntries<'a> {
    type Item = Result<LastlogEntry<'a>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let record = match self.0.next()? {
                Ok(record) => record,
                Err(error) => return Some(Err(error)),
            };
            let Some(uid) = record.uid() else { continue };
            let entry = record.entry();
            return Some(Ok(LastlogEntry {
                uid,
                ll_host: entry.ut_host,
                ll_line: entry.ut_line,
                ll_tv: entry.ut_tv,
                addr: entry.addr(),
            }));
        }
    }
}

impl FusedIterator for LastlogEntries<'_> {}
