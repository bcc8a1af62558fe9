//! Scans byte fields: the NUL that ends a text, text that needs no escaping, zeros.
//!
//! Readers and printers do this for every field of every record, so it is done here, once, eight or
//! sixteen bytes at a time.
//!
//! ```
//! use loginrec::scan;
//!
//! let field = b"bob\0N\0\0\0";
//! assert_eq!(scan::nul(field), 3);
//! assert_eq!(scan::plain::<b'"', b'\\'>(field), None); // something follows the NUL
//! assert_eq!(scan::plain::<b'"', b'\\'>(b"bob\0\0\0\0\0"), Some(3));
//! assert_eq!(scan::trim_zeros(field), b"bob\0N");
//! ```

/// Defines the search for a NUL in one little-endian word.
macro_rules! nuls {
    ($(#[$doc:meta])* $name:ident, $word:ty) => {
        $(#[$doc])*
        #[inline]
        pub const fn $name(word: $word) -> $word {
            const ONES: $word = <$word>::MAX / 0xff;
            // Only a NUL borrows from the byte after it, so no bit before the first is set.
            word.wrapping_sub(ONES) & !word & (ONES << 7)
        }
    };
}

nuls! {
    /// Returns the high bit of the first NUL byte of a little-endian word, and perhaps high
    /// bits of later bytes; 0 if no byte is NUL.
    nuls64, u64
}
nuls! {
    /// Does the same for sixteen bytes.
    nuls128, u128
}
nuls! {
    /// Does the same for four bytes.
    nuls32, u32
}

/// Returns the number of bytes before the first NUL, or of all bytes.
#[inline]
pub fn nul(field: &[u8]) -> usize {
    before_nul(field).len()
}

/// Returns from the function if the next `$word` of `$rest`, the tail of `$field`, contains a NUL;
/// otherwise moves `$rest` past it.
macro_rules! step {
    ($field:ident, $rest:ident, $word:ty, $nuls:ident) => {
        if let Some((bytes, after)) = $rest.split_first_chunk() {
            let nuls = $nuls(<$word>::from_le_bytes(*bytes));
            if nuls != 0 {
                return head($field, $rest, nuls.trailing_zeros() as usize / 8);
            }
            $rest = after;
        }
    };
}

/// Returns the bytes before the first NUL, or all of them.
///
/// Too large to be inlined unless the compiler knows the length: in a loop over records of one type
/// only the steps for a field of its length remain. Sixteen bytes come first, because most names
/// end within them and an earlier exit costs more than it saves.
#[inline]
pub(crate) fn before_nul(field: &[u8]) -> &[u8] {
    let mut rest = field;
    step!(field, rest, u128, nuls128);
    step!(field, rest, u128, nuls128);
    if rest.len() > 32 {
        return before_later_nul(field, 32);
    }
    step!(field, rest, u128, nuls128);
    step!(field, rest, u128, nuls128);
    step!(field, rest, u64, nuls64);
    step!(field, rest, u32, nuls32);
    before_any_nul(field, rest)
}

/// Continues [`before_nul`] for a field whose first `from` bytes contain no NUL.
#[inline(never)]
fn before_later_nul(field: &[u8], from: usize) -> &[u8] {
    let mut rest = field.get(from..).unwrap_or_default();
    while rest.len() >= 16 {
        step!(field, rest, u128, nuls128);
    }
    before_any_nul(field, rest)
}

/// Continues [`before_nul`] for a field without a NUL before `rest`.
#[inline]
fn before_any_nul<'a>(field: &'a [u8], rest: &[u8]) -> &'a [u8] {
    head(field, rest, rest.iter().position(|&b| b == 0).unwrap_or(rest.len()))
}

/// Returns `field` up to byte `at` of `rest`, its tail.
#[inline(always)]
fn head<'a>(field: &'a [u8], rest: &[u8], at: usize) -> &'a [u8] {
    // A position within the field, so this cannot wrap.
    let at = field.len().wrapping_sub(rest.len()).wrapping_add(at);
    field.get(..at).unwrap_or(field)
}

