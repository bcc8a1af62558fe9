//! Hash files of Berkeley DB 1.85, in which NetBSD and DragonFly store `lastlogx`.
//!
//! The format is defined by the code that writes it: `lib/libc/db/hash` of NetBSD (`hash.h`,
//! `page.h`, `hash_page.c`, `hash_bigkey.c`). A header is followed by pages of `bsize` bytes. Each
//! bucket has a page and, if that is full, a chain of overflow pages; `spares` in the header has
//! the number of these before a bucket. A page is an array of `u16`, followed by keys and values,
//! which grow from the page's end:
//!
//! ```text
//! p[0]           n, the number of slots in use
//! p[1] .. p[n]   pairs of slots: offset of the key, offset of its value;
//!                or (overflow address, 0), last on the page: the chain continues;
//!                or (offset, 1 | 2 | 3), first on the page: part of a big pair
//! p[n+1] p[n+2]  free bytes, offset of the lowest byte in use
//! ```
//!
//! Surprises:
//! * The header is big-endian on every machine; `lorder` governs the pages only.
//! * Page n starts at `n << bshift` but may be shorter than that: file systems with
//!   blocks of 64 KiB get pages of 65535 bytes, one byte apart.
//! * `nkeys` can be too low. Nothing here relies on it.
//! * A big pair starts a page and continues on the next pages of the chain. So a page has at most
//!   one successor, and a chain can be checked for loops before it is read.
//! * Any number in the file may be a lie, so a walk has a budget of steps.

use core::iter::{self, FusedIterator};
use core::ops::Range;
use core::{fmt, mem};

use crate::endian::Endian;
use crate::error::{Error, PageFault};

const MAGIC: u32 = 0x0006_1561;
const HEADER_LEN: usize = 260;
/// The hash of a fixed text: the library opens no file made with another hash function.
const CHARKEY: u32 = 0x956e_7de3;

/// The flags of a big pair. On pages of the key: the key continues; it ends; it ends and the value
/// begins. On pages of the value: (never 1); the value continues; it ends.
const PARTIAL_KEY: usize = 1;
const FULL_KEY: usize = 2;
const FULL_KEY_DATA: usize = 3;

/// Most steps to overflow pages, for each page of the file. A valid file needs one; finding a loop
/// takes at most three for each page of the chain.
const STEPS: u64 = 4;

const HEADER_FAULT: Error = Error::Page { page: 0, offset: 0, fault: PageFault::Header };

/// Byte order of the pages and keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lorder {
    Little,
    Big,
}

impl Lorder {
    pub(crate) fn endian(self) -> Endian {
        match self {
            Lorder::Little => Endian::Little,
            Lorder::Big => Endian::Big,
        }
    }

    fn number(self, bytes: &[u8]) -> u32 {
        let push = |number, byte: &u8| number << 8 | u32::from(*byte);
        if self == Lorder::Big { bytes.iter().fold(0, push) } else { bytes.iter().rfold(0, push) }
    }
}

/// The longest value that can be a record: `struct lastlogx` of 64-bit machines.
pub(crate) const LONGEST_VALUE: u64 = 432;

/// Returns whether `data` begins with the header of a 1.85 hash database.
pub(crate) fn is_database(data: &[u8]) -> bool {
    header_word(data, 0) == Some(MAGIC)
        && matches!(header_word(data, 4), Some(1 | 2))
        && matches!(header_word(data, 8), Some(1234 | 4321))
        && header_word(data, 64) == Some(CHARKEY)
}

fn header_word(data: &[u8], at: usize) -> Option<u32> {
    data.get(at..)?.first_chunk().map(|word| u32::from_be_bytes(*word))
}

/// A page, with the header's facts about all pages. The last one may be truncated.
#[derive(Clone, Copy)]
struct Page<'a> {
    number: u32,
    /// Byte offset in the file.
    start: usize,
    data: &'a [u8],
    lorder: Lorder,
    /// Length of a page; the next field is the distance between the starts of pages.
    bsize: usize,
    stride: usize,
    /// The page of bucket 0.
    hdrpages: u32,
}

impl fmt::Debug for Page<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Page({})", self.number)
    }
}

