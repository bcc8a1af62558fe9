//! Members of archives, which are not files of this host.

use std::fs::File;
use std::io::{self, Read};
use std::ops::Range;
use std::rc::Rc;

use loginrec::read::ReadAt;

/// The bytes of a member, read in order or at any offset.
#[derive(Clone)]
pub(crate) struct HeldFile {
    bytes: Rc<dyn ReadAt>,
    position: u64,
}

impl HeldFile {
    pub(crate) fn new(bytes: Rc<dyn ReadAt>) -> HeldFile {
        HeldFile { bytes, position: 0 }
    }
}

impl Read for HeldFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.bytes.read_at(buffer, self.position)?;
        self.position = self.position.saturating_add(read as u64);
        Ok(read)
    }
}

impl ReadAt for HeldFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.bytes.read_at(buffer, offset)
    }

    fn size(&self) -> io::Result<u64> {
        self.bytes.size()
    }

    fn data_after(&self, offset: u64) -> io::Result<Option<Range<u64>>> {
        self.bytes.data_after(offset)
    }
}

/// A file of this host, or a member.
pub(crate) enum Plain {
    File(File),
    Held(HeldFile),
}

impl Plain {
    /// Returns another handle of it.
    pub(crate) fn try_clone(&self) -> io::Result<Plain> {
        Ok(match self {
            Plain::File(file) => Plain::File(file.try_clone()?),
            Plain::Held(held) => Plain::Held(held.clone()),
        })
    }
}

impl ReadAt for Plain {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        match self {
            Plain::File(file) => file.read_at(buffer, offset),
            Plain::Held(held) => held.read_at(buffer, offset),
        }
    }

    fn size(&self) -> io::Result<u64> {
        match self {
            Plain::File(file) => file.size(),
            Plain::Held(held) => held.size(),
        }
    }
}

impl std::fmt::Debug for Plain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Plain::File(file) => file.fmt(f),
            Plain::Held(_) => f.write_str("Held"),
        }
    }
}
