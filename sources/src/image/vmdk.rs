//! Images of VMware: files of grains that tables find, alone or named by a descriptor, and raw files
//! with a descriptor.

use std::cell::RefCell;
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use flate2::bufread::ZlibDecoder;
use loginrec::read::{ReadAt, read_full, read_full_at};

use super::blocks::{Block, BlockDisk, Table};
use super::bytes::{le32, le64, read_exactly};
use super::invalid;
use crate::evidence::open_segment;

const SECTOR: u64 = 512;
/// The largest descriptor that is read.
const LONGEST: usize = 1 << 20;
/// The most files of an image.
const MOST: usize = 4096;
/// Begins a descriptor of its own.
const TEXT: &[u8] = b"# Disk DescriptorFile";

/// Returns whether a file that begins with `head` is one of grains.
pub(super) fn is_grains(head: &[u8]) -> bool {
    head.starts_with(b"KDMV") && matches!(le32(head, 4), Some(1..=3))
}

/// Returns whether a file that begins with `head` is a descriptor.
pub(super) fn is_text(head: &[u8]) -> bool {
    head.starts_with(TEXT)
}

/// Opens an image, which is a descriptor or a file of grains.
pub(super) fn open(path: &Path, source: Rc<dyn ReadAt>) -> io::Result<Rc<dyn ReadAt>> {
    let mut head = vec![0; LONGEST];
    let (read, error) = read_full_at(&*source, &mut head, 0);
    error.map_or(Ok(()), Err)?;
    head.truncate(read);
    match is_text(&head) {
        true => Ok(Rc::new(Files::open(path, &head)?)),
        false => open_grains(source),
    }
}

/// The tables of a file of grains.
struct Grains {
    /// Offset of the table of tables.
    directory: u64,
    /// Entries of a table.
    entries: u64,
    tables: u64,
    /// Bytes of a grain.
    grain: u64,
    is_packed: bool,
    /// The last packed grain that was read.
    last: RefCell<Option<(u64, Rc<Vec<u8>>)>>,
}

fn open_grains(source: Rc<dyn ReadAt>) -> io::Result<Rc<dyn ReadAt>> {
    const PACKED: u32 = 1 << 16;
    let mut header = read_exactly(&*source, 0, 512)?;
    if let Some(text) = descriptor(&*source, &header)? {
        check_parent(&text)?;
    }
    // What was written in one go has the place of its tables in a copy of the header at the end.
    if le64(&header, 56) == Some(u64::MAX) {
        let end = source.size()?.saturating_sub(1024);
        header = read_exactly(&*source, end, 512)?;
    }
    let number = |at| le64(&header, at).unwrap_or_default();
    let (capacity, grain, directory) = (number(12), number(20), number(56));
    let entries = u64::from(le32(&header, 44).unwrap_or_default());
    let is_sound = is_grains(&header)
        && grain.is_power_of_two()
        && (1..=1 << 16).contains(&grain)
        && (1..=1 << 16).contains(&entries);
    if !is_sound {
        return Err(invalid("damaged header"));
    }
    let grains = Grains {
        directory: directory.saturating_mul(SECTOR),
        entries,
        tables: capacity.div_ceil(grain).div_ceil(entries),
        grain: grain.saturating_mul(SECTOR),
        is_packed: le32(&header, 8).is_some_and(|flags| flags & PACKED != 0),
        last: RefCell::default(),
    };
    let (size, block) = (capacity.saturating_mul(SECTOR), grains.grain);
    Ok(Rc::new(BlockDisk { source, size, block, table: grains }))
}

/// Returns the descriptor in a file of grains.
fn descriptor(source: &dyn ReadAt, header: &[u8]) -> io::Result<Option<String>> {
    let number = |at| le64(header, at).unwrap_or_default().saturating_mul(SECTOR);
    let (at, len) = (number(28), number(36));
    if at == 0 {
        return Ok(None);
    }
    let mut text = vec![0; usize::try_from(len).unwrap_or(LONGEST).min(LONGEST)];
    let (read, error) = read_full_at(source, &mut text, at);
    error.map_or(Ok(()), Err)?;
    text.truncate(read);
    Ok(Some(String::from_utf8_lossy(&text).into_owned()))
}

/// An image that is only the changes to another one cannot be read.
fn check_parent(text: &str) -> io::Result<()> {
    let mut lines = text.lines().filter_map(|line| line.split_once('='));
    let parent = lines.find(|(key, _)| key.trim() == "parentCID");
    match parent {
        Some((_, parent)) if !parent.trim().eq_ignore_ascii_case("ffffffff") => {
            let why = "it needs another image, its parent; convert it to a raw image";
            Err(invalid(why))
        }
        _ => Ok(()),
    }
}

impl Grains {
    fn unpack(&self, source: &dyn ReadAt, at: u64) -> io::Result<Rc<Vec<u8>>> {
        // The number of the sector, the length, and the data.
        let header = read_exactly(source, at, 12)?;
        let len = u64::from(le32(&header, 8).unwrap_or_default());
        if len > self.grain.saturating_mul(2) {
            return Err(invalid("damaged grain"));
        }
        let len = usize::try_from(len).unwrap_or_default();
        let packed = read_exactly(source, at.saturating_add(12), len)?;
        let mut grain = vec![0; usize::try_from(self.grain).unwrap_or_default()];
        let (read, error) = read_full(&mut ZlibDecoder::new(&packed[..]), &mut grain);
        match error {
            Some(error) if read < grain.len() => Err(error),
            _ => Ok(Rc::new(grain)),
        }
    }
}

