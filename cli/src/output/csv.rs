//! Comma-separated values (RFC 4180, lines end in LF).

use std::net::IpAddr;

use loginrec::contract::{Column, Columns, Integer, Meaning, Place, Row, Sink, Token};
use loginrec::{Exit, Text, Timestamp};

use crate::args::format::FormulaGuard;
use crate::output::ascii::datetime::Clock;
use crate::output::ascii::hex;
use crate::output::ascii::number::{address, copy_and, decimal_and};
use crate::output::ascii::scan::{Field, plain};
use crate::output::escape::{csv_cell, is_formula};
use crate::output::prefix_cache::PrefixCache;

/// State kept from one line to the next.
#[derive(Clone, Debug)]
pub(crate) struct Csv {
    clock: Clock,
    cache: PrefixCache,
    guard: FormulaGuard,
}

impl Csv {
    pub(crate) fn new(guard: FormulaGuard) -> Csv {
        Csv { clock: Clock::new(), cache: PrefixCache::new(), guard }
    }

    /// Appends the header line.
    pub(crate) fn headings<R: Row>(line: &mut Vec<u8>) {
        for name in R::COLUMNS.iter().flat_map(|column| column.flat_names()) {
            line.extend_from_slice(name.as_bytes());
            line.push(b',');
        }
        end(line);
    }

    /// Appends a row as one line.
    // A separate function: in its caller's branches the compiler would treat the cells as cold and
    // call a function for each of them.
    #[inline(never)]
    pub(crate) fn row(&mut self, line: &mut Vec<u8>, row: &impl Row) {
        row.write(&mut CsvRow { line, state: self });
        end(line);
    }
}

/// More than there are columns that rows lack together.
const COMMAS: &[u8] = b",,,,,,,,,,,,,,,,";

/// The comma after the last cell becomes the line end.
#[inline(always)]
fn end(line: &mut [u8]) {
    if let Some(comma) = line.last_mut() {
        *comma = b'\n';
    }
}

/// The cells of one line, each with a comma after it.
struct CsvRow<'a> {
    line: &'a mut Vec<u8>,
    state: &'a mut Csv,
}

impl CsvRow<'_> {
    #[inline(always)]
    fn string(&mut self, text: &[u8]) {
        match plain::<b'"', b','>(text) {
            Some(len) if !self.state.guard.csv_safe => copy_and(self.line, text, len, b','),
            _ => self.odd(text),
        }
    }

    #[inline(never)]
    fn odd(&mut self, text: &[u8]) {
        let field = Field::of::<b'"', b','>(text);
        match field.is_plain && !self.state.guard.csv_safe {
            true => self.line.extend_from_slice(field.text),
            false => self.escaped(field.text),
        }
        self.line.push(b',');
    }

    #[cold]
    fn new_place(&mut self, place: Place<'_>) {
        let cells = self.apart(|cells| place.write(cells));
        self.state.cache.keep_place(self.line, &place, cells);
    }

    #[cold]
    fn new_meaning(&mut self, meaning: Meaning) {
        let cells = self.apart(|cells| meaning.write(cells));
        self.state.cache.keep_meaning(self.line, meaning, cells);
    }

    /// Cells that are not written to the line.
    fn apart(&mut self, write: impl FnOnce(&mut CsvRow<'_>)) -> Vec<u8> {
        let mut line = Vec::new();
        write(&mut CsvRow { line: &mut line, state: self.state });
        line
    }

    #[cold]
    fn escaped(&mut self, text: &[u8]) {
        let mut shown = Text::new(text).to_string();
        if self.state.guard.csv_safe && is_formula(&shown) {
            shown.insert(0, '\'');
        }
        csv_cell(self.line, &shown);
    }
}

impl Sink for CsvRow<'_> {
    #[inline(always)]
    fn absent(&mut self, column: Column) {
        match column {
            Column::Exit => self.line.extend_from_slice(b",,"),
            _ if column.is_flat() => self.line.push(b','),
            _ => {}
        }
    }

    #[inline(always)]
    fn all_absent(&mut self, columns: Columns) {
        self.line.extend_from_slice(COMMAS.get(..columns.flat()).unwrap_or(COMMAS));
    }

    #[inline(always)]
    fn null(&mut self, column: Column) {
        self.absent(column);
    }

    #[inline(always)]
    fn text(&mut self, column: Column, text: Text<'_>) {
        if !column.is_flat() {
            return;
        }
        self.string(text.raw());
    }

    #[inline(always)]
    fn word(&mut self, _: Column, word: &'static str) {
        self.line.extend_from_slice(word.as_bytes());
        self.line.push(b',');
    }

    #[inline(always)]
    fn integer(&mut self, column: Column, number: Integer) {
        if !column.is_flat() {
            return;
        }
        match number {
            Integer::Signed(number) => decimal_and(self.line, number, b','),
            Integer::Unsigned(number) => decimal_and(self.line, number, b','),
        }
    }

    #[inline(always)]
    fn time(&mut self, _: Column, time: Timestamp) {
        self.state.clock.rfc3339_and(self.line, time, b',');
    }

    #[inline(always)]
    fn address(&mut self, _: Column, addr: IpAddr) {
        address(self.line, addr);
        self.line.push(b',');
    }

    fn bytes(&mut self, column: Column, bytes: &[u8]) {
        if column.is_flat() {
            hex::write(self.line, bytes);
            self.line.push(b',');
        }
    }

    #[inline]
    fn flag(&mut self, column: Column, flag: bool) {
        self.word(column, if flag { "true" } else { "false" });
    }

    #[inline(always)]
    fn exit(&mut self, _: Column, exit: Exit) {
        // The usual case.
        if exit == Exit::default() {
            return self.line.extend_from_slice(b"0,0,");
        }
        for number in [exit.e_termination, exit.e_exit] {
            decimal_and(self.line, number, b',');
        }
    }

    fn token(&mut self, _: Column, token: Token<'_>) {
        match token.text() {
            Some(text) => self.string(text.raw()),
            None => {
                hex::write(self.line, &token.whole());
                self.line.push(b',');
            }
        }
    }

    fn list(&mut self, _: Column, items: &mut dyn Iterator<Item = &str>) {
        let items: Vec<&str> = items.collect();
        self.string(items.join("; ").as_bytes());
    }

    #[inline(always)]
    fn place(&mut self, place: Place<'_>) {
        if !self.state.cache.push_place(self.line, &place) {
            self.new_place(place);
        }
    }

    #[inline(always)]
    fn meaning(&mut self, meaning: Meaning) {
        if !self.state.cache.push_meaning(self.line, meaning) {
            self.new_meaning(meaning);
        }
    }
}
