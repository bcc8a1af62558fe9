//! The text format of LVM2: sections in braces, values that are numbers, texts or lists of them.

use std::io;

use crate::image::invalid;

/// The deepest section.
const DEEPEST: usize = 16;
/// The most values and sections of a text.
const MOST: usize = 1 << 18;

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Number(u64),
    Text(String),
    List(Vec<Value>),
    Section(Section),
}

/// Values by their names, in the order of the text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Section(Vec<(String, Value)>);

impl Section {
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    pub(super) fn number(&self, name: &str) -> Option<u64> {
        match self.get(name) {
            Some(Value::Number(number)) => Some(*number),
            _ => None,
        }
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        match self.get(name) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    pub(super) fn list(&self, name: &str) -> &[Value] {
        match self.get(name) {
            Some(Value::List(list)) => list,
            _ => &[],
        }
    }

    pub(super) fn section(&self, name: &str) -> Option<&Section> {
        match self.get(name) {
            Some(Value::Section(section)) => Some(section),
            _ => None,
        }
    }

    pub(super) fn sections(&self) -> impl Iterator<Item = (&str, &Section)> {
        self.0.iter().filter_map(|(name, value)| match value {
            Value::Section(section) => Some((name.as_str(), section)),
            _ => None,
        })
    }
}

/// Parses a text. It ends with the bytes or a NUL.
pub(super) fn parse(text: &[u8]) -> io::Result<Section> {
    let text = text.split(|byte| *byte == 0).next().unwrap_or_default();
    let mut parser = Parser { rest: text, left: MOST };
    parser.section(0)
}

struct Parser<'t> {
    rest: &'t [u8],
    left: usize,
}

fn damaged() -> io::Error {
    invalid("damaged text of the metadata")
}

impl<'t> Parser<'t> {
    /// Reads up to the end of a section, or of the text.
    fn section(&mut self, depth: usize) -> io::Result<Section> {
        let mut section = Section::default();
        loop {
            match self.peek() {
                None if depth == 0 => return Ok(section),
                Some(b'}') if depth > 0 => {
                    self.skip();
                    return Ok(section);
                }
                _ => {}
            }
            let name = self.word()?.to_owned();
            let value = match self.peek() {
                Some(b'{') if depth < DEEPEST => {
                    self.skip();
                    Value::Section(self.section(depth.saturating_add(1))?)
                }
                Some(b'=') => {
                    self.skip();
                    self.value(true)?
                }
                _ => return Err(damaged()),
            };
            self.left = self.left.checked_sub(1).ok_or_else(damaged)?;
            section.0.push((name, value));
        }
    }

    fn value(&mut self, may_list: bool) -> io::Result<Value> {
        match self.peek().ok_or_else(damaged)? {
            b'"' => self.text().map(Value::Text),
            b'[' if may_list => {
                self.skip();
                let mut list = Vec::new();
                while self.peek() != Some(b']') {
                    self.left = self.left.checked_sub(1).ok_or_else(damaged)?;
                    list.push(self.value(false)?);
                    if self.peek() == Some(b',') {
                        self.skip();
                    }
                }
                self.skip();
                Ok(Value::List(list))
            }
            _ => {
                let word = self.word()?;
                Ok(word.parse().map_or_else(|_| Value::Text(word.to_owned()), Value::Number))
            }
        }
    }

    fn text(&mut self) -> io::Result<String> {
        self.skip();
        let mut text = Vec::new();
        loop {
            match self.rest {
                [b'\\', byte, rest @ ..] => {
                    text.push(*byte);
                    self.rest = rest;
                }
                [b'"', rest @ ..] => {
                    self.rest = rest;
                    return String::from_utf8(text).map_err(|_| damaged());
                }
                [byte, rest @ ..] => {
                    text.push(*byte);
                    self.rest = rest;
                }
                [] => return Err(damaged()),
            }
        }
    }

    /// Reads a name or a number.
    fn word(&mut self) -> io::Result<&'t str> {
        self.peek();
        let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.+/".contains(byte);
        let len = self.rest.iter().take_while(|byte| is_word(byte)).count();
        let (word, rest) = self.rest.split_at_checked(len).unwrap_or_default();
        self.rest = rest;
        str::from_utf8(word).ok().filter(|word| !word.is_empty()).ok_or_else(damaged)
    }

    /// Returns the next byte that is neither space nor in a comment.
    fn peek(&mut self) -> Option<u8> {
        loop {
            match self.rest {
                [b'#', ..] => {
                    let len = self.rest.iter().take_while(|byte| **byte != b'\n').count();
                    self.rest = self.rest.get(len..).unwrap_or_default();
                }
                [byte, rest @ ..] if byte.is_ascii_whitespace() => self.rest = rest,
                [byte, ..] => return Some(*byte),
                [] => return None,
            }
        }
    }

    fn skip(&mut self) {
        self.rest = self.rest.get(1..).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text() {
        let text =
            b"# begin\nvg {\n\tseqno = 3 # three\n\tid = \"a\\\"b\"\n\tlist = [\"pv0\", 7, ]\n\t\
            empty = []\n\tinner {\n\t}\n}\ncount = -1\n\0rest";
        let top = parse(text).unwrap();
        let group = top.section("vg").unwrap();
        assert_eq!((group.number("seqno"), group.text("id")), (Some(3), Some("a\"b")));
        assert_eq!(group.list("list"), [Value::Text("pv0".to_owned()), Value::Number(7)]);
        assert_eq!(group.sections().count(), 1);
        assert_eq!(top.text("count"), Some("-1"));
        for bad in ["a {", "a", "a = ", "a = [1", "a = \"x", "= 1", "}"] {
            assert!(parse(bad.as_bytes()).is_err(), "{bad}");
        }
        assert!(parse("a {".repeat(1000).as_bytes()).is_err());
    }
}
