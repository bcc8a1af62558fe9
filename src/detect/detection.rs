//! The result of detection.

use alloc::vec::Vec;

use crate::detect::candidate::Candidate;
use crate::detect::compare::MARGIN;
use crate::detect::reason::Reason;
use crate::layout::Layout;

/// The conclusion of a detection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Verdict {
    /// One layout matches the data.
    Recognized,
    /// Several layouts match the data and decode it differently.
    Ambiguous,
    /// No known layout matches the data.
    NotRecognized,
    /// There is no data: a valid file without records.
    Empty,
}

/// The result of detection; see [`detect`](crate::detect::detect).
#[derive(Clone, Debug, PartialEq)]
pub struct Detection {
    pub(super) verdict: Verdict,
    pub(super) candidates: Vec<Candidate>,
    pub(super) reasons: Vec<Reason>,
}

impl Detection {
    /// Returns the conclusion.
    pub fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// Returns the best layout; `None` if the data is empty or not recognized. Under
    /// [`Verdict::Ambiguous`] it is the first of [`Detection::candidates`], which is a guess.
    pub fn layout(&self) -> Option<&'static Layout> {
        match self.verdict {
            Verdict::Recognized | Verdict::Ambiguous => Some(self.candidates.first()?.layout),
            Verdict::NotRecognized | Verdict::Empty => None,
        }
    }

    /// Returns the layouts that could explain the data, best first.
    ///
    /// The list is complete under [`Verdict::Ambiguous`]. If one layout is certain, layouts that
    /// were ruled out early or scored much lower are omitted.
    pub fn candidates(&self) -> &[Candidate] {
        &self.candidates
    }

    /// Returns the candidates that explain the data about equally well and decode it differently:
    /// one if recognized, several if ambiguous.
    pub fn ties(&self) -> Vec<Candidate> {
        let behind = |c: &Candidate| self.score().saturating_sub(c.score);
        let near = |c: &&Candidate| behind(c) < MARGIN && !c.same_reading;
        let count = if self.verdict == Verdict::Ambiguous { usize::MAX } else { 1 };
        self.candidates.iter().filter(near).take(count).copied().collect()
    }

    /// Returns the best layout's evidence, in bits.
    pub fn score(&self) -> i32 {
        self.candidates.first().map_or(0, |best| best.score)
    }

    /// Returns how many bits the best layout leads the next one that decodes the data differently;
    /// the best layout's score if no other came close.
    pub fn margin(&self) -> i32 {
        self.runner_up()
            .map_or(self.score().max(0), |next| self.score().saturating_sub(next.score).max(0))
    }

    /// Returns the next best layout that decodes the data differently, if one came close.
    pub fn runner_up(&self) -> Option<&Candidate> {
        self.candidates.iter().skip(1).find(|c| !c.same_reading)
    }

    /// Returns whether the records are not at multiples of their size, for instance because the
    /// head of the file was cut off. Only readers that search for them find them, such as
    /// [`LogReader`](crate::LogReader).
    pub fn is_off_grid(&self) -> bool {
        self.reasons.iter().any(|reason| matches!(reason, Reason::OffGrid { .. }))
    }

    /// Returns the reasons, which print as text.
    pub fn reasons(&self) -> &[Reason] {
        &self.reasons
    }
}
