//! Records in pickles.

use std::sync::Arc;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::input::{KindName, LayoutName, Origin};
use crate::record::{Record, RecordFactory};

/// Makes a record of its values: the other half of pickle.
#[pyfunction]
pub(crate) fn record_again(
    py: Python<'_>,
    layout: LayoutName,
    bytes: Vec<u8>,
    place: (u64, u64, Option<u64>),
    from_: (Option<std::ffi::OsString>, Option<KindName>, Option<String>),
) -> PyResult<Record> {
    let (LayoutName(layout), (index, offset, uid), (path, kind, machine)) = (layout, place, from_);
    let (path, kind) = (path.map(Into::into), kind.map(|KindName(kind)| kind));
    let origin = Arc::new(Origin { path, kind, machine, archive: None });
    if bytes.len() < layout.size {
        return Err(PyValueError::new_err("a record of another version"));
    }
    RecordFactory::new(py, origin)?.of_bytes(py, layout, bytes, (index, offset, uid))
}
