//! Line names as numbers, if they are short enough, as nearly all are: fast to hash, compare and
//! store.

use std::num::NonZero;

use loginrec::{Text, scan};

/// The bytes of a name of at most [`ShortKey::LONGEST`], the first one lowest, followed by zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ShortKey(NonZero<u128>);

impl ShortKey {
    /// The length of `lxc/console`.
    pub(super) const LONGEST: usize = 11;
    pub(super) const BITS: u32 = 8 * ShortKey::LONGEST as u32;

    /// Returns the text before the first NUL; `None` if it is empty or too long.
    #[inline]
    pub(super) fn of_text(field: &[u8]) -> Option<ShortKey> {
        let name = NonZero::new(scan::short(field)?)?;
        (name.get() >> ShortKey::BITS == 0).then_some(ShortKey(name))
    }

    fn of(name: &[u8]) -> Option<ShortKey> {
        let number = name.iter().rev().fold(0, |all, &byte| all << 8 | u128::from(byte));
        NonZero::new(number).filter(|_| name.len() <= ShortKey::LONGEST).map(ShortKey)
    }

    /// Returns the number, which is less than two to the power of [`ShortKey::BITS`].
    #[inline]
    pub(super) fn number(self) -> u128 {
        self.0.get()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LineKey<'a> {
    ShortKey(ShortKey),
    Long(&'a [u8]),
}

impl<'a> LineKey<'a> {
    /// Returns the text before the first NUL; `None` if it is empty.
    pub(super) fn of_text(field: &'a [u8]) -> Option<LineKey<'a>> {
        LineKey::of_bytes(Text::new(field).as_bytes())
    }

    /// Returns the bytes before trailing zeros, for binary fields.
    pub(super) fn of_bytes(field: &'a [u8]) -> Option<LineKey<'a>> {
        let name = scan::trim_zeros(field);
        let short = ShortKey::of(name).map_or(LineKey::Long(name), LineKey::ShortKey);
        (!name.is_empty()).then_some(short)
    }

    /// Returns bytes that differ for different names.
    pub(super) fn to_bytes(self) -> Box<[u8]> {
        match self {
            LineKey::ShortKey(name) => name.number().to_le_bytes().into(),
            LineKey::Long(name) => name.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_is_before_the_nul() {
        let whole = b"\xffbcdefghijklmno\x80qrstuvwxyz";
        for len in 0..whole.len() {
            for behind in [&b""[..], b"\0", b"\0x", b"\0\0\0\0\0\0\0\0\x01", b"\0\x01\x80\xff\0"] {
                let field = [&whole[..len], behind].concat();
                let name = &whole[..len];
                match LineKey::of_text(&field) {
                    Some(LineKey::ShortKey(short)) => {
                        let bytes = short.number().to_le_bytes();
                        assert_eq!(bytes[..len], *name);
                        assert_eq!(bytes[len..], [0; 16][len..]);
                        assert!(len <= ShortKey::LONGEST);
                        let quick = ShortKey::of_text(&field);
                        assert_eq!(quick, Some(short));
                    }
                    Some(LineKey::Long(bytes)) => {
                        assert_eq!((bytes, len > 11), (name, true));
                        assert_eq!(ShortKey::of_text(&field), None);
                    }
                    None => assert_eq!((len, ShortKey::of_text(&field)), (0, None)),
                }
            }
        }
    }

    #[test]
    fn bytes_are_all_that_is_not_zero_behind() {
        let name = NonZero::new(0x0200_0100).map(|number| LineKey::ShortKey(ShortKey(number)));
        assert_eq!(LineKey::of_bytes(&[0, 1, 0, 2, 0, 0, 0, 0]), name);
        assert_eq!(LineKey::of_bytes(&[0, 1, 0, 2]), name);
        assert_eq!(LineKey::of_bytes(&[7; 20]), Some(LineKey::Long(&[7; 20])));
        assert_eq!(LineKey::of_bytes(&[0; 4]), None);
    }
}
