//! Fields whose text needs no escaping, which nearly all are.

use loginrec::Text;

/// The text of a character field: what stands before the first NUL, or all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Field<'a> {
    pub(crate) text: &'a [u8],
    /// Whether it is printable ASCII without the characters asked for.
    pub(crate) is_plain: bool,
}

impl<'a> Field<'a> {
    /// `A` and `B` are ASCII characters that plain text must not have.
    #[inline]
    pub(crate) fn of<const A: u8, const B: u8>(field: &'a [u8]) -> Field<'a> {
        let plain = const { &plain_bytes::<A, B>() };
        let is_plain = |&byte: &u8| plain.get(usize::from(byte)) == Some(&true);
        let len = field.iter().position(|byte| !is_plain(byte)).unwrap_or(field.len());
        let (text, rest) = field.split_at_checked(len).unwrap_or((field, &[]));
        match rest {
            [] | [0, ..] => Field { text, is_plain: true },
            _ => Field { text: Text::new(field).as_bytes(), is_plain: false },
        }
    }

    /// The text with blanks behind it and how long it is, if it is plain and ends within
    /// `WORDS` times 8 bytes.
    #[inline]
    pub(crate) fn padded<const WORDS: usize, const A: u8, const B: u8>(
        field: &[u8],
    ) -> Option<([[u8; 8]; WORDS], usize)> {
        Field::head::<WORDS, A, B>(field).filter(|&(_, len)| len < 8 * WORDS)
    }

    /// As [`Field::padded`]; of a text that goes on, as much as there is room for.
    #[inline(always)]
    pub(crate) fn head<const WORDS: usize, const A: u8, const B: u8>(
        field: &[u8],
    ) -> Option<([[u8; 8]; WORDS], usize)> {
        let (words, rest) = field.as_chunks::<8>();
        let mut cell = [[b' '; 8]; WORDS];
        let (mut len, mut special) = (0, 0);
        for (place, &word) in cell.iter_mut().zip(words) {
            let word = Word::of(u64::from_le_bytes(word));
            *place = word.text.to_le_bytes();
            special |= self::special::<A, B>(word.text);
            if word.end != 0 {
                len += word.len();
                return (special == 0).then_some((cell, len));
            }
            len += 8;
        }
        if let Some(place) = cell.get_mut(words.len()) {
            // Fewer than eight bytes, so that a NUL follows them.
            let word = Word::of(few(rest));
            *place = word.text.to_le_bytes();
            special |= self::special::<A, B>(word.text);
            len += word.len();
        }
        (special == 0).then_some((cell, len))
    }
}

/// How long the text of a field is, if it can be copied as it stands: printable ASCII without
/// `A` and `B`, and nothing but zeros behind it.
#[inline(always)]
pub(crate) fn plain<const A: u8, const B: u8>(field: &[u8]) -> Option<usize> {
    match field.as_chunks::<8>() {
        // The usual length: nothing has to be counted.
        ([a, b, c, d], []) => plain_words::<A, B>(&[*a, *b, *c, *d]),
        ([], rest) if rest.len() == 4 => plain_end::<A, B>(few(rest)),
        _ => plain_any::<A, B>(field),
    }
}

#[inline(always)]
fn plain_words<const A: u8, const B: u8>(words: &[[u8; 8]; 4]) -> Option<usize> {
    let [a, b, c, d] = words.map(u64::from_le_bytes);
    for (begin, word, rest) in [(0, a, b | c | d), (8, b, c | d), (16, c, d), (24, d, 0)] {
        if special::<A, B>(word) != 0 {
            return plain_end::<A, B>(word).filter(|_| rest == 0).map(|len| begin + len);
        }
    }
    Some(32)
}

#[inline(never)]
fn plain_any<const A: u8, const B: u8>(field: &[u8]) -> Option<usize> {
    let (words, rest) = field.as_chunks::<8>();
    let mut begin = 0_usize;
    for word in words {
        let word = u64::from_le_bytes(*word);
        if special::<A, B>(word) != 0 {
            let len = plain_end::<A, B>(word)?;
            return (!has_residue(field, begin.wrapping_add(8))).then_some(begin.wrapping_add(len));
        }
        begin = begin.wrapping_add(8);
    }
    Some(begin.wrapping_add(plain_end::<A, B>(few(rest))?))
}

/// The last word of a text, in which there is a NUL or something else that is special.
#[inline(always)]
fn plain_end<const A: u8, const B: u8>(word: u64) -> Option<usize> {
    let end = special::<A, B>(word).trailing_zeros() & 0x38;
    (word >> end == 0).then_some(end as usize / 8)
}

/// Whether any byte behind the first `len` of `field` is not zero.
#[inline]
pub(crate) fn has_residue(field: &[u8], len: usize) -> bool {
    const ZEROS: &[u8] = &[0; 256];
    let behind = field.get(len..).unwrap_or_default();
    match ZEROS.get(..behind.len()) {
        Some(zeros) => zeros != behind,
        None => behind.iter().any(|&byte| byte != 0),
    }
}

const fn plain_bytes<const A: u8, const B: u8>() -> [bool; 256] {
    let mut plain = [false; 256];
    let (mut rest, mut byte): (&mut [bool], u8) = (&mut plain, 0);
    while let [first, tail @ ..] = rest {
        *first = matches!(byte, b' '..=b'~') && byte != A && byte != B;
        byte = byte.wrapping_add(1);
        rest = tail;
    }
    plain
}

/// Fewer than eight bytes, zeros behind them.
#[inline(always)]
fn few(bytes: &[u8]) -> u64 {
    // As long as an id.
    match <[u8; 4]>::try_from(bytes) {
        Ok(four) => u32::from_le_bytes(four).into(),
        Err(_) => any_few(bytes),
    }
}

#[cold]
fn any_few(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte))
}

