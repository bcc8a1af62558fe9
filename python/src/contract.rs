//! Rows as `dict`, with the keys of the command line's JSON.

use std::net::IpAddr;
use std::path::Path;

use loginrec::contract::{Column, EscapedUtf8, Integer, Row, Sink, TextPart, TextParts, Token};
use loginrec::{Exit, Text, Timestamp};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

/// Returns a row as a `dict`: `json.dumps` of it is the line that the command line prints.
pub(crate) fn dict<'py>(
    py: Python<'py>,
    row: &impl Row,
    file: Option<&Path>,
) -> PyResult<Bound<'py, PyDict>> {
    let mut sink = Dict { row: PyDict::new(py), file, error: None };
    row.write(&mut sink);
    match sink.error {
        Some(error) => Err(error),
        None => Ok(sink.row),
    }
}

struct Dict<'a, 'py> {
    row: Bound<'py, PyDict>,
    /// The file as Python names it, for rows that have one.
    file: Option<&'a Path>,
    error: Option<PyErr>,
}

impl<'py> Dict<'_, 'py> {
    fn set(&mut self, key: &str, value: impl IntoPyObject<'py>) {
        if let Err(error) = self.row.set_item(key, value) {
            self.error.get_or_insert(error);
        }
    }

    fn hex(&mut self, column: Column, part: TextPart, bytes: &[u8]) {
        self.set(&format!("{column}{}", part.suffix()), hex(bytes));
    }
}

impl Sink for Dict<'_, '_> {
    fn absent(&mut self, _: Column) {}

    fn null(&mut self, column: Column) {
        let none = self.row.py().None();
        self.set(column.name(), none);
    }

    fn text(&mut self, column: Column, text: Text<'_>) {
        if let (Column::File, Some(file)) = (column, self.file) {
            return self.set(column.name(), file.as_os_str());
        }
        let parts = TextParts::new(text);
        self.set(column.name(), shown(self.row.py(), parts.shown));
        if let Some(bytes) = parts.hex {
            self.hex(column, TextPart::Hex, bytes);
        }
        if let Some(bytes) = parts.residue {
            self.hex(column, TextPart::Residue, bytes);
        }
    }

    fn integer(&mut self, column: Column, number: Integer) {
        match number {
            Integer::Signed(number) => self.set(column.name(), number),
            Integer::Unsigned(number) => self.set(column.name(), number),
        }
    }

    fn time(&mut self, column: Column, time: Timestamp) {
        self.set(column.name(), time.to_string());
    }

    fn address(&mut self, column: Column, address: IpAddr) {
        self.set(column.name(), address.to_string());
    }

    fn bytes(&mut self, column: Column, bytes: &[u8]) {
        self.set(column.name(), hex(bytes));
    }

    fn flag(&mut self, column: Column, flag: bool) {
        self.set(column.name(), flag);
    }

    fn exit(&mut self, column: Column, exit: Exit) {
        let pair = PyDict::new(self.row.py());
        let filled = pair
            .set_item("termination", exit.e_termination)
            .and_then(|()| pair.set_item("exit", exit.e_exit));
        match filled {
            Ok(()) => self.set(column.name(), pair),
            Err(error) => _ = self.error.get_or_insert(error),
        }
    }

    fn token(&mut self, column: Column, token: Token<'_>) {
        if let Some(text) = token.text() {
            self.set(column.name(), shown(self.row.py(), EscapedUtf8(text.as_bytes())));
        }
        if !token.is_unset() {
            self.hex(column, TextPart::Hex, &token.whole());
        }
    }

    fn list(&mut self, column: Column, items: &mut dyn Iterator<Item = &str>) {
        let items: Vec<&str> = items.collect();
        self.set(column.name(), items);
    }
}

fn shown<'py>(py: Python<'py>, text: EscapedUtf8<'_>) -> Bound<'py, PyString> {
    match text.to_str() {
        Some(text) => PyString::new(py, text),
        None => PyString::new(py, &text.to_string()),
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap_or('?');
    bytes.iter().flat_map(|&byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
