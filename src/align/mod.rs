//! Finds records that are not at the offsets that the file's layout predicts.
//!
//! A file of fixed-size records is a grid: record n begins at n times the record size. One inserted
//! or lost byte moves everything after it off that grid. [`Segments`] splits such data into runs of
//! whole records and the bytes between them, so that reading continues at the next record that
//! fits. Records of another layout in the same file, which programs built for another architecture
//! write, are runs of their own.
//!
//! A record is only given up if the records after it are at other offsets: a record with odd
//! contents at the predicted offset stays a record.

#[cfg(feature = "std")]
mod grid;
mod marks;
mod prefixed;
mod realigned;
mod score;
#[cfg(test)]
mod tests;

use core::ops::Range;

#[cfg(feature = "std")]
pub use self::grid::is_on_grid;
use self::marks::Marks;
pub(crate) use self::realigned::{Realigned, realigned};
use self::score::{Budget, Run, gap, is_plausible, strength};
use crate::container::Container;
use crate::evidence::score::Evidence;
use crate::layout::Layout;

/// A part of the data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Segment {
    /// Whole records of one layout, back to back.
    Records {
        /// The layout of these records; often the file's.
        layout: &'static Layout,
        /// Their range in the data.
        range: Range<usize>,
    },
    /// Bytes that belong to no whole record.
    Skipped(Range<usize>),
}

/// Longest distance, in bytes, within which the next record is searched for.
pub(crate) const REACH: usize = 64 << 10;

/// Number of records after an odd one that are checked for being at their predicted offsets.
const FOLLOWERS: usize = 16;
/// Largest distance, in bytes, between a true start of a record and one that fits by chance.
const SHIFT: usize = 32;

/// Iterator over the segments of `data`; covers every byte but a tail shorter than one record.
#[derive(Debug)]
pub(crate) struct Segments<'a> {
    /// The file's layout.
    home: &'static Layout,
    /// The layout of the records at `at`.
    layout: &'static Layout,
    data: &'a [u8],
    /// Offset of the next segment.
    at: usize,
    /// Whether `at` is where a landing was found.
    landed: bool,
    /// The next segment, found together with the one before it.
    next: Option<Segment>,
    budget: Budget,
    marks: Marks,
    /// Before this offset, no records begin except at their predicted offsets.
    searched: usize,
    /// Whether the bytes before the data belong to no record.
    is_lost: bool,
}

/// Records at predicted offsets that were examined ahead.
#[derive(Debug, Default)]
struct Followers {
    /// Offset of the last strong one; 0 if there is none.
    strong: usize,
    /// Records from this offset on have not been examined.
    asked: usize,
}

/// How a run of records ends.
#[derive(Debug)]
struct RunEnd {
    /// The offset.
    at: usize,
    /// Where the next records begin.
    landing: Option<Landing>,
    /// Whether no record follows, though there is room for many.
    is_lost: bool,
}

/// The place where records begin after a break.
#[derive(Clone, Copy, Debug)]
struct Landing {
    at: usize,
    layout: &'static Layout,
    bits: i32,
}

