//! Examines every byte, with loops over arrays that compile to vector instructions.

use alloc::vec::Vec;

use crate::carve::Window;
use crate::carve::anchor::{Anchor, AnchorGroup, all_allow, anchor_groups};
use crate::carve::score::{WEAK, score};
use crate::container::{Access, Container};
use crate::endian::{Endian, read_uint};
use crate::formats::{DATABASES, LAYOUTS, TYPE_COUNT};
use crate::layout::Layout;

/// Number of bytes examined together.
const BLOCK: usize = 128;
/// An anchor is up to three bytes long.
const AROUND: usize = BLOCK + 2;
/// The highest type number of any platform.
const TYPES: u8 = (TYPE_COUNT - 1) as u8;

/// The length of the list of types of a row of wtmpdb, if its texts are short.
const ROW: u8 = 9;

const LITTLE: u8 = 1;
const BIG: u8 = 2;
const LINE: u8 = 4;

/// The records to search for. Threads can share it.
#[derive(Clone, Debug)]
pub struct Scanner {
    pub(super) layouts: Vec<&'static Layout>,
    /// The tables of databases among them.
    pub(super) tables: Vec<&'static Layout>,
    anchor_groups: Vec<AnchorGroup>,
    /// Largest offset of an anchor in a record.
    reach: usize,
    anchors: u8,
}

/// Possible records, by offset, for [`RunResolver`](crate::carve::RunResolver); and where rows of
/// databases could be, for [`RowFinder`](crate::carve::RowFinder).
#[derive(Clone, Debug, Default)]
pub struct Candidates(pub(super) Vec<Candidate>, pub(super) Vec<u64>);

impl Candidates {
    /// Returns whether there are none, so that the window's bytes will not be needed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty() && self.1.is_empty()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Candidate {
    /// Offset of the record, or of its length prefix if it has one.
    pub(super) offset: u64,
    /// Index in the scanner: earlier layouts are preferred.
    pub(super) layout: u16,
    /// Length, including the length prefix.
    pub(super) len: u16,
    pub(super) bits: i32,
    pub(super) sec: i64,
}

/// Searches for the records of every log, and for the rows of login databases. Slots of a lastlog
/// must be requested.
impl Default for Scanner {
    fn default() -> Scanner {
        let records = |layout: &&Layout| layout.is_log() || layout.rows.is_some();
        Scanner::new(LAYOUTS.iter().chain(DATABASES).filter(records))
    }
}

impl Scanner {
    /// Searches for records of these layouts. Values of a lastlogx and messages are skipped, because
    /// they have no fixed place, and counts of failures and files of one user, because they say too
    /// little alone. The damaged forms among glibc's 384-byte records are found with those.
    pub fn new(layouts: impl IntoIterator<Item = &'static Layout>) -> Scanner {
        let mut wanted: Vec<&'static Layout> = layouts.into_iter().map(Layout::home).collect();
        let tables = DATABASES.iter().filter(|l| l.rows.is_some() && wanted.contains(l)).collect();
        let tables: Vec<&'static Layout> = tables;
        wanted.retain(|layout| {
            layout.container.access() != Access::Whole
                && !layout.is_failures()
                && !layout.platform.is_named_by_user
        });
        // In the order of the table, which decides between equals.
        let wanted: Vec<&'static Layout> = LAYOUTS.iter().filter(|l| wanted.contains(l)).collect();
        let anchor_groups = anchor_groups(&wanted);
        let reach = anchor_groups.iter().map(|s| s.at).max().unwrap_or(0);
        let mut anchors = anchor_groups.iter().fold(0, |anchors, s| anchors | flag_of(s.anchor));
        if tables.iter().any(|layout| layout.has_microseconds()) {
            // The list of types of such a row begins like a type number.
            anchors |= LITTLE;
        }
        Scanner { layouts: wanted, tables, anchor_groups, reach, anchors }
    }

    /// Returns the layouts of records to search for, in the order of
    /// [`LAYOUTS`](crate::formats::LAYOUTS).
    pub fn layouts(&self) -> &[&'static Layout] {
        &self.layouts
    }

    /// Returns possible records that begin in the core of `window`.
    pub fn scan(&self, window: &Window<'_>) -> Candidates {
        let (mut found, mut rows) = (Vec::new(), Vec::new());
        let mut seen = |at: usize, flag: u8| {
            // Most numbers are smaller than the length of a list of types.
            if flag == LITTLE && window.bytes.get(at).is_some_and(|byte| *byte >= ROW) {
                self.look_for_row(window, at, &mut rows);
            }
            self.look(window, at, flag, &mut found);
        };
        match self.anchors {
            0 => {}
            LITTLE => self.anchors::<LITTLE>(window, &mut seen),
            BIG => self.anchors::<BIG>(window, &mut seen),
            LINE => self.anchors::<LINE>(window, &mut seen),
            3 => self.anchors::<3>(window, &mut seen),
            _ => self.anchors::<7>(window, &mut seen),
        }
        found.sort_unstable();
        Candidates(found, rows)
    }

