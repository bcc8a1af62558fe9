//! Files as batches of columns. Arrays are read on all processors.

use std::ffi::OsStr;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use arrow_array::RecordBatch;
use arrow_schema::ArrowError;
use loginrec::{Container, FileKind, Layout, Records};
use loginrec_columns::{BatchBuilder, FileNames, Selection};

use crate::damage::Fault;
use crate::log_source::Log;

/// Records in a batch; up to a chunk more if they differ in size.
const BATCH: usize = 1 << 14;
/// Bytes read at a time. They fit the processor's cache, where their columns are built.
const WINDOW: usize = 256 << 10;

/// Faults, each with its file.
pub(crate) type Faults<'a> = Vec<(&'a Log, Fault)>;

/// The settings that all batches of a file share.
struct FileBatches<'a> {
    layout: &'static Layout,
    kind: Option<FileKind>,
    selection: &'a Selection,
    /// The paths of all files; the next field is the number of this one.
    names: &'a FileNames,
    number: i32,
    /// The user whom the file is named after.
    user: Option<&'a [u8]>,
}

impl<'a> FileBatches<'a> {
    /// Begins a batch with room for `rows` records.
    fn builder(&self, rows: usize) -> BatchBuilder<'a> {
        let batch = BatchBuilder::new(self.selection, rows).of_file(self.names, self.number);
        match self.user {
            Some(user) => batch.of_user(user),
            None => batch,
        }
    }

    fn extend(&self, batch: &mut BatchBuilder<'_>, records: Records<'_>) {
        batch.extend(self.layout, records, self.kind);
    }
}

/// Adds the records of all files to `batches`.
pub(crate) fn make<'a>(
    logs: &'a [Arc<Log>],
    selection: &Selection,
    batches: &mut Vec<RecordBatch>,
) -> Result<Faults<'a>, ArrowError> {
    let paths = logs.iter().map(|log| log.path().map(Path::to_string_lossy));
    let names = FileNames::new(paths.map(Option::unwrap_or_default));
    let mut faults = Vec::new();
    for (number, log) in (0_i32..).zip(logs) {
        let Some(layout) = log.layout else { continue };
        // Bytes have no name, and the column has no number for them.
        let number = if log.path().is_some() { number } else { -1 };
        let file = log.path().and_then(Path::file_name).map(OsStr::as_encoded_bytes);
        let user = file.filter(|_| layout.platform.is_named_by_user);
        let of = FileBatches { layout, kind: log.kind(), selection, names: &names, number, user };
        let found = match layout.container {
            Container::Array => in_parallel(&of, log, batches)?,
            _ => in_order(&of, log, batches)?,
        };
        faults.extend(found.into_iter().map(|fault| (&**log, fault)));
    }
    Ok(faults)
}

/// Adds an array's records: each of its batches can be built independently.
fn in_parallel(
    of: &FileBatches<'_>,
    log: &Log,
    batches: &mut Vec<RecordBatch>,
) -> Result<Vec<Fault>, ArrowError> {
    let parts = log.source().len().div_ceil((BATCH * of.layout.size) as u64) as usize;
    let made: Vec<Mutex<Option<_>>> = (0..parts).map(|_| Mutex::new(None)).collect();
    let next = AtomicUsize::new(0);
    let work = || {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(place) = made.get(number) else { return };
            let part = part(of, log, number as u64);
            if let Ok(mut place) = place.lock() {
                *place = Some(part);
            }
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from).min(parts);
    thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(work);
        }
        work();
    });
    let mut faults = Vec::new();
    for part in made {
        let part = part.into_inner().ok().flatten();
        let lost = || ArrowError::ComputeError("a batch was not made".to_owned());
        let Part { batch, fault } = part.ok_or_else(lost)??;
        batches.push(batch);
        if let Some(fault) = fault {
            faults.push(fault);
            break; // The end of the file.
        }
    }
    Ok(faults)
}

/// A batch, and the fault that ended it early.
struct Part {
    batch: RecordBatch,
    fault: Option<Fault>,
}

/// Builds the batch with this number.
fn part(of: &FileBatches<'_>, log: &Log, number: u64) -> Result<Part, ArrowError> {
    let (len, size) = (log.source().len(), of.layout.size as u64);
    let first = number.saturating_mul(BATCH as u64);
    let next = first.saturating_add(BATCH as u64);
    let end = next.saturating_mul(size).min(len);
    let records = end.saturating_sub(first.saturating_mul(size)) / size;
    let mut columns = of.builder(records as usize);
    let mut fault = None;
    if let Some(chunks) = log.reader.range(first..next) {
        let mut chunks = chunks.chunk_size(WINDOW);
        loop {
            match chunks.next_chunk() {
                Ok(Some(records)) => {
                    // Only the last record can be truncated.
                    let last = records.clone().next_back();
                    fault = last.and_then(Result::err).map(Fault::Framing);
                    of.extend(&mut columns, records);
                }
                Ok(None) => {
                    fault = log.ended_before(chunks.tail(), end).or(fault);
                    break;
                }
                Err(error) => {
                    fault = Some(Fault::from(error));
                    break;
                }
            }
        }
    }
    Ok(Part { batch: columns.finish()?, fault })
}

/// Adds the records of a file that must be read in order.
fn in_order(
    of: &FileBatches<'_>,
    log: &Log,
    batches: &mut Vec<RecordBatch>,
) -> Result<Vec<Fault>, ArrowError> {
    let mut faults = Vec::new();
    let mut chunks = log.reader.chunks();
    let mut columns = of.builder(0);
    loop {
        match chunks.next_chunk() {
            Ok(Some(records)) => {
                faults.extend(records.clone().filter_map(Result::err).map(Fault::Framing));
                of.extend(&mut columns, records);
            }
            Ok(None) => {
                faults.extend(log.ended(chunks.tail()));
                break;
            }
            Err(error) => {
                faults.push(Fault::from(error));
                break;
            }
        }
        if columns.len() >= BATCH {
            batches.push(std::mem::replace(&mut columns, of.builder(0)).finish()?);
        }
    }
    if !columns.is_empty() {
        batches.push(columns.finish()?);
    }
    Ok(faults)
}
