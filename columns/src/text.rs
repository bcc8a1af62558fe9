//! Columns of texts, addresses, bytes and lists.

use std::net::IpAddr;
use std::sync::Arc;

use arrow_array::builder::StringBuilder;
use arrow_array::{ArrayRef, BinaryArray, ListArray, StringArray};
use arrow_buffer::{Buffer, NullBuffer, OffsetBuffer};
use arrow_schema::{ArrowError, DataType, Field};
use loginrec::Text;
use loginrec::contract::Token;
use loginrec::scan::nuls64;

use crate::nulls::Nulls;

/// Number of bytes examined together.
const WORD: usize = 16;

/// Texts back to back. They are checked for UTF-8 when the column is finished.
#[derive(Debug)]
pub(crate) struct TextColumn {
    ends: Vec<i32>,
    bytes: Vec<u8>,
    nulls: Nulls,
    /// The bytes of ids that may be binary, each with its row.
    tokens: Vec<(usize, Vec<u8>)>,
}

impl TextColumn {
    /// Makes room for `capacity` texts, after `nulls` rows without one.
    pub(crate) fn new(nulls: usize, capacity: usize) -> TextColumn {
        let mut ends = Vec::with_capacity(capacity.max(nulls) + 1);
        ends.resize(nulls + 1, 0);
        let bytes = Vec::with_capacity(capacity * 16);
        TextColumn { ends, bytes, nulls: Nulls::leading(nulls), tokens: Vec::new() }
    }

    /// Adds the part of a field before its first NUL.
    #[inline]
    pub(crate) fn push_padded(&mut self, field: &[u8]) {
        // Nearly all texts are short: they are copied with a known length and cut afterwards. Calls
        // come last, so that no registers have to be saved for them.
        if self.bytes.capacity() - self.bytes.len() < 2 * WORD {
            return self.push_any(field);
        }
        let before = self.bytes.len();
        let Some(head) = first_word(field) else { return self.push_any(field) };
        if let Some(len) = first_zero(&head) {
            self.bytes.extend_from_slice(&head);
            self.bytes.truncate(before + len);
            return self.end();
        }
        let Some(both) = field.first_chunk::<{ 2 * WORD }>() else { return self.push_any(field) };
        if let Some(len) = both.last_chunk::<WORD>().and_then(first_zero) {
            self.bytes.extend_from_slice(both);
            self.bytes.truncate(before + WORD + len);
            return self.end();
        }
        self.push_any(field);
    }

    #[cold]
    #[inline(never)]
    fn push_any(&mut self, field: &[u8]) {
        self.push(Text::new(field).as_bytes());
        self.bytes.reserve(2 * WORD);
    }

