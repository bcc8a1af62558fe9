//! Where results go.

use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind, IsTerminal as _, Read as _, Seek as _, SeekFrom};
use std::io::{StdoutLock, Write};
use std::path::Path;

use tempfile::{Builder, NamedTempFile};

const BUFFER: usize = 64 << 10;
/// The longest run of zeros written to a stream: a damaged offset must not fill a disk.
const GAP_LIMIT: u64 = 4 << 30;

pub(crate) type Stdout = BufWriter<StdoutLock<'static>>;
/// Standard output or a file.
pub(crate) type Output = BufWriter<Box<dyn Write>>;

/// The file that is named, emptied, else standard output.
pub(crate) fn output(path: Option<&Path>) -> io::Result<Output> {
    let out: Box<dyn Write> = match path {
        Some(path) => Box::new(File::create(path)?),
        None => Box::new(io::stdout().lock()),
    };
    Ok(BufWriter::with_capacity(BUFFER, out))
}

/// Standard output. Flush it in the end: only then is it known to be written.
pub(crate) fn stdout() -> Stdout {
    BufWriter::with_capacity(BUFFER, io::stdout().lock())
}

/// A binary file in the making.
#[derive(Debug)]
pub(crate) struct Target<'a> {
    sink: Sink<'a>,
    position: u64,
}

#[derive(Debug)]
enum Sink<'a> {
    Stdout(Stdout),
    File { out: BufWriter<NamedTempFile>, path: &'a Path, force: bool },
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
    pub(crate) fn file(path: &'a Path, force: bool) -> io::Result<Target<'a>> {
        match fs::symlink_metadata(path) {
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
        let named = if force { file.persist(path) } else { file.persist_noclobber(path) };
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
