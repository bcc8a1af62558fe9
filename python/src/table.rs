//! Rows of files as Arrow columns, for pyarrow, polars, duckdb and pandas.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};

use arrow_array::ffi::FFI_ArrowSchema;
use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::{RecordBatch, RecordBatchIterator, RecordBatchReader};
use arrow_schema::{ArrowError, SchemaRef};
use loginrec::contract::RowKind;
use loginrec_columns::ParquetWriter;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyTuple};

use crate::cells;
use crate::damage::{Fault, OnDamage};
use crate::errors;
use crate::log_source::Log;
use crate::out::{Item, said};
use crate::plan::Plan;
use crate::rows::produce;
use crate::work::{self, Cancel};

/// Bytes of files up to which rows are made at once and kept.
const SMALL: u64 = 64 << 20;
/// Batches that are made before they are asked for.
const AHEAD: usize = 2;

/// Rows as Arrow columns. Pass it to `pyarrow.table()`, `polars.DataFrame()`,
/// `duckdb.from_arrow()` or `pandas.DataFrame.from_arrow()`: they take it through the Arrow
/// PyCapsule interface, without a loop in Python.
///
/// The rows of files of up to 64 MiB together are kept. Those of longer ones are made each time they
/// are taken, batch by batch and in bounded memory; damage is told then.
#[pyclass(module = "loginrec", frozen)]
pub(crate) struct Table {
    plan: Arc<Plan>,
    kept: Option<Vec<RecordBatch>>,
    damage: OnDamage,
    /// Whether damage has been told.
    is_told: AtomicBool,
}

#[pymethods]
impl Table {
    /// The kind of rows, such as `'records'`.
    #[getter]
    fn rows(&self) -> &'static str {
        self.plan.kind.name()
    }

    /// The number of rows.
    #[getter]
    fn num_rows(&self, py: Python<'_>) -> PyResult<usize> {
        let mut rows = 0;
        self.each(py, |_, batch| {
            rows += batch.num_rows();
            Ok(())
        })?;
        Ok(rows)
    }

    /// The names of the columns.
    #[getter]
    fn column_names(&self) -> Vec<&str> {
        self.plan.selection.schema().fields().iter().map(|field| field.name().as_str()).collect()
    }

    /// Whether the rows are kept.
    #[getter]
    fn _is_kept(&self) -> bool {
        self.kept.is_some()
    }

    fn __len__(&self, py: Python<'_>) -> PyResult<usize> {
        self.num_rows(py)
    }

    fn __repr__(&self) -> String {
        let columns = self.plan.selection.schema().fields().len();
        let rows = self.kept.as_ref().map(|kept| {
            let rows: usize = kept.iter().map(RecordBatch::num_rows).sum();
            format!("{rows} rows, ")
        });
        let kind = match self.plan.kind {
            RowKind::Records => String::new(),
            kind => format!("{kind}: "),
        };
        format!("<loginrec.Table {kind}{}{columns} columns>", rows.unwrap_or_default())
    }

    /// Returns up to `most` rows as tuples, from the first on.
    #[pyo3(signature = (most=None))]
    fn _tuples<'py>(
        &self,
        py: Python<'py>,
        most: Option<usize>,
    ) -> PyResult<Vec<Bound<'py, PyTuple>>> {
        let most = most.unwrap_or(usize::MAX);
        let mut all = Vec::new();
        let mut cells = cells::Cells::new(py)?;
        let mut batches = self.batches(py)?;
        while all.len() < most {
            let Some(batch) = batches.next(py)? else { break };
            for row in 0..batch.num_rows().min(most - all.len()) {
                all.push(cells.row(py, &batch, row)?);
                if all.len() % 4096 == 0 {
                    py.check_signals()?;
                }
            }
        }
        Ok(all)
    }

    fn _repr_html_(slf: Bound<'_, Self>) -> PyResult<Bound<'_, PyAny>> {
        slf.py().import("loginrec._rows")?.getattr("_html_of_table")?.call1((slf,))
    }

    /// Returns the columns' types, in an `arrow_schema` capsule.
    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        schema_capsule(py, self.plan.selection.schema())
    }

    /// Returns the rows batch by batch, in an `arrow_array_stream` capsule.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let _ = requested_schema; // The interface asks for best effort; there is only one form.
        let schema = Arc::clone(self.plan.selection.schema());
        let reader: Box<dyn RecordBatchReader + Send> = match &self.kept {
            Some(kept) => {
                Box::new(RecordBatchIterator::new(kept.clone().into_iter().map(Ok), schema))
            }
            None => Box::new(Stream { batches: self.begin()?, schema }),
        };
        let stream = FFI_ArrowArrayStream::new(reader);
        PyCapsule::new_with_value(py, stream, c"arrow_array_stream")
    }

    /// Writes the rows to a Parquet file, in bounded memory. The file gets its name when it is
    /// complete.
    fn to_parquet(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        let mut part = path.clone().into_os_string();
        part.push(".part");
        let failed = |py, error: io::Error| errors::os_error(py, Some(&path), &error);
        let written = |error: Box<dyn std::error::Error>| match error.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(error) => io::Error::other(error.to_string()),
        };
        let file = File::create(&part).map_err(|error| failed(py, error))?;
        let done = (|| {
            let to = io::BufWriter::new(file);
            let mut writer = ParquetWriter::new(to, &self.plan.selection)
                .map_err(|error| failed(py, written(error.into())))?;
            self.each(py, |py, batch| {
                let done = py.detach(|| writer.write(&batch));
                done.map_err(|error| failed(py, written(error.into())))
            })?;
            let version = env!("CARGO_PKG_VERSION").to_owned();
            let metadata = vec![
                ("loginrec.version".to_owned(), version),
                ("loginrec.rows".to_owned(), self.plan.kind.name().to_owned()),
            ];
            let done = py.detach(|| {
                let mut to = writer.finish(metadata).map_err(|error| written(error.into()))?;
                to.flush()?;
                std::fs::rename(&part, &path)
            });
            done.map_err(|error| failed(py, error))
        })();
        if done.is_err() {
            // There may be nothing to remove.
            let _ = std::fs::remove_file(&part);
        }
        done
    }
}

