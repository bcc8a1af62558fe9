//! Finds rows in bytes that no pointer leads to.
//!
//! A cell is: length, row number, length of the list of types, types, values. When SQLite frees one,
//! it writes four bytes over its beginning; when it reuses the space, it begins at the end. So rows
//! are searched in three passes, the strongest first, and what an earlier pass found is not read
//! again.

use alloc::vec::Vec;
use core::ops::Range;

use crate::container::sqlite::node::{Kind, RawCell};
use crate::container::sqlite::residue::shape::{Expected, Shape, len};
use crate::container::sqlite::value::Value;
use crate::container::sqlite::varint;
use crate::value::row_state::FoundAs;

/// The most bytes of lost integers before the first column that is known.
const LOST: usize = 17;
/// The highest row number that is believed.
const ROWIDS: i64 = 1 << 40;

/// A value of a row: its type, and where it is.
pub(crate) type Piece = Option<(u64, usize)>;

/// A row in a page.
#[derive(Clone, Debug)]
pub(super) struct Hit {
    pub(super) at: Range<usize>,
    /// Where it begins in the page.
    pub(super) place: usize,
    pub(super) rowid: Option<i64>,
    /// Columns in the order in which they are stored; `None` if lost.
    pub(super) values: Vec<Piece>,
    pub(super) found_as: FoundAs,
    /// The cell, if the row continues on other pages.
    pub(super) chained: Option<RawCell>,
    /// Whether the length of the name follows from the length of the free block.
    pub(super) is_guessed: bool,
}

/// Bytes of a page in which to look.
pub(super) struct Area<'a> {
    pub(super) page: &'a [u8],
    pub(super) usable: usize,
    pub(super) kind: Kind,
    pub(super) range: Range<usize>,
    /// Whether this is one free block.
    pub(super) is_block: bool,
}

/// The types of some columns, and where their values begin.
struct Types {
    /// Number of columns before them.
    skipped: usize,
    serials: Vec<u64>,
    body: usize,
}

