//! Batches as a Parquet file.

use std::fmt;
use std::io::Write;
use std::sync::Arc;

use ::parquet::arrow::ArrowWriter;
use ::parquet::arrow::arrow_writer::ArrowWriterOptions;
use ::parquet::basic::{Compression, Encoding};
use ::parquet::errors::ParquetError;
use ::parquet::file::metadata::KeyValue;
use ::parquet::file::properties::{EnabledStatistics, WriterProperties};
use ::parquet::schema::types::ColumnPath;
use arrow_array::RecordBatch;

use crate::selection::Selection;

/// Rows in a row group.
const GROUP_ROWS: usize = 1 << 20;
/// Encoded bytes in a row group. Rows with their bytes are larger than others.
const GROUP_BYTES: usize = 6 << 20;

/// Writes batches to a Parquet file, in one pass and in bounded memory.
///
/// Columns are compressed with Snappy. Numbers and times that grow are stored as differences, words
/// and texts with a dictionary.
pub struct ParquetWriter<W: Write + Send> {
    writer: ArrowWriter<W>,
}

impl<W: Write + Send> ParquetWriter<W> {
    /// Begins a file with the columns of the selection.
    ///
    /// # Errors
    ///
    /// A [`ParquetError`] if the beginning of the file cannot be written.
    pub fn new(to: W, selection: &Selection) -> Result<ParquetWriter<W>, ParquetError> {
        let mut properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_max_row_group_row_count(Some(GROUP_ROWS))
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_offset_index_disabled(true)
            .set_created_by(concat!("loginrec ", env!("CARGO_PKG_VERSION")).to_owned());
        for name in selection.growing() {
            let path = ColumnPath::from(name);
            properties = properties
                .set_column_encoding(path.clone(), Encoding::DELTA_BINARY_PACKED)
                .set_column_dictionary_enabled(path, false);
        }
        let raw = ColumnPath::from("raw");
        let properties = properties
            .set_column_dictionary_enabled(raw.clone(), false)
            .set_column_statistics_enabled(raw, EnabledStatistics::None)
            .build();
        // The types of Parquet say everything that the Arrow schema does.
        let options =
            ArrowWriterOptions::new().with_properties(properties).with_skip_arrow_metadata(true);
        let schema = Arc::clone(selection.schema());
        let writer = ArrowWriter::try_new_with_options(to, schema, options)?;
        Ok(ParquetWriter { writer })
    }

    /// Writes a batch.
    ///
    /// # Errors
    ///
    /// A [`ParquetError`] if it has other columns, or cannot be written.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), ParquetError> {
        self.writer.write(batch)?;
        if self.writer.in_progress_size() > GROUP_BYTES {
            self.writer.flush()?;
        }
        Ok(())
    }

    /// Ends the file, with these keys and values as its metadata.
    ///
    /// # Errors
    ///
    /// A [`ParquetError`] if the end of the file cannot be written.
    pub fn finish(mut self, metadata: Vec<(String, String)>) -> Result<W, ParquetError> {
        for (key, value) in metadata {
            self.writer.append_key_value_metadata(KeyValue::new(key, value));
        }
        self.writer.into_inner()
    }
}

impl<W: Write + Send> fmt::Debug for ParquetWriter<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ParquetWriter").finish_non_exhaustive()
    }
}
