//! Candidates to records: neighbours confirm each other, overlaps are resolved.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use super::scan::{Candidate, bytes, prefix};
use super::{Candidates, Hit, Scanner, Window};
use crate::detect;
use crate::frame::{Frame, Framing};
use crate::layout::Layout;
use crate::record::Record;

/// How far back a candidate waits for its neighbours: more than as many of the longest
/// records as are asked.
const PATIENCE: u64 = 8 << 10;
/// Neighbours that are asked, on either side.
const NEIGHBOURS: usize = 10;
/// A length, a type and a time that ends in a zero.
const SHORTEST: usize = 10;
/// The longest record.
const FARTHEST: u64 = 650;
/// How many records before the first good one of a run are looked at.
const LOOK_BACK: usize = 4;
/// What neighbours can say together, on either side.
const SUPPORT: i32 = 40;
/// What a neighbour must have itself to be heard.
const SOUND: i32 = 12;
/// What a neighbour that is no likely record by itself must have.
const ODD: i32 = -8;
/// For a record that cannot be, between two that are.
const IMPOSSIBLE: i32 = -30;
/// How many of those may follow each other, and one more.
const BRIDGE: usize = 11;
/// What makes a candidate good enough to look for neighbours no mark points at.
const GOOD: i32 = 14;
/// For a record right behind one of another layout.
const STRANGER: i32 = -8;
/// Bits within which two readings of one place are both possible.
const MARGIN: i32 = 6;

/// Where a record begins and its number in the scanner.
type Place = (u64, u16);

/// Puts together what was found in the windows of one image, in their order.
#[derive(Debug)]
pub struct Runs {
    scanner: Scanner,
    least: i32,
    /// Not decided yet.
    pending: BTreeMap<Place, Candidate>,
    /// Where the neighbours of good candidates would be.
    probes: BTreeSet<Place>,
    /// The last hit, under the names of all layouts that read it the same.
    ends: Vec<End>,
    /// Where the last hit ends.
    taken: u64,
    /// Runs begun.
    runs: u64,
}

#[derive(Clone, Copy, Debug)]
struct End {
    /// Where the next record would begin.
    at: u64,
    layout: u16,
    /// `None` for a layout that reads the run the same and is not the one named.
    run: Option<u64>,
    /// Records so far.
    records: u64,
    bits: i32,
    sec: i64,
}

impl Runs {
    /// Evidence, in bits, below which nothing is reported unless
    /// [`Runs::min_confidence`] says so: about one false hit in a GiB of programs, fewer in
    /// anything else.
    pub const THRESHOLD: i32 = 14;

    /// For the candidates that `scanner` finds.
    pub fn new(scanner: &Scanner) -> Runs {
        Runs {
            scanner: scanner.clone(),
            least: Runs::THRESHOLD,
            pending: BTreeMap::new(),
            probes: BTreeSet::new(),
            ends: Vec::new(),
            taken: 0,
            runs: 0,
        }
    }

    /// Reports hits of at least so many bits.
    pub fn min_confidence(mut self, bits: i32) -> Runs {
        self.least = bits;
        self
    }

    /// Takes the candidates of the next window. Hits come in the order of offsets; the last
    /// ones only when the next window is there, or with [`Runs::finish`].
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

