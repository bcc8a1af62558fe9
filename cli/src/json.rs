//! JSON lines that are safe to print: no character in them can steer a terminal or hide
//! what stands around it.

use std::io::{self, Write};
use std::net::IpAddr;

use loginrec::{Exit, Text, is_deceptive};
use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;

use crate::calendar::{Clock, Rfc3339};
use crate::digits::{Number, address, copy, decimal};
use crate::filename::FileName;
use crate::hex;
use crate::length::Seconds;
use crate::plain::{Field, has_residue, plain};
use crate::row::{Cells, Key, Kind, Lead, Shown, Token, without_zeros};

/// Writes one value and a newline.
pub(crate) fn write_line(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    write_value(out, value)?;
    out.write_all(b"\n")
}

fn write_value(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    value.serialize(&mut Serializer::with_formatter(&mut *out, Escaping))?;
    Ok(())
}

/// Compact JSON with deceptive characters as `\uXXXX`. Any reader of JSON gives the
/// characters themselves.
#[derive(Clone, Copy, Debug)]
struct Escaping;

impl Formatter for Escaping {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        // Nearly everything is plain ASCII, which is faster to know than to look through.
        if fragment.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return out.write_all(fragment.as_bytes());
        }
        let mut rest = fragment;
        while let Some((at, c)) = rest.char_indices().find(|&(_, c)| is_deceptive(c)) {
            let (plain, tail) = rest.split_at(at);
            out.write_all(plain.as_bytes())?;
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
            rest = tail.get(c.len_utf8()..).unwrap_or_default();
        }
        out.write_all(rest.as_bytes())
    }
}

/// The first keys of an object, behind a comma, and the next without its value.
pub(crate) fn lead(file: &str, layout: &str) -> Vec<u8> {
    let mut lead = br#","file":"#.to_vec();
    // A Vec takes everything.
    let _ = write_value(&mut lead, &file);
    let _ = write!(lead, ",\"layout\":\"{layout}\",\"index\":");
    lead
}

/// One object, written key by key: the keys are known beforehand and most text is plain,
/// of which serde knows nothing.
#[derive(Debug)]
pub(crate) struct Object<'a> {
    line: &'a mut Vec<u8>,
    clock: &'a mut Clock,
    start: usize,
}

impl<'a> Object<'a> {
    pub(crate) fn new(line: &'a mut Vec<u8>, clock: &'a mut Clock) -> Object<'a> {
        let start = line.len();
        Object { line, clock, start }
    }

    pub(crate) fn end(self) {
        self.line.extend_from_slice(b"}\n");
        // Every key has a comma in front, the first one too.
        if let Some(first) = self.line.get_mut(self.start) {
            *first = b'{';
        }
    }

    #[inline(always)]
    fn put(&mut self, bytes: &[u8]) {
        self.line.extend_from_slice(bytes);
    }

    #[cold]
    fn odd(&mut self, key: Key, text: Text<'_>) {
        let field = Field::of::<b'"', b'\\'>(text.raw());
        self.put(key.json);
        self.escaped(field.text);
        if !field.is_plain && text.to_str().is_none() {
            self.hex("_hex", key, field.text);
        }
        if has_residue(text.raw(), field.text.len()) {
            self.hex("_residue", key, without_zeros(text.residue()));
        }
    }

    /// Text from outside, with whatever it takes to print it.
    fn escaped(&mut self, text: &[u8]) {
        // A Vec takes everything.
        let _ = write_value(self.line, &Shown(text));
    }

    #[cold]
    fn hex(&mut self, suffix: &str, key: Key, bytes: &[u8]) {
        self.put(b",\"");
        self.put(key.name.as_bytes());
        self.put(suffix.as_bytes());
        self.put(b"\":\"");
        hex::write(self.line, bytes);
        self.put(b"\"");
    }
}