impl<'a> Segments<'a> {
    /// Splits `data` of a file of `home`, in which a record of `layout` should begin at byte 0.
    pub(crate) fn new(
        home: &'static Layout,
        layout: &'static Layout,
        data: &'a [u8],
    ) -> Segments<'a> {
        Segments {
            home,
            layout,
            data,
            at: 0,
            landed: false,
            next: None,
            budget: Budget::of(data.len()),
            marks: Marks::of(home),
            searched: 0,
            is_lost: false,
        }
    }

    /// The bytes before the data belong to no record, and perhaps many of those that follow.
    #[cfg(feature = "std")]
    pub(crate) fn lost(self, yes: bool) -> Segments<'a> {
        Segments { is_lost: yes, ..self }
    }

    fn record(&self, at: usize, layout: &Layout) -> Option<&'a [u8]> {
        self.data.get(at..at.checked_add(layout.size)?)
    }

    /// Follows the records of the current layout from `self.at` on.
    fn walk(&mut self) -> RunEnd {
        let (start, size) = (self.at, self.layout.size);
        // The beginning of a run is not checked again, so that each landing makes progress.
        let first = if self.landed { start.saturating_add(1) } else { start };
        let mut at = start;
        let mut followers = Followers::default();
        // Where odd records begin after a plausible one, until records are certain again: one that
        // is plausible may be so by chance.
        let mut odd = self.is_lost.then_some(start);
        loop {
            let record = self.record(at, self.layout);
            if let Some(record) = record {
                if is_plausible(self.layout, record) {
                    odd = odd.filter(|_| !self.is_certain(at));
                    at = at.saturating_add(size);
                    continue;
                }
                if self.is_followed(at, &mut followers) {
                    let from = at.saturating_sub(size).max(first);
                    if let Some(landing) = self.foreign_landing(from, at) {
                        return RunEnd::before(landing, at.min(landing.at.max(start)));
                    }
                    odd = odd.filter(|_| !self.is_certain(at));
                    at = at.saturating_add(size);
                    continue;
                }
            } else if at == self.data.len() || self.tail_is_cut(at) {
                return RunEnd::last(at, odd);
            }
            // The record before may have lost its end, or may have another layout.
            let from = at.saturating_sub(size).max(first);
            match self.landing(from, at) {
                // On the same grid: the odd records before it are at their predicted offsets.
                Some(landing)
                    if landing.at >= at && !self.is_lost && self.is_on_grid(start, &landing) =>
                {
                    match landing.layout == self.layout {
                        true => at = landing.at.saturating_add(size),
                        false => return RunEnd::before(landing, landing.at),
                    }
                    odd = None;
                }
                Some(landing) if landing.at < at => {
                    return RunEnd::before(landing, at.saturating_sub(size).max(start));
                }
                // So many odd records that the place to go on was not found at the first.
                Some(landing) => return RunEnd::before(landing, odd.unwrap_or(at)),
                None if record.is_some() => {
                    odd = odd.or_else(|| self.earlier(at).map(|_| at));
                    at = at.saturating_add(size);
                }
                None => return RunEnd::last(at, odd),
            }
        }
    }

    /// Returns whether the grid of a run that begins at `start` includes a landing.
    fn is_on_grid(&self, start: usize, landing: &Landing) -> bool {
        let size = self.layout.size;
        landing.layout.size == size && landing.at.saturating_sub(start).checked_rem(size) == Some(0)
    }

    /// Returns whether a record soon after the one at `at` is at its predicted offset. Then those
    /// between are odd, and the expensive search is not needed.
    fn is_followed(&self, at: usize, known: &mut Followers) -> bool {
        let size = self.layout.size;
        if known.strong > at {
            return true;
        }
        let last = at.saturating_add(size.saturating_mul(FOLLOWERS));
        let mut next = known.asked.max(at.saturating_add(size));
        while next <= last
            && let Some(record) = self.record(next, self.layout)
        {
            if strength(self.layout, record).is_some() {
                known.strong = next;
                break;
            }
            next = next.saturating_add(size);
        }
        known.asked = next;
        known.strong > at
    }

    /// Returns whether records of the current layout are certain to begin at `at`.
    fn is_certain(&self, at: usize) -> bool {
        let run = self.data.get(at..).and_then(|data| Run::at(self.layout, data));
        run.is_some_and(|run| run.records > 1 && run.bits >= score::RUN)
    }

    /// Returns whether the remaining bytes begin like a record: a file that was cut.
    fn tail_is_cut(&mut self, at: usize) -> bool {
        let tail = self.data.get(at..).unwrap_or_default();
        let before = at.checked_sub(self.layout.size).and_then(|at| self.record(at, self.layout));
        let stands = before.is_none_or(|record| strength(self.layout, record).is_some());
        stands && is_plausible(self.layout, tail) && self.landing(at, at).is_none()
    }

    /// Returns the place from `from` on at which records of another size begin instead of an odd
    /// record at `at`: another file's, whose length is a multiple of the current record size.
    fn foreign_landing(&mut self, from: usize, at: usize) -> Option<Landing> {
        let size = self.layout.size;
        let landing = self.landing_within(from, at, size)?;
        let foreign = landing.layout;
        let run = Run::at(foreign, self.data.get(landing.at..)?)?;
        let end = landing.at.saturating_add(run.records.saturating_mul(foreign.size));
        let is_strong = |at| {
            let record = self.record(at, self.layout);
            record.is_some_and(|record| strength(self.layout, record).is_some())
        };
        let inside = (at..end).step_by(size.max(1));
        (foreign.size != size && !inside.into_iter().any(is_strong)).then_some(landing)
    }

    /// Returns the first place from `from` on at which records begin, other than records of the
    /// current layout at `from` itself. `expected` is the next predicted offset.
    fn landing(&mut self, from: usize, expected: usize) -> Option<Landing> {
        self.landing_within(from, expected, REACH)
    }

    /// Does the same as [`Segments::landing`], no farther than `reach` after the predicted offset.
    fn landing_within(&mut self, from: usize, expected: usize, reach: usize) -> Option<Landing> {
        let end = self.data.len().min(expected.saturating_add(reach));
        let mut best: Option<Landing> = None;
        let marks = core::mem::take(&mut self.marks);
        for at in from.max(self.searched)..end {
            // A start a few bytes later may fit better than the first that fits at all.
            if best.is_some_and(|best| at > best.at.saturating_add(SHIFT)) {
                break;
            }
            let rest = self.data.get(at..).unwrap_or_default();
            for layout in marks.at(rest) {
                // On the grid, a record of the same size changes nothing.
                if at == from && at < expected && layout.size == self.layout.size {
                    continue;
                }
                if let Some(bits) = self.begins(at, layout, from, expected)
                    && best.is_none_or(|best| bits > best.bits)
                {
                    best = Some(Landing { at, layout, bits });
                }
            }
            if !self.budget.is_left() {
                break;
            }
        }
        self.marks = marks;
        if best.is_none() {
            self.searched = self.searched.max(end);
        }
        best
    }

    /// Returns how well records of `layout` begin at `at`, in bits; `None` if not well enough.
    fn begins(
        &mut self,
        at: usize,
        layout: &'static Layout,
        from: usize,
        expected: usize,
    ) -> Option<i32> {
        let first = self.record(at, layout)?;
        let is_home = layout == self.home || layout == self.layout;
        let is_typed = is_home || layout.key_fields.is_typed();
        if !layout.key_fields.is_plausible(layout.endian, first)
            || !Evidence::has_numbers(layout, first)
        {
            return None;
        }
        self.budget.spend();
        let run = Run::at(layout, self.data.get(at..)?)?;
        let end = at.saturating_add(run.records.saturating_mul(layout.size));
        let ends =
            end == self.data.len() || is_home && end.saturating_add(layout.size) > self.data.len();
        let earlier = self.earlier(from);
        let since = |sec| earlier.map_or(0, |earlier| gap(earlier, sec));
        let single = run.first.saturating_add(since(run.sec)) >= score::SINGLE;
        let after = || self.another_begins(at.saturating_add(layout.size), layout);
        let alone = match is_typed.then(after).flatten() {
            Some(after) => Some(run.first.saturating_add(after)),
            None => (is_home && single).then_some(run.first),
        };
        // Without types a record looks like one more often by accident.
        let enough = if is_typed { 2 } else { 3 };
        let is_run = run.records >= enough || ends && run.records.saturating_add(1) >= enough;
        let together = is_run.then_some(run.bits);
        let bits = alone.max(together)?.saturating_add(since(run.sec).max(0));
        let needed = if is_home { score::RUN } else { score::FOREIGN_RUN };
        if bits < needed {
            return None;
        }
        if at != from || at == expected {
            return Some(bits);
        }
        // The record at the predicted offset is preferred, unless it makes less sense: after it the
        // grid breaks, after this one it does not.
        let sense = |bits: i32, sec| bits.saturating_add(since(sec));
        let rival = self.record(at, self.layout).and_then(|record| {
            Some(sense(score::bits(self.layout, record)?, score::seconds(self.layout, record)))
        });
        rival.is_none_or(|rival| sense(run.first, run.sec) >= rival).then_some(bits)
    }

    /// Returns the time of the record before the one at `at`, if there is one.
    fn earlier(&self, at: usize) -> Option<i64> {
        let before = self.record(at.checked_sub(self.layout.size)?, self.layout)?;
        is_plausible(self.layout, before).then(|| score::seconds(self.layout, before))
    }

    /// Returns the evidence for a record of one of the file's other layouts at `at`, if it is
    /// strong.
    fn another_begins(&self, at: usize, not: &Layout) -> Option<i32> {
        let known = [self.home, self.layout].into_iter().filter(|layout| *layout != not);
        known.filter_map(|layout| strength(layout, self.record(at, layout)?)).max()
    }
}

