//! Files as one Arrow table, for pyarrow, polars, duckdb and pandas.

use std::sync::Arc;

use arrow_array::ffi::{FFI_ArrowArray, FFI_ArrowSchema, to_ffi};
use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::{Array as _, RecordBatch, RecordBatchIterator, StructArray};
use arrow_schema::{ArrowError, SchemaRef};
use arrow_select::concat::concat_batches;
use loginrec::contract::{Column, RecordRow};
use loginrec_columns::Selection;
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyTuple};

use crate::batches;
use crate::damage::OnDamage;
use crate::input::LayoutName;
use crate::log_source::{Log, LogOptions};

/// Records as Arrow columns. Pass it to `pyarrow.table()`, `polars.DataFrame()`,
/// `duckdb.from_arrow()` or `pandas.DataFrame.from_arrow()`: they take it through the Arrow
/// PyCapsule interface, without a copy and without a loop in Python.
#[pyclass(module = "loginrec", frozen)]
pub(crate) struct Table {
    schema: SchemaRef,
    batches: Vec<RecordBatch>,
}

#[pymethods]
impl Table {
    /// The number of records.
    #[getter]
    fn num_rows(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    /// The names of the columns.
    #[getter]
    fn column_names(&self) -> Vec<&str> {
        self.schema.fields().iter().map(|field| field.name().as_str()).collect()
    }

    fn __len__(&self) -> usize {
        self.num_rows()
    }

    fn __repr__(&self) -> String {
        let columns = self.schema.fields().len();
        format!("<loginrec.Table {} rows, {columns} columns>", self.num_rows())
    }

    /// Returns the columns' types, in an `arrow_schema` capsule.
    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        let schema = FFI_ArrowSchema::try_from(self.schema.as_ref()).map_err(said)?;
        PyCapsule::new_with_value(py, schema, c"arrow_schema")
    }

    /// Returns all records as one struct array: an `arrow_schema` and an `arrow_array` capsule.
    /// Copies them if they are in several pieces; the stream does not.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_array__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<(Bound<'py, PyCapsule>, Bound<'py, PyCapsule>)> {
        let _ = requested_schema; // The interface asks for best effort; there is only one form.
        let (array, schema) = py.detach(|| self.one_array()).map_err(said)?;
        Ok((
            PyCapsule::new_with_value(py, schema, c"arrow_schema")?,
            PyCapsule::new_with_value(py, array, c"arrow_array")?,
        ))
    }

    /// Returns the records batch by batch, in an `arrow_array_stream` capsule.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let _ = requested_schema;
        let batches = self.batches.clone().into_iter().map(Ok);
        let reader = RecordBatchIterator::new(batches, Arc::clone(&self.schema));
        let stream = FFI_ArrowArrayStream::new(Box::new(reader));
        PyCapsule::new_with_value(py, stream, c"arrow_array_stream")
    }
}

impl Table {
    fn one_array(&self) -> Result<(FFI_ArrowArray, FFI_ArrowSchema), ArrowError> {
        let all = concat_batches(&self.schema, &self.batches)?;
        to_ffi(&StructArray::from(all).into_data())
    }
}

/// Returns the records of files as Arrow columns.
///
/// Each source is a path or the bytes themselves; the records are in the order of the sources. All
/// files have the same columns: fields that a platform does not store are null. Text that is not
/// UTF-8 has `\xNN` for each invalid byte. `columns` selects columns and their order: only those
/// are built. `raw=True` adds the records' bytes as a column. `layout` and `damage` are those of
/// `open()`.
#[pyfunction]
#[pyo3(
    signature = (*sources, columns=None, layout=None, raw=false, damage=None),
    text_signature = "(*sources, columns=None, layout=None, raw=False, damage='warn')"
)]
pub(crate) fn table(
    py: Python<'_>,
    sources: &Bound<'_, PyTuple>,
    columns: Option<Vec<String>>,
    layout: Option<LayoutName>,
    raw: bool,
    damage: Option<OnDamage>,
) -> PyResult<Table> {
    let selection = match columns {
        None => Selection::all::<RecordRow<'_>>(),
        Some(names) => Selection::named::<RecordRow<'_>>(names)
            .map_err(|error| PyValueError::new_err(error.to_string()))?,
    };
    let selection = if raw { selection.with(Column::Raw) } else { selection };
    let layout = layout.map(|LayoutName(layout)| layout);
    let logs = Log::open_all(py, sources, LogOptions { layout, ..LogOptions::default() })?;
    let mut batches = Vec::new();
    let faults = py.detach(|| batches::make(&logs, &selection, &mut batches)).map_err(said)?;
    for (log, fault) in faults {
        damage.unwrap_or(OnDamage::Warn).act(py, log.path(), fault)?;
    }
    Ok(Table { schema: Arc::clone(selection.schema()), batches })
}

fn said(error: ArrowError) -> PyErr {
    PyRuntimeError::new_err(error.to_string())
}