    /// Decides what is left, when the last window was pushed. `window` is the end of the
    /// image, with [`Window::BEFORE`] bytes or all there are.
    pub fn finish(mut self, window: &Window<'_>, mut found: impl FnMut(Hit<'_>)) {
        self.go_to(u64::MAX, window, &mut found);
        self.settle(u64::MAX, window, &mut found);
    }

    /// Asks the neighbours and decides what lies far enough behind.
    fn go_to(&mut self, front: u64, window: &Window<'_>, found: &mut impl FnMut(Hit<'_>)) {
        while let Some(&probe) = self.probes.first().filter(|probe| probe.0 < front) {
            self.settle(probe.0, window, found);
            self.probes.remove(&probe);
            self.probe(probe, window);
        }
        self.settle(front, window, found);
    }

    /// A place that follows a good candidate, where no mark drew attention: a record whose
    /// padding was not cleared, one with an odd type. Between two good ones there may be
    /// anything: unused records, damaged ones.
    fn probe(&mut self, (offset, layout): Place, window: &Window<'_>) {
        if self.pending.contains_key(&(offset, layout)) {
            return;
        }
        if let Some(candidate) = self.neighbour(offset, layout, window) {
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
            // A record has room for more than is in it.
            let zeros = bytes.iter().filter(|b| **b == 0).count();
            if zeros < 2 {
                return;
            }
            let bits = if zeros == bytes.len() { 0 } else { IMPOSSIBLE };
            let sec = shape.entry(bytes).ut_tv.tv_sec;
            let len = u16::try_from(len).unwrap_or_default();
            between.push(found.unwrap_or(Candidate { offset: at, layout, len, bits, sec }));
            at = at.saturating_add(len.into());
        }
    }

    /// What is at a place near a good candidate, if it could be a record by itself.
    fn neighbour(&self, offset: u64, layout: u16, window: &Window<'_>) -> Option<Candidate> {
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

    /// Whether there is a candidate right before this one.
    fn follows(&self, candidate: &Candidate) -> bool {
        let first = candidate.offset.saturating_sub(FARTHEST);
        let before = self.pending.range((first, 0)..(candidate.offset, 0));
        before.rev().any(|(_, before)| before.precedes(candidate))
            || self.ends.iter().any(|end| end.precedes(candidate))
    }

    /// The same for places before one that begins a run.
    fn look_back(&mut self, offset: u64, layout: u16, window: &Window<'_>) {
        let Some(&shape) = self.scanner.layouts.get(usize::from(layout)) else { return };
        let mut at = offset;
        for _ in 0..LOOK_BACK {
            // The length of a record that was not stored whole is not known from behind.
            let shortest = match shape.framing {
                Framing::LengthPrefixed => SHORTEST,
                _ => shape.size.saturating_add(prefix(shape)),
            };
            let longest = shape.size.saturating_add(prefix(shape));
            let ends_here = |len: usize| {
                let before = at.checked_sub(len as u64).filter(|at| *at >= self.taken)?;
                let found = self.neighbour(before, layout, window)?;
                (usize::from(found.len) == len).then_some(found)
            };
            let best = (shortest..=longest).filter_map(ends_here).max_by_key(|c| c.bits);
            let Some(before) = best else { return };
            if self.pending.insert((before.offset, layout), before).is_some() {
                return; // known, and so is what comes before it
            }
            at = before.offset;
        }
    }

    /// Decides about candidates for which all is known up to `front`.
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
        if score < self.least || candidate.offset < self.taken {
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
                // A run keeps the name it began with.
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
        let record = record.moved(index, candidate.offset);
        let alternative = alternative.map(|(_, layout)| layout);
        found(Hit { record, confidence: score, run, alternative });
    }

    fn record<'w>(&self, candidate: &Candidate, window: &'w Window<'_>) -> Option<Record<'w>> {
        let &layout = self.scanner.layouts.get(usize::from(candidate.layout))?;
        let len = usize::from(candidate.len).checked_sub(prefix(layout))?;
        let start = candidate.offset.checked_add(prefix(layout) as u64)?;
        let bytes = window.get(start, len)?;
        let frame = Frame { index: 0, offset: candidate.offset, uid: None, bytes };
        Some(Record::new(layout, frame))
    }

    /// The run a hit belongs to and its number there. `same` are layouts that read the
    /// record the same: another record may be read by one of them only.
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
        // Whatever has not gone on by now never will.
        self.ends = ends;
        (run, records)
    }

    /// The hit right before a candidate, read as the same layout.
    fn before(&self, candidate: &Candidate) -> Option<End> {
        self.ends.iter().find(|end| end.precedes(candidate)).copied()
    }

    /// A candidate's own evidence and that of its neighbours.
    fn score(&self, candidate: &Candidate) -> i32 {
        let before = match self.before(candidate) {
            Some(end) => support(end.bits, end.sec, candidate.sec),
            // More likely the next record of that run, cut off.
            None if self.ends.iter().any(|end| end.at == candidate.offset) => STRANGER,
            None => 0,
        };
        let mut behind: i32 = 0;
        let mut last = *candidate;
        for _ in 0..NEIGHBOURS {
            let next = last.offset.saturating_add(last.len.into());
            let Some(next) = self.pending.get(&(next, candidate.layout)) else { break };
            behind = behind.saturating_add(support(next.bits, last.sec, next.sec));
            last = *next;
        }
        candidate.bits.saturating_add(before).saturating_add(behind.min(SUPPORT))
    }
}

/// What a neighbour of so many bits is worth. Rows of a table are alike: what would not do
/// alone says nothing, however often.
fn support(bits: i32, earlier: i64, now: i64) -> i32 {
    match bits {
        ..SOUND => 0,
        _ => bits.saturating_add(detect::weigh_gap(earlier, now)).clamp(0, SUPPORT),
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

/// Whether it does not matter which of two layouts is named.
fn reads_same(a: &Record<'_>, b: &Record<'_>) -> bool {
    let (one, other) = (a.layout(), b.layout());
    one.framing == other.framing
        && one.dialect.ut_types == other.dialect.ut_types
        && a.bytes().len() == b.bytes().len()
        && a.entry().same_content(&b.entry())
}
