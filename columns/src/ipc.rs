//! Batches as a stream of Arrow's interprocess format.

use std::collections::HashMap;
use std::fmt;
use std::io::Write;

use arrow_array::RecordBatch;
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{ArrowError, Schema};

use crate::selection::Selection;

/// Writes batches as an Arrow IPC stream.
pub struct IpcWriter<W: Write> {
    writer: StreamWriter<W>,
}

impl<W: Write> IpcWriter<W> {
    /// Begins a stream with the columns of the selection, and with these keys and values in its
    /// schema.
    ///
    /// # Errors
    ///
    /// An [`ArrowError`] if the schema cannot be written.
    pub fn new(
        to: W,
        selection: &Selection,
        metadata: Vec<(String, String)>,
    ) -> Result<IpcWriter<W>, ArrowError> {
        let metadata: HashMap<String, String> = metadata.into_iter().collect();
        let schema = Schema::clone(selection.schema()).with_metadata(metadata);
        Ok(IpcWriter { writer: StreamWriter::try_new(to, &schema)? })
    }

    /// Writes a batch.
    ///
    /// # Errors
    ///
    /// An [`ArrowError`] if it has other columns, or cannot be written.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), ArrowError> {
        self.writer.write(batch)
    }

    /// Ends the stream.
    ///
    /// # Errors
    ///
    /// An [`ArrowError`] if the end cannot be written.
    pub fn finish(self) -> Result<W, ArrowError> {
        self.writer.into_inner()
    }
}

impl<W: Write> fmt::Debug for IpcWriter<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IpcWriter").finish_non_exhaustive()
    }
}
