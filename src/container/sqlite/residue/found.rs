//! A row that the database no longer has.

use alloc::vec::Vec;

use crate::container::sqlite::residue::images::Origin;
use crate::container::sqlite::residue::scan::{Hit, Piece};
use crate::container::sqlite::residue::shape::len;
use crate::container::sqlite::value::Value;
use crate::error::database::Part;
use crate::value::row_state::{FoundAs, RowState};

/// A row that the database no longer has.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) rowid: Option<i64>,
    /// Its page; 0 if its number is unknown.
    pub(crate) page: u32,
    /// The file of the page, if it is known.
    pub(crate) part: Option<Part>,
    pub(crate) offset: u64,
    /// The bytes of the row, as far as they are there.
    pub(crate) bytes: Vec<u8>,
    /// Columns in the order in which they are stored: type and place in `bytes`; `None` if lost.
    pub(crate) values: Vec<Piece>,
    pub(crate) found_as: FoundAs,
    pub(crate) state: RowState,
    /// How often it lies in the files.
    pub(crate) copies: u32,
    pub(super) origin: Origin,
    /// Whether the length of its name was guessed.
    pub(super) is_guessed: bool,
}

impl Found {
    /// Returns a row of a page, whose values are at their places in the page. `bytes` are those of
    /// the row.
    pub(super) fn new(hit: &Hit, origin: Origin, bytes: Vec<u8>) -> Found {
        let begin = hit.at.start;
        let moved = |piece: &Piece| piece.map(|(serial, at)| (serial, at.saturating_sub(begin)));
        Found {
            rowid: hit.rowid,
            page: 0,
            part: None,
            offset: hit.place as u64,
            bytes,
            values: hit.values.iter().map(moved).collect(),
            found_as: hit.found_as,
            state: RowState::Unknown,
            copies: 1,
            origin,
            is_guessed: hit.is_guessed,
        }
    }

    /// Returns a column; `None` if it is lost.
    pub(crate) fn value(&self, column: usize) -> Option<Value<'_>> {
        let (serial, at) = self.values.get(column).copied().flatten()?;
        Value::of(serial, self.bytes.get(at..)?)
    }

    /// The columns as they are compared.
    pub(super) fn columns(&self) -> Vec<u8> {
        let mut all = Vec::new();
        for piece in &self.values {
            match *piece {
                Some((serial, at)) => {
                    all.extend_from_slice(&serial.to_be_bytes());
                    let end = at.saturating_add(len(serial).unwrap_or_default());
                    all.extend_from_slice(self.bytes.get(at..end).unwrap_or_default());
                }
                None => all.extend_from_slice(&[0xff; 8]),
            }
        }
        all
    }

    /// Whether a column or the number is lost.
    pub(super) fn is_incomplete(&self) -> bool {
        self.found_as != FoundAs::Cell
    }

    /// Whether all that is known of it is as in these columns.
    pub(super) fn agrees(&self, values: &[Value<'_>]) -> bool {
        let is_longer = self.values.len() > values.len();
        !is_longer
            && values.iter().enumerate().all(|(n, value)| {
                self.values.get(n).copied().flatten().is_none() || self.value(n) == Some(*value)
            })
    }

    /// Whether another row is the same and more of it is there.
    pub(super) fn is_part_of(&self, other: &Found) -> bool {
        let known = |row: &Found| row.values.iter().filter(|value| value.is_some()).count();
        let is_more = (known(other), other.rowid.is_some()) > (known(self), self.rowid.is_some());
        let is_other = self.rowid.is_some() && other.rowid.is_some() && self.rowid != other.rowid;
        let count = self.values.len().max(other.values.len());
        is_more
            && !is_other
            && (0..count).all(|n| {
                let (this, that) = (self.value(n), other.value(n));
                this.is_none() || this == that
            })
    }
}
