//! Which layout explains these bytes?
//!
//! Every layout is weighed by the same code from its own descriptor, so a new platform
//! is detected without a line here. Where one explains the data beyond doubt, those are left
//! out that do not even look right at a glance. File names and neighbours are hints that decide
//! only between layouts that explain the bytes equally well.

mod evidence;
mod glance;
mod race;
mod reason;
mod sample;
mod spots;
#[cfg(test)]
mod tests;
mod weights;

use alloc::vec::Vec;

use self::evidence::Evidence;
pub use self::reason::Reason;
use self::sample::All;
pub use self::sample::Sample;
use crate::dialect::FileKind;
use crate::endian::read_int;
use crate::frame::is_zero;
use crate::layout::Layout;

/// Bits below which nothing is believed.
const THRESHOLD: i32 = 3;
/// Bits the best must be ahead of the next to be named alone.
const MARGIN: i32 = 6;
/// Slots in which a `faillog` is looked for.
const FAILLOG_SLOTS: usize = 1 << 15;

/// What detection can say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Verdict {
    /// One layout explains the data.
    Recognised,
    /// Several layouts explain the data and read it differently.
    Ambiguous,
    /// No known layout explains the data.
    NotRecognised,
    /// There is no data: a valid file without records.
    Empty,
}

/// One layout that could explain the data.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Candidate {
    /// The layout.
    pub layout: &'static Layout,
    /// Evidence for it in bits: how much less surprising it makes the data.
    pub score: i32,
    /// Whether it reads every record looked at exactly as the best does.
    pub same_reading: bool,
    evidence: Evidence,
}

/// What was found; see [`detect`].
#[derive(Clone, Debug)]
pub struct Detection {
    verdict: Verdict,
    candidates: Vec<Candidate>,
    reasons: Vec<Reason>,
}

impl Detection {
    /// How sure the answer is.
    pub fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// The best layout; `None` if the data is empty or not recognised. Under
    /// [`Verdict::Ambiguous`] the first of [`Detection::candidates`], which is a guess.
    pub fn layout(&self) -> Option<&'static Layout> {
        match self.verdict {
            Verdict::Recognised | Verdict::Ambiguous => Some(self.candidates.first()?.layout),
            Verdict::NotRecognised | Verdict::Empty => None,
        }
    }

    /// Layouts that could explain the data, best first. Under [`Verdict::Ambiguous`]
    /// those within [`Detection::margin`] reach are all there. If one leaves no doubt, those
    /// that failed at a glance or were far behind are not.
    pub fn candidates(&self) -> &[Candidate] {
        &self.candidates
    }

    /// The candidates that explain the data about equally well and read it differently:
    /// one if recognised, several if ambiguous.
    pub fn ties(&self) -> Vec<Candidate> {
        let behind = |c: &Candidate| self.score().saturating_sub(c.score);
        let near = |c: &&Candidate| behind(c) < MARGIN && !c.same_reading;
        let count = if self.verdict == Verdict::Ambiguous { usize::MAX } else { 1 };
        self.candidates.iter().filter(near).take(count).copied().collect()
    }

    /// The best layout's evidence, in bits.
    pub fn score(&self) -> i32 {
        self.candidates.first().map_or(0, |best| best.score)
    }

    /// How many bits the next layout that reads the data differently is behind; all bits if
    /// none came near.
    pub fn margin(&self) -> i32 {
        self.runner_up().map_or(self.score(), |next| self.score().saturating_sub(next.score).max(0))
    }

    /// The next best layout that reads the data differently, if one came near.
    pub fn runner_up(&self) -> Option<&Candidate> {
        self.candidates.iter().skip(1).find(|c| !c.same_reading)
    }

    /// Why, in words.
    pub fn reasons(&self) -> &[Reason] {
        &self.reasons
    }
}

/// What is known about a file besides its bytes. It only ever decides a tie.
#[derive(Clone, Copy, Debug, Default)]
pub struct Hints<'a> {
    /// The file's name, without folders.
    pub file_name: Option<&'a str>,
    /// The layout of another file of the same machine: byte order and time width are
    /// the same there.
    pub neighbour: Option<&'static Layout>,
}

/// Picks the layout that best explains `data`, from the bytes alone.
///
/// Looks at a few dozen records at most, whatever the size of the data.
///
/// ```
/// use loginrec::detect::{Verdict, detect};
///
/// let wtmp = include_bytes!("../../fixtures/openbsd-utmp-304-le/wtmp");
/// let found = detect(wtmp);
/// assert_eq!(found.verdict(), Verdict::Recognised);
/// assert_eq!(found.layout().unwrap().name, "openbsd-utmp-304-le");
/// assert!(found.margin() > 6);
///
/// assert_eq!(detect(b"Jan  1 00:00:00 host sshd: hello\n").verdict(), Verdict::NotRecognised);
/// assert_eq!(detect(b"").verdict(), Verdict::Empty);
/// ```
pub fn detect(data: &[u8]) -> Detection {
    detect_with(data, &Hints::default())
}

/// As [`detect`], with hints for the cases in which the bytes cannot tell.
pub fn detect_with(data: &[u8], hints: &Hints<'_>) -> Detection {
    Sample::whole(data).detect(hints)
}

impl Sample<'_> {
    /// Picks the layout that best explains the file, as [`detect_with`] does.
    pub fn detect(&self, hints: &Hints<'_>) -> Detection {
        judge(self, hints)
    }
}

