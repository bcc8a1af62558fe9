//! Turns candidates into records: neighbors confirm each other, overlaps are resolved.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use crate::carve::scanner::{Candidate, bytes, prefix};
use crate::carve::score::{OLD, WEAK};
use crate::carve::{Candidates, Hit, Scanner, Window};
use crate::container::{Container, Frame};
use crate::detect;
use crate::formats::LONGEST;
use crate::layout::Layout;
use crate::read::record::Record;

/// How far back a candidate waits for its neighbors: more than [`NEIGHBORS`] times the longest
/// record.
const PATIENCE: u64 = 8 << 10;
/// Number of neighbors that count, on either side.
const NEIGHBORS: usize = 10;
/// Shortest record with a length prefix: length, type, and a time that ends in a zero.
const SHORTEST: usize = 10;
/// The longest record, with its length prefix.
const FARTHEST: u64 = LONGEST as u64 + 2;
/// Number of records examined before the first good one of a run.
const LOOK_BACK: usize = 4;
/// Most bits that neighbors can add, on either side.
const SUPPORT: i32 = 40;
/// Bits that a neighbor must have itself to count.
const SOUND: i32 = 12;
/// Bits that a neighbor must have if it is unlikely to be a record by itself.
const ODD: i32 = -8;
/// Bits for an impossible record between two good ones.
const IMPOSSIBLE: i32 = -30;
/// Times before 1980 are those of a clock that stood at 1970.
const OLD_UNTIL: i64 = 315_532_800;
/// Number of impossible records that may follow each other, plus one.
const BRIDGE: usize = 11;
/// Bits of a candidate that make a search for neighbors without an anchor worthwhile.
const GOOD: i32 = 14;
/// Bits for a record right after one of another layout.
const STRANGER: i32 = -8;
/// Bits within which two readings of the same bytes are both possible.
const MARGIN: i32 = 6;

/// Offset of a record and the index of its layout in the scanner.
type Place = (u64, u16);

/// Resolves the candidates of an image, window by window in order.
#[derive(Debug)]
pub struct RunResolver {
    scanner: Scanner,
    threshold: i32,
    /// Candidates not decided yet.
    pending: BTreeMap<Place, Candidate>,
    /// Places where good candidates would have their neighbors.
    probes: BTreeSet<Place>,
    /// The end of the last hit, once for each layout that decodes it identically.
    ends: Vec<End>,
    /// Offset at which the last hit ends.
    taken: u64,
    /// Number of runs begun.
    runs: u64,
}

#[derive(Clone, Copy, Debug)]
struct End {
    /// Offset at which the next record would begin.
    at: u64,
    layout: u16,
    /// `None` for a layout that decodes the run identically but is not the one reported.
    run: Option<u64>,
    /// Records so far.
    records: u64,
    bits: i32,
    sec: i64,
}

impl RunResolver {
    /// Evidence, in bits, below which nothing is reported by default: about one false hit in a GiB
    /// of programs, fewer in other data.
    pub const THRESHOLD: i32 = 14;

    /// Creates a resolver for the candidates of `scanner`.
    pub fn new(scanner: &Scanner) -> RunResolver {
        RunResolver {
            scanner: scanner.clone(),
            threshold: RunResolver::THRESHOLD,
            pending: BTreeMap::new(),
            probes: BTreeSet::new(),
            ends: Vec::new(),
            taken: 0,
            runs: 0,
        }
    }

    /// Reports hits of at least `bits`.
    pub fn min_confidence(mut self, bits: i32) -> RunResolver {
        self.threshold = bits;
        self
    }

    /// Takes the candidates of the next window. Calls `found` with hits in the order of offsets;
    /// the last ones wait for the next window, or for [`RunResolver::finish`].
    pub fn push(
        &mut self,
        window: &Window<'_>,
        candidates: &Candidates,
        mut found: impl FnMut(Hit<'_>),
    ) {
        for candidate in &candidates.0 {
            self.go_to(candidate.offset, window, &mut found);
            self.insert(*candidate, window);
        }
        self.go_to(window.core_end(), window, &mut found);
    }

    /// Decides the remaining candidates after the last window. `window` is the end of the image,
    /// with [`Window::BEFORE`] bytes or all there are.
    pub fn finish(mut self, window: &Window<'_>, mut found: impl FnMut(Hit<'_>)) {
        self.go_to(u64::MAX, window, &mut found);
        self.settle(u64::MAX, window, &mut found);
    }

