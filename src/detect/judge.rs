//! Decides the verdict, from the ranked layouts and the hints.

use alloc::vec::Vec;

use crate::align::Realigned;
use crate::container::asl::header;
use crate::container::{Access, Container, session};
use crate::detect::candidate::Candidate;
use crate::detect::compare::{MARGIN, compare};
use crate::detect::detection::{Detection, Verdict};
use crate::detect::hints::Hints;
use crate::detect::reason::Reason;
use crate::detect::sample::Sample;
use crate::detect::{conclude_database, failures, foreign, lastlog, off_grid, rank};
use crate::evidence::score::Evidence;
use crate::formats::DATABASES;
use crate::value::file_kind::FileKind;

/// Minimum bits for any result.
const THRESHOLD: i32 = 3;
/// Bits at which records with a type rule out a lastlog.
const CLEAR: i32 = 40;

impl Sample<'_> {
    /// Picks the layout that best explains the file, as
    /// [`detect_with`](crate::detect::detect_with) does.
    pub fn detect(&self, hints: &Hints<'_>) -> Detection {
        let found = judge(self, hints);
        match found.verdict() {
            Verdict::NotRecognized if !is_foreign(&found) => {
                off_grid(self, hints).unwrap_or_else(|| named(found, hints))
            }
            _ => found,
        }
    }
}

/// Detects the layout of shifted records, if no layout matched in place.
fn off_grid(sample: &Sample<'_>, hints: &Hints<'_>) -> Option<Detection> {
    let Realigned { start, records } = off_grid::records(sample, hints.is_log())?;
    let offset = start as u64;
    // Judged once, without a further search: if nothing is recognized in them, that is final.
    let mut found = judge(&Sample::whole(&records), hints);
    if !matches!(found.verdict(), Verdict::Recognized | Verdict::Ambiguous) {
        return None;
    }
    // At offset 0 the records stand where they should, and something else follows them.
    if offset > 0 {
        found.reasons.insert(0, Reason::OffGrid { offset });
    }
    Some(found)
}

/// Adds what the name alone says of a file without known records.
fn named(mut found: Detection, hints: &Hints<'_>) -> Detection {
    if let Some(foreign) = hints.file_name.and_then(foreign::of_name) {
        found.reasons.insert(0, Reason::Foreign(foreign));
    }
    found
}

fn is_foreign(found: &Detection) -> bool {
    found.reasons().iter().any(|reason| matches!(reason, Reason::Foreign(_)))
}

fn judge(sample: &Sample<'_>, hints: &Hints<'_>) -> Detection {
    if sample.len == 0 {
        return none(Verdict::Empty, Reason::Empty);
    }
    if let Some(database) = &sample.database {
        return conclude_database::conclude(database);
    }
    if let Some(found) = messages(sample).or_else(|| session(sample)) {
        return found;
    }
    if sample.is_zeros() {
        return match hints.has_slots() {
            true => none(Verdict::Empty, Reason::UnusedSlots),
            false => none(Verdict::NotRecognized, Reason::Zeros),
        };
    }
    if let Some(foreign) = foreign::certain(sample) {
        return none(Verdict::NotRecognized, Reason::Foreign(foreign));
    }
    // Fields are padded with zeros: data without any has no records.
    if !sample.has_zero() {
        return refused(Vec::new(), sample);
    }
    let ranked = rank::rank(sample);
    let best = ranked.first().copied().filter(|best| is_believed(best, hints));
    // Their slots can look like records of a layout without types, however many there are.
    if let Some(foreign) = foreign::accounting(sample) {
        return none(Verdict::NotRecognized, Reason::Foreign(foreign));
    }
    let failures = failures::rank(sample, best.as_ref(), hints);
    if !failures.is_empty() {
        return conclude(failures, sample, hints);
    }
    if best.is_some_and(|best| is_settled(&best, hints)) {
        return conclude(ranked, sample, hints);
    }
    match with_lastlogs(ranked, best, sample, hints) {
        Ok(candidates) => conclude(candidates, sample, hints),
        Err(candidates) => refused(candidates, sample),
    }
}

/// Returns the verdict on a store of the Apple System Log, which its header identifies.
fn messages(sample: &Sample<'_>) -> Option<Detection> {
    let version = header::version(sample.head(header::LEN))?;
    let container = match version {
        2 => Container::Asl,
        1 => Container::AslSlots,
        _ => return None,
    };
    certain(container, Reason::SystemLog { version })
}

/// Returns the verdict on the text of a session, which its first lines identify.
fn session(sample: &Sample<'_>) -> Option<Detection> {
    let is_one = session::is_session(sample.head(session::BEGIN));
    is_one.then(|| certain(Container::Session, Reason::Session)).flatten()
}

/// Returns the verdict on a file of whose container there is one layout.
fn certain(container: Container, reason: Reason) -> Option<Detection> {
    let layout = DATABASES.iter().find(|layout| layout.container == container)?;
    let (score, evidence) = (conclude_database::CERTAIN, Evidence::default());
    let best = Candidate { layout, score, same_reading: false, evidence };
    let (verdict, candidates) = (Verdict::Recognized, [best].into());
    Some(Detection { verdict, candidates, reasons: [reason].into() })
}

