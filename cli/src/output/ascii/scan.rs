//! Fields whose text needs no escaping, as nearly all do, as the cells of columns.

use loginrec::Text;
use loginrec::scan::{nuls64, plain_prefix, special, unprintable};

pub(crate) use loginrec::scan::plain;

/// The text of a character field: the bytes before the first NUL, or all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Field<'a> {
    pub(crate) text: &'a [u8],
    /// Whether it is printable ASCII without the excluded characters.
    pub(crate) is_plain: bool,
}

impl<'a> Field<'a> {
    /// `A` and `B` are ASCII characters that plain text must not contain.
    #[inline]
    pub(crate) fn of<const A: u8, const B: u8>(field: &'a [u8]) -> Field<'a> {
        let len = plain_prefix::<A, B>(field);
        let (text, rest) = field.split_at_checked(len).unwrap_or((field, &[]));
        match rest {
            [] | [0, ..] => Field { text, is_plain: true },
            _ => Field { text: Text::new(field).as_bytes(), is_plain: false },
        }
    }

    /// Returns the text, followed by blanks, and its length, if it is plain and ends within `WORDS`
    /// times 8 bytes.
    #[inline]
    pub(crate) fn padded<const WORDS: usize, const A: u8, const B: u8>(
        field: &[u8],
    ) -> Option<([[u8; 8]; WORDS], usize)> {
        Field::head::<WORDS, A, B>(field).filter(|&(_, len)| len < 8 * WORDS)
    }

    /// Does the same as [`Field::padded`], but cuts a longer text to fit.
    #[inline(always)]
    pub(crate) fn head<const WORDS: usize, const A: u8, const B: u8>(
        field: &[u8],
    ) -> Option<([[u8; 8]; WORDS], usize)> {
        let (words, rest) = field.as_chunks::<8>();
        let mut cell = [[b' '; 8]; WORDS];
        let (mut len, mut odd) = (0, 0);
        for (place, &word) in cell.iter_mut().zip(words) {
            let word = Word::of(u64::from_le_bytes(word));
            *place = word.text.to_le_bytes();
            odd |= special::<A, B>(word.text);
            if word.end != 0 {
                len += word.len();
                return (odd == 0).then_some((cell, len));
            }
            len += 8;
        }
        if let Some(place) = cell.get_mut(words.len()) {
            // Fewer than eight bytes, so a NUL follows them.
            let word = Word::of(partial_word(rest));
            *place = word.text.to_le_bytes();
            odd |= special::<A, B>(word.text);
            len += word.len();
        }
        (odd == 0).then_some((cell, len))
    }
}

/// Returns fewer than eight bytes, followed by zeros.
#[inline(always)]
fn partial_word(bytes: &[u8]) -> u64 {
    // The length of an id.
    match <[u8; 4]>::try_from(bytes) {
        Ok(four) => u32::from_le_bytes(four).into(),
        Err(_) => any_few(bytes),
    }
}

#[cold]
fn any_few(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte))
}

/// Eight bytes of a field, the first one lowest.
#[derive(Clone, Copy, Debug)]
struct Word {
    /// With blanks in place of the first NUL and everything after it.
    text: u64,
    /// The high bit of that NUL.
    end: u64,
}

