//! Rows of a database as records: each is put together once, in bytes that views can borrow.
//!
//! A row may lie on several pages, in UTF-16, with its columns in any order. What is needed of it
//! is copied: a head of numbers, the row as it is stored, and texts that are not stored as UTF-8.

use alloc::string::ToString as _;
use alloc::vec::Vec;

use zerocopy::{FromBytes, FromZeros as _, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::container::frame::{Frame, Item, Position};
use crate::container::sqlite::ddl::{Column, Default, Definition};
use crate::container::sqlite::header::Encoding;
use crate::container::sqlite::residue::Found;
use crate::container::sqlite::residue::shape::{Expected, Shape};
use crate::container::sqlite::schema::{Schema, Table};
use crate::container::sqlite::text::utf8;
use crate::container::sqlite::tree::Cell;
use crate::container::sqlite::value::{Columns, Value};
use crate::endian::{I32, I64, LE, U32, U64};
use crate::error::Error;
use crate::error::database::{DatabaseFault, Part};
use crate::value::key::Key;
use crate::value::row_state::{FoundAs, RowState};
use crate::value::text::Text;
use crate::value::timestamp::Timestamp;

/// The use of a column of a login table.
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
const USES: usize = 7;
/// The texts among them, in the order of [`Head::texts`].
const TEXTS: [Use; 4] = [Use::User, Use::Line, Use::Host, Use::Service];
/// The most columns of a row that are read.
const COLUMNS: usize = 64;

/// A table that has login records.
#[derive(Debug)]
pub(crate) struct RowTable {
    pub(crate) name: &'static str,
    /// The columns without which a table of this name is another program's.
    pub(crate) needs: [&'static str; 2],
    /// Its usual definition, for a database that has lost it.
    pub(crate) definition: &'static str,
}

impl RowTable {
    /// Returns the table as a database defines it.
    ///
    /// A definition of which a name or two are damaged is taken as the usual one.
    pub(crate) fn defined(&self, schema: &Schema) -> Option<Table> {
        let usual = Definition::parse(self.definition.as_bytes())?;
        let Some(table) = schema.table(self.name.as_bytes()) else {
            let mut named = schema.objects.iter().filter_map(|object| schema.table(&object.name));
            return named.find(|table| table.definition.differing(&usual) == Some(0));
        };
        let has = |name: &&str| table.definition.column(name).is_some();
        if self.needs.iter().all(has) {
            return Some(table);
        }
        let is_usual = table.definition.differing(&usual).is_some_and(|names| names <= 2);
        is_usual.then_some(Table { definition: usual, ..table })
    }

    /// Returns the table as it usually is, for a database whose definitions are damaged and do not
    /// have it. Where its rows are is not known.
    pub(crate) fn lost(&self, schema: &Schema) -> Option<Table> {
        let is_lost = schema.is_damaged && schema.table(self.name.as_bytes()).is_none();
        let definition = Definition::parse(self.definition.as_bytes()).filter(|_| is_lost)?;
        Some(Table { root: None, definition })
    }
}

/// Where the columns of a table are, and how they are stored.
#[derive(Clone, Debug)]
pub(crate) struct RowMap {
    /// The use of each stored column.
    uses: [Option<Use>; COLUMNS],
    /// Values for rows that were written before a column was added, by use.
    defaults: [Default; USES],
    encoding: Encoding,
    /// Whether times are microseconds.
    is_micros: bool,
}

/// The numbers of a row, or a fault in its place.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
struct Head {
    /// Bytes of it all.
    len: U32<LE>,
    page: U32<LE>,
    offset: U64<LE>,
    rowid: I64<LE>,
    sec: I64<LE>,
    logout_sec: I64<LE>,
    usec: U32<LE>,
    logout_usec: U32<LE>,
    raw_type: I32<LE>,
    /// Bytes of the row as stored, which follow the head.
    payload: U32<LE>,
    /// Begin and length of each text, after the head.
    texts: [[U32<LE>; 2]; 4],
    /// How often the row lies in the files.
    copies: U32<LE>,
    part: u8,
    has: u8,
    fault: u8,
    /// [`RowState`].
    state: u8,
    /// [`FoundAs`], of a row that is not live.
    found_as: u8,
    /// The columns that are lost, a bit for each use.
    lost: u8,
}

const HAS_ROWID: u8 = 1;
const HAS_TYPE: u8 = 2;
const HAS_LOGOUT: u8 = 4;
const HAS_SERVICE: u8 = 8;
/// The row belongs to a user: it is found by the name.
const IS_NAMED: u8 = 16;
const IS_FAULT: u8 = 128;

const PARTS: [Part; 3] = [Part::Db, Part::Wal, Part::Journal];

/// A row as it was put together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row<'a> {
    head: &'a Head,
    body: &'a [u8],
}

impl RowMap {
    /// Finds the columns by their names, in whatever case.
    pub(crate) fn new<'n>(
        definition: &Definition,
        names: impl Iterator<Item = (&'n str, Use)>,
        encoding: Encoding,
        is_micros: bool,
    ) -> RowMap {
        let defaults = [const { Default::Null }; USES];
        let mut map = RowMap { uses: [None; COLUMNS], defaults, encoding, is_micros };
        for (name, of) in names {
            let column = definition.column(name);
            let Some(column) = column else { continue };
            let place = column.position.and_then(|position| map.uses.get_mut(position));
            if let Some(place) = place {
                *place = Some(of);
            }
            if let Some(default) = map.defaults.get_mut(of as usize) {
                *default = column.default.clone();
            }
        }
        map
    }

    /// Returns what rows of the table look like where no pointer leads to them.
    pub(crate) fn shape(&self, definition: &Definition) -> Shape {
        let of = |column: &Column| {
            Some(match self.uses.get(column.position?).copied().flatten()? {
                Use::Type => Expected::Type,
                Use::Time => Expected::Time,
                Use::Logout => Expected::Logout,
                Use::User => Expected::Name,
                Use::Line | Use::Host | Use::Service => Expected::Text,
            })
        };
        Shape::new(definition, self.encoding, self.is_micros, of)
    }

    /// Appends the head of a row, which [`RowMap::end`] completes, and the row as it is stored.
    fn begin(&self, cell: &Cell<'_>, out: &mut Vec<u8>) -> Head {
        let mut head = Head::new_zeroed();
        (head.page, head.offset) = (cell.page.into(), cell.offset.into());
        head.part = cell.part as u8;
        head.payload = (cell.payload.len() as u32).into();
        if let Some(rowid) = cell.rowid {
            head.rowid = rowid.into();
            head.has |= HAS_ROWID;
        }
        if !self.uses.contains(&Some(Use::Type)) {
            head.has |= IS_NAMED;
        }
        head.sec = Timestamp::ABSENT.tv_sec.into();
        out.extend_from_slice(head.as_bytes());
        out.extend_from_slice(cell.payload);
        head
    }

    /// Appends a row to `out`.
    pub(crate) fn push(&self, cell: &Cell<'_>, out: &mut Vec<u8>) {
        let begin = out.len();
        let mut head = self.begin(cell, out);
        let body = begin.saturating_add(size_of::<Head>());
        let mut seen = 0u8;
        if let Some(mut columns) = Columns::new(cell.payload) {
            for of in &self.uses {
                let before = columns.body_len();
                let Some(value) = columns.next() else { break };
                let (Some(value), Some(of)) = (value, *of) else { continue };
                seen |= 1 << of as u8;
                let at = cell.payload.len().saturating_sub(before);
                self.set(&mut head, of, value, Some(at), body, out);
            }
        }
        self.end(head, seen, begin, out);
    }

    /// Appends a row that the database no longer has.
    pub(crate) fn push_found(&self, found: &Found, out: &mut Vec<u8>) {
        let begin = out.len();
        let Found { rowid, page, part, offset, ref bytes, .. } = *found;
        let mut head = self.begin(&Cell { rowid, payload: bytes, page, part, offset }, out);
        head.state = found.state as u8;
        head.found_as = found.found_as as u8;
        head.copies = found.copies.into();
        let body = begin.saturating_add(size_of::<Head>());
        let mut seen = 0u8;
        for (n, piece) in found.values.iter().enumerate() {
            let Some(of) = self.uses.get(n).copied().flatten() else { continue };
            seen |= 1 << of as u8;
            match (piece, found.value(n)) {
                (Some((_, at)), Some(value)) => {
                    self.set(&mut head, of, value, Some(*at), body, out);
                }
                _ => head.lost |= 1 << of as u8,
            }
        }
        self.end(head, seen, begin, out);
    }

    /// Sets the columns that the row does not have, and writes its head.
    fn end(&self, mut head: Head, seen: u8, begin: usize, out: &mut Vec<u8>) {
        let body = begin.saturating_add(size_of::<Head>());
        for (n, default) in self.defaults.iter().enumerate() {
            let value = match default {
                _ if seen >> n & 1 == 1 => continue,
                Default::Null => continue,
                Default::Int(value) => Value::Int(*value),
                Default::Text(text) => Value::Text(text),
            };
            if let Some(of) = ALL.get(n) {
                self.set(&mut head, *of, value, None, body, out);
            }
        }
        head.len = (out.len().saturating_sub(begin) as u32).into();
        if let Some(place) = out.get_mut(begin..body) {
            place.copy_from_slice(head.as_bytes());
        }
    }

    /// Sets a value. `at` is where its bytes are in the row, if they are stored there.
    fn set(
        &self,
        head: &mut Head,
        of: Use,
        value: Value<'_>,
        at: Option<usize>,
        body: usize,
        out: &mut Vec<u8>,
    ) {
        match (of, value) {
            (_, Value::Null) => {}
            (Use::Type, Value::Int(value)) => {
                let most = i64::from(i32::MAX);
                head.raw_type = (value.clamp(i32::MIN.into(), most) as i32).into();
                head.has |= HAS_TYPE;
            }
            (Use::Time, Value::Int(value)) => {
                let (sec, usec) = self.time(value);
                (head.sec, head.usec) = (sec.into(), usec.into());
            }
            (Use::Logout, Value::Int(value)) => {
                let (sec, usec) = self.time(value);
                (head.logout_sec, head.logout_usec) = (sec.into(), usec.into());
                head.has |= HAS_LOGOUT;
            }
            (Use::Type | Use::Time | Use::Logout, _) => {}
            (_, value) => {
                let Some(place) = TEXTS.iter().position(|text| *text == of) else { return };
                let range = match (value, at, self.encoding) {
                    (Value::Text(text), Some(at), Encoding::Utf8) => (at, text.len()),
                    (Value::Blob(bytes), Some(at), _) => (at, bytes.len()),
                    (value, stored, encoding) => {
                        let begin = out.len();
                        match value {
                            // A default is UTF-8 already.
                            Value::Text(text) if stored.is_none() => out.extend_from_slice(text),
                            Value::Text(text) => out.extend_from_slice(&utf8(text, encoding)),
                            Value::Int(value) => {
                                out.extend_from_slice(value.to_string().as_bytes());
                            }
                            Value::Real(value) => {
                                out.extend_from_slice(value.to_string().as_bytes());
                            }
                            Value::Blob(_) | Value::Null => {}
                        }
                        (begin.saturating_sub(body), out.len().saturating_sub(begin))
                    }
                };
                if let Some(text) = head.texts.get_mut(place) {
                    *text = [(range.0 as u32).into(), (range.1 as u32).into()];
                }
                if of == Use::Service {
                    head.has |= HAS_SERVICE;
                }
            }
        }
    }

    fn time(&self, value: i64) -> (i64, u32) {
        match self.is_micros {
            true => (value.div_euclid(1_000_000), value.rem_euclid(1_000_000) as u32),
            false => (value, 0),
        }
    }
}

/// The uses by their numbers.
const ALL: [Use; USES] =
    [Use::Type, Use::Time, Use::Logout, Use::User, Use::Line, Use::Host, Use::Service];

/// Appends a fault, which comes between rows.
pub(crate) fn push_fault(error: &Error, out: &mut Vec<u8>) {
    let Error::Database { part, page, offset, fault } = *error else { return };
    let mut head = Head::new_zeroed();
    (head.page, head.offset) = (page.into(), offset.into());
    (head.part, head.has) = (part as u8, IS_FAULT);
    head.fault = fault as u8;
    head.len = (size_of::<Head>() as u32).into();
    out.extend_from_slice(head.as_bytes());
}

impl<'a> Row<'a> {
    /// Reads a row that [`RowMap::push`] wrote.
    #[inline]
    pub(crate) fn read(bytes: &'a [u8]) -> Option<Row<'a>> {
        let (head, body) = Head::ref_from_prefix(bytes).ok()?;
        Some(Row { head, body })
    }

    /// The row as it is stored in the database.
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

    pub(crate) fn page(&self) -> u32 {
        self.head.page.get()
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

    /// The file that its offset counts in.
    pub(crate) fn part(&self) -> Part {
        PARTS.get(usize::from(self.head.part)).copied().unwrap_or_default()
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
        let (offset, page) = (head.offset.get(), head.page.get());
        if head.has & IS_FAULT != 0 {
            let part = PARTS.get(usize::from(head.part)).copied().unwrap_or_default();
            let fault = DatabaseFault::ALL.get(usize::from(head.fault)).copied();
            let fault = fault.unwrap_or(DatabaseFault::Header);
            return Some(Err(Error::Database { part, page, offset, fault }));
        }
        let key = Row::read(bytes).and_then(|row| row.key());
        let frame = Frame { index: self.index, offset, key, bytes };
        self.index = self.index.saturating_add(1);
        Some(Ok(frame))
    }
}
