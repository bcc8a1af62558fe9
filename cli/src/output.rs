//! Where results go.

use std::borrow::Cow;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind, IsTerminal as _, Read as _, Seek as _, SeekFrom, Write};
use std::path::Path;

use tempfile::{Builder, NamedTempFile};

const BUFFER: usize = 64 << 10;
/// The longest run of zeros written to a stream: a damaged offset must not fill a disk.
const GAP_LIMIT: u64 = 4 << 30;

/// Standard output or a file. Flush it in the end: only then is it known to be written.
pub(crate) struct Output {
    /// Not written yet. Whole lines are put together here and written many at a time.
    lines: Vec<u8>,
    to: Box<dyn Write>,
}

impl Output {
    fn new(to: Box<dyn Write>) -> Output {
        // The line that fills it may be longer than those before.
        Output { lines: Vec::with_capacity(BUFFER + BUFFER / 4), to }
    }

    /// The file that is named, emptied, else standard output.
    pub(crate) fn named(path: Option<&Path>) -> io::Result<Output> {
        match path {
            Some(path) => Ok(Output::new(Box::new(File::create(path)?))),
            None => Ok(stdout()),
        }
    }

    /// Where to put the next line; say [`Output::settle`] behind it.
    #[inline]
    pub(crate) fn lines(&mut self) -> &mut Vec<u8> {
        &mut self.lines
    }

    /// Writes what has been put there, if that is enough to be worth a call of the system.
    #[inline]
    pub(crate) fn settle(&mut self) -> io::Result<()> {
        match self.lines.len() < BUFFER {
            true => Ok(()),
            false => self.write_lines(),
        }
    }

    fn write_lines(&mut self) -> io::Result<()> {
        let written = self.to.write_all(&self.lines);
        self.lines.clear();
        written
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // So much is worth a call of its own, and not copied.
        if bytes.len() >= BUFFER / 2 {
            self.write_lines()?;
            return self.to.write(bytes);
        }
        self.lines.extend_from_slice(bytes);
        self.settle()?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.write_lines()?;
        self.to.flush()
    }
}

/// What an error has cut short is shown as far as it goes.
impl Drop for Output {
    fn drop(&mut self) {
        let _ = self.write_lines();
    }
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Output").field("unwritten", &self.lines.len()).finish_non_exhaustive()
    }
}

pub(crate) fn stdout() -> Output {
    Output::new(Box::new(io::stdout().lock()))
}

/// A binary file in the making.
#[derive(Debug)]
pub(crate) struct Target<'a> {
    sink: Sink<'a>,
    position: u64,
}

#[derive(Debug)]
enum Sink<'a> {
    Stdout(Output),
    File { out: BufWriter<NamedTempFile>, path: Cow<'a, Path>, force: bool },
}

impl<'a> Target<'a> {
    /// Standard output, unless that is a terminal.
    pub(crate) fn stdout() -> io::Result<Target<'a>> {
        if io::stdout().is_terminal() {
            let why = "binary data is not for a terminal: name a file with --output";
            return Err(io::Error::new(ErrorKind::InvalidInput, why));
        }
        Ok(Target { sink: Sink::Stdout(stdout()), position: 0 })
    }

    /// A file, which gets its name in [`Target::finish`].
    pub(crate) fn file(path: impl Into<Cow<'a, Path>>, force: bool) -> io::Result<Target<'a>> {
        let path = path.into();
        match fs::symlink_metadata(&path) {
            Ok(_) if !force => return Err(exists()),
            // Renaming onto a device would replace the device.
            Ok(about) if !about.is_file() => {
                let why = "is no ordinary file and is not replaced";
                return Err(io::Error::new(ErrorKind::InvalidInput, why));
            }
            _ => {}
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let mut builder = Builder::new();
        builder.prefix(".loginrec-");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            builder.permissions(fs::Permissions::from_mode(0o666)); // less the umask
        }
        let file = builder.tempfile_in(folder.unwrap_or(Path::new("."))).map_err(no_folder)?;
        let out = BufWriter::with_capacity(BUFFER, file);
        Ok(Target { sink: Sink::File { out, path, force }, position: 0 })
    }

    /// Bytes written so far, holes included.
    pub(crate) fn position(&self) -> u64 {
        self.position
    }

    /// Whether zeros up to `offset` would be too many for a stream.
    pub(crate) fn is_too_far(&self, offset: u64) -> bool {
        let gap = offset.saturating_sub(self.position);
        matches!(self.sink, Sink::Stdout(_)) && gap > GAP_LIMIT
    }

    /// Goes forward to `offset`, over zeros.
    pub(crate) fn skip_to(&mut self, offset: u64) -> io::Result<()> {
        let gap = offset.saturating_sub(self.position);
        if gap == 0 {
            return Ok(());
        }
        match &mut self.sink {
            Sink::Stdout(out) => {
                io::copy(&mut io::repeat(0).take(gap), out)?;
            }
            Sink::File { out, .. } => {
                out.seek(SeekFrom::Start(offset))?;
            }
        }
        self.position = offset;
        Ok(())
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.sink {
            Sink::Stdout(out) => out.write_all(bytes)?,
            Sink::File { out, .. } => out.write_all(bytes)?,
        }
        self.position += bytes.len() as u64;
        Ok(())
    }

    /// Makes sure that everything is written, and gives a file its name.
    pub(crate) fn finish(self) -> io::Result<()> {
        let (out, path, force) = match self.sink {
            Sink::Stdout(mut out) => return out.flush(),
            Sink::File { out, path, force } => (out, path, force),
        };
        let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        // A hole at the end is nothing until the file is as long.
        file.as_file().set_len(self.position)?;
        file.as_file().sync_all()?;
        let named = if force { file.persist(&path) } else { file.persist_noclobber(&path) };
        named.map(drop).map_err(|error| match error.error.kind() {
            ErrorKind::AlreadyExists => exists(),
            _ => error.error,
        })
    }
}

fn no_folder(error: io::Error) -> io::Error {
    match error.kind() {
        ErrorKind::NotFound => io::Error::other("its folder does not exist"),
        _ => error,
    }
}

fn exists() -> io::Error {
    io::Error::new(ErrorKind::AlreadyExists, "exists: --force replaces it")
}
