//! The rows of a table.

use alloc::collections::btree_map::IntoIter;

use crate::container::sqlite::database::Database;
use crate::container::sqlite::salvage::{self, Saved, Walked};
use crate::container::sqlite::schema::Table;
use crate::container::sqlite::source::Files;
use crate::container::sqlite::tree::{Cell, Cells};
use crate::container::sqlite::value::Columns;
use crate::error::Error;
use crate::error::database::DatabaseFault;

/// Iterates over the rows of a table in the order of their numbers. Rows that the damaged tree does
/// not reach come last.
#[derive(Debug)]
pub(crate) struct Rows {
    table: Table,
    is_backwards: bool,
    walk: Walk,
    /// The number of the previous row.
    rowid: Option<i64>,
    /// A fault that is reported after the row it concerns.
    waiting: Option<Error>,
    is_order_told: bool,
}

#[derive(Debug)]
enum Walk {
    Tree(Cells),
    /// The rows that the damaged tree does not reach, and the current one.
    Saved(IntoIter<i64, Saved>, Option<(i64, Saved)>),
    /// The tree is unknown.
    Lost,
}

impl Rows {
    pub(crate) fn new(table: Table, database: &Database, is_backwards: bool) -> Rows {
        let walk = match table.root {
            Some(root) => Walk::Tree(Cells::new(root, database.pager.limit(), is_backwards)),
            None => Walk::Lost,
        };
        let (rowid, waiting, is_order_told) = (None, None, false);
        Rows { table, is_backwards, walk, rowid, waiting, is_order_told }
    }

    /// Returns the table.
    #[cfg(test)]
    pub(super) fn table(&self) -> &Table {
        &self.table
    }

    /// Moves to the next row, or returns the fault before or after it.
    pub(crate) fn advance(
        &mut self,
        database: &mut Database,
        files: Files<'_>,
    ) -> Option<Result<(), Error>> {
        if let Some(fault) = self.waiting.take() {
            return Some(Err(fault));
        }
        if let Walk::Tree(cells) = &mut self.walk {
            match cells.advance(&mut database.pager, files) {
                Some(Ok(()))
                    if !Columns::new(cells.cell().payload).is_some_and(Columns::is_exact) =>
                {
                    return Some(Err(cells.damage()));
                }
                Some(Ok(())) => {
                    self.check_order();
                    return Some(Ok(()));
                }
                Some(Err(fault)) => return Some(Err(fault)),
                None if !cells.is_damaged => return None,
                None => self.salvage(database, files),
            }
        }
        if matches!(self.walk, Walk::Lost) {
            self.salvage(database, files);
        }
        let Walk::Saved(saved, row) = &mut self.walk else { return None };
        *row = if self.is_backwards { saved.next_back() } else { saved.next() };
        row.is_some().then_some(Ok(()))
    }

    /// Returns the row that [`Rows::advance`] moved to.
    #[inline]
    pub(crate) fn row(&self) -> Cell<'_> {
        match &self.walk {
            Walk::Tree(cells) => cells.cell(),
            Walk::Saved(_, Some((rowid, saved))) => saved.cell(*rowid),
            _ => Cell::default(),
        }
    }

    fn check_order(&mut self) {
        let row = self.row();
        let (Some(before), Some(now)) = (self.rowid, row.rowid) else {
            self.rowid = row.rowid;
            return;
        };
        let is_in_order = if self.is_backwards { now < before } else { now > before };
        if !is_in_order && !self.is_order_told {
            let fault = row.fault(DatabaseFault::Order);
            (self.waiting, self.is_order_told) = (Some(fault), true);
        }
        self.rowid = Some(now);
    }

    fn salvage(&mut self, database: &mut Database, files: Files<'_>) {
        let Database { pager, schema } = database;
        let saved = match &self.walk {
            Walk::Tree(cells) => {
                let walked = Walked { visited: cells.visited.clone(), damaged: &cells.damaged };
                salvage::rows(&self.table, schema, walked, pager, files)
            }
            _ => {
                let cells = Cells::new(0, pager.limit(), false);
                let walked = Walked { visited: cells.visited, damaged: &cells.damaged };
                salvage::rows(&self.table, schema, walked, pager, files)
            }
        };
        self.walk = Walk::Saved(saved.into_iter(), None);
    }
}