impl<'a> Page<'a> {
    fn header(data: &'a [u8]) -> Option<Page<'a>> {
        data.get(..HEADER_LEN).filter(|header| is_database(header))?;
        let lorder = if header_word(data, 8)? == 1234 { Lorder::Little } else { Lorder::Big };
        // A page has room for the four slots of a big pair. The library reserves 512 bytes for the
        // header, which are 32 of the smallest pages.
        let bsize = header_word(data, 12).filter(|n| (16..=0xffff).contains(n))? as usize;
        let stride = bsize.checked_next_power_of_two()?;
        let hdrpages = header_word(data, 60).filter(|n| (1..=32).contains(n))?;
        header_word(data, 16).filter(|&bshift| bshift == stride.trailing_zeros())?;
        Some(Page { number: 0, start: 0, data, lorder, bsize, stride, hdrpages })
    }

    /// Returns another page of the file, unless it starts beyond the end.
    fn page(self, number: u32) -> Option<Page<'a>> {
        let start = usize::try_from(number).ok()?.checked_mul(self.stride)?;
        (start < self.data.len()).then_some(Page { number, start, ..self })
    }

    /// Returns the number of a bucket's page, in the file or not; `None` if `spares` (words from
    /// byte 68 on) is invalid.
    fn bucket_page(self, bucket: u32) -> Option<u32> {
        let page = bucket.checked_add(self.hdrpages)?;
        let Some(i) = bucket.checked_ilog2() else { return Some(page) };
        let spares = header_word(self.data, (i as usize).saturating_mul(4).saturating_add(68))?;
        page.checked_add(u32::try_from(spares.cast_signed()).ok()?)
    }

    /// Returns the page at an overflow address, if it is in the file. Five bits of the address are
    /// the bucket before it (a power of two less one), and eleven bits count from there.
    fn overflow_page(self, address: usize) -> Option<Page<'a>> {
        let bucket = 1u32.checked_shl(u32::try_from(address >> 11).ok()?)?.saturating_sub(1);
        let nth = u32::try_from(address & 0x7ff).ok().filter(|&nth| nth != 0)?;
        self.page(self.bucket_page(bucket)?.checked_add(nth)?)
    }

    fn fault(&self, fault: PageFault) -> Error {
        Error::Page { page: self.number, offset: self.start as u64, fault }
    }

    fn bytes(&self, range: Range<usize>) -> Result<&'a [u8], Error> {
        self.data.get(self.start..).and_then(|p| p.get(range)).ok_or(self.fault(PageFault::Bounds))
    }

    /// Returns p[i].
    fn slot(&self, i: usize) -> Result<usize, Error> {
        let at = i.saturating_mul(2);
        Ok(self.lorder.number(self.bytes(at..at.saturating_add(2))?) as usize)
    }

    /// Returns the number of slots. A hole in the file reads as a page without slots.
    fn count(&self) -> Result<usize, Error> {
        let count = self.slot(0)?;
        if count & 1 != 0 || slots_end(count) > self.bsize {
            return Err(self.fault(PageFault::Slots));
        }
        Ok(count)
    }

    /// Returns the overflow address of the next page.
    fn link(&self) -> Result<Option<usize>, Error> {
        let count = self.count()?;
        let linked = count > 2 && matches!(self.slot(2)?, PARTIAL_KEY..=FULL_KEY_DATA)
            || count > 0 && self.slot(count)? == 0;
        if linked { self.slot(count.saturating_sub(1)).map(Some) } else { Ok(None) }
    }

    /// Iterates over this page and the next ones, forever if they are a loop.
    fn chain(self) -> impl Iterator<Item = Page<'a>> {
        iter::successors(Some(self), |page| page.overflow_page(page.link().ok()??))
    }

    /// Returns the part of a big key or value on this page, and the flag for its continuation:
    /// `min` or more.
    fn part(&self, min: usize) -> Result<(&'a [u8], usize), Error> {
        let flag = self.slot(2)?;
        if flag < min || flag > FULL_KEY_DATA {
            return Err(self.fault(PageFault::Endless));
        }
        Ok((self.span(1, self.bsize)?, flag))
    }

    /// Returns the bytes from the offset in a slot, which must not point into the slots.
    fn span(&self, slot: usize, end: usize) -> Result<&'a [u8], Error> {
        let (start, min) = (self.slot(slot)?, slots_end(self.count()?));
        if start < min { Err(self.fault(PageFault::Bounds)) } else { self.bytes(start..end) }
    }

    fn pair(&self, key: &[u8], at: usize, value: Value<'a>) -> Result<Pair<'a>, Error> {
        if key.len() != 4 {
            return Err(self.fault(PageFault::Key));
        }
        Ok(Pair { uid: self.lorder.number(key), offset: at as u64, value })
    }
}

