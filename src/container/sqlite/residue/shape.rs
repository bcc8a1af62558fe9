//! The shape of a row of a login table, to recognize one without a pointer to it.

use alloc::vec::Vec;

use crate::container::sqlite::ddl::{Affinity, Column, Definition};
use crate::container::sqlite::header::Encoding;
use crate::container::sqlite::text::utf8;
use crate::container::sqlite::value::Value;

/// The values that a stored column may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expected {
    /// NULL, because the number of the row is in its cell.
    Rowid,
    Type,
    /// A time that every row has.
    Time,
    /// A time, or NULL.
    Logout,
    /// A text that every row has.
    Name,
    /// A text, or NULL.
    Text,
    /// An integer, or NULL.
    Int,
    Any,
}

/// The shape of the rows of a table.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    /// The columns, in the order in which they are stored.
    pub(crate) columns: Vec<Expected>,
    /// The number of columns that the oldest rows have.
    pub(crate) least: usize,
    pub(crate) is_micros: bool,
    pub(crate) encoding: Encoding,
}

/// Times of rows that are found: from 2000 to 2100. No writer is older, and bytes of something else
/// are hardly ever in this range.
const TIMES: core::ops::Range<i64> = 946_684_800..4_102_444_800;
/// Numbers of types are smaller.
const TYPES: i64 = 16;

/// Returns the length of a value of this type; `None` if there is no such type.
pub(super) fn len(serial: u64) -> Option<usize> {
    match serial {
        0 | 8 | 9 => Some(0),
        1..=4 => usize::try_from(serial).ok(),
        5 => Some(6),
        6 | 7 => Some(8),
        10 | 11 => None,
        _ => usize::try_from(serial.saturating_sub(12) / 2).ok(),
    }
}

impl Expected {
    /// Returns whether a value of this type can stand here.
    pub(super) fn fits(self, serial: u64) -> bool {
        let is_text = serial >= 13 && serial & 1 == 1;
        match self {
            Expected::Rowid => serial == 0,
            Expected::Type => matches!(serial, 0 | 1 | 8 | 9),
            Expected::Time => matches!(serial, 4..=6),
            Expected::Logout => matches!(serial, 0 | 4..=6),
            Expected::Name => is_text && serial > 13,
            Expected::Text => serial == 0 || is_text,
            Expected::Int => matches!(serial, 0..=6 | 8 | 9),
            Expected::Any => len(serial).is_some(),
        }
    }
}

impl Shape {
    /// Returns what the rows of a table look like. `of` names the columns of a login.
    pub(crate) fn new(
        definition: &Definition,
        encoding: Encoding,
        is_micros: bool,
        of: impl Fn(&Column) -> Option<Expected>,
    ) -> Shape {
        let mut columns = Vec::new();
        let mut least = 0usize;
        let stored = |position: usize| {
            definition.columns.iter().find(move |column| column.position == Some(position))
        };
        while let Some(column) = stored(columns.len()) {
            let expected = match of(column) {
                _ if column.is_rowid => Expected::Rowid,
                Some(expected) => {
                    least = columns.len().saturating_add(1);
                    expected
                }
                None => match column.affinity {
                    Affinity::Integer => Expected::Int,
                    Affinity::Text => Expected::Text,
                    Affinity::Any => Expected::Any,
                },
            };
            columns.push(expected);
        }
        Shape { columns, least, is_micros, encoding }
    }

    /// Returns the position of the column with the time.
    pub(super) fn time(&self) -> Option<usize> {
        self.columns.iter().position(|column| *column == Expected::Time)
    }

    /// Returns the position of the column with the name.
    pub(super) fn name(&self) -> Option<usize> {
        self.columns.iter().position(|column| *column == Expected::Name)
    }

    /// Returns whether a value makes sense in this column: a time of this century, a text without
    /// control characters.
    pub(super) fn is_sane(&self, column: Expected, value: Value<'_>) -> bool {
        match (column, value) {
            (Expected::Type, Value::Int(number)) => (0..TYPES).contains(&number),
            (Expected::Time | Expected::Logout, Value::Int(number)) => {
                TIMES.contains(&if self.is_micros { number.div_euclid(1_000_000) } else { number })
            }
            (_, Value::Text(text)) => self.is_clean(text),
            _ => true,
        }
    }

    fn is_clean(&self, text: &[u8]) -> bool {
        let text = utf8(text, self.encoding);
        let is_text = core::str::from_utf8(&text).is_ok();
        is_text && !text.iter().any(|byte| byte.is_ascii_control())
    }
}
