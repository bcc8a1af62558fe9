//! Rows of a damaged table that its tree no longer reaches.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use core::ops::Range;

use crate::container::sqlite::freelist;
use crate::container::sqlite::node::{Kind, Node, RawCell};
use crate::container::sqlite::overflow::Overflow;
use crate::container::sqlite::pager::{Image, Pager};
use crate::container::sqlite::pages::PageSet;
use crate::container::sqlite::schema::{Schema, Table};
use crate::container::sqlite::source::{Files, be16};
use crate::container::sqlite::tree::{Cell, Cells};
use crate::container::sqlite::value::Columns;
use crate::error::database::Part;

/// A row on a page that is not, or no longer, part of the tree.
#[derive(Clone, Debug)]
pub(super) struct Saved {
    payload: Vec<u8>,
    page: u32,
    part: Part,
    offset: u64,
    /// Whether a pointer refers to it: then it is not an older version of a row.
    is_pointed_at: bool,
}

impl Saved {
    pub(super) fn cell(&self, rowid: i64) -> Cell<'_> {
        let Saved { payload, page, part, offset, .. } = self;
        Cell { rowid: Some(rowid), payload, page: *page, part: *part, offset: *offset }
    }

    /// Returns whether it is better than another row with its number: a row that a pointer refers
    /// to, or else the longer one, which includes its logout.
    fn is_better(&self, other: &Saved) -> bool {
        let rank = |saved: &Saved| (saved.is_pointed_at, saved.payload.len());
        rank(self) > rank(other)
    }
}

/// The facts about the pages after the tree was read.
pub(super) struct Walked<'a> {
    pub(super) visited: PageSet,
    pub(super) damaged: &'a PageSet,
}

/// Searches damaged pages and unreferenced ones. Reads each of them once.
pub(super) fn rows(
    table: &Table,
    schema: &Schema,
    walked: Walked<'_>,
    pager: &mut Pager,
    files: Files<'_>,
) -> BTreeMap<i64, Saved> {
    if table.definition.is_without_rowid {
        return BTreeMap::new();
    }
    let given = given(table, pager, files);
    let mut search = Search { table, used: walked.visited, found: BTreeMap::new() };
    search.leave_out_others(schema, pager, files);
    for number in 2..=pager.limit() {
        let is_damaged = walked.damaged.contains(number);
        if (is_damaged || !search.used.contains(number))
            && let Ok(image) = pager.page(files, number)
        {
            search.page(&image, pager, files);
        }
    }
    search.found.retain(|rowid, _| !given.contains(rowid));
    search.found
}

/// Returns the numbers of the rows that the tree reaches.
fn given(table: &Table, pager: &mut Pager, files: Files<'_>) -> BTreeSet<i64> {
    let mut given = BTreeSet::new();
    let Some(root) = table.root else { return given };
    let mut cells = Cells::new(root, pager.limit(), false);
    while let Some(next) = cells.advance(pager, files) {
        if let (Ok(()), Cell { rowid: Some(rowid), payload, .. }) = (next, cells.cell())
            && Columns::new(payload).is_some_and(Columns::is_exact)
        {
            given.insert(rowid);
        }
    }
    given
}

struct Search<'a> {
    table: &'a Table,
    /// Returns the pages that are referenced.
    used: PageSet,
    found: BTreeMap<i64, Saved>,
}

impl Search<'_> {
    /// Returns the pages of other tables and indexes, and the free ones.
    fn leave_out_others(&mut self, schema: &Schema, pager: &mut Pager, files: Files<'_>) {
        self.used.insert(1);
        freelist::collect(pager, files, &mut self.used, &mut Vec::new());
        for object in &schema.objects {
            if object.root == 0 || Some(object.root) == self.table.root {
                continue;
            }
            let mut cells = Cells::new(object.root, pager.limit(), false);
            while cells.advance(pager, files).is_some() {}
            self.used.insert_all(&cells.visited);
        }
    }

    fn page(&mut self, image: &Image, pager: &mut Pager, files: Files<'_>) {
        let (page, usable) = (image.bytes.as_slice(), pager.header.usable());
        let node = Node::parse(page, image.number, usable).filter(|node| !node.is_crowded);
        let leaf = node.filter(|node| node.kind == Kind::TableLeaf);
        let mut taken = Vec::new();
        for n in 0..leaf.map_or(0, |leaf| leaf.count) {
            let Some(cell) = leaf.and_then(|leaf| leaf.cell(page, n).ok()) else { continue };
            let mut overflow = Overflow::default();
            let payload = match cell.overflow {
                0 => page.get(cell.local.clone()),
                _ => overflow.collect(pager, files, &mut self.used, image, &cell),
            };
            if let Some(payload) = payload
                && self.keep(image, &cell, payload, true)
            {
                taken.push(cell.start..cell.end);
            }
        }
        if let Some(leaf) = leaf {
            taken.extend(free_blocks(page, &leaf).unwrap_or_default());
        }
        taken.sort_unstable_by_key(|area| area.start);
        self.gaps(image, &taken, usable);
    }

    /// Searches for whole cells outside `taken`, which is sorted.
    fn gaps(&mut self, image: &Image, mut taken: &[Range<usize>], usable: usize) {
        let (page, mut at) = (image.bytes.as_slice(), 0);
        while at < usable.min(page.len()) {
            if let Some((area, behind)) = taken.split_first()
                && at >= area.start
            {
                (at, taken) = (at.max(area.end), behind);
                continue;
            }
            let until = taken.first().map_or(usable, |area| area.start);
            let cell = RawCell::parse(page, at, Kind::TableLeaf, until.min(usable));
            let cell = cell.filter(|cell| cell.overflow == 0 && cell.rowid > Some(0));
            let found = cell.and_then(|cell| {
                let payload = page.get(cell.local.clone())?;
                let columns = Columns::new(payload)?;
                (columns.is_exact() && self.table.fits(columns, true)).then_some((cell, payload))
            });
            at = match found {
                Some((cell, payload)) => {
                    self.keep(image, &cell, payload, false);
                    cell.end
                }
                None => at.saturating_add(1),
            };
        }
    }

    /// Takes a row if it can belong to the table.
    fn keep(&mut self, image: &Image, cell: &RawCell, payload: &[u8], is_pointed_at: bool) -> bool {
        let is_row = Columns::new(payload)
            .is_some_and(|columns| columns.is_exact() && self.table.fits(columns, false));
        let Some(rowid) = cell.rowid.filter(|_| is_row) else { return false };
        let saved = Saved {
            payload: payload.to_vec(),
            page: image.number,
            part: image.part,
            offset: image.offset.saturating_add(cell.start as u64),
            is_pointed_at,
        };
        if self.found.get(&rowid).is_none_or(|other| saved.is_better(other)) {
            self.found.insert(rowid, saved);
        }
        true
    }
}

/// Returns the free blocks of a page, which contain deleted data. `None` if their list is damaged.
pub(super) fn free_blocks(page: &[u8], node: &Node) -> Option<Vec<Range<usize>>> {
    let (mut blocks, mut next) = (Vec::new(), usize::from(node.first_free));
    let mut end = node.pointers_end();
    while next != 0 {
        // They are sorted.
        if next < end {
            return None;
        }
        let (link, len) = (be16(page, next)?, be16(page, next.saturating_add(2))?);
        end = next.saturating_add(len.into());
        blocks.push(next..end);
        next = link.into();
    }
    Some(blocks)
}
