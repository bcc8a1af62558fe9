use core::fmt;

pub(crate) mod database;

use self::database::{DatabaseFault, Part};

/// Lost framing: bytes that cannot be split into records.
///
/// Nothing else is an error. A record with odd *contents* is still a record: it is evidence, and
/// the caller decides. Each variant has its place in the file and states whether reading continues
/// after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The data ends inside the record at `offset`. Reading ends.
    Truncated {
        /// Byte offset of the incomplete record in the file.
        offset: u64,
        /// Bytes a whole record needs.
        need: u64,
        /// Bytes that are left.
        have: u64,
    },
    /// Bytes that belong to no whole record: the next records start at another offset than the
    /// records before them suggest. Reading continues after them.
    Skipped {
        /// Byte offset of the first of these bytes in the file.
        offset: u64,
        /// Number of bytes.
        len: u64,
    },
    /// Length prefixes of zero in a FreeBSD `utx.log`. Reading continues after them, byte by byte,
    /// as FreeBSD's `getutxent` does.
    ZeroLength {
        /// Byte offset of the first zero prefix in the file.
        offset: u64,
        /// Number of bytes skipped.
        skipped: u64,
    },
    /// A damaged page of a lastlogx database. Reading continues with the next pair or bucket that
    /// can be found, except after [`PageFault::Header`] and [`PageFault::Shared`].
    Page {
        /// Number of the page in the file.
        page: u32,
        /// Byte offset of the page in the file.
        offset: u64,
        /// The fault.
        fault: PageFault,
    },
    /// A lastlogx value whose length matches no known `struct lastlogx`. Reading continues.
    ValueLength {
        /// Byte offset of the value in the file.
        offset: u64,
        /// Length of the value in bytes.
        len: u64,
    },
    /// A lastlogx value spread over several pages, which cannot be borrowed from the file.
    /// [`LogFile`](crate::LogFile) assembles such values; plain
    /// [`Layout::records`](crate::Layout::records) reports them. Reading continues.
    Fragmented {
        /// Byte offset of the first part in the file.
        offset: u64,
        /// Length of the whole value in bytes.
        len: u64,
    },
    /// A message of the Apple System Log that refers to a text where none is. The value is lost;
    /// reading continues.
    Reference {
        /// Byte offset of the message in the file.
        offset: u64,
        /// What it refers to: in version 2 the byte offset of a text.
        to: u64,
    },
    /// A place in an SQLite database, its log or its journal that does not hold together.
    /// The rows that need it are lost; reading continues.
    Database {
        /// The file that `offset` counts in.
        part: Part,
        /// Number of the page; 0 for the header of a log or journal.
        page: u32,
        /// Byte offset in that file: of the row, else of the page.
        offset: u64,
        /// The fault.
        fault: DatabaseFault,
    },
}

/// The fault of a page of a lastlogx database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PageFault {
    /// The header page is damaged: magic, version, byte order or page size.
    Header,
    /// The number of slots is odd or does not fit the page.
    Slots,
    /// A key or value is outside the page or overlaps another.
    Bounds,
    /// An overflow address leads to this page a second time.
    Cycle,
    /// An overflow address points to a page that was already visited.
    Missing,
    /// An overflow address points outside the file.
    Endless,
    /// A key or value does not end where its length says.
    Shared,
    /// More chains pass through this page than a valid file could have.
    Key,
}

impl Error {
    /// Returns the byte offset in the file at which framing was lost.
    pub const fn offset(&self) -> u64 {
        match *self {
            Error::Truncated { offset, .. }
            | Error::Skipped { offset, .. }
            | Error::ZeroLength { offset, .. }
            | Error::Page { offset, .. }
            | Error::ValueLength { offset, .. }
            | Error::Fragmented { offset, .. }
            | Error::Reference { offset, .. }
            | Error::Database { offset, .. } => offset,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Error::Truncated { offset, need, have } => {
                write!(f, "byte {offset}: record cut short: {need} bytes needed, {have} left")
            }
            Error::Skipped { offset, len } => {
                let bytes = if len == 1 { "byte" } else { "bytes" };
                write!(f, "byte {offset}: {len} {bytes} skipped: not a record")
            }
            Error::ZeroLength { offset, skipped } => {
                write!(f, "byte {offset}: record length is zero: {skipped} bytes skipped")
            }
            Error::Page { page, offset, fault } => {
                write!(f, "byte {offset}: database page {page}: {fault}")
            }
            Error::ValueLength { offset, len } => {
                write!(f, "byte {offset}: a value of {len} bytes is not a lastlogx record")
            }
            Error::Fragmented { offset, len } => {
                write!(f, "byte {offset}: a value of {len} bytes is spread over several pages")
            }
            Error::Reference { offset, to } => {
                write!(f, "byte {offset}: the message refers to a text at {to}, where none is")
            }
            Error::Database { part, page, offset, fault } => {
                match part {
                    Part::Db => write!(f, "byte {offset}: ")?,
                    Part::Wal => write!(f, "byte {offset} of the write-ahead log: ")?,
                    Part::Journal => write!(f, "byte {offset} of the rollback journal: ")?,
                }
                match page {
                    0 => write!(f, "{fault}"),
                    _ => write!(f, "database page {page}: {fault}"),
                }
            }
        }
    }
}

impl fmt::Display for PageFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PageFault::Header => "header is damaged",
            PageFault::Slots => "slot count does not fit the page",
            PageFault::Bounds => "a key or value is outside the page",
            PageFault::Cycle => "the chain of overflow pages returns to this page",
            PageFault::Missing => "an overflow address on it is outside the file",
            PageFault::Endless => "a key or value has no end",
            PageFault::Shared => "too many chains of overflow pages lead here",
            PageFault::Key => "a key is not a user id of four bytes",
        })
    }
}

impl core::error::Error for Error {}
