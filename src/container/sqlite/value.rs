//! The columns of a row: a list of types, then the values.

use crate::container::sqlite::varint;

/// A column of a row as it is stored.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Value<'a> {
    /// NULL.
    Null,
    /// An integer of one to eight bytes, or the constants 0 and 1 without any.
    Int(i64),
    /// A floating-point number.
    Real(f64),
    /// Text in the encoding of the database.
    Text(&'a [u8]),
    /// Bytes.
    Blob(&'a [u8]),
}

impl<'a> Value<'a> {
    /// Returns the value of this type that `bytes` begin with.
    pub(crate) fn of(serial: u64, bytes: &'a [u8]) -> Option<Value<'a>> {
        Value::take(serial, bytes).map(|(value, _)| value)
    }

    /// Takes a value of this type from the front of `body`.
    #[inline]
    fn take(serial: u64, body: &'a [u8]) -> Option<(Value<'a>, &'a [u8])> {
        let len = match serial {
            0 | 8 | 9 => 0,
            1..=4 => serial as usize,
            5 => 6,
            6 | 7 => 8,
            10 | 11 => return None,
            _ => usize::try_from(serial.saturating_sub(12) / 2).ok()?,
        };
        let (bytes, rest) = body.split_at_checked(len)?;
        let value = match serial {
            0 => Value::Null,
            8 => Value::Int(0),
            9 => Value::Int(1),
            1..=6 => Value::Int(int(bytes)),
            7 => Value::Real(f64::from_bits(int(bytes) as u64)),
            _ if serial & 1 == 0 => Value::Blob(bytes),
            _ => Value::Text(bytes),
        };
        Some((value, rest))
    }
}

/// Returns a big-endian two's complement number of up to eight bytes.
#[inline]
fn int(bytes: &[u8]) -> i64 {
    let negative = bytes.first().is_some_and(|&first| first >= 0x80);
    let start = if negative { -1 } else { 0 };
    bytes.iter().fold(start, |value, &byte| value << 8 | i64::from(byte))
}

/// The columns of a row, in the order in which they are stored.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Columns<'a> {
    types: &'a [u8],
    body: &'a [u8],
}

impl<'a> Columns<'a> {
    /// Parses the bytes of a row. `None` if the list of types is longer than they are.
    #[inline]
    pub(crate) fn new(payload: &'a [u8]) -> Option<Columns<'a>> {
        let (header, behind) = varint::take(payload)?;
        let header = usize::try_from(header).ok()?;
        let taken = payload.len().saturating_sub(behind.len());
        let types = behind.get(..header.checked_sub(taken)?)?;
        Some(Columns { types, body: payload.get(header..)? })
    }

    /// Bytes of the values that have not been read yet.
    #[inline]
    pub(crate) fn body_len(&self) -> usize {
        self.body.len()
    }

    /// Returns whether the types fit the bytes exactly, as in every whole row.
    pub(super) fn is_exact(mut self) -> bool {
        while !self.types.is_empty() {
            if self.next().is_none_or(|value| value.is_none()) {
                return false;
            }
        }
        self.body.is_empty()
    }
}

impl<'a> Iterator for Columns<'a> {
    /// Returns `None` for a value that exceeds the row. Nothing follows it.
    type Item = Option<Value<'a>>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.types.is_empty() {
            return None;
        }
        let taken = varint::take(self.types)
            .and_then(|(serial, types)| Some((types, Value::take(serial, self.body)?)));
        let Some((types, (value, body))) = taken else {
            self.types = &[];
            return Some(None);
        };
        (self.types, self.body) = (types, body);
        Some(Some(value))
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::{Columns, Value};

    fn read(payload: &[u8]) -> Vec<Option<Value<'_>>> {
        Columns::new(payload).unwrap().collect()
    }

    #[test]
    fn every_type() {
        let row = [
            12, 0, 8, 9, 1, 2, 3, 4, 5, 6, 15, 14, // types
            0x80, 0x01, 0x00, 0xff, 0xff, 0xfe, 0x7f, 0xff, 0xff, 0xff, // 1, 2, 3, 4 bytes
            0, 0, 0, 1, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, b'a', 0xc0, // 6, 8, text, blob
        ];
        let wanted = [
            Value::Null,
            Value::Int(0),
            Value::Int(1),
            Value::Int(-128),
            Value::Int(256),
            Value::Int(-2),
            Value::Int(i32::MAX.into()),
            Value::Int(65536),
            Value::Int(i64::MIN),
            Value::Text(b"a"),
            Value::Blob(&[0xc0]),
        ];
        assert_eq!(read(&row), wanted.map(Some));
        assert!(Columns::new(&row).unwrap().is_exact());
        assert!(!Columns::new(&row[..row.len() - 1]).unwrap().is_exact());
        assert_eq!(read(&[2, 7, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0]), [Some(Value::Real(1.5))]);
    }

    #[test]
    fn what_does_not_fit() {
        assert!(Columns::new(&[]).is_none());
        assert!(Columns::new(&[9, 0, 0]).is_none());
        assert!(Columns::new(&[0]).is_none(), "a header is one byte at least");
        // Type 10 is reserved for SQLite; a text of four bytes where there are two.
        assert_eq!(read(&[3, 0, 10]), [Some(Value::Null), None]);
        assert_eq!(read(&[3, 0, 21, b'a', b'b']), [Some(Value::Null), None]);
        assert_eq!(read(&[2, 0x80]), [None]);
    }
}
