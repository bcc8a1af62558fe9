//! Rows as Parquet or as an Arrow stream.

use std::fmt;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use loginrec::contract::{FaultRow, Row};
use loginrec_columns::{BatchBuilder, IpcWriter, ParquetWriter, Selection};

use crate::args::format::ColumnFormat;
use crate::diagnostics::Faults;

/// Rows in a batch.
const BATCH: usize = 1 << 14;
/// Bytes of text at which a batch with fewer rows ends, and after how many rows they are counted.
const LARGE: usize = 16 << 20;
const COUNTED: usize = 64;

/// What is written about a file of rows, besides the rows.
#[derive(Debug, Default)]
pub(crate) struct About {
    /// The sources, as JSON with their checksums.
    pub(crate) sources: String,
}

/// Collects rows in columns and encodes them batch by batch.
pub(crate) struct ColumnEncoder {
    selection: Selection,
    batch: BatchBuilder<'static>,
    writer: Writer,
    encoded: Encoded,
    /// The first error; nothing is written after it.
    error: Option<io::Error>,
}

enum Writer {
    Parquet(Box<ParquetWriter<Encoded>>),
    Arrow(Box<IpcWriter<Encoded>>),
    Failed,
}

/// Encoded bytes on their way to the output.
#[derive(Clone, Default)]
struct Encoded(Arc<Mutex<Vec<u8>>>);

impl Encoded {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Encoded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl ColumnEncoder {
    /// Begins rows of kind `R`, with the bytes of records if they are wanted.
    pub(crate) fn new<R: Row>(format: ColumnFormat, with_raw: bool) -> ColumnEncoder {
        let selection = Selection::everything::<R>(with_raw);
        let encoded = Encoded::default();
        let to = encoded.clone();
        let begun = match format {
            ColumnFormat::Parquet => ParquetWriter::new(to, &selection)
                .map(|writer| Writer::Parquet(Box::new(writer)))
                .map_err(io::Error::other),
            ColumnFormat::Arrow => IpcWriter::new(to, &selection, origin())
                .map(|writer| Writer::Arrow(Box::new(writer)))
                .map_err(io::Error::other),
        };
        let (writer, error) = match begun {
            Ok(writer) => (writer, None),
            Err(error) => (Writer::Failed, Some(error)),
        };
        let batch = BatchBuilder::new(&selection, BATCH);
        ColumnEncoder { selection, batch, writer, encoded, error }
    }

    /// Adds a row; appends encoded bytes if a batch is full.
    #[inline]
    pub(crate) fn row(&mut self, to: &mut Vec<u8>, row: &impl Row) {
        self.batch.push(row);
        if self.is_full() {
            self.encode(to);
        }
    }

    /// Adds a row of another kind.
    pub(crate) fn other_row(&mut self, to: &mut Vec<u8>, row: &impl Row) {
        self.batch.push_other(row);
        if self.is_full() {
            self.encode(to);
        }
    }

    /// Returns whether the batch has as many rows, or as much text, as is encoded at once.
    #[inline]
    fn is_full(&self) -> bool {
        let len = self.batch.len();
        len >= BATCH || len.is_multiple_of(COUNTED) && self.batch.bytes() >= LARGE
    }

    /// Ends the rows: appends those that wait, a row for each fault, and the end of the format.
    pub(crate) fn finish(
        &mut self,
        to: &mut Vec<u8>,
        faults: &Faults,
        about: About,
    ) -> io::Result<()> {
        self.encode(to);
        // Rows of records do not write the column of errors, so these have batches of their own.
        for fault in faults.list() {
            self.batch.push_other(&FaultRow { source: fault.source(), error: &fault.error });
        }
        self.encode(to);
        let ended = match std::mem::replace(&mut self.writer, Writer::Failed) {
            Writer::Parquet(writer) => {
                let mut metadata = origin();
                metadata.push(("loginrec.sources".to_owned(), about.sources));
                writer.finish(metadata).map(drop).map_err(io::Error::other)
            }
            Writer::Arrow(writer) => writer.finish().map(drop).map_err(io::Error::other),
            Writer::Failed => Ok(()),
        };
        to.append(&mut self.encoded.take());
        self.error.take().map_or(ended, Err)
    }

    fn encode(&mut self, to: &mut Vec<u8>) {
        let next = BatchBuilder::new(&self.selection, BATCH);
        let batch = std::mem::replace(&mut self.batch, next);
        if batch.is_empty() || self.error.is_some() {
            return;
        }
        let written =
            batch.finish().map_err(io::Error::other).and_then(|batch| match &mut self.writer {
                Writer::Parquet(writer) => writer.write(&batch).map_err(io::Error::other),
                Writer::Arrow(writer) => writer.write(&batch).map_err(io::Error::other),
                Writer::Failed => Ok(()),
            });
        self.error = written.err();
        to.append(&mut self.encoded.take());
    }
}

impl fmt::Debug for ColumnEncoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ColumnEncoder").field("waiting", &self.batch.len()).finish_non_exhaustive()
    }
}

/// Returns which program wrote the rows, and how it was called.
fn origin() -> Vec<(String, String)> {
    let words = std::env::args_os().skip(1);
    let words: Vec<String> = words.map(|word| word.to_string_lossy().into_owned()).collect();
    let command = serde_json::Value::from(words).to_string();
    let version = env!("CARGO_PKG_VERSION").to_owned();
    vec![("loginrec.version".to_owned(), version), ("loginrec.arguments".to_owned(), command)]
}
