//! Bytes as hexadecimal digits.

/// Returns the digit of a number below 16.
#[inline]
pub(crate) fn digit(nibble: u8) -> u8 {
    nibble.wrapping_add(if nibble < 10 { b'0' } else { b'a' - 10 })
}

/// Appends two lower-case digits for each byte.
pub(crate) fn write(line: &mut Vec<u8>, bytes: &[u8]) {
    line.reserve(bytes.len() * 2);
    for byte in bytes {
        line.extend_from_slice(&[digit(byte >> 4), digit(byte & 15)]);
    }
}

/// Returns the digits alone.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut digits = Vec::new();
    write(&mut digits, bytes);
    String::from_utf8(digits).unwrap_or_default()
}

/// Parses hexadecimal digits; `None` if the text has others.
pub(crate) fn unhex(digits: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    let value = |digit: u8| char::from(digit).to_digit(16).and_then(|v| u8::try_from(v).ok());
    pairs.iter().map(|&[high, low]| Some(value(high)? << 4 | value(low)?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        assert_eq!(hex(&[0, 0x1f, 0xff]), "001fff");
        assert_eq!(unhex("001FFf"), Some(vec![0, 0x1f, 0xff]));
        assert_eq!(unhex(""), Some(vec![]));
        assert_eq!(unhex("0"), None);
        assert_eq!(unhex("0g"), None);
        assert_eq!(unhex("+1"), None);
    }
}
