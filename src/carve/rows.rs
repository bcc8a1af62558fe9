//! Rows of login databases in raw bytes.
//!
//! wtmpdb and lastlog2 keep rows in pages, and a transaction copies a page into a journal or a log
//! before or after it changes it. Journals are deleted when the transaction ends, and stay on the
//! disk until something else is written there: on most systems, that is where rows are that the
//! database no longer has.
//!
//! A page of a database begins at a sector; a journal or a log, whose magic number does too, says
//! where the next page is. A row of wtmpdb is found without a page as well: its list of types looks
//! like nothing else.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use crate::carve::walk::Walk;
use crate::carve::{Candidates, Hit, RunResolver, Scanner, Window};
use crate::container::Frame;
use crate::container::row::RowMap;
use crate::container::sqlite::ddl::Definition;
use crate::container::sqlite::header::Encoding;
use crate::container::sqlite::residue::Found;
use crate::container::sqlite::residue::loose::{self, Page};
use crate::container::sqlite::residue::shape::Shape;
use crate::error::database::Part;
use crate::layout::Layout;
use crate::read::record::{FoundAs, Record, RowState};

/// A page of a file begins at a multiple of this.
const SECTOR: u64 = 512;
/// Bytes of a page that are looked at: all of it, since no login database has larger pages.
const PAGE: usize = 8 << 10;
const _: () = assert!(PAGE <= Window::AFTER);
/// The type of a page that has rows of a table.
const LEAF: u8 = 13;
/// Journals and logs that are followed at a time.
const WALKS: usize = 16;
/// Bytes that a row can have before its list of types.
const AHEAD: u64 = 16;

/// A login table as it usually is.
#[derive(Debug)]
struct Table {
    layout: &'static Layout,
    map: RowMap,
    shape: Shape,
}

impl Table {
    fn new(layout: &'static Layout) -> Option<Table> {
        let definition = Definition::parse(layout.rows?.definition.as_bytes())?;
        let uses = layout.fields.iter();
        let uses = uses.filter_map(|field| Some((field.name, field.role.row_use()?)));
        let map = RowMap::new(&definition, uses, Encoding::Utf8, layout.has_microseconds());
        let shape = map.shape(&definition);
        Some(Table { layout, map, shape })
    }
}

/// Finds rows of databases, window by window in order. [`RunResolver`] finds the records of files.
///
/// The state of a row is [`RowState::Live`] if a page of a database has it, and else
/// [`RowState::Unknown`]: what became of it is seen when all rows are known.
#[derive(Debug)]
pub struct RowFinder {
    tables: Vec<Table>,
    threshold: i32,
    walks: Vec<Walk>,
    /// Rows that were found, and are not behind the window.
    reported: BTreeSet<u64>,
    /// Number of pages and rows outside of pages.
    runs: u64,
    bytes: Vec<u8>,
}

impl RowFinder {
    /// Searches for the rows of the tables of `scanner`.
    pub fn new(scanner: &Scanner) -> RowFinder {
        RowFinder {
            tables: scanner.tables.iter().filter_map(|layout| Table::new(layout)).collect(),
            threshold: RunResolver::THRESHOLD,
            walks: Vec::new(),
            reported: BTreeSet::new(),
            runs: 0,
            bytes: Vec::new(),
        }
    }

    /// Reports rows of at least `bits`.
    pub fn min_confidence(mut self, bits: i32) -> RowFinder {
        self.threshold = bits;
        self
    }

