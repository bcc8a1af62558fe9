//! Members of a tar archive, one after the other.
//!
//! Reads V7, ustar, GNU and pax archives with sparse members of each kind. Memory does not depend on
//! the archive. After a damaged header, reading goes on at the next block that is one.

use std::io::{self, ErrorKind, Read};

use loginrec::read::read_full;

use crate::archive::tar_header::{BLOCK, Header, without_nul};

/// The longest names and attributes that are read.
const LONGEST: u64 = 1 << 20;
/// The most parts of a sparse member.
const PARTS: usize = 1 << 20;

/// A member, before its content.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) path: Vec<u8>,
    pub(super) kind: Kind,
    /// The target of a link.
    pub(super) link: Vec<u8>,
    /// The time of the last change.
    pub(super) modified: Option<i64>,
    /// Bytes of content in the archive.
    pub(super) stored: u64,
    /// The places of its bytes, if others are zero: offset and length.
    pub(super) parts: Option<Vec<(u64, u64)>>,
    /// The size of the file.
    pub(super) size: u64,
}

/// The kinds of members.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Kind {
    #[default]
    File,
    Folder,
    Link,
    /// Another name of a member before it.
    HardLink,
    /// A device, a pipe, or something of one program.
    Other,
}

/// The next thing in an archive.
#[derive(Debug)]
pub(super) enum Next {
    Member(Member),
    /// A header that is none, at this offset.
    Damaged(u64),
    End,
}

/// A tar archive.
#[derive(Debug)]
pub(super) struct TarReader<R> {
    input: R,
    /// Bytes that were read.
    offset: u64,
    /// Bytes of the current member that are left, and padding after them.
    left: u64,
    padding: u64,
    /// Whether the last block was damaged: the next ones are not reported.
    is_lost: bool,
}

/// Attributes of the next member from extended headers.
#[derive(Debug, Default)]
struct Extended {
    path: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
    size: Option<u64>,
    modified: Option<i64>,
    sparse: Sparse,
}

/// Attributes of sparse members in pax headers.
#[derive(Debug, Default)]
struct Sparse {
    name: Option<Vec<u8>>,
    size: Option<u64>,
    /// Whether the map is at the beginning of the content.
    has_map: bool,
    numbers: Vec<u64>,
}

impl<R: Read> TarReader<R> {
    pub(super) fn new(input: R) -> TarReader<R> {
        TarReader { input, offset: 0, left: 0, padding: 0, is_lost: false }
    }

    /// Returns the next member; what is left of the one before is skipped.
    pub(super) fn next(&mut self) -> io::Result<Next> {
        let mut extended = Extended::default();
        loop {
            let rest = self.left.saturating_add(self.padding);
            (self.left, self.padding) = (0, 0);
            self.skip(rest)?;
            let at = self.offset;
            let mut block = [0; BLOCK];
            match self.block(&mut block)? {
                0 => return Ok(Next::End),
                BLOCK => {}
                _ => return Ok(Next::Damaged(at)),
            }
            if block.iter().all(|&byte| byte == 0) {
                continue;
            }
            let header = Header(&block);
            let Some(size) = header.size().filter(|_| header.is_valid()) else {
                if !std::mem::replace(&mut self.is_lost, true) {
                    return Ok(Next::Damaged(at));
                }
                continue;
            };
            self.is_lost = false;
            match header.kind() {
                b'L' | b'K' | b'x' | b'X' | b'g' if size > LONGEST => {
                    self.begin(size);
                    return Ok(Next::Damaged(at));
                }
                b'L' => extended.path = Some(without_nul(self.text(size)?)),
                b'K' => extended.link = Some(without_nul(self.text(size)?)),
                b'x' | b'X' => extended.read(&self.text(size)?),
                b'g' => _ = self.text(size)?,
                _ => return self.member(&header, size, extended).map(Next::Member),
            }
        }
    }

    fn member(&mut self, header: &Header<'_>, size: u64, more: Extended) -> io::Result<Member> {
        let kind = match header.kind() {
            // V7 has folders as files whose names end in a slash.
            b'0' | 0 | b'7' if header.name().ends_with(b"/") => Kind::Folder,
            b'0' | 0 | b'7' | b'S' => Kind::File,
            b'1' => Kind::HardLink,
            b'2' => Kind::Link,
            b'5' | b'D' => Kind::Folder,
            _ => Kind::Other,
        };
        let stored = match kind {
            // pax allows a hard link to have content.
            Kind::File | Kind::Other | Kind::HardLink | Kind::Folder => more.size.unwrap_or(size),
            Kind::Link => 0,
        };
        let mut member = Member {
            path: more.sparse.name.or(more.path).unwrap_or_else(|| header.path()),
            kind,
            link: more.link.unwrap_or_else(|| header.link()),
            modified: more.modified.or(header.modified()),
            stored,
            parts: None,
            size: stored,
        };
        let is_old = header.kind() == b'S';
        let parts = if is_old { Some(self.old_parts(header)?) } else { None };
        self.begin(stored);
        if is_old {
            member.size = header.number(483, 12).unwrap_or(stored);
            member.parts = parts;
        } else if let Some(size) = more.sparse.size {
            member.size = size;
            member.parts = Some(match more.sparse.has_map {
                true => self.map()?,
                false => pairs(&more.sparse.numbers),
            });
            member.stored = self.left;
        }
        Ok(member)
    }

