//! Facts about a database besides its rows.

use std::vec::Vec;

use crate::container::sqlite::database::Database;
use crate::container::sqlite::facts::Facts;
use crate::formats::DATABASES;
use crate::read::read_at::ReadAt;
use crate::read::rows::with_files;

/// Facts about a database besides its rows: counters, versions, journals, bytes in free blocks. For [`Audit`](crate::audit::Audit).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DatabaseInfo(pub(crate) Facts);

impl DatabaseInfo {
    /// Reads every page of a database once. `None` if it is not one, if its header is lost, or if
    /// it cannot be read.
    pub fn read(source: &dyn ReadAt) -> Option<DatabaseInfo> {
        let is_login = |name: &[u8]| {
            let mut tables = DATABASES.iter().filter_map(|layout| layout.rows);
            tables.any(|table| name.eq_ignore_ascii_case(table.name.as_bytes()))
        };
        let (facts, error) = with_files(source, |files| {
            // The counters of a log that is alone count what nobody can see.
            let mut database =
                Database::open(files, &mut Vec::new()).filter(|_| files.alone().is_none())?;
            Some(Facts::read(&mut database, files, is_login))
        });
        // Every database with a table was written once at least.
        let facts = facts.filter(|facts| facts.header.change_counter > 0);
        facts.filter(|_| error.is_none()).map(DatabaseInfo)
    }

    /// Returns the change counter of the header: of a database without a log, the number of
    /// transactions.
    pub fn change_counter(&self) -> u32 {
        self.0.header.change_counter
    }
}
