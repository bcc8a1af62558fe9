//! Finds records in raw bytes: disk images, memory dumps, unallocated space, damaged files.
//!
//! Nothing marks where a record begins, so this takes three steps. A [`Scanner`] looks at every
//! byte for the pattern of a field: a type number beside a zero byte, or the name of a terminal.
//! Bytes that fit a layout's other numbers are then scored as in [`detect`](crate::detect).
//! [`RunResolver`] puts the candidates in order: neighbors one record apart confirm each other, the
//! better of two overlapping candidates is kept, and candidates below the threshold are dropped.
//!
//! [`RowFinder`] does the same for rows of login databases, with their pages, journals and logs.
//!
//! All work on [`Window`]s of an image, so that images of any size are read in constant memory.
//! The candidates of a window depend on its bytes alone, so that several threads may scan.
//! [`Carver`] does all steps for bytes that arrive in order.
//!
//! ```
//! use loginrec::carve::{Carver, Scanner};
//!
//! let wtmp = include_bytes!("../../fixtures/glibc-s390x/wtmp");
//! let image = [&[0x55; 777][..], &wtmp[..], &[0x55; 333][..]].concat();
//! let mut found = Vec::new();
//! let mut carver = Carver::new(Scanner::default());
//! for piece in image.chunks(4096) {
//!     carver.push(piece, |hit| found.push((hit.record.offset(), hit.record.layout().name)));
//! }
//! carver.finish(|hit| found.push((hit.record.offset(), hit.record.layout().name)));
//! assert_eq!(found[0], (777, "linux-glibc-400-be"));
//! assert_eq!(found[1], (1177, "linux-glibc-400-be"));
//! assert!(found.len() > 30);
//! ```

mod anchor;
mod bound;
mod resolve;
mod rows;
mod scanner;
mod score;
mod walk;

use alloc::vec::Vec;
use core::ops::Range;

pub use self::resolve::RunResolver;
pub use self::rows::RowFinder;
pub use self::scanner::{Candidates, Scanner};
use crate::layout::Layout;
use crate::read::record::Record;

/// A record that was found.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Hit<'a> {
    /// The record. Its offset is the offset in the image; its index counts within the run. The user
    /// id of a lastlog slot is that index, thus relative to the first slot of the run. A row of a
    /// database has a [`row_place`](Record::row_place).
    pub record: Record<'a>,
    /// Evidence in bits, from the record itself and its neighbors in the run: with each bit it is
    /// twice as likely to be a record.
    pub confidence: i32,
    /// The number of the run, from 0 in the order of their first records. Records of one run have
    /// one layout and follow each other without a gap.
    pub run: u64,
    /// Another layout that explains the bytes about as well and decodes them differently.
    pub alternative: Option<&'static Layout>,
}

/// A part of an image, for [`Scanner::scan`] and [`RunResolver`].
#[derive(Clone, Debug)]
pub struct Window<'a> {
    /// Offset of `bytes` in the image.
    offset: u64,
    /// The core and the bytes around it.
    bytes: &'a [u8],
    /// The part of `bytes` in which this window finds the beginnings of records.
    core: Range<usize>,
}

impl<'a> Window<'a> {
    /// Number of bytes that a window needs before its core.
    pub const BEFORE: usize = 16 << 10;
    /// Number of bytes that a window needs after its core.
    pub const AFTER: usize = 8 << 10;

    /// Returns a window over the part of an image that begins at byte `offset`.
    ///
    /// `core` is the part of `bytes` in which records are to begin. Every byte of the image
    /// should be in the core of one window, with [`Window::BEFORE`] bytes before and
    /// [`Window::AFTER`] bytes after it, or as many as the image has. A core that exceeds
    /// `bytes` is cut.
    pub fn new(offset: u64, bytes: &'a [u8], core: Range<usize>) -> Window<'a> {
        let end = core.end.min(bytes.len());
        Window { offset, bytes, core: core.start.min(end)..end }
    }

    /// Returns the same bytes with an empty core at the end of this one, as
    /// [`RunResolver::finish`] takes them.
    #[must_use]
    pub fn end(self) -> Window<'a> {
        Window { core: self.core.end..self.core.end, ..self }
    }

