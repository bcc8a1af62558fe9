//! Names of lines as numbers, which nearly all are short enough for: to hash, compare and
//! keep those costs next to nothing.

use std::hash::{Hash, Hasher};

use loginrec::Text;

/// The bytes of a name, zeros behind them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Short([u64; 2]);

impl Short {
    pub(super) const EMPTY: Short = Short([0; 2]);

    #[inline]
    fn of(bytes: [u8; 16]) -> Short {
        let whole = u128::from_le_bytes(bytes);
        Short([whole as u64, (whole >> 64) as u64])
    }

    /// With zeros in place of what is behind the first zero, if there is one.
    #[inline]
    fn before_nul(self) -> Option<Short> {
        const ONES: u64 = u64::from_ne_bytes([1; 8]);
        // The high bit of the first. A borrow marks only bytes behind one.
        let end = |word: u64| {
            let nuls = word.wrapping_sub(ONES) & !word & ONES << 7;
            nuls & nuls.wrapping_neg()
        };
        let Short([low, high]) = self;
        // Of a bit less one are all bits below it.
        match (end(low), end(high)) {
            (0, 0) => None,
            (0, end) => Some(Short([low, high & (end - 1)])),
            (end, _) => Some(Short([low & (end - 1), 0])),
        }
    }
}

impl Hash for Short {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Short([low, high]) = *self;
        state.write_u128(u128::from(high) << 64 | u128::from(low));
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Name<'a> {
    /// Of at most 16 bytes.
    Short(Short),
    Long(&'a [u8]),
}

impl<'a> Name<'a> {
    /// In a field of text: what is before the first NUL.
    #[inline]
    pub(super) fn of_text(field: &'a [u8]) -> Name<'a> {
        match field.first_chunk() {
            Some(head) => match (Short::of(*head).before_nul(), field.get(16)) {
                (Some(name), _) => Name::Short(name),
                (None, None | Some(0)) => Name::Short(Short::of(*head)),
                _ => Name::Long(Text::new(field).as_bytes()),
            },
            None => {
                let head = Short::of(filled(field));
                Name::Short(head.before_nul().unwrap_or(head))
            }
        }
    }

    /// In a field of any bytes: what is before the zeros at its end.
    #[cold]
    pub(super) fn of_bytes(field: &'a [u8]) -> Name<'a> {
        let len = field.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
        match field.get(..len) {
            Some(name) if len > 16 => Name::Long(name),
            _ => Name::Short(Short::of(filled(field))),
        }
    }
}

/// The first of `bytes`, or zeros.
#[cold]
fn filled(bytes: &[u8]) -> [u8; 16] {
    let mut whole = [0; 16];
    whole.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
    whole
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
                match Name::of_text(&field) {
                    Name::Short(Short(words)) => {
                        let mut bytes = words.map(u64::to_le_bytes).concat();
                        assert_eq!(bytes.split_off(len), [0; 16][len..]);
                        assert_eq!(bytes, name);
                    }
                    Name::Long(bytes) => assert_eq!((bytes, len > 16), (name, true)),
                }
            }
        }
    }

    #[test]
    fn bytes_are_all_that_is_not_zero_behind() {
        let name = Name::Short(Short([0x0200_0100, 0]));
        assert_eq!(Name::of_bytes(&[0, 1, 0, 2, 0, 0, 0, 0]), name);
        assert_eq!(Name::of_bytes(&[0, 1, 0, 2]), name);
        assert_eq!(Name::of_bytes(&[7; 20]), Name::Long(&[7; 20]));
    }
}
