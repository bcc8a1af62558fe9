//! Options for opening a file: what is known about it, and what to do if its layout is ambiguous.

use std::borrow::ToOwned as _;
use std::io;
use std::path::Path;
use std::string::String;
use std::vec::Vec;

use crate::detect::{Hints, Sample, Verdict};
use crate::layout::Layout;
use crate::open::error::{OpenError, OpenErrorKind};
use crate::open::identity::Identity;
use crate::open::log_file::{Bytes, LogFile};
use crate::open::log_reader::LogReader;
use crate::open::source_file::{Beside, InMemory, SourceFile};
use crate::read::read_at::ReadAt;
use crate::value::file_kind::FileKind;

/// Options for opening a file whose layout is known, or is to be detected.
///
/// ```
/// use loginrec::OpenOptions;
/// use loginrec::open::OnAmbiguous;
///
/// let log = OpenOptions::new()
///     .file_name("btmp")
///     .on_ambiguous(OnAmbiguous::BestGuess)
///     .open("fixtures/glibc-aarch64/btmp")?;
/// assert_eq!(log.layout().unwrap().name, "linux-glibc-400-le");
/// # Ok::<(), loginrec::OpenError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct OpenOptions {
    layout: Option<&'static Layout>,
    sibling: Option<&'static Layout>,
    file_name: Option<String>,
    kind: Option<FileKind>,
    on_ambiguous: OnAmbiguous,
    unsigned_seconds: bool,
}

/// The reaction to a file that several layouts match and decode differently.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum OnAmbiguous {
    /// Fail with [`OpenErrorKind::Ambiguous`].
    #[default]
    Fail,
    /// Read the file as the best match. Its detection lists the others.
    BestGuess,
}

impl OpenOptions {
    /// Returns options that detect the layout from the bytes and fail if it is ambiguous.
    pub fn new() -> OpenOptions {
        OpenOptions::default()
    }

    /// Reads the file as `layout`, without detection.
    #[must_use]
    pub fn layout(mut self, layout: &'static Layout) -> Self {
        self.layout = Some(layout);
        self
    }

    /// Names the layout of another file of the same machine. It only decides ties.
    #[must_use]
    pub fn sibling(mut self, layout: &'static Layout) -> Self {
        self.sibling = Some(layout);
        self
    }

    /// Sets the file's name if the path does not have it (data from a pipe or an archive, a renamed
    /// copy). It decides ties, and whether the file is a `btmp`.
    #[must_use]
    pub fn file_name(mut self, name: impl Into<String>) -> Self {
        self.file_name = Some(name.into());
        self
    }

    /// Sets the file's kind. By default the content decides, then the name.
    #[must_use]
    pub fn kind(mut self, kind: FileKind) -> Self {
        self.kind = Some(kind);
        self
    }

    /// Chooses what to do if several layouts match. The default is to fail.
    #[must_use]
    pub fn on_ambiguous(mut self, choice: OnAmbiguous) -> Self {
        self.on_ambiguous = choice;
        self
    }

    /// Reads 32-bit seconds as unsigned: 1970 to 2106 instead of 1901 to 2038. See
    /// [`Timestamp::unsigned32`](crate::Timestamp::unsigned32).
    #[must_use]
    pub fn unsigned_seconds(mut self, yes: bool) -> Self {
        self.unsigned_seconds = yes;
        self
    }

