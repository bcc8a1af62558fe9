//! The write-ahead log: the pages since the last checkpoint.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use crate::container::source::Source;
use crate::container::sqlite::source::{be32, page_size};
use crate::error::Error;
use crate::error::database::{DatabaseFault, Part};

/// Length of the log's header.
const HEADER: usize = 32;
/// Length of the header of a frame.
const FRAME: usize = 24;

/// The parts of a log that belong to the database, and those that do not.
#[derive(Clone, Debug)]
pub(crate) struct Wal {
    /// Length of a page in bytes.
    pub(crate) page_size: u32,
    /// The offset in the log of the newest committed image of each page.
    pub(super) pages: BTreeMap<u32, u64>,
    /// Number of pages in the database after the last commit; `None` if there is none.
    pub(super) page_count: Option<u32>,
    /// Frames that belong or belonged to the database, up to the last commit.
    pub(crate) committed: u64,
    /// Frames after the last commit: an unfinished transaction.
    pub(crate) uncommitted: u64,
    /// Number of commits.
    pub(crate) commits: u64,
}

/// The header of a log.
struct LogHeader {
    page_size: u32,
    is_big_endian: bool,
    salts: [u8; 8],
    sum: Sum,
}

/// The running checksum of a log.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Sum(u32, u32);

impl Sum {
    /// Adds bytes, whose number must be a multiple of eight.
    fn add(self, bytes: &[u8], is_big_endian: bool) -> Sum {
        let word = |bytes: [u8; 4]| match is_big_endian {
            true => u32::from_be_bytes(bytes),
            false => u32::from_le_bytes(bytes),
        };
        let (chunks, _) = bytes.as_chunks::<8>();
        chunks.iter().fold(self, |Sum(a, b), &[c, d, e, f, g, h, i, j]| {
            let a = a.wrapping_add(word([c, d, e, f])).wrapping_add(b);
            Sum(a, b.wrapping_add(word([g, h, i, j])).wrapping_add(a))
        })
    }

    fn stored(bytes: &[u8], at: usize) -> Option<Sum> {
        Some(Sum(be32(bytes, at)?, be32(bytes, at.saturating_add(4))?))
    }
}

impl LogHeader {
    /// Returns `None` if SQLite would use nothing of such a log.
    fn parse(bytes: &[u8; HEADER]) -> Option<LogHeader> {
        let magic = be32(bytes, 0)?;
        let is_big_endian = magic & 1 == 1;
        let sum = Sum(0, 0).add(bytes.get(..24)?, is_big_endian);
        let is_sound = magic & !1 == 0x377f_0682
            && be32(bytes, 4)? == 3_007_000
            && sum == Sum::stored(bytes, 24)?;
        if !is_sound {
            return None;
        }
        let salts = *bytes.get(16..)?.first_chunk()?;
        Some(LogHeader { page_size: page_size(be32(bytes, 8)?)?, is_big_endian, salts, sum })
    }
}

impl Wal {
    /// Reads a log from beginning to end, as far as its checksums are correct. `None` if nothing of
    /// it belongs to the database; problems go to `faults`.
    pub(super) fn read(source: &dyn Source, faults: &mut Vec<Error>) -> Option<Wal> {
        let mut head = [0; HEADER];
        let read = source.read_at(&mut head, 0);
        if read == 0 || head.iter().all(|&byte| byte == 0) {
            return None; // emptied when the last program closed it
        }
        let mut fault = |page: u32, offset: u64, fault| {
            faults.push(Error::Database { part: Part::Wal, page, offset, fault });
        };
        let header = LogHeader::parse(&head).filter(|_| read == HEADER);
        let Some(LogHeader { page_size, is_big_endian, salts, mut sum }) = header else {
            fault(0, 0, DatabaseFault::LogHeader);
            return None;
        };
        let mut wal = Wal {
            page_size,
            pages: BTreeMap::new(),
            page_count: None,
            committed: 0,
            uncommitted: 0,
            commits: 0,
        };
        let mut frame = alloc::vec![0; FRAME.saturating_add(page_size as usize)];
        let mut pending = BTreeMap::new();
        let mut offset = HEADER as u64;
        while source.read_at(&mut frame, offset) == frame.len() {
            let page = be32(&frame, 0).unwrap_or_default();
            // Frames with other salts are left over from an earlier log.
            if frame.get(8..16) != Some(&salts) {
                break;
            }
            let words = [frame.get(..8), frame.get(FRAME..)];
            let next =
                words.into_iter().flatten().fold(sum, |sum, words| sum.add(words, is_big_endian));
            if page == 0 || Sum::stored(&frame, 16) != Some(next) {
                fault(page, offset, DatabaseFault::LogChecksum);
                return Some(wal).filter(|wal| wal.commits > 0);
            }
            sum = next;
            pending.insert(page, offset.saturating_add(FRAME as u64));
            wal.uncommitted = wal.uncommitted.saturating_add(1);
            let count = be32(&frame, 4).unwrap_or_default();
            if count != 0 {
                wal.pages.append(&mut pending);
                wal.page_count = Some(count);
                wal.commits = wal.commits.saturating_add(1);
                wal.committed = wal.committed.saturating_add(wal.uncommitted);
                wal.uncommitted = 0;
            }
            offset = offset.saturating_add(frame.len() as u64);
        }
        // A frame of another generation between frames of this one was changed later.
        if follows(source, offset, frame.len() as u64, &salts) {
            fault(0, offset, DatabaseFault::LogChecksum);
        }
        Some(wal).filter(|wal| wal.commits > 0)
    }
}

/// Returns whether frames with these salts follow the one at `offset`, which has others.
fn follows(source: &dyn Source, offset: u64, step: u64, salts: &[u8; 8]) -> bool {
    let mut found = [0; 8];
    let next = offset.saturating_add(step).saturating_add(8);
    source.read_at(&mut found, next) == found.len() && found == *salts
}
