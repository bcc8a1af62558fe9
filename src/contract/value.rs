//! The parts of texts and ids that rows have.

use core::fmt;

use alloc::vec::Vec;

use crate::scan::trim_zeros;
use crate::value::text::Text;

/// Text with each byte that is not UTF-8 as `\xNN`. Nothing else is escaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EscapedUtf8<'a>(pub &'a [u8]);

impl<'a> EscapedUtf8<'a> {
    /// Returns the text if it is UTF-8.
    pub fn to_str(self) -> Option<&'a str> {
        core::str::from_utf8(self.0).ok()
    }
}

impl fmt::Display for EscapedUtf8<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            f.write_str(chunk.valid())?;
            chunk.invalid().iter().try_for_each(|byte| write!(f, "\\x{byte:02x}"))?;
        }
        Ok(())
    }
}

/// One of the keys of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TextPart {
    /// The text before the first NUL.
    Shown,
    /// Its bytes, where they are not UTF-8.
    Hex,
    /// The bytes after the NUL, where there are any.
    Residue,
}

impl TextPart {
    /// All of them.
    pub const ALL: &[TextPart] = &[TextPart::Shown, TextPart::Hex, TextPart::Residue];

    /// Returns what the key has after the name of the column.
    pub const fn suffix(self) -> &'static str {
        match self {
            TextPart::Shown => "",
            TextPart::Hex => "_hex",
            TextPart::Residue => "_residue",
        }
    }
}

/// The values of a text's three keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextParts<'a> {
    /// The text before the first NUL.
    pub shown: EscapedUtf8<'a>,
    /// Its bytes, if they are not UTF-8.
    pub hex: Option<&'a [u8]>,
    /// The bytes after the NUL, without trailing zeros; `None` if there are none.
    pub residue: Option<&'a [u8]>,
}

impl<'a> TextParts<'a> {
    /// Splits a stored text.
    pub fn new(text: Text<'a>) -> TextParts<'a> {
        let bytes = text.as_bytes();
        let residue = trim_zeros(text.residue());
        TextParts {
            shown: EscapedUtf8(bytes),
            hex: text.to_str().is_none().then_some(bytes),
            residue: (!residue.is_empty()).then_some(residue),
        }
    }
}

/// A binary id of fixed length, which a trimmed record may store shortened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token<'a> {
    bytes: &'a [u8],
    len: usize,
}

impl<'a> Token<'a> {
    /// Returns the token in a field of `len` bytes.
    pub fn new(id: Text<'a>, len: usize) -> Token<'a> {
        Token { bytes: trim_zeros(id.raw()), len }
    }

    /// Returns the token as text, without trailing zeros, if it is printable ASCII.
    pub fn text(&self) -> Option<Text<'a>> {
        let is_text = self.bytes.iter().all(|byte| matches!(byte, b' '..=b'~'));
        is_text.then_some(Text::new(self.bytes))
    }

    /// Returns whether all of it is zero.
    pub fn is_unset(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Returns the whole token, with trailing zeros.
    pub fn whole(&self) -> Vec<u8> {
        let mut whole = self.bytes.to_vec();
        whole.resize(self.len.max(self.bytes.len()), 0);
        whole
    }
}
