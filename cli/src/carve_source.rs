//! The bytes of an image in overlapping pieces: of a file those that are no holes, each
//! read by whoever scans it; of a pipe or a compressed file as they come.

use std::fs::File;
use std::io::{self, Read, Seek as _, SeekFrom};
use std::ops::Range;
use std::path::Path;

use loginrec::carve::Window;

use crate::buffer::Buffer;
use crate::holes;
use crate::positioned::Positioned;
use crate::source::read_full;
use crate::unpack::{self, Format};

/// Bytes of an image that are scanned together.
const CORE: usize = 256 << 10;

/// A part of an image, perhaps not read yet.
#[derive(Debug)]
pub(crate) struct Piece {
    bytes: Buffer,
    offset: u64,
    core: Range<usize>,
    /// How many bytes are still to be read from the file.
    missing: usize,
    pub(crate) error: Option<io::Error>,
}

impl Piece {
    /// Reads what was not read yet. What cannot be read counts as zeros.
    pub(crate) fn fill(&mut self, file: Option<&File>) {
        let missing = std::mem::take(&mut self.missing);
        let Some(file) = file.filter(|_| missing > 0) else { return };
        self.bytes.truncate(0);
        self.error = self.bytes.read(&mut Positioned::new(file, self.offset), missing);
        self.bytes.pad(missing);
    }

    pub(crate) fn window(&self) -> Window<'_> {
        Window { offset: self.offset, bytes: self.bytes.bytes(), core: self.core.clone() }
    }

    pub(crate) fn core_offset(&self) -> u64 {
        self.offset + self.core.start as u64
    }

    pub(crate) fn core_end(&self) -> u64 {
        self.offset + self.core.end as u64
    }

    /// Its room, to be used again.
    pub(crate) fn into_bytes(self) -> Buffer {
        self.bytes
    }
}

/// Where pieces come from.
pub(crate) enum Source {
    File(Extents),
    Stream(Stream),
}

impl Source {
    /// A file or a device; compressed ones are unpacked on the way.
    pub(crate) fn open(path: &Path) -> io::Result<Source> {
        let mut file = File::open(path)?;
        if file.metadata()?.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        let mut head = vec![0; unpack::HEAD];
        let (read, error) = read_full(&mut file, &mut head);
        error.map_or(Ok(()), Err)?;
        head.truncate(read);
        match (Format::of(&head), file.seek(SeekFrom::End(0))) {
            (None, Ok(len)) if Positioned::IS_POSSIBLE => {
                Ok(Source::File(Extents { file, len, at: 0, end: 0 }))
            }
            (None, Ok(_)) => {
                file.seek(SeekFrom::Start(0))?;
                Ok(Source::Stream(Stream::new(Box::new(file))))
            }
            (Some(_), Ok(_)) => {
                file.seek(SeekFrom::Start(0))?;
                Source::stream(file)
            }
            (_, Err(_)) => Source::stream(io::Cursor::new(head).chain(file)),
        }
    }

    /// A pipe.
    pub(crate) fn stream(mut input: impl Read + 'static) -> io::Result<Source> {
        let mut head = vec![0; unpack::HEAD];
        let (read, error) = read_full(&mut input, &mut head);
        error.map_or(Ok(()), Err)?;
        head.truncate(read);
        let format = Format::of(&head);
        let input = io::Cursor::new(head).chain(input);
        Ok(Source::Stream(Stream::new(match format {
            // What is scanned as it comes needs no limit.
            Some(format) => Box::new(format.unpack(input, u64::MAX)),
            None => Box::new(input),
        })))
    }

    /// How many bytes there are, if that is known.
    pub(crate) fn len(&self) -> Option<u64> {
        match self {
            Source::File(extents) => Some(extents.len),
            Source::Stream(_) => None,
        }
    }

    /// The file that pieces are to be read from.
    pub(crate) fn file(&self) -> Option<&File> {
        match self {
            Source::File(extents) => Some(&extents.file),
            Source::Stream(_) => None,
        }
    }

    /// The same for other threads.
    pub(crate) fn share(&self) -> io::Result<Option<File>> {
        self.file().map(File::try_clone).transpose()
    }

    /// The next piece, in this room; nothing but holes are left out.
    pub(crate) fn next(&mut self, bytes: Buffer) -> Option<Piece> {
        match self {
            Source::File(extents) => extents.next(bytes),
            Source::Stream(stream) => stream.next(bytes),
        }
    }
}

/// The parts of a file that have data.
pub(crate) struct Extents {
    file: File,
    len: u64,
    /// Where the next piece begins, and where the data end in which it does.
    at: u64,
    end: u64,
}

impl Extents {
    fn next(&mut self, bytes: Buffer) -> Option<Piece> {
        if self.at >= self.end {
            // A record may begin and end in zeros, and what follows it must be seen.
            let near = Window::BEFORE as u64;
            let data = holes::next_data(&self.file, self.at)?;
            if data.start >= self.len {
                return None;
            }
            self.at = data.start.saturating_sub(near).max(self.at);
            self.end = data.end.saturating_add(near).min(self.len);
        }
        let start = self.at;
        let end = self.end.min(start.saturating_add(CORE as u64));
        let offset = start.saturating_sub(Window::BEFORE as u64);
        let behind = end.saturating_add(Window::BEHIND as u64).min(self.len);
        self.at = end;
        let core = usize::try_from(start - offset).ok()?..usize::try_from(end - offset).ok()?;
        let missing = usize::try_from(behind - offset).ok()?;
        Some(Piece { bytes, offset, core, missing, error: None })
    }
}

/// Bytes that can be read only once.
pub(crate) struct Stream {
    input: Box<dyn Read>,
    /// The end of the last piece, which the next one begins with.
    kept: Vec<u8>,
    offset: u64,
    /// Where in `kept` the next core begins.
    start: usize,
    ended: bool,
}

impl Stream {
    fn new(input: Box<dyn Read>) -> Stream {
        Stream { input, kept: Vec::new(), offset: 0, start: 0, ended: false }
    }

    fn next(&mut self, mut bytes: Buffer) -> Option<Piece> {
        if self.ended {
            return None;
        }
        bytes.begin(&self.kept);
        let wanted = self.start + CORE + Window::BEHIND;
        let error = bytes.read(&mut *self.input, wanted.saturating_sub(self.kept.len()));
        let read = bytes.bytes();
        self.ended = read.len() < wanted;
        let end = if self.ended { read.len() } else { self.start + CORE };
        let core = self.start.min(end)..end;
        let offset = self.offset;
        let spent = end.saturating_sub(Window::BEFORE);
        self.kept.clear();
        self.kept.extend_from_slice(read.get(spent..).unwrap_or_default());
        self.offset += spent as u64;
        self.start = end - spent;
        Some(Piece { bytes, offset, core, missing: 0, error })
    }
}
