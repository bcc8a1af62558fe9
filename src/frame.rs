//! Where one record ends and the next begins.

mod slots;
mod zeros;

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use core::mem;

use zerocopy::{FromBytes, Immutable, KnownLayout, Unaligned};

use self::slots::Slots;
pub(crate) use self::zeros::{is_zero, leading_zeros, trailing_zeros};
use crate::error::Error;
use crate::hash::{LONGEST_VALUE, Pairs, Value};

/// How records follow one another in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Framing {
    /// Back to back.
    Fixed,
    /// Each behind a big-endian `u16` length; trailing zero bytes are not stored
    /// (FreeBSD `utx.log`).
    LengthPrefixed,
    /// Back to back and addressed by user id; an all-zero slot means "never"
    /// (`lastlog`). The file is usually sparse.
    Indexed,
    /// Values of a Berkeley DB 1.85 hash file, their keys user ids (`lastlogx`).
    Database,
}

/// Where in a file the bytes to be walked begin.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Start {
    pub(crate) offset: u64,
    /// The ordinal of the first record.
    pub(crate) index: u64,
    /// Lengths of zero right before, not reported yet (`utx.log`).
    pub(crate) zeros: u64,
}

/// One record's bytes and where they were found.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame<'a> {
    pub(crate) index: u64,
    pub(crate) offset: u64,
    /// The key of a database value.
    pub(crate) uid: Option<u32>,
    pub(crate) bytes: &'a [u8],
}

type Item<'a> = Result<Frame<'a>, Error>;

/// Splits `data` into frames, from either end.
#[derive(Clone, Debug)]
pub(crate) struct Frames<'a>(Walk<'a>);

#[derive(Clone, Debug)]
enum Walk<'a> {
    Fixed(Slots<'a>),
    Indexed(Slots<'a>),
    Prefixed(Prefixed<'a>),
    Pairs(Box<Values<'a>>),
    /// Walking backwards through what can only be found forwards: walked once, kept.
    Found(VecDeque<Item<'a>>),
}

impl<'a> Frames<'a> {
    /// `scattered` holds, one behind the other, the values of a database that do not
    /// lie in one piece.
    pub(crate) fn new(data: &'a [u8], framing: Framing, size: usize, scattered: &'a [u8]) -> Self {
        Frames(match framing {
            Framing::Fixed => Walk::Fixed(Slots::new(data, size)),
            Framing::Indexed => Walk::Indexed(Slots::new(data, size)),
            Framing::LengthPrefixed => Walk::Prefixed(Prefixed { data, at: Start::default() }),
            Framing::Database => match Pairs::new(data) {
                Ok(pairs) => Walk::Pairs(Box::new(Values { pairs, scattered, index: 0 })),
                Err(_) if data.is_empty() => Walk::Found(VecDeque::new()),
                Err(error) => Walk::Found([Err(error)].into()),
            },
        })
    }

    /// The same bytes as part of a longer file. A database is never walked in parts.
    pub(crate) fn starting(mut self, start: Start) -> Self {
        match &mut self.0 {
            Walk::Fixed(slots) | Walk::Indexed(slots) => slots.start(start),
            Walk::Prefixed(log) => log.at = start,
            Walk::Pairs(_) | Walk::Found(_) => {}
        }
        self
    }

    /// For whole fixed records: the bytes not walked yet. They are then taken.
    pub(crate) fn take_whole(&mut self) -> &'a [u8] {
        match &mut self.0 {
            Walk::Fixed(slots) => slots.take_whole(),
            _ => &[],
        }
    }
}

impl<'a> Frames<'a> {
    /// For whole fixed records: the next as an `R`, which is as long as a slot.
    #[inline]
    pub(crate) fn next_raw<R>(&mut self) -> Option<&'a R>
    where
        R: FromBytes + Immutable + KnownLayout + Unaligned,
    {
        match &mut self.0 {
            Walk::Fixed(slots) => slots.next_raw(),
            _ => None,
        }
    }

    /// The next, if it is a record that lies here whole, as nearly all do.
    #[inline]
    pub(crate) fn next_whole(&mut self) -> Option<Frame<'a>> {
        match &mut self.0 {
            Walk::Fixed(slots) => slots.next_whole(),
            Walk::Prefixed(log) => log.next_whole(),
            _ => None,
        }
    }
}

/// FreeBSD's `utx.log`.
#[derive(Clone, Debug)]
struct Prefixed<'a> {
    data: &'a [u8],
    at: Start,
}

impl<'a> Prefixed<'a> {
    fn skip(&mut self, bytes: usize) {
        self.data = self.data.get(bytes..).unwrap_or_default();
        self.at.offset = self.at.offset.saturating_add(bytes as u64);
    }

    /// The next, if it lies here whole.
    #[inline]
    fn next_whole(&mut self) -> Option<Frame<'a>> {
        let (prefix, behind) = self.data.split_first_chunk()?;
        let len = u16::from_be_bytes(*prefix);
        let told = self.at.zeros == 0; // of what was passed over before
        let (bytes, rest) = behind.split_at_checked(len.into()).filter(|_| len > 0 && told)?;
        let frame = Frame { index: self.at.index, offset: self.at.offset, uid: None, bytes };
        self.data = rest;
        self.at.offset = self.at.offset.wrapping_add(2).wrapping_add(len.into());
        self.at.index = self.at.index.wrapping_add(1);
        Some(frame)
    }

    fn next(&mut self) -> Option<Item<'a>> {
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

/// How many bytes of a `utx.log` that goes on are whole records, and how many those are.
/// Zeros at the end wait for what comes behind them: the last may begin a length.
#[cfg(feature = "std")]
pub(crate) fn whole_prefixed(data: &[u8]) -> (usize, u64) {
    let mut log = Prefixed { data, at: Start::default() };
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

/// The values of a hash database.
#[derive(Clone, Debug)]
struct Values<'a> {
    pairs: Pairs<'a>,
    scattered: &'a [u8],
    index: u64,
}

impl<'a> Values<'a> {
    fn next(&mut self) -> Option<Item<'a>> {
        let pair = match self.pairs.next()? {
            Ok(pair) => pair,
            Err(error) => return Some(Err(error)),
        };
        let bytes = match pair.value {
            Value::Whole(bytes) => bytes,
            Value::Scattered(parts) => {
                let fits = Some(parts.len).filter(|&len| len <= LONGEST_VALUE);
                let Some(len) = fits.and_then(|len| usize::try_from(len).ok()) else {
                    let len = parts.len;
                    return Some(Err(Error::ValueLength { offset: pair.offset, len }));
                };
                match self.scattered.split_at_checked(len) {
                    Some((bytes, rest)) if len > 0 => {
                        self.scattered = rest;
                        bytes
                    }
                    _ => {
                        let len = parts.len;
                        return Some(Err(Error::Scattered { offset: pair.offset, len }));
                    }
                }
            }
        };
        let frame = Frame { index: self.index, offset: pair.offset, uid: Some(pair.uid), bytes };
        self.index = self.index.saturating_add(1);
        Some(Ok(frame))
    }
}

