//! Identifies the layout of bytes.
//!
//! The same code scores every layout from its descriptor, so a new platform needs no code here. If
//! one layout explains the data beyond doubt, layouts that fail a quick check are skipped. File
//! names and siblings are hints: they only decide between layouts that explain the bytes equally
//! well.

mod candidate;
mod compare;
mod conclude_database;
mod database;
mod detection;
mod failures;
mod foreign;
mod found_kind;
mod hints;
mod judge;
mod kind;
mod lastlog;
mod off_grid;
mod prefilter;
mod rank;
mod reason;
mod sample;
mod sampled_records;
#[cfg(test)]
mod tests;

pub use self::candidate::Candidate;
pub use self::database::TableName;
pub use self::detection::{Detection, Verdict};
pub use self::foreign::{Foreign, ForeignClass};
pub use self::found_kind::{FoundKind, KindBasis};
pub use self::hints::Hints;
pub use self::reason::Reason;
pub use self::sample::Sample;
pub(crate) use crate::evidence::fit;
use crate::evidence::score;

/// Picks the layout that best explains `data`, from the bytes alone.
///
/// Examines a few dozen records at most, whatever the size of the data.
///
/// ```
/// use loginrec::detect::{Verdict, detect};
///
/// let wtmp = include_bytes!("../../fixtures/openbsd-utmp-304-le/wtmp");
/// let found = detect(wtmp);
/// assert_eq!(found.verdict(), Verdict::Recognized);
/// assert_eq!(found.layout().unwrap().name, "openbsd-utmp-304-le");
/// assert!(found.margin() > 6);
///
/// assert_eq!(detect(b"Jan  1 00:00:00 host sshd: hello\n").verdict(), Verdict::NotRecognized);
/// assert_eq!(detect(b"").verdict(), Verdict::Empty);
/// ```
pub fn detect(data: &[u8]) -> Detection {
    detect_with(data, &Hints::default())
}

/// Does the same as [`detect`], with hints for ambiguous bytes.
pub fn detect_with(data: &[u8], hints: &Hints<'_>) -> Detection {
    Sample::whole(data).detect(hints)
}

/// Returns the evidence of the times of two records in a row, in bits: in the wrong byte order
/// times jump.
pub(crate) fn gap_score(earlier: i64, now: i64) -> i32 {
    score::gap(earlier, now)
}
