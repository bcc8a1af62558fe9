//! Converts text to UTF-8.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use crate::container::sqlite::header::Encoding;

/// Returns stored text as UTF-8. Invalid UTF-16 becomes invalid UTF-8: an unpaired surrogate
/// becomes the three bytes of its number, half a code unit becomes its byte.
pub(crate) fn utf8(text: &[u8], encoding: Encoding) -> Cow<'_, [u8]> {
    let unit = match encoding {
        Encoding::Utf8 => return Cow::Borrowed(text),
        Encoding::Utf16Le => u16::from_le_bytes,
        Encoding::Utf16Be => u16::from_be_bytes,
    };
    let (units, rest) = text.as_chunks::<2>();
    let mut out = Vec::with_capacity(text.len());
    for decoded in char::decode_utf16(units.iter().map(|&bytes| unit(bytes))) {
        match decoded {
            Ok(char) => out.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes()),
            Err(half) => {
                let [high, low] = half.unpaired_surrogate().to_be_bytes();
                let middle = 0x80 | (high & 0x0f) << 2 | low >> 6;
                out.extend_from_slice(&[0xe0 | high >> 4, middle, 0x80 | low & 0x3f]);
            }
        }
    }
    out.extend_from_slice(rest);
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf16() {
        let text = [0x61, 0, 0xe9, 0, 0x3d, 0xd8, 0, 0xde, 0, 0xd8, 0x41];
        let wanted = b"a\xc3\xa9\xf0\x9f\x98\x80\xed\xa0\x80A";
        assert_eq!(&*utf8(&text, Encoding::Utf16Le), wanted);
        let swapped: Vec<u8> = text.chunks(2).flat_map(|pair| pair.iter().rev()).copied().collect();
        assert_eq!(&*utf8(&swapped, Encoding::Utf16Be), wanted);
        assert_eq!(&*utf8(&text, Encoding::Utf8), text);
    }
}