/// Returns the text of a field, which ends at the first NUL, as a little-endian number. `None`
/// if the first sixteen bytes have no NUL and are not all of the field.
#[inline]
pub fn short(field: &[u8]) -> Option<u128> {
    // Most names end within eight bytes. The lowest set bit minus one covers all bits below it.
    if let Some(head) = field.first_chunk() {
        let word = u64::from_le_bytes(*head);
        let nuls = nuls64(word);
        if nuls != 0 {
            return Some(u128::from(word & (nuls & nuls.wrapping_neg()).wrapping_sub(1)));
        }
    }
    let word = match field.first_chunk() {
        Some(head) => u128::from_le_bytes(*head),
        None => partial_word(field),
    };
    match nuls128(word) {
        0 if field.len() > 16 => None,
        0 => Some(word),
        nuls => Some(word & (nuls & nuls.wrapping_neg()).wrapping_sub(1)),
    }
}

/// Returns at most sixteen bytes as a little-endian number.
#[cold]
fn partial_word(bytes: &[u8]) -> u128 {
    bytes.iter().rev().fold(0, |word, &byte| word << 8 | u128::from(byte))
}

/// Returns the high bits of the bytes of a little-endian word that are not printable ASCII: always
/// that of the first such byte, perhaps those of later bytes, none before it.
#[inline]
pub const fn unprintable(word: u64) -> u64 {
    // Borrows and carries come only from bytes that are unprintable themselves.
    let control = word.wrapping_sub(each(b' '));
    let delete = word.wrapping_add(each(1));
    (word | control | delete) & each(0x80)
}

/// Returns the same as [`unprintable`], with the bytes `A` and `B` included.
#[inline]
pub const fn special<const A: u8, const B: u8>(word: u64) -> u64 {
    let a = (word ^ each(A)).wrapping_sub(each(1));
    let b = (word ^ each(B)).wrapping_sub(each(1));
    unprintable(word) | (a | b) & each(0x80)
}

