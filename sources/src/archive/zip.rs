//! Members of a zip archive.
//!
//! The directory at the end is read entry by entry: memory does not depend on their number. Without
//! one, in an archive that is cut short, the headers before the members are read.

use std::io::{self, BufReader, ErrorKind, Read};
use std::rc::Rc;

use flate2::CrcReader;
use flate2::bufread::DeflateDecoder;
use loginrec::read::{ReadAt, read_full, read_full_at};

use super::section::Section;
use crate::decompress::Compression;

/// Length of the record at the end, and of the longest comment after it.
const END: usize = 22;
const COMMENT: usize = 65_535;
/// Length of an entry of the directory, and of the header before a member.
const ENTRY: usize = 46;
const HEADER: usize = 30;

/// A member.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) path: Vec<u8>,
    pub(super) is_link: bool,
    pub(super) is_encrypted: bool,
    /// The number of the compression.
    method: u16,
    crc: u32,
    packed: u64,
    pub(super) size: u64,
    /// Offset of the header before it.
    header: u64,
    /// The time of the last change, if it is not only stored in local time.
    pub(super) modified: Option<i64>,
}

/// A zip archive.
pub(super) struct Zip {
    source: Rc<dyn ReadAt>,
    /// The directory; `None` if there is none.
    directory: Option<Directory>,
    /// Offset of the next header, without a directory.
    next: u64,
}

struct Directory {
    input: BufReader<Section>,
    /// Entries left.
    left: u64,
    /// Bytes before the archive, which its offsets do not count.
    shift: u64,
}

/// Returns whether data begins with the header of a member, or is an empty archive.
pub(super) fn is_zip(head: &[u8]) -> bool {
    match head {
        [b'P', b'K', 3, 4, version, ..] => {
            let method = u16_at(head, 8).unwrap_or(u16::MAX);
            *version < 100 && matches!(method, 0..=20 | 93..=99) && u16_at(head, 26) > Some(0)
        }
        [b'P', b'K', 5, 6, 0, 0, 0, 0, ..] => true,
        _ => false,
    }
}

impl Zip {
    pub(super) fn open(source: Rc<dyn ReadAt>) -> io::Result<Zip> {
        let directory = directory(&source)?;
        Ok(Zip { source, directory, next: 0 })
    }

    /// Whether the directory at the end is missing.
    pub(super) fn is_cut(&self) -> bool {
        self.directory.is_none()
    }

    /// Returns the next member.
    pub(super) fn next(&mut self) -> io::Result<Option<Entry>> {
        let Some(Directory { input, left, shift }) = &mut self.directory else {
            return self.next_header();
        };
        if *left == 0 {
            return Ok(None);
        }
        *left = left.saturating_sub(1);
        let mut head = [0; ENTRY];
        read_exact(input, &mut head)?;
        if !head.starts_with(b"PK\x01\x02") {
            return Err(invalid("its directory is damaged"));
        }
        let len = |at| usize::from(u16_at(&head, at).unwrap_or_default());
        let (name, extra, comment) = (len(28), len(30), len(32));
        let mut rest = vec![0; name.saturating_add(extra).saturating_add(comment)];
        read_exact(input, &mut rest)?;
        let (path, rest) = rest.split_at_checked(name).unwrap_or_default();
        let extra = rest.get(..extra).unwrap_or_default();
        let is_unix = head.get(5) == Some(&3);
        let mode = u32_at(&head, 38).unwrap_or_default() >> 16;
        let mut entry = Entry {
            path: with_slashes(path, is_unix),
            is_link: is_unix && mode & 0o170_000 == 0o120_000,
            is_encrypted: u16_at(&head, 8).unwrap_or_default() & 1 != 0,
            method: u16_at(&head, 10).unwrap_or_default(),
            crc: u32_at(&head, 16).unwrap_or_default(),
            packed: u32_at(&head, 20).unwrap_or_default().into(),
            size: u32_at(&head, 24).unwrap_or_default().into(),
            header: u32_at(&head, 42).unwrap_or_default().into(),
            modified: None,
        };
        entry.take_extra(extra);
        entry.header = entry.header.saturating_add(*shift);
        Ok(Some(entry))
    }