impl<'a> Iterator for Frames<'a> {
    type Item = Item<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.0 {
            Walk::Fixed(slots) => slots.next(),
            Walk::Indexed(slots) => {
                slots.skip_unused();
                slots.next()
            }
            Walk::Prefixed(log) => log.next(),
            Walk::Pairs(values) => values.next(),
            Walk::Found(found) => found.pop_front(),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match &self.0 {
            Walk::Fixed(slots) => (slots.len(), Some(slots.len())),
            Walk::Indexed(slots) => (0, Some(slots.len())),
            // A length and one byte, or a run of zeros.
            Walk::Prefixed(log) => (0, Some(log.data.len())),
            Walk::Pairs(_) => (0, None),
            Walk::Found(found) => (found.len(), Some(found.len())),
        }
    }

    /// Fixed framing skips without walking: detection samples huge files.
    fn nth(&mut self, n: usize) -> Option<Self::Item> {
        if let Walk::Fixed(slots) = &mut self.0 {
            slots.skip_front(n);
        } else {
            for _ in 0..n {
                self.next()?.ok();
            }
        }
        self.next()
    }
}

impl DoubleEndedIterator for Frames<'_> {
    fn nth_back(&mut self, n: usize) -> Option<Self::Item> {
        match &mut self.0 {
            _ if n == 0 => {}
            Walk::Fixed(slots) => slots.skip_back(n),
            _ => {
                for _ in 0..n {
                    self.next_back()?.ok();
                }
            }
        }
        self.next_back()
    }

    fn next_back(&mut self) -> Option<Self::Item> {
        match &mut self.0 {
            Walk::Fixed(slots) => slots.next_back(),
            Walk::Indexed(slots) => loop {
                match slots.next_back()? {
                    Ok(frame) if is_zero(frame.bytes) => continue,
                    found => return Some(found),
                }
            },
            Walk::Found(found) => found.pop_back(),
            Walk::Prefixed(_) | Walk::Pairs(_) => {
                let mut found: VecDeque<_> = self.by_ref().collect();
                let last = found.pop_back();
                self.0 = Walk::Found(found);
                last
            }
        }
    }
}
