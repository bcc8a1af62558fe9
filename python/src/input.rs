//! Arguments of the functions: a path or bytes, the name of a layout.

use std::path::PathBuf;

use loginrec::Layout;
use loginrec::formats::by_name;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyByteArray, PyBytes, PyMemoryView};

/// A path, or the bytes themselves.
pub(crate) enum Input {
    Path(PathBuf),
    Bytes(PyBackedBytes),
}

impl<'py> FromPyObject<'_, 'py> for Input {
    type Error = PyErr;

    fn extract(given: Borrowed<'_, 'py, PyAny>) -> PyResult<Input> {
        if given.is_instance_of::<PyBytes>() {
            return Ok(Input::Bytes(given.extract()?));
        }
        // These may change while they are read, so they are copied.
        if given.is_instance_of::<PyByteArray>() || given.is_instance_of::<PyMemoryView>() {
            let bytes = given.py().get_type::<PyBytes>().call1((given,))?;
            return Ok(Input::Bytes(bytes.extract()?));
        }
        given.extract().map(Input::Path)
    }
}

/// A layout by name.
#[derive(Clone, Copy)]
pub(crate) struct LayoutName(pub(crate) &'static Layout);

impl<'py> FromPyObject<'_, 'py> for LayoutName {
    type Error = PyErr;

    fn extract(name: Borrowed<'_, 'py, PyAny>) -> PyResult<LayoutName> {
        let name: String = name.extract()?;
        let known = by_name(&name).map(LayoutName);
        known.ok_or_else(|| {
            let message = format!("unknown layout '{name}': see loginrec.layouts()");
            PyValueError::new_err(message)
        })
    }
}
