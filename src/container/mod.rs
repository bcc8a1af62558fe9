//! Containers: how a file is split into records.

#[cfg_attr(not(feature = "std"), allow(dead_code, reason = "files are read with std"))]
pub(crate) mod asl;
pub(crate) mod bdb;
mod frame;
mod prefixed;
#[cfg_attr(not(feature = "std"), allow(dead_code, reason = "files are read with std"))]
pub(crate) mod row;
#[cfg_attr(not(feature = "std"), allow(dead_code, reason = "files are read with std"))]
pub(crate) mod session;
mod slots;
#[cfg_attr(not(feature = "std"), allow(dead_code, reason = "files are read with std"))]
pub(crate) mod source;
#[cfg_attr(not(feature = "std"), allow(dead_code, reason = "files are read with std"))]
pub(crate) mod sqlite;
#[cfg_attr(not(feature = "std"), allow(dead_code, reason = "files are read with std"))]
pub(crate) mod stored_row;
mod values;

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::mem;

use self::bdb::Pairs;
use self::frame::Item;
pub(crate) use self::frame::{Frame, Position};
use self::prefixed::Prefixed;
use self::slots::Slots;
use self::stored_row::RowFrames;
use self::values::Values;
use crate::endian::Endian;
use crate::error::Error;
use crate::scan::is_zero;
use crate::value::key::Key;

/// The way records follow one another in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Container {
    /// Back to back, without anything between.
    Array,
    /// Each record after a big-endian `u16` length, without its trailing zeros (FreeBSD `utx.log`).
    LengthPrefixed,
    /// Back to back and addressed by user id; an all-zero slot means "never"
    /// (`lastlog`). The file is usually sparse.
    Slots,
    /// Values of a Berkeley DB 1.85 hash file, their keys user ids (`lastlogx`).
    BerkeleyHash,
    /// Rows of a table of an SQLite database (`wtmp.db`, `lastlog2.db`).
    Sqlite,
    /// Messages of the Apple System Log, version 2.
    Asl,
    /// Messages of the Apple System Log, version 1, in slots.
    AslSlots,
    /// Text of one session, a value in each line (systemd-logind).
    Session,
}

impl Container {
    /// Returns whether records are rows, which are read in the order of a table or a log: those of
    /// SQLite and of the Apple System Log.
    pub const fn has_rows(self) -> bool {
        matches!(self.access(), Access::Rows)
    }

    /// Returns whether records are messages of a log that has others as well.
    pub const fn has_messages(self) -> bool {
        matches!(self, Container::Asl | Container::AslSlots)
    }

    /// Returns whether a record has no bytes of its own that could be written back: it is one of a
    /// database, of the Apple System Log, or text.
    pub const fn is_database(self) -> bool {
        matches!(self.access(), Access::Rows | Access::Whole)
    }

    /// Returns whether records follow one another at multiples of their size.
    pub const fn is_array(self) -> bool {
        matches!(self, Container::Array | Container::Slots)
    }

    /// Returns its name in `loginrec layouts`.
    pub const fn name(self) -> &'static str {
        match self {
            Container::Array => "fixed",
            Container::LengthPrefixed => "length-prefixed",
            Container::Slots => "indexed",
            Container::BerkeleyHash => "database",
            Container::Sqlite => "sqlite",
            Container::Asl => "asl",
            Container::AslSlots => "asl-slots",
            Container::Session => "text",
        }
    }

    /// Returns the key of a record of which only the ordinal is known, if that is not its key.
    pub(crate) const fn key_at(self, index: u64) -> Option<Key<'static>> {
        match self {
            Container::Slots => Some(Key::Uid(index)),
            Container::Array
            | Container::LengthPrefixed
            | Container::BerkeleyHash
            | Container::Sqlite
            | Container::Asl
            | Container::AslSlots
            | Container::Session => None,
        }
    }

    /// Returns the ways in which such a file can be read in parts.
    pub(crate) const fn access(self) -> Access {
        match self {
            Container::Array => Access::Array,
            Container::Slots => Access::SparseArray,
            Container::LengthPrefixed => Access::Chain,
            Container::BerkeleyHash => Access::Whole,
            Container::Sqlite | Container::Asl | Container::AslSlots | Container::Session => {
                Access::Rows
            }
        }
    }

    /// Returns the container that the header of a file identifies, with the byte order of its
    /// records. Files of [`Access::Whole`] have such a header, and no others.
    pub(crate) fn of_header(head: &[u8]) -> Option<(Container, Endian)> {
        let hash = Pairs::new(head).ok()?;
        Some((Container::BerkeleyHash, hash.lorder().endian()))
    }

    /// Returns a description of a file with such a header.
    pub(crate) const fn header_name(self) -> &'static str {
        match self {
            Container::BerkeleyHash => "a lastlogx database",
            _ => "",
        }
    }

    /// Returns the values of a database that span several pages and could be records, one after
    /// another; see [`Frames::new`].
    pub(crate) fn reassemble(self, data: &[u8]) -> Vec<u8> {
        match self {
            Container::BerkeleyHash => values::reassemble(data),
            _ => Vec::new(),
        }
    }
}

