//! The first 100 bytes of a database.

use crate::container::sqlite::source::{be16, be32, page_size};

/// The magic number at the beginning of every database.
pub(crate) const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// Length of the header, before the content of the first page.
pub(super) const LEN: usize = 100;

/// The text encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Encoding {
    Utf8,
    Utf16Le,
    Utf16Be,
}

/// The fields of a database header that are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Header {
    /// Length of a page in bytes.
    pub(crate) page_size: u32,
    /// Bytes at the end of each page that SQLite does not use.
    pub(crate) reserved: u8,
    /// The format version needed for reading: 2 if the database has a log.
    pub(crate) read_version: u8,
    /// The change counter of the database.
    pub(crate) change_counter: u32,
    /// Number of pages in the database.
    pub(crate) page_count: u32,
    /// The first page of the list of free pages.
    pub(crate) free_trunk: u32,
    /// Number of free pages.
    pub(crate) free_count: u32,
    /// How often definitions were changed.
    pub(crate) schema_cookie: u32,
    /// Whether free pages are removed by themselves.
    pub(crate) auto_vacuum: bool,
    /// A number that programs may set.
    pub(crate) user_version: u32,
    /// The text encoding; `None` if the number is invalid.
    pub(crate) encoding: Option<Encoding>,
    /// The change counter when the page count and the version were written.
    pub(crate) valid_for: u32,
    /// The SQLite version of the last writer, such as 3040001.
    pub(crate) sqlite_version: u32,
}

impl Header {
    /// Parses the beginning of a database. `None` if the magic number or the page size is wrong.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Header> {
        let bytes = bytes.get(..LEN)?;
        let number = |at| be32(bytes, at).unwrap_or_default();
        let byte = |at: usize| bytes.get(at).copied().unwrap_or_default();
        if !bytes.starts_with(MAGIC) {
            return None;
        }
        Some(Header {
            page_size: page_size(be16(bytes, 16)?.into())?,
            read_version: byte(19),
            // No writer reserves so much that fewer than 480 bytes are left.
            reserved: byte(20),
            change_counter: number(24),
            page_count: number(28),
            free_trunk: number(32),
            free_count: number(36),
            schema_cookie: number(40),
            auto_vacuum: number(52) != 0,
            user_version: number(60),
            encoding: match number(56) {
                // Before the first table exists.
                0 | 1 => Some(Encoding::Utf8),
                2 => Some(Encoding::Utf16Le),
                3 => Some(Encoding::Utf16Be),
                _ => None,
            },
            valid_for: number(92),
            sqlite_version: number(96),
        })
    }

    /// Returns the header to assume if it is lost: pages of this size, and the usual values.
    pub(super) fn lost(page_size: u32) -> Header {
        Header {
            page_size,
            reserved: 0,
            read_version: 1,
            change_counter: 0,
            page_count: 0,
            free_trunk: 0,
            free_count: 0,
            schema_cookie: 0,
            auto_vacuum: false,
            user_version: 0,
            encoding: Some(Encoding::Utf8),
            valid_for: 0,
            sqlite_version: 0,
        }
    }

    /// Returns the bytes of a page that can hold content.
    pub(super) fn usable(&self) -> usize {
        let usable = self.page_size.saturating_sub(self.reserved.into());
        // Less than 480 is invalid; the reserved bytes are then treated as content.
        if usable < 480 { self.page_size as usize } else { usable as usize }
    }
}
