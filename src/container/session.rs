//! The file of a session of systemd-logind: a comment, then a line `KEY=value` for each value. Keys
//! that are not known are ignored.

use alloc::vec::Vec;

use zerocopy::{FromZeros as _, IntoBytes as _};

use crate::container::asl::messages::Step;
use crate::container::source::Source;
use crate::container::stored_row::{HAS_PID, HAS_SERVICE, HAS_TYPE, Head, TEXTS, Use, push_fault};
use crate::error::Error;
use crate::value::timestamp::Timestamp;

/// The first line, of the files of users, seats and machines as well.
const COMMENT: &[u8] = b"# This is private data. Do not parse.";
/// The key of the second line, which the others do not have there.
const SECOND: &[u8] = b"UID=";
/// Tools that collect text may put this before it.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// Bytes that are enough for [`is_session`].
pub(crate) const BEGIN: usize = 64;
/// Bytes of a file that are read. Those of logind have some 400.
const MOST: usize = 64 << 10;

/// Linux's numbers of types.
const INIT_PROCESS: i32 = 5;
const LOGIN_PROCESS: i32 = 6;
const USER_PROCESS: i32 = 7;

/// Returns whether a file that begins so is that of a session.
pub(crate) fn is_session(head: &[u8]) -> bool {
    let head = head.strip_prefix(BYTE_ORDER_MARK).unwrap_or(head);
    let rest = head.strip_prefix(COMMENT).map(|rest| rest.strip_prefix(b"\r").unwrap_or(rest));
    let second = rest.and_then(|rest| rest.strip_prefix(b"\n"));
    second.is_some_and(|line| line.starts_with(SECOND))
}

/// A file that is being read: it has one session.
#[derive(Debug, Default)]
pub(crate) struct Session {
    is_read: bool,
    is_over: bool,
}

impl Session {
    /// Appends the session, then what was too long to be read.
    pub(crate) fn advance(&mut self, source: &dyn Source, out: &mut Vec<u8>) -> Step {
        let len = source.len();
        if len == 0 || self.is_over {
            return Step::End;
        }
        if !self.is_read {
            self.is_read = true;
            let mut text = alloc::vec![0; usize::try_from(len).unwrap_or(MOST).min(MOST)];
            let read = source.read_at(&mut text, 0);
            text.truncate(read);
            push(&text, out);
            return Step::Login;
        }
        self.is_over = true;
        let offset = MOST as u64;
        match len.checked_sub(offset) {
            None | Some(0) => Step::End,
            Some(len) => {
                push_fault(&Error::Skipped { offset, len }, out);
                Step::Fault
            }
        }
    }
}

/// Appends the session that a text describes.
fn push(text: &[u8], out: &mut Vec<u8>) {
    let mut head = Head::new_zeroed();
    let begin = out.len();
    head.payload = (text.len() as u32).into();
    head.raw_type = USER_PROCESS.into();
    head.has = HAS_TYPE;
    out.extend_from_slice(head.as_bytes());
    let body = out.len();
    out.extend_from_slice(text);
    for line in text.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let Some(equals) = line.iter().position(|byte| *byte == b'=') else { continue };
        let (key, value) = line.split_at(equals);
        let value = value.get(1..).unwrap_or_default();
        let mut set = |of: Use, value: &[u8]| {
            let place = TEXTS.iter().position(|known| *known == of).unwrap_or_default();
            if let Some([at, len]) = head.texts.get_mut(place)
                && len.get() == 0
            {
                *at = (out.len().saturating_sub(body) as u32).into();
                *len = (value.len() as u32).into();
                out.extend_from_slice(value);
            }
        };
        match key {
            b"USER" => set(Use::User, value),
            // Of a session with both, the terminal comes first.
            b"TTY" | b"DISPLAY" => set(Use::Line, value),
            b"REMOTE_HOST" => set(Use::Host, &unescaped(value)),
            b"SERVICE" => {
                set(Use::Service, &unescaped(value));
                head.has |= HAS_SERVICE;
            }
            b"LEADER" => {
                if let Some(pid) = number(value) {
                    head.pid = (pid as i64).into();
                    head.has |= HAS_PID;
                }
            }
            b"REALTIME" => {
                let time = Timestamp::from_micros(number(value).unwrap_or_default());
                head.sec = time.tv_sec.into();
                head.usec = (time.tv_usec as u32).into();
            }
            b"CLASS" => head.raw_type = type_of(value).into(),
            _ => {}
        }
    }
    head.len = (out.len().saturating_sub(begin) as u32).into();
    if let Some(place) = out.get_mut(begin..body) {
        place.copy_from_slice(head.as_bytes());
    }
}

/// Returns the type of a session of a class: a greeter and a locked screen wait for a user, and a
/// manager and what runs in the background are no people.
fn type_of(class: &[u8]) -> i32 {
    match class {
        b"greeter" | b"lock-screen" => LOGIN_PROCESS,
        class if class.starts_with(b"manager") || class.starts_with(b"background") => INIT_PROCESS,
        _ => USER_PROCESS,
    }
}

/// Parses a decimal number.
fn number(text: &[u8]) -> Option<u64> {
    core::str::from_utf8(text).ok()?.parse().ok()
}

/// Returns a value without the escapes of C: a letter, a quote, or three octal digits.
fn unescaped(value: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(value.len());
    let mut rest = value;
    while let [byte, after @ ..] = rest {
        let (byte, after) = match (byte, after) {
            (b'\\', [high @ b'0'..=b'3', middle @ b'0'..=b'7', low @ b'0'..=b'7', after @ ..]) => {
                ((high & 7) << 6 | (middle & 7) << 3 | (low & 7), after)
            }
            (b'\\', [letter, after @ ..]) => (control(*letter), after),
            _ => (*byte, after),
        };
        text.push(byte);
        rest = after;
    }
    text
}

/// Returns the character that a letter after a backslash stands for.
const fn control(letter: u8) -> u8 {
    match letter {
        b'n' => b'\n',
        b't' => b'\t',
        b'r' => b'\r',
        b'a' => 7,
        b'b' => 8,
        b'v' => 11,
        b'f' => 12,
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_a_session() {
        for (text, is) in [
            (&b"# This is private data. Do not parse.\nUID=1000\n"[..], true),
            (b"\xef\xbb\xbf# This is private data. Do not parse.\r\nUID=0\r\n", true),
            (b"# This is private data. Do not parse.\nNAME=alice\n", false),
            (b"UID=1000\n", false),
            (b"", false),
        ] {
            assert_eq!(is_session(text), is);
            assert!(text.len() <= BEGIN);
        }
    }

    #[test]
    fn escapes() {
        for (escaped, text) in [
            (&br#"zo\303\253 \"b\" \\"#[..], "zo\u{eb} \"b\" \\".as_bytes()),
            (br"a\tb\n", b"a\tb\n"),
            (br"\", b"\\"),
            (br"\30", b"30"),
        ] {
            assert_eq!(unescaped(escaped), text);
        }
    }
}
