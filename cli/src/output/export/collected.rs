//! The values of a row, by column.

use std::net::IpAddr;

use loginrec::contract::{Column, EscapedUtf8, Integer, Sink, Token};
use loginrec::{Exit, Text, Timestamp};
use serde_json::Value;

use crate::output::ascii::hex;

/// A row's values; those that are missing or empty are left out.
#[derive(Debug, Default)]
pub(super) struct Collected {
    cells: Vec<(Column, Cell)>,
}

#[derive(Debug)]
enum Cell {
    Value(Value),
    Time(Timestamp),
}

impl Collected {
    pub(super) fn clear(&mut self) {
        self.cells.clear();
    }

    fn cell(&self, column: Column) -> Option<&Cell> {
        self.cells.iter().find(|(known, _)| *known == column).map(|(_, cell)| cell)
    }

    /// Returns a value that is not a time.
    pub(super) fn value(&self, column: Column) -> Option<&Value> {
        match self.cell(column)? {
            Cell::Value(value) => Some(value),
            Cell::Time(_) => None,
        }
    }

    pub(super) fn text(&self, column: Column) -> Option<&str> {
        self.value(column)?.as_str()
    }

    pub(super) fn time(&self, column: Column) -> Option<Timestamp> {
        match self.cell(column)? {
            Cell::Time(time) => Some(*time),
            Cell::Value(_) => None,
        }
    }

    /// Returns a file and an offset in it as one text.
    pub(super) fn place(&self, file: Column, offset: Column) -> Option<String> {
        let offset = self.value(offset)?;
        Some(format!("{}:{offset}", self.text(file).unwrap_or("-")))
    }

    fn put(&mut self, column: Column, value: impl Into<Value>) {
        self.cells.push((column, Cell::Value(value.into())));
    }
}

impl Sink for Collected {
    fn absent(&mut self, _: Column) {}

    fn null(&mut self, _: Column) {}

    fn text(&mut self, column: Column, text: Text<'_>) {
        if !text.is_empty() {
            self.put(column, EscapedUtf8(text.as_bytes()).to_string());
        }
    }

    fn integer(&mut self, column: Column, number: Integer) {
        match number {
            Integer::Signed(number) => self.put(column, number),
            Integer::Unsigned(number) => self.put(column, number),
        }
    }

    fn time(&mut self, column: Column, time: Timestamp) {
        self.cells.push((column, Cell::Time(time)));
    }

    fn address(&mut self, column: Column, address: IpAddr) {
        self.put(column, address.to_string());
    }

    fn bytes(&mut self, column: Column, bytes: &[u8]) {
        let mut digits = Vec::new();
        hex::write(&mut digits, bytes);
        self.put(column, String::from_utf8_lossy(&digits).into_owned());
    }

    fn flag(&mut self, column: Column, flag: bool) {
        self.put(column, flag);
    }

    /// No row that is exported has one.
    fn exit(&mut self, _: Column, _: Exit) {}

    fn token(&mut self, column: Column, token: Token<'_>) {
        if let Some(text) = token.text() {
            self.text(column, text);
        }
    }

    fn list(&mut self, column: Column, items: &mut dyn Iterator<Item = &str>) {
        self.put(column, items.map(Value::from).collect::<Value>());
    }
}
