//! Text fields as `str`.

use std::ffi::CStr;

use loginrec::Text;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

/// Texts remembered. A log repeats its users, lines and hosts.
const SLOTS: usize = 4096;
/// Bytes of a word, the longest text remembered.
const WORD: usize = 16;
const ONES: u128 = u128::from_ne_bytes([1; WORD]);

/// What to do with bytes that are not UTF-8: the error handlers of `bytes.decode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TextErrors(&'static CStr);

impl TextErrors {
    /// An error.
    pub(crate) const STRICT: TextErrors = TextErrors(c"strict");
    /// As the JSON contract of the command line: `\xff` for a byte that is none.
    pub(crate) const ESCAPE: TextErrors = TextErrors(c"backslashreplace");
}

impl<'py> FromPyObject<'_, 'py> for TextErrors {
    type Error = PyErr;

    fn extract(name: Borrowed<'_, 'py, PyAny>) -> PyResult<TextErrors> {
        let known = [c"strict", c"surrogateescape", c"backslashreplace", c"replace", c"ignore"];
        let name: String = name.extract()?;
        let found = known.into_iter().find(|known| known.to_bytes() == name.as_bytes());
        found.map(TextErrors).ok_or_else(|| {
            PyValueError::new_err(format!(
                "unknown error handler '{name}': strict, surrogateescape, backslashreplace, \
                 replace or ignore"
            ))
        })
    }
}

/// Makes strings, and gives the same object for the same bytes where it remembers them.
pub(crate) struct Strings {
    /// A short text as a number, and the object made of it.
    slots: Vec<Option<(u128, Py<PyString>)>>,
    empty: Py<PyString>,
    errors: TextErrors,
}

impl Strings {
    pub(crate) fn new(py: Python<'_>, errors: TextErrors) -> Strings {
        let slots = (0..SLOTS).map(|_| None).collect();
        Strings { slots, empty: PyString::intern(py, "").unbind(), errors }
    }

    pub(crate) fn empty(&self, py: Python<'_>) -> Py<PyAny> {
        self.empty.clone_ref(py).into_any()
    }

    #[inline]
    pub(crate) fn text(&mut self, py: Python<'_>, text: Text<'_>) -> PyResult<Py<PyAny>> {
        match word(text.raw()) {
            Some(0) => Ok(self.empty(py)),
            Some(word) => match self.slots.get(place(word)) {
                Some(Some((known, text))) if *known == word => Ok(text.clone_ref(py).into_any()),
                _ => self.remember(py, word, text.as_bytes()),
            },
            None => Ok(decode(py, text.as_bytes(), self.errors)?.into_any()),
        }
    }

    #[cold]
    fn remember(&mut self, py: Python<'_>, word: u128, bytes: &[u8]) -> PyResult<Py<PyAny>> {
        let text = decode(py, bytes, self.errors)?;
        if let Some(slot) = self.slots.get_mut(place(word)) {
            *slot = Some((word, text.clone_ref(py)));
        }
        Ok(text.into_any())
    }
}

/// The part of a field before its first NUL as a number, if it fits one.
#[inline]
fn word(field: &[u8]) -> Option<u128> {
    let mut head = [0; WORD];
    match field.first_chunk::<WORD>() {
        Some(first) => head = *first,
        None => head.get_mut(..field.len())?.copy_from_slice(field),
    }
    let word = u128::from_le_bytes(head);
    // The high bit of every zero byte; behind the first, of others too.
    let zeros = word.wrapping_sub(ONES) & !word & (ONES << 7);
    match zeros {
        0 if field.len() > WORD => None,
        0 => Some(word),
        _ => Some(word & ((zeros & zeros.wrapping_neg()) - 1)),
    }
}

/// Where to look for a text. Nobody gains by making these collide: that only forgets.
#[inline]
fn place(word: u128) -> usize {
    let folded = (word as u64) ^ ((word >> 64) as u64).rotate_left(29);
    (folded.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 52) as usize
}

/// Decodes one text.
pub(crate) fn decode(py: Python<'_>, bytes: &[u8], errors: TextErrors) -> PyResult<Py<PyString>> {
    Ok(match std::str::from_utf8(bytes) {
        Ok(text) => PyString::new(py, text).unbind(),
        Err(_) => {
            let bytes = PyBytes::new(py, bytes);
            PyString::from_encoded_object(&bytes, Some(c"utf-8"), Some(errors.0))?.unbind()
        }
    })
}