impl Cells for Object<'_> {
    #[inline(always)]
    fn lead(&mut self, lead: &Lead, index: u64) {
        self.put(&lead.json);
        decimal(self.line, index);
    }

    #[inline(always)]
    fn kind(&mut self, kind: &Kind) {
        kind.json.push(self.line);
    }

    fn file(&mut self, key: Key, name: &FileName<'_>) {
        self.put(key.json);
        self.escaped(name.value.as_bytes());
    }

    #[inline]
    fn word(&mut self, key: Key, word: Option<&'static str>) {
        let Some(word) = word else { return };
        self.put(key.quoted);
        self.put(word.as_bytes());
        self.put(b"\"");
    }

    #[inline(always)]
    fn number(&mut self, key: Key, number: Option<impl Number>) {
        let Some(number) = number else { return };
        self.put(key.json);
        decimal(self.line, number);
    }

    #[inline(always)]
    fn time(&mut self, key: Key, time: Option<Rfc3339>) {
        let Some(time) = time else { return self.null(key) };
        self.put(key.quoted);
        time.write(self.line, self.clock);
        self.put(b"\"");
    }

    #[inline(always)]
    fn text(&mut self, key: Key, text: Option<Text<'_>>) {
        let Some(text) = text else { return };
        match plain::<b'"', b'\\'>(text.raw()) {
            Some(len) => {
                self.put(key.quoted);
                copy(self.line, text.raw(), len);
                self.put(b"\"");
            }
            None => self.odd(key, text),
        }
    }

    fn token(&mut self, key: Key, token: Token<'_>) {
        if token.is_printable() {
            self.put(key.json);
            self.escaped(token.bytes());
        }
        if !token.bytes().is_empty() {
            self.hex("_hex", key, &token.whole());
        }
    }

    #[inline(always)]
    fn exit(&mut self, exit: Option<Exit>) {
        let Some(exit) = exit else { return };
        if exit == Exit::default() {
            return self.put(b",\"exit\":{\"termination\":0,\"exit\":0}");
        }
        self.put(b",\"exit\":{\"termination\":");
        decimal(self.line, exit.e_termination);
        self.put(b",\"exit\":");
        decimal(self.line, exit.e_exit);
        self.put(b"}");
    }

    #[inline(always)]
    fn address(&mut self, key: Key, addr: Option<Option<IpAddr>>) {
        let Some(addr) = addr else { return };
        let Some(addr) = addr else { return self.null(key) };
        self.put(key.quoted);
        address(self.line, addr);
        self.put(b"\"");
    }

    fn raw(&mut self, key: Key, bytes: &[u8]) {
        self.hex("", key, bytes);
    }

    #[inline]
    fn seconds(&mut self, key: Key, seconds: Seconds) {
        self.put(key.json);
        seconds.push(self.line);
    }

    #[inline]
    fn flag(&mut self, key: Key, flag: bool) {
        self.put(key.json);
        self.put(if flag { b"true" } else { b"false" });
    }

    #[inline(always)]
    fn null(&mut self, key: Key) {
        self.put(key.null);
    }

    #[inline]
    fn stamp(&mut self, key: Key, stamp: &str) {
        self.put(key.json);
        self.put(b"\"");
        self.put(stamp.as_bytes());
        self.put(b"\"");
    }

    #[inline]
    fn aside(&mut self, key: Key, number: Option<i64>) {
        self.number(key, number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_deceptive_is_written_as_itself() {
        let text = "a\x1b[2J\x7f\u{9b}b\u{202e}\u{e0041}\u{1d173}\n\"\\ é 漢";
        let mut line = Vec::new();
        write_line(&mut line, &text).unwrap();
        let line = String::from_utf8(line).unwrap();
        assert!(line.trim_end_matches('\n').chars().all(|c| !is_deceptive(c)), "{line}");
        assert!(line.contains(r"b\u202e\udb40\udc41\ud834\udd73\n"), "{line}");
        assert!(line.contains("é 漢"), "{line}");
        assert_eq!(serde_json::from_str::<String>(&line).unwrap(), text);
    }
}
