use core::fmt;

/// What can go wrong between bytes and records.
///
/// Only lost framing is an error. A record whose *contents* look odd is still a
/// record: it is evidence, and the caller decides. Each variant says where in the
/// file it happened and whether reading goes on behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The data ends inside the record at `offset`. Nothing follows.
    Truncated {
        /// Byte offset of the incomplete record in the file.
        offset: u64,
        /// Bytes a whole record needs.
        need: u64,
        /// Bytes that are there.
        have: u64,
    },
    /// Length prefixes of zero in a FreeBSD `utx.log`. Reading goes on behind
    /// them, byte by byte as FreeBSD's `getutxent` does.
    ZeroLength {
        /// Byte offset of the first zero prefix in the file.
        offset: u64,
        /// Bytes passed over.
        skipped: u64,
    },
    /// A page of a lastlogx database that does not hold together. Reading goes
    /// on with the next pair or bucket that can be found, except after
    /// [`PageFault::Header`] and [`PageFault::Shared`].
    Page {
        /// Number of the page in the file.
        page: u32,
        /// Byte offset of the page in the file.
        offset: u64,
        /// What is wrong with it.
        fault: PageFault,
    },
    /// A lastlogx value whose length belongs to no known `struct lastlogx`.
    /// Reading goes on.
    ValueLength {
        /// Byte offset of the value in the file.
        offset: u64,
        /// Its length.
        len: u64,
    },
    /// A lastlogx value spread over several pages, which cannot be borrowed from
    /// the file. [`LogFile`](crate::LogFile) puts such values together; plain
    /// [`Layout::records`](crate::Layout::records) reports them. Reading goes on.
    Scattered {
        /// Byte offset of the first part in the file.
        offset: u64,
        /// Length of the whole value.
        len: u64,
    },
}

/// What is wrong with a page of a lastlogx database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PageFault {
    /// The header page is damaged: magic, version, byte order or page size.
    Header,
    /// The number of slots is odd or does not fit the page.
    Slots,
    /// A key or value lies outside the page or overlaps another.
    Bounds,
    /// An overflow address leads to this page a second time.
    Cycle,
    /// An overflow address leads nowhere.
    Missing,
    /// A key or value does not end where it says.
    Endless,
    /// More chains lead through this page than an honest file could have.
    Shared,
    /// A key whose length is not that of a user id.
    Key,
}

impl Error {
    /// Byte offset in the file at which framing was lost.
    pub const fn offset(&self) -> u64 {
        match *self {
            Error::Truncated { offset, .. }
            | Error::ZeroLength { offset, .. }
            | Error::Page { offset, .. }
            | Error::ValueLength { offset, .. }
            | Error::Scattered { offset, .. } => offset,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Error::Truncated { offset, need, have } => {
                write!(f, "byte {offset}: record cut short: {need} bytes needed, {have} left")
            }
            Error::ZeroLength { offset, skipped } => {
                write!(f, "byte {offset}: record length is zero: {skipped} bytes passed over")
            }
            Error::Page { page, offset, fault } => {
                write!(f, "byte {offset}: database page {page}: {fault}")
            }
            Error::ValueLength { offset, len } => {
                write!(f, "byte {offset}: a value of {len} bytes is no lastlogx record")
            }
            Error::Scattered { offset, len } => {
                write!(f, "byte {offset}: a value of {len} bytes is spread over several pages")
            }
        }
    }
}

impl fmt::Display for PageFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PageFault::Header => "header is damaged",
            PageFault::Slots => "slot count does not fit the page",
            PageFault::Bounds => "a key or value lies outside the page",
            PageFault::Cycle => "the chain of overflow pages comes back to this page",
            PageFault::Missing => "an overflow address on it leads nowhere",
            PageFault::Endless => "a key or value has no end",
            PageFault::Shared => "too many chains of overflow pages lead here",
            PageFault::Key => "a key is not a user id of four bytes",
        })
    }
}

impl core::error::Error for Error {}
