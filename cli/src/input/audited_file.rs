//! One file of an audit.

use std::io;

use loginrec::audit::{Audit, FileInfo};
use loginrec::read::RowState;
use loginrec::{Container, Error, Timestamp};

use crate::diagnostics::Diagnostics;
use crate::file_name::FileName;
use crate::input::file::{Damage, Input, Item};

/// A file to read.
pub(crate) struct AuditedFile<'a> {
    pub(crate) name: FileName<'a>,
    pub(crate) content: Content,
    pub(crate) about: FileInfo,
    /// The first time that is set, for a history.
    pub(crate) begin: Option<Timestamp>,
    pub(crate) records: u64,
}

/// The content of a file.
pub(crate) enum Content {
    Records(Box<Input>),
    /// No records: the first bytes of a file that was overwritten.
    Overwritten(Vec<u8>),
}

impl AuditedFile<'_> {
    pub(crate) fn layout(&self) -> &'static str {
        let nothing = match self.content {
            Content::Records(_) => "empty",
            Content::Overwritten(_) => "no login records",
        };
        self.about.layout.map_or(nothing, |layout| layout.name)
    }

    pub(crate) fn read(&mut self, audit: &mut Audit, report: &mut Diagnostics) -> io::Result<()> {
        let AuditedFile { name, content, about, records, .. } = self;
        let input = match content {
            Content::Records(input) => input,
            Content::Overwritten(head) => {
                audit.unrecognized(*about, head);
                return Ok(());
            }
        };
        audit.begin(*about);
        if input.container() == Some(Container::Sqlite) {
            input.read_deleted();
        }
        // A database is read as a whole anyway, and damage may be anywhere in it.
        let database = match input.container() {
            Some(Container::BerkeleyHash) => input.part(0, u64::MAX)?,
            _ => Vec::new(),
        };
        let mut cut = None;
        let tail = input.each(name, report, |item| {
            match item {
                Item::Hole(hole) => {
                    *records += hole.records;
                    audit.push_hole(&hole);
                }
                Item::Record(record) => {
                    let place = record.row_place();
                    *records += u64::from(place.is_none_or(|row| row.state == RowState::Live));
                    audit.push(&record, &record.entry());
                }
                Item::Damage(Damage { error, bytes }) => match error {
                    Error::Truncated { .. } if database.is_empty() => cut = Some(error),
                    Error::Skipped { .. } => audit.damage(&error, bytes),
                    _ => audit.damage(&error, concerned(&error, &database, 0)),
                },
            }
            Ok(())
        })?;
        if let Some(error) = cut {
            audit.damage(&error, concerned(&error, &tail.bytes, tail.offset));
        }
        Ok(())
    }
}

/// Returns the bytes at which framing was lost, from `data`, which begins at `offset`.
fn concerned<'a>(error: &Error, data: &'a [u8], offset: u64) -> &'a [u8] {
    const MOST: usize = 1024;
    static ZEROS: [u8; MOST] = [0; MOST];
    let len = |len: u64| usize::try_from(len).unwrap_or(MOST).min(MOST);
    let from = error.offset().checked_sub(offset).and_then(|from| usize::try_from(from).ok());
    let from = data.get(from.unwrap_or(usize::MAX)..).unwrap_or_default();
    match *error {
        Error::ZeroLength { skipped, .. } => ZEROS.get(..len(skipped)).unwrap_or_default(),
        Error::Truncated { have, .. } => from.get(..len(have)).unwrap_or(from),
        _ => from.get(..64).unwrap_or(from),
    }
}
