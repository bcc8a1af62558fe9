//! Texts in JSON and CSV.

use loginrec::Text;
use loginrec::contract::EscapedUtf8;

/// Appends a text in quotation marks. Deceptive characters are written as `\uXXXX`, which any JSON
/// parser converts back; bytes that are not UTF-8 are shown as `\xNN`.
pub(crate) fn json(out: &mut Vec<u8>, text: &[u8]) {
    out.push(b'"');
    match std::str::from_utf8(text) {
        Ok(text) => json_characters(out, text),
        Err(_) => json_characters(out, &EscapedUtf8(text).to_string()),
    }
    out.push(b'"');
}

fn json_characters(out: &mut Vec<u8>, text: &str) {
    for c in text.chars() {
        match c {
            '"' => out.extend_from_slice(b"\\\""),
            '\\' => out.extend_from_slice(b"\\\\"),
            '\u{8}' => out.extend_from_slice(b"\\b"),
            '\u{c}' => out.extend_from_slice(b"\\f"),
            '\n' => out.extend_from_slice(b"\\n"),
            '\r' => out.extend_from_slice(b"\\r"),
            '\t' => out.extend_from_slice(b"\\t"),
            c if Text::is_deceptive(c) => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    out.extend_from_slice(format!("\\u{unit:04x}").as_bytes());
                }
            }
            c => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
}

/// Appends a cell of CSV, in quotation marks if necessary.
pub(super) fn csv_cell(out: &mut Vec<u8>, cell: &str) {
    match cell.contains(['"', ',', '\r', '\n']) {
        true => {
            out.push(b'"');
            out.extend_from_slice(cell.replace('"', "\"\"").as_bytes());
            out.push(b'"');
        }
        false => out.extend_from_slice(cell.as_bytes()),
    }
}

/// Returns whether a spreadsheet would calculate the text: it begins with an operator, or with its
/// full-width form, which some accept.
pub(super) fn is_formula(cell: &str) -> bool {
    cell.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_deceptive_is_written_as_itself() {
        let text = "a\x1b[2J\x7f\u{9b}b\u{202e}\u{e0041}\u{1d173}\n\"\\ é 漢\u{8}\u{c}\r\t\0";
        let mut out = Vec::new();
        json(&mut out, text.as_bytes());
        let line = String::from_utf8(out).unwrap();
        assert!(line.chars().all(|c| !Text::is_deceptive(c)), "{line}");
        assert!(line.contains(r"b\u202e\udb40\udc41\ud834\udd73\n"), "{line}");
        assert!(line.contains("é 漢"), "{line}");
        assert_eq!(serde_json::from_str::<String>(&line).unwrap(), text);
    }
}
