use std::borrow::ToOwned as _;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::string::String;
use std::vec::Vec;
use std::{error, fmt};

use crate::detect::{Detection, Hints, Verdict, detect_with};
use crate::dialect::FileKind;
use crate::endian::LE;
use crate::entries::{Entries, LastlogEntries};
use crate::error::Error;
use crate::frame::Framing;
use crate::layout::Layout;
use crate::mmap::Map;
use crate::platform::glibc::Utmp384;
use crate::record::{Record, Records};
use crate::stream::assemble;

/// What an empty file is walked as.
static ANY: Layout = Layout::of::<Utmp384<LE>>("linux-glibc-384-le", Framing::Fixed);

/// Files up to this size are read, larger ones mapped: for small ones reading is
/// faster, and a file that shrinks meanwhile does no harm.
const READ_UP_TO: u64 = 64 << 10;

/// How much is read from what is no regular file (a pipe, a device).
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
    layout: Option<&'static Layout>,
    detection: Option<Detection>,
    kind: Option<FileKind>,
    /// Database values that lie on several pages, put together.
    scattered: Vec<u8>,
}

enum Bytes<'a> {
    Mapped(Map),
    Owned(Vec<u8>),
    Borrowed(&'a [u8]),
}

/// How to open a file; see [`LogFile::options`].
#[derive(Clone, Debug, Default)]
pub struct Options {
    layout: Option<&'static Layout>,
    neighbour: Option<&'static Layout>,
    name: Option<String>,
    guess: bool,
}

impl Options {
    /// Reads the file as `layout`, whatever it looks like.
    #[must_use]
    pub fn layout(mut self, layout: &'static Layout) -> Self {
        self.layout = Some(layout);
        self
    }

    /// Another file of the same machine has this layout. Decides ties only.
    #[must_use]
    pub fn neighbour(mut self, layout: &'static Layout) -> Self {
        self.neighbour = Some(layout);
        self
    }

    /// The file's name, where it is not that of the path (data from a pipe, an archive,
    /// a copy under a neutral name). Decides ties, and whether it is a `btmp`.
    #[must_use]
    pub fn file_name(mut self, name: &str) -> Self {
        self.name = Some(name.to_owned());
        self
    }

    /// Takes the best guess where several layouts explain the data, instead of failing.
    /// Ask [`LogFile::detection`] before believing it.
    #[must_use]
    pub fn guess(mut self, guess: bool) -> Self {
        self.guess = guess;
        self
    }

    /// Opens a file; see [`LogFile::open`].
    ///
    /// # Errors
    ///
    /// As [`LogFile::open`].
    pub fn open(mut self, path: impl AsRef<Path>) -> Result<LogFile<'static>, OpenError> {
        let path = path.as_ref();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        self.name = self.name.or(name);
        let opened = read(path).map_err(OpenErrorKind::Io).and_then(|bytes| self.on(bytes));
        opened.map_err(|kind| OpenError { path: Some(path.to_owned()), kind })
    }

    /// Takes bytes that lie in memory.
    ///
    /// # Errors
    ///
    /// As [`LogFile::open`], without those of the file system.
    pub fn bytes(self, data: &[u8]) -> Result<LogFile<'_>, OpenError> {
        self.on(Bytes::Borrowed(data)).map_err(|kind| OpenError { path: None, kind })
    }

    /// Takes over bytes.
    ///
    /// # Errors
    ///
    /// As [`LogFile::open`], without those of the file system.
    pub fn vec(self, data: Vec<u8>) -> Result<LogFile<'static>, OpenError> {
        self.on(Bytes::Owned(data)).map_err(|kind| OpenError { path: None, kind })
    }

    fn on(self, bytes: Bytes<'_>) -> Result<LogFile<'_>, OpenErrorKind> {
        let data = bytes.as_slice();
        let kind = self.name.as_deref().and_then(FileKind::from_name);
        let mut detection = None;
        let layout = match self.layout {
            Some(layout) => Some(layout),
            None => {
                let hints = Hints { file_name: self.name.as_deref(), neighbour: self.neighbour };
                let found = detect_with(data, &hints);
                match found.verdict() {
                    Verdict::NotRecognised => return Err(OpenErrorKind::NotRecognised(found)),
                    Verdict::Ambiguous if !self.guess => {
                        return Err(OpenErrorKind::Ambiguous(found));
                    }
                    _ => {}
                }
                detection.insert(found).layout()
            }
        };
        let scattered = match layout {
            Some(layout) if layout.framing == Framing::Database => assemble(data),
            _ => Vec::new(),
        };
        Ok(LogFile { bytes, layout, detection, kind, scattered })
    }
}

impl LogFile<'static> {
    /// Opens `path` and detects its layout. Large files are mapped, not read.
    ///
    /// A file of more than 64 KiB must not shrink while it is open: on Unix that kills
    /// the process with SIGBUS. Copy a live log first, or read it and use
    /// [`Options::vec`]. A file rewritten meanwhile gives records that were never
    /// there, but no undefined behaviour.
    ///
    /// # Errors
    ///
    /// Names the path if it cannot be read, if no known layout explains it, or if
    /// several do and read it differently ([`Options::layout`] and [`Options::guess`]
    /// are the ways on). An empty file is no error: it has no records.
    pub fn open(path: impl AsRef<Path>) -> Result<LogFile<'static>, OpenError> {
        LogFile::options().open(path)
    }

    /// Ways to open a file other than [`LogFile::open`].
    pub fn options() -> Options {
        Options::default()
    }
}

