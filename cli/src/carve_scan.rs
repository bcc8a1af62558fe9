//! An image through the scanner: window by window, by several threads, in its order.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind, Read};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use loginrec::carve::{Candidates, Hit, Runs, Scanner, Window};

use crate::carve_source::{Piece, Source};

/// Bytes of an image that are scanned together.
pub(crate) const CORE: usize = 1 << 20;

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
    mut source: Source,
    tell: &mut impl FnMut(Told<'_>) -> io::Result<()>,
) -> io::Result<()> {
    let mut taking = Taking { runs: Runs::new(scanner).min_confidence(least), last: None, tell };
    if threads < 2 {
        while let Some(mut piece) = source.next() {
            piece.fill(source.file());
            let candidates = scanner.scan(&piece.window());
            taking.take(Scanned { piece, candidates })?;
        }
        return taking.end();
    }
    let file = source.share()?;
    let (to_scan, work) = channel::<(u64, Piece)>();
    let work = Mutex::new(work);
    let (finished, results) = channel::<(u64, Scanned)>();
    thread::scope(|scope| {
        for _ in 0..threads {
            let (work, finished, file) = (&work, finished.clone(), file.as_ref());
            scope.spawn(move || worker(scanner, work, &finished, file));
        }
        drop(finished);
        let (mut given, mut taken) = (0, 0);
        let mut early: BTreeMap<u64, Scanned> = BTreeMap::new();
        loop {
            // Enough that nobody waits, not more than there is memory for.
            while given - taken < 2 * threads as u64 {
                let Some(piece) = source.next() else { break };
                if to_scan.send((given, piece)).is_err() {
                    break;
                }
                given += 1;
            }
            if given == taken {
                break;
            }
            let Ok((number, scanned)) = results.recv() else { break };
            early.insert(number, scanned);
            while let Some(scanned) = early.remove(&taken) {
                taken += 1;
                taking.take(scanned)?;
            }
        }
        drop(to_scan);
        taking.end()
    })
}

fn worker(
    scanner: &Scanner,
    work: &Mutex<Receiver<(u64, Piece)>>,
    finished: &Sender<(u64, Scanned)>,
    file: Option<&std::fs::File>,
) {
    loop {
        let next = work.lock().map(|work| work.recv());
        let Ok(Ok((number, mut piece))) = next else { return };
        piece.fill(file);
        let candidates = scanner.scan(&piece.window());
        if finished.send((number, Scanned { piece, candidates })).is_err() {
            return;
        }
    }
}

/// Puts the windows together.
struct Taking<'a, T> {
    runs: Runs,
    last: Option<Piece>,
    tell: &'a mut T,
}

impl<T: FnMut(Told<'_>) -> io::Result<()>> Taking<'_, T> {
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
        self.last = Some(piece);
        Ok(())
    }

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

/// Reads until `buffer` is full or there is no more: how much, and why not all.
pub(crate) fn read_full(input: &mut dyn Read, buffer: &mut [u8]) -> (usize, Option<io::Error>) {
    let mut done = 0;
    while let Some(rest) = buffer.get_mut(done..).filter(|rest| !rest.is_empty()) {
        match input.read(rest) {
            Ok(0) => break,
            Ok(read) => done += read,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return (done, Some(error)),
        }
    }
    (done, None)
}
