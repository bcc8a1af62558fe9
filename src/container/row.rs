//! Rows of an SQLite database, put together as [`stored_row`](crate::container::stored_row)s.
//!
//! A row may lie on several pages, in UTF-16, with its columns in any order.

use alloc::string::ToString as _;
use alloc::vec::Vec;

use zerocopy::{FromZeros as _, IntoBytes as _};

use crate::container::sqlite::ddl::{Column, Default, Definition};
use crate::container::sqlite::header::Encoding;
use crate::container::sqlite::residue::Found;
use crate::container::sqlite::residue::shape::{Expected, Shape};
use crate::container::sqlite::schema::{Schema, Table};
use crate::container::sqlite::text::utf8;
use crate::container::sqlite::tree::Cell;
use crate::container::sqlite::value::{Columns, Value};
use crate::container::stored_row::{
    ALL, HAS_LOGOUT, HAS_NO_PART, HAS_ROWID, HAS_SERVICE, HAS_TYPE, Head, IS_NAMED, TEXTS,
    UNNUMBERED, USES, Use,
};
use crate::value::row_state::RowState;
use crate::value::timestamp::Timestamp;

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
    /// The state of the rows that the database has.
    pub(crate) state: RowState,
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
        let (uses, state) = ([None; COLUMNS], RowState::Live);
        let mut map = RowMap { uses, defaults, encoding, is_micros, state };
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
        if self.state != RowState::Live {
            (head.state, head.copies) = (self.state as u8, 1.into());
        }
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
        let Found { rowid, offset, ref bytes, .. } = *found;
        let page = if found.page == 0 { UNNUMBERED } else { found.page };
        let part = found.part.unwrap_or_default();
        let mut head = self.begin(&Cell { rowid, payload: bytes, page, part, offset }, out);
        head.state = found.state as u8;
        head.found_as = found.found_as as u8;
        head.copies = found.copies.into();
        if found.part.is_none() {
            head.has |= HAS_NO_PART;
        }
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
