//! Integers of one to nine bytes, seven bits in each; the ninth has eight.

/// Takes a number from the front of `bytes`. `None` if they end within it.
#[inline]
pub(super) fn take(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (&first, mut rest) = bytes.split_first()?;
    if first < 0x80 {
        return Some((first.into(), rest));
    }
    let mut value = u64::from(first & 0x7f);
    for _ in 1..8 {
        let (&byte, behind) = rest.split_first()?;
        rest = behind;
        value = value << 7 | u64::from(byte & 0x7f);
        if byte < 0x80 {
            return Some((value, rest));
        }
    }
    let (&last, rest) = rest.split_first()?;
    Some((value << 8 | u64::from(last), rest))
}

#[cfg(test)]
mod tests {
    use super::take;

    /// The examples in the format's description, and the ends of the range.
    #[test]
    fn numbers() {
        let cases: &[(&[u8], u64)] = &[
            (&[0], 0),
            (&[0x7f], 127),
            (&[0x81, 0], 128),
            (&[0x81, 1], 129),
            (&[0xff, 0x7f], 16_383),
            (&[0x81, 0x80, 0], 16_384),
            (&[0xff; 9], u64::MAX),
            (&[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 7], 7),
        ];
        for (bytes, value) in cases {
            assert_eq!(take(bytes), Some((*value, &[][..])), "{bytes:x?}");
            assert_eq!(take(&bytes[..bytes.len() - 1]), None);
        }
        assert_eq!(take(&[5, 6, 7]), Some((5, &[6, 7][..])));
    }
}
