//! The usual line: names cut to their columns, the host behind them, short times, nothing
//! that has to be escaped. All columns lie at fixed places.

use loginrec::Entry;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::pair::End;
use super::stamp::{Stamps, clock};

/// Columns, and the separators behind them.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
pub(super) struct Brief {
    user: [u8; 8],
    behind_user: u8,
    line: [u8; 8],
    line_end: [u8; 4],
    behind_line: u8,
    host: [u8; 16],
    behind_host: u8,
    time: [u8; 16],
    behind_time: u8,
    /// With the separator.
    end: [u8; 8],
    /// With the line feed.
    length: [u8; 16],
}

const SIZE: usize = size_of::<Brief>();

impl Brief {
    pub(super) fn separated_by(separator: u8) -> Brief {
        Brief {
            user: [b' '; 8],
            behind_user: separator,
            line: [b' '; 8],
            line_end: [b' '; 4],
            behind_line: separator,
            host: [b' '; 16],
            behind_host: separator,
            time: [b' '; 16],
            behind_time: separator,
            end: [0, 0, 0, 0, 0, 0, 0, separator],
            length: [b' '; 16],
        }
    }

    /// Appends the line of a login and tells whether it is a usual one.
    #[inline(never)]
    pub(super) fn push(
        &self,
        out: &mut Vec<u8>,
        entry: &Entry<'_>,
        end: End,
        stamps: &mut Stamps,
    ) -> bool {
        let begun = out.len();
        let blank: &[u8; SIZE] = zerocopy::transmute_ref!(self);
        out.extend_from_slice(blank);
        let Some(place) = out.last_chunk_mut::<SIZE>() else { return false };
        let place: &mut Brief = zerocopy::transmute_mut!(place);
        let len = place.fill(entry, end, stamps);
        out.truncate(begun.wrapping_add(len.unwrap_or(0)));
        len.is_some()
    }

    /// Returns how long it is then.
    #[inline(always)]
    fn fill(&mut self, entry: &Entry<'_>, end: End, stamps: &mut Stamps) -> Option<usize> {
        let [user] = cell(entry.ut_user.raw(), true)?;
        self.user = user.to_le_bytes();
        let [line, rest] = cell(entry.ut_line.raw(), false)?;
        // The numbers of daemons are left out.
        if matches!(line as u8, b'f' | b'u') {
            return None;
        }
        self.line = line.to_le_bytes();
        self.line_end = (rest as u32).to_le_bytes();
        let host: [u64; 2] = cell(entry.ut_host.raw(), true)?;
        self.host = zerocopy::transmute!(host.map(u64::to_le_bytes));
        let begin = entry.ut_tv.tv_sec;
        self.time = stamps.short(begin)?;
        let (end, length, len) = match end {
            End::At(end) => (ended(stamps.minutes(end)?), lasted(begin, end)?, LASTED),
            End::Down(end) => (word(b"- down \0"), lasted(begin, end)?, LASTED),
            End::Crash(end) => (word(b"- crash\0"), lasted(begin, end)?, LASTED),
            End::LoggedIn => (word(b"  still\0"), *b"logged in\n      ", 10),
            End::Running | End::Change(_) => return None,
        };
        self.end = (u64::from_le_bytes(self.end) | end).to_le_bytes();
        self.length = length;
        Some(SIZE - size_of_val(&length) + len)
    }
}

const fn each(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

const HIGH: u64 = each(0x80);

/// The first `WORDS` times 8 bytes of a text and blanks, the first byte lowest. Of a text
/// that goes on the last may be a mark instead. `None` if something needs care: bytes that
/// are not printable ASCII or not NULs behind a NUL, or a field that is shorter.
#[inline(always)]
fn cell<const WORDS: usize>(field: &[u8], has_mark: bool) -> Option<[u64; WORDS]> {
    let (words, _) = field.as_chunks::<8>();
    let mut cell = [each(b' '); WORDS];
    let (mut nuls, mut odd) = (0, 0);
    for (place, &word) in cell.iter_mut().zip(words.first_chunk::<WORDS>()?) {
        let word = u64::from_le_bytes(word);
        if nuls != 0 {
            odd |= word;
            continue;
        }
        // The high bits of NULs, for all behind the first are NULs too.
        nuls = word.wrapping_sub(each(1)) & !word & HIGH;
        if word > (nuls & nuls.wrapping_neg()).wrapping_sub(1) {
            return None;
        }
        let text = word | nuls >> 2; // b' ' is 0x80 >> 2
        // Borrows and carries come only out of bytes that are odd themselves.
        odd |= (text | text.wrapping_sub(each(b' ')) | text.wrapping_add(each(1))) & HIGH;
        *place = text;
    }
    if odd != 0 {
        return None;
    }
    if has_mark
        && nuls == 0
        && let Some(1..) = field.get(8 * WORDS)
        && let [.., last] = cell.as_mut_slice()
    {
        *last = *last & (u64::MAX >> 8) | u64::from(b'*') << 56;
    }
    Some(cell)
}

#[inline(always)]
const fn word(text: &[u8; 8]) -> u64 {
    u64::from_le_bytes(*text)
}

/// `- hh:mm`
#[inline(always)]
fn ended(clock: u64) -> u64 {
    clock << 16 | word(b"- \0\0\0\0\0\0")
}

/// Bytes of ` (hh:mm)` and the line feed.
const LASTED: usize = 9;

/// How long that was, if it was less than a day. It began in a year that calendars have.
#[inline(always)]
fn lasted(begin: i64, end: i64) -> Option<[u8; 16]> {
    let length = clock(end.wrapping_sub(begin))? << 16 | word(b" (\0\0\0\0\0)");
    let whole = u128::from(length) | u128::from(b'\n') << 64;
    Some(whole.to_le_bytes())
}

#[cfg(test)]
mod tests {
    /// The same, a byte at a time.
    fn check(field: &[u8]) {
        let len = field.iter().position(|&byte| byte == 0).unwrap_or(field.len());
        let is_usual = |byte: &u8| matches!(byte, b' '..=b'~');
        let head = &field[..16];
        let shown = len.min(16);
        let usual = head[..shown].iter().all(is_usual) && head[shown..].iter().all(|&b| b == 0);
        let mut text = [b' '; 16];
        text[..shown].copy_from_slice(&head[..shown]);
        let cell = |mark| super::cell::<2>(field, mark).map(|cell| cell.map(u64::to_le_bytes));
        assert_eq!(cell(false), usual.then_some(zerocopy::transmute!(text)), "{field:?}");
        if len > 16 {
            text[15] = b'*';
        }
        assert_eq!(cell(true), usual.then_some(zerocopy::transmute!(text)), "{field:?}");
    }

    #[test]
    fn every_byte_at_every_place() {
        for byte in 0..=u8::MAX {
            for len in 16..19 {
                for at in 0..len {
                    let mut field = vec![b'~'; len];
                    field[at] = byte;
                    check(&field);
                    for zero in 0..len {
                        let mut field = field.clone();
                        field[zero] = 0;
                        check(&field);
                        field[zero..].fill(0);
                        check(&field);
                        field[len - 1] = byte;
                        check(&field);
                    }
                }
            }
        }
        assert_eq!(super::cell::<1>(b"short", true), None);
    }
}
