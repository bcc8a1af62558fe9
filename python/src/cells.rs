//! Cells of Arrow columns as values of Python.

use arrow_array::cast::AsArray as _;
use arrow_array::types::{Int32Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use loginrec::Timestamp;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString, PyTuple};

use crate::clock::Clock;

const MICROS: i64 = 1_000_000;

/// Makes values.
pub(crate) struct Cells {
    clock: Clock,
}

impl Cells {
    pub(crate) fn new(py: Python<'_>) -> PyResult<Cells> {
        Ok(Cells { clock: Clock::new(py)? })
    }

    /// Returns a row as a tuple.
    pub(crate) fn row<'py>(
        &mut self,
        py: Python<'py>,
        batch: &RecordBatch,
        row: usize,
    ) -> PyResult<Bound<'py, PyTuple>> {
        let cells = batch.columns().iter().map(|column| self.cell(py, column, row));
        PyTuple::new(py, cells.collect::<PyResult<Vec<_>>>()?)
    }

    fn cell(&mut self, py: Python<'_>, column: &dyn Array, row: usize) -> PyResult<Py<PyAny>> {
        if column.is_null(row) {
            return Ok(py.None());
        }
        Ok(match column.data_type() {
            DataType::Utf8 => {
                PyString::new(py, column.as_string::<i32>().value(row)).into_any().unbind()
            }
            DataType::Int64 => {
                let number = column.as_primitive::<Int64Type>().value(row);
                number.into_pyobject(py)?.into_any().unbind()
            }
            DataType::Int32 => {
                let number = column.as_primitive::<Int32Type>().value(row);
                number.into_pyobject(py)?.into_any().unbind()
            }
            DataType::Boolean => {
                let flag = column.as_boolean().value(row);
                flag.into_pyobject(py)?.to_owned().into_any().unbind()
            }
            DataType::Binary => {
                PyBytes::new(py, column.as_binary::<i32>().value(row)).into_any().unbind()
            }
            DataType::Timestamp(..) => {
                let micros = column.as_primitive::<TimestampMicrosecondType>().value(row);
                let (tv_sec, tv_usec) = (micros.div_euclid(MICROS), micros.rem_euclid(MICROS));
                self.clock.exact(py, Timestamp { tv_sec, tv_usec })?
            }
            DataType::List(_) => {
                let list = column.as_list::<i32>().value(row);
                let texts = list.as_string::<i32>().iter().map(Option::unwrap_or_default);
                texts.collect::<Vec<_>>().into_pyobject(py)?.into_any().unbind()
            }
            _ => py.None(),
        })
    }
}