impl Table {
    /// Makes the rows of short files at once, unless `keep` says otherwise.
    pub(crate) fn new(
        py: Python<'_>,
        plan: Plan,
        damage: OnDamage,
        keep: Option<bool>,
    ) -> PyResult<Table> {
        let (plan, is_told) = (Arc::new(plan), AtomicBool::new(false));
        let mut table = Table { plan, kept: None, damage, is_told };
        if !keep.unwrap_or(table.plan.bytes() <= SMALL) {
            return Ok(table);
        }
        let plan = table.plan();
        let made = work::run(py, move || {
            let (mut batches, mut faults, mut failed) = (Vec::new(), Vec::new(), None);
            produce(&plan, &mut |item| {
                match item {
                    Item::Batch(batch) => batches.push(batch),
                    Item::Fault(log, fault) => faults.push((log, fault)),
                    Item::Failed(why) => failed = Some(why),
                }
                true
            });
            (batches, faults, failed)
        })?;
        let (batches, faults, failed): (_, Vec<(Arc<Log>, Fault)>, Option<String>) = made;
        if let Some(why) = failed {
            return Err(PyRuntimeError::new_err(why));
        }
        let damage = table.tell_once();
        for (log, fault) in faults {
            damage.act(py, log.path(), fault)?;
        }
        table.kept = Some(batches);
        Ok(table)
    }

    pub(crate) fn plan(&self) -> Arc<Plan> {
        Arc::clone(&self.plan)
    }

    /// Returns the reaction to damage: it is told only once.
    pub(crate) fn tell_once(&self) -> OnDamage {
        let is_told = self.is_told.swap(true, Ordering::Relaxed);
        match is_told && self.damage == OnDamage::Warn {
            true => OnDamage::Ignore,
            false => self.damage,
        }
    }

    /// Begins to make the rows.
    fn begin(&self) -> PyResult<Batches> {
        let (send, receive) = sync_channel(AHEAD);
        let plan = Arc::clone(&self.plan);
        let cancel = work::begin(move || produce(&plan, &mut |item| send.send(item).is_ok()))?;
        let damage = self.tell_once();
        Ok(Batches { source: From::Worker(receive, cancel), damage })
    }

    fn batches(&self, _: Python<'_>) -> PyResult<Batches> {
        match &self.kept {
            Some(kept) => {
                let kept = kept.clone().into_iter();
                Ok(Batches { source: From::Kept(kept), damage: self.damage })
            }
            None => self.begin(),
        }
    }

    fn each<'py>(
        &self,
        py: Python<'py>,
        mut take: impl FnMut(Python<'py>, RecordBatch) -> PyResult<()>,
    ) -> PyResult<()> {
        let mut batches = self.batches(py)?;
        while let Some(batch) = batches.next(py)? {
            take(py, batch)?;
        }
        Ok(())
    }
}

/// Batches that are kept, or come from another thread.
struct Batches {
    source: From,
    damage: OnDamage,
}

enum From {
    Kept(std::vec::IntoIter<RecordBatch>),
    Worker(Receiver<Item>, #[expect(dead_code, reason = "ends the work")] Cancel),
}

impl Batches {
    fn next(&mut self, py: Python<'_>) -> PyResult<Option<RecordBatch>> {
        loop {
            let item = match &mut self.source {
                From::Kept(kept) => return Ok(kept.next()),
                From::Worker(receive, _) => {
                    // A receiver is for one thread at a time, and this borrow is.
                    let mut own = Receiving(receive);
                    py.detach(move || own.next())?
                }
            };
            match item {
                None => return Ok(None),
                Some(Item::Batch(batch)) => return Ok(Some(batch)),
                Some(Item::Fault(log, fault)) => self.damage.act(py, log.path(), fault)?,
                Some(Item::Failed(why)) => return Err(PyRuntimeError::new_err(why)),
            }
        }
    }
}

struct Receiving<'a>(&'a mut Receiver<Item>);

impl Receiving<'_> {
    fn next(&mut self) -> PyResult<Option<Item>> {
        work::next(self.0, || Python::attach(|py| py.check_signals()))
    }
}

/// Batches for another library, made as they are taken.
struct Stream {
    batches: Batches,
    schema: SchemaRef,
}

impl Iterator for Stream {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        Python::attach(|py| {
            let next = self.batches.next(py).transpose()?;
            Some(next.map_err(|error| {
                let is_signal = error.is_instance_of::<pyo3::exceptions::PyKeyboardInterrupt>(py);
                if is_signal {
                    // The other library has an exception of its own; the signal comes once more.
                    let again = py.import("_thread").and_then(|t| t.call_method0("interrupt_main"));
                    drop(again);
                }
                ArrowError::ExternalError(error.to_string().into())
            }))
        })
    }
}

impl RecordBatchReader for Stream {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }
}

pub(crate) fn schema_capsule<'py>(
    py: Python<'py>,
    schema: &SchemaRef,
) -> PyResult<Bound<'py, PyCapsule>> {
    let schema = FFI_ArrowSchema::try_from(schema.as_ref()).map_err(said)?;
    PyCapsule::new_with_value(py, schema, c"arrow_schema")
}
