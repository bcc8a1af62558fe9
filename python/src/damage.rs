//! Faults that keep records from being read. The caller chooses to be warned, to get an exception,
//! or to ignore them.

use std::io;
use std::path::Path;

use loginrec::Error;
use loginrec::read::ReadError;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::errors;

/// A reason for a missing record.
#[derive(Debug)]
pub(crate) enum Fault {
    /// Lost framing. Reading continues after it.
    Framing(Error),
    /// The file became shorter while it was read, and ended here.
    Shrunk { offset: u64 },
    /// Compressed data is damaged, and its content ends here.
    Packed { offset: u64, why: String },
    /// The system cannot read further. This is not damage, and always raises.
    Unread(io::Error),
}

impl From<ReadError> for Fault {
    fn from(error: ReadError) -> Fault {
        let error = error.io_error();
        Fault::Unread(match error.raw_os_error() {
            Some(number) => io::Error::from_raw_os_error(number),
            None => io::Error::new(error.kind(), error.to_string()),
        })
    }
}

/// The reaction to a fault. Reading continues after it in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnDamage {
    Warn,
    Raise,
    Ignore,
}

impl<'py> FromPyObject<'_, 'py> for OnDamage {
    type Error = PyErr;

    fn extract(word: Borrowed<'_, 'py, PyAny>) -> PyResult<OnDamage> {
        let word: String = word.extract()?;
        match word.as_str() {
            "warn" => Ok(OnDamage::Warn),
            "raise" => Ok(OnDamage::Raise),
            "ignore" => Ok(OnDamage::Ignore),
            _ => Err(PyValueError::new_err(format!("damage='{word}': warn, raise or ignore"))),
        }
    }
}

impl OnDamage {
    pub(crate) fn name(self) -> &'static str {
        match self {
            OnDamage::Warn => "warn",
            OnDamage::Raise => "raise",
            OnDamage::Ignore => "ignore",
        }
    }

    /// Handles one fault.
    pub(crate) fn act(self, py: Python<'_>, path: Option<&Path>, fault: Fault) -> PyResult<()> {
        let told = match (fault, self) {
            (Fault::Unread(error), _) => return Err(errors::os_error(py, path, &error)),
            (_, OnDamage::Ignore) => return Ok(()),
            (Fault::Framing(error), _) => errors::damage(py, path, error),
            (Fault::Shrunk { offset }, _) => errors::shrunk(py, path, offset),
            (Fault::Packed { offset, why }, _) => errors::packed(py, path, offset, &why),
        };
        if self == OnDamage::Raise {
            return Err(told);
        }
        warn(py, "DamageWarning", &told.value(py).str()?.to_string_lossy())
    }
}

/// Warns, at the line of the caller of this package.
pub(crate) fn warn(py: Python<'_>, class: &str, message: &str) -> PyResult<()> {
    let errors = py.import("loginrec._errors")?;
    errors.call_method1("_warn", (message, errors.getattr(class)?))?;
    Ok(())
}