impl RunEnd {
    /// The end of a run, at a place before the next one.
    fn before(landing: Landing, at: usize) -> RunEnd {
        RunEnd { at, landing: Some(landing), is_lost: false }
    }

    /// The end of the last run, given where the odd records at its end begin. A few of them stay
    /// records.
    fn last(at: usize, odd: Option<usize>) -> RunEnd {
        match odd.filter(|odd| at.saturating_sub(*odd) > REACH) {
            Some(odd) => RunEnd { at: odd, landing: None, is_lost: true },
            None => RunEnd { at, landing: None, is_lost: false },
        }
    }
}

impl Iterator for Segments<'_> {
    type Item = Segment;

    fn next(&mut self) -> Option<Segment> {
        if let Some(segment) = self.next.take() {
            return Some(segment);
        }
        if self.at >= self.data.len() {
            return None;
        }
        if self.layout.container == Container::LengthPrefixed {
            return self.next_prefixed();
        }
        let (start, layout) = (self.at, self.layout);
        let RunEnd { at: end, landing, is_lost } = self.walk();
        let records = (end > start).then_some(Segment::Records { layout, range: start..end });
        let skipped = match landing {
            Some(landing) => {
                self.at = landing.at;
                (self.landed, self.is_lost) = (true, false);
                self.searched = 0;
                self.layout = landing.layout;
                (landing.at > end).then_some(Segment::Skipped(end..landing.at))
            }
            None => {
                self.at = self.data.len();
                // A remainder shorter than a record is left to the caller.
                is_lost.then_some(Segment::Skipped(end..self.data.len()))
            }
        };
        match records {
            Some(records) => {
                self.next = skipped;
                Some(records)
            }
            None => skipped.or_else(|| self.next()),
        }
    }
}