/// Returns where the slots of a page end, including three other words.
fn slots_end(count: usize) -> usize {
    count.saturating_add(3).saturating_mul(2)
}

/// A user id and the `struct lastlogx` of its last login.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pair<'a> {
    pub(crate) uid: u32,
    /// Byte offset in the file of the first byte of the value.
    pub(crate) offset: u64,
    pub(crate) value: Value<'a>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Value<'a> {
    Whole(&'a [u8]),
    Fragmented(Fragmented<'a>),
}

/// A value that spans two pages or more.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fragmented<'a> {
    page: Page<'a>,
    first: &'a [u8],
    more: usize,
    /// Length of the whole value.
    pub(crate) len: u64,
}

impl<'a> Fragmented<'a> {
    /// Returns the parts in order.
    pub(crate) fn parts(self) -> impl Iterator<Item = &'a [u8]> {
        let behind = self.page.chain().skip(1).take(self.more);
        iter::once(self.first).chain(behind.filter_map(|page| Some(page.part(FULL_KEY).ok()?.0)))
    }
}

/// Iterates over all pairs, bucket by bucket.
///
/// After an error it continues: with the next pair if only one pair is lost, else with the next
/// bucket. It ends after [`PageFault::Header`], which comes last if `spares` left a bucket without
/// a page, and after [`PageFault::Shared`], which it reports when so many chains share their pages
/// that its budget is spent.
#[derive(Clone, Debug)]
pub(crate) struct Pairs<'a> {
    /// Buckets that have not been read.
    buckets: Range<u32>,
    budget: u64,
    mislaid: bool,
    /// Whether the fields below are a position in the chain of a bucket.
    open: bool,
    page: Page<'a>,
    slot: usize,
    /// Offset in the page at which the pair before this one begins.
    end: usize,
    /// If the chain is a loop: the number of pages after this one until it closes, and the page it
    /// returns to.
    closes: Option<(usize, Page<'a>)>,
}

impl<'a> Pairs<'a> {
    pub(crate) fn new(data: &'a [u8]) -> Result<Pairs<'a>, Error> {
        let page = Page::header(data).ok_or(HEADER_FAULT)?;
        // The number of a page is greater than that of its bucket.
        let pages = u32::try_from(data.len().div_ceil(page.stride)).unwrap_or(u32::MAX);
        let buckets = 0..header_word(data, 40).ok_or(HEADER_FAULT)?.saturating_add(1).min(pages);
        let budget = u64::from(pages).saturating_mul(STEPS);
        let (mislaid, open) = (false, false);
        Ok(Pairs { buckets, budget, mislaid, open, page, slot: 0, end: 0, closes: None })
    }

    pub(crate) fn lorder(&self) -> Lorder {
        self.page.lorder
    }

    /// Moves to the next bucket that has a page in the file.
    fn open_bucket(&mut self) -> Result<bool, Error> {
        while let Some(bucket) = self.buckets.next() {
            let number = self.page.bucket_page(bucket);
            self.mislaid |= number.is_none();
            if let Some(page) = number.and_then(|number| self.page.page(number)) {
                self.closes = self.survey(page)?;
                return Ok(self.enter(page));
            }
        }
        if mem::take(&mut self.mislaid) { Err(HEADER_FAULT) } else { Ok(false) }
    }

    /// Follows the chain from `head` to find out whether it is a loop. Brent's algorithm.
    fn survey(&mut self, head: Page<'a>) -> Result<Option<(usize, Page<'a>)>, Error> {
        let (mut anchor, mut lap, mut limit) = (head, 0usize, 1usize);
        for page in head.chain().skip(1) {
            if self.budget == 0 {
                (self.buckets, self.mislaid) = (0..0, false);
                return Err(page.fault(PageFault::Shared));
            }
            self.budget = self.budget.saturating_sub(1);
            lap = lap.saturating_add(1);
            if page.number == anchor.number {
                // The loop has `lap` pages. On the way from `head`, two pages at that distance are
                // first equal where it begins.
                let mut pages = head.chain().zip(head.chain().skip(lap)).enumerate();
                let begin = pages.find(|(_, (page, ahead))| page.number == ahead.number);
                let last = lap.saturating_sub(1);
                return Ok(begin.map(|(before, (page, _))| (before.saturating_add(last), page)));
            }
            if lap == limit {
                (anchor, lap, limit) = (page, 0, limit.saturating_mul(2));
            }
        }
        Ok(None)
    }

    fn enter(&mut self, page: Page<'a>) -> bool {
        (self.open, self.page, self.slot, self.end) = (true, page, 1, page.bsize);
        true
    }

    /// Moves to the next page; returns false at the end of the chain.
    fn advance(&mut self) -> Result<bool, Error> {
        let Some(address) = self.page.link()? else { return Ok(false) };
        if let Some((left, page)) = &mut self.closes {
            *left = left.checked_sub(1).ok_or(page.fault(PageFault::Cycle))?;
        }
        let page = self.page.overflow_page(address);
        Ok(self.enter(page.ok_or(self.page.fault(PageFault::Missing))?))
    }

    /// Moves to the next page, on which a big key or value must continue.
    fn advance_part(&mut self, min: usize) -> Result<(&'a [u8], usize), Error> {
        if self.advance()? { self.page.part(min) } else { Err(self.page.fault(PageFault::Endless)) }
    }

    /// Reads a pair. The outer error ends the bucket; the inner one concerns only the pair.
    fn read(&mut self) -> Result<Option<Result<Pair<'a>, Error>>, Error> {
        while self.open || self.open_bucket()? {
            let (page, count, slot) = (self.page, self.page.count()?, self.slot);
            if slot >= count {
                self.open = self.advance()?;
                continue;
            }
            let (key, value) = (page.slot(slot)?, page.slot(slot.saturating_add(1))?);
            if slot == 1 && matches!(value, PARTIAL_KEY..=FULL_KEY_DATA) {
                return self.read_big().map(Some);
            }
            self.slot = slot.saturating_add(2);
            if value == 0 && self.slot > count {
                continue;
            }
            let end = mem::replace(&mut self.end, value);
            if value < slots_end(count) || value > key || key > end {
                return Err(page.fault(PageFault::Bounds));
            }
            // On a truncated page, the pairs before the cut are whole.
            let (key_bytes, at) = (page.bytes(key..end), page.start.saturating_add(value));
            let value = page.bytes(value..key).map(Value::Whole);
            return Ok(Some(key_bytes.and_then(|key| page.pair(key, at, value?))));
        }
        Ok(None)
    }

