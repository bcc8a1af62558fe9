//! JSON lines that are safe to print: no character in them can control a terminal or hide the text
//! around it.

use std::net::IpAddr;

use loginrec::contract::{
    Column, Columns, Integer, Meaning, Place, Row, Sink, TextPart, TextParts, Token,
};
use loginrec::{Exit, Text, Timestamp};

use crate::output::ascii::datetime::Clock;
use crate::output::ascii::hex;
use crate::output::ascii::number::{address, copy_and, decimal};
use crate::output::ascii::scan::plain;
use crate::output::escape;
use crate::output::prefix_cache::PrefixCache;

/// State kept from one line to the next.
#[derive(Clone, Debug)]
pub(crate) struct Jsonl {
    clock: Clock,
    cache: PrefixCache,
}

impl Jsonl {
    pub(crate) fn new() -> Jsonl {
        Jsonl { clock: Clock::new(), cache: PrefixCache::new() }
    }

    /// Appends a row as one line.
    // A separate function: in its caller's branches the compiler would treat the values as cold and
    // call a function for many of them.
    #[inline(never)]
    pub(crate) fn row(&mut self, line: &mut Vec<u8>, row: &impl Row) {
        let start = line.len();
        row.write(&mut Object { line, state: self });
        line.extend_from_slice(b"}\n");
        // Every key has a comma before it, including the first.
        if let Some(first) = line.get_mut(start) {
            *first = b'{';
        }
    }
}

/// A key with the JSON around it: a comma, the quotation marks, the colon, and the quotation mark
/// that begins a text.
#[derive(Clone, Copy)]
struct Key {
    bytes: [u8; Key::ROOM],
    /// Length without the last quotation mark.
    len: usize,
}

impl Key {
    const ROOM: usize = 24;

    /// Called for constants only, so an index out of bounds does not compile.
    #[expect(clippy::indexing_slicing, reason = "computed by the compiler")]
    const fn new(name: &str) -> Key {
        let mut bytes = [0; Key::ROOM];
        let (mut rest, mut len) = (name.as_bytes(), 2);
        bytes[0] = b',';
        bytes[1] = b'"';
        while let [byte, tail @ ..] = rest {
            bytes[len] = *byte;
            rest = tail;
            len += 1;
        }
        bytes[len] = b'"';
        bytes[len + 1] = b':';
        bytes[len + 2] = b'"';
        Key { bytes, len: len + 2 }
    }
}

#[expect(clippy::indexing_slicing, reason = "computed by the compiler")]
static KEYS: [Key; Column::ALL.len()] = {
    let mut keys = [Key::new(""); Column::ALL.len()];
    let mut rest = Column::ALL;
    while let [column, tail @ ..] = rest {
        keys[*column as usize] = Key::new(column.name());
        rest = tail;
    }
    keys
};

/// One object, written key by key.
struct Object<'a> {
    line: &'a mut Vec<u8>,
    state: &'a mut Jsonl,
}

