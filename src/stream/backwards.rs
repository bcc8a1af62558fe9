use std::fmt;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::vec::Vec;

use super::{State, Stream, StreamError, WINDOW, assemble};
use crate::frame::{Framing, Start};
use crate::layout::Layout;
use crate::record::Records;

/// Records of one file, the last window first: for what wants the newest before the rest.
///
/// Within a window the records are in the order of the file, and are iterated over from
/// either end. Arrays are read from their end at once. The records of a `utx.log` can only
/// be found from the beginning, so it is walked before; 32 bytes are kept of each window
/// of it. A database is one window, as in a [`Stream`].
///
/// ```
/// use std::fs::File;
/// use loginrec::{Backwards, platform};
///
/// let layout = platform::by_name("linux-glibc-384-le").unwrap();
/// let mut windows = Backwards::new(layout, File::open("fixtures/linux-glibc-384-le/wtmp")?)?;
/// while let Some(records) = windows.next_window()? {
///     for record in records.rev().flatten() {
///         println!("byte {}: {}", record.offset(), record.entry().ut_tv);
///     }
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Backwards<R> {
    layout: &'static Layout,
    source: R,
    window: u64,
    /// Cleared once, not for each window.
    buffer: Vec<u8>,
    filled: usize,
    /// The database values that lie on several pages.
    scattered: Vec<u8>,
    left: Left,
}

/// What has not been given out.
#[derive(Debug)]
enum Left {
    /// A file nobody has looked into.
    All(u64),
    /// An array up to here.
    Array(u64),
    /// The windows of a walk from the beginning.
    Parts(Vec<Part>),
}

#[derive(Clone, Copy, Debug)]
struct Part {
    start: Start,
    len: u64,
}

impl<R: Read + Seek> Backwards<R> {
    /// Reads `source`, a whole file, wherever it stands.
    ///
    /// # Errors
    ///
    /// If the end of the file cannot be found.
    pub fn new(layout: &'static Layout, mut source: R) -> Result<Backwards<R>, StreamError> {
        let end = source.seek(SeekFrom::End(0)).map_err(|error| StreamError::new(0, error))?;
        let left = match layout.framing {
            Framing::Fixed | Framing::Indexed => Left::Array(end),
            Framing::LengthPrefixed | Framing::Database => Left::All(end),
        };
        let (buffer, scattered) = (Vec::new(), Vec::new());
        let window = WINDOW as u64;
        Ok(Backwards { layout, source, window, buffer, filled: 0, scattered, left })
    }

    /// Reads about `bytes` at a time instead of 256 KiB. A window holds at least one
    /// record.
    #[must_use]
    pub fn window(mut self, bytes: usize) -> Self {
        self.window = bytes.max(1) as u64;
        self
    }

    /// The records of the window before the last one given; `None` at the beginning of the
    /// file.
    ///
    /// # Errors
    ///
    /// If something cannot be read. The next call goes on before it.
    pub fn next_window(&mut self) -> Result<Option<Records<'_>>, StreamError> {
        if let Left::All(end) = self.left {
            self.survey(end)?;
        }
        let Some(part) = self.left.pop(self.layout.size, self.window) else { return Ok(None) };
        self.read(part).map_err(|error| StreamError::new(part.start.offset, error))?;
        let data = self.buffer.get(..self.filled).unwrap_or_default();
        if self.layout.framing == Framing::Database {
            self.scattered = assemble(data);
        }
        let records = self.layout.records_with(data, &self.scattered);
        Ok(Some(records.starting(part.start)))
    }

    /// Walks a file from its beginning. What comes before an error can still be read.
    fn survey(&mut self, end: u64) -> Result<(), StreamError> {
        if self.layout.framing == Framing::Database {
            self.left = Left::Parts([Part { start: Start::default(), len: end }].into());
            return match end > Stream::<R>::DATABASE_LIMIT {
                true => {
                    self.left = Left::Array(0);
                    Err(StreamError::new(0, super::too_large()))
                }
                false => Ok(()),
            };
        }
        let mut parts = Vec::new();
        let walk = (|| {
            self.source.rewind().map_err(|error| StreamError::new(0, error))?;
            let window = usize::try_from(self.window).unwrap_or(WINDOW);
            let mut stream = Stream::new(self.layout, &mut self.source).window(window);
            while stream.next_window()?.is_some() {
                let over = matches!(stream.state, State::Over);
                let len = if over { stream.filled } else { stream.given.0 };
                parts.push(Part { start: stream.start, len: len as u64 });
            }
            Ok(())
        })();
        self.left = Left::Parts(parts);
        walk
    }

    /// Of a file that became shorter, what is left of the part.
    fn read(&mut self, part: Part) -> io::Result<()> {
        self.filled = 0;
        self.source.seek(SeekFrom::Start(part.start.offset))?;
        let len = usize::try_from(part.len).map_err(|_| ErrorKind::OutOfMemory)?;
        if self.buffer.len() < len {
            self.buffer.resize(len, 0);
        }
        while let Some(room) = self.buffer.get_mut(self.filled..len).filter(|r| !r.is_empty()) {
            match self.source.read(room) {
                Ok(0) => break,
                Ok(read) => self.filled = self.filled.saturating_add(read),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

impl Left {
    /// The last part of what is left, which it then no longer is.
    fn pop(&mut self, size: usize, window: u64) -> Option<Part> {
        let end = match self {
            Left::Parts(parts) => return parts.pop(),
            Left::All(end) | Left::Array(end) => end,
        };
        let last = end.checked_sub(1)?;
        let size = size.max(1) as u64;
        let step = window.checked_div(size).unwrap_or(0).max(1).saturating_mul(size);
        let offset = last.checked_div(step).unwrap_or(0).saturating_mul(step);
        let index = offset.checked_div(size).unwrap_or(0);
        let len = end.saturating_sub(offset);
        *end = offset;
        Some(Part { start: Start { offset, index, zeros: 0 }, len })
    }
}

/// Without the buffer, and whatever is read from.
impl<R> fmt::Debug for Backwards<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Backwards").field("layout", &self.layout).finish_non_exhaustive()
    }
}