fn judge(sample: &Sample<'_>, hints: &Hints<'_>) -> Detection {
    if sample.len == 0 {
        return none(Verdict::Empty, Reason::Empty);
    }
    if sample.is_zeros() {
        return none(Verdict::NotRecognised, Reason::Zeros);
    }
    // Fields are padded with zeros: without one there is no record.
    let candidates = if sample.has_zero() { race::run(sample) } else { Vec::new() };
    conclude(candidates, sample, hints)
}

/// What the candidates, best first, are worth.
fn conclude(mut candidates: Vec<Candidate>, sample: &Sample<'_>, hints: &Hints<'_>) -> Detection {
    let best = candidates.first().copied().filter(|best| best.score >= THRESHOLD);
    let Some(best) = best.filter(|best| !is_faillog(sample, best.layout)) else {
        return refused(candidates, Reason::of_foreign(sample.head(512)));
    };
    if best.evidence.is_strange(best.layout) {
        return refused(candidates, Reason::Strange { name: best.layout.name });
    }
    let ties = compare(&mut candidates, sample);
    let mut verdict = if ties.len() > 1 { Verdict::Ambiguous } else { Verdict::Recognised };
    let mut hinted = None;
    if verdict == Verdict::Ambiguous
        && let Some(chosen) = hints.choose(&ties)
    {
        hinted = Some(Reason::Hint { name: chosen.name });
        verdict = Verdict::Recognised;
        if let Some(at) = candidates.iter().position(|c| c.layout == chosen) {
            candidates.get_mut(..=at).unwrap_or_default().rotate_right(1);
        }
        compare(&mut candidates, sample);
    }
    let mut reasons = Reason::of(&candidates, sample);
    reasons.extend(hinted);
    Detection { verdict, candidates, reasons }
}

/// How well `record` alone reads as one of `layout`, in bits; `None` if it cannot be one.
pub(crate) fn fit(layout: &'static Layout, record: &[u8]) -> Option<i32> {
    Evidence::of_one(layout, record)
}

/// What the times of two records in a row say, in bits: read in the wrong byte order they
/// jump.
pub(crate) fn weigh_gap(earlier: i64, now: i64) -> i32 {
    evidence::gap(earlier, now)
}

/// Compares the candidates with the first: which read the data as it does, and which
/// explain it as well but read it differently (itself included).
fn compare(candidates: &mut [Candidate], sample: &Sample<'_>) -> Vec<Candidate> {
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

fn refused(candidates: Vec<Candidate>, reason: Reason) -> Detection {
    Detection { candidates, ..none(Verdict::NotRecognised, reason) }
}

/// Whether the slots are those of shadow's `faillog`, which has a line where a lastlog of
/// this size has one, and its time behind.
fn is_faillog(sample: &Sample<'_>, layout: &Layout) -> bool {
    if !layout.is_lastlog() || layout.size != 32 {
        return false;
    }
    let is_time = |bytes: &[u8]| {
        let sec = read_int(layout.endian, bytes, 8);
        (315_532_800..4_102_444_800).contains(&sec)
    };
    let slots = sample.head(32 * FAILLOG_SLOTS).chunks_exact(32).filter(|slot| !is_zero(slot));
    let (mut used, mut fitting) = (0u32, 0u32);
    for slot in slots {
        used = used.saturating_add(1);
        fitting = fitting.saturating_add(slot.get(16..24).is_some_and(is_time).into());
    }
    used > 0 && fitting.saturating_mul(2) > used
}

fn none(verdict: Verdict, reason: Reason) -> Detection {
    Detection { verdict, candidates: Vec::new(), reasons: [reason].into() }
}

/// Whether two layouts give the same entries, so that it does not matter which is named.
fn reads_same(a: &'static Layout, b: &'static Layout, sample: &Sample<'_>) -> bool {
    let mut same = a.size == b.size && a.framing == b.framing;
    if same {
        sample.records(a, All, |record| {
            same = a.entry(record).same_content(&b.entry(record))
                && a.dialect.ut_types == b.dialect.ut_types;
            same
        });
    }
    same
}

impl Hints<'_> {
    fn choose(&self, ties: &[Candidate]) -> Option<&'static Layout> {
        let points = |layout: &Layout| {
            self.name_points(layout).saturating_add(self.neighbour_points(layout))
        };
        let best = ties.iter().map(|c| points(c.layout)).max().filter(|&p| p > 0)?;
        let mut chosen = ties.iter().filter(|c| points(c.layout) == best);
        match (chosen.next(), chosen.next()) {
            (Some(one), None) => Some(one.layout),
            _ => None,
        }
    }

    fn name_points(&self, layout: &Layout) -> u32 {
        let Some(name) = self.file_name else { return 0 };
        let paths = layout.dialect.paths.iter();
        let longest = paths
            .filter_map(|(_, path)| path.rsplit('/').next())
            .filter(|base| name.starts_with(base))
            .map(|base| base.len() as u32)
            .max();
        let kind = FileKind::from_name(name);
        let same = kind.is_some_and(|kind| (kind == FileKind::Lastlog) == layout.is_lastlog());
        longest.unwrap_or(0).saturating_add(same.into())
    }

    fn neighbour_points(&self, layout: &Layout) -> u32 {
        let Some(neighbour) = self.neighbour else { return 0 };
        let same = [
            (neighbour.endian == layout.endian, 20),
            (neighbour.dialect.system == layout.dialect.system, 10),
            (neighbour.has_32bit_time() == layout.has_32bit_time(), 5),
        ];
        same.iter().filter(|(is_same, _)| *is_same).map(|(_, points)| points).sum()
    }
}
