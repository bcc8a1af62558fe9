//! Escapes text from records like util-linux.

use loginrec::Text;

/// Appends `text`: control bytes as `*` and a letter; bytes that are not UTF-8, and those of
/// deceptive characters, as `\nnn`.
pub(super) fn push(out: &mut Vec<u8>, text: &[u8]) {
    // The usual case.
    if text.iter().all(|b| (b' '..=b'~').contains(b)) {
        return out.extend_from_slice(text);
    }
    for chunk in text.utf8_chunks() {
        for c in chunk.valid().chars() {
            push_char(out, c);
        }
        chunk.invalid().iter().for_each(|&byte| push_octal(out, byte));
    }
}

fn push_char(out: &mut Vec<u8>, c: char) {
    let mut utf8 = [0; 4];
    match u8::try_from(c) {
        Ok(byte) if byte.is_ascii_control() => out.extend_from_slice(&[b'*', byte ^ 0x40]),
        _ => {
            let bytes = c.encode_utf8(&mut utf8).as_bytes();
            // The last two code points of each plane are not characters.
            match Text::is_deceptive(c) || u32::from(c) & 0xfffe == 0xfffe {
                true => bytes.iter().for_each(|&byte| push_octal(out, byte)),
                false => out.extend_from_slice(bytes),
            }
        }
    }
}

fn push_octal(out: &mut Vec<u8>, byte: u8) {
    let digit = |shift: u8| b'0' + (byte >> shift & 7);
    out.extend_from_slice(&[b'\\', digit(6), digit(3), digit(0)]);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &[u8]) -> String {
        let mut out = Vec::new();
        push(&mut out, text);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn nothing_reaches_the_terminal_that_is_no_text() {
        assert_eq!(shown(b"plain [text] \\"), "plain [text] \\");
        assert_eq!(shown(b"\x1b[31mb\t\n\r\x07\x7f"), "*[[31mb*I*J*M*G*?");
        assert_eq!(shown("jürgen 名前".as_bytes()), "jürgen 名前");
        assert_eq!(shown(b"\xe5\x90 \xff"), "\\345\\220 \\377");
        assert_eq!(
            shown("\u{9b}\u{202e}\u{ffff}".as_bytes()),
            "\\302\\233\\342\\200\\256\\357\\277\\277"
        );
    }
}
