//! Files as batches of columns. Arrays are read on all processors.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use arrow_array::RecordBatch;
use arrow_schema::ArrowError;
use loginrec::contract::Machine;
use loginrec::detect::Detection;
use loginrec::{Container, FileKind, Layout, Records};
use loginrec_columns::{BatchBuilder, FileNames, Selection};

use crate::damage::Fault;
use crate::log_source::Log;
use crate::out::Item;
use crate::work;

/// Records in a batch; up to a chunk more if they differ in size.
const BATCH: usize = 1 << 14;
/// Bytes read at a time. They fit the processor's cache, where their columns are built.
const WINDOW: usize = 256 << 10;
/// Batches that a thread makes before the others are waited for. Those not taken yet are in memory.
const AHEAD: usize = 2;

/// Takes what was made, until it has enough.
type Emit<'a> = dyn FnMut(Item) -> ControlFlow<()> + 'a;

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
    machine: Option<Machine<'a>>,
}

impl<'a> FileBatches<'a> {
    /// Begins a batch with room for `rows` records.
    fn builder(&self, rows: usize) -> BatchBuilder<'a> {
        let batch = BatchBuilder::new(self.selection, rows).of_file(self.names, self.number);
        let batch = batch.of_machine(self.machine);
        match self.user {
            Some(user) => batch.of_user(user),
            None => batch,
        }
    }

    fn extend(&self, batch: &mut BatchBuilder<'_>, records: Records<'_>) {
        batch.extend(self.layout, records, self.kind);
    }
}

/// Makes batches of the records of all files.
pub(crate) fn make(
    logs: &[Arc<Log>],
    selection: &Selection,
    emit: &mut Emit<'_>,
) -> Result<ControlFlow<()>, ArrowError> {
    let names = FileNames::new(logs.iter().map(|log| log.origin.name().unwrap_or_default()));
    for (number, log) in (0_i32..).zip(logs) {
        let Some(layout) = log.layout else { continue };
        // Bytes have no name, and the column has no number for them.
        let number = if log.path().is_some() { number } else { -1 };
        let base = log.origin.base(log.source().is_packed());
        let user = base.as_deref().map(str::as_bytes).filter(|_| layout.platform.is_named_by_user);
        let (kind, machine) = (log.kind(), log.origin.machine());
        let of = FileBatches { layout, kind, selection, names: &names, number, user, machine };
        let is_off_grid = log.detection.as_ref().is_some_and(Detection::is_off_grid);
        let flow = match layout.container {
            Container::Array if !is_off_grid => in_parallel(&of, log, emit)?,
            _ => in_order(&of, log, emit)?,
        };
        if flow.is_break() {
            return Ok(flow);
        }
    }
    Ok(ControlFlow::Continue(()))
}

/// Makes an array's batches: each can be built independently.
fn in_parallel(
    of: &FileBatches<'_>,
    log: &Arc<Log>,
    emit: &mut Emit<'_>,
) -> Result<ControlFlow<()>, ArrowError> {
    let parts = log.source().len().div_ceil((BATCH * of.layout.size) as u64) as usize;
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let group = threads * AHEAD;
    for first in (0..parts).step_by(group) {
        let count = group.min(parts - first);
        let made: Vec<Mutex<Option<_>>> = (0..count).map(|_| Mutex::new(None)).collect();
        let next = AtomicUsize::new(0);
        let work = || {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let Some(place) = made.get(number) else { return };
                let part = part(of, log, (first + number) as u64);
                if let Ok(mut place) = place.lock() {
                    *place = Some(part);
                }
            }
        };
        thread::scope(|scope| {
            for _ in 1..threads.min(count) {
                scope.spawn(work);
            }
            work();
        });
        for part in made {
            let part = part.into_inner().ok().flatten();
            let lost = || ArrowError::ComputeError("a batch was not made".to_owned());
            let Part { batch, fault } = part.ok_or_else(lost)??;
            let mut flow = emit(Item::Batch(batch));
            if let (Some(fault), ControlFlow::Continue(())) = (fault, flow) {
                // The end of the file.
                return Ok(emit(Item::Fault(Arc::clone(log), fault)));
            }
            if work::is_cancelled() {
                flow = ControlFlow::Break(());
            }
            if flow.is_break() {
                return Ok(flow);
            }
        }
    }
    Ok(ControlFlow::Continue(()))
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

/// Makes batches of a file that must be read in order.
fn in_order(
    of: &FileBatches<'_>,
    log: &Arc<Log>,
    emit: &mut Emit<'_>,
) -> Result<ControlFlow<()>, ArrowError> {
    let mut chunks = log.reader.chunks();
    let mut columns = of.builder(0);
    let mut last = None;
    while last.is_none() {
        let mut faults = Vec::new();
        match chunks.next_chunk() {
            Ok(Some(records)) => {
                faults.extend(records.clone().filter_map(Result::err).map(Fault::Framing));
                of.extend(&mut columns, records);
            }
            Ok(None) => last = Some(log.ended(chunks.tail())),
            Err(error) => last = Some(Some(Fault::from(error))),
        }
        for fault in faults {
            if emit(Item::Fault(Arc::clone(log), fault)).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        if columns.len() >= BATCH || last.is_some() && !columns.is_empty() {
            let batch = std::mem::replace(&mut columns, of.builder(0)).finish()?;
            if emit(Item::Batch(batch)).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
    }
    Ok(match last.flatten() {
        Some(fault) => emit(Item::Fault(Arc::clone(log), fault)),
        None => ControlFlow::Continue(()),
    })
}
