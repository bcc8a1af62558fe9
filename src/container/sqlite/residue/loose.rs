//! Rows of pages whose database is not known: in images of disks, and in memory.

use alloc::vec::Vec;

use crate::container::sqlite::node::{Kind, Node, RawCell};
use crate::container::sqlite::residue::found::Found;
use crate::container::sqlite::residue::images::Origin;
use crate::container::sqlite::residue::scan::{Area, Hit};
use crate::container::sqlite::residue::shape::Shape;
use crate::container::sqlite::residue::{bytes_of, rest};
use crate::container::sqlite::salvage::free_blocks;

/// Bytes of the longest row that is looked for.
const LONGEST: usize = 8 << 10;
/// Bytes before a row, so that it can end where they do: SQLite would not put it on such a page.
const AHEAD: usize = 512;
/// Bytes of the length and the number of a row, before its list of types.
const BEFORE: core::ops::RangeInclusive<usize> = 2..=8;

/// The rows of a page.
pub(crate) struct Page {
    /// The rows that pointers lead to, then those in gaps and free blocks.
    pub(crate) rows: Vec<Found>,
    /// The number of the first ones.
    pub(crate) pointed: usize,
}

/// Returns the length of the page that `bytes` begin with: where its last cell ends, at least.
pub(crate) fn page_len(bytes: &[u8]) -> Option<usize> {
    let node = Node::parse(bytes, 0, bytes.len())
        .filter(|node| node.kind == Kind::TableLeaf && !node.is_crowded)?;
    let mut ends = (0..node.count).map(|n| Some(node.cell(bytes, n).ok()?.end));
    let end = ends.try_fold(0usize, |last, end| Some(last.max(end?)))?;
    (end > 0).then(|| end.next_power_of_two().clamp(512, bytes.len().max(512)))
}

/// Returns the rows of a leaf page of a table. `None` if it is no such page, or of another table.
pub(crate) fn of_page(page: &[u8], number: u32, shape: &Shape) -> Option<Page> {
    let usable = page.len();
    let node = Node::parse(page, number, usable)
        .filter(|node| node.kind == Kind::TableLeaf && !node.is_crowded)?;
    let area = Area { page, usable, kind: Kind::TableLeaf, range: 0..usable, is_block: false };
    let starts = || (0..node.count).filter_map(|n| node.pointer(page, n).ok());
    // Most bytes that could be a page are not: they have no pointer that leads to a row.
    starts().next().and_then(|start| RawCell::parse(page, start, node.kind, usable))?;
    if !starts().any(|start| area.cell(start, shape, true).is_some_and(|hit| is_row(&hit, shape))) {
        return None;
    }
    let mut hits: Vec<Hit> = starts().filter_map(|start| area.cell(start, shape, false)).collect();
    let pointed = hits.len();
    let mut taken = alloc::vec![0..node.pointers_end()];
    taken.extend(hits.iter().map(|hit| hit.at.clone()));
    let blocks = free_blocks(page, &node).unwrap_or_default();
    for (range, is_block) in rest(taken, &blocks, usable) {
        Area { page, usable, kind: node.kind, range, is_block }.rows(shape, &mut hits);
    }
    let mut rows: Vec<Found> =
        hits.iter().map(|hit| Found::new(hit, Origin::Gone, bytes_of(hit, page))).collect();
    let mut n = 0usize;
    rows.retain(|row| {
        n = n.saturating_add(1);
        n <= pointed || !row.is_guessed
    });
    Some(Page { rows, pointed })
}

/// Returns the row whose list of types begins at `header`. `None` if there is none with its length
/// and number.
pub(crate) fn of_cell(bytes: &[u8], header: usize, shape: &Shape) -> Option<Found> {
    let begin = header.saturating_sub(AHEAD);
    let bytes = bytes.get(begin..)?;
    let header = header.saturating_sub(begin);
    let usable = bytes.len().min(header.saturating_add(LONGEST));
    let kind = Kind::TableLeaf;
    let area = Area { page: bytes, usable, kind, range: 0..usable, is_block: false };
    let hit = BEFORE.into_iter().find_map(|before| {
        let start = header.checked_sub(before)?;
        RawCell::parse(bytes, start, kind, usable).filter(|raw| raw.local.start == header)?;
        area.cell(start, shape, true).filter(|hit| is_row(hit, shape))
    })?;
    let mut found = Found::new(&hit, Origin::Gone, bytes_of(&hit, bytes));
    found.offset = found.offset.saturating_add(begin as u64);
    Some(found)
}

/// Returns whether the time and the name are there.
fn is_row(hit: &Hit, shape: &Shape) -> bool {
    let has = |column: Option<usize>| {
        column.is_some_and(|n| hit.values.get(n).is_some_and(Option::is_some))
    };
    has(shape.time()) && has(shape.name())
}