    fn begin(&mut self, stored: u64) {
        self.left = stored;
        self.padding = stored.next_multiple_of(BLOCK as u64).saturating_sub(stored);
    }

    /// Reads the parts of a sparse member of GNU tar.
    fn old_parts(&mut self, header: &Header<'_>) -> io::Result<Vec<(u64, u64)>> {
        let mut parts = Vec::new();
        let mut add = |header: &Header<'_>, from: usize, count: usize| {
            for at in (0..count).map(|number| from + number * 24) {
                let part = header.number(at, 12).zip(header.number(at + 12, 12));
                parts.extend(part.filter(|&(_, len)| len > 0));
            }
            parts.len()
        };
        add(header, 386, 4);
        let mut is_extended = header.0.get(482) == Some(&1);
        while is_extended {
            let mut block = [0; BLOCK];
            if self.block(&mut block)? < BLOCK {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            if add(&Header(&block), 0, 21) > PARTS {
                return Err(ErrorKind::InvalidData.into());
            }
            is_extended = block.get(504) == Some(&1);
        }
        Ok(parts)
    }

    /// Reads the map at the beginning of the content of a sparse member.
    fn map(&mut self) -> io::Result<Vec<(u64, u64)>> {
        let mut numbers = Vec::new();
        let (mut wanted, mut number, mut digits) = (None, 0_u64, 0);
        loop {
            let mut block = [0; BLOCK];
            if self.read_full(&mut block)? < BLOCK {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            for byte in block {
                match byte {
                    b'0'..=b'9' => {
                        number = number.saturating_mul(10).saturating_add(u64::from(byte - b'0'));
                        digits += 1;
                    }
                    b'\n' if digits > 0 => {
                        match wanted {
                            None => wanted = usize::try_from(number).ok().filter(|n| *n < PARTS),
                            Some(_) => numbers.push(number),
                        }
                        (number, digits) = (0, 0);
                        let Some(wanted) = wanted else {
                            return Err(ErrorKind::InvalidData.into());
                        };
                        if numbers.len() >= wanted.saturating_mul(2) {
                            return Ok(pairs(&numbers));
                        }
                    }
                    _ => return Err(ErrorKind::InvalidData.into()),
                }
            }
        }
    }

    /// Reads the content of an extended header.
    fn text(&mut self, size: u64) -> io::Result<Vec<u8>> {
        self.begin(size);
        let mut text = vec![0; usize::try_from(size.min(LONGEST)).unwrap_or_default()];
        let read = self.read_full(&mut text)?;
        text.truncate(read);
        Ok(text)
    }

    fn read_full(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match read_full(self, buffer) {
            (read, None) => Ok(read),
            (_, Some(error)) => Err(error),
        }
    }

    /// Reads a block, or what is left of it.
    fn block(&mut self, block: &mut [u8; BLOCK]) -> io::Result<usize> {
        let (read, error) = read_full(&mut self.input, block);
        self.offset = self.offset.saturating_add(read as u64);
        error.map_or(Ok(read), Err)
    }

    fn skip(&mut self, len: u64) -> io::Result<()> {
        let skipped = io::copy(&mut self.input.by_ref().take(len), &mut io::sink())?;
        self.offset = self.offset.saturating_add(skipped);
        match skipped < len {
            true => Err(ErrorKind::UnexpectedEof.into()),
            false => Ok(()),
        }
    }
}

/// Reads the content of the current member.
impl<R: Read> Read for TarReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        let room = buffer.get_mut(..len).unwrap_or_default();
        if room.is_empty() {
            return Ok(0);
        }
        match self.input.read(room)? {
            0 => Err(ErrorKind::UnexpectedEof.into()),
            read => {
                self.offset = self.offset.saturating_add(read as u64);
                self.left = self.left.saturating_sub(read as u64);
                Ok(read)
            }
        }
    }
}

impl Extended {
    /// Takes the records of a pax header: `LENGTH KEY=VALUE\n`.
    fn read(&mut self, mut text: &[u8]) {
        while let Some(at) = text.iter().position(|&byte| byte == b' ') {
            let len = text.get(..at).and_then(decimal).and_then(|len| usize::try_from(len).ok());
            let Some((record, rest)) = len.and_then(|len| text.split_at_checked(len)) else {
                return;
            };
            text = rest;
            let record = record.get(at.saturating_add(1)..).unwrap_or_default();
            let record = record.strip_suffix(b"\n").unwrap_or(record);
            if let Some(at) = record.iter().position(|&byte| byte == b'=') {
                let (key, value) = record.split_at(at);
                self.take(key, value.get(1..).unwrap_or_default());
            }
        }
    }