    /// Returns the member after the next header.
    fn next_header(&mut self) -> io::Result<Option<Entry>> {
        let mut head = [0; HEADER];
        let (read, error) = read_full_at(&*self.source, &mut head, self.next);
        error.map_or(Ok(()), Err)?;
        if read < HEADER || !head.starts_with(b"PK\x03\x04") {
            return Ok(None);
        }
        let len = |at| usize::from(u16_at(&head, at).unwrap_or_default());
        let (name, extra) = (len(26), len(28));
        let mut rest = vec![0; name.saturating_add(extra)];
        let begin = self.next.saturating_add(HEADER as u64);
        let (read, error) = read_full_at(&*self.source, &mut rest, begin);
        error.map_or(Ok(()), Err)?;
        if read < rest.len() {
            return Ok(None);
        }
        let (path, extra) = rest.split_at_checked(name).unwrap_or_default();
        let flags = u16_at(&head, 6).unwrap_or_default();
        let mut entry = Entry {
            path: with_slashes(path, true),
            is_link: false,
            is_encrypted: flags & 1 != 0,
            method: u16_at(&head, 8).unwrap_or_default(),
            crc: u32_at(&head, 14).unwrap_or_default(),
            packed: u32_at(&head, 18).unwrap_or_default().into(),
            size: u32_at(&head, 22).unwrap_or_default().into(),
            header: self.next,
            modified: None,
        };
        entry.take_extra(extra);
        let begin = begin.saturating_add(rest.len() as u64);
        if flags & 8 != 0 && entry.packed == 0 {
            // Its size comes after it.
            let end = self.next_mark(begin)?;
            entry.packed = end.saturating_sub(begin);
            (entry.size, entry.crc) = (u64::MAX, 0);
            self.next = end;
            let mut mark = [0; 24];
            let (read, _) = read_full_at(&*self.source, &mut mark, end);
            if mark.get(..read).is_some_and(|mark| mark.starts_with(b"PK\x07\x08")) {
                entry.crc = u32_at(&mark, 4).unwrap_or_default();
                entry.size = u32_at(&mark, 12).unwrap_or_default().into();
                self.next = self.next_mark(end.saturating_add(4))?;
            }
        } else {
            self.next = begin.saturating_add(entry.packed);
        }
        Ok(Some(entry))
    }

    /// Returns the offset of the next signature, or the end.
    fn next_mark(&self, from: u64) -> io::Result<u64> {
        let (mut at, mut piece) = (from, vec![0; 64 << 10]);
        loop {
            let (read, error) = read_full_at(&*self.source, &mut piece, at);
            error.map_or(Ok(()), Err)?;
            let bytes = piece.get(..read).unwrap_or_default();
            let is_mark =
                |window: &[u8]| matches!(window, b"PK\x03\x04" | b"PK\x01\x02" | b"PK\x07\x08");
            if let Some(found) = bytes.windows(4).position(is_mark) {
                return Ok(at.saturating_add(found as u64));
            }
            if read < piece.len() {
                return Ok(at.saturating_add(read as u64));
            }
            at = at.saturating_add(read.saturating_sub(3) as u64);
        }
    }

    /// Returns the content of a member, whose checksum is checked at its end.
    pub(super) fn content(&self, entry: &Entry) -> io::Result<Box<dyn Read>> {
        if entry.is_encrypted {
            return Err(invalid("encrypted"));
        }
        let mut head = [0; HEADER];
        let (read, error) = read_full_at(&*self.source, &mut head, entry.header);
        error.map_or(Ok(()), Err)?;
        if read < HEADER || !head.starts_with(b"PK\x03\x04") {
            return Err(invalid("its header is missing"));
        }
        let len = |at| u64::from(u16_at(&head, at).unwrap_or_default());
        let begin = entry.header.saturating_add(HEADER as u64);
        let begin = begin.saturating_add(len(26)).saturating_add(len(28));
        let packed = Section::new(&self.source, begin, begin.saturating_add(entry.packed));
        let packed = BufReader::new(packed);
        // One more byte shows that it is longer than its entry says.
        let limit = entry.size.saturating_add(1);
        let content: Box<dyn Read> = match entry.method {
            0 => Box::new(packed),
            8 => Box::new(DeflateDecoder::new(packed).take(limit)),
            12 => Box::new(Compression::Bzip2.decompress(packed, u64::MAX).take(limit)),
            93 => Box::new(Compression::ZstdOrLz4.decompress(packed, u64::MAX).take(limit)),
            95 => Box::new(Compression::Xz.decompress(packed, u64::MAX).take(limit)),
            method => return Err(invalid(format!("compressed by method {method}, not supported"))),
        };
        Ok(Box::new(Checked {
            content: CrcReader::new(content),
            crc: entry.crc,
            size: entry.size,
            read: 0,
        }))
    }
}

