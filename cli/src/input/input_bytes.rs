//! The bytes of one input: an ordinary file, or a source that can be read only once.

use std::io::{self, Cursor, ErrorKind, Read, Write as _};
use std::ops::Range;

use loginrec::detect::Sample;
use loginrec::read::{Part, ReadAt};
use loginrec_sources::{Compression, SparseFile, Spool};

use crate::diagnostics::Diagnostics;
use crate::file_name::FileName;
use crate::input::beside::Beside;
use crate::input::buffer::Buffer;
use crate::input::held_file::{HeldFile, Plain};
use crate::input::limit::{decompress, too_large};
use crate::input::packed_file::PackedFile;
use crate::input::stored::{self, Stored};

/// Bytes at the beginning of a file that are kept for detecting its layout, and then read from
/// memory. Most files are not longer.
const FILE_HEAD: u64 = 1 << 20;
/// The same for a source that can be read only once: detection sees nothing else of it.
const STREAM_HEAD: u64 = 4 << 20;
/// Bytes read before anything is known about a file. Most files are not longer. If a file is longer
/// than [`FILE_HEAD`], detection reads the other places that it needs.
const FIRST: usize = 64 << 10;

/// From this size on, several threads are faster than one, despite the cost of starting them.
const LONG: u64 = 16 << 20;

/// Bytes whose beginning has already been read.
pub(crate) struct InputBytes {
    head: Buffer,
    /// Offset of the next byte to read.
    position: u64,
    rest: Rest,
    /// Whether the head is all.
    is_all: bool,
    /// The size of an ordinary file when it was opened.
    len: Option<u64>,
    /// Whether the bytes are decompressed.
    pub(crate) is_packed: bool,
    /// The write-ahead log and journal of a database.
    beside: Beside,
}

/// Bytes copied to a spool at a time.
const PIECE: usize = 64 << 10;

/// The order in which bytes are read again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// From the beginning.
    InOrder,
    /// Anywhere.
    Random,
}

/// The bytes after the head.
enum Rest {
    Nothing,
    File(SparseFile),
    /// A member of an archive.
    Held(HeldFile),
    /// A compressed file, which can be unpacked again.
    Packed(PackedFile),
    /// A copy of a source that can be read only once.
    Spool(Spool),
    /// A pipe or device, decompressed if necessary.
    Once(Box<dyn Read>),
    /// The head could not be read further.
    Failed(Option<io::Error>),
}

impl InputBytes {
    /// Opens a source. Compressed sources are unpacked, up to `max_size` bytes. The beginning is
    /// read into `head`.
    pub(crate) fn open(
        name: &FileName<'_>,
        max_size: u64,
        mut head: Buffer,
        report: &mut Diagnostics,
    ) -> io::Result<InputBytes> {
        head.truncate(0);
        let mut file = match stored::open(name, report)? {
            Stored::File(file) => file,
            Stored::Held(held) => return InputBytes::of_member(held, max_size, head),
            Stored::Once(reader) => {
                return InputBytes::new(Rest::Once(reader), None, None, max_size, head);
            }
        };
        if let Some(error) = head.read(&mut file, FIRST) {
            return Err(error);
        }
        let len = head.bytes().len();
        let is_packed = Compression::detect(head.bytes()).is_some();
        let packed = is_packed.then(|| file.try_clone()).transpose()?.map(Plain::File);
        if len < FIRST {
            return InputBytes::new(Rest::Nothing, Some(len as u64), packed, max_size, head);
        }
        let about = file.metadata()?;
        match about.is_file() {
            true => {
                let rest = Rest::File(SparseFile::new(file));
                InputBytes::new(rest, Some(about.len()), packed, max_size, head)
            }
            false => InputBytes::new(Rest::Once(Box::new(file)), None, packed, max_size, head),
        }
    }

    /// Opens a member of an archive.
    fn of_member(mut held: HeldFile, max_size: u64, mut head: Buffer) -> io::Result<InputBytes> {
        if let Some(error) = head.read(&mut held, FIRST) {
            return Err(error);
        }
        let len = Some(held.size()?);
        let is_packed = Compression::detect(head.bytes()).is_some();
        let packed = is_packed.then(|| Plain::Held(held.clone()));
        let rest = if head.bytes().len() < FIRST { Rest::Nothing } else { Rest::Held(held) };
        InputBytes::new(rest, len, packed, max_size, head)
    }

    /// Opens the log and the journal that lie beside it, if it is a database.
    pub(crate) fn open_beside(
        &mut self,
        name: &FileName<'_>,
        report: &mut Diagnostics,
    ) -> io::Result<()> {
        let is_database = !self.is_packed && Sample::may_be_database(self.head.bytes());
        if let Some(path) = name.path().filter(|_| is_database) {
            self.beside = Beside::open(path, report)?;
        }
        Ok(())
    }

    /// Returns an input without bytes.
    pub(crate) fn empty() -> InputBytes {
        let (head, rest) = (Buffer::default(), Rest::Nothing);
        InputBytes {
            head,
            position: 0,
            rest,
            is_all: true,
            len: None,
            is_packed: false,
            beside: Beside::default(),
        }
    }