/// The way in which a file can be read in parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// From any multiple of the size of a record.
    Array,
    /// The same, but zeros are not records, so holes need not be read.
    SparseArray,
    /// From the first record on: only its length shows where the next one is.
    Chain,
    /// Only as a whole: it is a database.
    Whole,
    /// In the order of a table or a log, each put together from several places: see
    /// [`crate::read`].
    Rows,
}

impl Access {
    /// Returns the number of bytes before a record that are not part of it.
    pub(crate) const fn prefix_len(self) -> usize {
        match self {
            Access::Chain => prefixed::PREFIX,
            Access::Array | Access::SparseArray | Access::Whole | Access::Rows => 0,
        }
    }

    /// Returns the length of a record in the file, with its prefix; `None` in a database.
    #[cfg(feature = "std")]
    pub(crate) fn stored_len(self, size: usize, prefix: &[u8]) -> Option<usize> {
        match self {
            Access::Array | Access::SparseArray => Some(size),
            Access::Chain => Some(prefixed::stored_len(prefix)),
            Access::Whole | Access::Rows => None,
        }
    }

    /// Returns the length and number of the whole records at the beginning of `data`.
    pub(crate) fn whole_records(self, data: &[u8], size: usize) -> (usize, u64) {
        match self {
            Access::Array | Access::SparseArray => {
                let records = data.len().checked_div(size).unwrap_or(0);
                (records.saturating_mul(size), records as u64)
            }
            Access::Chain => prefixed::whole_records(data),
            Access::Whole | Access::Rows => (0, 0),
        }
    }
}

/// Splits `data` into frames, from either end.
#[derive(Clone, Debug)]
pub(crate) struct Frames<'a>(Walk<'a>);