    /// Adds the list of types of a row of wtmpdb.
    #[cold]
    fn look_for_row(&self, window: &Window<'_>, at: usize, found: &mut Vec<u64>) {
        // The number of the row, its type, user, login and logout.
        let is_row = match window.bytes.get(at..) {
            Some([ROW..=11, 0, 0 | 1 | 8 | 9, user, 6, 0 | 6, ..]) => user & 1 == 1 && *user > 13,
            _ => false,
        };
        if is_row && !self.tables.is_empty() && window.core.contains(&at) {
            found.push(window.offset.saturating_add(at as u64));
        }
    }

    /// Calls `seen` with every anchor that may belong to a record of the core.
    fn anchors<const ANCHORS: u8>(&self, window: &Window<'_>, seen: &mut impl FnMut(usize, u8)) {
        let end = window.core.end.saturating_add(self.reach).saturating_add(1);
        let data = window.bytes.get(..end.saturating_add(AROUND)).unwrap_or(window.bytes);
        let mut at = window.core.start;
        while at < end {
            match data.get(at..).and_then(|rest| rest.first_chunk::<AROUND>()) {
                Some(block) => flags::<ANCHORS>(block, at, seen),
                None => {
                    // The image ends here: assume that zeros follow.
                    let rest = data.get(at..).unwrap_or_default();
                    if rest.is_empty() {
                        return;
                    }
                    let mut block = [0; AROUND];
                    block.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
                    flags::<ANCHORS>(&block, at, seen);
                }
            }
            at = at.saturating_add(BLOCK);
        }
    }

    /// Scores every layout that has such an anchor.
    #[inline(never)]
    fn look(&self, window: &Window<'_>, at: usize, flag: u8, found: &mut Vec<Candidate>) {
        if flag == LINE && is_prose(window.bytes.get(at..).unwrap_or_default()) {
            return;
        }
        for group in &self.anchor_groups {
            if flag_of(group.anchor) & flag == 0 {
                continue;
            }
            let Some(start) = at.checked_sub(group.at) else { continue };
            let Some(record) = window.bytes.get(start..) else { continue };
            if !all_allow(&group.ranges, record) {
                continue;
            }
            for member in &group.members {
                if !all_allow(&member.ranges, record) || member.bound.upper_bound(record) < WEAK {
                    continue;
                }
                let Some(&layout) = self.layouts.get(usize::from(member.layout)) else { continue };
                let prefix = prefix(layout);
                let Some(offset) = start.checked_sub(prefix) else { continue };
                if !window.core.contains(&offset) {
                    continue;
                }
                let offset = window.offset.saturating_add(offset as u64);
                let candidate = self.candidate(window, offset, member.layout);
                found.extend(candidate.filter(|c| c.bits >= WEAK));
            }
        }
    }

    /// Returns the bytes at `offset` as a candidate of a layout.
    pub(super) fn candidate(
        &self,
        window: &Window<'_>,
        offset: u64,
        layout: u16,
    ) -> Option<Candidate> {
        let &found = self.layouts.get(usize::from(layout))?;
        let record = bytes(window, offset, found)?;
        let len = u16::try_from(record.len().checked_add(prefix(found))?).ok()?;
        let (bits, sec) = score(found, record)?;
        Some(Candidate { offset, layout, len, bits, sec })
    }
}

/// Returns the bytes of a record without its length; `None` if the window does not have them all.
pub(super) fn bytes<'a>(window: &'a Window<'_>, offset: u64, layout: &Layout) -> Option<&'a [u8]> {
    let prefix = prefix(layout);
    let len = match layout.container {
        Container::LengthPrefixed => {
            let len = read_uint(Endian::Big, window.get(offset, prefix)?, prefix) as usize;
            // A type and a time, which may end in a zero that is not stored.
            (8..=layout.size).contains(&len).then_some(len)?
        }
        _ => layout.size,
    };
    window.get(offset.checked_add(prefix as u64)?, len)
}

/// Returns the number of bytes before the record itself.
pub(super) fn prefix(layout: &Layout) -> usize {
    layout.container.access().prefix_len()
}

const fn flag_of(anchor: Anchor) -> u8 {
    match anchor {
        Anchor::Little => LITTLE,
        Anchor::Big => BIG,
        Anchor::Line => LINE,
    }
}

/// Returns whether the name of a terminal is a word in a text: log messages often name terminals.
///
/// Such anchors belong to records with 8 bytes for the line and at least 8 for the name beside it.
/// No record fills both: `console` has 7 letters.
fn is_prose(anchor: &[u8]) -> bool {
    anchor.first_chunk::<16>().is_some_and(|near| !near.contains(&0))
}