impl Object<'_> {
    #[inline(always)]
    fn put(&mut self, bytes: &[u8]) {
        self.line.extend_from_slice(bytes);
    }

    /// Appends the key of a value that is not a text.
    #[inline(always)]
    fn key(&mut self, column: Column) {
        let Some(key) = KEYS.get(column as usize) else { return };
        self.put(key.bytes.get(..key.len).unwrap_or_default());
    }

    /// Appends the key of a text, with the quotation mark that begins it.
    #[inline(always)]
    fn quoted_key(&mut self, column: Column) {
        let Some(key) = KEYS.get(column as usize) else { return };
        self.put(key.bytes.get(..key.len + 1).unwrap_or_default());
    }

    /// Appends a text that needs escaping, with up to three keys.
    #[cold]
    fn odd_text(&mut self, column: Column, text: Text<'_>) {
        let parts = TextParts::new(text);
        self.key(column);
        escape::json(self.line, parts.shown.0);
        if let Some(bytes) = parts.hex {
            self.hex_key(column, TextPart::Hex, bytes);
        }
        if let Some(bytes) = parts.residue {
            self.hex_key(column, TextPart::Residue, bytes);
        }
    }

    #[cold]
    fn new_place(&mut self, place: Place<'_>) {
        let keys = self.apart(|keys| place.write(keys));
        self.state.cache.keep_place(self.line, &place, keys);
    }

    #[cold]
    fn new_meaning(&mut self, meaning: Meaning) {
        let keys = self.apart(|keys| meaning.write(keys));
        self.state.cache.keep_meaning(self.line, meaning, keys);
    }

    /// Keys that are not written to the line.
    fn apart(&mut self, write: impl FnOnce(&mut Object<'_>)) -> Vec<u8> {
        let mut line = Vec::new();
        write(&mut Object { line: &mut line, state: self.state });
        line
    }

    #[cold]
    fn hex_key(&mut self, column: Column, part: TextPart, bytes: &[u8]) {
        self.put(b",\"");
        self.put(column.name().as_bytes());
        self.put(part.suffix().as_bytes());
        self.put(b"\":\"");
        hex::write(self.line, bytes);
        self.put(b"\"");
    }
}

impl Sink for Object<'_> {
    #[inline(always)]
    fn absent(&mut self, _: Column) {}

    #[inline(always)]
    fn all_absent(&mut self, _: Columns) {}

    #[inline(always)]
    fn null(&mut self, column: Column) {
        self.key(column);
        self.put(b"null");
    }

    #[inline(always)]
    fn text(&mut self, column: Column, text: Text<'_>) {
        match plain::<b'"', b'\\'>(text.raw()) {
            Some(len) => {
                self.quoted_key(column);
                copy_and(self.line, text.raw(), len, b'"');
            }
            None => self.odd_text(column, text),
        }
    }

    #[inline(always)]
    fn word(&mut self, column: Column, word: &'static str) {
        self.quoted_key(column);
        self.put(word.as_bytes());
        self.put(b"\"");
    }

    #[inline(always)]
    fn integer(&mut self, column: Column, number: Integer) {
        self.key(column);
        match number {
            Integer::Signed(number) => decimal(self.line, number),
            Integer::Unsigned(number) => decimal(self.line, number),
        }
    }

    #[inline(always)]
    fn time(&mut self, column: Column, time: Timestamp) {
        self.quoted_key(column);
        self.state.clock.rfc3339_and(self.line, time, b'"');
    }

    #[inline(always)]
    fn address(&mut self, column: Column, addr: IpAddr) {
        self.quoted_key(column);
        address(self.line, addr);
        self.put(b"\"");
    }

    fn bytes(&mut self, column: Column, bytes: &[u8]) {
        self.hex_key(column, TextPart::Shown, bytes);
    }

    #[inline]
    fn flag(&mut self, column: Column, flag: bool) {
        self.key(column);
        self.put(if flag { b"true" } else { b"false" });
    }

    #[inline(always)]
    fn exit(&mut self, column: Column, exit: Exit) {
        self.key(column);
        if exit == Exit::default() {
            return self.put(b"{\"termination\":0,\"exit\":0}");
        }
        self.put(b"{\"termination\":");
        decimal(self.line, exit.e_termination);
        self.put(b",\"exit\":");
        decimal(self.line, exit.e_exit);
        self.put(b"}");
    }

    fn token(&mut self, column: Column, token: Token<'_>) {
        if let Some(text) = token.text() {
            self.key(column);
            escape::json(self.line, text.as_bytes());
        }
        if !token.is_unset() {
            self.hex_key(column, TextPart::Hex, &token.whole());
        }
    }

    fn list(&mut self, column: Column, items: &mut dyn Iterator<Item = &str>) {
        self.key(column);
        let mut before = b'[';
        for item in items {
            self.line.push(before);
            escape::json(self.line, item.as_bytes());
            before = b',';
        }
        self.put(if before == b'[' { b"[]" } else { b"]" });
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
