//! The facilities and keys that make a message a login, and the values that are no plain texts.

/// The facilities of logins. Keys alone mean nothing: any program may use them.
pub(super) fn is_login(facility: &[u8]) -> bool {
    matches!(facility, b"com.apple.system.utmpx" | b"com.apple.system.lastlog")
}

/// A key of a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LoginKey {
    User,
    Id,
    Line,
    Pid,
    Type,
    Sec,
    Usec,
    Host,
}

impl LoginKey {
    /// Returns the key in an inline word, which most of them are.
    pub(super) fn of_word(word: u64) -> Option<LoginKey> {
        Some(match &word.to_be_bytes() {
            b"\x87ut_user" => LoginKey::User,
            b"\x85ut_id\0\0" => LoginKey::Id,
            b"\x87ut_line" => LoginKey::Line,
            b"\x86ut_pid\0" => LoginKey::Pid,
            b"\x87ut_type" => LoginKey::Type,
            b"\x87ut_host" => LoginKey::Host,
            _ => return None,
        })
    }

    pub(super) fn of(key: &[u8]) -> Option<LoginKey> {
        Some(match key {
            b"ut_user" => LoginKey::User,
            b"ut_id" => LoginKey::Id,
            b"ut_line" => LoginKey::Line,
            b"ut_pid" => LoginKey::Pid,
            b"ut_type" => LoginKey::Type,
            b"ut_tv.tv_sec" => LoginKey::Sec,
            b"ut_tv.tv_usec" => LoginKey::Usec,
            b"ut_host" => LoginKey::Host,
            _ => return None,
        })
    }
}

/// Parses a decimal number.
pub(super) fn number(text: &[u8]) -> Option<i64> {
    let (digits, is_negative) = match text {
        [b'-', digits @ ..] => (digits, true),
        digits => (digits, false),
    };
    let mut value = (!digits.is_empty()).then_some(0i64)?;
    for digit in digits {
        let digit = digit.checked_sub(b'0').filter(|digit| *digit < 10)?;
        value = value.checked_mul(10)?.checked_add(digit.into())?;
    }
    Some(if is_negative { value.saturating_neg() } else { value })
}

/// Parses an identifier: its four characters, or each byte as `0x2f`, which above `0x7f` is
/// sign-extended to `0xffffffe9`.
pub(super) fn identifier(text: &[u8]) -> Option<([u8; 4], u8)> {
    let mut id = [0; 4];
    if text.len() > id.len() {
        let mut bytes = text.split(|byte| *byte == b' ');
        for place in &mut id {
            let digits = bytes.next()?.strip_prefix(b"0x")?;
            let value = u32::from_str_radix(core::str::from_utf8(digits).ok()?, 16).ok()?;
            *place = value as u8;
        }
        return bytes.next().is_none().then_some((id, 4));
    }
    id.iter_mut().zip(text).for_each(|(to, from)| *to = *from);
    Some((id, text.len() as u8))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        for (text, value) in [("0", Some(0)), ("1748700000", Some(1_748_700_000)), ("-7", Some(-7))]
        {
            assert_eq!(number(text.as_bytes()), value);
        }
        for text in ["", "-", "+1", " 1", "1x", "99999999999999999999"] {
            assert_eq!(number(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn identifiers() {
        assert_eq!(identifier(b"s000"), Some((*b"s000", 4)));
        assert_eq!(identifier(b"co"), Some((*b"co\0\0", 2)));
        assert_eq!(identifier(b"0x2f 0x00 0x01 0xffffffe9"), Some((*b"\x2f\0\x01\xe9", 4)));
        for bad in [&b"0x2f 0x00 0x01"[..], b"0x2f 0x00 0x01 0x", b"0x2f 0x00 0x01 0x00 0x00"] {
            assert_eq!(identifier(bad), None);
        }
    }
}