    /// Searches the core of the next window. Calls `found` with rows in the order of their pages.
    /// [`Hit::run`] is the page, and does not count the runs of [`RunResolver`].
    pub fn push(
        &mut self,
        window: &Window<'_>,
        candidates: &Candidates,
        mut found: impl FnMut(Hit<'_>),
    ) {
        if self.tables.is_empty() {
            return;
        }
        let (begin, end) = (window.core_begin(), window.core_end());
        self.walks.retain(|walk| walk.image() >= begin);
        let mut spots = candidates.1.as_slice();
        let mut at = begin.checked_next_multiple_of(SECTOR).unwrap_or(u64::MAX);
        loop {
            self.before(at.min(end), at < end, &mut spots, window, &mut found);
            if at >= end {
                break;
            }
            self.sector(at, window, &mut found);
            at = at.saturating_add(SECTOR);
        }
        self.reported = self.reported.split_off(&end.saturating_sub(AHEAD));
    }

    /// Looks at the places before `until`, and at the page there if it is a journal's.
    fn before(
        &mut self,
        until: u64,
        with_page: bool,
        spots: &mut &[u64],
        window: &Window<'_>,
        found: &mut impl FnMut(Hit<'_>),
    ) {
        loop {
            let due = |walk: &&mut Walk| walk.image() < until || with_page && walk.image() == until;
            let walk = self.walks.iter_mut().filter(due).min_by_key(|walk| walk.image());
            let spot = spots.first().copied().filter(|spot| *spot < until);
            match (walk, spot) {
                (Some(walk), spot) if spot.is_none_or(|spot| walk.image() <= spot) => {
                    let (image, part) = (walk.image(), walk.part());
                    match walk.advance(window) {
                        Some((number, len)) => {
                            let page = window.from(image, len.min(PAGE));
                            self.page(page, image, number, part, found);
                        }
                        None => self.walks.retain(|walk| walk.image() != image),
                    }
                }
                (_, Some(spot)) => {
                    *spots = spots.get(1..).unwrap_or_default();
                    self.row(spot, window, found);
                }
                _ => return,
            }
        }
    }

    /// Looks at the beginning of a sector.
    #[inline]
    fn sector(&mut self, at: u64, window: &Window<'_>, found: &mut impl FnMut(Hit<'_>)) {
        match window.get(at, 1) {
            Some([LEAF]) => {
                let page = window.from(at, PAGE);
                if let Some(len) = loose::page_len(page) {
                    self.page(page.get(..len).unwrap_or(page), at, 0, Part::Db, found);
                }
            }
            Some([first]) if Walk::begins_with(*first) => {
                if let Some(walk) = Walk::new(at, window) {
                    if self.walks.len() >= WALKS {
                        self.walks.remove(0);
                    }
                    self.walks.push(walk);
                }
            }
            _ => {}
        }
    }

    /// Reports the rows of a page.
    fn page(
        &mut self,
        page: &[u8],
        at: u64,
        number: u32,
        part: Part,
        found: &mut impl FnMut(Hit<'_>),
    ) {
        let RowFinder { tables, threshold, reported, runs, bytes, .. } = self;
        for table in tables {
            let Some(Page { rows, pointed }) = loose::of_page(page, number, &table.shape) else {
                continue;
            };
            let mut index = 0;
            for (n, mut row) in rows.into_iter().enumerate() {
                let offset = at.saturating_add(row.offset);
                if bits(&row, table) < *threshold || !reported.insert(offset) {
                    continue;
                }
                let is_live = n < pointed && part == Part::Db;
                row.state = if is_live { RowState::Live } else { RowState::Unknown };
                (row.offset, row.page, row.part) = (offset, number, Some(part));
                report(table, &row, (*runs, index), bytes, found);
                index = index.saturating_add(1);
            }
            *runs = runs.saturating_add(index.min(1));
        }
    }

    /// Reports the row whose list of types is at `header`, unless its page did.
    fn row(&mut self, header: u64, window: &Window<'_>, found: &mut impl FnMut(Hit<'_>)) {
        let RowFinder { tables, threshold, reported, runs, bytes, .. } = self;
        let Some(at) = header.checked_sub(window.offset).and_then(|at| usize::try_from(at).ok())
        else {
            return;
        };
        for table in tables.iter().filter(|table| table.shape.is_micros) {
            let Some(mut row) = loose::of_cell(window.bytes, at, &table.shape) else { continue };
            row.offset = row.offset.saturating_add(window.offset);
            if bits(&row, table) >= *threshold && reported.insert(row.offset) {
                report(table, &row, (*runs, 0), bytes, found);
                *runs = runs.saturating_add(1);
            }
        }
    }
}

/// Reports a row: which run it is of, and its place there.
fn report(
    table: &Table,
    row: &Found,
    (run, index): (u64, u64),
    bytes: &mut Vec<u8>,
    found: &mut impl FnMut(Hit<'_>),
) {
    bytes.clear();
    table.map.push_found(row, bytes);
    let frame = Frame { index, offset: row.offset, key: None, bytes };
    let record = Record::new(table.layout, frame);
    found(Hit { record, confidence: bits(row, table), run, alternative: None });
}

/// Returns the evidence for a row: its length and that of its list of types, the types, a time of
/// this century, texts that are text.
fn bits(row: &Found, table: &Table) -> i32 {
    let time = if table.shape.is_micros { 20 } else { 10 };
    let texts = i32::try_from(row.bytes.len() / 8).unwrap_or(i32::MAX).min(16);
    let form: i32 = match row.found_as {
        FoundAs::Cell => 24,
        FoundAs::Part => 8,
        _ => 4,
    };
    form.saturating_add(texts).saturating_add(time)
}
