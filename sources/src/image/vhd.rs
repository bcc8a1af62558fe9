//! Images in the formats of Virtual PC and Hyper-V: VHD with a table of blocks, and VHDX. A VHD of
//! fixed size is a raw image with 512 bytes after it.

use std::io;
use std::rc::Rc;

use loginrec::read::ReadAt;

use super::blocks::{Block, BlockDisk, Table};
use super::bytes::{array, be32, be64, le16, le32, le64, read_exactly};
use super::invalid;

const SECTOR: u64 = 512;
/// What to do with an image that is only the changes to another one.
const NEEDS_PARENT: &str = "it needs another image, its parent; convert it to a raw image";

/// The table of a VHD.
struct Sectors {
    at: u64,
    count: u64,
    /// Bytes before the data of a block that say which sectors are in use.
    bitmap: u64,
}

/// Opens a VHD.
pub(super) fn open(source: Rc<dyn ReadAt>) -> io::Result<Rc<dyn ReadAt>> {
    let footer = read_exactly(&*source, 0, 512)?;
    match be32(&footer, 60) {
        Some(3) => {}
        Some(4) => return Err(invalid(NEEDS_PARENT)),
        _ => return Err(invalid("damaged footer")),
    }
    let size = be64(&footer, 48).unwrap_or_default();
    let header = read_exactly(&*source, be64(&footer, 16).unwrap_or_default(), 1024)?;
    let block = be32(&header, 32).unwrap_or_default();
    if !header.starts_with(b"cxsparse") || !block.is_power_of_two() || block < 512 {
        return Err(invalid("damaged header"));
    }
    let block = u64::from(block);
    let table = Sectors {
        at: be64(&header, 16).unwrap_or_default(),
        count: be32(&header, 28).unwrap_or_default().into(),
        bitmap: (block / SECTOR).div_ceil(8).next_multiple_of(SECTOR),
    };
    Ok(Rc::new(BlockDisk { source, size, block, table }))
}

impl Table for Sectors {
    fn block(&self, source: &dyn ReadAt, number: u64) -> io::Result<Block> {
        if number >= self.count {
            return Ok(Block::Zeros);
        }
        let entry = read_exactly(source, self.at.saturating_add(number.saturating_mul(4)), 4)?;
        Ok(match be32(&entry, 0) {
            None | Some(u32::MAX) => Block::Zeros,
            Some(sector) => {
                let at = u64::from(sector).saturating_mul(SECTOR);
                Block::At(at.saturating_add(self.bitmap))
            }
        })
    }
}

/// Identifiers in a VHDX, as they are stored.
const TABLE: [u8; 16] = *b"\x66\x77\xc2\x2d\x23\xf6\x00\x42\x9d\x64\x11\x5e\x9b\xfd\x4a\x08";
const METADATA: [u8; 16] = *b"\x06\xa2\x7c\x8b\x90\x47\x9a\x4b\xb8\xfe\x57\x5f\x05\x0f\x88\x6e";
const PARAMETERS: [u8; 16] = *b"\x37\x67\xa1\xca\x36\xfa\x43\x4d\xb3\xb6\x33\xf0\xaa\x44\xe7\x6b";
const DISK_SIZE: [u8; 16] = *b"\x24\x42\xa5\x2f\x1b\xcd\x76\x48\xb2\x11\x5d\xbe\xd8\x3b\xf4\xb8";
const SECTOR_SIZE: [u8; 16] = *b"\x1d\xbf\x41\x81\x6f\xa9\x09\x47\xba\x47\xf2\x33\xa8\xfa\xab\x5f";
/// Sectors that a bitmap is about.
const BITMAP: u64 = 1 << 23;

/// The table of a VHDX.
struct Megabytes {
    at: u64,
    len: u64,
    /// Blocks after which the table has an entry of another kind.
    run: u64,
}

/// Opens a VHDX.
pub(super) fn open_x(source: Rc<dyn ReadAt>) -> io::Result<Rc<dyn ReadAt>> {
    let damaged = || invalid("damaged header");
    // Of two headers the one that was written last counts.
    let headers = [64 << 10, 128 << 10].map(|at| read_exactly(&*source, at, 4096));
    let headers = headers.into_iter().flatten().filter(|header| header.starts_with(b"head"));
    let header = headers.max_by_key(|header| le64(header, 8)).ok_or_else(damaged)?;
    if array(&header, 48) != Some([0; 16]) {
        return Err(invalid(
            "it was not closed, and changes in its log are not applied; convert it to a raw image",
        ));
    }
    let regions = [192 << 10, 256 << 10].map(|at| read_exactly(&*source, at, 64 << 10));
    let mut regions = regions.into_iter().flatten();
    let regions = regions.find(|region| region.starts_with(b"regi")).ok_or_else(damaged)?;
    let region = |wanted: [u8; 16]| {
        let entries = regions.get(16..).unwrap_or_default().chunks_exact(32);
        let count = le32(&regions, 8).and_then(|count| usize::try_from(count).ok());
        let mut entries = entries.take(count.unwrap_or_default());
        let entry = entries.find(|entry| entry.starts_with(&wanted))?;
        Some((le64(entry, 16)?, u64::from(le32(entry, 24)?)))
    };
    let (table, table_len) = region(TABLE).ok_or_else(damaged)?;
    let (metadata, _) = region(METADATA).ok_or_else(damaged)?;
    let items = read_exactly(&*source, metadata, 64 << 10)?;
    let count = le16(&items, 10).filter(|_| items.starts_with(b"metadata")).ok_or_else(damaged)?;
    let item = |wanted: [u8; 16]| {
        let entries = items.get(32..).unwrap_or_default().chunks_exact(32);
        let entry = entries.take(count.into()).find(|entry| entry.starts_with(&wanted));
        let at = entry.and_then(|entry| le32(entry, 16)).ok_or_else(damaged)?;
        read_exactly(&*source, metadata.saturating_add(at.into()), 8)
    };
    let parameters = item(PARAMETERS)?;
    let block = u64::from(le32(&parameters, 0).unwrap_or_default());
    if le32(&parameters, 4).is_some_and(|flags| flags & 2 != 0) {
        return Err(invalid(NEEDS_PARENT));
    }
    let size = le64(&item(DISK_SIZE)?, 0).unwrap_or_default();
    let sector = u64::from(le32(&item(SECTOR_SIZE)?, 0).unwrap_or_default());
    let is_sound = block.is_power_of_two() && (1 << 20..=256 << 20).contains(&block);
    if !is_sound || !matches!(sector, 512 | 4096) {
        return Err(damaged());
    }
    let run = BITMAP.saturating_mul(sector) / block;
    let table = Megabytes { at: table, len: table_len, run };
    Ok(Rc::new(BlockDisk { source, size, block, table }))
}

impl Table for Megabytes {
    fn block(&self, source: &dyn ReadAt, number: u64) -> io::Result<Block> {
        let entry = number.saturating_add(number / self.run.max(1)).saturating_mul(8);
        if entry >= self.len {
            return Ok(Block::Zeros);
        }
        let entry = le64(&read_exactly(source, self.at.saturating_add(entry), 8)?, 0);
        let entry = entry.unwrap_or_default();
        match entry & 7 {
            0..=3 => Ok(Block::Zeros),
            6 => Ok(Block::At(entry & !0xf_ffff)),
            _ => Err(invalid("damaged table of blocks")),
        }
    }
}
