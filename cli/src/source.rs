//! The bytes of one input: an ordinary file, or what can be read only once.

use std::fs::File;
use std::io::{self, Cursor, ErrorKind, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::Path;

use crate::buffer::Buffer;
use crate::holes;
use crate::positioned::Positioned;
use crate::unpack::{self, Format};

/// How much of the beginning of a file is kept for its layout to be detected, and then
/// read from memory: most files are no longer.
const FILE_HEAD: u64 = 1 << 20;
/// As much of what can be read only once: all that detection will ever see of it.
const STREAM_HEAD: u64 = 4 << 20;
/// What is read before anything is asked about a file: most have no more. Of one that is longer
/// than [`FILE_HEAD`] it is all: detection asks for the places it wants to see.
const FIRST: usize = 64 << 10;

/// From here on several threads are done sooner than one, for all that starting them costs.
const LONG: u64 = 16 << 20;

/// Bytes of which the beginning has been read already.
pub(crate) struct Source {
    head: Buffer,
    /// Of the next byte to be read.
    position: u64,
    rest: Rest,
    /// Whether nothing lies behind the head.
    is_all: bool,
    /// How long an ordinary file was when it was opened.
    len: Option<u64>,
    /// Whether what is read is not what is stored.
    pub(crate) is_packed: bool,
}

/// What lies behind the head.
enum Rest {
    Nothing,
    File(File),
    /// A pipe, a device, or what an unpacker gives.
    Once(Box<dyn Read>),
    /// Could not be read any further than the head.
    Failed(Option<io::Error>),
}

impl Source {
    /// Opens a file, or standard input without a path. What is compressed is unpacked, up to
    /// `max_size` bytes. The beginning is read into `head`.
    pub(crate) fn open(path: Option<&Path>, max_size: u64, mut head: Buffer) -> io::Result<Source> {
        head.truncate(0);
        let mut file = match path {
            Some(path) => File::open(path)?,
            None => {
                let rest = Rest::Once(Box::new(io::stdin().lock()));
                return Source::new(rest, None, max_size, head);
            }
        };
        if let Some(error) = head.read(&mut file, FIRST) {
            return Err(error);
        }
        let len = head.bytes().len();
        if len < FIRST {
            return Source::new(Rest::Nothing, Some(len as u64), max_size, head);
        }
        let about = file.metadata()?;
        match about.is_file() {
            true => Source::new(Rest::File(file), Some(about.len()), max_size, head),
            false => Source::new(Rest::Once(Box::new(file)), None, max_size, head),
        }
    }

    fn new(
        mut rest: Rest,
        len: Option<u64>,
        max_size: u64,
        mut head: Buffer,
    ) -> io::Result<Source> {
        if head.bytes().is_empty()
            && let Some(error) = head.read(&mut rest, unpack::HEAD)
        {
            return Err(error);
        }
        let format = Format::of(head.bytes());
        if let Some(format) = format {
            let packed = Cursor::new(head.bytes().to_vec()).chain(rest);
            head.truncate(0);
            rest = Rest::Once(Box::new(format.unpack(packed, max_size)));
        }
        let len = len.filter(|_| format.is_none());
        // A file is read up to the length it has now: what tells no length, as those of /proc,
        // and a pipe may have much more to come. One byte more shows whether that is all.
        let wanted = if let Rest::File(_) = rest { FILE_HEAD } else { STREAM_HEAD };
        let most = wanted.saturating_add(1);
        let until = match (&rest, len) {
            (Rest::Nothing, _) => 0,
            (Rest::File(_), Some(len @ 1..=FILE_HEAD)) => len,
            (Rest::File(_), Some(1..)) => 0,
            _ => most,
        };
        let more = until.saturating_sub(head.bytes().len() as u64);
        if let Some(error) = head.read_on(&mut rest, more) {
            // A bomb that goes off at once is not read in part.
            if head.bytes().is_empty() || error.kind() == ErrorKind::FileTooLarge {
                return Err(error);
            }
            rest = Rest::Failed(Some(error));
        } else if head.bytes().len() as u64 <= wanted && !matches!(rest, Rest::File(_)) {
            rest = Rest::Nothing;
        }
        let is_all = match rest {
            Rest::Nothing => true,
            Rest::File(_) if len > Some(FILE_HEAD) => false,
            Rest::File(_) => head.bytes().len() as u64 <= FILE_HEAD,
            Rest::Once(_) | Rest::Failed(_) => false,
        };
        Ok(Source { head, position: 0, rest, is_all, len, is_packed: format.is_some() })
    }

    /// The room the beginning was read into, for another file.
    pub(crate) fn into_head(self) -> Buffer {
        self.head
    }

    /// The beginning, and whether that is all.
    pub(crate) fn head(&self) -> (&[u8], bool) {
        (self.head.bytes(), self.is_all)
    }

    /// All of it, if it is in memory and nothing has been read yet.
    pub(crate) fn whole(&self) -> Option<&[u8]> {
        (self.is_all && self.position == 0).then(|| self.head.bytes())
    }

    /// What is in memory counts as read.
    pub(crate) fn pass_head(&mut self) {
        self.position = self.head.bytes().len() as u64;
    }

    /// What has been read elsewhere counts as read.
    pub(crate) fn pass_to(&mut self, position: u64) {
        self.position = position;
    }

    /// An ordinary file for others to read, each at places of its own.
    pub(crate) fn share(&self) -> Option<File> {
        match &self.rest {
            // What tells no length, as files of /proc, is better read in order.
            Rest::File(file) if Positioned::IS_POSSIBLE && self.len > Some(0) => {
                file.try_clone().ok()
            }
            _ => None,
        }
    }

    /// How long an ordinary file was when it was opened.
    pub(crate) fn len(&self) -> Option<u64> {
        self.len
    }

    /// Whether it can be read more than once, and from any place.
    pub(crate) fn is_seekable(&self) -> bool {
        matches!(self.rest, Rest::File(_) | Rest::Nothing)
    }

    /// Reads what can be read only once into memory, up to `max_size` bytes. Gives the error
    /// that ends it early.
    ///
    /// Many files may be kept at once: a small one is closed, for it is in memory, and of a
    /// long one nothing stays there.
    pub(crate) fn keep(&mut self, max_size: u64) -> io::Result<Option<io::Error>> {
        match &mut self.rest {
            Rest::File(_) if self.is_all => self.rest = Rest::Nothing,
            Rest::File(file) => {
                file.seek(SeekFrom::Start(self.position))?;
                self.head = Buffer::default();
            }
            // A small one; a length is told of files only.
            Rest::Nothing if self.len.is_some() => {}
            _ => return self.keep_rest(max_size),
        }
        self.head.shrink();
        Ok(None)
    }

    fn keep_rest(&mut self, max_size: u64) -> io::Result<Option<io::Error>> {
        self.is_all = true;
        let room = max_size.saturating_add(1).saturating_sub(self.head.bytes().len() as u64);
        let mut rest = std::mem::replace(&mut self.rest, Rest::Nothing);
        let error = self.head.read_on(&mut rest, room);
        self.head.shrink();
        if self.head.bytes().len() as u64 > max_size {
            return Err(unpack::too_large("more", max_size));
        }
        match error {
            Some(error) if error.kind() == ErrorKind::FileTooLarge => Err(error),
            error => Ok(error),
        }
    }

    /// If the file has become shorter than it was when it was opened: both lengths. To be
    /// asked at its end.
    pub(crate) fn shrunk(&self) -> Option<(u64, u64)> {
        let len = self.len.filter(|&len| self.position < len)?;
        Some((len, self.position))
    }

    /// Whether it is worth the while of several threads. A pipe never is: who waits at its
    /// end wants what there is.
    pub(crate) fn is_long(&self) -> bool {
        match self.rest {
            Rest::File(_) => self.len.is_some_and(|len| len >= LONG),
            _ => self.is_packed && !self.is_all,
        }
    }

    /// The next part of a file that is not a hole.
    pub(crate) fn next_data(&mut self, at: u64) -> io::Result<Option<Range<u64>>> {
        Ok(match &self.rest {
            Rest::File(file) => holes::next_data(file, at),
            _ => Some(at..u64::MAX),
        })
    }
}

impl Read for Rest {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Rest::Nothing => Ok(0),
            Rest::File(file) => file.read(buffer),
            Rest::Once(once) => once.read(buffer),
            Rest::Failed(error) => error.take().map_or(Ok(0), Err),
        }
    }
}

impl Read for Source {
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

impl Seek for Source {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let end = match &mut self.rest {
            Rest::Nothing => self.head.bytes().len() as u64,
            Rest::File(file) => match to {
                SeekFrom::End(_) => file.seek(SeekFrom::End(0))?,
                _ => 0,
            },
            Rest::Once(_) | Rest::Failed(_) => return Err(ErrorKind::NotSeekable.into()),
        };
        let position = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => end.checked_add_signed(by),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
        };
        self.position = position.ok_or(ErrorKind::InvalidInput)?;
        if let Rest::File(file) = &mut self.rest {
            // The head is read from memory.
            file.seek(SeekFrom::Start(self.position.max(self.head.bytes().len() as u64)))?;
        }
        Ok(self.position)
    }
}

/// Reads until `buffer` is full or there is no more: how much, and why not all.
pub(crate) fn read_full(input: &mut dyn Read, buffer: &mut [u8]) -> (usize, Option<io::Error>) {
    let mut done = 0;
    while let Some(rest) = buffer.get_mut(done..).filter(|rest| !rest.is_empty()) {
        match input.read(rest) {
            Ok(0) => break,
            Ok(read) => done += read,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return (done, Some(error)),
        }
    }
    (done, None)
}
