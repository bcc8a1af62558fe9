//! The state of a row of a database, and how it was found.

use core::fmt;

/// The state of a row of a database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RowState {
    /// The database has it.
    #[default]
    Live,
    /// The database has another version of it.
    Superseded,
    /// The database does not have it any more.
    Deleted,
    /// It is in the write-ahead log, and its transaction was not finished.
    Uncommitted,
    /// It is in the database, and a journal undoes its transaction.
    Undone,
    /// It was found without its database: nobody knows whether that still has it.
    Unknown,
}

impl RowState {
    /// All of them, in the order of their numbers.
    pub(crate) const ALL: [RowState; 6] = [
        RowState::Live,
        RowState::Superseded,
        RowState::Deleted,
        RowState::Uncommitted,
        RowState::Undone,
        RowState::Unknown,
    ];

    /// Returns the word used in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            RowState::Live => "live",
            RowState::Superseded => "superseded",
            RowState::Deleted => "deleted",
            RowState::Uncommitted => "uncommitted",
            RowState::Undone => "undone",
            RowState::Unknown => "unknown",
        }
    }
}

impl fmt::Display for RowState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// How much of a row was found that no pointer of the database leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum FoundAs {
    /// All of it.
    Cell,
    /// The end is overwritten, and perhaps the beginning.
    Part,
    /// The beginning is overwritten, with the number of the row.
    Tail,
}

impl FoundAs {
    /// All of them, in the order of their numbers.
    pub(crate) const ALL: [FoundAs; 3] = [FoundAs::Cell, FoundAs::Part, FoundAs::Tail];

    /// Returns the word used in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            FoundAs::Cell => "cell",
            FoundAs::Part => "part",
            FoundAs::Tail => "tail",
        }
    }
}

impl fmt::Display for FoundAs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
