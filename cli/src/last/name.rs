//! Names of lines as numbers, which nearly all are short enough for: to hash, compare and
//! keep those costs next to nothing.

use std::num::NonZero;

use loginrec::Text;

/// The bytes of a name of at most [`Short::LONGEST`], the first lowest, zeros behind them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Short(NonZero<u128>);

impl Short {
    /// As `lxc/console`.
    pub(super) const LONGEST: usize = 11;
    pub(super) const BITS: u32 = 8 * Short::LONGEST as u32;

    /// In a field of text: what is before the first NUL. `None` if that is nothing, too
    /// much, or in a field that is shorter than usual: [`Name::of_text`] knows.
    #[inline(always)]
    pub(super) fn of_text(field: &[u8]) -> Option<Short> {
        let (low, rest) = field.split_first_chunk()?;
        let low = u64::from_le_bytes(*low);
        if let Some(before) = before_nul(low) {
            return NonZero::new(u128::from(low & before)).map(Short);
        }
        let high = u64::from_le_bytes(*rest.first_chunk()?);
        let high = high & before_nul(high)?;
        let whole = u128::from(high) << 64 | u128::from(low);
        NonZero::new(whole).filter(|whole| whole.get() >> Short::BITS == 0).map(Short)
    }

    fn of(name: &[u8]) -> Option<Short> {
        let number = name.iter().rev().fold(0, |all, &byte| all << 8 | u128::from(byte));
        NonZero::new(number).filter(|_| name.len() <= Short::LONGEST).map(Short)
    }

    /// Less than two to the power of [`Short::BITS`].
    #[inline]
    pub(super) fn number(self) -> u128 {
        self.0.get()
    }
}

/// All bits below the high bit of the first NUL, if there is one.
#[inline(always)]
fn before_nul(word: u64) -> Option<u64> {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    // A borrow marks only bytes behind a NUL.
    let nuls = word.wrapping_sub(ONES) & !word & ONES << 7;
    // Of a bit less one are all bits below it.
    (nuls != 0).then(|| (nuls & nuls.wrapping_neg()).wrapping_sub(1))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Name<'a> {
    Short(Short),
    Long(&'a [u8]),
}

impl<'a> Name<'a> {
    /// In a field of text: what is before the first NUL, unless that is nothing.
    pub(super) fn of_text(field: &'a [u8]) -> Option<Name<'a>> {
        Name::of_bytes(Text::new(field).as_bytes())
    }

    /// In a field of any bytes: what is before the zeros at its end.
    pub(super) fn of_bytes(field: &'a [u8]) -> Option<Name<'a>> {
        let last = field.iter().rposition(|&byte| byte != 0)?;
        let name = field.get(..=last).unwrap_or(field);
        Some(Short::of(name).map_or(Name::Long(name), Name::Short))
    }

    /// Different for different names.
    pub(super) fn to_bytes(self) -> Box<[u8]> {
        match self {
            Name::Short(name) => name.number().to_le_bytes().into(),
            Name::Long(name) => name.into(),
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
                match Name::of_text(&field) {
                    Some(Name::Short(short)) => {
                        let bytes = short.number().to_le_bytes();
                        assert_eq!(bytes[..len], *name);
                        assert_eq!(bytes[len..], [0; 16][len..]);
                        assert!(len <= Short::LONGEST);
                        let quick = Short::of_text(&field);
                        let enough = if len < 8 { 8 } else { 16 };
                        assert_eq!(quick, Some(short).filter(|_| field.len() >= enough));
                    }
                    Some(Name::Long(bytes)) => {
                        assert_eq!((bytes, len > 11), (name, true));
                        assert_eq!(Short::of_text(&field), None);
                    }
                    None => assert_eq!((len, Short::of_text(&field)), (0, None)),
                }
            }
        }
    }

    #[test]
    fn bytes_are_all_that_is_not_zero_behind() {
        let name = NonZero::new(0x0200_0100).map(|number| Name::Short(Short(number)));
        assert_eq!(Name::of_bytes(&[0, 1, 0, 2, 0, 0, 0, 0]), name);
        assert_eq!(Name::of_bytes(&[0, 1, 0, 2]), name);
        assert_eq!(Name::of_bytes(&[7; 20]), Some(Name::Long(&[7; 20])));
        assert_eq!(Name::of_bytes(&[0; 4]), None);
    }
}
