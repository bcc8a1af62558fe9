//! The names of files, as they may be printed.

use std::path::Path;
use std::sync::Arc;

use loginrec::Text;

use crate::row::Shown;

/// A file as named on the command line.
#[derive(Clone, Debug)]
pub(crate) struct FileName<'a> {
    path: &'a Path,
    /// For JSON: the name itself; bytes that are not UTF-8 as `\xNN`.
    pub(crate) value: Arc<str>,
    /// For people: control characters, newlines and the like escaped as well.
    pub(crate) shown: String,
}

impl<'a> FileName<'a> {
    pub(crate) fn new(path: &'a Path) -> FileName<'a> {
        let bytes = path.as_os_str().as_encoded_bytes();
        if let Some(name) = path.to_str().filter(|_| bytes.iter().all(|b| matches!(b, b' '..=b'~')))
        {
            return FileName { path, value: name.into(), shown: name.to_owned() };
        }
        let (value, shown) = (Shown(bytes).to_string().into(), Text::new(bytes).to_string());
        FileName { path, value, shown }
    }

    /// The path; `None` for standard input.
    pub(crate) fn path(&self) -> Option<&'a Path> {
        (!self.is_stdin()).then_some(self.path)
    }

    pub(crate) fn is_stdin(&self) -> bool {
        self.path.as_os_str() == "-"
    }
}
