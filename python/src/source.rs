//! The bytes of one input, and its log and journal if it is a database.
//!
//! A file is read on demand and never mapped: one that shrinks while it is read ends early.

use std::fs::File;
use std::io::{self, ErrorKind, Read as _};
use std::ops::Range;
use std::path::Path;

use loginrec::detect::Sample;
use loginrec::open::path_beside;
use loginrec::read::{Part, ReadAt, read_full_at};
use loginrec_sources::SparseFile;
use pyo3::pybacked::PyBackedBytes;

/// Files up to this size are read at once and closed, because many may be open at a time.
const SMALL: u64 = 1 << 20;
/// Number of bytes that show whether a file may be a database.
const HEAD: usize = 4096;
/// Most bytes read from something other than a regular file (a pipe, a device).
const PIPE_LIMIT: u64 = 1 << 30;

/// An opened input.
pub(crate) struct Source {
    bytes: Bytes,
    /// Its length when it was opened: bytes appended later do not count.
    len: u64,
    /// The write-ahead log and the rollback journal.
    wal: Option<File>,
    journal: Option<File>,
}

enum Bytes {
    Memory(Vec<u8>),
    Python(PyBackedBytes),
    File(SparseFile),
}

impl Source {
    pub(crate) fn open(path: &Path) -> io::Result<Source> {
        let mut file = File::open(path)?;
        let about = file.metadata()?;
        if about.is_dir() {
            return Err(ErrorKind::IsADirectory.into());
        }
        if about.is_file() && about.len() > SMALL {
            let source = Source::new(Bytes::File(SparseFile::new(file)), about.len());
            return source.with_beside(path);
        }
        let mut data = Vec::new();
        file.by_ref().take(PIPE_LIMIT.saturating_add(1)).read_to_end(&mut data)?;
        match data.len() as u64 > PIPE_LIMIT {
            true => Err(io::Error::new(ErrorKind::FileTooLarge, "more than 1 GiB from a pipe")),
            false => Source::memory(data).with_beside(path),
        }
    }

    pub(crate) fn memory(data: Vec<u8>) -> Source {
        let len = data.len() as u64;
        Source::new(Bytes::Memory(data), len)
    }

    pub(crate) fn python(data: PyBackedBytes) -> Source {
        let len = data.len() as u64;
        Source::new(Bytes::Python(data), len)
    }

    fn new(bytes: Bytes, len: u64) -> Source {
        Source { bytes, len, wal: None, journal: None }
    }

    /// Opens the log and the journal, without which the rows of a database may be old or undone.
    fn with_beside(self, path: &Path) -> io::Result<Source> {
        if !Sample::may_be_database(&self.part(0, HEAD)?) {
            return Ok(self);
        }
        let open = |part| {
            let Some(path) = path_beside(path, part) else { return Ok(None) };
            match path.metadata() {
                // A pipe there would wait for a writer.
                Ok(about) if !about.is_file() => Ok(None),
                Ok(_) => File::open(path).map(Some),
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
                Err(error) => Err(error),
            }
        };
        Ok(Source { wal: open(Part::Wal)?, journal: open(Part::Journal)?, ..self })
    }

    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// Reads up to `len` bytes at `at`.
    pub(crate) fn part(&self, at: u64, len: usize) -> io::Result<Vec<u8>> {
        let left = usize::try_from(self.len.saturating_sub(at)).unwrap_or(usize::MAX);
        let mut part = vec![0; len.min(left)];
        let (read, error) = read_full_at(self, &mut part, at);
        part.truncate(read);
        error.map_or(Ok(part), Err)
    }
}

/// Bytes appended after opening are not read.
impl ReadAt for Source {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let left = usize::try_from(self.len.saturating_sub(offset)).unwrap_or(usize::MAX);
        let wanted = buffer.len().min(left);
        let buffer = buffer.get_mut(..wanted).unwrap_or_default();
        match &self.bytes {
            Bytes::File(file) => file.read_at(buffer, offset),
            Bytes::Memory(data) => data.read_at(buffer, offset),
            Bytes::Python(data) => (**data).read_at(buffer, offset),
        }
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.len)
    }

    fn data_after(&self, offset: u64) -> io::Result<Option<Range<u64>>> {
        match &self.bytes {
            Bytes::File(file) => file.data_after(offset),
            _ => Ok(Some(offset..u64::MAX)),
        }
    }

    fn beside(&self, part: Part) -> Option<&dyn ReadAt> {
        let file = match part {
            Part::Wal => self.wal.as_ref(),
            Part::Journal => self.journal.as_ref(),
            _ => None,
        };
        file.map(|file| file as &dyn ReadAt)
    }

    fn in_memory(&self) -> Option<&[u8]> {
        match &self.bytes {
            Bytes::Memory(data) => Some(data),
            Bytes::Python(data) => Some(data),
            Bytes::File(_) => None,
        }
    }
}
