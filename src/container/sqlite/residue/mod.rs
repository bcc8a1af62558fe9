//! Rows that the database no longer has: older versions, deleted rows, those of transactions that
//! were never finished or undone.
//!
//! Nothing is made up: a row is one whose types and values fit each other, and whose time and name
//! are there. What is overwritten is lost, with all that follows it.
//!
//! * [`shape`]: what a row looks like.
//! * [`scan`]: finds rows in bytes.
//! * [`images`]: every page in every file.
//! * [`found`]: a row that was found.
//! * [`loose`]: rows of pages whose database is not known.
//! * [`settle`]: what of it the database still has, and what became of the others.

mod found;
pub(crate) mod images;
pub(crate) mod loose;
mod scan;
mod settle;
pub(crate) mod shape;

use alloc::vec::Vec;
use core::ops::Range;

use crate::container::sqlite::database::Database;
use crate::container::sqlite::freelist;
use crate::container::sqlite::node::{Kind, Node};
use crate::container::sqlite::pager::Pager;
use crate::container::sqlite::pages::PageSet;
pub(crate) use crate::container::sqlite::residue::found::Found;
use crate::container::sqlite::residue::images::{Origin, PageImage};
use crate::container::sqlite::residue::scan::{Area, Hit};
use crate::container::sqlite::residue::settle::Settle;
use crate::container::sqlite::residue::shape::Shape;
use crate::container::sqlite::salvage::free_blocks;
use crate::container::sqlite::schema::{Schema, Table};
use crate::container::sqlite::source::{Files, be32};
use crate::container::sqlite::tree::Cells;
use crate::value::row_state::FoundAs;

/// Returns the rows of a table that the database no longer has.
pub(crate) fn find(
    database: &mut Database,
    files: Files<'_>,
    table: &Table,
    shape: &Shape,
) -> Vec<Found> {
    if shape.time().is_none() || shape.name().is_none() {
        return Vec::new();
    }
    let kind = if table.definition.is_without_rowid { Kind::IndexLeaf } else { Kind::TableLeaf };
    let used = Used::of(&database.schema, &mut database.pager, files);
    let mut settle = Settle::new(shape);
    let mut hits = Vec::new();
    let pager = &mut database.pager;
    let mut chained = Vec::new();
    images::each(pager, files, |image, bytes| {
        hits.clear();
        let pointed = used.rows(pager, &image, bytes, kind, shape, &mut hits);
        for (n, hit) in hits.drain(..).enumerate() {
            // Rows in the gaps of a page are older than the page.
            let origin = if n < pointed { image.origin } else { Origin::Gone };
            match &hit.chained {
                Some(_) => {
                    chained.push((PageImage { origin, ..image }, bytes_of(&hit, bytes), hit))
                }
                None => settle.add(&image, origin, &hit, bytes_of(&hit, bytes)),
            }
        }
    });
    for (image, bytes, hit) in chained {
        let (hit, bytes) = used.follow(pager, files, hit, bytes, shape);
        settle.add(&image, image.origin, &hit, bytes);
    }
    settle.finish(table, database, files)
}

/// Returns the bytes of a row.
fn bytes_of(hit: &Hit, page: &[u8]) -> Vec<u8> {
    page.get(hit.at.clone()).unwrap_or_default().to_vec()
}

/// The pages in use.
struct Used {
    /// Pages of trees.
    nodes: PageSet,
    /// Pages that should be.
    damaged: PageSet,
    /// Those, and the pages of long rows.
    visited: PageSet,
    /// The free pages that list others.
    trunks: PageSet,
}

impl Used {
    fn of(schema: &Schema, pager: &mut Pager, files: Files<'_>) -> Used {
        let limit = pager.limit();
        let none = || PageSet::new(limit);
        let (mut nodes, mut damaged, mut visited) = (none(), none(), none());
        let roots = schema.objects.iter().map(|object| object.root).filter(|&root| root != 0);
        for root in [1].into_iter().chain(roots) {
            let mut cells = Cells::new(root, limit, false);
            while cells.advance(pager, files).is_some() {}
            nodes.insert_all(&cells.nodes);
            damaged.insert_all(&cells.damaged);
            visited.insert_all(&cells.visited);
        }
        let mut free = PageSet::new(limit);
        let trunks = freelist::collect(pager, files, &mut free, &mut Vec::new());
        Used { nodes, damaged, visited, trunks }
    }

