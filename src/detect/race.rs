//! Which layouts are weighed, and on how much.
//!
//! To weigh a layout takes two thousand instructions a record, and nearly every layout is
//! hopeless. So four records of each are glanced at first. Those that look right are weighed,
//! on a few records until two come near each other. If the best then explains the data beyond
//! doubt, no other could: one that does not even look right has half of its records against
//! it. Else all layouts are weighed.

use alloc::vec::Vec;

use super::evidence::Evidence;
use super::glance::{is_array, possible, right};
use super::sample::{All, FEW, Few, Records};
use super::spots::Spots;
use super::{Candidate, Sample, reads_same};
use crate::frame::{Framing, is_zero};
use crate::layout::Layout;
use crate::platform::LAYOUTS;

/// Records that contradict a layout: more, and those looked at cannot outweigh them.
const HOPELESS: u32 = 32;
/// Bits a record from which on a reading is no accident: a type and a time earn no more than
/// seven, the rest comes from terminals that are known and times that go on.
const CLEAR: i32 = 12;
/// In a lastlog times do not go on.
const CLEAR_LASTLOG: i32 = 8;
/// As many bits in all: one record of a known user on a known terminal has more.
const ENOUGH: i32 = 20;
/// Bits behind over a few records that are not caught up over more.
const FAR: i32 = 48;

/// The layouts that could explain the data, best first.
pub(super) fn run(sample: &Sample<'_>) -> Vec<Candidate> {
    short(sample).unwrap_or_else(|| long(sample))
}

/// Those of the layouts that look right, if one of them leaves no doubt.
pub(super) fn short(sample: &Sample<'_>) -> Option<Vec<Candidate>> {
    let mut near = weighed(right(sample), sample, Few);
    let best = *near.first()?;
    near.retain(|other| best.score.saturating_sub(other.score) < FAR);
    let differs = |other: &Candidate| !reads_same(best.layout, other.layout, sample);
    if near.iter().skip(1).any(differs) {
        // In the order of the table, which decides between equals.
        let is_near = |layout: &&Layout| near.iter().any(|candidate| candidate.layout == *layout);
        near = weighed(LAYOUTS.iter().filter(is_near), sample, All);
    }
    let best = near.first()?;
    (is_clear(best) && !is_odd(best.layout, sample)).then_some(near)
}

/// All.
pub(super) fn long(sample: &Sample<'_>) -> Vec<Candidate> {
    let mut spots = Spots::new(sample, sample.spread());
    let fits = |layout: &&'static Layout| {
        let mut records = spots.of(layout.size).iter().filter(|record| !record.is_empty());
        !is_array(layout) || records.any(|record| Evidence::fits(layout, record))
    };
    let is_possible = possible(sample);
    let possible = LAYOUTS.iter().filter(|layout| is_possible(layout));
    weighed(possible.filter(fits), sample, All)
}

fn weighed(
    layouts: impl Iterator<Item = &'static Layout>,
    sample: &Sample<'_>,
    records: Records,
) -> Vec<Candidate> {
    let mut all: Vec<_> = layouts.filter_map(|layout| weigh(layout, sample, records)).collect();
    // Stable: the order of the table decides between equals.
    all.sort_by_key(|candidate| core::cmp::Reverse(candidate.score));
    all
}

/// Whether a reading is no accident. Not if it leaves something behind many texts: another
/// layout of that size may have a field there.
fn is_clear(best: &Candidate) -> bool {
    let seen = &best.evidence;
    let each = if best.layout.is_lastlog() { CLEAR_LASTLOG } else { CLEAR };
    let bits = i32::try_from(seen.fitting).unwrap_or(i32::MAX).saturating_mul(each);
    best.score >= bits.max(ENOUGH)
        && seen.contradicting.saturating_mul(8) <= seen.fitting
        && (seen.residue.saturating_mul(4) <= seen.fitting || best.layout.is_lastlog())
        && !seen.is_strange(best.layout)
}

/// Whether there is something behind a few records: they may be other records, of another
/// size.
fn is_odd(layout: &Layout, sample: &Sample<'_>) -> bool {
    is_array(layout)
        && !sample.tail(layout.size).is_empty()
        && sample.most_records(layout.size, Few) < FEW as u32
}

fn weigh(layout: &'static Layout, sample: &Sample<'_>, records: Records) -> Option<Candidate> {
    let array = is_array(layout);
    let mut evidence = Evidence::default();
    // From half of them on the others cannot outweigh those that contradict.
    let half = sample.most_records(layout.size, records) / 2;
    let hopeless = if array { half.min(HOPELESS) } else { HOPELESS };
    sample.records(layout, records, |record| {
        evidence.add(layout, record);
        evidence.contradicting <= hopeless
    });
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
    // The header is twenty bytes that mean nothing else.
    let container = if layout.framing == Framing::Database { 100 } else { 0 };
    let score = evidence.bits.saturating_add(container);
    (score > 0).then_some(Candidate { layout, score, same_reading: false, evidence })
}