/// Content that is compared with its size and checksum at the end.
struct Checked<R: Read> {
    content: CrcReader<R>,
    crc: u32,
    size: u64,
    read: u64,
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.content.read(buffer)?;
        self.read = self.read.saturating_add(read as u64);
        let is_end = read == 0 && !buffer.is_empty();
        if self.size != u64::MAX {
            if is_end && self.read < self.size {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            if self.read > self.size || (is_end && self.content.crc().sum() != self.crc) {
                return Err(invalid("its checksum does not fit its content"));
            }
        }
        Ok(read)
    }
}

impl Entry {
    /// Takes sizes of more than 32 bits, and the time.
    fn take_extra(&mut self, mut extra: &[u8]) {
        while let (Some(id), Some(len)) = (u16_at(extra, 0), u16_at(extra, 2)) {
            let (field, rest) =
                extra.get(4..).unwrap_or_default().split_at_checked(len.into()).unwrap_or_default();
            match id {
                1 => {
                    let mut rest = field;
                    for number in [&mut self.size, &mut self.packed, &mut self.header] {
                        if *number != u64::from(u32::MAX) {
                            continue;
                        }
                        let Some((long, after)) = rest.split_first_chunk() else { break };
                        *number = u64::from_le_bytes(*long);
                        rest = after;
                    }
                }
                0x5455 if field.first().is_some_and(|flags| flags & 1 != 0) => {
                    let time = u32_at(field, 1);
                    self.modified = time.map(|time| i64::from(time.cast_signed()));
                }
                _ => {}
            }
            extra = rest;
        }
    }
}

/// Finds the directory.
fn directory(source: &Rc<dyn ReadAt>) -> io::Result<Option<Directory>> {
    let size = source.size()?;
    let from = size.saturating_sub((END + COMMENT) as u64);
    let mut tail = vec![0; usize::try_from(size.saturating_sub(from)).unwrap_or_default()];
    let (read, error) = read_full_at(&**source, &mut tail, from);
    error.map_or(Ok(()), Err)?;
    tail.truncate(read);
    let is_end = |at: &usize| {
        let end = tail.get(*at..).unwrap_or_default();
        let comment = u16_at(end, 20).map(usize::from);
        end.starts_with(b"PK\x05\x06") && comment.is_some_and(|len| END + len <= end.len())
    };
    let Some(at) = (0..tail.len().saturating_sub(END - 1)).rev().find(is_end) else {
        return Ok(None);
    };
    let end = tail.get(at..).unwrap_or_default();
    let number = |at| u64::from(u32_at(end, at).unwrap_or_default());
    let mut count = u64::from(u16_at(end, 10).unwrap_or_default());
    let (mut len, mut begin) = (number(12), number(16));
    let mut after = from.saturating_add(at as u64);
    // The locator of the record with longer numbers.
    let locator = at.checked_sub(20).and_then(|at| tail.get(at..)).unwrap_or_default();
    if locator.starts_with(b"PK\x06\x07")
        && let Some(long) = u64_at(locator, 8)
    {
        let mut record = [0; 56];
        let (read, error) = read_full_at(&**source, &mut record, long);
        error.map_or(Ok(()), Err)?;
        if read == record.len() && record.starts_with(b"PK\x06\x06") {
            count = u64_at(&record, 32).unwrap_or(count);
            len = u64_at(&record, 40).unwrap_or(len);
            begin = u64_at(&record, 48).unwrap_or(begin);
            after = long;
        }
    }
    let Some(real) = after.checked_sub(len) else { return Ok(None) };
    let shift = real.saturating_sub(begin);
    let input = BufReader::with_capacity(64 << 10, Section::new(source, real, after));
    Ok(Some(Directory { input, left: count, shift }))
}

/// Returns a path with slashes: some programs write backslashes.
fn with_slashes(path: &[u8], is_unix: bool) -> Vec<u8> {
    match is_unix || path.contains(&b'/') {
        true => path.to_vec(),
        false => path.iter().map(|&byte| if byte == b'\\' { b'/' } else { byte }).collect(),
    }
}

fn invalid(why: impl Into<String>) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, why.into())
}

fn read_exact(input: &mut impl Read, buffer: &mut [u8]) -> io::Result<()> {
    match read_full(input, buffer) {
        (_, Some(error)) => Err(error),
        (read, None) if read < buffer.len() => Err(ErrorKind::UnexpectedEof.into()),
        _ => Ok(()),
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|bytes| u16::from_le_bytes(*bytes))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|bytes| u32::from_le_bytes(*bytes))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().map(|bytes| u64::from_le_bytes(*bytes))
}
