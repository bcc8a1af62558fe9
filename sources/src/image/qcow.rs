//! Images in the format of QEMU, qcow2.

use std::cell::RefCell;
use std::io::{self, ErrorKind, Read as _};
use std::rc::Rc;

use flate2::bufread::DeflateDecoder;
use loginrec::read::{ReadAt, read_full, read_full_at};
use ruzstd::decoding::StreamingDecoder;

use super::bytes::{be32, be64};
use super::invalid;

/// Offset in entries of tables: those of clusters are multiples of 512.
const OFFSET: u64 = 0x00ff_ffff_ffff_fe00;
/// Set in the entry of a compressed cluster.
const COMPRESSED: u64 = 1 << 62;
/// Set in the entry of a cluster of zeros.
const ZEROS: u64 = 1;
/// Sectors that the length of a compressed cluster counts.
const SECTOR: u64 = 512;

/// An image.
struct Qcow {
    source: Rc<dyn ReadAt>,
    size: u64,
    /// The size of clusters, as a power of two.
    bits: u32,
    l1: u64,
    l1_len: u64,
    is_zstd: bool,
    /// The last compressed cluster that was read.
    last: RefCell<(u64, Vec<u8>)>,
}

pub(super) fn open(source: Rc<dyn ReadAt>) -> io::Result<Rc<dyn ReadAt>> {
    let mut head = [0; 112];
    let (_, error) = read_full_at(&*source, &mut head, 0);
    error.map_or(Ok(()), Err)?;
    let u32_at = |at| be32(&head, at).unwrap_or_default();
    let (version, bits) = (u32_at(4), u32_at(20));
    if !(9..=21).contains(&bits) {
        return Err(invalid("damaged qcow2 header"));
    }
    if be64(&head, 8) != Some(0) {
        return Err(invalid("it needs another image, its backing file; convert it to a raw image"));
    }
    if u32_at(32) != 0 {
        return Err(invalid("it is encrypted"));
    }
    // Dirty is harmless; with an external data file or long entries it cannot be read.
    let features = if version >= 3 { be64(&head, 72).unwrap_or_default() } else { 0 };
    if features & !0b1011 != 0 {
        return Err(invalid("it uses features of qcow2 that are not supported"));
    }
    let is_zstd = features & 8 != 0 && head.get(104) == Some(&1);
    Ok(Rc::new(Qcow {
        source,
        size: be64(&head, 24).unwrap_or_default(),
        bits,
        l1: be64(&head, 40).unwrap_or_default(),
        l1_len: u32_at(36).into(),
        is_zstd,
        last: RefCell::default(),
    }))
}

impl Qcow {
    fn cluster(&self) -> u64 {
        1 << self.bits
    }

    /// Returns the entry of the cluster at an offset of the disk; 0 if it has none.
    fn entry(&self, offset: u64) -> io::Result<u64> {
        let number = offset >> self.bits;
        let per_table = self.cluster() / 8;
        let (l1, l2) = (number / per_table, number % per_table);
        if l1 >= self.l1_len {
            return Ok(0);
        }
        let table = self.number(self.l1.saturating_add(l1.saturating_mul(8)))? & OFFSET;
        match table {
            0 => Ok(0),
            table => self.number(table.saturating_add(l2.saturating_mul(8))),
        }
    }

    fn number(&self, at: u64) -> io::Result<u64> {
        let mut bytes = [0; 8];
        match read_full_at(&*self.source, &mut bytes, at) {
            (_, Some(error)) => Err(error),
            (8, None) => Ok(u64::from_be_bytes(bytes)),
            _ => Err(cut_short(at)),
        }
    }

    /// Decompresses a cluster.
    fn unpack(&self, entry: u64) -> io::Result<Vec<u8>> {
        let shift = 62_u32.saturating_sub(self.bits.saturating_sub(8));
        let offset = entry & (1_u64 << shift).saturating_sub(1);
        let sectors = ((entry & (COMPRESSED - 1)) >> shift).saturating_add(1);
        let len = sectors.saturating_mul(SECTOR).saturating_sub(offset % SECTOR);
        let mut packed = vec![0; usize::try_from(len).map_err(|_| ErrorKind::InvalidData)?];
        let (read, error) = read_full_at(&*self.source, &mut packed, offset);
        error.map_or(Ok(()), Err)?;
        packed.truncate(read);
        let mut cluster = vec![0; usize::try_from(self.cluster()).unwrap_or_default()];
        let (read, error) = match self.is_zstd {
            true => {
                let decoder = StreamingDecoder::new(&packed[..]);
                let decoder = decoder.map_err(|error| invalid(error.to_string()))?;
                read_full(&mut { decoder }.by_ref(), &mut cluster)
            }
            false => read_full(&mut DeflateDecoder::new(&packed[..]), &mut cluster),
        };
        match error {
            Some(error) if read < cluster.len() => Err(error),
            _ => Ok(cluster),
        }
    }
}

impl ReadAt for Qcow {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let within = offset & self.cluster().saturating_sub(1);
        let left = self.cluster().saturating_sub(within).min(self.size.saturating_sub(offset));
        let len = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
        let buffer = buffer.get_mut(..len).unwrap_or_default();
        if buffer.is_empty() {
            return Ok(0);
        }
        let entry = self.entry(offset)?;
        if entry & COMPRESSED != 0 {
            let mut last = self.last.borrow_mut();
            if last.0 != entry {
                *last = (entry, self.unpack(entry)?);
            }
            let from = usize::try_from(within).unwrap_or(usize::MAX);
            let mut cluster = last.1.get(from..).unwrap_or_default();
            return cluster.read(buffer);
        }
        match entry & OFFSET {
            0 => buffer.fill(0),
            _ if entry & ZEROS != 0 => buffer.fill(0),
            at => {
                let (read, error) = read_full_at(&*self.source, buffer, at.saturating_add(within));
                error.map_or(Ok(()), Err)?;
                if read == 0 {
                    return Err(cut_short(at));
                }
                // The last cluster of the file may be cut off.
                buffer.get_mut(read..).unwrap_or_default().fill(0);
            }
        }
        Ok(len)
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.size)
    }
}

/// An error for an offset in the image beyond the end of the file.
fn cut_short(at: u64) -> io::Error {
    let why = format!("the qcow2 image is cut short: nothing is at its byte {at}");
    io::Error::new(ErrorKind::UnexpectedEof, why)
}