    fn take(&mut self, key: &[u8], value: &[u8]) {
        let Sparse { name, size, has_map, numbers } = &mut self.sparse;
        match key {
            b"path" => self.path = Some(value.to_vec()),
            b"linkpath" => self.link = Some(value.to_vec()),
            b"size" => self.size = decimal(value),
            b"mtime" => {
                let whole = value.split(|&byte| byte == b'.').next().unwrap_or_default();
                self.modified = str::from_utf8(whole).ok().and_then(|text| text.parse().ok());
            }
            b"GNU.sparse.name" => *name = Some(value.to_vec()),
            b"GNU.sparse.realsize" | b"GNU.sparse.size" => *size = decimal(value),
            b"GNU.sparse.major" => *has_map = value == b"1",
            b"GNU.sparse.offset" | b"GNU.sparse.numbytes" => numbers.extend(decimal(value)),
            b"GNU.sparse.map" => {
                numbers.extend(value.split(|&byte| byte == b',').filter_map(decimal));
            }
            _ => {}
        }
    }
}

fn pairs(numbers: &[u64]) -> Vec<(u64, u64)> {
    let pairs = numbers.chunks_exact(2).filter_map(|pair| Some((*pair.first()?, *pair.last()?)));
    pairs.filter(|&(_, len)| len > 0).collect()
}

fn decimal(text: &[u8]) -> Option<u64> {
    str::from_utf8(text).ok()?.parse().ok()
}

/// Returns whether data begins with the header of a member.
pub(super) fn is_tar(head: &[u8]) -> bool {
    let Some(block) = head.first_chunk::<BLOCK>() else { return false };
    let header = Header(block);
    block.first() != Some(&0) && header.is_valid() && header.size().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(name: &str, kind: u8, size: u64) -> Vec<u8> {
        let mut block = vec![0; BLOCK];
        block[..name.len()].copy_from_slice(name.as_bytes());
        block[124..135].copy_from_slice(format!("{size:011o}").as_bytes());
        block[136..147].copy_from_slice(b"14371573400");
        block[156] = kind;
        block[257..265].copy_from_slice(b"ustar\x0000");
        block[148..156].fill(b' ');
        let sum: u32 = block.iter().map(|&byte| u32::from(byte)).sum();
        block[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        block
    }

    fn with(name: &str, kind: u8, content: &[u8]) -> Vec<u8> {
        let mut bytes = header(name, kind, content.len() as u64);
        bytes.extend_from_slice(content);
        bytes.resize(bytes.len().next_multiple_of(BLOCK), 0);
        bytes
    }

    /// The members with their contents; `None` for damage.
    fn members(bytes: &[u8]) -> Vec<Option<(String, Vec<u8>)>> {
        let mut tar = TarReader::new(bytes);
        let mut found = Vec::new();
        loop {
            match tar.next() {
                Ok(Next::Member(member)) => {
                    let mut content = Vec::new();
                    let _ = tar.read_to_end(&mut content);
                    found.push(Some((String::from_utf8(member.path).unwrap(), content)));
                }
                Ok(Next::Damaged(_)) => found.push(None),
                Ok(Next::End) => return found,
                Err(_) => {
                    found.push(None);
                    return found;
                }
            }
        }
    }

    #[test]
    fn reading_goes_on_after_damage() {
        let some = |name: &str, content: &[u8]| Some((name.to_owned(), content.to_vec()));
        let mut bytes =
            [with("a", b'0', b"1"), with("b", b'0', &[7; 600]), with("c", 0, b"")].concat();
        assert_eq!(members(&bytes), [some("a", b"1"), some("b", &[7; 600]), some("c", b"")]);
        // The header of b.
        bytes[1030] ^= 1;
        assert_eq!(members(&bytes), [some("a", b"1"), None, some("c", b"")]);
        assert_eq!(members(&with("b", b'0', &[7; 600])[..900]), [some("b", &[7; 388]), None]);
        assert_eq!(members(&[0; 5120]), []);
        assert_eq!(members(&[b'x'; 5000]), [None, None]);
    }

    #[test]
    fn extended_headers() {
        let pax = b"16 path=x/long1\n20 mtime=-12.500000\n10 size=3\n";
        let bytes = [with("p", b'x', pax), with("short", b'0', b"abc")].concat();
        let mut tar = TarReader::new(&bytes[..]);
        let Next::Member(member) = tar.next().unwrap() else { panic!() };
        assert_eq!(
            (&member.path[..], member.modified, member.size),
            (&b"x/long1"[..], Some(-12), 3)
        );
        let bytes = [with("l", b'L', b"a/very/long\0"), with("a/ve", b'0', b"")].concat();
        assert_eq!(members(&bytes), [Some(("a/very/long".to_owned(), Vec::new()))]);
        // One that would need all memory is not read.
        let bytes = [header("p", b'x', 0o77_777_777_777), with("next", b'0', b"")].concat();
        assert_eq!(members(&bytes), [None, None]);
    }
}
