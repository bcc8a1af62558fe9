//! Records that are no struct, such as rows of a database: each is put together once, in bytes that
//! views can borrow.
//!
//! What is needed of it is copied: a head of numbers, the bytes as they are stored, and texts that
//! are stored elsewhere. Faults come between rows.

use alloc::vec::Vec;

use zerocopy::{FromBytes, FromZeros as _, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::container::frame::{Frame, Item, Position};
use crate::endian::{I32, I64, LE, U32, U64};
use crate::error::Error;
use crate::error::database::{DatabaseFault, Part};
use crate::value::key::Key;
use crate::value::link::Link;
use crate::value::row_state::{FoundAs, RowState};
use crate::value::text::Text;
use crate::value::timestamp::Timestamp;

/// The use of a column of a login table, or of a value of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    Type,
    /// When the session began; of a lastlog, the last login.
    Time,
    Logout,
    User,
    Line,
    Host,
    Service,
}

/// Number of uses.
pub(super) const USES: usize = 7;
/// The texts among them, in the order of [`Head::texts`].
pub(super) const TEXTS: [Use; 4] = [Use::User, Use::Line, Use::Host, Use::Service];
/// The uses by their numbers.
pub(super) const ALL: [Use; USES] =
    [Use::Type, Use::Time, Use::Logout, Use::User, Use::Line, Use::Host, Use::Service];

/// The numbers of a row, or a fault in its place.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
pub(super) struct Head {
    /// Bytes of it all.
    pub(super) len: U32<LE>,
    pub(super) page: U32<LE>,
    pub(super) offset: U64<LE>,
    pub(super) rowid: I64<LE>,
    pub(super) sec: I64<LE>,
    pub(super) logout_sec: I64<LE>,
    pub(super) usec: U32<LE>,
    pub(super) logout_usec: U32<LE>,
    pub(super) raw_type: I32<LE>,
    /// Bytes of the row as stored, which follow the head.
    pub(super) payload: U32<LE>,
    /// Begin and length of each text, after the head.
    pub(super) texts: [[U32<LE>; 2]; 4],
    /// How often the row lies in the files; of a message, [`Link`].
    pub(super) copies: U32<LE>,
    pub(super) part: u8,
    pub(super) has: u8,
    /// [`DatabaseFault`], or one of the numbers below.
    fault: u8,
    /// [`RowState`].
    pub(super) state: u8,
    /// [`FoundAs`], of a row that is not live.
    pub(super) found_as: u8,
    /// The columns that are lost, a bit for each use.
    pub(super) lost: u8,
    /// Bytes of the identifier of a message.
    pub(super) id_len: u8,
    pub(super) id: [u8; 4],
    pub(super) pid: I64<LE>,
}

pub(super) const HAS_ROWID: u8 = 1;
pub(super) const HAS_TYPE: u8 = 2;
pub(super) const HAS_LOGOUT: u8 = 4;
pub(super) const HAS_SERVICE: u8 = 8;
/// The row belongs to a user: it is found by the name.
pub(super) const IS_NAMED: u8 = 16;
pub(super) const HAS_PID: u8 = 32;
/// The row was found in bytes of no known file.
pub(super) const HAS_NO_PART: u8 = 64;
const IS_FAULT: u8 = 128;

/// The number of a page that has no known one.
pub(super) const UNNUMBERED: u32 = u32::MAX;

/// Numbers of faults that are not a [`DatabaseFault`].
const SKIPPED: u8 = 253;
const TRUNCATED: u8 = 254;
const REFERENCE: u8 = 255;

const PARTS: [Part; 3] = [Part::Db, Part::Wal, Part::Journal];

/// A row as it was put together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row<'a> {
    head: &'a Head,
    body: &'a [u8],
}

/// Appends a fault, which comes between rows.
pub(crate) fn push_fault(error: &Error, out: &mut Vec<u8>) {
    let mut head = Head::new_zeroed();
    let number = |number: u64| (number as i64).into();
    head.fault = match *error {
        Error::Database { part, page, fault, .. } => {
            (head.page, head.part) = (page.into(), part as u8);
            fault as u8
        }
        Error::Skipped { len, .. } => {
            head.rowid = number(len);
            SKIPPED
        }
        Error::Truncated { need, have, .. } => {
            (head.rowid, head.sec) = (number(need), number(have));
            TRUNCATED
        }
        Error::Reference { to, .. } => {
            head.rowid = number(to);
            REFERENCE
        }
        _ => return,
    };
    (head.offset, head.has) = (error.offset().into(), IS_FAULT);
    head.len = (size_of::<Head>() as u32).into();
    out.extend_from_slice(head.as_bytes());
}

/// Returns the fault that [`push_fault`] wrote.
fn fault(head: &Head) -> Error {
    let offset = head.offset.get();
    let (first, second) = (head.rowid.get() as u64, head.sec.get() as u64);
    match head.fault {
        SKIPPED => Error::Skipped { offset, len: first },
        TRUNCATED => Error::Truncated { offset, need: first, have: second },
        REFERENCE => Error::Reference { offset, to: first },
        number => {
            let part = PARTS.get(usize::from(head.part)).copied().unwrap_or_default();
            let fault = DatabaseFault::ALL.get(usize::from(number)).copied();
            let fault = fault.unwrap_or(DatabaseFault::Header);
            Error::Database { part, page: head.page.get(), offset, fault }
        }
    }
}

