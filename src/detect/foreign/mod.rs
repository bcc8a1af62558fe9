//! Recognizes files of other programs: archives, images, databases, programs, text.
//!
//! Formats with a structure of their own are recognized before any search for records: a tar or a
//! file system contains logs, and reading it as an array of records would yield some of them and a
//! lot of garbage. There are two levels. [`certain`] requires a structure that no login record can
//! have by chance: a magic number with consistent values around it, or a checksum. [`likely`]
//! accepts a magic number alone, or text, and is only used for data without records.

mod accounting;
mod archive;
mod bytes;
mod kind;
mod magic;
mod text;
mod volume;

use self::bytes::Bytes;
pub use self::kind::{Foreign, ForeignClass};
pub(super) use self::magic::{SQLITE, database_part};
use crate::detect::sample::Sample;
use crate::value::file_kind::has_word;

/// Returns the kind of data if it is certainly not login records.
pub(super) fn certain(sample: &Sample<'_>) -> Option<Foreign> {
    let bytes = Bytes::of(sample);
    magic::certain(&bytes)
        .or_else(|| archive::find(&bytes))
        .or_else(|| volume::find(&bytes))
        .or_else(|| text::certain(&bytes))
}

/// Returns what a file without known records is that HP-UX names so, since 11i v2.
pub(super) fn of_name(name: &str) -> Option<Foreign> {
    const HPUX: Foreign = Foreign::new(
        "named as HP-UX 11i names its logs. No description of their records is public: neither \
         their size nor where their fields are is known, and nothing is guessed",
        ForeignClass::Other,
    );
    let is_one = ["utmps", "wtmps", "btmps"].iter().any(|word| has_word(name, word));
    is_one.then_some(HPUX)
}

/// Recognizes process accounting, whose small numbers and texts look like slots of a lastlog.
pub(super) fn accounting(sample: &Sample<'_>) -> Option<Foreign> {
    accounting::find(sample)
}

/// Returns the likely kind of data, given that it has no login records.
pub(super) fn likely(sample: &Sample<'_>) -> Option<Foreign> {
    let bytes = Bytes::of(sample);
    magic::likely(&bytes).or_else(|| text::likely(&bytes))
}