    /// Returns the offset in the image at which the core begins.
    fn core_begin(&self) -> u64 {
        self.offset.saturating_add(self.core.start as u64)
    }

    /// Returns the offset in the image at which the core ends.
    fn core_end(&self) -> u64 {
        self.offset.saturating_add(self.core.end as u64)
    }

    /// Returns `len` bytes of the image; `None` if they are not all in the window.
    fn get(&self, offset: u64, len: usize) -> Option<&[u8]> {
        let at = usize::try_from(offset.checked_sub(self.offset)?).ok()?;
        self.bytes.get(at..at.checked_add(len)?)
    }

    /// Returns the bytes of the image from `offset` on, at most `most`.
    fn from(&self, offset: u64, most: usize) -> &[u8] {
        let at = offset.checked_sub(self.offset).and_then(|at| usize::try_from(at).ok());
        let rest = at.and_then(|at| self.bytes.get(at..)).unwrap_or_default();
        rest.get(..most).unwrap_or(rest)
    }
}

/// Carves bytes that arrive in order: a pipe, or an image read in pieces.
#[derive(Debug)]
pub struct Carver {
    scanner: Scanner,
    runs: RunResolver,
    rows: RowFinder,
    /// Bytes that may still be needed, and their offset in the image.
    kept: Vec<u8>,
    offset: u64,
    /// Number of kept bytes that were in the core of a window.
    done: usize,
}

impl Carver {
    /// Searches for the records of `scanner`, with the default threshold.
    pub fn new(scanner: Scanner) -> Carver {
        let (runs, rows) = (RunResolver::new(&scanner), RowFinder::new(&scanner));
        Carver { scanner, runs, rows, kept: Vec::new(), offset: 0, done: 0 }
    }

    /// Drops hits with less than `bits` of confidence instead of [`RunResolver::THRESHOLD`].
    pub fn min_confidence(mut self, bits: i32) -> Carver {
        self.runs = self.runs.min_confidence(bits);
        self.rows = self.rows.min_confidence(bits);
        self
    }

    /// Searches the next bytes of the image, best some hundred KiB at a time. Calls `found` with
    /// hits: records in the order of offsets, rows of databases in that of their pages.
    pub fn push(&mut self, bytes: &[u8], found: impl FnMut(Hit<'_>)) {
        self.kept.extend_from_slice(bytes);
        let end = self.kept.len().saturating_sub(Window::AFTER);
        if end > self.done {
            self.carve(end, found);
            let spent = end.saturating_sub(Window::BEFORE);
            self.kept.drain(..spent);
            self.offset = self.offset.saturating_add(spent as u64);
            self.done = end.saturating_sub(spent);
        }
    }

    /// Skips a hole: `len` zero bytes of the image.
    pub fn skip(&mut self, len: u64, mut found: impl FnMut(Hit<'_>)) {
        // A record may end in zeros.
        static NEAR: [u8; Window::BEFORE + Window::AFTER] = [0; Window::BEFORE + Window::AFTER];
        let zeros = NEAR.get(..usize::try_from(len).unwrap_or(usize::MAX)).unwrap_or(&NEAR);
        self.push(zeros, &mut found);
        let pushed = zeros.len() as u64;
        let rest = len.saturating_sub(pushed);
        if rest > 0 {
            self.carve(self.kept.len(), found);
            let unseen = self.kept.len().saturating_sub(Window::BEFORE);
            self.offset = self.offset.saturating_add(unseen as u64).saturating_add(rest);
            self.kept.clear();
            self.kept.resize(Window::BEFORE, 0);
            self.done = Window::BEFORE;
        }
    }

    /// Ends the image and reports the remaining hits.
    pub fn finish(mut self, mut found: impl FnMut(Hit<'_>)) {
        self.carve(self.kept.len(), &mut found);
        let end = self.kept.len();
        let window = Window { offset: self.offset, bytes: &self.kept, core: end..end };
        self.runs.finish(&window, found);
    }

    fn carve(&mut self, end: usize, mut found: impl FnMut(Hit<'_>)) {
        let window = Window { offset: self.offset, bytes: &self.kept, core: self.done..end };
        let candidates = self.scanner.scan(&window);
        self.rows.push(&window, &candidates, &mut found);
        self.runs.push(&window, &candidates, found);
        self.done = end;
    }
}
