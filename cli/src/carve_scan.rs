//! An image through the scanner: window by window, by several threads, in its order.

use std::io;

use loginrec::carve::{Candidates, Hit, Runs, Scanner, Window};

use crate::buffer::Buffer;
use crate::carve_source::{Piece, Source};
use crate::workers::{Flow, in_order};

/// What is told while the image is read.
pub(crate) enum Told<'a> {
    Hit(Hit<'a>),
    /// So many bytes are done.
    Done(u64),
    /// Some could not be read and count as zeros.
    Unreadable(u64, io::Error),
}

/// A window that was scanned.
struct Scanned {
    piece: Piece,
    candidates: Candidates,
}

/// Looks through `source` and tells what there is in the order of offsets, whatever the
/// number of threads. Ends early if `tell` fails.
pub(crate) fn scan(
    scanner: &Scanner,
    least: i32,
    threads: usize,
    source: Source,
    tell: &mut impl FnMut(Told<'_>) -> io::Result<()>,
) -> io::Result<()> {
    let file = source.share()?;
    let runs = Runs::new(scanner).min_confidence(least);
    let mut taking = Taking { source, runs, last: None, spare: Vec::new(), tell };
    in_order(threads, &mut taking, || {
        |mut piece: Piece| {
            piece.fill(file.as_ref());
            let candidates = scanner.scan(&piece.window());
            Scanned { piece, candidates }
        }
    })?;
    taking.end()
}

/// Puts the windows together.
struct Taking<'a, T> {
    source: Source,
    runs: Runs,
    last: Option<Piece>,
    /// What pieces were in.
    spare: Vec<Buffer>,
    tell: &'a mut T,
}

impl<T: FnMut(Told<'_>) -> io::Result<()>> Flow for Taking<'_, T> {
    type Work = Piece;
    type Done = Scanned;

    fn next(&mut self) -> Option<Piece> {
        self.source.next(self.spare.pop().unwrap_or_default())
    }

    fn take(&mut self, scanned: Scanned) -> io::Result<()> {
        let Scanned { mut piece, candidates } = scanned;
        if let Some(error) = piece.error.take() {
            (self.tell)(Told::Unreadable(piece.core_offset(), error))?;
        }
        let mut told = Ok(());
        self.runs.push(&piece.window(), &candidates, |hit| {
            if told.is_ok() {
                told = (self.tell)(Told::Hit(hit));
            }
        });
        told?;
        (self.tell)(Told::Done(piece.core_end()))?;
        self.spare.extend(self.last.replace(piece).map(Piece::into_bytes));
        Ok(())
    }
}

impl<T: FnMut(Told<'_>) -> io::Result<()>> Taking<'_, T> {
    fn end(self) -> io::Result<()> {
        let Some(piece) = self.last else { return Ok(()) };
        let end = piece.window().core.end;
        let window = Window { core: end..end, ..piece.window() };
        let mut told = Ok(());
        self.runs.finish(&window, |hit| {
            if told.is_ok() {
                told = (self.tell)(Told::Hit(hit));
            }
        });
        told
    }
}