impl<'a> Row<'a> {
    /// Reads a row that was put together.
    #[inline]
    pub(crate) fn read(bytes: &'a [u8]) -> Option<Row<'a>> {
        let (head, body) = Head::ref_from_prefix(bytes).ok()?;
        Some(Row { head, body })
    }

    /// Returns the row as it is stored in its file.
    pub(crate) fn payload(&self) -> &'a [u8] {
        self.body.get(..self.head.payload.get() as usize).unwrap_or_default()
    }

    pub(crate) fn rowid(&self) -> Option<i64> {
        self.has(HAS_ROWID).then(|| self.head.rowid.get())
    }

    /// Returns the key of the row; `None` if it is the index.
    fn key(&self) -> Option<Key<'a>> {
        match self.has(IS_NAMED) {
            true => Some(Key::Name(self.text(Use::User))),
            false => self.rowid().map(Key::Rowid),
        }
    }

    /// Returns the page; 0 of a message, and if its number is not known.
    pub(crate) fn page(&self) -> u32 {
        match self.head.page.get() {
            UNNUMBERED => 0,
            page => page,
        }
    }

    pub(crate) fn state(&self) -> RowState {
        RowState::ALL.get(usize::from(self.head.state)).copied().unwrap_or_default()
    }

    /// How it was found, and how often; `None` if it is live.
    pub(crate) fn found(&self) -> Option<(FoundAs, u32)> {
        let found_as = FoundAs::ALL.get(usize::from(self.head.found_as)).copied()?;
        (self.head.state != 0).then_some((found_as, self.head.copies.get()))
    }

    /// The columns that are lost, a bit for each use.
    pub(crate) fn lost(&self) -> u8 {
        self.head.lost
    }

    /// The file that its offset counts in, if that is known.
    pub(crate) fn part(&self) -> Option<Part> {
        PARTS.get(usize::from(self.head.part)).copied().filter(|_| !self.has(HAS_NO_PART))
    }

    pub(crate) fn raw_type(&self) -> Option<i32> {
        self.has(HAS_TYPE).then(|| self.head.raw_type.get())
    }

    pub(crate) fn time(&self) -> Timestamp {
        Timestamp { tv_sec: self.head.sec.get(), tv_usec: self.head.usec.get().into() }
    }

    pub(crate) fn logout(&self) -> Option<Timestamp> {
        let (sec, usec) = (self.head.logout_sec.get(), self.head.logout_usec.get());
        self.has(HAS_LOGOUT).then_some(Timestamp { tv_sec: sec, tv_usec: usec.into() })
    }

    pub(crate) fn text(&self, of: Use) -> Text<'a> {
        let place = TEXTS.iter().position(|text| *text == of).unwrap_or_default();
        let [begin, len] = self.head.texts.get(place).copied().unwrap_or_default();
        let rest = self.body.get(begin.get() as usize..).unwrap_or_default();
        Text::new(rest.get(..len.get() as usize).unwrap_or_default())
    }

    /// Returns whether a column of text is NULL: any other text has a place, even if it is empty.
    pub(crate) fn is_null(&self, of: Use) -> bool {
        let place = TEXTS.iter().position(|text| *text == of);
        let text = place.and_then(|place| self.head.texts.get(place));
        text.is_some_and(|[begin, _]| begin.get() == 0)
    }

    pub(crate) fn service(&self) -> Option<Text<'a>> {
        self.has(HAS_SERVICE).then(|| self.text(Use::Service))
    }

    /// Returns how a message is reached; `None` for a row of a database.
    pub(crate) fn link(&self) -> Option<Link> {
        let link = Link::ALL.get(self.head.copies.get() as usize).copied();
        link.filter(|_| self.head.page.get() == 0 && self.rowid().is_some())
    }

    /// Returns the process id, of a message.
    pub(crate) fn pid(&self) -> Option<i64> {
        self.has(HAS_PID).then(|| self.head.pid.get())
    }

    /// Returns the identifier, of a message.
    pub(crate) fn id(&self) -> Text<'a> {
        Text::new(self.head.id.get(..usize::from(self.head.id_len)).unwrap_or_default())
    }

    fn has(&self, bit: u8) -> bool {
        self.head.has & bit != 0
    }
}

/// Rows put together one after the other.
#[derive(Clone, Debug)]
pub(super) struct RowFrames<'a> {
    bytes: &'a [u8],
    index: u64,
}

impl<'a> RowFrames<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> RowFrames<'a> {
        RowFrames { bytes, index: 0 }
    }

    pub(super) fn start(&mut self, start: Position) {
        self.index = start.index;
    }

    /// Rows that there are at most.
    pub(super) fn most(&self) -> usize {
        self.bytes.len().checked_div(size_of::<Head>()).unwrap_or_default()
    }

    pub(super) fn next(&mut self) -> Option<Item<'a>> {
        let (head, _) = Head::ref_from_prefix(self.bytes).ok()?;
        let (bytes, rest) = self.bytes.split_at_checked(head.len.get() as usize)?;
        self.bytes = rest;
        if head.has & IS_FAULT != 0 {
            return Some(Err(fault(head)));
        }
        let offset = head.offset.get();
        let key = Row::read(bytes).and_then(|row| row.key());
        let frame = Frame { index: self.index, offset, key, bytes };
        self.index = self.index.saturating_add(1);
        Some(Ok(frame))
    }
}
