//! Destinations of results.

use std::fmt;
use std::fs::File;
use std::io::{self, BufWriter, ErrorKind, IsTerminal as _, Read as _, Seek as _, SeekFrom, Write};
use std::path::Path;

use crate::output::pending::PendingFile;

const BUFFER: usize = 64 << 10;
/// The longest run of zeros written to a stream: a damaged offset must not fill a disk.
const GAP_LIMIT: u64 = 4 << 30;

/// Standard output or a file. Flush it at the end: before that, write errors may go unnoticed.
pub(crate) struct Output {
    /// Pending output. Whole lines are collected here and written many at a time.
    lines: Vec<u8>,
    to: Box<dyn Write>,
    is_terminal: bool,
}

impl Output {
    fn new(to: Box<dyn Write>) -> Output {
        // The line that fills it may be longer than those before.
        Output { lines: Vec::with_capacity(BUFFER + BUFFER / 4), to, is_terminal: false }
    }

    /// Creates an output to a file, from its position on.
    pub(crate) fn file(file: File) -> Output {
        Output::new(Box::new(file))
    }

    /// Returns whether it is a terminal.
    pub(crate) fn is_terminal(&self) -> bool {
        self.is_terminal
    }

    /// Returns the buffer for the next line. Call [`Output::settle`] afterwards.
    #[inline]
    pub(crate) fn lines(&mut self) -> &mut Vec<u8> {
        &mut self.lines
    }

    /// Writes the buffer if it is large enough to be worth a system call.
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
        // Large enough for a system call of its own, without copying.
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

/// Writes the remaining output after an error.
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
    let stdout = io::stdout().lock();
    let is_terminal = stdout.is_terminal();
    let mut out = Output::new(Box::new(stdout));
    out.is_terminal = is_terminal;
    out
}

/// A binary file being written.
#[derive(Debug)]
pub(crate) struct Target {
    sink: Sink,
    position: u64,
}

#[derive(Debug)]
enum Sink {
    Stdout(Output),
    File { out: BufWriter<File>, pending: PendingFile },
}

impl Target {
    /// Creates a target for standard output, unless that is a terminal.
    pub(crate) fn stdout(out: Output) -> io::Result<Target> {
        if out.is_terminal() {
            let why = "refusing to write binary data to a terminal: choose a file with --output";
            return Err(io::Error::new(ErrorKind::InvalidInput, why));
        }
        Ok(Target { sink: Sink::Stdout(out), position: 0 })
    }

    /// Creates a target for a file, which gets its name in [`Target::finish`].
    pub(crate) fn file(path: &Path, force: bool) -> io::Result<Target> {
        let pending = match force {
            true => PendingFile::replacing(path)?,
            false => PendingFile::new(path)?,
        };
        let out = BufWriter::with_capacity(BUFFER, pending.as_file().try_clone()?);
        Ok(Target { sink: Sink::File { out, pending }, position: 0 })
    }

    /// Returns the number of bytes written so far, including holes.
    pub(crate) fn position(&self) -> u64 {
        self.position
    }

    /// Returns whether zeros up to `offset` would be too many for a stream.
    pub(crate) fn is_too_far(&self, offset: u64) -> bool {
        let gap = offset.saturating_sub(self.position);
        matches!(self.sink, Sink::Stdout(_)) && gap > GAP_LIMIT
    }

    /// Moves forward to `offset`, over zeros.
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

    /// Flushes everything, and renames a file to its final name.
    pub(crate) fn finish(self) -> io::Result<()> {
        let (out, pending) = match self.sink {
            Sink::Stdout(mut out) => return out.flush(),
            Sink::File { out, pending } => (out, pending),
        };
        let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        // A hole at the end needs the file length to be set.
        file.set_len(self.position)?;
        pending.publish()
    }
}