    /// Adds a text.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        self.end();
    }

    /// Returns the number of bytes of all texts.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// Ends a text that was added in pieces.
    #[inline]
    fn end(&mut self) {
        if self.ends.len() == self.ends.capacity() {
            return self.end_in_more_room();
        }
        // Whoever adds long texts asks for [`BatchBuilder::bytes`](crate::BatchBuilder::bytes):
        // escapes take at most four times as many.
        self.ends.push(self.bytes.len() as i32);
    }

    #[cold]
    #[inline(never)]
    fn end_in_more_room(&mut self) {
        self.ends.push(self.bytes.len() as i32);
    }

    #[inline]
    pub(crate) fn push_null(&mut self) {
        self.nulls.push(self.ends.len() - 1);
        self.end();
    }

    /// Adds an id with its bytes, which may be no text.
    pub(crate) fn push_token(&mut self, token: Token<'_>) {
        if !token.is_unset() {
            self.tokens.push((self.ends.len() - 1, token.whole()));
        }
        match token.text() {
            Some(text) => self.push(text.as_bytes()),
            None => self.push_null(),
        }
    }

    /// Adds an address.
    #[inline]
    pub(crate) fn push_address(&mut self, address: IpAddr) {
        match address {
            IpAddr::V4(v4) => {
                for (at, octet) in v4.octets().into_iter().enumerate() {
                    if at > 0 {
                        self.bytes.push(b'.');
                    }
                    push_decimal(&mut self.bytes, octet);
                }
            }
            IpAddr::V6(v6) => self.bytes.extend_from_slice(v6.to_string().as_bytes()),
        }
        self.end();
    }

    /// Makes a column of text, with `\xNN` for every byte that is not UTF-8.
    pub(crate) fn finish(self) -> Result<ArrayRef, ArrowError> {
        let nulls = self.nulls.finish(self.ends.len() - 1);
        let (ends, bytes) = (OffsetBuffer::new(self.ends.into()), Buffer::from(self.bytes));
        match StringArray::try_new(ends.clone(), bytes.clone(), nulls.clone()) {
            Ok(array) => Ok(Arc::new(array)),
            Err(_) => escaped(&ends, &bytes, nulls),
        }
    }

    /// Makes a column of text as [`TextColumn::finish`] does, and one with the hexadecimal digits of
    /// those bytes that are not UTF-8 and of binary ids; that one is `None` if there are none.
    pub(crate) fn finish_with_hex(mut self) -> Result<[Option<ArrayRef>; 2], ArrowError> {
        let rows = self.ends.len() - 1;
        let mut odd = std::mem::take(&mut self.tokens);
        // Two texts that are not UTF-8 may be so together.
        let is_boundary =
            |all: &str| self.ends.iter().all(|&end| all.is_char_boundary(end as usize));
        if !str::from_utf8(&self.bytes).is_ok_and(is_boundary) {
            let places = self.ends.iter().zip(self.ends.iter().skip(1)).enumerate();
            odd.extend(places.filter_map(|(row, (&start, &end))| {
                let text = self.bytes.get(start as usize..end as usize)?;
                str::from_utf8(text).is_err().then(|| (row, text.to_vec()))
            }));
        }
        let texts = self.finish()?;
        if odd.is_empty() {
            return Ok([Some(texts), None]);
        }
        odd.sort_by_key(|(row, _)| *row);
        let (mut hex, mut odd) = (StringBuilder::new(), odd.into_iter().peekable());
        for row in 0..rows {
            match odd.next_if(|(at, _)| *at == row) {
                Some((_, bytes)) => hex.append_value(digits(&bytes)),
                None => hex.append_null(),
            }
        }
        Ok([Some(texts), Some(Arc::new(hex.finish()))])
    }

    /// Makes a column of bytes, which need not be UTF-8.
    pub(crate) fn finish_bytes(self) -> Result<ArrayRef, ArrowError> {
        let nulls = self.nulls.finish(self.ends.len() - 1);
        let ends = OffsetBuffer::new(self.ends.into());
        Ok(Arc::new(BinaryArray::try_new(ends, self.bytes.into(), nulls)?))
    }
}