    /// Examines the neighbors and decides the candidates that are far enough back.
    fn go_to(&mut self, front: u64, window: &Window<'_>, found: &mut impl FnMut(Hit<'_>)) {
        while let Some(&probe) = self.probes.first().filter(|probe| probe.0 < front) {
            self.settle(probe.0, window, found);
            self.probes.remove(&probe);
            self.probe(probe, window);
        }
        self.settle(front, window, found);
    }

    /// Examines a place after a good candidate that has no anchor: a record whose padding was not
    /// cleared, or one with an unusual type. Between two good records there may be anything: unused
    /// or damaged ones.
    fn probe(&mut self, (offset, layout): Place, window: &Window<'_>) {
        if self.pending.contains_key(&(offset, layout)) {
            return;
        }
        if let Some(candidate) = self.neighbor(offset, layout, window) {
            return self.insert(candidate, window);
        }
        let Some(&shape) = self.scanner.layouts.get(usize::from(layout)) else { return };
        let mut between = Vec::new();
        let mut at = offset;
        while between.len() < BRIDGE {
            let Some(bytes) = bytes(window, at, shape) else { return };
            let len = bytes.len().saturating_add(prefix(shape));
            let found = self.scanner.candidate(window, at, layout);
            let sound = if between.len() > 1 { SOUND } else { 0 };
            if let Some(found) = found.filter(|found| found.bits >= sound) {
                self.pending.extend(between.iter().map(|c: &Candidate| ((c.offset, layout), *c)));
                return self.insert(found, window);
            }
            // A record has more room than its texts fill.
            let zeros = bytes.iter().filter(|b| **b == 0).count();
            if zeros < 2 {
                return;
            }
            let bits = if zeros == bytes.len() { 0 } else { IMPOSSIBLE };
            let sec = shape.decode(bytes).ut_tv.tv_sec;
            let len = u16::try_from(len).unwrap_or_default();
            between.push(found.unwrap_or(Candidate { offset: at, layout, len, bits, sec }));
            at = at.saturating_add(len.into());
        }
    }

    /// Returns the candidate at a place near a good one, if it could be a record by itself.
    fn neighbor(&self, offset: u64, layout: u16, window: &Window<'_>) -> Option<Candidate> {
        let found = self.scanner.candidate(window, offset, layout)?;
        (found.bits > ODD).then_some(found)
    }

    fn insert(&mut self, candidate: Candidate, window: &Window<'_>) {
        let Candidate { offset, layout, len, bits, .. } = candidate;
        if bits >= GOOD || self.follows(&candidate) {
            self.probes.insert((offset.saturating_add(len.into()), layout));
        }
        if bits >= GOOD {
            self.look_back(offset, layout, window);
        }
        self.pending.entry((offset, layout)).or_insert(candidate);
    }

    /// Returns whether there is a candidate right before this one.
    fn follows(&self, candidate: &Candidate) -> bool {
        let first = candidate.offset.saturating_sub(FARTHEST);
        let before = self.pending.range((first, 0)..(candidate.offset, 0));
        before.rev().any(|(_, before)| before.precedes(candidate))
            || self.ends.iter().any(|end| end.precedes(candidate))
    }

    /// Adds the candidates that end where a run begins, and those before them.
    fn look_back(&mut self, offset: u64, layout: u16, window: &Window<'_>) {
        let Some(&shape) = self.scanner.layouts.get(usize::from(layout)) else { return };
        let mut at = offset;
        for _ in 0..LOOK_BACK {
            // The length of a trimmed record cannot be known from its end.
            let shortest = match shape.container {
                Container::LengthPrefixed => SHORTEST,
                _ => shape.size.saturating_add(prefix(shape)),
            };
            let longest = shape.size.saturating_add(prefix(shape));
            let ends_here = |len: usize| {
                let before = at.checked_sub(len as u64).filter(|at| *at >= self.taken)?;
                let found = self.neighbor(before, layout, window)?;
                (usize::from(found.len) == len).then_some(found)
            };
            let best = (shortest..=longest).filter_map(ends_here).max_by_key(|c| c.bits);
            let Some(before) = best else { return };
            if self.pending.insert((before.offset, layout), before).is_some() {
                return; // known, and so are those before it
            }
            at = before.offset;
        }
    }

    /// Decides the candidates for which everything is known up to `front`.
    fn settle(&mut self, front: u64, window: &Window<'_>, found: &mut impl FnMut(Hit<'_>)) {
        while let Some((&place, &candidate)) = self.pending.first_key_value() {
            if front != u64::MAX && place.0.saturating_add(PATIENCE) >= front {
                return;
            }
            self.pending.remove(&place);
            self.decide(candidate, window, found);
        }
    }

    fn decide(
        &mut self,
        candidate: Candidate,
        window: &Window<'_>,
        found: &mut impl FnMut(Hit<'_>),
    ) {
        let score = self.score(&candidate);
        if score < self.threshold || candidate.offset < self.taken {
            return;
        }
        let Some(record) = self.record(&candidate, window) else { return };
        let goes_on = self.before(&candidate).is_some_and(|end| end.run.is_some());
        let end = candidate.offset.saturating_add(candidate.len.into());
        let mut alternative: Option<(i32, &'static Layout)> = None;
        let mut same = Vec::new();
        for rival in self.pending.range((candidate.offset, 0)..(end, 0)).map(|(_, rival)| rival) {
            let other = self.score(rival);
            let here = rival.offset == candidate.offset;
            if here && self.record(rival, window).is_some_and(|rival| reads_same(&record, &rival)) {
                // A run keeps its first layout.
                if !goes_on && self.before(rival).is_some_and(|end| end.run.is_some()) {
                    return;
                }
                same.push(*rival);
                continue;
            }
            if other > score {
                return;
            }
            if here && score.saturating_sub(other) < MARGIN {
                let layout = self.scanner.layouts.get(usize::from(rival.layout)).copied();
                let best = alternative.map_or(i32::MIN, |(best, _)| best);
                let better = layout.map(|layout| (other, layout)).filter(|_| other > best);
                alternative = better.or(alternative);
            }
        }
        self.pending = self.pending.split_off(&(end, 0));
        self.taken = end;
        let (run, index) = self.run_of(&candidate, &same);
        let record = record.relocated(index, candidate.offset);
        let alternative = alternative.map(|(_, layout)| layout);
        found(Hit { record, confidence: score, run, alternative });
    }

    fn record<'w>(&self, candidate: &Candidate, window: &'w Window<'_>) -> Option<Record<'w>> {
        let &layout = self.scanner.layouts.get(usize::from(candidate.layout))?;
        let len = usize::from(candidate.len).checked_sub(prefix(layout))?;
        let start = candidate.offset.checked_add(prefix(layout) as u64)?;
        let bytes = window.get(start, len)?;
        let key = layout.container.key_at(0);
        let frame = Frame { index: 0, offset: candidate.offset, key, bytes };
        Some(Record::new(layout, frame))
    }

    /// Returns the run of a hit and its index there. `same` are layouts that decode the record
    /// identically: only one of them may decode another record.
    fn run_of(&mut self, candidate: &Candidate, same: &[Candidate]) -> (u64, u64) {
        let before = self.before(candidate);
        let known = before.and_then(|end| Some((end.run?, end.records)));
        let (run, records) = known.unwrap_or((self.runs, 0));
        if known.is_none() {
            self.runs = self.runs.saturating_add(1);
        }
        let end = |of: &Candidate, run| End {
            at: of.offset.saturating_add(of.len.into()),
            layout: of.layout,
            run,
            records: records.saturating_add(1),
            bits: self
                .before(of)
                .map_or(0, |end| end.bits)
                .saturating_add(of.bits.max(0))
                .min(SUPPORT),
            sec: of.sec,
        };
        let mut ends: Vec<End> = same.iter().map(|of| end(of, None)).collect();
        ends.push(end(candidate, Some(run)));
        // Runs that have not continued by now never will.
        self.ends = ends;
        (run, records)
    }

    /// Returns the hit right before a candidate, read as the same layout.
    fn before(&self, candidate: &Candidate) -> Option<End> {
        self.ends.iter().find(|end| end.precedes(candidate)).copied()
    }

    /// Returns the score of a candidate and its neighbors.
    fn score(&self, candidate: &Candidate) -> i32 {
        let before = match self.before(candidate) {
            Some(end) => support(end.bits, end.sec, candidate.sec),
            // More likely the next record of that run, cut off.
            None if self.ends.iter().any(|end| end.at == candidate.offset) => STRANGER,
            None => 0,
        };
        let mut behind: i32 = 0;
        let mut last = *candidate;
        for _ in 0..NEIGHBORS {
            let next = last.offset.saturating_add(last.len.into());
            let Some(next) = self.pending.get(&(next, candidate.layout)) else { break };
            behind = behind.saturating_add(support(next.bits, last.sec, next.sec));
            last = *next;
        }
        candidate.bits.saturating_add(before).saturating_add(behind.min(SUPPORT))
    }
}

/// Returns the value of a neighbor with this score. Rows of a table are alike: a score that is too
/// low alone means nothing, however often it occurs.
fn support(bits: i32, earlier: i64, now: i64) -> i32 {
    // A clock that stood at 1970 is one fact, not one for each record.
    let is_old = |sec: i64| (1..OLD_UNTIL).contains(&sec);
    let near = now.saturating_sub(earlier).saturating_abs() <= 30 * 86_400;
    let bits = match is_old(earlier) && is_old(now) && near && bits >= WEAK {
        true => bits.saturating_sub(OLD),
        false => bits,
    };
    match bits {
        ..SOUND => 0,
        _ => bits.saturating_add(detect::gap_score(earlier, now)).clamp(0, SUPPORT),
    }
}

impl End {
    fn precedes(&self, candidate: &Candidate) -> bool {
        self.at == candidate.offset && self.layout == candidate.layout
    }
}

impl Candidate {
    fn precedes(&self, candidate: &Candidate) -> bool {
        let end = self.offset.saturating_add(self.len.into());
        end == candidate.offset && self.layout == candidate.layout
    }
}

/// Returns whether two layouts decode the record identically.
fn reads_same(a: &Record<'_>, b: &Record<'_>) -> bool {
    let (one, other) = (a.layout(), b.layout());
    one.container == other.container
        && one.platform.numbers_types_as(other.platform)
        && a.bytes().len() == b.bytes().len()
        && a.entry().same_content(&b.entry())
}
