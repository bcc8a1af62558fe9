//! JSON lines that are safe to print: no character in them can steer a terminal or hide
//! what stands around it.

use std::io::{self, Write};

use loginrec::is_deceptive;
use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;

/// Writes one value and a newline.
pub(crate) fn write_line(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    value.serialize(&mut Serializer::with_formatter(&mut *out, Escaping))?;
    out.write_all(b"\n")
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