#[derive(Clone, Debug)]
enum Walk<'a> {
    Array(Slots<'a>),
    Slots(Slots<'a>),
    Prefixed(Prefixed<'a>),
    Pairs(Box<Values<'a>>),
    Rows(RowFrames<'a>),
    /// Frames that could only be found forwards, stored for iterating backwards.
    Found(VecDeque<Item<'a>>),
    /// Bytes that belong to no record, until they are reported.
    #[cfg_attr(not(feature = "std"), expect(dead_code, reason = "only readers skip bytes"))]
    Skipped {
        offset: u64,
        bytes: &'a [u8],
        reported: bool,
    },
}

impl<'a> Frames<'a> {
    /// `fragmented` contains, one after another, the values of a database that span several pages;
    /// of rows, those that were put together as [`stored_row`]s.
    pub(crate) fn new(
        data: &'a [u8],
        container: Container,
        size: usize,
        fragmented: &'a [u8],
    ) -> Self {
        Frames(match container {
            Container::Array => Walk::Array(Slots::new(data, size)),
            Container::Slots => Walk::Slots(Slots::new(data, size)),
            Container::LengthPrefixed => Walk::Prefixed(Prefixed::new(data)),
            Container::BerkeleyHash => match Pairs::new(data) {
                Ok(pairs) => Walk::Pairs(Box::new(Values::new(pairs, fragmented))),
                Err(_) if data.is_empty() => Walk::Found(VecDeque::new()),
                Err(error) => Walk::Found([Err(error)].into()),
            },
            Container::Sqlite | Container::Asl | Container::AslSlots | Container::Session => {
                Walk::Rows(RowFrames::new(fragmented))
            }
        })
    }

    /// Creates frames for bytes that belong to no record: one error.
    #[cfg(feature = "std")]
    pub(crate) fn skipped(offset: u64, bytes: &'a [u8]) -> Self {
        Frames(Walk::Skipped { offset, bytes, reported: false })
    }

    /// Returns the bytes given to [`Frames::skipped`].
    pub(crate) fn skipped_bytes(&self) -> Option<(u64, &'a [u8])> {
        match self.0 {
            Walk::Skipped { offset, bytes, .. } => Some((offset, bytes)),
            _ => None,
        }
    }

    /// Returns the same bytes as part of a longer file. A database is never read in parts.
    pub(crate) fn at(mut self, start: Position) -> Self {
        match &mut self.0 {
            Walk::Array(slots) | Walk::Slots(slots) => slots.start(start),
            Walk::Prefixed(log) => log.start(start),
            Walk::Rows(rows) => rows.start(start),
            Walk::Pairs(_) | Walk::Found(_) | Walk::Skipped { .. } => {}
        }
        self
    }

    /// Takes the remaining whole records of an array.
    pub(crate) fn take_whole(&mut self) -> (Position, &'a [u8]) {
        match &mut self.0 {
            Walk::Array(slots) => slots.take_whole(),
            _ => (Position::default(), &[]),
        }
    }

    /// Returns the next frame if it is a whole record, as nearly all are.
    #[inline]
    pub(crate) fn next_whole(&mut self) -> Option<Frame<'a>> {
        match &mut self.0 {
            Walk::Array(slots) => slots.next_whole(),
            Walk::Prefixed(log) => log.next_whole(),
            _ => None,
        }
    }

    /// Returns the last record, if this is an array that ends with a whole one.
    #[inline]
    pub(crate) fn next_back_whole(&mut self) -> Option<Frame<'a>> {
        match &mut self.0 {
            Walk::Array(slots) => slots.next_back_whole(),
            _ => None,
        }
    }
}

/// A slot of a lastlog: its number is a user id.
fn by_uid(slot: Item<'_>) -> Item<'_> {
    slot.map(|frame| Frame { key: Container::Slots.key_at(frame.index), ..frame })
}

impl<'a> Iterator for Frames<'a> {
    type Item = Item<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.0 {
            Walk::Array(slots) => slots.next(),
            Walk::Slots(slots) => {
                slots.skip_unused();
                slots.next().map(by_uid)
            }
            Walk::Prefixed(log) => log.next(),
            Walk::Pairs(values) => values.next(),
            Walk::Rows(rows) => rows.next(),
            Walk::Found(found) => found.pop_front(),
            Walk::Skipped { offset, bytes, reported } => {
                let len = bytes.len() as u64;
                let error = Error::Skipped { offset: *offset, len };
                (!mem::replace(reported, true)).then_some(Err(error))
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match &self.0 {
            Walk::Array(slots) => (slots.len(), Some(slots.len())),
            Walk::Slots(slots) => (0, Some(slots.len())),
            Walk::Prefixed(log) => (0, Some(log.most())),
            Walk::Pairs(_) => (0, None),
            Walk::Rows(rows) => (0, Some(rows.most())),
            Walk::Found(found) => (found.len(), Some(found.len())),
            Walk::Skipped { .. } => (0, Some(1)),
        }
    }

    /// Skips in constant time for arrays: detection samples huge files.
    fn nth(&mut self, n: usize) -> Option<Self::Item> {
        if let Walk::Array(slots) = &mut self.0 {
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
            Walk::Array(slots) => slots.skip_back(n),
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
            Walk::Array(slots) => slots.next_back(),
            Walk::Slots(slots) => loop {
                match slots.next_back()? {
                    Ok(frame) if is_zero(frame.bytes) => continue,
                    found => return Some(by_uid(found)),
                }
            },
            Walk::Found(found) => found.pop_back(),
            Walk::Skipped { .. } => self.next(),
            Walk::Prefixed(_) | Walk::Pairs(_) | Walk::Rows(_) => {
                let mut found: VecDeque<_> = self.by_ref().collect();
                let last = found.pop_back();
                self.0 = Walk::Found(found);
                last
            }
        }
    }
}
