//! A database together with its log and journal.

use alloc::vec::Vec;

use crate::container::sqlite::pager::Pager;
use crate::container::sqlite::schema::Schema;
use crate::container::sqlite::source::Files;
use crate::error::Error;
use crate::error::database::DatabaseFault;

/// A readable database. The files are passed to each call.
#[derive(Debug)]
pub(crate) struct Database {
    pub(crate) pager: Pager,
    pub(crate) schema: Schema,
}

impl Database {
    /// Reads headers, log, journal and definitions. `None` if this is not a database; problems go
    /// to `faults`.
    pub(crate) fn open(files: Files<'_>, faults: &mut Vec<Error>) -> Option<Database> {
        let mut pager = Pager::open(files, faults)?;
        if !pager.is_counted() {
            faults.push(pager.fault(1, DatabaseFault::PageCount));
        }
        let schema = Schema::read(&mut pager, files, faults);
        Some(Database { pager, schema })
    }
}
