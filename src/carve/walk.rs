//! Journals and logs of databases: where their pages are.

use crate::carve::Window;
use crate::container::sqlite::source::{be32, page_size, part_of};
use crate::error::database::Part;

/// Pages of a journal that does not say how many it has.
const PAGES: u32 = 64;
/// Length of the header of a log, and of that of a frame.
const LOG: usize = 32;
const FRAME: usize = 24;
/// Number of times that a log can have begun again since a frame was written.
const EARLIER: u32 = 64;

/// A journal or a log, at its next page.
#[derive(Debug)]
pub(super) struct Walk {
    /// Offset of what precedes the page.
    next: u64,
    /// Length of a page in bytes.
    size: u32,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// Pages that are left, and the number of the last page of the database.
    Journal { left: u32, last: u32 },
    /// The first salt, which counts.
    Log { salt: u32 },
}

impl Walk {
    /// Returns whether the magic number of a journal or a log begins with this byte.
    pub(super) const fn begins_with(byte: u8) -> bool {
        byte == 0xd9 || byte == 0x37
    }

    /// Returns the journal or the log that begins at `at`.
    pub(super) fn new(at: u64, window: &Window<'_>) -> Option<Walk> {
        let head = window.get(at, LOG)?;
        let number = |at| be32(head, at);
        match part_of(head)? {
            Part::Journal => {
                let left = number(8).filter(|count| *count != 0 && *count != u32::MAX);
                let sector = number(20).filter(|sector| (32..=65536).contains(sector))?;
                Some(Walk {
                    next: at.checked_add(sector.into())?,
                    size: page_size(number(24)?)?,
                    kind: Kind::Journal { left: left.unwrap_or(PAGES), last: number(16)? },
                })
            }
            Part::Wal => Some(Walk {
                next: at.checked_add(LOG as u64)?,
                size: page_size(number(8)?)?,
                kind: Kind::Log { salt: number(16)? },
            }),
            Part::Db => None,
        }
    }

    pub(super) const fn part(&self) -> Part {
        match self.kind {
            Kind::Journal { .. } => Part::Journal,
            Kind::Log { .. } => Part::Wal,
        }
    }

    /// Returns the bytes before a page.
    const fn ahead(&self) -> usize {
        match self.kind {
            Kind::Journal { .. } => 4,
            Kind::Log { .. } => FRAME,
        }
    }

    /// Returns the offset of the next page.
    pub(super) fn image(&self) -> u64 {
        self.next.saturating_add(self.ahead() as u64)
    }

    /// Returns the number and the length of the page, and goes on. `None` at the end.
    pub(super) fn advance(&mut self, window: &Window<'_>) -> Option<(u32, usize)> {
        let ahead = self.ahead();
        let head = window.get(self.next, ahead)?;
        let number = be32(head, 0)?;
        let is_page = match &mut self.kind {
            Kind::Journal { left, last } => {
                *left = left.checked_sub(1)?;
                (1..=*last).contains(&number)
            }
            Kind::Log { salt } => {
                let before = salt.wrapping_sub(be32(head, 8)?);
                number != 0 && before <= EARLIER
            }
        };
        if !is_page {
            return None;
        }
        // A page of a journal is followed by its checksum.
        let behind = if ahead == FRAME { 0 } else { 4 };
        let step = u64::from(self.size).saturating_add(ahead as u64).saturating_add(behind);
        self.next = self.next.checked_add(step)?;
        Some((number, self.size as usize))
    }
}
