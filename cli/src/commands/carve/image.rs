//! The bytes of an image in overlapping chunks. Of a file, the chunks without holes, each read by
//! the thread that scans it; of a pipe or a compressed file, all chunks in order.

use std::io::{self, Read, Seek as _, SeekFrom};
use std::ops::Range;

use loginrec::carve::Window;
use loginrec::detect::{Foreign, ForeignClass, Reason, detect};
use loginrec::read::{ReadAt as _, read_full, read_full_at};
use loginrec_sources::{Compression, SparseFile, image_segments, open_disk, open_unallocated};

use crate::diagnostics::{Diagnostics, reason};
use crate::file_name::FileName;
use crate::input::buffer::Buffer;
use crate::input::held_file::HeldFile;
use crate::input::stored::{self, Stored};

/// Bytes of an image that are scanned together.
const CORE: usize = 256 << 10;
/// Bytes at the beginning of an image that show its format.
const HEAD: usize = 4 << 10;

/// A chunk of an image, perhaps not read yet.
#[derive(Debug)]
pub(crate) struct ImageChunk {
    bytes: Buffer,
    offset: u64,
    core: Range<usize>,
    /// Bytes that are still to be read from the file.
    missing: usize,
    pub(crate) error: Option<io::Error>,
}

impl ImageChunk {
    /// Reads the missing bytes. Unreadable bytes count as zeros.
    pub(crate) fn fill(&mut self, file: Option<&SparseFile>) {
        let missing = std::mem::take(&mut self.missing);
        let Some(file) = file.filter(|_| missing > 0) else { return };
        self.bytes.truncate(0);
        self.error = self.bytes.read_at(file, self.offset, missing);
        self.bytes.pad(missing);
    }

    pub(crate) fn window(&self) -> Window<'_> {
        Window::new(self.offset, self.bytes.bytes(), self.core.clone())
    }

    pub(crate) fn core_offset(&self) -> u64 {
        self.offset + self.core.start as u64
    }

    pub(crate) fn core_end(&self) -> u64 {
        self.offset + self.core.end as u64
    }

    /// Returns the buffer for reuse.
    pub(crate) fn into_bytes(self) -> Buffer {
        self.bytes
    }
}

/// A source of chunks.
pub(crate) enum Image {
    File(Extents),
    Stream(Stream),
}

/// Returns the format of a disk image that does not store the disk byte by byte.
fn wrapper(head: &[u8]) -> Option<Foreign> {
    detect(head).reasons().iter().find_map(|reason| match reason {
        Reason::Foreign(what) if what.class == ForeignClass::DiskImage => Some(*what),
        _ => None,
    })
}

/// The other files of an image are evidence too.
fn add_segments(name: &FileName<'_>, report: &mut Diagnostics) {
    let segments = name.path().map(image_segments).unwrap_or_default();
    for segment in &segments {
        let segment = FileName::new(segment);
        if let Err(error) = stored::open(&segment, report) {
            report.warn(&segment, reason(&error));
        }
    }
}

impl Image {
    /// Opens a file or a device; compressed ones are unpacked while they are read.
    pub(crate) fn open(name: &FileName<'_>, report: &mut Diagnostics) -> io::Result<Image> {
        let mut file = match stored::open(name, report)? {
            Stored::File(file) => file,
            Stored::Held(held) => return Image::stream(held),
            Stored::Once(reader) => return Image::stream(reader),
        };
        let mut head = vec![0; Compression::HEAD_LEN];
        let (read, error) = read_full(&mut file, &mut head);
        error.map_or(Ok(()), Err)?;
        head.truncate(read);
        match name.path().map(open_disk).transpose() {
            Ok(Some(Some(disk))) => {
                add_segments(name, report);
                return Image::stream(HeldFile::new(disk));
            }
            Ok(Some(None) | None) => {}
            // Records that are stored uncompressed are still found.
            Err(error) => report.warn(name, reason(&error)),
        }
        match (Compression::detect(&head), file.seek(SeekFrom::End(0))) {
            (None, Ok(len)) => {
                let file = SparseFile::new(file);
                Ok(Image::File(Extents { file, len, at: 0, end: 0 }))
            }
            (Some(_), Ok(_)) => {
                file.seek(SeekFrom::Start(0))?;
                Image::stream(file)
            }
            (_, Err(_)) => Image::stream(io::Cursor::new(head).chain(file)),
        }
    }

