use core::fmt::{self, Write as _};

use crate::scan;

/// A fixed-width, NUL-padded character field, exactly as stored.
///
/// It may lack a terminating NUL, may be invalid UTF-8, and may hold other bytes after the NUL.
/// Comparing and printing use only the part before the first NUL; [`Text::residue`] returns the
/// rest.
///
/// ```
/// use loginrec::Text;
///
/// let user = Text::new(b"bob\0N\0\0\0");
/// assert_eq!(user, "bob");
/// assert_eq!(user.residue(), b"N\0\0\0"); // the end of an older "LOGIN"
/// assert_eq!(Text::new(b"a\x1b[2J\xff").to_string(), r"a\x1b[2J\xff");
/// ```
#[derive(Clone, Copy, Default)]
pub struct Text<'a>(&'a [u8]);

impl<'a> Text<'a> {
    /// Wraps the whole field.
    #[inline]
    pub const fn new(field: &'a [u8]) -> Self {
        Text(field)
    }

    /// Returns the bytes before the first NUL, or all bytes if there is none.
    #[inline]
    pub fn as_bytes(self) -> &'a [u8] {
        scan::before_nul(self.0)
    }

    /// Returns the text if it is valid UTF-8.
    #[inline]
    pub fn to_str(self) -> Option<&'a str> {
        core::str::from_utf8(self.as_bytes()).ok()
    }

    /// Returns the bytes after the first NUL: zeros, unless an older record shows through.
    #[inline]
    pub fn residue(self) -> &'a [u8] {
        let shown = self.as_bytes().len();
        self.0.get(shown.saturating_add(1)..).unwrap_or_default()
    }

    /// Returns the whole field.
    #[inline]
    pub const fn raw(self) -> &'a [u8] {
        self.0
    }

    /// Returns whether printing `c` could change how a terminal or a reader sees the text around
    /// it. [`Display`](fmt::Display) escapes such characters.
    ///
    /// These are control characters (C0, C1), direction marks and the rest of Unicode's format
    /// category, characters without width, line separators, and fillers that look like blanks.
    pub fn is_deceptive(c: char) -> bool {
        is_deceptive(c)
    }

    /// Returns whether the field is empty or begins with a NUL.
    #[inline]
    pub fn is_empty(self) -> bool {
        self.0.first().is_none_or(|&b| b == 0)
    }
}

/// Returns whether printing `c` could change how a terminal or a reader sees the text around it.
///
/// These are control characters (C0, C1), direction marks and the rest of Unicode's format
/// category, characters without width, line separators, and fillers that look like blanks.
pub(crate) fn is_deceptive(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}'
            | '\u{890}'..='\u{891}' | '\u{8e2}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1343f}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Prints the text with deceptive characters and invalid bytes escaped: in a `btmp` it was typed by
/// whoever failed to log in.
///
/// Invalid bytes and ASCII controls appear as `\x1b`, other characters as `\u{202e}`; a backslash
/// in the text is left as it is. A width pads with blanks on the right.
impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = 0usize;
        let mut put = |f: &mut fmt::Formatter<'_>, c: char| {
            shown = shown.saturating_add(1);
            f.write_char(c)
        };
        for chunk in self.as_bytes().utf8_chunks() {
            for c in chunk.valid().chars() {
                match c {
                    _ if !is_deceptive(c) => put(f, c)?,
                    '\0'..='\x7f' => hex(c as u8).try_for_each(|c| put(f, c))?,
                    _ => c.escape_unicode().try_for_each(|c| put(f, c))?,
                }
            }
            for &byte in chunk.invalid() {
                hex(byte).try_for_each(|c| put(f, c))?;
            }
        }
        let blanks = f.width().unwrap_or(0).saturating_sub(shown);
        (0..blanks).try_for_each(|_| f.write_char(' '))
    }
}

/// Returns `\x1b` for 0x1b.
fn hex(byte: u8) -> impl Iterator<Item = char> {
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap_or('?');
    ['\\', 'x', digit(byte >> 4), digit(byte & 0xf)].into_iter()
}

impl fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

impl PartialEq for Text<'_> {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for Text<'_> {}

impl PartialEq<str> for Text<'_> {
    #[inline]
    fn eq(&self, other: &str) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl PartialEq<&str> for Text<'_> {
    #[inline]
    fn eq(&self, other: &&str) -> bool {
        self == *other
    }
}

impl core::hash::Hash for Text<'_> {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

/// Serializes the escaped text.
#[cfg(feature = "serde")]
impl serde::Serialize for Text<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
