use core::fmt::{self, Write as _};

/// A fixed-width, NUL-padded character field, exactly as stored.
///
/// It need not be NUL-terminated, need not be UTF-8, and the bytes behind the NUL
/// need not be zero. Comparing and printing look only at the part before the first
/// NUL; [`Text::residue`] is the rest.
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

    /// The bytes before the first NUL, or all of them.
    #[inline]
    pub fn as_bytes(self) -> &'a [u8] {
        before_nul(self.0)
    }

    /// As UTF-8, if it is.
    #[inline]
    pub fn to_str(self) -> Option<&'a str> {
        core::str::from_utf8(self.as_bytes()).ok()
    }

    /// The bytes behind the first NUL: zero unless an older record shows through.
    #[inline]
    pub fn residue(self) -> &'a [u8] {
        let shown = self.as_bytes().len();
        self.0.get(shown.saturating_add(1)..).unwrap_or_default()
    }

    /// The whole field.
    #[inline]
    pub const fn raw(self) -> &'a [u8] {
        self.0
    }

    /// Whether the field starts with a NUL or has no bytes.
    #[inline]
    pub fn is_empty(self) -> bool {
        self.0.first().is_none_or(|&b| b == 0)
    }
}

/// Returns what of `$field` is before a NUL in as many bytes of `$rest`, its tail, as a
/// `$word` has; if there is none, passes over them.
macro_rules! step {
    ($field:ident, $rest:ident, $word:ty) => {
        if let Some((bytes, behind)) = $rest.split_first_chunk() {
            const ONES: $word = <$word>::MAX / 0xff;
            let word = <$word>::from_le_bytes(*bytes);
            // Only a NUL borrows from the byte after it, so the lowest bit left is that of
            // the first one.
            let nuls = word.wrapping_sub(ONES) & !word & (ONES << 7);
            if nuls != 0 {
                return head($field, $rest, nuls.trailing_zeros() as usize / 8);
            }
            $rest = behind;
        }
    };
}

/// The bytes before the first NUL.
///
/// Too much to be inlined, unless the compiler knows the length: in a loop over records
/// of one type only the steps that a field of its length has are left. Sixteen bytes come
/// first: most names end within them, and an earlier way out costs more than it saves.
#[inline]
fn before_nul(field: &[u8]) -> &[u8] {
    let mut rest = field;
    step!(field, rest, u128);
    step!(field, rest, u128);
    if rest.len() > 32 {
        return before_later_nul(field, 32);
    }
    step!(field, rest, u128);
    step!(field, rest, u128);
    step!(field, rest, u64);
    step!(field, rest, u32);
    before_any_nul(field, rest)
}

/// The same, of a field whose first `from` bytes have none.
#[inline(never)]
fn before_later_nul(field: &[u8], from: usize) -> &[u8] {
    let mut rest = field.get(from..).unwrap_or_default();
    while rest.len() >= 16 {
        step!(field, rest, u128);
    }
    before_any_nul(field, rest)
}

/// The same, of a field that has none before `rest`.
#[inline]
fn before_any_nul<'a>(field: &'a [u8], rest: &[u8]) -> &'a [u8] {
    head(field, rest, rest.iter().position(|&b| b == 0).unwrap_or(rest.len()))
}

/// `field` until byte `at` of `rest`, its tail.
#[inline(always)]
fn head<'a>(field: &'a [u8], rest: &[u8], at: usize) -> &'a [u8] {
    // A place within the field.
    let at = field.len().wrapping_sub(rest.len()).wrapping_add(at);
    field.get(..at).unwrap_or(field)
}

/// Whether printing `c` could change how a terminal or a reader sees the text
/// around it: controls (C0, C1), direction marks and all else that Unicode calls format,
/// characters without width, line separators, fillers that look like blanks.
pub fn is_deceptive(c: char) -> bool {
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

/// Prints with every deceptive character and invalid byte escaped: in `btmp` this
/// text was typed by whoever failed to log in. Invalid bytes and ASCII controls appear as
/// `\x1b`, other characters as `\u{202e}`; a backslash in the text is left as it is. A
/// width pads with blanks on the right.
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

/// `\x1b` of 0x1b.
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

/// As its escaped text.
#[cfg(feature = "serde")]
impl serde::Serialize for Text<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
