//! Recognizes archives by the structure of their first member.

use crate::detect::foreign::bytes::Bytes;
use crate::detect::foreign::kind::{Foreign, ForeignClass::Archive};

const TAR: Foreign = Foreign::new("a tar archive", Archive);
const CPIO: Foreign = Foreign::new("a cpio archive", Archive);
const ZIP: Foreign = Foreign::new("a zip archive", Archive);
const DUMP: Foreign = Foreign::new("a backup of dump(8)", Archive);

/// Length of a tar header.
const BLOCK: usize = 512;
/// Offset of the checksum in a tar header: octal digits, with a NUL and a blank after them.
const CHECKSUM: usize = 148;
/// Longest member name that is accepted.
const LONGEST_NAME: u64 = 4096;

pub(super) fn find(bytes: &Bytes<'_>) -> Option<Foreign> {
    let is_tar = || has_ustar(bytes) || has_tar_checksum(bytes);
    match bytes.head {
        [b'P', b'K', ..] if is_zip(bytes) => Some(ZIP),
        [b'0', b'7', b'0', b'7', b'0', b'1' | b'2' | b'7', ..] if is_text_cpio(bytes) => Some(CPIO),
        [0xc7, 0x71, ..] | [0x71, 0xc7, ..] if is_binary_cpio(bytes) => Some(CPIO),
        _ if is_tar() => Some(TAR),
        _ if is_dump(bytes) => Some(DUMP),
        _ => None,
    }
}

/// Returns whether the bytes have the magic number of POSIX or GNU tar; pax archives have the
/// former.
fn has_ustar(bytes: &Bytes<'_>) -> bool {
    bytes.has(257, b"ustar\x0000") || bytes.has(257, b"ustar  \0")
}

/// Returns whether the bytes of the first block add up to its stored checksum, as in every tar
/// since V7. Eight correct octal digits cannot be chance.
fn has_tar_checksum(bytes: &Bytes<'_>) -> bool {
    let Some(block) = bytes.head.first_chunk::<BLOCK>() else { return false };
    let Some(stored) = octal(bytes.at(CHECKSUM, 8)) else { return false };
    let field = CHECKSUM..CHECKSUM.saturating_add(8);
    let (mut sum, mut signed_sum) = (0i64, 0i64);
    for (at, &byte) in block.iter().enumerate() {
        let byte = if field.contains(&at) { b' ' } else { byte };
        sum = sum.saturating_add(byte.into());
        signed_sum = signed_sum.saturating_add((byte as i8).into());
    }
    (stored == sum || stored == signed_sum) && block.first() != Some(&0)
}

/// Returns an octal number, with blanks before it and blanks or NULs after it.
fn octal(field: &[u8]) -> Option<i64> {
    let text = core::str::from_utf8(field).ok()?.trim_matches([' ', '\0']);
    i64::from_str_radix(text, 8).ok().filter(|_| !text.starts_with('+'))
}

fn is_zip(bytes: &Bytes<'_>) -> bool {
    // The directory of an empty archive, or a marker of a multi-part one.
    if bytes.has(0, b"PK\x05\x06\0\0\0\0") || bytes.has(0, b"PK\x07\x08PK\x03\x04") {
        return true;
    }
    let (version, method, name) = (bytes.le(4, 1), bytes.le(8, 2), bytes.le(26, 2));
    let is_method = matches!(method, 0..=20 | 93..=99);
    let shown = bytes.at(30, name.min(16) as usize);
    bytes.has(0, b"PK\x03\x04")
        && version < 100
        && is_method
        && (1..=LONGEST_NAME).contains(&name)
        && shown.iter().all(|&byte| byte >= b' ')
}

/// Recognizes `newc`, `crc` and `odc`: headers of hexadecimal or octal digits.
fn is_text_cpio(bytes: &Bytes<'_>) -> bool {
    let (digits, is_digit): (&[u8], fn(&u8) -> bool) = match bytes.head.get(5) {
        Some(b'7') => (bytes.at(6, 70), |b| matches!(b, b'0'..=b'7')),
        _ => (bytes.at(6, 104), u8::is_ascii_hexdigit),
    };
    !digits.is_empty() && digits.iter().all(is_digit)
}

/// Recognizes the old header: thirteen 16-bit numbers in either byte order, then a name.
fn is_binary_cpio(bytes: &Bytes<'_>) -> bool {
    let half = |at| if bytes.has(0, &[0xc7, 0x71]) { bytes.le(at, 2) } else { bytes.be(at, 2) };
    let (mode, name) = (half(6), half(20));
    let is_type = matches!(mode >> 12, 1 | 2 | 4 | 6 | 8 | 10 | 12);
    let name = bytes.at(26, name.min(LONGEST_NAME) as usize);
    let Some((0, name)) = name.split_last() else { return false };
    is_type && !name.is_empty() && name.iter().all(|&byte| byte >= b' ')
}

/// Recognizes BSD's dump: 1 KiB whose 32-bit numbers add up to 84446, with a magic number.
fn is_dump(bytes: &Bytes<'_>) -> bool {
    const MAGICS: [u64; 3] = [60_011, 60_012, 0x1995_4119];
    const SUM: u32 = 84_446;
    let add = |order: fn([u8; 4]) -> u32| {
        let (words, _) = bytes.at(0, 1024).as_chunks::<4>();
        words.iter().fold(0u32, |sum, word| sum.wrapping_add(order(*word)))
    };
    (MAGICS.contains(&bytes.le(24, 4)) && add(u32::from_le_bytes) == SUM)
        || (MAGICS.contains(&bytes.be(24, 4)) && add(u32::from_be_bytes) == SUM)
}