const fn each(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

/// Returns the length of a field's text if the field can be copied as it is: printable ASCII
/// without `A` and `B`, and only zeros after it.
#[inline(always)]
pub fn plain<const A: u8, const B: u8>(field: &[u8]) -> Option<usize> {
    match field.as_chunks::<8>() {
        // The usual length needs no loop.
        ([a, b, c, d], []) => plain_words::<A, B>([a, b, c, d]),
        // The length of an id.
        ([], &[a, b, c, d]) => plain_end::<A, B>(u32::from_le_bytes([a, b, c, d]).into()),
        _ => plain_any::<A, B>(field),
    }
}

#[inline(always)]
fn plain_words<const A: u8, const B: u8>(words: [&[u8; 8]; 4]) -> Option<usize> {
    let [a, b, c, d] = words.map(|word| u64::from_le_bytes(*word));
    for (before, word, rest) in [(0_usize, a, b | c | d), (8, b, c | d), (16, c, d), (24, d, 0)] {
        if special::<A, B>(word) != 0 {
            let len = plain_end::<A, B>(word).filter(|_| rest == 0)?;
            return Some(before.wrapping_add(len));
        }
    }
    Some(32)
}

#[inline(never)]
fn plain_any<const A: u8, const B: u8>(field: &[u8]) -> Option<usize> {
    let len = plain_prefix::<A, B>(field);
    is_zero(field.get(len..).unwrap_or_default()).then_some(len)
}

/// Returns the text length within the last word, which contains a NUL or another special byte.
#[inline(always)]
fn plain_end<const A: u8, const B: u8>(word: u64) -> Option<usize> {
    let end = special::<A, B>(word).trailing_zeros() & 0x38;
    (word >> end == 0).then_some(end as usize / 8)
}

/// Returns the number of leading bytes that are printable ASCII and neither `A` nor `B`.
#[inline]
pub fn plain_prefix<const A: u8, const B: u8>(field: &[u8]) -> usize {
    let (words, rest) = field.as_chunks::<8>();
    let mut len = 0_usize;
    for word in words {
        let special = special::<A, B>(u64::from_le_bytes(*word));
        if special != 0 {
            return len.wrapping_add(special.trailing_zeros() as usize / 8);
        }
        len = len.wrapping_add(8);
    }
    let is_plain = |&&byte: &&u8| matches!(byte, b' '..=b'~') && byte != A && byte != B;
    len.wrapping_add(rest.iter().take_while(is_plain).count())
}

/// Returns the field without trailing zeros.
#[inline]
pub fn trim_zeros(field: &[u8]) -> &[u8] {
    let word = |word: &[u8; 8]| u64::from_le_bytes(*word);
    let two = |a, b| u128::from(word(b)) << 64 | u128::from(word(a));
    // Most lines, users, ids and addresses take this path.
    let zeros = match field.as_chunks() {
        ([a, b, c, d], []) if two(c, d) == 0 => (two(a, b).leading_zeros() / 8).wrapping_add(16),
        ([a, b], []) => two(a, b).leading_zeros() / 8,
        ([], &[a, b, c, d]) => u32::from_le_bytes([a, b, c, d]).leading_zeros() / 8,
        _ => return trim_many_zeros(field),
    };
    field.get(..field.len().wrapping_sub(zeros as usize)).unwrap_or(field)
}

#[inline(never)]
fn trim_many_zeros(field: &[u8]) -> &[u8] {
    let mut rest = field;
    // Fields are long and mostly zero.
    while let Some((before, block)) = rest.split_last_chunk::<64>() {
        let (words, _) = block.as_chunks::<8>();
        if words.iter().fold(0, |all, &word| all | u64::from_ne_bytes(word)) != 0 {
            break;
        }
        rest = before;
    }
    while let Some((before, &word)) = rest.split_last_chunk::<8>() {
        let zeros = u64::from_le_bytes(word).leading_zeros() / 8;
        if zeros < 8 {
            return rest.get(..rest.len().saturating_sub(zeros as usize)).unwrap_or(rest);
        }
        rest = before;
    }
    while let [before @ .., 0] = rest {
        rest = before;
    }
    rest
}

/// Zeros to compare with: memcmp() is the fastest comparison.
static ZEROS: [u8; 256] = [0; 256];

/// Returns the number of leading zeros. Runs at memory speed: a lastlog is mostly holes.
pub fn leading_zeros(data: &[u8]) -> usize {
    let mut rest = data;
    // Usually there are few.
    if rest.first_chunk().is_some_and(|word| u64::from_ne_bytes(*word) == 0) {
        while let Some((chunk, after)) = rest.split_first_chunk()
            && *chunk == ZEROS
        {
            rest = after;
        }
    }
    let (words, _) = rest.as_chunks::<8>();
    let zero_words = words.iter().take_while(|word| u64::from_ne_bytes(**word) == 0).count();
    let rest = rest.get(zero_words.saturating_mul(8)..).unwrap_or_default();
    let used = data.len().saturating_sub(rest.len());
    used.saturating_add(rest.iter().take_while(|&&b| b == 0).count())
}

/// Returns whether all bytes are zero. The first few bytes of a record usually settle it.
pub fn is_zero(bytes: &[u8]) -> bool {
    match bytes.first_chunk() {
        Some(word) if u64::from_ne_bytes(*word) != 0 => false,
        Some(_) => bytes.chunks(ZEROS.len()).all(|chunk| ZEROS.starts_with(chunk)),
        None => bytes.iter().all(|&b| b == 0),
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    /// Compares each scan with one that examines a byte at a time.
    fn check(field: &[u8]) {
        let len = field.iter().position(|&byte| byte == 0).unwrap_or(field.len());
        let (text, rest) = field.split_at(len);
        let is_plain_byte =
            |&byte: &u8| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b',';
        assert_eq!(nul(field), len, "{field:?}");
        let is_plain = text.iter().all(is_plain_byte) && rest.iter().all(|&byte| byte == 0);
        assert_eq!(plain::<b'"', b','>(field), is_plain.then_some(len), "{field:?}");
        let prefix = field.iter().take_while(|byte| is_plain_byte(byte)).count();
        assert_eq!(plain_prefix::<b'"', b','>(field), prefix, "{field:?}");
        let number = text.iter().rev().take(16).fold(0, |n, &byte| n << 8 | u128::from(byte));
        let is_short = len < 16 || field.len() == 16;
        assert_eq!(short(field), is_short.then_some(number), "{field:?}");
        let used = field.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
        assert_eq!(trim_zeros(field).len(), used, "{field:?}");
        assert_eq!(is_zero(field), used == 0, "{field:?}");
        assert_eq!(leading_zeros(field), field.iter().take_while(|&&byte| byte == 0).count());
    }

    #[test]
    #[cfg_attr(miri, ignore = "hundreds of thousands of fields")]
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
    }

    #[test]
    fn fields_of_every_length() {
        for len in (0_usize..70).chain([128, 256, 257, 600]) {
            for at in [0, 3, 8, 13, 16, len / 2, len.saturating_sub(2), len] {
                let mut field = vec![0; len];
                field.iter_mut().take(at).for_each(|byte| *byte = b'a');
                check(&field);
                if let Some(last) = field.last_mut() {
                    *last = 1;
                }
                check(&field);
                field.reverse();
                check(&field);
            }
        }
    }
}
