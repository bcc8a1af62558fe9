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

/// Returns the kind of data if it is certainly not login records.
pub(super) fn certain(sample: &Sample<'_>) -> Option<Foreign> {
    let bytes = Bytes::of(sample);
    magic::certain(&bytes)
        .or_else(|| archive::find(&bytes))
        .or_else(|| volume::find(&bytes))
        .or_else(|| text::certain(&bytes))
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
