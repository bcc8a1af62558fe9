use core::iter::FusedIterator;

use crate::container::{Frame, Position};
use crate::entry::Entry;
use crate::error::Error;
use crate::formats::{Visitor, visit};
use crate::layout::{Layout, RawRecord, decode};
use crate::read::record::{Record, Records};

/// Iterator over records with their entries; see [`Records::entries`].
#[derive(Clone, Debug)]
pub struct Entries<'a>(Records<'a>);

type Item<'a> = Result<(Record<'a>, Entry<'a>), Error>;

impl<'a> Records<'a> {
    /// Returns the records with their entries, each decoded once.
    ///
    /// `for_each`, `fold`, `sum`, `filter(..).count()` and the like choose the record type once and
    /// then run at the speed of a loop over a slice of structs: up to twice as fast as a `for`
    /// loop, if the closure is small enough to be inlined. Unused fields of a record or an entry
    /// cost nothing.
    ///
    /// ```
    /// use loginrec::LogFile;
    ///
    /// let wtmp = LogFile::open("fixtures/openbsd-utmp-304-le/wtmp")?;
    /// let newest = wtmp.records().entries().flatten().map(|(_, entry)| entry.ut_tv).max();
    /// assert!(newest.unwrap().tv_sec > 1_600_000_000);
    /// # Ok::<(), loginrec::OpenError>(())
    /// ```
    pub fn entries(self) -> Entries<'a> {
        Entries(self)
    }
}

fn decoded<'a>(record: Record<'a>) -> (Record<'a>, Entry<'a>) {
    (record, record.entry())
}

impl<'a> Iterator for Entries<'a> {
    type Item = Item<'a>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        match self.0.next()? {
            Ok(record) => Some(Ok((record, record.entry()))),
            Err(error) => Some(Err(error)),
        }
    }

    fn nth(&mut self, n: usize) -> Option<Self::Item> {
        Some(self.0.nth(n)?.map(decoded))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }

    fn last(self) -> Option<Self::Item> {
        Some(self.0.last()?.map(decoded))
    }

    fn fold<B, F: FnMut(B, Self::Item) -> B>(self, init: B, f: F) -> B {
        visit(self.0.layout(), Fold { records: self.0, init, f })
    }
}

impl DoubleEndedIterator for Entries<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        Some(self.0.next_back()?.map(decoded))
    }

    fn nth_back(&mut self, n: usize) -> Option<Self::Item> {
        Some(self.0.nth_back(n)?.map(decoded))
    }
}

impl FusedIterator for Entries<'_> {}

struct Fold<'a, B, F> {
    records: Records<'a>,
    init: B,
    f: F,
}

impl<'a, B, F: FnMut(B, Item<'a>) -> B> Visitor for Fold<'a, B, F> {
    type Output = B;

    fn visit<R: RawRecord>(self) -> B {
        if self.records.is_unsigned() {
            return self.one_by_one();
        }
        let Fold { mut records, init, mut f } = self;
        let (start, whole) = records.take_whole();
        let (whole, _) = R::slice_from(whole);
        let mut acc = all(records.layout(), start, whole, init, &mut f);
        if R::IS_TRIMMED {
            while let Some(record) = records.next_whole() {
                acc = f(acc, Ok((record, R::read(record.bytes()))));
            }
        }
        Fold { records, init: acc, f }.one_by_one()
    }

    fn one_by_one(self) -> B {
        let Fold { records, init, mut f } = self;
        let mut acc = init;
        for item in records {
            acc = f(acc, item.map(decoded));
        }
        acc
    }
}

/// Folds over adjacent records. Not part of `visit`, where a panic in `f` has something to drop:
/// LLVM assumes that code after such a call seldom runs, and inlines nothing of it.
#[inline(never)]
fn all<'a, R: RawRecord, B>(
    layout: &'static Layout,
    start: Position,
    whole: &'a [R],
    init: B,
    f: &mut impl FnMut(B, Item<'a>) -> B,
) -> B {
    let mut acc = init;
    let Position { mut index, mut offset, .. } = start;
    for raw in whole {
        let at = Position { index, offset, zeros: 0 };
        // Two calls, not one with either entry: an entry from two sources would be built in memory
        // instead of being optimized out. The same holds for a record that is passed to the call
        // that is not inlined.
        acc = match decode::is_suspect(raw) {
            true => with_suspect(layout, at, raw, acc, f),
            false => with_raw(layout, at, raw, acc, f),
        };
        // Counts records in memory, so it cannot wrap.
        index = index.wrapping_add(1);
        offset = offset.wrapping_add(size_of::<R>() as u64);
    }
    acc
}

/// Not inlined at first: once `f` has been inlined here, the lengths of the fields are known, and
/// the search for a NUL is then small enough to be inlined.
#[inline]
fn with_raw<'a, R: RawRecord, B>(
    layout: &'static Layout,
    at: Position,
    raw: &'a R,
    acc: B,
    f: &mut impl FnMut(B, Item<'a>) -> B,
) -> B {
    f(acc, Ok((record(layout, at, raw), raw.entry())))
}

#[cold]
#[inline(never)]
fn with_suspect<'a, R: RawRecord, B>(
    layout: &'static Layout,
    at: Position,
    raw: &'a R,
    acc: B,
    f: &mut impl FnMut(B, Item<'a>) -> B,
) -> B {
    let entry = decode::suspect::<R>(layout, raw.as_bytes());
    f(acc, Ok((record(layout, at, raw), entry)))
}

/// Returns a record of an array, with signed seconds.
#[inline]
fn record<'a, R: RawRecord>(layout: &'static Layout, at: Position, raw: &'a R) -> Record<'a> {
    let Position { index, offset, .. } = at;
    Record::new(layout, Frame { index, offset, key: None, bytes: raw.as_bytes() })
}
