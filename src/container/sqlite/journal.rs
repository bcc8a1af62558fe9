//! The rollback journal: the pages before a transaction.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use crate::container::source::Source;
use crate::container::sqlite::node::Node;
use crate::container::sqlite::source::{MAGIC, be32, page_size};
use crate::error::Error;
use crate::error::database::{DatabaseFault, Part};

/// Length of a header; zeros follow up to the end of the sector.
const HEADER: usize = 28;

/// A journal that undoes an unfinished transaction: the database is read as it was before.
#[derive(Clone, Debug)]
pub(crate) struct Journal {
    /// Length of a page in bytes.
    pub(crate) page_size: u32,
    /// The offset of each page's image in the journal.
    pub(super) pages: BTreeMap<u32, u64>,
    /// Number of pages in the database before the transaction.
    pub(super) page_count: u32,
}

/// The header of a part of a journal, which was synced at once.
struct Segment {
    count: u32,
    nonce: u32,
    page_count: u32,
    sector: u64,
    page_size: u32,
}

impl Segment {
    fn read(source: &dyn Source, offset: u64) -> Option<Segment> {
        let mut head = [0; HEADER];
        let is_there = source.read_at(&mut head, offset) == HEADER && head.starts_with(MAGIC);
        let number = |at| be32(&head, at).filter(|_| is_there);
        let sector = number(20)?;
        let is_sector = (32..=65536).contains(&sector) && sector.is_power_of_two();
        Some(Segment {
            count: number(8)?,
            nonce: number(12)?,
            page_count: number(16)?,
            sector: is_sector.then_some(sector.into())?,
            page_size: page_size(number(24)?)?,
        })
    }
}

impl Journal {
    /// Returns the pages it has.
    pub(crate) fn page_numbers(&self) -> impl Iterator<Item = u32> {
        self.pages.keys().copied()
    }

    /// Reads a journal. `None` if there is nothing to undo; problems go to `faults`.
    ///
    /// SQLite stops at the first page with a wrong checksum. The pages after it are as good as
    /// those before and are used. So is the page itself if it is consistent, because the database
    /// has changed since.
    pub(super) fn read(source: &dyn Source, faults: &mut Vec<Error>) -> Option<Journal> {
        let first = Segment::read(source, 0)?;
        let mut journal = Journal {
            page_size: first.page_size,
            pages: BTreeMap::new(),
            page_count: first.page_count,
        };
        let mut fault = |page: u32, offset: u64, fault| {
            faults.push(Error::Database { part: Part::Journal, page, offset, fault });
        };
        let size = first.page_size as usize;
        let step = (size as u64).saturating_add(8);
        let mut record = alloc::vec![0; size.saturating_add(8)];
        let (mut segment, mut offset) = (Some(first), 0u64);
        while let Some(Segment { count, nonce, sector, .. }) = segment {
            offset = offset.saturating_add(sector);
            // The count is written last; without it, there are as many pages as fit.
            let most = source.len().saturating_sub(offset).checked_div(step).unwrap_or(0);
            let is_open = count == u32::MAX;
            let count = if is_open { most } else { count.into() };
            for _ in 0..count.min(most) {
                if source.read_at(&mut record, offset) != record.len() {
                    break;
                }
                let page = be32(&record, 0).unwrap_or_default();
                let image = record.get(4..size.saturating_add(4)).unwrap_or_default();
                let is_sound =
                    be32(&record, size.saturating_add(4)) == Some(checksum(image, nonce));
                if !is_sound && is_open {
                    // Left over from an earlier journal: the number of pages is unknown.
                    return Some(journal);
                }
                // SQLite skips such pages too.
                let is_page = (1..=journal.page_count).contains(&page);
                if is_page && !is_sound {
                    fault(page, offset.saturating_add(4), DatabaseFault::JournalChecksum);
                }
                if is_page && (is_sound || Node::is_sound(image, page)) {
                    journal.pages.entry(page).or_insert(offset.saturating_add(4));
                }
                offset = offset.saturating_add(step);
            }
            if count > most {
                fault(0, offset, DatabaseFault::JournalCut);
            }
            offset = offset.checked_next_multiple_of(sector).unwrap_or(u64::MAX);
            segment =
                Segment::read(source, offset).filter(|next| next.page_size == journal.page_size);
        }
        Some(journal)
    }
}

/// Returns the sum of every two hundredth byte, from the end. No page is a multiple of 200 bytes.
fn checksum(page: &[u8], nonce: u32) -> u32 {
    let bytes = page.iter().rev().skip(199).step_by(200);
    bytes.fold(nonce, |sum, &byte| sum.wrapping_add(byte.into()))
}
