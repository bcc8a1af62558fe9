//! The write-ahead log and the rollback journal that lie beside a database.

use std::io::{self, ErrorKind};
use std::path::Path;

use loginrec::open::path_beside;
use loginrec::read::{Part, ReadAt};

use crate::diagnostics::Diagnostics;
use crate::file_name::FileName;
use crate::input::held_file::Plain;
use crate::input::stored::{self, Stored};

/// The files beside a database: evidence as the database is.
#[derive(Debug, Default)]
pub(crate) struct Beside {
    wal: Option<Plain>,
    journal: Option<Plain>,
    /// Whether this is a log or a journal, and its database is there.
    has_database: bool,
}

/// Stands for a database that is not read.
static NOTHING: &[u8] = &[];

impl Beside {
    /// Opens what there is. The file that SQLite shares with its readers, `-shm`, holds nothing of
    /// its own.
    pub(crate) fn open(path: &Path, report: &mut Diagnostics) -> io::Result<Beside> {
        let mut open = |part: Part| {
            let Some(path) = path_beside(path, part) else { return Ok(None) };
            match path.metadata() {
                _ if report.ledger.member(&path).is_some() => {}
                // A pipe there would wait for a writer.
                Ok(about) if !about.is_file() => return Ok(None),
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(error),
            }
            match stored::open(&FileName::new(&path), report)? {
                Stored::File(file) => Ok(Some(Plain::File(file))),
                Stored::Held(held) => Ok(Some(Plain::Held(held))),
                Stored::Once(_) => Ok(None),
            }
        };
        let (wal, journal) = (open(Part::Wal)?, open(Part::Journal)?);
        let database = path_beside(path, Part::Db);
        let has_database =
            database.is_some_and(|path| path.is_file() || report.ledger.member(&path).is_some());
        Ok(Beside { wal, journal, has_database })
    }

    pub(crate) fn get(&self, part: Part) -> Option<&dyn ReadAt> {
        let file = match part {
            Part::Db if self.has_database => return Some(&NOTHING),
            Part::Wal => self.wal.as_ref(),
            Part::Journal => self.journal.as_ref(),
            _ => None,
        };
        file.map(|file| file as &dyn ReadAt)
    }
}
