//! The bytes of one input, and its log and journal if it is a database.
//!
//! A file is read on demand and never mapped: one that shrinks while it is read ends early. What is
//! compressed, or can be read only once, is copied to a [`Spool`].

use std::fs::{self, File};
use std::io::{self, Cursor, ErrorKind, Read, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use loginrec::detect::Sample;
use loginrec::open::path_beside;
use loginrec::read::{Part, ReadAt, read_full_at};
use loginrec_sources::{Compression, SparseFile, Spool, open_evidence};
use pyo3::pybacked::PyBackedBytes;

use crate::work;

/// Files up to this size are read at once and closed, because many may be open at a time.
const SMALL: u64 = 1 << 20;
/// Number of bytes that show whether a file may be a database.
const HEAD: usize = 4096;
/// Most bytes of something that is compressed or can be read only once.
const LIMIT: u64 = 4 << 30;
/// Number of open files from which on others are opened each time they are read.
const MANY: usize = 128;
/// Bytes of files in memory from which on others are not read at once.
const FULL: usize = 64 << 20;

/// Files that are open, and bytes of files in memory.
static OPEN: AtomicUsize = AtomicUsize::new(0);
static HELD: AtomicUsize = AtomicUsize::new(0);

/// An opened input.
pub(crate) struct Source {
    bytes: Bytes,
    /// Its length when it was opened: bytes appended later do not count.
    len: u64,
    /// Why compressed data ended early.
    ended: Option<String>,
    /// Whether it was compressed.
    is_packed: bool,
    /// Whether it is a file of this host as it stands.
    is_file: bool,
    /// The write-ahead log and the rollback journal.
    wal: Option<Box<Source>>,
    journal: Option<Box<Source>>,
}

enum Bytes {
    Memory(Vec<u8>),
    Python(PyBackedBytes),
    File(SparseFile),
    /// Opened for each reading, because many files are.
    Path(PathBuf),
    Spool(Mutex<Spool>),
}

impl Source {
    pub(crate) fn open(path: &Path) -> io::Result<Source> {
        let about = fs::metadata(path)?;
        if about.is_dir() {
            return Err(ErrorKind::IsADirectory.into());
        }
        if !about.is_file() {
            return Source::of_reader(File::open(path)?);
        }
        let mut file = open_evidence(path)?;
        let len = file.metadata()?.len();
        let mut head = [0; 16];
        let (read, error) = read_full_at(&file, &mut head, 0);
        error.map_or(Ok(()), Err)?;
        if let Some(compression) = Compression::detect(head.get(..read).unwrap_or_default()) {
            return Source::unpacked(compression, file);
        }
        if len <= SMALL && HELD.load(Ordering::Relaxed) < FULL {
            let mut data = Vec::new();
            Read::by_ref(&mut file).take(len).read_to_end(&mut data)?;
            return Source::memory(data).with_beside(path);
        }
        let bytes = match OPEN.load(Ordering::Relaxed) < MANY {
            true => Bytes::File(SparseFile::new(file)),
            false => Bytes::Path(path.to_owned()),
        };
        Source::new(bytes, len).with_beside(path)
    }

    /// Takes what can be read only once.
    pub(crate) fn of_reader(mut reader: impl Read) -> io::Result<Source> {
        let mut head = Vec::new();
        reader.by_ref().take(SMALL).read_to_end(&mut head)?;
        match Compression::detect(&head) {
            Some(compression) => Source::unpacked(compression, Cursor::new(head).chain(reader)),
            None => Source::kept(head, &mut reader),
        }
    }

    pub(crate) fn python(data: PyBackedBytes) -> io::Result<Source> {
        match Compression::detect(&data) {
            Some(compression) => Source::unpacked(compression, Cursor::new(&*data)),
            None => {
                let len = data.len() as u64;
                Ok(Source::new(Bytes::Python(data), len))
            }
        }
    }

    /// Adds the log and the journal of a database that is no file of this host.
    pub(crate) fn beside_with(mut self, wal: Option<Source>, journal: Option<Source>) -> Source {
        self.wal = wal.map(Box::new);
        self.journal = journal.map(Box::new);
        self
    }

    fn memory(data: Vec<u8>) -> Source {
        let len = data.len() as u64;
        Source::new(Bytes::Memory(data), len)
    }

    /// Decompresses everything up to the end or to the damage.
    fn unpacked(compression: Compression, packed: impl Read) -> io::Result<Source> {
        let mut unpacked = UntilDamage { from: compression.decompress(packed, LIMIT), why: None };
        let mut source = Source::kept(Vec::new(), &mut unpacked)?;
        match unpacked.why {
            Some(why) if source.len == 0 => Err(why),
            why => {
                source.ended = why.map(|why| why.to_string());
                source.is_packed = true;
                Ok(source)
            }
        }
    }

    /// Keeps the rest of a reader, of which these are the first bytes.
    fn kept(mut data: Vec<u8>, reader: &mut impl Read) -> io::Result<Source> {
        let left = SMALL.saturating_sub(data.len() as u64);
        reader.by_ref().take(left).read_to_end(&mut data)?;
        if (data.len() as u64) < SMALL && HELD.load(Ordering::Relaxed) < FULL {
            return Ok(Source::memory(data));
        }
        let mut spool = Spool::new();
        spool.write_all(&data)?;
        data.resize(SMALL as usize, 0);
        loop {
            let read = match reader.read(&mut data) {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                read => read?,
            };
            if work::is_cancelled() || read == 0 {
                break;
            }
            spool.write_all(data.get(..read).unwrap_or_default())?;
            if spool.len() > LIMIT {
                return Err(io::Error::new(ErrorKind::FileTooLarge, "more than 4 GiB to copy"));
            }
        }
        let len = spool.len();
        Ok(Source::new(Bytes::Spool(Mutex::new(spool)), len))
    }

    fn new(bytes: Bytes, len: u64) -> Source {
        match &bytes {
            Bytes::Memory(data) => _ = HELD.fetch_add(data.len(), Ordering::Relaxed),
            Bytes::File(_) => _ = OPEN.fetch_add(1, Ordering::Relaxed),
            _ => {}
        }
        Source {
            bytes,
            len,
            ended: None,
            is_packed: false,
            is_file: false,
            wal: None,
            journal: None,
        }
    }

    /// Opens the log and the journal, without which the rows of a database may be old or undone.
    fn with_beside(mut self, path: &Path) -> io::Result<Source> {
        self.is_file = true;
        if !Sample::may_be_database(&self.part(0, HEAD)?) {
            return Ok(self);
        }
        let open = |part| {
            let Some(path) = path_beside(path, part) else { return Ok(None) };
            match path.metadata() {
                // A pipe there would wait for a writer.
                Ok(about) if !about.is_file() => Ok(None),
                Ok(about) => {
                    let file = SparseFile::new(open_evidence(path)?);
                    Ok(Some(Source::new(Bytes::File(file), about.len())))
                }
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
                Err(error) => Err(error),
            }
        };
        let (wal, journal) = (open(Part::Wal)?, open(Part::Journal)?);
        Ok(self.beside_with(wal, journal))
    }

    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// Returns whether the file of its name has its bytes and times.
    pub(crate) fn is_file(&self) -> bool {
        self.is_file
    }

    pub(crate) fn is_packed(&self) -> bool {
        self.is_packed
    }

    /// Returns why compressed data ended early.
    pub(crate) fn ended(&self) -> Option<&str> {
        self.ended.as_deref()
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

impl Drop for Source {
    fn drop(&mut self) {
        match &self.bytes {
            Bytes::Memory(data) => _ = HELD.fetch_sub(data.len(), Ordering::Relaxed),
            Bytes::File(_) => _ = OPEN.fetch_sub(1, Ordering::Relaxed),
            _ => {}
        }
    }
}

/// Ends where reading fails.
struct UntilDamage<R> {
    from: R,
    why: Option<io::Error>,
}

impl<R: Read> Read for UntilDamage<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.why.is_some() {
            return Ok(0);
        }
        self.from.read(buffer).or_else(|why| {
            self.why = Some(why);
            Ok(0)
        })
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
            Bytes::Path(path) => open_evidence(path)?.read_at(buffer, offset),
            Bytes::Spool(spool) => {
                let spool = spool.lock().unwrap_or_else(PoisonError::into_inner);
                spool.read_at(buffer, offset)
            }
        }
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.len)
    }

    fn data_after(&self, offset: u64) -> io::Result<Option<Range<u64>>> {
        match &self.bytes {
            Bytes::File(file) => file.data_after(offset),
            Bytes::Path(path) => SparseFile::new(open_evidence(path)?).data_after(offset),
            _ => Ok(Some(offset..u64::MAX)),
        }
    }

    fn beside(&self, part: Part) -> Option<&dyn ReadAt> {
        let file = match part {
            Part::Wal => self.wal.as_ref(),
            Part::Journal => self.journal.as_ref(),
            _ => None,
        };
        file.map(|file| &**file as &dyn ReadAt)
    }

    fn in_memory(&self) -> Option<&[u8]> {
        match &self.bytes {
            Bytes::Memory(data) => Some(data),
            Bytes::Python(data) => Some(data),
            _ => None,
        }
    }
}