/// Returns whether the match is not due to chance. A fitting name compensates for little evidence.
fn is_believed(best: &Candidate, hints: &Hints<'_>) -> bool {
    let is_named = || hints.is_log() && !best.layout.platform.ut_types.is_empty();
    (best.score >= THRESHOLD || is_named()) && !best.evidence.lacks_known_lines(best.layout)
}

/// Returns whether no further checks are needed: there is much evidence, or a record has a type and
/// the name does not have the word lastlog.
fn is_settled(best: &Candidate, hints: &Hints<'_>) -> bool {
    let layout = best.layout;
    match layout.container.access() {
        Access::Whole | Access::Chain | Access::Rows => true,
        Access::SparseArray => false,
        Access::Array => {
            let is_typed = !layout.platform.ut_types.is_empty();
            let keeps = |kind| layout.platform.paths.iter().any(|(of, _)| *of == kind);
            let is_named = hints.is_log() || (hints.is_lastlog() && keeps(FileKind::Lastlog));
            match is_typed {
                true => best.score >= CLEAR || is_named,
                false => best.score >= 2 * CLEAR && !hints.is_lastlog(),
            }
        }
    }
}

/// Ranks the lastlog layouts again, using every slot. Other layouts are kept if they explain the
/// data equally well and the name does not have the word lastlog. The error has the closest
/// candidates.
fn with_lastlogs(
    ranked: Vec<Candidate>,
    best: Option<Candidate>,
    sample: &Sample<'_>,
    hints: &Hints<'_>,
) -> Result<Vec<Candidate>, Vec<Candidate>> {
    let is_other = |candidate: &Candidate| candidate.layout.container != Container::Slots;
    let lastlog::Ranked { mut candidates, is_sure } = lastlog::rank(sample);
    if hints.is_lastlog_of_slots() && !candidates.is_empty() {
        return Ok(candidates);
    }
    let Some(first) = candidates.first().map(|first| first.score) else {
        return match best {
            Some(best) if is_other(&best) => Ok(ranked),
            _ => Err(ranked.into_iter().filter(is_other).collect()),
        };
    };
    let rival = best.filter(is_other).map(|best| best.score);
    if rival.is_some_and(|rival| rival.saturating_sub(first) >= MARGIN) {
        return Ok(ranked);
    }
    // Nearly equal evidence is a tie, whatever a lastlog alone would need.
    let is_tie = rival.is_some_and(|rival| first.saturating_sub(rival) < MARGIN);
    if !is_sure && !is_tie && best.is_none_or(|best| is_other(&best)) {
        return Err(candidates);
    }
    if let Some(best) = best {
        let near = ranked.iter().filter(|other| is_other(other));
        candidates.extend(near.map(|other| {
            let behind = best.score.saturating_sub(other.score).max(0);
            let most = rival.unwrap_or(first);
            Candidate { score: most.saturating_sub(behind).min(other.score), ..*other }
        }));
        rank::by_score(&mut candidates);
    }
    Ok(candidates)
}

/// Returns the verdict for the candidates, best first.
pub(super) fn conclude(
    mut candidates: Vec<Candidate>,
    sample: &Sample<'_>,
    hints: &Hints<'_>,
) -> Detection {
    let ties = compare(&mut candidates, sample);
    let mut verdict = if ties.len() > 1 { Verdict::Ambiguous } else { Verdict::Recognized };
    let mut hinted = None;
    if verdict == Verdict::Ambiguous
        && let Some(chosen) = hints.choose(&ties)
    {
        hinted = Some(Reason::Hint { name: chosen.name });
        verdict = Verdict::Recognized;
        if let Some(at) = candidates.iter().position(|c| c.layout == chosen) {
            candidates.get_mut(..=at).unwrap_or_default().rotate_right(1);
        }
        compare(&mut candidates, sample);
    }
    let mut reasons = Reason::of(&candidates, sample);
    reasons.extend(hinted);
    Detection { verdict, candidates, reasons }
}

/// Returns the reasons why there are no login records: another kind of file, or the closest layout
/// and why it was not enough.
fn refused(candidates: Vec<Candidate>, sample: &Sample<'_>) -> Detection {
    let mut reasons = Vec::new();
    match (foreign::likely(sample), candidates.first()) {
        (Some(foreign), _) => reasons.push(Reason::Foreign(foreign)),
        (None, Some(best))
            if best.score >= THRESHOLD && best.evidence.lacks_known_lines(best.layout) =>
        {
            reasons.push(Reason::Strange { name: best.layout.name });
        }
        (None, best) => {
            reasons.push(Reason::Unknown);
            // A layout that all the evidence is against came near nothing.
            let best = best.copied().filter(|best| best.score > 0);
            let best = best.or_else(|| rank::nearest(sample)).filter(|best| best.score > 0);
            reasons.extend(best.as_ref().map(Reason::nearest));
        }
    }
    Detection { verdict: Verdict::NotRecognized, candidates, reasons }
}

fn none(verdict: Verdict, reason: Reason) -> Detection {
    Detection { verdict, candidates: Vec::new(), reasons: [reason].into() }
}
