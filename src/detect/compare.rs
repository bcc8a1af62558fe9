//! Compares layouts: which decode the data identically, and which explain it equally well.

use alloc::vec::Vec;

use crate::detect::candidate::Candidate;
use crate::detect::sample::{Full, Sample};
use crate::entry::Entry;
use crate::layout::Layout;
use crate::scan::trim_zeros;
use crate::value::text::Text;

/// Bits by which the best candidate must lead to be reported alone.
pub(super) const MARGIN: i32 = 6;

/// Compares the candidates with the first. Marks those that decode the data identically, and
/// returns those that explain it equally well but decode it differently (including the first).
pub(super) fn compare(candidates: &mut [Candidate], sample: &Sample<'_>) -> Vec<Candidate> {
    let Some((best, others)) = candidates.split_first_mut() else { return Vec::new() };
    best.same_reading = false;
    let near = |other: &Candidate, bits| best.score.saturating_sub(other.score) < bits;
    let mut ties = alloc::vec![*best];
    for other in others {
        other.same_reading =
            near(other, 2 * MARGIN) && reads_same(best.layout, other.layout, sample);
        if near(other, MARGIN) && !other.same_reading {
            ties.push(*other);
        }
    }
    ties
}

/// Returns whether two layouts decode the same entries, so that either can be reported.
pub(super) fn reads_same(a: &'static Layout, b: &'static Layout, sample: &Sample<'_>) -> bool {
    let mut same = a.size == b.size && a.container == b.container;
    // With another width of times it belongs to another system, even if the values are equal.
    let is_like = a.is_lastlog() && a.has_32bit_time() == b.has_32bit_time();
    if same {
        sample.records(a, Full, |record| {
            let (one, other) = (a.decode(record), b.decode(record));
            same = one.same_content(&other) || (is_like && is_same_slot(&one, &other));
            same &= a.platform.numbers_types_as(b.platform);
            same
        });
    }
    same
}

/// Returns whether two slots have the same values, ignoring the lengths of text fields.
fn is_same_slot(one: &Entry<'_>, other: &Entry<'_>) -> bool {
    let same = |one: Text<'_>, other: Text<'_>| trim_zeros(one.raw()) == trim_zeros(other.raw());
    one.ut_tv == other.ut_tv && same(one.ut_line, other.ut_line) && same(one.ut_host, other.ut_host)
}
