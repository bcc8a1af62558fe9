//! The bytes of one input. A file is read where and when its records are wanted and never
//! mapped: one that is cut short meanwhile ends early, and does no other harm.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use pyo3::pybacked::PyBackedBytes;

use crate::holes;

/// Files up to this size are read at once and closed: many may be open at a time.
const SMALL: u64 = 1 << 20;
/// How much is read from what is no regular file (a pipe, a device).
const PIPE_LIMIT: u64 = 1 << 30;

/// What a caller handed in, opened.
pub(crate) struct Source {
    bytes: Bytes,
    /// How many there were when it was opened: what is appended later does not count.
    len: u64,
}

enum Bytes {
    Memory(Vec<u8>),
    Python(PyBackedBytes),
    File(File),
}

impl Source {
    pub(crate) fn open(path: &Path) -> io::Result<Source> {
        let mut file = File::open(path)?;
        let about = file.metadata()?;
        if about.is_dir() {
            return Err(ErrorKind::IsADirectory.into());
        }
        if about.is_file() && about.len() > SMALL {
            return Ok(Source { bytes: Bytes::File(file), len: about.len() });
        }
        let mut data = Vec::new();
        file.by_ref().take(PIPE_LIMIT.saturating_add(1)).read_to_end(&mut data)?;
        match data.len() as u64 > PIPE_LIMIT {
            true => Err(io::Error::new(ErrorKind::FileTooLarge, "more than 1 GiB from a pipe")),
            false => Ok(Source::memory(data)),
        }
    }

    pub(crate) fn memory(data: Vec<u8>) -> Source {
        Source { len: data.len() as u64, bytes: Bytes::Memory(data) }
    }

    pub(crate) fn python(data: PyBackedBytes) -> Source {
        Source { len: data.len() as u64, bytes: Bytes::Python(data) }
    }

    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// All bytes, if they lie in memory.
    pub(crate) fn in_memory(&self) -> Option<&[u8]> {
        match &self.bytes {
            Bytes::Memory(data) => Some(data),
            Bytes::Python(data) => Some(data),
            Bytes::File(_) => None,
        }
    }

    /// Fills `buffer` from a place on. Less than that is there only at the end.
    pub(crate) fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        let left = usize::try_from(self.len.saturating_sub(at)).unwrap_or(usize::MAX);
        let wanted = buffer.len().min(left);
        let mut filled = 0;
        while let Some(rest) = buffer.get_mut(filled..wanted).filter(|rest| !rest.is_empty()) {
            match self.read_some(rest, at.saturating_add(filled as u64)) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(filled)
    }

    fn read_some(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        match (&self.bytes, self.in_memory()) {
            (Bytes::File(file), _) => read_file(file, buffer, at),
            (_, data) => {
                let at = usize::try_from(at).unwrap_or(usize::MAX);
                data.and_then(|data| data.get(at..)).unwrap_or_default().read(buffer)
            }
        }
    }

    /// As [`Source::read_at`], up to `len` bytes of their own.
    pub(crate) fn part(&self, at: u64, len: usize) -> io::Result<Vec<u8>> {
        let left = usize::try_from(self.len.saturating_sub(at)).unwrap_or(usize::MAX);
        let mut part = vec![0; len.min(left)];
        let read = self.read_at(&mut part, at)?;
        part.truncate(read);
        Ok(part)
    }

    pub(crate) fn reader(self: &Arc<Source>) -> Reader {
        Reader { source: Arc::clone(self), at: 0 }
    }
}

/// Leaves the position of the file alone where the system can: others read it too, and ask
/// for places.
#[cfg(unix)]
fn read_file(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, at)
}

#[cfg(windows)]
fn read_file(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, at)
}

/// Reads a source from its beginning; any number of them at the same time.
pub(crate) struct Reader {
    source: Arc<Source>,
    at: u64,
}

impl Reader {
    /// If less was there in the end than in the beginning: how much. To be asked at the end.
    pub(crate) fn ended_early(&self) -> Option<u64> {
        (self.at < self.source.len).then_some(self.at)
    }

    /// The next part that is not a hole.
    pub(crate) fn next_data(&mut self, at: u64) -> io::Result<Option<Range<u64>>> {
        Ok(match &self.source.bytes {
            Bytes::File(file) => holes::next_data(file, at),
            _ => Some(at..u64::MAX),
        })
    }
}

impl Read for Reader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read_at(buffer, self.at)?;
        self.at = self.at.saturating_add(read as u64);
        Ok(read)
    }
}

impl Seek for Reader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => self.source.len.checked_add_signed(by),
        };
        self.at = at.ok_or(ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}
