//! The files of a database, and numbers in them.

use crate::container::source::Source;
use crate::error::database::Part;

/// The magic number of a journal.
pub(crate) const MAGIC: &[u8; 8] = b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7";

/// A database with its companion files.
#[derive(Clone, Copy)]
pub(crate) struct Files<'s> {
    /// The database.
    pub(crate) main: &'s dyn Source,
    /// Its write-ahead log.
    pub(crate) wal: Option<&'s dyn Source>,
    /// Its rollback journal.
    pub(crate) journal: Option<&'s dyn Source>,
}

/// The database of a log or a journal that is alone.
static NOTHING: &[u8] = &[];

impl<'s> Files<'s> {
    /// Returns the files of a database. `main` may be a log or a journal that is alone.
    pub(crate) fn of(
        main: &'s dyn Source,
        wal: Option<&'s dyn Source>,
        journal: Option<&'s dyn Source>,
    ) -> Files<'s> {
        let mut head = [0; 8];
        main.read_at(&mut head, 0);
        match part_of(&head) {
            Some(Part::Wal) => Files { main: &NOTHING, wal: Some(main), journal: None },
            Some(Part::Journal) => Files { main: &NOTHING, wal: None, journal: Some(main) },
            _ => Files { main, wal, journal },
        }
    }

    /// Returns the log or the journal that is there without its database.
    pub(crate) fn alone(&self) -> Option<Part> {
        match (self.main.len(), self.wal, self.journal) {
            (0, Some(_), _) => Some(Part::Wal),
            (0, None, Some(_)) => Some(Part::Journal),
            _ => None,
        }
    }
}

/// Returns whether a file that begins so is a log or a journal.
pub(crate) fn part_of(head: &[u8]) -> Option<Part> {
    match head {
        [0x37, 0x7f, 6, 0x82 | 0x83, 0, 0x2d, 0xe2, 0x18, ..] => Some(Part::Wal),
        head if head.starts_with(MAGIC) => Some(Part::Journal),
        _ => None,
    }
}

/// Returns the big-endian number at `at`.
pub(super) fn be16(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|&bytes| u16::from_be_bytes(bytes))
}

/// Returns the big-endian number at `at`.
pub(crate) fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|&bytes| u32::from_be_bytes(bytes))
}

/// Parses a page size in the form of the headers of databases, logs and journals.
pub(crate) fn page_size(stored: u32) -> Option<u32> {
    let size = if stored == 1 { 65536 } else { stored };
    ((512..=65536).contains(&size) && size.is_power_of_two()).then_some(size)
}
