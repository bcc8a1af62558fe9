//! Parts of a source, read in order.

use std::io::{self, Read};
use std::rc::Rc;

use loginrec::read::ReadAt;

/// The bytes of a source from one offset to another.
pub(crate) struct Section {
    source: Rc<dyn ReadAt>,
    at: u64,
    end: u64,
}

impl Section {
    pub(crate) fn new(source: &Rc<dyn ReadAt>, at: u64, end: u64) -> Section {
        Section { source: Rc::clone(source), at, end }
    }

    /// The whole source.
    pub(crate) fn all(source: &Rc<dyn ReadAt>) -> Section {
        Section::new(source, 0, u64::MAX)
    }
}

impl Read for Section {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let len = left.min(buffer.len());
        let read = self.source.read_at(buffer.get_mut(..len).unwrap_or_default(), self.at)?;
        self.at = self.at.saturating_add(read as u64);
        Ok(read)
    }
}