    /// Opens a disk of which only the space is looked at that no file has.
    pub(crate) fn unallocated(name: &FileName<'_>, report: &mut Diagnostics) -> io::Result<Image> {
        // The file is evidence, whatever is read of it.
        stored::open(name, report)?;
        add_segments(name, report);
        let path = name.path().ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidInput, "--unallocated needs a file, not a pipe")
        })?;
        Image::stream(HeldFile::new(open_unallocated(path)?))
    }

    /// Opens a pipe.
    fn stream(mut input: impl Read + 'static) -> io::Result<Image> {
        let mut head = vec![0; Compression::HEAD_LEN];
        let (read, error) = read_full(&mut input, &mut head);
        error.map_or(Ok(()), Err)?;
        head.truncate(read);
        let compression = Compression::detect(&head);
        let input = io::Cursor::new(head).chain(input);
        Ok(Image::Stream(Stream::new(match compression {
            // Chunks are scanned as they arrive, so no limit is needed.
            Some(compression) => Box::new(compression.decompress(input, u64::MAX)),
            None => Box::new(input),
        })))
    }

    /// Returns the length, if it is known.
    pub(crate) fn len(&self) -> Option<u64> {
        match self {
            Image::File(extents) => Some(extents.len),
            Image::Stream(_) => None,
        }
    }

    /// Returns the format of the image, if it may store parts of the disk compressed or elsewhere:
    /// records are not found in those.
    pub(crate) fn wrapper(&self) -> Option<Foreign> {
        match self {
            Image::File(extents) => {
                let mut head = vec![0; HEAD];
                let (read, _) = read_full_at(&extents.file, &mut head, 0);
                wrapper(head.get(..read).unwrap_or_default())
            }
            Image::Stream(stream) => wrapper(&stream.kept),
        }
    }

    /// Returns the file that chunks are to be read from.
    pub(crate) fn file(&self) -> Option<&SparseFile> {
        match self {
            Image::File(extents) => Some(&extents.file),
            Image::Stream(_) => None,
        }
    }

    /// Returns the file for another thread.
    pub(crate) fn share(&self) -> io::Result<Option<SparseFile>> {
        self.file().map(SparseFile::try_clone).transpose()
    }

    /// Returns the next chunk, in this buffer; chunks within holes are skipped.
    pub(crate) fn next(&mut self, bytes: Buffer) -> Option<ImageChunk> {
        match self {
            Image::File(extents) => extents.next(bytes),
            Image::Stream(stream) => stream.next(bytes),
        }
    }
}

/// The parts of a file that have data.
pub(crate) struct Extents {
    file: SparseFile,
    len: u64,
    /// Offset of the next chunk; the next field is the end of the data it begins in.
    at: u64,
    end: u64,
}

impl Extents {
    fn next(&mut self, bytes: Buffer) -> Option<ImageChunk> {
        if self.at >= self.end {
            // A record may begin and end in zeros, and the bytes after it are needed too.
            let near = Window::BEFORE as u64;
            let data = self.file.data_after(self.at).ok()??;
            if data.start >= self.len {
                return None;
            }
            self.at = data.start.saturating_sub(near).max(self.at);
            self.end = data.end.saturating_add(near).min(self.len);
        }
        let start = self.at;
        let end = self.end.min(start.saturating_add(CORE as u64));
        let offset = start.saturating_sub(Window::BEFORE as u64);
        let behind = end.saturating_add(Window::AFTER as u64).min(self.len);
        self.at = end;
        let core = usize::try_from(start - offset).ok()?..usize::try_from(end - offset).ok()?;
        let missing = usize::try_from(behind - offset).ok()?;
        Some(ImageChunk { bytes, offset, core, missing, error: None })
    }
}

/// Bytes that can be read only once.
pub(crate) struct Stream {
    input: Box<dyn Read>,
    /// The end of the last chunk, with which the next one begins.
    kept: Vec<u8>,
    offset: u64,
    /// Offset in `kept` of the next core.
    start: usize,
    ended: bool,
    /// An error after the bytes in `kept`.
    error: Option<io::Error>,
}

impl Stream {
    fn new(mut input: Box<dyn Read>) -> Stream {
        let mut kept = vec![0; HEAD];
        let (read, error) = read_full(&mut input, &mut kept);
        kept.truncate(read);
        Stream { input, kept, offset: 0, start: 0, ended: false, error }
    }

    fn next(&mut self, mut bytes: Buffer) -> Option<ImageChunk> {
        if self.ended {
            return None;
        }
        bytes.begin(&self.kept);
        let wanted = self.start + CORE + Window::AFTER;
        let error = match self.error.take() {
            Some(error) => Some(error),
            None => bytes.read(&mut *self.input, wanted.saturating_sub(self.kept.len())),
        };
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
        Some(ImageChunk { bytes, offset, core, missing: 0, error })
    }
}
