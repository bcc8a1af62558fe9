//! Files as batches of columns: those of records of one size on all processors.

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use arrow_schema::{ArrowError, SchemaRef};
use loginrec::Framing;

use crate::columns::{BATCH, Column, Columns, FileColumns};
use crate::damage::Fault;
use crate::opened::{Log, ended};
use crate::source::Source;

/// Bytes read at a time. They stay in the processor's cache until their columns are made.
const WINDOW: usize = 256 << 10;

/// Faults with the files they are in.
pub(crate) type Faults<'a> = Vec<(&'a Log, Fault)>;

/// Adds the records of all files to `batches`.
pub(crate) fn make<'a>(
    logs: &'a [Arc<Log>],
    chosen: &[Column],
    schema: &SchemaRef,
    batches: &mut Vec<RecordBatch>,
) -> Result<Faults<'a>, ArrowError> {
    let paths = logs.iter().map(|log| log.path().map(Path::to_string_lossy));
    let names: ArrayRef =
        Arc::new(paths.map(Option::unwrap_or_default).map(Some).collect::<StringArray>());
    let mut faults = Vec::new();
    for (number, log) in (0_i32..).zip(logs) {
        let Some(layout) = log.layout else { continue };
        let file = log.path().map(|_| number);
        let of = FileColumns { layout, kind: log.kind(), chosen, schema, file, names: &names };
        let found = match layout.framing {
            Framing::Fixed => in_parallel(&of, &log.source, batches)?,
            _ => in_order(&of, log, batches)?,
        };
        faults.extend(found.into_iter().map(|fault| (&**log, fault)));
    }
    Ok(faults)
}

/// Records of one size: every batch can be made without those before it.
fn in_parallel(
    of: &FileColumns<'_>,
    source: &Source,
    batches: &mut Vec<RecordBatch>,
) -> Result<Vec<Fault>, ArrowError> {
    let parts = source.len().div_ceil((BATCH * of.layout.size) as u64) as usize;
    let made: Vec<Mutex<Option<_>>> = (0..parts).map(|_| Mutex::new(None)).collect();
    let next = AtomicUsize::new(0);
    let work = || {
        let mut window = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(place) = made.get(number) else { return };
            let part = part(of, source, number as u64, &mut window);
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
            break; // Nothing follows.
        }
    }
    Ok(faults)
}

/// A batch, and what kept more records from being in it.
struct Part {
    batch: RecordBatch,
    fault: Option<Fault>,
}

/// The batch with this number, read into `window` piece by piece.
fn part(
    of: &FileColumns<'_>,
    source: &Source,
    number: u64,
    window: &mut Vec<u8>,
) -> Result<Part, ArrowError> {
    let size = of.layout.size;
    let begin = number.saturating_mul((BATCH * size) as u64);
    let end = begin.saturating_add((BATCH * size) as u64).min(source.len());
    let mut columns = Columns::new(of, ((end - begin) / size as u64) as usize);
    let mut fault = None;
    let step = (WINDOW / size).max(1) * size;
    window.resize(step, 0);
    let mut at = begin;
    while at < end && fault.is_none() {
        let len = usize::try_from(end - at).unwrap_or(step).min(step);
        let data = match window_at(source, at, len, window) {
            Ok(data) => data,
            Err(error) => {
                fault = Some(Fault::Unread(error));
                break;
            }
        };
        let records = of.layout.records_at(data, at, at / size as u64);
        fault = match data.len() < len {
            true => Some(Fault::Shrunk { offset: at + data.len() as u64 }),
            // Only the end can be cut short.
            false if len % size > 0 => {
                records.clone().next_back().and_then(Result::err).map(Fault::Framing)
            }
            false => None,
        };
        columns.extend(records);
        at += len as u64;
    }
    Ok(Part { batch: columns.finish()?, fault })
}

fn window_at<'a>(
    source: &'a Source,
    at: u64,
    len: usize,
    window: &'a mut [u8],
) -> io::Result<&'a [u8]> {
    if let Some(data) = source.in_memory() {
        let at = usize::try_from(at).unwrap_or(usize::MAX);
        return Ok(data.get(at..).and_then(|data| data.get(..len)).unwrap_or_default());
    }
    let window = window.get_mut(..len).unwrap_or_default();
    let read = source.read_at(window, at)?;
    Ok(window.get(..read).unwrap_or_default())
}

/// Records that have to be looked for.
fn in_order(
    of: &FileColumns<'_>,
    log: &Log,
    batches: &mut Vec<RecordBatch>,
) -> Result<Vec<Fault>, ArrowError> {
    let mut faults = Vec::new();
    let Some(mut stream) = log.stream() else { return Ok(faults) };
    let mut columns = Columns::new(of, 0);
    loop {
        match stream.next_window() {
            Ok(Some(records)) => {
                faults.extend(records.clone().filter_map(Result::err).map(Fault::Framing));
                columns.extend(records);
            }
            Ok(None) => {
                faults.extend(ended(stream.get_ref()));
                break;
            }
            Err(error) => {
                faults.push(Fault::from(error));
                break;
            }
        }
        if columns.len() >= BATCH {
            batches.push(std::mem::replace(&mut columns, Columns::new(of, 0)).finish()?);
        }
    }
    if columns.len() > 0 {
        batches.push(columns.finish()?);
    }
    Ok(faults)
}