const fn each(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

impl Word {
    #[inline]
    fn of(bytes: u64) -> Word {
        let zeros = nuls64(bytes);
        let end = zeros & zeros.wrapping_neg();
        let before = (end >> 7).wrapping_sub(1);
        Word { text: bytes & before | each(b' ') & !before, end }
    }

    #[inline]
    fn len(self) -> usize {
        (self.end.trailing_zeros() / 8) as usize
    }
}

/// Returns the first `WORDS` times 8 bytes of a text, followed by blanks, the first byte lowest.
/// The last byte of a longer text may be a marker instead. `None` if the field needs care: bytes
/// that are not printable ASCII, bytes other than NUL after a NUL, a shorter field.
#[inline(always)]
pub(crate) fn column<const WORDS: usize>(field: &[u8], has_mark: bool) -> Option<[u64; WORDS]> {
    let (words, _) = field.as_chunks::<8>();
    let mut cell = [each(b' '); WORDS];
    let (mut nuls, mut odd) = (0, 0);
    for (place, &word) in cell.iter_mut().zip(words.first_chunk::<WORDS>()?) {
        let word = u64::from_le_bytes(word);
        if nuls != 0 {
            odd |= word;
            continue;
        }
        // The high bits of all NULs, because all bytes after the first one are NULs too.
        nuls = nuls64(word);
        if word > (nuls & nuls.wrapping_neg()).wrapping_sub(1) {
            return None;
        }
        let text = word | nuls >> 2; // b' ' is 0x80 >> 2
        odd |= unprintable(text);
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Does the same, one byte at a time.
    fn check(field: &[u8]) {
        let len = field.iter().position(|&byte| byte == 0).unwrap_or(field.len());
        let (text, rest) = field.split_at(len);
        let is_plain_byte =
            |&byte: &u8| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b',';
        let is_plain = text.iter().all(is_plain_byte);
        assert_eq!(Field::of::<b'"', b','>(field), Field { text, is_plain }, "{field:?}");
        let can_be_copied = is_plain && rest.iter().all(|&byte| byte == 0);
        assert_eq!(plain::<b'"', b','>(field), can_be_copied.then_some(len), "{field:?}");
        let mut padded = [b' '; 16];
        let fits = is_plain && len < 16;
        if fits {
            padded[..len].copy_from_slice(text);
        }
        let cell = Field::padded::<2, b'"', b','>(field);
        let cell = cell.map(|(cell, len)| (cell.as_flattened().to_vec(), len));
        assert_eq!(cell, fits.then_some((padded.to_vec(), len)), "{field:?}");
    }

    #[test]
    fn every_byte_at_every_place() {
        for byte in 0..=u8::MAX {
            for len in (0..20).chain([32, 33]) {
                for at in 0..len {
                    let mut field = vec![b'~'; len];
                    field[at] = byte;
                    check(&field);
                    for zero in 0..len {
                        let mut field = field.clone();
                        field[zero] = 0;
                        check(&field);
                        field[zero + 1..].fill(0);
                        check(&field);
                    }
                }
            }
        }
        for len in [24, 31, 40, 64, 256, 257, 600] {
            for at in [0, 3, 8, 13, len / 2, len - 2, len] {
                let mut field = vec![0; len];
                field[..at].fill(b'a');
                check(&field);
                field[len - 1] = 1;
                check(&field);
                field[len - 1] = 0;
                field[len - len % 8 - 1] = b'a';
                check(&field);
            }
        }
        check(b"");
    }

    /// Does the same, one byte at a time.
    fn check_column(field: &[u8]) {
        let len = field.iter().position(|&byte| byte == 0).unwrap_or(field.len());
        let is_usual = |byte: &u8| matches!(byte, b' '..=b'~');
        let head = &field[..16];
        let shown = len.min(16);
        let usual = head[..shown].iter().all(is_usual) && head[shown..].iter().all(|&b| b == 0);
        let mut text = [b' '; 16];
        text[..shown].copy_from_slice(&head[..shown]);
        let cell = |mark| {
            column::<2>(field, mark).map(|cell| cell.map(u64::to_le_bytes).as_flattened().to_vec())
        };
        assert_eq!(cell(false), usual.then_some(text.to_vec()), "{field:?}");
        if len > 16 {
            text[15] = b'*';
        }
        assert_eq!(cell(true), usual.then_some(text.to_vec()), "{field:?}");
    }

    #[test]
    fn columns_of_every_byte() {
        for byte in 0..=u8::MAX {
            for len in 16..19 {
                for at in 0..len {
                    let mut field = vec![b'~'; len];
                    field[at] = byte;
                    check_column(&field);
                    for zero in 0..len {
                        let mut field = field.clone();
                        field[zero] = 0;
                        check_column(&field);
                        field[zero..].fill(0);
                        check_column(&field);
                        field[len - 1] = byte;
                        check_column(&field);
                    }
                }
            }
        }
        assert_eq!(column::<1>(b"short", true), None);
    }
}
