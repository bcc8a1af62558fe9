//! Maps the library's errors to those of `loginrec._errors`, and those of the file system to
//! Python's own.

use std::io;
use std::path::Path;

use loginrec::Error;
use loginrec::detect::Detection;
use loginrec::open::OpenErrorKind;
use pyo3::exceptions::{PyFileNotFoundError, PyOSError};
use pyo3::prelude::*;

/// `EISDIR`, for errors that the operating system did not report.
const IS_A_DIRECTORY: i32 = 21;
/// `ENOENT`.
const NOT_FOUND: i32 = 2;

/// Returns the exception for a file that could not be opened.
pub(crate) fn open(py: Python<'_>, path: Option<&Path>, kind: OpenErrorKind) -> PyErr {
    let message = kind.to_string();
    match kind {
        OpenErrorKind::Io(error) => os_error(py, path, &error),
        OpenErrorKind::NotRecognized(_) => make(py, "NotRecognizedError", (message, path)),
        OpenErrorKind::Ambiguous(found) => {
            let message = format!("{message}; choose with layout=");
            make(py, "AmbiguousError", (message, path, tied_layouts(&found)))
        }
        _ => PyFileNotFoundError::new_err((NOT_FOUND, message, path.map(Path::to_owned))),
    }
}

/// Returns the names of the layouts that match equally well.
fn tied_layouts(found: &Detection) -> Vec<&'static str> {
    found.ties().iter().map(|candidate| candidate.layout.name).collect()
}

/// Returns an `OSError` with `errno` and `filename`; Python picks the class for the number.
pub(crate) fn os_error(py: Python<'_>, path: Option<&Path>, error: &io::Error) -> PyErr {
    let number = error.raw_os_error().or(match error.kind() {
        io::ErrorKind::IsADirectory => Some(IS_A_DIRECTORY),
        io::ErrorKind::NotFound => Some(NOT_FOUND),
        _ => None,
    });
    let path = path.map(|path| path.as_os_str().to_owned());
    let Some(number) = number else {
        let name = match error.kind() {
            io::ErrorKind::Unsupported => "ENOTSUP",
            io::ErrorKind::OutOfMemory => "ENOMEM",
            io::ErrorKind::FileTooLarge => "EFBIG",
            _ => "EIO",
        };
        let number = py.import("errno").and_then(|errno| errno.getattr(name)?.extract::<i32>());
        return match number {
            Ok(number) => PyOSError::new_err((number, error.to_string(), path)),
            Err(error) => error,
        };
    };
    let said = py.import("os").and_then(|os| os.call_method1("strerror", (number,)));
    let said = said.and_then(|text| text.extract::<String>());
    let said = said.unwrap_or_else(|_| error.to_string());
    PyOSError::new_err((number, said, path))
}

/// Returns the exception for lost framing.
pub(crate) fn damage(py: Python<'_>, path: Option<&Path>, error: Error) -> PyErr {
    let class = match error {
        Error::Truncated { .. } => "TruncatedError",
        _ => "DamageError",
    };
    make(py, class, (error.to_string(), path, error.offset()))
}

/// Returns the exception for a file that shrank while it was read.
pub(crate) fn shrunk(py: Python<'_>, path: Option<&Path>, offset: u64) -> PyErr {
    let message = format!("byte {offset}: the file became shorter while it was read");
    make(py, "DamageError", (message, path, offset))
}

/// Returns the exception for compressed data that ends early.
pub(crate) fn packed(py: Python<'_>, path: Option<&Path>, offset: u64, why: &str) -> PyErr {
    make(py, "DamageError", (format!("byte {offset}: {why}"), path, offset))
}

/// Returns the exception for a file of another kind.
pub(crate) fn wrong_kind(py: Python<'_>, path: Option<&Path>, message: &str) -> PyErr {
    make(py, "WrongKindError", (message, path))
}

fn make<'py>(py: Python<'py>, class: &str, args: impl pyo3::call::PyCallArgs<'py>) -> PyErr {
    let class = py.import("loginrec._errors").and_then(|module| module.getattr(class));
    match class.and_then(|class| class.call1(args)) {
        Ok(error) => PyErr::from_value(error),
        Err(error) => error,
    }
}
