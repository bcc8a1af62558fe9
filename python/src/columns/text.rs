//! Columns of texts.

use std::net::IpAddr;
use std::sync::Arc;

use arrow_array::{ArrayRef, BinaryArray, StringArray};
use arrow_buffer::{BooleanBufferBuilder, NullBuffer, OffsetBuffer};
use arrow_schema::ArrowError;
use loginrec::Text;

/// Bytes looked at together.
const WORD: usize = 16;

/// Texts one behind the other, not looked at yet.
pub(super) struct TextColumn {
    ends: Vec<i32>,
    bytes: Vec<u8>,
}

impl TextColumn {
    pub(super) fn new(rows: usize) -> TextColumn {
        let mut ends = Vec::with_capacity(rows + 1);
        ends.push(0);
        TextColumn { ends, bytes: Vec::with_capacity(rows * 16) }
    }

    /// The part before the first NUL.
    #[inline]
    pub(super) fn push_padded(&mut self, field: &[u8]) {
        let before = self.bytes.len();
        // Nearly all texts are short: copies of known length, cut where they end.
        if let Some((head, rest)) = field.split_first_chunk::<WORD>() {
            self.bytes.extend_from_slice(head);
            let zeros = zero_bytes(head);
            if zeros != 0 {
                self.bytes.truncate(before + zeros.trailing_zeros() as usize / 8);
                self.ends.push(self.bytes.len() as i32);
                return;
            }
            if let Some(next) = rest.first_chunk::<WORD>() {
                let zeros = zero_bytes(next);
                if zeros != 0 {
                    self.bytes.extend_from_slice(next);
                    let end = WORD + zeros.trailing_zeros() as usize / 8;
                    self.bytes.truncate(before + end);
                    self.ends.push(self.bytes.len() as i32);
                    return;
                }
            }
            self.bytes.truncate(before);
        }
        self.push(Text::new(field).as_bytes());
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        // A batch has less than 2^29 bytes of them, three more for each that is no UTF-8.
        self.ends.push(self.bytes.len() as i32);
    }

    pub(super) fn finish(self) -> Result<ArrayRef, ArrowError> {
        self.finish_with(None)
    }

    fn finish_with(self, nulls: Option<NullBuffer>) -> Result<ArrayRef, ArrowError> {
        let texts = match is_text(&self) {
            true => self,
            false => self.escaped(),
        };
        let ends = OffsetBuffer::new(texts.ends.into());
        Ok(Arc::new(StringArray::try_new(ends, texts.bytes.into(), nulls)?))
    }

    /// As bytes, whatever they are.
    pub(super) fn finish_binary(self) -> Result<ArrayRef, ArrowError> {
        let ends = OffsetBuffer::new(self.ends.into());
        Ok(Arc::new(BinaryArray::try_new(ends, self.bytes.into(), None)?))
    }

    /// With `\xNN` for every byte that is not UTF-8.
    #[cold]
    fn escaped(&self) -> TextColumn {
        let mut texts = TextColumn::new(self.ends.len());
        for (start, end) in self.ends.iter().zip(self.ends.iter().skip(1)) {
            let text = self.bytes.get(*start as usize..*end as usize).unwrap_or_default();
            for chunk in text.utf8_chunks() {
                texts.bytes.extend_from_slice(chunk.valid().as_bytes());
                for byte in chunk.invalid() {
                    texts.bytes.extend_from_slice(format!("\\x{byte:02x}").as_bytes());
                }
            }
            texts.ends.push(texts.bytes.len() as i32);
        }
        texts
    }
}

/// Whether each text is UTF-8, not only all of them together.
fn is_text(column: &TextColumn) -> bool {
    if column.bytes.is_ascii() {
        return true;
    }
    let Ok(all) = std::str::from_utf8(&column.bytes) else { return false };
    column.ends.iter().all(|&end| all.is_char_boundary(end as usize))
}

/// The high bit of the first byte that is zero, and maybe of later ones.
#[inline]
fn zero_bytes(bytes: &[u8; WORD]) -> u128 {
    const ONES: u128 = u128::from_ne_bytes([1; WORD]);
    let word = u128::from_le_bytes(*bytes);
    word.wrapping_sub(ONES) & !word & (ONES << 7)
}

/// Ids: text, or tokens that may be none.
pub(super) struct IdColumn {
    text: TextColumn,
    tokens: Option<BooleanBufferBuilder>,
}

impl IdColumn {
    pub(super) fn new(text: TextColumn, binary: bool) -> IdColumn {
        IdColumn { text, tokens: binary.then(|| BooleanBufferBuilder::new(0)) }
    }

    #[inline]
    pub(super) fn push(&mut self, id: Text<'_>) {
        let Some(printable) = &mut self.tokens else { return self.text.push_padded(id.raw()) };
        let raw = id.raw();
        let end = raw.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
        let token = raw.get(..end).unwrap_or(raw);
        let shown = token.iter().all(|byte| matches!(byte, b' '..=b'~'));
        printable.append(shown);
        self.text.push(if shown { token } else { &[] });
    }

    pub(super) fn finish(self) -> Result<ArrayRef, ArrowError> {
        self.text.finish_with(self.tokens.map(|mut printable| NullBuffer::new(printable.finish())))
    }
}

/// Addresses as text; null where there is none.
pub(super) struct AddressColumn {
    text: TextColumn,
    there: BooleanBufferBuilder,
}

impl AddressColumn {
    pub(super) fn new(rows: usize) -> AddressColumn {
        AddressColumn { text: TextColumn::new(rows), there: BooleanBufferBuilder::new(rows) }
    }

    #[inline]
    pub(super) fn push(&mut self, addr: Option<IpAddr>) {
        self.there.append(addr.is_some());
        match addr {
            None => {}
            Some(IpAddr::V4(v4)) => {
                for (at, octet) in v4.octets().into_iter().enumerate() {
                    if at > 0 {
                        self.text.bytes.push(b'.');
                    }
                    push_decimal(&mut self.text.bytes, octet);
                }
            }
            Some(IpAddr::V6(v6)) => self.text.bytes.extend_from_slice(v6.to_string().as_bytes()),
        }
        self.text.ends.push(self.text.bytes.len() as i32);
    }

    pub(super) fn finish(mut self) -> Result<ArrayRef, ArrowError> {
        self.text.finish_with(Some(NullBuffer::new(self.there.finish())))
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