impl Area<'_> {
    /// The same bytes with cells of another kind.
    pub(super) fn of(&self, kind: Kind) -> Area<'_> {
        Area { kind, range: self.range.clone(), ..*self }
    }

    /// Finds all rows.
    pub(super) fn rows(&self, shape: &Shape, hits: &mut Vec<Hit>) {
        let first = hits.len();
        let cells = self.range.clone().filter_map(|at| self.cell(at, shape, true));
        hits.extend(cells);
        cut_overlaps(hits.get_mut(first..).unwrap_or_default());
        self.pass(shape, hits, first, |area, at, shape| area.headed(at, shape));
        // Four bytes are length, number, length of the list and one type; two types in an index.
        let most = if self.kind.is_table() { 1 } else { 2 };
        self.pass(shape, hits, first, |area, at, shape| {
            (0..=most).find_map(|skipped| area.tail(at, skipped, shape))
        });
        hits.retain(|hit| {
            let has = |column: Option<usize>| {
                column.is_some_and(|n| hit.values.get(n).is_some_and(Option::is_some))
            };
            has(shape.time()) && has(shape.name())
        });
    }

    /// Looks at every byte that no row of an earlier pass has.
    fn pass(
        &self,
        shape: &Shape,
        hits: &mut Vec<Hit>,
        first: usize,
        find: impl Fn(&Area<'_>, usize, &Shape) -> Option<Hit>,
    ) {
        let taken = hits.get(first..).unwrap_or_default();
        let mut taken: Vec<Range<usize>> = taken.iter().map(|hit| hit.at.clone()).collect();
        taken.sort_unstable_by_key(|range| range.start);
        let mut begin = self.range.start;
        let end = self.range.end;
        let ends = taken.into_iter().chain(core::iter::once(end..end));
        for next in ends {
            let area = Area { range: begin..next.start, ..*self };
            let mut at = begin;
            while at < next.start {
                match find(&area, at, shape) {
                    Some(hit) => {
                        at = hit.at.end.max(at.saturating_add(1));
                        hits.push(hit);
                    }
                    None => at = at.saturating_add(1),
                }
            }
            begin = begin.max(next.end);
        }
    }

    /// A whole cell. A pointer that led to it is worth as much as sane values.
    pub(super) fn cell(&self, at: usize, shape: &Shape, is_strict: bool) -> Option<Hit> {
        let cell = RawCell::parse(self.page, at, self.kind, self.usable)?;
        let is_numbered = cell.rowid.is_none_or(|rowid| (1..ROWIDS).contains(&rowid));
        if cell.end > self.range.end || is_strict && !is_numbered {
            return None;
        }
        let payload = self.page.get(..cell.local.end)?;
        let types = self.header(cell.local.start, shape)?;
        let all = types
            .serials
            .iter()
            .try_fold(types.body, |end, &serial| end.checked_add(len(serial)?))?;
        let is_exact = (all.saturating_sub(cell.local.start)) as u64 == cell.len;
        if !is_exact {
            return None;
        }
        let (values, _) = read(payload, &types, types.body, shape, is_strict)?;
        let is_whole = values.iter().all(Option::is_some);
        let found_as = if is_whole { FoundAs::Cell } else { FoundAs::Part };
        let is_chained = cell.overflow != 0;
        if !is_whole && !is_chained && !is_strict {
            return None;
        }
        let (rowid, place, at) = (cell.rowid, at, at..cell.end);
        let chained = Some(cell).filter(|_| is_chained);
        Some(Hit { at, place, rowid, values, found_as, chained, is_guessed: false })
    }

    /// The columns of a row that is all of the page, and whether they are all there.
    pub(super) fn values(&self, shape: &Shape) -> Option<(Vec<Piece>, bool)> {
        let types = self.header(0, shape)?;
        let (values, end) = read(self.page, &types, types.body, shape, true)?;
        let is_whole = end == self.page.len() && values.iter().all(Option::is_some);
        Some((values, is_whole))
    }

    /// The list of types at `at`, with its length.
    fn header(&self, at: usize, shape: &Shape) -> Option<Types> {
        let bytes = self.page.get(at..self.range.end)?;
        let (length, mut rest) = varint::take(bytes)?;
        let length = usize::try_from(length).ok()?;
        let end = bytes.len().checked_sub(length)?;
        let mut serials = Vec::new();
        while rest.len() > end {
            let (serial, behind) = varint::take(rest)?;
            let column = shape.columns.get(serials.len())?;
            if !column.fits(serial) {
                return None;
            }
            serials.push(serial);
            rest = behind;
        }
        let is_row = rest.len() == end && serials.len() >= shape.least;
        is_row.then_some(Types { skipped: 0, serials, body: at.saturating_add(length) })
    }

    /// A row without length and number.
    fn headed(&self, at: usize, shape: &Shape) -> Option<Hit> {
        let types = self.header(at, shape)?;
        self.hit(at, &types, types.body, shape)
    }

    /// A row whose first types are lost.
    fn tail(&self, at: usize, skipped: usize, shape: &Shape) -> Option<Hit> {
        let most = shape.columns.len();
        (shape.least..=most).rev().find_map(|columns| {
            let types = self.types(at, skipped, columns, shape)?;
            let lost = shape.columns.get(..skipped)?;
            if lost.iter().all(|column| *column == Expected::Rowid) {
                return self.hit(at, &types, types.body, shape);
            }
            let lens = types.serials.iter().filter_map(|&serial| len(serial));
            let known = lens.fold(0, usize::saturating_add);
            if *lost == [Expected::Time] {
                return self.timed(at, &types, shape);
            }
            if lost.contains(&Expected::Time) {
                return None; // any bytes would do
            }
            if lost.contains(&Expected::Name) {
                return self.named(at, &types, known, shape);
            }
            // The values of the lost columns come first; how long they are shows in the others.
            let begins = (0..=LOST).map(|lost| types.body.saturating_add(lost));
            let mut rows = begins.filter_map(|body| self.hit(at, &types, body, shape));
            let row = rows.next()?;
            rows.next().is_none().then_some(row)
        })
    }

    /// A row that begins with its time: eight bytes for microseconds, four for seconds.
    fn timed(&self, at: usize, types: &Types, shape: &Shape) -> Option<Hit> {
        let serial = if shape.is_micros { 6 } else { 4 };
        let body = types.body.checked_add(len(serial)?)?;
        let value = Value::of(serial, self.page.get(types.body..body)?)?;
        let mut hit = self.hit(at, types, body, shape)?;
        *hit.values.first_mut()? = Some((serial, types.body));
        shape.is_sane(Expected::Time, value).then_some(hit)
    }

    /// A row that begins with its name, whose length is lost: the end of the free block gives it.
    fn named(&self, at: usize, types: &Types, known: usize, shape: &Shape) -> Option<Hit> {
        let body = self.range.end.checked_sub(known).filter(|_| self.is_block)?;
        let name = body.checked_sub(types.body).filter(|len| (1..=64).contains(len))?;
        let mut hit = self.hit(at, types, body, shape)?;
        let place = hit.values.first_mut()?;
        *place = Some(((name as u64).saturating_mul(2).saturating_add(13), types.body));
        let text = self.page.get(types.body..body)?;
        hit.is_guessed = true;
        shape.is_sane(Expected::Name, Value::Text(text)).then_some(hit)
    }

    fn types(&self, at: usize, skipped: usize, columns: usize, shape: &Shape) -> Option<Types> {
        let mut rest = self.page.get(at..self.range.end)?;
        let mut serials = Vec::new();
        for column in shape.columns.get(skipped..columns)? {
            let (serial, behind) = varint::take(rest)?;
            if !column.fits(serial) {
                return None;
            }
            serials.push(serial);
            rest = behind;
        }
        let body = self.range.end.saturating_sub(rest.len());
        Some(Types { skipped, serials, body })
    }

    /// A row whose beginning is lost, if its values make sense.
    fn hit(&self, at: usize, types: &Types, body: usize, shape: &Shape) -> Option<Hit> {
        let bytes = self.page.get(..self.range.end)?;
        let (values, end) = read(bytes, types, body, shape, true)?;
        let has = |column: Option<usize>| {
            column.is_some_and(|n| n < types.skipped || values.get(n).is_some_and(Option::is_some))
        };
        let is_sane = has(shape.time()) && has(shape.name());
        let (rowid, chained, is_guessed) = (None, None, false);
        let known = values.get(types.skipped..).unwrap_or_default();
        let is_cut = known.iter().any(Option::is_none);
        let found_as = if is_cut { FoundAs::Part } else { FoundAs::Tail };
        is_sane.then_some(Hit {
            at: at..end,
            place: at,
            rowid,
            values,
            found_as,
            chained,
            is_guessed,
        })
    }
}

