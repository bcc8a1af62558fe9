use std::fmt;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::vec::Vec;

use crate::detect::Detection;
use crate::error::Error;
use crate::layout::Layout;
use crate::open::identity::Identity;
use crate::open::mmap::Map;
use crate::open::source_file::{Beside, InMemory};
use crate::read::record::{ANY, Record, Records};
use crate::read::rows::RowReader;
use crate::read::{DatabaseInfo, ReadAt, read_full_at};
use crate::value::file_kind::FileKind;

/// Files up to this size are read, larger ones mapped. Reading is faster for small files, and such
/// a file may shrink while it is open.
const READ_UP_TO: u64 = 64 << 10;

/// Most bytes read from something other than a regular file (a pipe, a device).
const PIPE_LIMIT: u64 = 1 << 30;

/// A file of login records with its layout: mapped, read, or borrowed.
///
/// ```
/// use loginrec::{LogFile, UtType};
///
/// let wtmp = LogFile::open("fixtures/netbsd-utmpx-520-le/wtmpx")?;
/// for record in wtmp.records() {
///     let record = record?;
///     let entry = record.entry();
///     if entry.ut_type() == UtType::UserProcess {
///         println!("byte {}: {} on {} at {}", record.offset(), entry.ut_user, entry.ut_line, entry.ut_tv);
///     }
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct LogFile<'a> {
    bytes: Bytes<'a>,
    identity: Identity,
    /// Database values that span several pages, assembled.
    fragmented: Vec<u8>,
    beside: Beside,
}

pub(crate) enum Bytes<'a> {
    Mapped(Map),
    Owned(Vec<u8>),
    Borrowed(&'a [u8]),
}

impl LogFile<'static> {
    /// Combines bytes with the result of [`OpenOptions::identify`](crate::OpenOptions::identify)
    /// for them.
    pub fn with_identity(data: Vec<u8>, identity: Identity) -> LogFile<'static> {
        let opened = LogFile::new(Bytes::Owned(data), Beside::default(), identity);
        opened.0
    }

    /// Reads a whole source, and the log and journal of a database. `identity` is the result of
    /// [`OpenOptions::identify`](crate::OpenOptions::identify) for it.
    ///
    /// # Errors
    ///
    /// If the source cannot be read.
    pub fn read(source: &impl ReadAt, identity: Identity) -> io::Result<LogFile<'static>> {
        let len = usize::try_from(source.size()?).map_err(|_| io::ErrorKind::OutOfMemory)?;
        let mut data = std::vec![0; len];
        let (read, error) = read_full_at(source, &mut data, 0);
        data.truncate(read);
        let (rows, row_error) = rows_of(&identity, source);
        if let Some(error) = error.or(row_error) {
            return Err(error);
        }
        let bytes = Bytes::Owned(data);
        let fragmented = rows.unwrap_or_else(|| reassemble(&bytes, &identity));
        Ok(LogFile { bytes, identity, fragmented, beside: Beside::default() })
    }
}

/// The rows, if the file is a database of rows.
fn rows_of(identity: &Identity, source: &dyn ReadAt) -> (Option<Vec<u8>>, Option<io::Error>) {
    match identity.layout().filter(|layout| layout.container.has_rows()) {
        Some(layout) => {
            let (rows, error) = RowReader::all(layout, source);
            (Some(rows), error)
        }
        None => (None, None),
    }
}

fn reassemble(bytes: &Bytes<'_>, identity: &Identity) -> Vec<u8> {
    let container = identity.layout().map(|layout| layout.container);
    container.map(|container| container.reassemble(bytes.as_slice())).unwrap_or_default()
}

impl<'a> LogFile<'a> {
    /// The error is why not all of a database could be read.
    pub(crate) fn new(
        bytes: Bytes<'a>,
        beside: Beside,
        identity: Identity,
    ) -> (LogFile<'a>, Option<io::Error>) {
        let source = InMemory { bytes: bytes.as_slice(), beside: &beside };
        let (rows, error) = rows_of(&identity, &source);
        let fragmented = rows.unwrap_or_else(|| reassemble(&bytes, &identity));
        (LogFile { bytes, identity, fragmented, beside }, error)
    }

