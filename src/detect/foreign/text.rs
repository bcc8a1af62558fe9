//! Recognizes text: output of tools, and placeholders for files stored elsewhere.

use crate::detect::foreign::bytes::Bytes;
use crate::detect::foreign::kind::Foreign;
use crate::detect::foreign::kind::ForeignClass::{Dump, Pointer, Text};

const TEXT: Foreign = Foreign::new("text", Text);
const UTF16: Foreign = Foreign::new("text in UTF-16", Text);
const HTML: Foreign = Foreign::new("an HTML or XML text", Text);
const LFS: Foreign =
    Foreign::new("a pointer of Git LFS, the text kept in place of a file", Pointer);
const ANNEX: Foreign =
    Foreign::new("a pointer of git-annex, the text kept in place of a file", Pointer);
const FWTMP: Foreign = Foreign::new("text as fwtmp prints it", Dump);
const UTMPDUMP: Foreign = Foreign::new("text as utmpdump prints it", Dump);
const AIX_LASTLOG: Foreign = Foreign::new(
    "text as AIX keeps it in /etc/security/lastlog, with last and failed logins; it is not read yet",
    Text,
);
const AIX_PORTLOG: Foreign = Foreign::new(
    "text as AIX keeps it in /etc/security/portlog, with failed logins by terminal; it is not read yet",
    Text,
);
const LOGINLOG: Foreign = Foreign::new(
    "text as Solaris and System V keep it in loginlog, with failed logins; it is not read yet",
    Text,
);
const LOGIND: Foreign = Foreign::new("text of systemd-logind, but not of a session", Text);
const JSON: Foreign = Foreign::new("JSON lines as dump prints them", Dump);

/// Bytes at the beginning that are examined.
const REACH: usize = 4096;
/// Bytes of UTF-16 that are sufficient evidence, with a byte order mark.
const ENOUGH: usize = 16;

/// Pointers, and UTF-16, of which every other byte is a zero as in records.
pub(super) fn certain(bytes: &Bytes<'_>) -> Option<Foreign> {
    match bytes.head {
        [b'v', b'e', b'r', ..] if bytes.has(0, b"version https://git-lfs.") => Some(LFS),
        [b'v', b'e', b'r', ..] if bytes.has(0, b"version https://hawser.") => Some(LFS),
        [b'/', b'a', b'n', ..] if bytes.has(0, b"/annex/objects/") => Some(ANNEX),
        [0xff, 0xfe, text @ ..] if text.len() >= ENOUGH && is_utf16(text, 0) => Some(UTF16),
        [0xfe, 0xff, text @ ..] if text.len() >= ENOUGH && is_utf16(text, 1) => Some(UTF16),
        _ => None,
    }
}

pub(super) fn likely(bytes: &Bytes<'_>) -> Option<Foreign> {
    let text = bytes.head.get(..REACH).unwrap_or(bytes.head);
    if text.len() >= ENOUGH && (is_utf16(text, 0) || is_utf16(text, 1)) {
        return Some(UTF16);
    }
    if !is_text(text) {
        return None;
    }
    let start = text.trim_ascii_start();
    let line = text.split(|&byte| byte == b'\n').find(|line| !line.trim_ascii().is_empty());
    let line = line.unwrap_or_default();
    let found = match start {
        [b'{', b'"', ..] if line.windows(9).any(|key| key == b"\"layout\":") => JSON,
        [b'<', b'!' | b'?' | b'h' | b'H', ..] => HTML,
        [b'[', b'0'..=b'9', ..] if line.windows(3).any(|end| end == b"] [") => UTMPDUMP,
        _ if is_fwtmp(line) => FWTMP,
        _ if start.starts_with(b"# This is private data. Do not parse.") => LOGIND,
        _ if has_key(text, b"time_last_") => AIX_LASTLOG,
        _ if has_key(text, b"unsuccessful_login_times") => AIX_PORTLOG,
        _ if is_loginlog(line) => LOGINLOG,
        _ => TEXT,
    };
    Some(found)
}

/// Returns whether there is hardly anything but letters, signs and white space.
fn is_text(bytes: &[u8]) -> bool {
    let is_control = |byte: &&u8| !matches!(**byte, b'\t' | b'\n' | b'\r' | 0x08 | 0x0c | 0x1b | b' '..=b'~' | 0x80..);
    let control = bytes.iter().filter(is_control).count();
    let foreign = match core::str::from_utf8(bytes) {
        Ok(_) => 0,
        // The last character may be cut.
        Err(error) if error.error_len().is_none() => 0,
        Err(_) => bytes.iter().filter(|byte| !byte.is_ascii()).count(),
    };
    !bytes.contains(&0)
        && control.saturating_mul(50) <= bytes.len()
        && foreign.saturating_mul(4) <= bytes.len()
        && !bytes.is_empty()
}

/// Returns whether nearly every pair of bytes is an ASCII character with a zero before or after it.
fn is_utf16(bytes: &[u8], letter: usize) -> bool {
    let (pairs, _) = bytes.get(..REACH).unwrap_or(bytes).as_chunks::<2>();
    let is_letter = |pair: &&[u8; 2]| {
        let [one, other] = **pair;
        let (byte, zero) = if letter == 0 { (one, other) } else { (other, one) };
        zero == 0 && matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~')
    };
    let letters = pairs.iter().filter(is_letter).count();
    letters.saturating_mul(10) >= pairs.len().saturating_mul(9)
}

/// Returns whether a line has the two numbers of an exit status, of four octal digits each, and
/// seconds after them.
fn is_fwtmp(line: &[u8]) -> bool {
    let is_octal = |word: &[u8]| word.len() == 4 && word.iter().all(|b| matches!(b, b'0'..=b'7'));
    let is_time =
        |word: &[u8]| (8..=10).contains(&word.len()) && word.iter().all(u8::is_ascii_digit);
    let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let mut before = false;
    for word in words.by_ref() {
        let octal = is_octal(word);
        if octal && before {
            return words.any(is_time);
        }
        before = octal;
    }
    false
}

/// Returns whether a line has a key that begins so, with a value after it.
fn has_key(text: &[u8], key: &[u8]) -> bool {
    text.split(|&byte| byte == b'\n').any(|line| {
        let rest = line.trim_ascii_start().strip_prefix(key);
        rest.is_some_and(|rest| rest.contains(&b'='))
    })
}

/// Returns whether a line is a name, a terminal and a date such as `Fri Mar  7 09:08:21 2025`,
/// with colons between them. A name may have a colon as well.
fn is_loginlog(line: &[u8]) -> bool {
    const DATE: usize = 24;
    let line = line.trim_ascii_end();
    let Some((place, date)) = line.len().checked_sub(DATE).and_then(|at| line.split_at_checked(at))
    else {
        return false;
    };
    let fits = |(byte, form): (&u8, &u8)| match form {
        b'A' => byte.is_ascii_alphabetic(),
        b'0' => byte.is_ascii_digit() || *byte == b' ',
        _ => byte == form,
    };
    let has_terminal = place.strip_suffix(b":").is_some_and(|place| place.contains(&b':'));
    has_terminal && date.iter().zip(b"AAA AAA 00 00:00:00 0000").all(fits)
}