impl<'a> LogFile<'a> {
    /// Detects the layout of bytes that lie in memory.
    ///
    /// # Errors
    ///
    /// As [`LogFile::open`], without those of the file system.
    pub fn from_bytes(data: &'a [u8]) -> Result<LogFile<'a>, OpenError> {
        LogFile::options().bytes(data)
    }

    /// The layout; `None` for an empty file, which could have any.
    pub fn layout(&self) -> Option<&'static Layout> {
        self.layout
    }

    /// How the layout was found; `None` if it was given.
    pub fn detection(&self) -> Option<&Detection> {
        self.detection.as_ref()
    }

    /// What the file is kept for, by its name.
    pub fn kind(&self) -> Option<FileKind> {
        self.kind
    }

    /// The file's bytes.
    pub fn bytes(&self) -> &[u8] {
        self.bytes.as_slice()
    }

    /// The records, as views.
    pub fn records(&self) -> Records<'_> {
        self.layout.unwrap_or(&ANY).records_with(self.bytes(), &self.scattered)
    }

    /// The records, normalised. `for_each`, `fold` and the like are faster than `for`;
    /// see [`Layout::entries`].
    pub fn entries(&self) -> Entries<'_> {
        self.records().into()
    }

    /// The users of a lastlog or lastlogx; nothing for other files.
    pub fn lastlog(&self) -> LastlogEntries<'_> {
        self.records().into()
    }

    /// The record with this [`Record::index`]. Constant time for arrays.
    pub fn get(&self, index: u64) -> Option<Record<'_>> {
        match self.layout?.framing {
            Framing::Fixed => self.records().nth(usize::try_from(index).ok()?)?.ok(),
            Framing::Indexed => {
                let size = self.layout?.size;
                let at = usize::try_from(index).ok()?.checked_mul(size)?;
                let slots = self.bytes().get(at..)?.get(..size)?;
                let slot = self.layout?.records(slots).next()?.ok()?;
                Some(slot.moved(index, at as u64))
            }
            _ => self.records().flatten().find(|record| record.index() == index),
        }
    }

    /// How many records there are, where that follows from the size of the file:
    /// `None` for `utx.log` and lastlogx. Unused slots of a lastlog count.
    pub fn len(&self) -> Option<u64> {
        match self.layout {
            Some(layout) => layout.record_count(self.bytes()),
            None => Some(0),
        }
    }

    /// Whether there is no whole record.
    pub fn is_empty(&self) -> bool {
        self.records().flatten().next().is_none()
    }
}

/// Without the bytes: files are long.
impl fmt::Debug for LogFile<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogFile")
            .field("len", &self.bytes().len())
            .field("layout", &self.layout)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

impl Bytes<'_> {
    fn as_slice(&self) -> &[u8] {
        match self {
            Bytes::Mapped(map) => map,
            Bytes::Owned(data) => data,
            Bytes::Borrowed(data) => data,
        }
    }
}

fn read(path: &Path) -> io::Result<Bytes<'static>> {
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

/// Why a file could not be opened.
#[derive(Debug)]
pub struct OpenError {
    path: Option<PathBuf>,
    kind: OpenErrorKind,
}

/// The kinds of [`OpenError`].
#[derive(Debug)]
#[non_exhaustive]
pub enum OpenErrorKind {
    /// The file system says no.
    Io(io::Error),
    /// No known layout explains the data.
    NotRecognised(Detection),
    /// Several layouts explain the data and read it differently.
    Ambiguous(Detection),
    /// The running platform keeps no such file.
    NoSuchLog,
}

impl OpenError {
    pub(crate) fn new(path: Option<PathBuf>, kind: OpenErrorKind) -> OpenError {
        OpenError { path, kind }
    }

    /// The path that was asked for; `None` for bytes.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// What went wrong.
    pub fn kind(&self) -> &OpenErrorKind {
        &self.kind
    }

    /// What went wrong, without the path.
    pub fn into_kind(self) -> OpenErrorKind {
        self.kind
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = &self.path {
            write!(f, "{path:?}: ")?;
        }
        write!(f, "{}", self.kind)
    }
}

impl fmt::Display for OpenErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OpenErrorKind::Io(error) => write!(f, "{error}"),
            OpenErrorKind::NotRecognised(found) => {
                f.write_str("not recognised")?;
                found.reasons().iter().try_for_each(|reason| write!(f, ": {reason}"))
            }
            OpenErrorKind::Ambiguous(found) => {
                f.write_str("ambiguous: could be")?;
                let ties = found.ties();
                for (i, candidate) in ties.iter().enumerate() {
                    let or = if i == 0 { "" } else { " or" };
                    write!(f, "{or} {}", candidate.layout.name)?;
                }
                Ok(())
            }
            OpenErrorKind::NoSuchLog => f.write_str("this platform keeps no such file"),
        }
    }
}

impl error::Error for OpenError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match &self.kind {
            OpenErrorKind::Io(error) => Some(error),
            _ => None,
        }
    }
}

/// Framing lost somewhere in the file, for those who stop at the first.
impl From<Error> for io::Error {
    fn from(error: Error) -> io::Error {
        io::Error::new(io::ErrorKind::InvalidData, error)
    }
}
