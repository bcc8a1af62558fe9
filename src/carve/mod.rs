//! Records out of raw bytes: disk images, memory dumps, unallocated space, damaged files.
//!
//! Nothing tells where a record begins or that there is one, so this is done in three
//! steps. A [`Scanner`] looks at every byte for what a type number beside a zero byte, or
//! the name of a terminal, could be the field of; what then fits a layout's other numbers
//! is weighed as [`detect`](crate::detect) weighs it. [`Runs`] puts the candidates in
//! order: neighbours at a record's distance confirm each other, of candidates that overlap
//! the better one is kept, and what stays below the threshold is dropped.
//!
//! Both work on [`Window`]s of an image, so that images of any size are read with constant
//! memory; a window's candidates depend on its bytes alone, so that several threads may
//! scan. [`Carver`] does both for bytes that come one after the other.
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

mod prospect;
mod resolve;
mod scan;
mod signature;
mod weigh;

use alloc::vec::Vec;
use core::ops::Range;

pub use self::resolve::Runs;
pub use self::scan::{Candidates, Scanner};
use crate::layout::Layout;
use crate::record::Record;

/// A record that was found.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Hit<'a> {
    /// The record. Its offset is that in the image; its index counts within the run, and a
    /// user id made of that (in a lastlog) is relative to the run's first slot.
    pub record: Record<'a>,
    /// Evidence in bits, of the record itself and of its neighbours in the run: each makes
    /// it twice as likely to be one.
    pub confidence: i32,
    /// Records of one run have one layout and follow each other without a gap. Numbered
    /// from 0 in the order of their first records.
    pub run: u64,
    /// A layout that explains the bytes about as well and reads them differently.
    pub alternative: Option<&'static Layout>,
}

/// A part of an image.
#[derive(Clone, Debug)]
pub struct Window<'a> {
    /// Where in the image `bytes` begin.
    pub offset: u64,
    /// The core and what is around it.
    pub bytes: &'a [u8],
    /// Where in `bytes` the records begin that this window is to find. Every byte of the
    /// image should be in the core of one window, with [`Window::BEFORE`] and
    /// [`Window::BEHIND`] bytes around it as far as there are any.
    pub core: Range<usize>,
}

impl Window<'_> {
    /// How many bytes before its core a window needs.
    pub const BEFORE: usize = 16 << 10;
    /// How many bytes behind its core a window needs.
    pub const BEHIND: usize = 8 << 10;

    /// Where in the image the core ends.
    fn core_end(&self) -> u64 {
        self.offset.saturating_add(self.core.end as u64)
    }

    /// `len` bytes of the image; `None` if the window has not all of them.
    fn get(&self, offset: u64, len: usize) -> Option<&[u8]> {
        let at = usize::try_from(offset.checked_sub(self.offset)?).ok()?;
        self.bytes.get(at..at.checked_add(len)?)
    }
}

/// Carves bytes that come one after the other: a pipe, or an image read in pieces.
#[derive(Debug)]
pub struct Carver {
    scanner: Scanner,
    runs: Runs,
    /// What may still be needed, and where in the image it begins.
    kept: Vec<u8>,
    offset: u64,
    /// How much of it was the core of a window.
    done: usize,
}

impl Carver {
    /// Looks for what `scanner` looks for, with the default threshold.
    pub fn new(scanner: Scanner) -> Carver {
        let runs = Runs::new(&scanner);
        Carver { scanner, runs, kept: Vec::new(), offset: 0, done: 0 }
    }

    /// Drops hits of less confidence than `bits` instead of [`Runs::THRESHOLD`].
    pub fn min_confidence(mut self, bits: i32) -> Carver {
        self.runs = self.runs.min_confidence(bits);
        self
    }

    /// Looks at the next bytes of the image; pieces of some hundred KiB are best. Hands
    /// what is found to `found` in the order of offsets.
    pub fn push(&mut self, bytes: &[u8], found: impl FnMut(Hit<'_>)) {
        self.kept.extend_from_slice(bytes);
        let end = self.kept.len().saturating_sub(Window::BEHIND);
        if end > self.done {
            self.carve(end, found);
            let spent = end.saturating_sub(Window::BEFORE);
            self.kept.drain(..spent);
            self.offset = self.offset.saturating_add(spent as u64);
            self.done = end.saturating_sub(spent);
        }
    }

    /// Passes over a hole: `len` bytes of the image that are zero.
    pub fn skip(&mut self, len: u64, mut found: impl FnMut(Hit<'_>)) {
        // A record may end in zeros.
        static NEAR: [u8; Window::BEFORE + Window::BEHIND] = [0; Window::BEFORE + Window::BEHIND];
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

    /// Ends the image.
    pub fn finish(mut self, mut found: impl FnMut(Hit<'_>)) {
        self.carve(self.kept.len(), &mut found);
        let end = self.kept.len();
        let window = Window { offset: self.offset, bytes: &self.kept, core: end..end };
        self.runs.finish(&window, found);
    }

    fn carve(&mut self, end: usize, found: impl FnMut(Hit<'_>)) {
        let window = Window { offset: self.offset, bytes: &self.kept, core: self.done..end };
        let candidates = self.scanner.scan(&window);
        self.runs.push(&window, &candidates, found);
        self.done = end;
    }
}
