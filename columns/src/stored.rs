//! The stored bytes of records, out of a Parquet file.

use std::fmt;
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};

use ::parquet::arrow::ProjectionMask;
use ::parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use ::parquet::errors::ParquetError;
use ::parquet::file::reader::ChunkReader;
use arrow_array::cast::AsArray as _;
use arrow_array::types::Int64Type;
use arrow_array::{Array, RecordBatch};
use arrow_schema::{ArrowError, DataType};

/// The columns that are read.
const NAMES: [&str; 6] = ["file", "layout", "event", "offset", "raw", "error"];

/// What is said where the reader of Parquet has no error of its own.
const DAMAGED: &str = "Parquet file: damaged";

/// One row of `dump --raw --format parquet`, as far as it says which bytes are where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoredRow<'a> {
    /// The file.
    pub file: Option<&'a str>,
    /// The layout of the record.
    pub layout: Option<&'a str>,
    /// The event.
    pub event: Option<&'a str>,
    /// The byte offset.
    pub offset: Option<i64>,
    /// The bytes.
    pub raw: Option<&'a [u8]>,
    /// Why there is no record.
    pub error: Option<&'a str>,
}

/// Reads the rows of a Parquet file that have bytes, in bounded memory.
pub struct StoredRows {
    batches: ParquetRecordBatchReader,
}

impl StoredRows {
    /// Opens a file.
    ///
    /// # Errors
    ///
    /// A [`ParquetError`] if it is no Parquet file, or damaged.
    pub fn of_file(file: File) -> Result<StoredRows, ParquetError> {
        StoredRows::open(file)
    }

    /// Takes the content of a file.
    ///
    /// # Errors
    ///
    /// A [`ParquetError`] if it is no Parquet file, or damaged.
    pub fn of_bytes(bytes: Vec<u8>) -> Result<StoredRows, ParquetError> {
        StoredRows::open(bytes::Bytes::from(bytes))
    }

    fn open(source: impl ChunkReader + 'static) -> Result<StoredRows, ParquetError> {
        unless_it_panics(|| {
            let file = ParquetRecordBatchReaderBuilder::try_new(source)?;
            let mask = ProjectionMask::columns(file.parquet_schema(), NAMES);
            // Records of some hundred bytes: a few megabytes.
            let batches = file.with_projection(mask).with_batch_size(4096).build()?;
            Ok(StoredRows { batches })
        })
        .unwrap_or_else(|| Err(ParquetError::General(DAMAGED.into())))
    }

    /// Passes on row after row, until an error.
    ///
    /// # Errors
    ///
    /// That of `take`, or, as a text, of the file.
    pub fn each<E: From<String>>(
        mut self,
        mut take: impl FnMut(StoredRow<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        loop {
            let next = unless_it_panics(|| self.batches.next()).ok_or(DAMAGED.to_owned())?;
            let Some(batch) = next else { return Ok(()) };
            let batch = batch.map_err(|error| error.to_string())?;
            for row in 0..batch.num_rows() {
                take(StoredRow::of(&batch, row)?)?;
            }
        }
    }
}

/// Runs a part of the reader of Parquet, which panics at some damaged files: at lengths below
/// zero, at pages without values. A program keeps that off its standard error by a panic hook.
fn unless_it_panics<T>(run: impl FnOnce() -> T) -> Option<T> {
    // What it leaves behind is not used again.
    catch_unwind(AssertUnwindSafe(run)).ok()
}

impl fmt::Debug for StoredRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredRows").finish_non_exhaustive()
    }
}

impl<'a> StoredRow<'a> {
    fn of(batch: &'a RecordBatch, row: usize) -> Result<StoredRow<'a>, String> {
        let text = |name| {
            Ok::<_, String>(
                cell(batch, name, &DataType::Utf8, row)?
                    .map(|cell| cell.as_string::<i32>().value(row)),
            )
        };
        let offset = cell(batch, "offset", &DataType::Int64, row)?;
        let raw = cell(batch, "raw", &DataType::Binary, row)?;
        Ok(StoredRow {
            file: text("file")?,
            layout: text("layout")?,
            event: text("event")?,
            offset: offset.map(|cell| cell.as_primitive::<Int64Type>().value(row)),
            raw: raw.map(|cell| cell.as_binary::<i32>().value(row)),
            error: text("error")?,
        })
    }
}

/// Returns a column of this type that has a value in this row.
fn cell<'a>(
    batch: &'a RecordBatch,
    name: &str,
    data_type: &DataType,
    row: usize,
) -> Result<Option<&'a dyn Array>, String> {
    let Some(column) = batch.column_by_name(name) else { return Ok(None) };
    if column.data_type() != data_type {
        return Err(ArrowError::SchemaError(format!(
            "column {name} is {} instead of {data_type}",
            column.data_type()
        ))
        .to_string());
    }
    Ok(column.is_valid(row).then_some(&**column))
}
