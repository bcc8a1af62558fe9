//! SQLite databases: the magic number says what the file is, the names of the tables whose.

use alloc::vec::Vec;
use core::fmt;

use crate::container::sqlite::database::Database;
use crate::container::sqlite::header::{Header, MAGIC};
use crate::container::sqlite::rows::Rows;
use crate::container::sqlite::schema::{ObjectKind, Table};
use crate::container::sqlite::source::{Files, part_of};
use crate::container::sqlite::value::{Columns, Value};
use crate::error::database::Part;
use crate::formats::DATABASES;
use crate::layout::Layout;
use crate::scan::is_zero;
use crate::value::text::Text;

/// The facts about an SQLite database that detection reports.
#[derive(Clone, Debug)]
pub(super) struct FoundDatabase {
    /// The layout of its login table.
    pub(super) layout: Option<&'static Layout>,
    /// Its first table, whatever that is.
    pub(super) first_table: Option<TableName>,
    /// Pages, those in its log included.
    pub(super) pages: u32,
    pub(super) header: Header,
    /// Frames of its log that are part of it, and those that were not committed.
    pub(super) log: Option<(u64, u64)>,
    /// Pages of a journal that undoes a transaction.
    pub(super) journal: Option<u64>,
    /// Damaged places in headers and definitions.
    pub(super) faults: u64,
    /// The log or the journal that is there without the database.
    pub(super) alone: Option<Part>,
}

/// The name of a table, as much of it as has room.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TableName {
    bytes: [u8; 40],
    len: u8,
}

impl TableName {
    fn new(name: &[u8]) -> TableName {
        let mut bytes = [0; 40];
        bytes.iter_mut().zip(name).for_each(|(to, from)| *to = *from);
        TableName { bytes, len: name.len().min(bytes.len()) as u8 }
    }
}

/// With deceptive characters escaped.
impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Text::new(self.bytes.get(..usize::from(self.len)).unwrap_or_default()).fmt(f)
    }
}

impl fmt::Debug for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// Whether a file that begins so may be a database: it has the magic number, or nothing but zeros
/// where the header was. A log or a journal may have some of its pages.
pub(super) fn may_be(head: &[u8]) -> bool {
    let is_zeroed = || {
        let (header, page) = head.split_at_checked(100).unwrap_or_default();
        matches!(page, [5 | 13, ..]) && header.iter().all(|&byte| byte == 0)
    };
    head.starts_with(MAGIC) || part_of(head).is_some() || is_zeroed()
}

impl FoundDatabase {
    /// Reads what a database says about itself. `None` if it is none.
    pub(super) fn look(files: Files<'_>) -> Option<FoundDatabase> {
        let mut faults = Vec::new();
        let mut database = Database::open(files, &mut faults)?;
        let defined = DATABASES.iter().find(|layout| {
            layout.rows.is_some_and(|rows| rows.defined(&database.schema).is_some())
        });
        let layout = defined.or_else(|| {
            // Without definitions, the rows decide.
            DATABASES.iter().find(|layout| {
                let table = layout.rows.and_then(|rows| rows.lost(&database.schema));
                table.is_some_and(|table| has_row(table, &mut database, files))
            })
        });
        let alone = files.alone();
        if layout.is_none() && alone.is_some() {
            return None; // it is named as what it is
        }
        let mut tables = database.schema.objects.iter();
        let first = tables.find(|object| object.kind == ObjectKind::Table);
        let Database { pager, .. } = &database;
        Some(FoundDatabase {
            layout,
            first_table: first.map(|table| TableName::new(&table.name)),
            pages: pager.limit(),
            header: pager.header,
            log: pager.wal.as_ref().map(|wal| (wal.committed, wal.uncommitted)),
            journal: pager.journal.as_ref().map(|journal| journal.page_numbers().count() as u64),
            faults: faults.len() as u64,
            alone,
        })
    }
}

/// Returns whether the database has a row of this table that is unlikely to be one by chance.
fn has_row(table: Table, database: &mut Database, files: Files<'_>) -> bool {
    let mut rows = Rows::new(table, database, false);
    loop {
        match rows.advance(database, files) {
            Some(Ok(())) if is_login(rows.row().payload) => return true,
            Some(_) => {}
            None => return false,
        }
    }
}

/// Numbers from here on may be times: 1970 is two weeks old.
const TIMES: i64 = 1 << 20;

/// Returns whether a row has a name and a time.
fn is_login(payload: &[u8]) -> bool {
    let (mut has_name, mut has_time) = (false, false);
    for value in Columns::new(payload).into_iter().flatten().flatten() {
        match value {
            // In UTF-16, every other byte may be zero.
            Value::Text(text) => {
                let is_control = |byte: &u8| matches!(byte, 1..b' ' | 0x7f);
                has_name |= !is_zero(text) && !text.iter().any(is_control);
            }
            Value::Int(number) => has_time |= number >= TIMES,
            _ => {}
        }
    }
    has_name && has_time
}
