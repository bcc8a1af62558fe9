//! A file on disk, with the log and journal of a database.

use std::borrow::ToOwned as _;
use std::fs::File;
use std::io::{self, ErrorKind};
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::error::database::Part;
use crate::read::ReadAt;

/// A file with the write-ahead log and the rollback journal that lie beside it if it is a database.
/// Nothing is written, created or locked.
#[derive(Debug)]
pub struct SourceFile {
    file: File,
    beside: Beside,
}

/// The files beside a database.
#[derive(Debug, Default)]
pub(crate) struct Beside {
    wal: Option<File>,
    journal: Option<File>,
    /// Whether this is a log or a journal, and its database is there.
    has_database: bool,
}

impl SourceFile {
    pub(crate) fn open(path: &Path) -> io::Result<SourceFile> {
        Ok(SourceFile { file: File::open(path)?, beside: Beside::of(path)? })
    }

    /// Returns the file itself.
    pub fn file(&self) -> &File {
        &self.file
    }
}

impl Beside {
    /// Opens the log and journal of a database.
    pub(crate) fn of(path: &Path) -> io::Result<Beside> {
        let open = |part: Part| {
            let Some(path) = path_beside(path, part) else { return Ok(None) };
            // A pipe there would wait for a writer.
            match path.metadata() {
                Ok(about) if about.is_file() => File::open(path).map(Some),
                Ok(_) => Ok(None),
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
                Err(error) => Err(error),
            }
        };
        let has_database = path_beside(path, Part::Db).is_some_and(|path| path.is_file());
        Ok(Beside { wal: open(Part::Wal)?, journal: open(Part::Journal)?, has_database })
    }

    pub(crate) fn get(&self, part: Part) -> Option<&dyn ReadAt> {
        match part {
            Part::Db => self.has_database.then_some(&NOTHING as &dyn ReadAt),
            Part::Wal => self.wal.as_ref().map(|file| file as &dyn ReadAt),
            Part::Journal => self.journal.as_ref().map(|file| file as &dyn ReadAt),
        }
    }
}

/// Stands for a database that is not read.
static NOTHING: &[u8] = &[];

/// Returns where the log or the journal of a database is, if it has one; for [`Part::Db`], where the
/// database of a log or a journal is.
pub fn path_beside(path: &Path, part: Part) -> Option<PathBuf> {
    let end = match part {
        Part::Db => {
            let name = path.file_name()?.to_str()?;
            let name = name.strip_suffix("-wal").or_else(|| name.strip_suffix("-journal"))?;
            return Some(path.with_file_name(name));
        }
        Part::Wal => "-wal",
        Part::Journal => "-journal",
    };
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    Some(name.into())
}

impl ReadAt for SourceFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.file.read_at(buffer, offset)
    }

    fn size(&self) -> io::Result<u64> {
        self.file.size()
    }

    fn data_after(&self, offset: u64) -> io::Result<Option<Range<u64>>> {
        self.file.data_after(offset)
    }

    fn beside(&self, part: Part) -> Option<&dyn ReadAt> {
        self.beside.get(part)
    }
}

/// Bytes of a database in memory, and its log and journal on disk.
#[derive(Debug)]
pub(crate) struct InMemory<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) beside: &'a Beside,
}

impl ReadAt for InMemory<'_> {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.bytes.read_at(buffer, offset)
    }

    fn size(&self) -> io::Result<u64> {
        self.bytes.size()
    }

    fn beside(&self, part: Part) -> Option<&dyn ReadAt> {
        self.beside.get(part)
    }

    fn in_memory(&self) -> Option<&[u8]> {
        Some(self.bytes)
    }
}
