//! Partition tables: GPT and MBR.

use std::io;
use std::rc::Rc;

use loginrec::read::{ReadAt, read_full_at};

use super::bytes::{le32, le64};
use super::system::System;

/// Bytes of the first sector that hold the table.
const SECTOR: usize = 512;
/// The most partitions that are looked at.
const MOST: u32 = 256;

/// A part of a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Partition {
    pub(super) number: u32,
    pub(super) begin: u64,
    pub(super) len: u64,
}

/// Returns whether a disk that begins with `head` has a partition table.
pub(super) fn is_table(head: &[u8]) -> bool {
    let has_gpt = |at: usize| head.get(at..).is_some_and(|rest| rest.starts_with(b"EFI PART"));
    let mbr = head.first_chunk::<SECTOR>().and_then(entries);
    mbr.is_some() && (has_gpt(512) || has_gpt(4096) || mbr.is_some_and(|found| !found.is_empty()))
}

/// Returns the partitions; none if the disk has no table.
pub(super) fn partitions(disk: &Rc<dyn ReadAt>) -> io::Result<Vec<Partition>> {
    let mut head = vec![0; 8192];
    let (read, error) = read_full_at(&**disk, &mut head, 0);
    error.map_or(Ok(()), Err)?;
    head.truncate(read);
    let Some(mbr) = head.first_chunk::<SECTOR>().and_then(entries) else { return Ok(Vec::new()) };
    for sector in [512, 4096_u64] {
        let at = usize::try_from(sector).unwrap_or_default();
        let header = head.get(at..).unwrap_or_default();
        if header.starts_with(b"EFI PART") {
            return gpt(disk, header, sector);
        }
    }
    // The boot sector of a file system may look like a table.
    if System::of(&head).is_some() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for (number, entry) in (1..).zip(&mbr) {
        match entry.kind {
            5 | 0xf | 0x85 => logical(disk, entry.begin, &mut found)?,
            _ => found.push(Partition { number, begin: entry.begin, len: entry.len }),
        }
    }
    Ok(found)
}

/// An entry of an MBR.
struct Entry {
    kind: u8,
    begin: u64,
    len: u64,
}

/// Returns the entries of an MBR; `None` if the sector is not one.
fn entries(sector: &[u8; SECTOR]) -> Option<Vec<Entry>> {
    if sector.last_chunk() != Some(&[0x55, 0xaa]) {
        return None;
    }
    let mut found = Vec::new();
    for entry in sector.get(446..510)?.chunks_exact(16) {
        let (Some(&active), Some(&kind)) = (entry.first(), entry.get(4)) else { continue };
        if active & 0x7f != 0 {
            return None;
        }
        let begin = u64::from(le32(entry, 8)?).saturating_mul(512);
        let len = u64::from(le32(entry, 12)?).saturating_mul(512);
        if kind != 0 && len > 0 {
            found.push(Entry { kind, begin, len });
        }
    }
    Some(found)
}

/// Adds the partitions in an extended one: a list of tables.
fn logical(disk: &Rc<dyn ReadAt>, first: u64, found: &mut Vec<Partition>) -> io::Result<()> {
    let mut at = first;
    for number in 5..MOST {
        let mut sector = [0; SECTOR];
        let (read, error) = read_full_at(&**disk, &mut sector, at);
        error.map_or(Ok(()), Err)?;
        let Some(table) = entries(&sector).filter(|_| read == SECTOR) else { return Ok(()) };
        let mut next = None;
        for entry in table {
            match entry.kind {
                5 | 0xf | 0x85 => next = Some(first.saturating_add(entry.begin)),
                _ => found.push(Partition {
                    number,
                    begin: at.saturating_add(entry.begin),
                    len: entry.len,
                }),
            }
        }
        match next {
            Some(next) if next > at => at = next,
            _ => return Ok(()),
        }
    }
    Ok(())
}

/// Returns the partitions of a GPT.
fn gpt(disk: &Rc<dyn ReadAt>, header: &[u8], sector: u64) -> io::Result<Vec<Partition>> {
    let begin = le64(header, 72).unwrap_or_default().saturating_mul(sector);
    let count = le32(header, 80).unwrap_or_default().min(MOST);
    let size = le32(header, 84).unwrap_or_default();
    let mut found = Vec::new();
    if !(128..=4096).contains(&size) {
        return Ok(found);
    }
    for number in 0..count {
        let at = begin.saturating_add(u64::from(number).saturating_mul(size.into()));
        let mut entry = [0; 128];
        let (_, error) = read_full_at(&**disk, &mut entry, at);
        error.map_or(Ok(()), Err)?;
        let is_used = entry.first_chunk::<16>().is_some_and(|kind| *kind != [0; 16]);
        if let (true, Some(first), Some(last)) = (is_used, le64(&entry, 32), le64(&entry, 40)) {
            let len = last.saturating_add(1).saturating_sub(first).saturating_mul(sector);
            let begin = first.saturating_mul(sector);
            found.push(Partition { number: number.saturating_add(1), begin, len });
        }
    }
    Ok(found)
}