    fn new(
        mut rest: Rest,
        len: Option<u64>,
        file: Option<Plain>,
        max_size: u64,
        mut head: Buffer,
    ) -> io::Result<InputBytes> {
        if head.bytes().is_empty()
            && let Some(error) = head.read(&mut rest, Compression::HEAD_LEN)
        {
            return Err(error);
        }
        let compression = Compression::detect(head.bytes());
        if let Some(compression) = compression {
            rest = match (rest, file) {
                (_, Some(file)) => Rest::Packed(PackedFile::new(file, compression, max_size)),
                (rest, None) => {
                    let packed = Cursor::new(head.bytes().to_vec()).chain(rest);
                    Rest::Once(Box::new(decompress(compression, packed, max_size)))
                }
            };
            head.truncate(0);
        }
        let len = len.filter(|_| compression.is_none());
        // A file is read up to the size it has now. Files without a size, such as those of /proc,
        // and pipes may have much more to come. One more byte shows whether this is all.
        let wanted = match rest {
            Rest::File(_) | Rest::Held(_) => FILE_HEAD,
            _ => STREAM_HEAD,
        };
        let most = wanted.saturating_add(1);
        let until = match (&rest, len) {
            (Rest::Nothing, _) => 0,
            (Rest::File(_) | Rest::Held(_), Some(len @ 1..=FILE_HEAD)) => len,
            (Rest::File(_) | Rest::Held(_), Some(1..)) => 0,
            _ => most,
        };
        let more = until.saturating_sub(head.bytes().len() as u64);
        if let Some(error) = head.read_on(&mut rest, more) {
            // An archive bomb that fails at once is not read in part.
            if head.bytes().is_empty() || error.kind() == ErrorKind::FileTooLarge {
                return Err(error);
            }
            rest = Rest::Failed(Some(error));
        } else if head.bytes().len() as u64 <= wanted
            && !matches!(rest, Rest::File(_) | Rest::Held(_))
        {
            rest = Rest::Nothing;
        }
        let is_all = match rest {
            Rest::Nothing => true,
            Rest::File(_) | Rest::Held(_) if len > Some(FILE_HEAD) => false,
            Rest::File(_) | Rest::Held(_) => head.bytes().len() as u64 <= FILE_HEAD,
            _ => false,
        };
        let is_packed = compression.is_some();
        let beside = Beside::default();
        Ok(InputBytes { head, position: 0, rest, is_all, len, is_packed, beside })
    }

    /// Returns the buffer of the beginning, for another file.
    pub(crate) fn into_head(self) -> Buffer {
        self.head
    }

    /// Returns the beginning, and whether it is all.
    pub(crate) fn head(&self) -> (&[u8], bool) {
        (self.head.bytes(), self.is_all)
    }

    /// Marks the bytes as read elsewhere.
    pub(crate) fn pass_to(&mut self, position: u64) {
        self.position = position;
    }

    /// Returns an ordinary file, for threads that each read their own places.
    pub(crate) fn share(&self) -> Option<SparseFile> {
        match &self.rest {
            // Files without a size, such as those of /proc, are better read in order.
            Rest::File(file) if self.len > Some(0) => file.try_clone().ok(),
            _ => None,
        }
    }

    /// Whether the file system says that there are holes.
    pub(crate) fn has_holes(&self) -> bool {
        let (Rest::File(file), Some(len)) = (&self.rest, self.len) else { return false };
        let data = file.data_after(0).ok().flatten();
        data.is_none_or(|data| data.start > 0 || data.end < len)
    }

    /// Returns the size of a regular file when it was opened; `None` for other sources.
    pub(crate) fn len(&self) -> Option<u64> {
        self.len
    }