/// Returns bytes in hexadecimal digits.
fn digits(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// Makes a column of texts of which some are not UTF-8.
#[cold]
fn escaped(
    ends: &OffsetBuffer<i32>,
    bytes: &[u8],
    nulls: Option<NullBuffer>,
) -> Result<ArrayRef, ArrowError> {
    let mut texts = TextColumn::new(0, ends.len());
    for (start, end) in ends.iter().zip(ends.iter().skip(1)) {
        let text = bytes.get(*start as usize..*end as usize).unwrap_or_default();
        for chunk in text.utf8_chunks() {
            texts.bytes.extend_from_slice(chunk.valid().as_bytes());
            for byte in chunk.invalid() {
                texts.bytes.extend_from_slice(format!("\\x{byte:02x}").as_bytes());
            }
        }
        texts.end();
    }
    let ends = OffsetBuffer::new(texts.ends.into());
    Ok(Arc::new(StringArray::try_new(ends, texts.bytes.into(), nulls)?))
}

/// Returns the first bytes of a field as a word, padded with zeros, if that is cheap.
#[inline]
fn first_word(field: &[u8]) -> Option<[u8; WORD]> {
    match (field.first_chunk::<WORD>(), <[u8; 4]>::try_from(field)) {
        (Some(head), _) => Some(*head),
        // The length of Linux's ids.
        (None, Ok(id)) => Some(u128::from(u32::from_le_bytes(id)).to_le_bytes()),
        (None, Err(_)) => None,
    }
}

/// Returns the position of the first zero byte.
#[inline]
fn first_zero(bytes: &[u8; WORD]) -> Option<usize> {
    let word = u128::from_le_bytes(*bytes);
    match (nuls64(word as u64), nuls64((word >> 64) as u64)) {
        (0, 0) => None,
        (0, zeros) => Some(8 + zeros.trailing_zeros() as usize / 8),
        (zeros, _) => Some(zeros.trailing_zeros() as usize / 8),
    }
}

#[inline]
fn push_decimal(text: &mut Vec<u8>, octet: u8) {
    if octet >= 100 {
        text.push(b'0' + octet / 100);
    }
    if octet >= 10 {
        text.push(b'0' + octet / 10 % 10);
    }
    text.push(b'0' + octet % 10);
}

/// Several texts in each row.
#[derive(Debug)]
pub(crate) struct ListColumn {
    ends: Vec<i32>,
    items: TextColumn,
    nulls: Nulls,
}

impl ListColumn {
    /// Makes a column whose first `nulls` rows have no list.
    pub(crate) fn new(nulls: usize) -> ListColumn {
        let items = TextColumn::new(0, 0);
        ListColumn { ends: vec![0; nulls + 1], items, nulls: Nulls::leading(nulls) }
    }

    /// Returns the Arrow type of such a column.
    pub(crate) fn data_type() -> DataType {
        DataType::List(Arc::new(Field::new_list_field(DataType::Utf8, true)))
    }

    pub(crate) fn push(&mut self, items: &mut dyn Iterator<Item = &str>) {
        items.for_each(|item| self.items.push(item.as_bytes()));
        self.ends.push((self.items.ends.len() - 1) as i32);
    }

    pub(crate) fn push_null(&mut self) {
        self.nulls.push(self.ends.len() - 1);
        self.push(&mut std::iter::empty());
    }

    pub(crate) fn finish(self) -> Result<ArrayRef, ArrowError> {
        let nulls = self.nulls.finish(self.ends.len() - 1);
        let ends = OffsetBuffer::new(self.ends.into());
        let field = Arc::new(Field::new_list_field(DataType::Utf8, true));
        Ok(Arc::new(ListArray::try_new(field, ends, self.items.finish()?, nulls)?))
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::Array as _;
    use arrow_array::cast::AsArray as _;

    use super::*;

    #[test]
    fn fields_end_at_the_first_nul() {
        let mut column = TextColumn::new(1, 4);
        let long = [b'x'; 40];
        let fields: [&[u8]; 7] = [
            b"root\0\0\0\0",
            b"",
            b"sixteen bytes ok",
            b"\0residue of a longer text",
            b"seventeen bytes !\0and residue   ",
            &long,
            b"exactly sixteen!\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
        ];
        fields.iter().for_each(|field| column.push_padded(field));
        column.push_null();
        let column = column.finish().unwrap();
        let texts: Vec<_> = column.as_string::<i32>().iter().collect();
        let long = String::from_utf8(long.to_vec()).unwrap();
        let mut expected = vec![None, Some("root"), Some(""), Some("sixteen bytes ok"), Some("")];
        expected.extend([Some("seventeen bytes !"), Some(&*long), Some("exactly sixteen!"), None]);
        assert_eq!(texts, expected);
    }

    #[test]
    fn each_text_is_checked_for_utf8() {
        let mut column = TextColumn::new(0, 0);
        // A character split between two pieces.
        column.push(b"\xc3");
        column.push_null();
        column.push(b"\xa9");
        let column = column.finish().unwrap();
        let texts: Vec<_> = column.as_string::<i32>().iter().collect();
        assert_eq!(texts, [Some("\\xc3"), None, Some("\\xa9")]);
    }

    #[test]
    fn addresses() {
        let mut column = TextColumn::new(0, 0);
        let addresses = ["0.0.0.0", "198.51.100.7", "255.10.9.200", "2001:db8::bad", "::"];
        addresses.iter().for_each(|address| column.push_address(address.parse().unwrap()));
        let column = column.finish().unwrap();
        let texts: Vec<_> = column.as_string::<i32>().iter().flatten().collect();
        assert_eq!(texts, addresses);
    }

    #[test]
    fn lists() {
        let mut column = ListColumn::new(1);
        column.push(&mut ["a", "b"].into_iter());
        column.push_null();
        column.push(&mut [].into_iter());
        let column = column.finish().unwrap();
        let column = column.as_list::<i32>();
        assert_eq!(column.len(), 4);
        assert_eq!(
            (0..4).map(|row| column.is_null(row)).collect::<Vec<_>>(),
            [true, false, true, false]
        );
        assert_eq!(column.value(1).len(), 2);
        assert_eq!(column.value(3).len(), 0);
    }
}
