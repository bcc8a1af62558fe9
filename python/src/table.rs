//! Files as one Arrow table, for pyarrow, polars, duckdb and pandas.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use arrow_array::ffi::{FFI_ArrowArray, FFI_ArrowSchema, to_ffi};
use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::{
    Array as _, ArrayRef, RecordBatch, RecordBatchIterator, StringArray, StructArray,
};
use arrow_schema::{ArrowError, SchemaRef};
use arrow_select::concat::concat_batches;
use loginrec::{Error, Framing};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyTuple};

use crate::columns::{Columns, FileColumns, schema};
use crate::damage::OnDamage;
use crate::input::{LayoutName, Log};

/// Records of one batch.
const BATCH: usize = 1 << 14;

/// Records as Arrow columns. Hand it to `pyarrow.table()`, `polars.DataFrame()`,
/// `duckdb.from_arrow()` or `pandas.DataFrame.from_arrow()`: they take it through the Arrow
/// PyCapsule interface, without a copy and without a loop in Python.
#[pyclass(module = "loginrec", frozen)]
pub(crate) struct Table {
    schema: SchemaRef,
    batches: Vec<RecordBatch>,
}

#[pymethods]
impl Table {
    /// How many records there are.
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

    /// The columns' types, in an `arrow_schema` capsule.
    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        let schema = FFI_ArrowSchema::try_from(self.schema.as_ref()).map_err(said)?;
        PyCapsule::new_with_value(py, schema, c"arrow_schema")
    }

    /// All records as one struct array: an `arrow_schema` and an `arrow_array` capsule.
    /// Copies them into one piece if they are in several; the stream does not.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_array__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<(Bound<'py, PyCapsule>, Bound<'py, PyCapsule>)> {
        let _ = requested_schema; // Best effort, says the interface: there is one form.
        let (array, schema) = py.detach(|| self.one_array()).map_err(said)?;
        Ok((
            PyCapsule::new_with_value(py, schema, c"arrow_schema")?,
            PyCapsule::new_with_value(py, array, c"arrow_array")?,
        ))
    }

    /// The records, batch by batch, in an `arrow_array_stream` capsule.
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

/// The records of files as Arrow columns.
///
/// Each source is a path or the bytes themselves; the records come in the order of the
/// sources. All files have the same columns: what a platform does not store is null. Text
/// that is not UTF-8 has `\xNN` for the bytes that are none; `raw=True` adds the records'
/// bytes as a column. `layout` and `damage` are those of `open()`.
#[pyfunction]
#[pyo3(
    signature = (*sources, layout=None, raw=false, damage=None),
    text_signature = "(*sources, layout=None, raw=False, damage='warn')"
)]
pub(crate) fn table(
    py: Python<'_>,
    sources: &Bound<'_, PyTuple>,
    layout: Option<LayoutName>,
    raw: bool,
    damage: Option<OnDamage>,
) -> PyResult<Table> {
    let logs = Log::open_all(py, sources, layout)?;
    let schema = schema(raw);
    let shared = Arc::clone(&schema);
    let (batches, faults) = py.detach(move || build(&logs, &shared, raw)).map_err(said)?;
    for (path, error) in faults {
        damage.unwrap_or(OnDamage::Warn).act(py, path.as_deref(), error)?;
    }
    Ok(Table { schema, batches })
}

type Faults = Vec<(Option<std::path::PathBuf>, Error)>;

fn build(
    logs: &[Arc<Log>],
    schema: &SchemaRef,
    raw: bool,
) -> Result<(Vec<RecordBatch>, Faults), ArrowError> {
    let paths = logs.iter().map(|log| log.path().map(Path::to_string_lossy));
    let names: ArrayRef =
        Arc::new(paths.map(Option::unwrap_or_default).map(Some).collect::<StringArray>());
    let (mut batches, mut faults) = (Vec::new(), Vec::new());
    for (number, log) in (0_i32..).zip(logs) {
        let Some(layout) = log.file.layout() else { continue };
        let file = log.path().map(|_| number);
        let of = FileColumns { layout, kind: log.kind(), file, names: &names, schema, raw };
        match layout.framing {
            Framing::Fixed => batches.extend(in_parallel(&of, log.file.bytes())?),
            _ => one_by_one(&of, log, &mut batches)?,
        }
        let mut lost = log.file.records();
        let lost: Vec<Error> = match layout.framing {
            // Only the end of an array can be cut short.
            Framing::Fixed => lost.next_back().and_then(Result::err).into_iter().collect(),
            _ => lost.filter_map(Result::err).collect(),
        };
        faults.extend(lost.into_iter().map(|error| (log.path.clone(), error)));
    }
    Ok((batches, faults))
}

/// Records of one size: every batch can be made without those before it.
fn in_parallel(of: &FileColumns<'_>, data: &[u8]) -> Result<Vec<RecordBatch>, ArrowError> {
    let size = of.layout.size;
    let whole = data.get(..data.len() - data.len() % size).unwrap_or_default();
    let parts: Vec<&[u8]> = whole.chunks(BATCH.saturating_mul(size)).collect();
    let made: Vec<Mutex<Option<_>>> = parts.iter().map(|_| Mutex::new(None)).collect();
    let next = AtomicUsize::new(0);
    let work = || {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let (Some(part), Some(place)) = (parts.get(number), made.get(number)) else { return };
            let first = (number as u64).saturating_mul(BATCH as u64);
            let batch = batch(of, part, first);
            if let Ok(mut place) = place.lock() {
                *place = Some(batch);
            }
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from).min(parts.len());
    thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(work);
        }
        work();
    });
    let lost = || ArrowError::ComputeError("a batch was not made".to_owned());
    made.into_iter().map(|place| place.into_inner().ok().flatten().ok_or_else(lost)?).collect()
}

fn batch(of: &FileColumns<'_>, part: &[u8], first: u64) -> Result<RecordBatch, ArrowError> {
    let size = of.layout.size;
    let mut columns = Columns::new(of, part.len() / size);
    let base = (first, first.saturating_mul(size as u64));
    for record in of.layout.records(part).flatten() {
        columns.push(&record, base);
    }
    columns.finish()
}

fn one_by_one(
    of: &FileColumns<'_>,
    log: &Log,
    batches: &mut Vec<RecordBatch>,
) -> Result<(), ArrowError> {
    let mut columns = Columns::new(of, 0);
    for record in log.file.records().flatten() {
        columns.push(&record, (0, 0));
        if columns.len() == BATCH {
            batches.push(std::mem::replace(&mut columns, Columns::new(of, 0)).finish()?);
        }
    }
    if columns.len() > 0 {
        batches.push(columns.finish()?);
    }
    Ok(())
}

fn said(error: ArrowError) -> PyErr {
    PyRuntimeError::new_err(error.to_string())
}