/// Eight bytes of a field, the first of them lowest.
#[derive(Clone, Copy, Debug)]
struct Word {
    /// With blanks in place of the first NUL and what follows it.
    text: u64,
    /// The high bit of that NUL.
    end: u64,
}

const fn each(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

const HIGH: u64 = each(0x80);

impl Word {
    #[inline]
    fn of(bytes: u64) -> Word {
        // A borrow can mark a byte that is not zero, but only behind one that is.
        let zeros = bytes.wrapping_sub(each(1)) & !bytes & HIGH;
        let end = zeros & zeros.wrapping_neg();
        let before = (end >> 7).wrapping_sub(1);
        Word { text: bytes & before | each(b' ') & !before, end }
    }

    #[inline]
    fn len(self) -> usize {
        (self.end.trailing_zeros() / 8) as usize
    }
}

/// The high bits of bytes that are not printable ASCII, or are `A` or `B`: of the first of
/// them, and of none before it. Borrows and carries come only out of such bytes.
#[inline(always)]
fn special<const A: u8, const B: u8>(bytes: u64) -> u64 {
    let control = bytes.wrapping_sub(each(b' '));
    let delete = bytes.wrapping_add(each(1));
    let [a, b] = [A, B].map(|byte| (bytes ^ each(byte)).wrapping_sub(each(1)));
    (bytes | control | delete | a | b) & HIGH
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same, a byte at a time.
    fn check(field: &[u8]) {
        let len = field.iter().position(|&byte| byte == 0).unwrap_or(field.len());
        let (text, rest) = field.split_at(len);
        let is_plain_byte =
            |&byte: &u8| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b',';
        let is_plain = text.iter().all(is_plain_byte);
        assert_eq!(Field::of::<b'"', b','>(field), Field { text, is_plain }, "{field:?}");
        assert_eq!(has_residue(field, len), rest.iter().any(|&byte| byte != 0), "{field:?}");
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
}
