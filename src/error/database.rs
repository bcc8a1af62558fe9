//! Faults of an SQLite database, its write-ahead log or its rollback journal.

use core::fmt;

/// One of the files of a database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Part {
    /// The database itself.
    #[default]
    Db,
    /// Its write-ahead log, `-wal`.
    Wal,
    /// Its rollback journal, `-journal`.
    Journal,
}

impl Part {
    /// Returns `db`, `wal` or `journal`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Part::Db => "db",
            Part::Wal => "wal",
            Part::Journal => "journal",
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A fault at a place in a database. The rows that need this place are lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DatabaseFault {
    /// The first 100 bytes are not the header of a database.
    Header,
    /// The page size in the header is not the one that the pages have.
    PageSize,
    /// The text encoding in the header is unknown; text is read as UTF-8.
    Encoding,
    /// The header asks for a later version of the format.
    Version,
    /// The header counts fewer pages than the database uses.
    PageCount,
    /// A table's definition cannot be read.
    Definition,
    /// The page is needed and is not in the file.
    Missing,
    /// The file ends within the page.
    CutShort,
    /// The page is not a page of a table where one should be.
    Kind,
    /// The number of cells does not fit the page.
    CellCount,
    /// A pointer leads to no row and to no page.
    Pointer,
    /// A cell does not fit the page.
    Cell,
    /// The columns of a row do not fit its length.
    Row,
    /// The row's number is not above the one before it: two states of the database are mixed.
    Order,
    /// The rest of a row is not where it should be.
    Overflow,
    /// Two pointers lead to this page.
    Shared,
    /// The list of free pages is damaged.
    FreeList,
    /// The log's header is damaged: nothing of the log is used.
    LogHeader,
    /// A frame's checksum is wrong: it and those after it are not used.
    LogChecksum,
    /// The page size of the log or journal is not that of the database.
    OtherPageSize,
    /// A page of the journal has a wrong checksum: it may not be as it was.
    JournalChecksum,
    /// The journal ends before its last page.
    JournalCut,
    /// The database itself is not there: only the pages in its log or journal are read.
    Alone,
}

impl DatabaseFault {
    /// All of them, in the order of their numbers.
    pub(crate) const ALL: [DatabaseFault; 23] = [
        DatabaseFault::Header,
        DatabaseFault::PageSize,
        DatabaseFault::Encoding,
        DatabaseFault::Version,
        DatabaseFault::PageCount,
        DatabaseFault::Definition,
        DatabaseFault::Missing,
        DatabaseFault::CutShort,
        DatabaseFault::Kind,
        DatabaseFault::CellCount,
        DatabaseFault::Pointer,
        DatabaseFault::Cell,
        DatabaseFault::Row,
        DatabaseFault::Order,
        DatabaseFault::Overflow,
        DatabaseFault::Shared,
        DatabaseFault::FreeList,
        DatabaseFault::LogHeader,
        DatabaseFault::LogChecksum,
        DatabaseFault::OtherPageSize,
        DatabaseFault::JournalChecksum,
        DatabaseFault::JournalCut,
        DatabaseFault::Alone,
    ];
}

impl fmt::Display for DatabaseFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            DatabaseFault::Header => "the header is damaged",
            DatabaseFault::PageSize => "the page size in the header is wrong",
            DatabaseFault::Encoding => "the text encoding in the header is unknown",
            DatabaseFault::Version => "the header asks for a later version of SQLite",
            DatabaseFault::PageCount => "the page count in the header is too small",
            DatabaseFault::Definition => "the definition of a table cannot be read",
            DatabaseFault::Missing => "the page is not in the file",
            DatabaseFault::CutShort => "the file ends within the page",
            DatabaseFault::Kind => "not a page of a table",
            DatabaseFault::CellCount => "the number of rows does not fit the page",
            DatabaseFault::Pointer => "a pointer on it leads nowhere",
            DatabaseFault::Cell => "a row does not fit the page",
            DatabaseFault::Row => "the columns of a row do not fit its length",
            DatabaseFault::Order => {
                "a row is out of order: pages of different times are mixed from here on"
            }
            DatabaseFault::Overflow => "the rest of a row is not where it should be",
            DatabaseFault::Shared => "two pointers lead to this page",
            DatabaseFault::FreeList => "the list of free pages is damaged",
            DatabaseFault::LogHeader => "the header is damaged, so the log is not used",
            DatabaseFault::LogChecksum => {
                "wrong checksum: this frame and those after it are not used"
            }
            DatabaseFault::OtherPageSize => "its page size is not that of the database",
            DatabaseFault::JournalChecksum => "wrong checksum: the page may not be as it was",
            DatabaseFault::JournalCut => "the journal ends before its last page",
            DatabaseFault::Alone => {
                "the database itself is not there: only rows of pages in this file are read"
            }
        })
    }
}
