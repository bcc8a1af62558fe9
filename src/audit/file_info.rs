//! The facts about an audited file besides its records.

use crate::layout::Layout;
use crate::open::log_file::LogFile;
use crate::read::DatabaseInfo;
use crate::value::file_kind::FileKind;

/// The facts about an audited file besides its records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct FileInfo {
    /// The file's kind. Some rules only apply to files that are appended to, and have a lower
    /// severity if this is unknown.
    pub kind: Option<FileKind>,
    /// Its layout; `None` for an empty file.
    pub layout: Option<&'static Layout>,
    /// Its size in bytes.
    pub len: Option<u64>,
    /// Time of the last modification, in seconds since 1970, of the original file. That of a copy
    /// proves nothing.
    pub modified: Option<i64>,
    /// Bytes that the file system allocates for it; fewer than `len` if it has holes.
    pub allocated: Option<u64>,
    /// The headers and counters of a database. `None` for any other file.
    pub database: Option<DatabaseInfo>,
}

impl FileInfo {
    /// Returns the facts that an open file provides.
    pub fn of(file: &LogFile<'_>) -> FileInfo {
        FileInfo {
            kind: file.kind(),
            layout: file.layout(),
            len: Some(file.bytes().len() as u64),
            database: file.database(),
            ..FileInfo::default()
        }
    }

    /// Returns the position of the file among those of its machine: small files first.
    pub fn rank(&self) -> u8 {
        match self.kind {
            Some(FileKind::Utmp) => 0,
            Some(FileKind::Lastlog) => 1,
            _ if self.layout.is_some_and(Layout::is_lastlog) => 1,
            Some(FileKind::Failures) => 2,
            Some(FileKind::Btmp) => 3,
            Some(FileKind::Wtmp) => 4,
            None => 5,
        }
    }
}