    /// Opens a file; see [`LogFile::open`].
    ///
    /// # Errors
    ///
    /// As [`LogFile::open`].
    pub fn open(self, path: impl AsRef<Path>) -> Result<LogFile<'static>, OpenError> {
        let path = path.as_ref();
        let options = self.or_name_of(path);
        let read = Bytes::read(path).map_err(OpenErrorKind::Io);
        let opened = read.and_then(|bytes| {
            let is_database = Sample::may_be_database(bytes.as_slice());
            let beside = if is_database { Beside::of(path) } else { Ok(Beside::default()) };
            options.with_bytes(bytes, beside.map_err(OpenErrorKind::Io)?)
        });
        opened.map_err(|kind| OpenError::new(Some(path.to_owned()), kind))
    }

    /// Opens bytes in memory.
    ///
    /// # Errors
    ///
    /// As [`LogFile::open`], except for I/O errors.
    pub fn from_slice(self, data: &[u8]) -> Result<LogFile<'_>, OpenError> {
        self.with_bytes(Bytes::Borrowed(data), Beside::default())
            .map_err(|kind| OpenError::new(None, kind))
    }

    /// Opens bytes in memory and takes ownership of them.
    ///
    /// # Errors
    ///
    /// As [`LogFile::open`], except for I/O errors.
    pub fn from_vec(self, data: Vec<u8>) -> Result<LogFile<'static>, OpenError> {
        self.with_bytes(Bytes::Owned(data), Beside::default())
            .map_err(|kind| OpenError::new(None, kind))
    }

    /// Opens a source that is read on demand and never mapped.
    ///
    /// ```
    /// use std::fs::File;
    ///
    /// use loginrec::OpenOptions;
    ///
    /// let file = File::open("fixtures/svr4-utmpx-372-be/wtmpx")?;
    /// let log = OpenOptions::new().file_name("wtmpx").from_reader(file)?;
    /// let mut chunks = log.chunks_rev();
    /// while let Some(records) = chunks.next_chunk()? {
    ///     for record in records.rev().flatten() {
    ///         println!("{} {}", record.offset(), record.entry().ut_user);
    ///     }
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`LogFile::open`].
    pub fn from_reader<S: ReadAt>(self, source: S) -> Result<LogReader<S>, OpenError> {
        let identity = self.identify(|| Sample::of(&source));
        let identity = identity.map_err(|kind| OpenError::new(None, kind))?;
        Ok(LogReader::with_identity(source, identity))
    }

    /// Opens a file that is read on demand; see [`OpenOptions::from_reader`].
    ///
    /// # Errors
    ///
    /// As [`LogFile::open`].
    pub fn open_reader(self, path: impl AsRef<Path>) -> Result<LogReader<SourceFile>, OpenError> {
        let path = path.as_ref();
        let options = self.or_name_of(path);
        let opened = SourceFile::open(path).map_err(|e| OpenError::new(None, OpenErrorKind::Io(e)));
        let opened = opened.and_then(|file| options.from_reader(file));
        opened.map_err(|error| OpenError::new(Some(path.to_owned()), error.into_kind()))
    }

    /// Decides which layout and kind to read a file as. `sample` returns the parts of it that
    /// detection examines.
    ///
    /// For sources that can be read only once: pass their beginning as [`Sample::beginning`], then
    /// read everything with a [`RecordStream`](crate::read::RecordStream).
    ///
    /// # Errors
    ///
    /// If `sample` fails, if no layout matches, or if several do and [`OpenOptions::on_ambiguous`]
    /// does not allow a guess.
    pub fn identify<'s>(
        &self,
        sample: impl FnOnce() -> io::Result<Sample<'s>>,
    ) -> Result<Identity, OpenErrorKind> {
        let file_name = self.file_name.as_deref();
        let hints = Hints { file_name, sibling: self.sibling, kind: self.kind };
        let mut identity = Identity {
            layout: self.layout,
            detection: None,
            kind: None,
            unsigned_seconds: self.unsigned_seconds,
        };
        // A known layout and kind need no sample.
        let known = self.layout.and_then(|layout| hints.known_kind(layout));
        if known.is_some() {
            identity.kind = known;
            return Ok(identity);
        }
        let sample = sample().map_err(OpenErrorKind::Io)?;
        if self.layout.is_none() {
            let found = sample.detect(&hints);
            match found.verdict() {
                Verdict::NotRecognized => return Err(OpenErrorKind::NotRecognized(found)),
                Verdict::Ambiguous if self.on_ambiguous == OnAmbiguous::Fail => {
                    return Err(OpenErrorKind::Ambiguous(found));
                }
                _ => {}
            }
            identity.layout = found.layout();
            identity.detection = Some(found);
        }
        identity.kind = match identity.layout {
            Some(layout) => Some(sample.kind(layout, &hints)),
            None => hints.found_kind(),
        };
        Ok(identity)
    }

    fn or_name_of(mut self, path: &Path) -> Self {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        self.file_name = self.file_name.or(name);
        self
    }

    fn with_bytes<'a>(
        self,
        bytes: Bytes<'a>,
        beside: Beside,
    ) -> Result<LogFile<'a>, OpenErrorKind> {
        let source = InMemory { bytes: bytes.as_slice(), beside: &beside };
        let mut identity = self.identify(|| Sample::of(&source))?;
        // A `LogFile` is a slice of records at multiples of their size.
        if let Some(found) = identity.detection.take_if(|found| found.is_off_grid()) {
            return Err(OpenErrorKind::NotRecognized(found));
        }
        match LogFile::new(bytes, beside, identity) {
            (log, None) => Ok(log),
            (_, Some(error)) => Err(OpenErrorKind::Io(error)),
        }
    }
}

impl LogFile<'static> {
    /// Opens `path` and detects its layout. Large files are mapped, not read.
    ///
    /// A file of more than 64 KiB must not shrink while it is open: on Unix, reading the missing
    /// part kills the process with SIGBUS. Copy a live log first, or use a [`LogReader`]. A file
    /// that is rewritten meanwhile yields wrong records, but no undefined behavior.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, if no layout matches, or if several do and decode it
    /// differently. The error has the path. [`OpenOptions::layout`] and
    /// [`OpenOptions::on_ambiguous`] help with ambiguous files. An empty file is not an error: it
    /// has no records.
    pub fn open(path: impl AsRef<Path>) -> Result<LogFile<'static>, OpenError> {
        OpenOptions::new().open(path)
    }

    /// Returns options for opening a file.
    pub fn options() -> OpenOptions {
        OpenOptions::new()
    }
}

impl<'a> LogFile<'a> {
    /// Detects the layout of bytes in memory.
    ///
    /// # Errors
    ///
    /// As [`LogFile::open`], except for I/O errors.
    pub fn from_slice(data: &'a [u8]) -> Result<LogFile<'a>, OpenError> {
        OpenOptions::new().from_slice(data)
    }
}

impl<S: ReadAt> LogReader<S> {
    /// Detects the layout of a source. Use [`OpenOptions::from_reader`] to set options.
    ///
    /// # Errors
    ///
    /// As [`LogFile::open`].
    pub fn new(source: S) -> Result<LogReader<S>, OpenError> {
        OpenOptions::new().from_reader(source)
    }
}