/// Reads values up to the first that is not here, or makes no sense: it and those after it are
/// lost. Returns also where the row ends, as far as it is here.
fn read(
    bytes: &[u8],
    types: &Types,
    body: usize,
    shape: &Shape,
    is_strict: bool,
) -> Option<(Vec<Piece>, usize)> {
    let mut values: Vec<Piece> = Vec::new();
    for column in shape.columns.get(..types.skipped)? {
        values.push((*column == Expected::Rowid).then_some((0, body)));
    }
    let (mut at, mut is_lost) = (body, false);
    for &serial in &types.serials {
        let column = *shape.columns.get(values.len())?;
        let end = at.checked_add(len(serial)?)?;
        let value = bytes.get(at..end).and_then(|value| Value::of(serial, value));
        let is_sane = value.is_some_and(|value| !is_strict || shape.is_sane(column, value));
        is_lost |= !is_sane;
        if !is_sane && bytes.get(at..end).is_some() {
            doubt(&mut values, at);
        }
        values.push((!is_lost).then_some((serial, at)));
        if !is_lost {
            at = end;
        }
    }
    Some((values, at))
}

/// The value at `at` makes no sense. What was written over it may begin in the bytes before it: a
/// cell or a free block has a byte that is no text among its first four.
fn doubt(values: &mut [Piece], at: usize) {
    for value in values {
        let len = value.and_then(|(serial, _)| len(serial)).unwrap_or_default();
        let ends = value.map(|(_, begin)| begin.saturating_add(len));
        if len > 0 && ends.is_some_and(|ends| ends.saturating_add(4) > at) {
            *value = None;
        }
    }
}

/// A cell that begins within another one has overwritten its end.
fn cut_overlaps(hits: &mut [Hit]) {
    hits.sort_unstable_by_key(|hit| hit.at.start);
    let starts: Vec<usize> = hits.iter().map(|hit| hit.at.start).collect();
    for (hit, next) in hits.iter_mut().zip(starts.into_iter().skip(1)) {
        if next < hit.at.end {
            cut(hit, next);
        }
    }
}

fn cut(hit: &mut Hit, end: usize) {
    hit.at.end = end;
    let mut is_lost = false;
    for value in &mut hit.values {
        let ends = value.and_then(|(serial, at)| at.checked_add(len(serial)?));
        is_lost |= ends.is_none_or(|ends| ends > end);
        if is_lost {
            *value = None;
            hit.found_as = FoundAs::Part;
        }
    }
}
