//! Decides which layouts are scored, and on how many records.
//!
//! Scoring a layout takes two thousand instructions a record, and nearly every layout is hopeless.
//! So four records of each are checked quickly first. The layouts that pass are scored, on a few
//! records until two scores are close. If the best one then explains the data beyond doubt, no
//! other could: a layout that fails the check has half of its records against it. Otherwise all
//! layouts are scored.

use alloc::vec::Vec;

use crate::container::Access;
use crate::detect::candidate::Candidate;
use crate::detect::compare::reads_same;
use crate::detect::prefilter::{plausible, possible};
use crate::detect::sample::{Full, REDUCED, Records, Reduced, Sample};
use crate::detect::sampled_records::SampledRecords;
use crate::evidence::score::Evidence;
use crate::formats::LAYOUTS;
use crate::layout::Layout;
use crate::scan::is_zero;

/// Contradicting records that the others in the sample cannot outweigh.
const HOPELESS: u32 = 32;
/// Bits per record at which a match is not due to chance: a type and a time earn no more than
/// seven; the rest comes from known terminals and continuous times.
const CLEAR: i32 = 12;
/// In a lastlog times are not continuous.
const CLEAR_LASTLOG: i32 = 8;
/// The same in total: one record with a known user on a known terminal has more.
const ENOUGH: i32 = 20;
/// A deficit in bits on a few records that more records cannot make up.
const FAR: i32 = 48;

/// Returns the layouts that could explain the data, best first.
pub(super) fn rank(sample: &Sample<'_>) -> Vec<Candidate> {
    try_prefiltered(sample).unwrap_or_else(|| rank_all(sample))
}

/// Returns the layouts that pass the quick check, if one of them leaves no doubt.
pub(super) fn try_prefiltered(sample: &Sample<'_>) -> Option<Vec<Candidate>> {
    let mut near = weighed(plausible(sample), sample, Reduced);
    let best = *near.first()?;
    near.retain(|other| best.score.saturating_sub(other.score) < FAR);
    let differs = |other: &Candidate| !reads_same(best.layout, other.layout, sample);
    if near.iter().skip(1).any(differs) {
        // In the order of the table, which decides between equals.
        let is_near = |layout: &&Layout| near.iter().any(|candidate| candidate.layout == *layout);
        near = weighed(LAYOUTS.iter().filter(is_near), sample, Full);
    }
    let best = near.first()?;
    (is_clear(best) && !is_odd(best.layout, sample)).then_some(near)
}

/// Scores all layouts.
pub(super) fn rank_all(sample: &Sample<'_>) -> Vec<Candidate> {
    let mut sampled = SampledRecords::new(sample, sample.spread());
    let fits = |layout: &&'static Layout| {
        let mut records = sampled.of(layout.size).iter().filter(|record| !record.is_empty());
        !layout.container.is_array() || records.any(|record| Evidence::fits(layout, record))
    };
    let is_possible = possible(sample);
    let possible = LAYOUTS.iter().filter(|layout| is_possible(layout));
    weighed(possible.filter(fits), sample, Full)
}

/// Returns the layout that explains the data least badly, if none explains it. Examines a few
/// records.
pub(super) fn nearest(sample: &Sample<'_>) -> Option<Candidate> {
    let is_possible = possible(sample);
    let layouts = LAYOUTS.iter().filter(|layout| is_possible(layout));
    let all = layouts.map(|layout| {
        let evidence = evidence(layout, sample, Reduced);
        Candidate { layout, score: evidence.bits, same_reading: false, evidence }
    });
    // The first of equals, as elsewhere.
    all.filter(|candidate| candidate.evidence.fitting > 0)
        .reduce(|best, next| if is_nearer(&next, &best) { next } else { best })
}

/// Returns whether a record has more evidence on average.
fn is_nearer(one: &Candidate, other: &Candidate) -> bool {
    let times = |a: &Candidate, b: &Candidate| {
        i64::from(a.score).saturating_mul(b.evidence.looked_at().into())
    };
    times(one, other) > times(other, one)
}

fn weighed(
    layouts: impl Iterator<Item = &'static Layout>,
    sample: &Sample<'_>,
    records: Records,
) -> Vec<Candidate> {
    let mut all: Vec<_> = layouts.filter_map(|layout| score(layout, sample, records)).collect();
    by_score(&mut all);
    all
}

/// Sorts the best first. The order of the table decides between equals.
pub(super) fn by_score(candidates: &mut [Candidate]) {
    candidates.sort_by_key(|candidate| core::cmp::Reverse(candidate.score));
}

/// Returns whether a match is not due to chance. Bytes after many texts make it doubtful: another
/// layout of that size may have a field there.
fn is_clear(best: &Candidate) -> bool {
    let seen = &best.evidence;
    let each = if best.layout.is_lastlog() { CLEAR_LASTLOG } else { CLEAR };
    let bits = i32::try_from(seen.fitting).unwrap_or(i32::MAX).saturating_mul(each);
    best.score >= bits.max(ENOUGH)
        && seen.contradicting.saturating_mul(8) <= seen.fitting
        && (seen.residue.saturating_mul(4) <= seen.fitting || best.layout.is_lastlog())
        && !seen.lacks_known_lines(best.layout)
}

/// Returns whether a few records have bytes after their texts: they may be records of another size.
fn is_odd(layout: &Layout, sample: &Sample<'_>) -> bool {
    layout.container.is_array()
        && !sample.tail(layout.size).is_empty()
        && sample.most_records(layout.size, Reduced) < REDUCED as u32
}

/// Returns the evidence of the records, until those that contradict cannot be outweighed.
fn evidence(layout: &'static Layout, sample: &Sample<'_>, records: Records) -> Evidence {
    let mut evidence = Evidence::default();
    // If half of the records contradict, the others cannot outweigh them.
    let half = sample.most_records(layout.size, records) / 2;
    let hopeless = if layout.container.is_array() { half.min(HOPELESS) } else { HOPELESS };
    sample.records(layout, records, |record| {
        evidence.add(layout, record);
        evidence.contradicting <= hopeless
    });
    evidence
}

fn score(layout: &'static Layout, sample: &Sample<'_>, records: Records) -> Option<Candidate> {
    let array = layout.container.is_array();
    let mut evidence = evidence(layout, sample, records);
    if !evidence.is_enough(layout) {
        return None;
    }
    if array && sample.ends {
        let tail = sample.tail(layout.size);
        if !tail.is_empty() {
            evidence.add_tail(layout, tail);
        }
        let last = sample.last(layout.size);
        if layout.is_lastlog() && is_zero(tail) && last.is_some_and(is_zero) {
            evidence.add_unused_end();
        }
    }
    // The header is twenty bytes with no other meaning.
    let container = if layout.container.access() == Access::Whole { 100 } else { 0 };
    let score = evidence.bits.saturating_add(container);
    (score > 0).then_some(Candidate { layout, score, same_reading: false, evidence })
}
