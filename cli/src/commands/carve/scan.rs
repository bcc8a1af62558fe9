//! Scans an image window by window, with several threads, in its order.

use std::io;

use loginrec::carve::{Candidates, Hit, RowFinder, RunResolver, Scanner};

use crate::commands::carve::image::{Image, ImageChunk};
use crate::input::buffer::Buffer;
use crate::input::parallel::{OrderedJob, run_ordered};

/// A report while the image is read.
pub(crate) enum ScanEvent<'a> {
    Hit(Hit<'a>),
    /// Number of bytes done.
    Done(u64),
    /// Bytes that could not be read and count as zeros: number and error.
    Unreadable(u64, io::Error),
}

/// A window with its candidates.
struct Scanned {
    chunk: ImageChunk,
    candidates: Candidates,
}

/// Scans `source` and calls `report` in the order of offsets, whatever the number of threads. Ends
/// early if `report` fails.
pub(crate) fn scan(
    scanner: &Scanner,
    least: i32,
    threads: usize,
    source: Image,
    report: &mut impl FnMut(ScanEvent<'_>) -> io::Result<()>,
) -> io::Result<()> {
    let file = source.share()?;
    let runs = RunResolver::new(scanner).min_confidence(least);
    let rows = RowFinder::new(scanner).min_confidence(least);
    let mut taking = Taking { source, runs, rows, last: None, spare: Vec::new(), report };
    run_ordered(threads, &mut taking, || {
        |mut chunk: ImageChunk| {
            chunk.fill(file.as_ref());
            let candidates = scanner.scan(&chunk.window());
            Scanned { chunk, candidates }
        }
    })?;
    taking.end()
}

/// Resolves the candidates of the windows.
struct Taking<'a, T> {
    source: Image,
    runs: RunResolver,
    rows: RowFinder,
    last: Option<ImageChunk>,
    /// Buffers for reuse.
    spare: Vec<Buffer>,
    report: &'a mut T,
}

impl<T: FnMut(ScanEvent<'_>) -> io::Result<()>> OrderedJob for Taking<'_, T> {
    type Work = ImageChunk;
    type Done = Scanned;

    fn next(&mut self) -> Option<ImageChunk> {
        self.source.next(self.spare.pop().unwrap_or_default())
    }

    fn take(&mut self, scanned: Scanned) -> io::Result<()> {
        let Scanned { mut chunk, candidates } = scanned;
        if let Some(error) = chunk.error.take() {
            (self.report)(ScanEvent::Unreadable(chunk.core_offset(), error))?;
        }
        let (report, mut result) = (&mut self.report, Ok(()));
        let mut found = |hit: Hit<'_>| {
            if result.is_ok() {
                result = report(ScanEvent::Hit(hit));
            }
        };
        self.rows.push(&chunk.window(), &candidates, &mut found);
        self.runs.push(&chunk.window(), &candidates, found);
        result?;
        (self.report)(ScanEvent::Done(chunk.core_end()))?;
        self.spare.extend(self.last.replace(chunk).map(ImageChunk::into_bytes));
        Ok(())
    }
}

impl<T: FnMut(ScanEvent<'_>) -> io::Result<()>> Taking<'_, T> {
    fn end(self) -> io::Result<()> {
        let Some(chunk) = self.last else { return Ok(()) };
        let mut result = Ok(());
        self.runs.finish(&chunk.window().end(), |hit| {
            if result.is_ok() {
                result = (self.report)(ScanEvent::Hit(hit));
            }
        });
        result
    }
}