    /// Returns the parts that detection examines.
    pub(crate) fn sample(&self) -> io::Result<Sample<'_>> {
        match self.head() {
            (_, true) => Sample::of(self),
            (head, false) if !self.is_seekable() => Ok(Sample::beginning(head)),
            _ => Sample::read(self),
        }
    }

    /// Returns whether it can be read more than once, and at any offset.
    pub(crate) fn is_seekable(&self) -> bool {
        matches!(self.rest, Rest::File(_) | Rest::Held(_) | Rest::Spool(_) | Rest::Nothing)
    }

    /// Reads a source that can be read only once into memory, up to `max_size` bytes. Returns the
    /// error that ended it early.
    ///
    /// Many files may be kept at once: a small one is closed, for it is in memory, and of a
    /// long one nothing stays there.
    pub(crate) fn keep(&mut self, access: Access, max_size: u64) -> io::Result<Option<io::Error>> {
        if self.len.is_none() && self.head.bytes().len() as u64 > max_size {
            return Err(too_large("more", max_size));
        }
        match (&mut self.rest, access) {
            (Rest::Packed(_) | Rest::File(_) | Rest::Held(_), _) if self.is_all => {
                self.rest = Rest::Nothing;
            }
            (Rest::File(_) | Rest::Held(_) | Rest::Spool(_), _) => self.head = Buffer::default(),
            (Rest::Packed(file), Access::InOrder) => {
                file.rewind();
                self.head = Buffer::default();
            }
            (Rest::Nothing, _) => {}
            _ => {
                self.rewind()?;
                return self.spool(max_size);
            }
        }
        self.head.shrink();
        Ok(None)
    }

    fn spool(&mut self, max_size: u64) -> io::Result<Option<io::Error>> {
        let mut spool = Spool::new();
        spool.write_all(self.head.bytes())?;
        let mut rest = std::mem::replace(&mut self.rest, Rest::Nothing);
        let room = max_size.saturating_add(1).saturating_sub(self.head.bytes().len() as u64);
        let mut piece = Buffer::default();
        let mut left = room;
        let error = loop {
            piece.truncate(0);
            let len = usize::try_from(left).unwrap_or(usize::MAX).min(PIECE);
            let error = piece.read(&mut rest, len);
            spool.write_all(piece.bytes())?;
            left = left.saturating_sub(piece.bytes().len() as u64);
            if error.is_some() || piece.bytes().len() < len || left == 0 {
                break error;
            }
        };
        if spool.len() > max_size {
            return Err(too_large("more", max_size));
        }
        (self.rest, self.head) = (Rest::Spool(spool), Buffer::default());
        match error {
            Some(error) if error.kind() == ErrorKind::FileTooLarge => Err(error),
            error => Ok(error),
        }
    }

    /// Goes back to the beginning of what can only be read in order.
    pub(crate) fn rewind(&mut self) -> io::Result<()> {
        let head = self.head.bytes().len() as u64;
        match &mut self.rest {
            Rest::Packed(file) => file.go_to(head)?,
            Rest::Once(_) | Rest::Failed(_) if self.position > head => {
                return Err(ErrorKind::NotSeekable.into());
            }
            _ => {}
        }
        self.position = 0;
        Ok(())
    }

    /// If the file has become shorter than it was when it was opened: both lengths. To be
    /// asked at its end.
    pub(crate) fn shrunk(&self) -> Option<(u64, u64)> {
        let len = self.len.filter(|&len| self.position < len)?;
        Some((len, self.position))
    }

    /// Returns whether several threads are worthwhile. They never are for a pipe, whose reader
    /// wants each record as soon as possible.
    pub(crate) fn is_long(&self) -> bool {
        match &self.rest {
            Rest::File(_) => self.len.is_some_and(|len| len >= LONG),
            _ => self.is_packed && !self.is_all,
        }
    }
}

impl Read for Rest {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Rest::Nothing => Ok(0),
            Rest::File(file) => file.read(buffer),
            Rest::Held(held) => held.read(buffer),
            Rest::Packed(file) => file.read(buffer),
            // It is read at offsets.
            Rest::Spool(_) => Ok(0),
            Rest::Once(once) => once.read(buffer),
            Rest::Failed(error) => error.take().map_or(Ok(0), Err),
        }
    }
}

impl Read for InputBytes {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let at = usize::try_from(self.position).unwrap_or(usize::MAX);
        let read = match self.head.bytes().get(at..).filter(|head| !head.is_empty()) {
            Some(mut head) => head.read(buffer)?,
            None => self.rest.read(buffer)?,
        };
        self.position = self.position.saturating_add(read as u64);
        Ok(read)
    }
}

/// Reads a file, or bytes in memory, at any offset; other sources in order.
impl ReadAt for InputBytes {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        match (self.head.bytes().read_at(buffer, offset)?, &self.rest) {
            (0, Rest::File(file)) => file.read_at(buffer, offset),
            (0, Rest::Held(held)) => held.read_at(buffer, offset),
            (0, Rest::Spool(spool)) => spool.read_at(buffer, offset),
            (0, Rest::Packed(_) | Rest::Once(_) | Rest::Failed(_)) => {
                Err(ErrorKind::NotSeekable.into())
            }
            (read, _) => Ok(read),
        }
    }

    fn size(&self) -> io::Result<u64> {
        match &self.rest {
            Rest::Nothing => Ok(self.head.bytes().len() as u64),
            Rest::File(file) => file.size(),
            Rest::Held(held) => held.size(),
            Rest::Spool(spool) => spool.size(),
            Rest::Packed(_) | Rest::Once(_) | Rest::Failed(_) => Err(ErrorKind::NotSeekable.into()),
        }
    }

    fn data_after(&self, offset: u64) -> io::Result<Option<Range<u64>>> {
        match &self.rest {
            Rest::File(file) => file.data_after(offset),
            Rest::Held(held) => held.data_after(offset),
            Rest::Spool(spool) => spool.data_after(offset),
            _ => Ok(Some(offset..u64::MAX)),
        }
    }

    fn beside(&self, part: Part) -> Option<&dyn ReadAt> {
        self.beside.get(part)
    }

    fn in_memory(&self) -> Option<&[u8]> {
        self.is_all.then(|| self.head.bytes())
    }
}
