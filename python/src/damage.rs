//! Lost framing: told, raised or passed over, as the caller likes.

use std::path::Path;

use loginrec::Error;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::errors;

/// What to do about it. Reading goes on behind it in any case.
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
    /// Acts on one error.
    pub(crate) fn act(self, py: Python<'_>, path: Option<&Path>, error: Error) -> PyResult<()> {
        match self {
            OnDamage::Ignore => Ok(()),
            OnDamage::Raise => Err(errors::damage(py, path, error)),
            OnDamage::Warn => {
                let told = errors::damage(py, path, error);
                let class = py.import("loginrec._errors")?.getattr("DamageWarning")?;
                let warning = class.call1((told.value(py).str()?,))?;
                py.import("warnings")?.call_method1("warn", (warning, py.None(), 2))?;
                Ok(())
            }
        }
    }
}
