//! The place and time of a record.

use crate::entry::Entry;
use crate::layout::Layout;
use crate::read::record::Record;
use crate::value::timestamp::Timestamp;

/// The place of a record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Location {
    /// The file, in the caller's own numbering.
    pub file: u32,
    /// [`Record::index`].
    pub index: u64,
    /// [`Record::offset`].
    pub offset: u64,
}

/// A record that begins or ends something: its place, its time and its layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct RecordRef {
    /// Its place.
    pub location: Location,
    /// Its time, with the seconds unsigned if that was requested.
    pub time: Timestamp,
    /// Its layout, which shows how precise the time is.
    pub layout: &'static Layout,
}

impl RecordRef {
    pub(in crate::session) fn new(file: u32, record: &Record<'_>, entry: &Entry<'_>) -> RecordRef {
        let location = Location { file, index: record.index(), offset: record.offset() };
        RecordRef { location, time: entry.ut_tv, layout: record.layout() }
    }
}
