//! The tables and indexes of a database.

use alloc::vec::Vec;

use crate::container::sqlite::ddl::{Affinity, Definition};
use crate::container::sqlite::header::Encoding;
use crate::container::sqlite::pager::Pager;
use crate::container::sqlite::source::Files;
use crate::container::sqlite::text::utf8;
use crate::container::sqlite::tree::Cells;
use crate::container::sqlite::value::{Columns, Value};
use crate::error::Error;
use crate::error::database::DatabaseFault;

/// The root page of the definitions.
const ROOT: u32 = 1;

/// The kind of a database object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ObjectKind {
    Table,
    Index,
    View,
    Trigger,
}

/// A table, index, view or trigger.
#[derive(Clone, Debug)]
pub(crate) struct Object {
    pub(crate) kind: ObjectKind,
    pub(crate) name: Vec<u8>,
    /// The root page of its tree; 0 if it has none.
    pub(crate) root: u32,
    /// Its definition; tables only.
    pub(crate) definition: Option<Definition>,
}

/// All definitions of a database.
#[derive(Clone, Debug, Default)]
pub(crate) struct Schema {
    pub(crate) objects: Vec<Object>,
    /// Whether some may be missing.
    pub(crate) is_damaged: bool,
}

/// A table whose rows are read.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    /// The root page of its tree; `None` if unknown.
    pub(crate) root: Option<u32>,
    pub(crate) definition: Definition,
}

impl Schema {
    /// Reads all definitions. Problems go to `faults`.
    pub(crate) fn read(pager: &mut Pager, files: Files<'_>, faults: &mut Vec<Error>) -> Schema {
        let mut schema = Schema::default();
        let encoding = pager.header.encoding.unwrap_or(Encoding::Utf8);
        let mut cells = Cells::new(ROOT, pager.limit(), false);
        while let Some(next) = cells.advance(pager, files) {
            let object = next.and_then(|()| {
                let cell = cells.cell();
                let object = Object::read(cell.payload, encoding);
                object.ok_or(cell.fault(DatabaseFault::Definition))
            });
            match object {
                Ok(object) => schema.objects.push(object),
                Err(fault) => {
                    schema.is_damaged = true;
                    faults.push(fault);
                }
            }
        }
        schema
    }

    /// Returns the table of this name, ignoring case.
    pub(crate) fn table(&self, name: &[u8]) -> Option<Table> {
        let is_it = |object: &&Object| {
            object.kind == ObjectKind::Table && object.name.eq_ignore_ascii_case(name)
        };
        let object = self.objects.iter().find(is_it)?;
        let definition = object.definition.clone()?;
        let root = Some(object.root).filter(|&root| root != 0);
        Some(Table { root, definition })
    }
}

impl Object {
    fn read(payload: &[u8], encoding: Encoding) -> Option<Object> {
        let mut columns = Columns::new(payload)?;
        let mut text = || match columns.next()?? {
            Value::Text(text) => Some(utf8(text, encoding)),
            _ => None,
        };
        let kind = match text()?.as_ref() {
            b"table" => ObjectKind::Table,
            b"index" => ObjectKind::Index,
            b"view" => ObjectKind::View,
            b"trigger" => ObjectKind::Trigger,
            _ => return None,
        };
        let (name, _table) = (text()?.into_owned(), text()?);
        let root = match columns.next()?? {
            Value::Int(root) => u32::try_from(root).ok()?,
            _ => 0,
        };
        let definition = match columns.next()?? {
            Value::Text(sql) if kind == ObjectKind::Table => {
                Definition::parse(&utf8(sql, encoding))
            }
            _ => None,
        };
        Some(Object { kind, name, root, definition })
    }
}

impl Table {
    /// Returns whether these columns can be a row of the table; with `all`, one that was written
    /// after the last column was added.
    pub(super) fn fits(&self, columns: Columns<'_>, all: bool) -> bool {
        let stored = self.definition.columns.iter().filter(|column| column.position.is_some());
        let (mut found, wanted) = (0usize, stored.count());
        for value in columns {
            let is_here = |&position: &usize| position == found;
            let of = |position: Option<usize>| position.as_ref().is_some_and(is_here);
            let column = self.definition.columns.iter().find(|column| of(column.position));
            let (Some(value), Some(column)) = (value, column) else { return false };
            let fits = match (value, column.affinity) {
                (Value::Null, _) => column.is_rowid || !column.is_not_null,
                _ if column.is_rowid => false,
                (Value::Int(_), Affinity::Integer) | (Value::Text(_), Affinity::Text) => true,
                (_, Affinity::Any) => true,
                _ => false,
            };
            if !fits {
                return false;
            }
            found = found.saturating_add(1);
        }
        found == wanted || !all && found > 1
    }
}