    fn read_big(&mut self) -> Result<Result<Pair<'a>, Error>, Error> {
        let (head, mut key, mut key_len) = (self.page, [0; 4], 0usize);
        let (mut part, mut flag) = self.page.part(PARTIAL_KEY)?;
        loop {
            key.iter_mut().skip(key_len).zip(part).for_each(|(to, from)| *to = *from);
            key_len = key_len.saturating_add(part.len());
            if flag != PARTIAL_KEY {
                break;
            }
            (part, flag) = self.advance_part(PARTIAL_KEY)?;
        }
        let (mut slot, mut end) = (1, self.page.bsize);
        if flag == FULL_KEY {
            (_, flag) = self.advance_part(FULL_KEY)?;
        } else {
            (slot, end) = (self.page.count()?, self.page.slot(1)?);
            // The writer leaves a byte free if the value is complete.
            let complete = self.page.slot(slot.saturating_add(1))? != 0;
            flag = if complete { FULL_KEY_DATA } else { FULL_KEY };
        }
        let (page, first) = (self.page, self.page.span(slot, end)?);
        let mut parts = Fragmented { page, first, more: 0, len: 0 };
        while flag == FULL_KEY {
            (_, flag) = self.advance_part(FULL_KEY)?;
            parts.more = parts.more.saturating_add(1);
        }
        parts.len = parts.parts().map(|part| part.len() as u64).sum();
        // The last page has nothing else but the link to the rest of the chain.
        self.slot = usize::MAX;
        let value = if parts.more == 0 { Value::Whole(first) } else { Value::Fragmented(parts) };
        let at = page.start.saturating_add(page.slot(slot)?);
        Ok(head.pair(key.get(..key_len).unwrap_or(&[]), at, value))
    }
}

impl<'a> Iterator for Pairs<'a> {
    type Item = Result<Pair<'a>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let pair = self.read().transpose()?;
        self.open &= pair.is_ok();
        Some(pair.unwrap_or_else(Err))
    }
}

impl FusedIterator for Pairs<'_> {}

#[cfg(all(test, feature = "std"))]
mod tests;