impl Table for Grains {
    fn block(&self, source: &dyn ReadAt, number: u64) -> io::Result<Block> {
        let (table, entry) = (number / self.entries, number % self.entries);
        if table >= self.tables {
            return Ok(Block::Zeros);
        }
        let number_at = |at: u64| {
            let bytes = read_exactly(source, at, 4)?;
            io::Result::Ok(u64::from(le32(&bytes, 0).unwrap_or_default()))
        };
        let table = number_at(self.directory.saturating_add(table.saturating_mul(4)))?;
        if table == 0 {
            return Ok(Block::Zeros);
        }
        let table = table.saturating_mul(SECTOR);
        let sector = number_at(table.saturating_add(entry.saturating_mul(4)))?;
        let at = sector.saturating_mul(SECTOR);
        match sector {
            // A grain that was cleared is 1.
            0 | 1 => Ok(Block::Zeros),
            _ if self.is_packed => {
                let mut last = self.last.borrow_mut();
                if let Some((known, grain)) = &*last
                    && *known == at
                {
                    return Ok(Block::Held(Rc::clone(grain)));
                }
                let grain = self.unpack(source, at)?;
                *last = Some((at, Rc::clone(&grain)));
                Ok(Block::Held(grain))
            }
            _ => Ok(Block::At(at)),
        }
    }
}

/// Returns the files beside a descriptor that it names.
pub(super) fn parts(path: &Path, text: &[u8]) -> Vec<PathBuf> {
    let text = String::from_utf8_lossy(text);
    let lines = text.lines().filter(|line| line.starts_with("RW ") || line.starts_with("RDONLY "));
    let names = lines.filter_map(|line| line.split('"').nth(1)).filter(|name| is_plain(name));
    names.take(MOST).map(|name| path.with_file_name(name)).filter(|part| part.is_file()).collect()
}

fn is_plain(name: &str) -> bool {
    !name.is_empty() && name != ".." && !name.contains(['/', '\\', ':', '\0'])
}

/// The files that a descriptor names, one after the other.
struct Files {
    parts: Vec<Stretch>,
    size: u64,
}

/// A part of the disk. All numbers are in bytes.
struct Stretch {
    begin: u64,
    len: u64,
    /// Offset in the source.
    skip: u64,
    /// `None` for zeros.
    source: Option<Rc<dyn ReadAt>>,
}

impl Files {
    fn open(path: &Path, text: &[u8]) -> io::Result<Files> {
        let text = String::from_utf8_lossy(text);
        check_parent(&text)?;
        let (mut parts, mut size) = (Vec::new(), 0_u64);
        for line in text.lines() {
            let mut words = line.splitn(4, ' ');
            let (Some("RW" | "RDONLY" | "NOACCESS"), Some(sectors), Some(kind)) =
                (words.next(), words.next(), words.next())
            else {
                continue;
            };
            let damaged = || invalid("damaged descriptor");
            let sectors: u64 = sectors.parse().map_err(|_| damaged())?;
            let len = sectors.checked_mul(SECTOR).ok_or_else(damaged)?;
            let mut rest = words.next().unwrap_or_default().trim().splitn(3, '"').skip(1);
            let (name, skip) = (rest.next(), rest.next().unwrap_or_default());
            let file = || open_beside(path, name.ok_or_else(damaged)?);
            let source = match kind.trim() {
                "ZERO" => None,
                "FLAT" | "VMFS" => Some(file()?),
                "SPARSE" => Some(open_grains(file()?)?),
                other => {
                    return Err(invalid(format!("parts of the kind {other} are not read")));
                }
            };
            let skip: u64 = skip.trim().parse().unwrap_or_default();
            let skip = skip.checked_mul(SECTOR).ok_or_else(damaged)?;
            if parts.len() >= MOST {
                return Err(damaged());
            }
            parts.push(Stretch { begin: size, len, skip, source });
            size = size.checked_add(len).ok_or_else(damaged)?;
        }
        match parts.is_empty() {
            true => Err(invalid("its descriptor names no files that are read")),
            false => Ok(Files { parts, size }),
        }
    }
}

/// Opens a file beside the descriptor. Nothing elsewhere is opened, whatever the descriptor says.
fn open_beside(path: &Path, name: &str) -> io::Result<Rc<dyn ReadAt>> {
    if !is_plain(name) {
        return Err(invalid(format!("its part {name:?} is not beside it")));
    }
    let path: PathBuf = path.with_file_name(name);
    // The kind of the error would be taken for that of the image.
    let file = open_segment(&path)
        .map_err(|error| invalid(format!("its part {name:?} cannot be read: {error}")))?;
    Ok(Rc::new(file))
}

impl ReadAt for Files {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let number = self.parts.partition_point(|part| part.begin <= offset);
        // Of several parts at one offset all but the last are empty.
        let part = number.checked_sub(1).and_then(|number| self.parts.get(number));
        let Some(part) = part.filter(|_| offset < self.size) else { return Ok(0) };
        let within = offset.saturating_sub(part.begin);
        let left = usize::try_from(part.len.saturating_sub(within)).unwrap_or(usize::MAX);
        let len = left.min(buffer.len());
        let buffer = buffer.get_mut(..len).unwrap_or_default();
        let Some(source) = &part.source else {
            buffer.fill(0);
            return Ok(len);
        };
        match source.read_at(buffer, part.skip.saturating_add(within))? {
            0 if len > 0 => {
                let why = "a part of the image is cut short";
                Err(io::Error::new(io::ErrorKind::UnexpectedEof, why))
            }
            read => Ok(read),
        }
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.size)
    }
}
