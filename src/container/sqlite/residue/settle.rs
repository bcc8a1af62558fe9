//! Tells rows that the database still has from those that it no longer has.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use crate::container::sqlite::database::Database;
use crate::container::sqlite::residue::found::Found;
use crate::container::sqlite::residue::images::{Origin, PageImage};
use crate::container::sqlite::residue::scan::Hit;
use crate::container::sqlite::residue::shape::Shape;
use crate::container::sqlite::rows::Rows;
use crate::container::sqlite::schema::Table;
use crate::container::sqlite::source::Files;
use crate::container::sqlite::value::{Columns, Value};
use crate::value::row_state::RowState;

/// A row as it is compared: its number, and its columns one after the other.
type Version = (Option<i64>, Vec<u8>);

/// Collects rows, each version once.
pub(super) struct Settle<'a> {
    shape: &'a Shape,
    found: Vec<Found>,
    versions: BTreeMap<Version, usize>,
}

impl<'a> Settle<'a> {
    pub(super) fn new(shape: &'a Shape) -> Settle<'a> {
        Settle { shape, found: Vec::new(), versions: BTreeMap::new() }
    }

    /// Adds a row, whose values are at their places in the page, or in `bytes` if it is long.
    pub(super) fn add(&mut self, image: &PageImage, origin: Origin, hit: &Hit, bytes: Vec<u8>) {
        let found = Found {
            page: image.number,
            part: Some(image.part),
            offset: image.offset.saturating_add(hit.place as u64),
            ..Found::new(hit, origin, bytes)
        };
        let version = (found.rowid, found.columns());
        match self.versions.get(&version).and_then(|&at| self.found.get_mut(at)) {
            Some(known) => {
                known.copies = known.copies.saturating_add(1);
                known.origin = known.origin.min(origin);
            }
            None => {
                self.versions.insert(version, self.found.len());
                self.found.push(found);
            }
        }
    }

    /// Leaves out what the database still has, and says what became of the others.
    pub(super) fn finish(
        self,
        table: &Table,
        database: &mut Database,
        files: Files<'_>,
    ) -> Vec<Found> {
        let Settle { shape, mut found, versions } = self;
        drop(versions);
        let (time, name) = (shape.time().unwrap_or_default(), shape.name().unwrap_or_default());
        let mut by_rowid: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
        let mut by_time: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
        for (at, row) in found.iter().enumerate() {
            if let Some(rowid) = row.rowid {
                by_rowid.entry(rowid).or_default().push(at);
            }
            if let Some(Value::Int(time)) = row.value(time) {
                by_time.entry(time).or_default().push(at);
            }
        }
        let (mut is_live, mut has_later) = (BTreeSet::new(), BTreeSet::new());
        let mut names: BTreeSet<Vec<u8>> = BTreeSet::new();
        let mut rows = Rows::new(table.clone(), database, false);
        while let Some(next) = rows.advance(database, files) {
            if next.is_err() {
                continue;
            }
            let row = rows.row();
            let values: Option<Vec<Value<'_>>> =
                Columns::new(row.payload).and_then(|columns| columns.collect());
            let Some(values) = values else { continue };
            let same_number = row.rowid.and_then(|rowid| by_rowid.get(&rowid));
            for &at in same_number.into_iter().flatten() {
                has_later.insert(at);
            }
            if let Some(Value::Text(text)) = values.get(name) {
                names.insert(text.to_vec());
            }
            let Some(&Value::Int(when)) = values.get(time) else { continue };
            for &at in by_time.get(&when).into_iter().flatten() {
                let Some(known) = found.get(at) else { continue };
                let is_other = known.rowid.is_some() && known.rowid != row.rowid;
                if !is_other && known.agrees(&values) {
                    is_live.insert(at);
                } else if known.rowid.is_none() && known.value(name) == values.get(name).copied() {
                    has_later.insert(at);
                }
            }
        }
        // A row that is only a part of another one found is that one.
        for same in by_time.values() {
            for &at in same {
                let Some(part) = found.get(at).filter(|row| row.is_incomplete()) else { continue };
                let is_of = |&&other: &&usize| {
                    let whole = found.get(other);
                    other != at && whole.is_some_and(|whole| part.is_part_of(whole))
                };
                if same.iter().find(is_of).is_some() {
                    is_live.insert(at);
                }
            }
        }
        for row in found.iter().filter(|row| !row.is_guessed) {
            if let Some(Value::Text(text)) = row.value(name) {
                names.insert(text.to_vec());
            }
        }
        let mut at = 0usize;
        found.retain_mut(|row| {
            let this = at;
            at = at.saturating_add(1);
            row.state = match row.origin {
                Origin::Uncommitted => RowState::Uncommitted,
                Origin::Undone => RowState::Undone,
                Origin::Gone if has_later.contains(&this) => RowState::Superseded,
                Origin::Gone => RowState::Deleted,
            };
            // A name without its length is believed if somebody has it.
            let is_name = match row.value(name) {
                Some(Value::Text(text)) => names.contains(text),
                _ => false,
            };
            !is_live.contains(&this) && (!row.is_guessed || is_name)
        });
        found.sort_by_key(|row| (row.part, row.offset));
        found
    }
}