/// Calls `seen` with the anchors of a block.
#[inline]
fn flags<const ANCHORS: u8>(block: &[u8; AROUND], at: usize, seen: &mut impl FnMut(usize, u8)) {
    let (Some(first), Some(second), Some(third)) =
        (from::<0>(block), from::<1>(block), from::<2>(block))
    else {
        return;
    };
    // First only whether there may be any, which is rare except in tables of numbers.
    let all = || first.iter().zip(second).zip(third);
    let any = all().fold(0, |any, ((a, b), c)| any | hint::<ANCHORS>(*a, *b, *c));
    if any == 0 {
        return;
    }
    let mut flags = [0; BLOCK];
    for (to, ((a, b), c)) in flags.iter_mut().zip(all()) {
        *to = flag::<ANCHORS>(*a, *b, *c);
    }
    let (words, _) = flags.as_chunks::<8>();
    for (word, at) in words.iter().zip((at..).step_by(8)) {
        let mut left = u64::from_le_bytes(*word);
        while left != 0 {
            let bits = left.trailing_zeros() & !7;
            seen(at.saturating_add(bits as usize / 8), left.wrapping_shr(bits) as u8);
            left &= !0xff_u64.wrapping_shl(bits);
        }
    }
}

/// Returns the block without its first `N` bytes.
fn from<const N: usize>(block: &[u8; AROUND]) -> Option<&[u8; BLOCK]> {
    block.get(N..)?.first_chunk()
}

/// Returns a nonzero value if any of the wanted anchors begins with these three bytes, and seldom
/// otherwise. Takes fewer instructions than finding out which one.
#[inline(always)]
const fn hint<const ANCHORS: u8>(a: u8, b: u8, c: u8) -> u8 {
    let (low, high) = if a < b { (a, b) } else { (b, a) };
    let mut hint = match ANCHORS & (LITTLE | BIG) {
        0 => false,
        LITTLE => (a.wrapping_sub(1) < TYPES) & (b == 0),
        BIG => (a == 0) & (b.wrapping_sub(1) < TYPES),
        _ => (low == 0) & (high.wrapping_sub(1) < TYPES),
    };
    if ANCHORS & LINE != 0 {
        // `p` and `t` differ in one bit, `s` and `y` in two.
        let terminal = (a & !4 == b'p') & (b == b't') & (c | 10 == b'{');
        let console = (a == b'c') & (b == b'o') & (c == b'n');
        let sign = (a.wrapping_sub(b'{') < 4) & (b == 0);
        hint |= terminal | console | sign;
    }
    if hint { 1 } else { 0 }
}

/// Returns which of the wanted anchors begin with these three bytes. Has no branches, because it
/// runs for many bytes at once.
#[inline(always)]
const fn flag<const ANCHORS: u8>(a: u8, b: u8, c: u8) -> u8 {
    let little = (a.wrapping_sub(1) < TYPES) & (b == 0);
    let big = (a == 0) & (b.wrapping_sub(1) < TYPES);
    let tty = (a == b't') & (b == b't') & (c == b'y');
    let pts = (a == b'p') & (b == b't') & ((c == b's') | (c == b'y'));
    let console = (a == b'c') & (b == b'o') & (c == b'n');
    // `{`, `|`, `}`, `~` alone.
    let sign = (a.wrapping_sub(b'{') < 4) & (b == 0);
    let mut flag = 0;
    if ANCHORS & LITTLE != 0 {
        flag |= if little { LITTLE } else { 0 };
    }
    if ANCHORS & BIG != 0 {
        flag |= if big { BIG } else { 0 };
    }
    if ANCHORS & LINE != 0 {
        flag |= if tty | pts | console | sign { LINE } else { 0 };
    }
    flag
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every anchor has its hint, and other bytes seldom have one.
    #[test]
    fn hints() {
        let mut hints = 0;
        for n in 0..1u32 << 24 {
            let [a, b, c, _] = n.to_le_bytes();
            hints += u32::from(hint::<7>(a, b, c));
            assert!(flag::<LITTLE>(a, b, c) == 0 || hint::<LITTLE>(a, b, c) != 0);
            assert!(flag::<BIG>(a, b, c) == 0 || hint::<BIG>(a, b, c) != 0);
            assert!(flag::<LINE>(a, b, c) == 0 || hint::<LINE>(a, b, c) != 0);
            assert!(flag::<3>(a, b, c) == 0 || hint::<3>(a, b, c) != 0);
            assert!(flag::<7>(a, b, c) == 0 || hint::<7>(a, b, c) != 0);
        }
        // Types in either order, four signs, eight beginnings of terminals, `con`.
        assert_eq!(hints, (2 * u32::from(TYPES) + 4) * 256 + 8 + 1);
    }
}