    /// Finds rows in an image. Returns how many of them pointers lead to: they come first.
    fn rows(
        &self,
        pager: &Pager,
        image: &PageImage,
        bytes: &[u8],
        kind: Kind,
        shape: &Shape,
        hits: &mut Vec<Hit>,
    ) -> usize {
        let usable = pager.header.usable().min(bytes.len());
        let is_node = self.nodes.contains(image.number);
        let is_of_tree = is_node || self.damaged.contains(image.number);
        if image.is_live && self.visited.contains(image.number) && !is_of_tree {
            return 0; // a part of a long row
        }
        let node = Node::parse(bytes, image.number, usable).filter(|node| !node.is_crowded);
        let (mut taken, mut blocks) = (Vec::new(), Vec::new());
        if image.number == 1 {
            taken.push(0..crate::container::sqlite::header::LEN);
        }
        let mut area = Area { page: bytes, usable, kind, range: 0..usable, is_block: false };
        if let Some(node) = node {
            taken.push(0..node.pointers_end());
            for n in 0..node.count {
                if !node.kind.is_leaf() && node.kind.is_table() {
                    // A page and a number, which nothing is made of.
                    continue;
                }
                let Ok(cell) = node.cell(bytes, n) else { continue };
                let is_row = node.kind.is_table() == kind.is_table();
                if image.is_live && is_node {
                    taken.push(cell.start..cell.end);
                } else if is_row
                    && let Some(hit) = area.of(node.kind).cell(cell.start, shape, false)
                {
                    taken.push(hit.at.clone());
                    hits.push(hit);
                }
            }
            blocks = free_blocks(bytes, &node).unwrap_or_default();
        }
        let is_trunk = image.is_live && self.trunks.contains(image.number);
        if is_trunk {
            let leaves = be32(bytes, 4).unwrap_or_default() as usize;
            taken.push(0..leaves.saturating_mul(4).saturating_add(8).min(usable));
        }
        let pointed = hits.len();
        for (range, is_block) in rest(taken, &blocks, usable) {
            area.range = range;
            area.is_block = is_block;
            area.rows(shape, hits);
        }
        pointed
    }

    /// Follows the chain of a long row. Only free pages that nothing was written to since can have
    /// the rest of one that is gone.
    fn follow(
        &self,
        pager: &mut Pager,
        files: Files<'_>,
        mut hit: Hit,
        cell: Vec<u8>,
        shape: &Shape,
    ) -> (Hit, Vec<u8>) {
        let Some(raw) = hit.chained.take() else { return (hit, cell) };
        let begin = raw.local.start.saturating_sub(hit.at.start);
        let local = raw.local.len();
        let mut payload = cell.get(begin..begin.saturating_add(local)).unwrap_or_default().to_vec();
        let (usable, mut next) = (pager.header.usable(), raw.overflow);
        let mut seen = PageSet::new(pager.limit());
        while (payload.len() as u64) < raw.len {
            let is_there = !self.visited.contains(next) && !self.trunks.contains(next);
            let image = match is_there && next != 0 && seen.insert(next) {
                true => pager.page(files, next).ok(),
                false => None,
            };
            let chunk =
                image.as_ref().and_then(|image| image.bytes.get(..usable)?.split_first_chunk());
            let Some((link, rest)) = chunk else { break };
            let wanted =
                usize::try_from(raw.len).unwrap_or(usize::MAX).saturating_sub(payload.len());
            payload.extend_from_slice(rest.get(..wanted).unwrap_or(rest));
            next = u32::from_be_bytes(*link);
        }
        let is_whole = payload.len() as u64 == raw.len && next == 0;
        if is_whole {
            let area = Area {
                page: &payload,
                usable: payload.len(),
                kind: Kind::TableLeaf,
                range: 0..payload.len(),
                is_block: false,
            };
            if let Some((values, true)) = area.values(shape) {
                hit.values = values;
                hit.found_as = FoundAs::Cell;
                hit.at = 0..payload.len();
                return (hit, payload);
            }
        }
        (hit, cell)
    }
}

/// Returns what is not taken, in pieces: free blocks are pieces of their own.
fn rest(
    mut taken: Vec<Range<usize>>,
    blocks: &[Range<usize>],
    usable: usize,
) -> Vec<(Range<usize>, bool)> {
    let is_free = |block: &&Range<usize>| {
        block.end <= usable
            && !taken.iter().any(|range| range.start < block.end && block.start < range.end)
    };
    let blocks: Vec<Range<usize>> = blocks.iter().filter(is_free).cloned().collect();
    let mut pieces: Vec<(Range<usize>, bool)> =
        blocks.iter().map(|block| (block.clone(), true)).collect();
    taken.extend(blocks);
    taken.sort_unstable_by_key(|range| range.start);
    let mut begin = 0;
    for range in taken.into_iter().chain(core::iter::once(usable..usable)) {
        if begin < range.start {
            pieces.push((begin..range.start, false));
        }
        begin = begin.max(range.end);
    }
    pieces.sort_unstable_by_key(|(range, _)| range.start);
    pieces
}
