//! Text fields as `str`.

use std::ffi::CStr;

use loginrec::{Text, scan};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

/// Number of cached texts. A log repeats its users, lines and hosts.
const SLOTS: usize = 4096;

/// The handling of bytes that are not UTF-8: an error handler of `bytes.decode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TextErrors(&'static CStr);

impl TextErrors {
    /// Raise an exception.
    pub(crate) const STRICT: TextErrors = TextErrors(c"strict");
    /// Write `\xff` for an invalid byte, like the JSON of the command line.
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

/// Makes strings, and returns the same object for the same bytes if they are cached.
pub(crate) struct Strings {
    /// A short text as a number, and the object made from it.
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
        match scan::short(text.raw()) {
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

/// Returns the slot of a text. An attacker gains nothing from collisions: they only evict texts.
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
