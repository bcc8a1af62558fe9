//! The page around the data.

use std::io::{self, Write as _};

use loginrec_sources::sha256;
use serde_json::Value;

use crate::output::writer::Output;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");
const BODY: &str = include_str!("page.html");

/// Writes the page. Whatever comes from evidence is in the data, as JSON in which no markup can
/// begin.
pub(super) fn write(data: &Value, out: &mut Output) -> io::Result<()> {
    let policy = format!(
        "default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; base-uri 'none'; \
         form-action 'none'",
        hash(SCRIPT)?,
        hash(STYLE)?
    );
    writeln!(out, "<!doctype html>")?;
    writeln!(out, "<html lang=\"en\"><head><meta charset=\"utf-8\">")?;
    writeln!(out, "<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">")?;
    writeln!(out, "<meta name=\"viewport\" content=\"width=device-width\">")?;
    writeln!(out, "<meta name=\"referrer\" content=\"no-referrer\">")?;
    write!(out, "<title>Logins</title><style>{STYLE}</style></head><body>\n{BODY}")?;
    let json = data.to_string();
    let json = json.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026");
    writeln!(out, "<script type=\"application/json\" id=\"data\">{json}</script>")?;
    writeln!(out, "<script>{SCRIPT}</script></body></html>")?;
    out.flush()
}

/// Returns the SHA-256 in base64, as a Content-Security-Policy has it.
fn hash(text: &str) -> io::Result<String> {
    let digits = sha256(text.as_bytes())?.sha256;
    let bytes = digits
        .as_bytes()
        .chunks(2)
        .filter_map(|pair| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok());
    Ok(base64(&bytes.collect::<Vec<u8>>()))
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let three = chunk.iter().fold(0_u32, |all, byte| all << 8 | u32::from(*byte));
        let three = three << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let digit = usize::try_from(three >> (18 - 6 * place) & 63).unwrap_or_default();
            match DIGITS.get(digit).filter(|_| place <= chunk.len()) {
                Some(digit) => text.push(char::from(*digit)),
                None => text.push('='),
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vectors of RFC 4648, and the SHA-256 of nothing.
    #[test]
    fn base64_and_hashes() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
        assert_eq!(hash("").unwrap(), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    }
}
