//! Reading a file that several threads read, each at its own place.

use std::fs::File;
use std::io::{self, Read};

/// A file from a place on. The place that the file itself has is not used; where the system
/// cannot do without (Windows), it is moved.
#[derive(Debug)]
pub(crate) struct Positioned<'f> {
    file: &'f File,
    offset: u64,
}

impl<'f> Positioned<'f> {
    /// Whether the system has calls for that.
    pub(crate) const IS_POSSIBLE: bool = cfg!(any(unix, windows));

    pub(crate) fn new(file: &'f File, offset: u64) -> Positioned<'f> {
        Positioned { file, offset }
    }
}

impl Read for Positioned<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = read_at(self.file, buffer, self.offset)?;
        self.offset = self.offset.saturating_add(read as u64);
        Ok(read)
    }
}

#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    use std::os::unix::fs::FileExt as _;
    file.read_at(buffer, offset)
}

#[cfg(windows)]
fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    use std::os::windows::fs::FileExt as _;
    file.seek_read(buffer, offset)
}

#[cfg(not(any(unix, windows)))]
fn read_at(_: &File, _: &mut [u8], _: u64) -> io::Result<usize> {
    Err(io::ErrorKind::Unsupported.into())
}