    /// Returns the layout; `None` for an empty file, which fits every layout.
    pub fn layout(&self) -> Option<&'static Layout> {
        self.identity.layout()
    }

    /// Returns how the layout was detected; `None` if it was given.
    pub fn detection(&self) -> Option<&Detection> {
        self.identity.detection()
    }

    /// Returns the file's kind: as given, from its content, or from its name.
    pub fn kind(&self) -> Option<FileKind> {
        self.identity.kind()
    }

    /// Returns the file's bytes.
    pub fn bytes(&self) -> &[u8] {
        self.bytes.as_slice()
    }

    /// Reads what a database says besides its rows. `None` for any other file.
    pub fn database(&self) -> Option<DatabaseInfo> {
        self.layout().filter(|layout| layout.rows.is_some())?;
        DatabaseInfo::read(&self.source())
    }

    /// Returns the bytes, and those of the log and the journal of a database.
    pub(crate) fn source(&self) -> InMemory<'_> {
        InMemory { bytes: self.bytes(), beside: &self.beside }
    }

    /// Returns an iterator over the records, which are views of the file's bytes.
    pub fn records(&self) -> Records<'_> {
        let layout = self.layout().unwrap_or(&ANY);
        let records = layout.records_with(self.bytes(), &self.fragmented);
        records.unsigned_seconds(self.identity.unsigned_seconds())
    }

    /// Returns the record with this [`Record::index`]. Constant time for arrays; other files are
    /// read from their beginning.
    pub fn get(&self, index: u64) -> Option<Record<'_>> {
        let layout = self.layout()?;
        if !layout.container.is_array() {
            return self.records().flatten().find(|record| record.index() == index);
        }
        let at = usize::try_from(index).ok()?.checked_mul(layout.size)?;
        let record = self.bytes().get(at..)?.get(..layout.size)?;
        let mut records = layout.records_at(record, at as u64, index);
        records = records.unsigned_seconds(self.identity.unsigned_seconds());
        records.next()?.ok()
    }

    /// Returns the number of records if it follows from the file size; `None` for `utx.log` and
    /// lastlogx. Unused slots of a lastlog count.
    pub fn record_count(&self) -> Option<u64> {
        match self.layout() {
            Some(layout) => layout.record_count(self.bytes()),
            None => Some(0),
        }
    }

    /// Returns whether the file has no whole record.
    pub fn is_empty(&self) -> bool {
        self.records().flatten().next().is_none()
    }
}

impl<'a> IntoIterator for &'a LogFile<'_> {
    type Item = Result<Record<'a>, Error>;
    type IntoIter = Records<'a>;

    fn into_iter(self) -> Records<'a> {
        self.records()
    }
}

/// Prints the length instead of the bytes.
impl fmt::Debug for LogFile<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogFile")
            .field("len", &self.bytes().len())
            .field("layout", &self.layout())
            .field("kind", &self.kind())
            .finish_non_exhaustive()
    }
}

impl Bytes<'_> {
    pub(crate) fn as_slice(&self) -> &[u8] {
        match self {
            Bytes::Mapped(map) => map,
            Bytes::Owned(data) => data,
            Bytes::Borrowed(data) => data,
        }
    }

    /// Reads or maps a file.
    pub(crate) fn read(path: &Path) -> io::Result<Bytes<'static>> {
        let mut file = File::open(path)?;
        let about = file.metadata()?;
        if about.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        if about.is_file() && about.len() > READ_UP_TO {
            return Map::of(&file).map(Bytes::Mapped);
        }
        let mut data = Vec::new();
        file.by_ref().take(PIPE_LIMIT.saturating_add(1)).read_to_end(&mut data)?;
        if data.len() as u64 > PIPE_LIMIT {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "more than 1 GiB from a pipe"));
        }
        Ok(Bytes::Owned(data))
    }
}
