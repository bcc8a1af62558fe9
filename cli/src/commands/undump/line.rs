//! One line of `dump --format jsonl`: the values of its columns.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;

use loginrec::contract::{Column, RecordRow, Row as _, TailRow, TextPart, ValueKind};
use loginrec::{Exit, Text};
#[cfg(feature = "parquet")]
use loginrec_columns::StoredRow;
use serde::Deserialize;
use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, Visitor};

use crate::output::ascii::hex::unhex;

/// The keys that lines have, out of the columns of their rows.
#[derive(Clone, Debug)]
pub(super) struct Keys(HashMap<String, Key>);

/// A column, or what a text adds to it.
type Key = (Column, TextPart);

impl Keys {
    pub(super) fn new() -> Keys {
        let columns = RecordRow::COLUMNS.iter().chain(TailRow::COLUMNS);
        // No record is made of these.
        let columns = columns
            .filter(|column| !matches!(column, Column::Machine | Column::Index | Column::Valid));
        let keys = columns.flat_map(|&column| {
            let parts = match column.kind() {
                ValueKind::Text => TextPart::ALL,
                _ => &[TextPart::Shown],
            };
            parts.iter().map(move |&part| (format!("{column}{}", part.suffix()), (column, part)))
        });
        Keys(keys.collect())
    }

    /// Reads a line. Unknown keys are ignored, because people annotate their evidence.
    pub(super) fn line(&self, line: &[u8]) -> Result<Line, String> {
        let mut reader = serde_json::Deserializer::from_slice(line);
        let read = self.deserialize(&mut reader);
        read.and_then(|line| reader.end().map(|()| line)).map_err(|error| {
            let words = error.to_string();
            let what = words.split(" at line ").next().unwrap_or_default();
            format!("column {}: not a line of `dump --format jsonl`: {what}", error.column())
        })
    }
}

impl<'de> DeserializeSeed<'de> for &Keys {
    type Value = Line;

    fn deserialize<D: serde::Deserializer<'de>>(self, from: D) -> Result<Line, D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for &Keys {
    type Value = Line;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Line, A::Error> {
        let mut line = Line::default();
        while let Some(name) = map.next_key::<Cow<'_, str>>()? {
            let Some(&(column, part)) = self.0.get(&*name) else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            if line.cell(column, part).is_some() {
                return Err(A::Error::custom(format!("duplicate field `{name}`")));
            }
            let cell = match column.kind() {
                _ if part != TextPart::Shown => map.next_value::<Option<_>>()?.map(Cell::Text),
                ValueKind::Integer => map.next_value::<Option<_>>()?.map(Cell::Number),
                ValueKind::Address => map.next_value::<Option<_>>()?.map(Cell::Address),
                ValueKind::Exit => map.next_value::<Option<ExitKeys>>()?.map(Cell::from),
                _ => map.next_value::<Option<_>>()?.map(Cell::Text),
            };
            line.cells.extend(cell.map(|cell| ((column, part), cell)));
        }
        Ok(line)
    }
}

/// The values of a line.
#[derive(Debug, Default)]
pub(super) struct Line {
    cells: Vec<(Key, Cell)>,
}

#[derive(Debug)]
enum Cell {
    Text(String),
    #[cfg_attr(not(feature = "parquet"), expect(dead_code, reason = "only Parquet has bytes"))]
    Bytes(Vec<u8>),
    Number(i128),
    Address(IpAddr),
    Exit(Exit),
}

#[derive(Debug, Deserialize)]
struct ExitKeys {
    termination: i32,
    exit: i32,
}

impl From<ExitKeys> for Cell {
    fn from(keys: ExitKeys) -> Cell {
        Cell::Exit(Exit { e_termination: keys.termination, e_exit: keys.exit })
    }
}

impl Line {
    /// A line with stored bytes, and what is needed to place them.
    #[cfg(feature = "parquet")]
    pub(super) fn of_row(row: &StoredRow<'_>) -> Line {
        let texts =
            [(Column::File, row.file), (Column::Layout, row.layout), (Column::Event, row.event)];
        let texts = texts
            .into_iter()
            .filter_map(|(column, text)| Some((column, Cell::Text(text?.to_owned()))));
        let offset = row.offset.map(|offset| (Column::Offset, Cell::Number(offset.into())));
        let raw = row.raw.map(|raw| (Column::Raw, Cell::Bytes(raw.to_vec())));
        let cells = texts.chain(offset).chain(raw);
        Line { cells: cells.map(|(column, cell)| ((column, TextPart::Shown), cell)).collect() }
    }

    fn cell(&self, column: Column, part: TextPart) -> Option<&Cell> {
        self.cells.iter().find(|(key, _)| *key == (column, part)).map(|(_, cell)| cell)
    }

    fn part(&self, column: Column, part: TextPart) -> Option<&str> {
        match self.cell(column, part) {
            Some(Cell::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// The value of a column of texts, words, times or bytes.
    pub(super) fn text(&self, column: Column) -> Option<&str> {
        self.part(column, TextPart::Shown)
    }

    /// The value of a column of numbers.
    pub(super) fn number<T: TryFrom<i128>>(&self, column: Column) -> Result<Option<T>, String> {
        match self.cell(column, TextPart::Shown) {
            Some(Cell::Number(number)) => match T::try_from(*number) {
                Ok(number) => Ok(Some(number)),
                Err(_) => Err(format!("{column} is out of range: {number}")),
            },
            _ => Ok(None),
        }
    }

    pub(super) fn address(&self) -> Option<IpAddr> {
        match self.cell(Column::Addr, TextPart::Shown) {
            Some(Cell::Address(address)) => Some(*address),
            _ => None,
        }
    }

    pub(super) fn exit(&self) -> Option<Exit> {
        match self.cell(Column::Exit, TextPart::Shown) {
            Some(Cell::Exit(exit)) => Some(*exit),
            _ => None,
        }
    }

    /// The bytes of a column in hexadecimal digits.
    pub(super) fn bytes(&self, column: Column) -> Result<Option<Vec<u8>>, String> {
        self.hex(column, TextPart::Shown)
    }

    fn hex(&self, column: Column, part: TextPart) -> Result<Option<Vec<u8>>, String> {
        if let Some(Cell::Bytes(bytes)) = self.cell(column, part) {
            return Ok(Some(bytes.clone()));
        }
        let Some(digits) = self.part(column, part) else { return Ok(None) };
        match unhex(digits) {
            Some(bytes) => Ok(Some(bytes)),
            None => Err(format!("{column}{} is not hexadecimal", part.suffix())),
        }
    }

    /// Returns a text field as stored: its text, then the bytes after the NUL.
    pub(super) fn field(&self, column: Column) -> Result<Vec<u8>, String> {
        let mut field = match (self.hex(column, TextPart::Hex)?, self.text(column)) {
            (Some(bytes), _) => bytes,
            (None, Some(text)) if text.contains('\0') => {
                let residue = TextPart::Residue.suffix();
                return Err(format!(
                    "{column} contains a NUL: bytes after a NUL belong in {column}{residue}"
                ));
            }
            (None, text) => text.unwrap_or_default().as_bytes().to_vec(),
        };
        if let Some(residue) = self.hex(column, TextPart::Residue)? {
            field.push(0);
            field.extend(residue);
        }
        Ok(field)
    }
}

/// A text of a line for a message.
pub(super) fn quoted(text: &str) -> Text<'_> {
    Text::new(text.as_bytes())
}
