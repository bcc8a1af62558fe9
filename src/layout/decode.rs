//! Decodes a record's bytes to an [`Entry`]. A [`Layout`] has pointers to these functions, one for
//! every record type.

use crate::container::stored_row::{Row, Use};
use crate::entry::Entry;
use crate::layout::descriptor::Layout;
use crate::layout::raw_record::RawRecord;

/// Decodes the bytes of one record of `R`.
pub(super) fn of<'a, R: RawRecord>(layout: &Layout, record: &'a [u8]) -> Entry<'a> {
    match R::ref_from_prefix(record) {
        Ok((raw, _)) => raw.entry(),
        Err(_) if R::IS_TRIMMED => R::read(record),
        Err(_) => layout.decode_fields(record),
    }
}

/// Decodes one record of a file of `R`.
pub(super) fn stored<'a, R: RawRecord>(layout: &Layout, record: &'a [u8]) -> Entry<'a> {
    match R::ref_from_bytes(record) {
        Ok(raw) if !is_suspect(raw) => raw.entry(),
        _ if R::HAS_VARIANTS => suspect::<R>(layout, record),
        _ => of::<R>(layout, record),
    }
}

/// A row of a database, as it was put together.
pub(super) fn row<'a>(layout: &Layout, record: &'a [u8]) -> Entry<'a> {
    let mut entry = Entry::new(layout.platform);
    if let Some(row) = Row::read(record) {
        entry.raw_type = row.raw_type();
        entry.ut_tv = row.time();
        entry.ut_user = row.text(Use::User);
        entry.ut_line = row.text(Use::Line);
        entry.ut_host = row.text(Use::Host);
        entry.logout = row.logout();
        entry.service = row.service();
        entry.ut_pid = row.pid();
        entry.ut_id = row.id();
    }
    entry
}

/// Returns whether a record must be given to [`suspect`]: true for every record for which
/// [`Layout::format_of`] returns another layout, and for few others.
#[inline]
pub(crate) fn is_suspect<R: RawRecord>(raw: &R) -> bool {
    // The first byte is read only to access it before the time, which is five cache lines further.
    // Records from memory whose cache lines were first accessed backwards took 1.16 times as long
    // on Zen 3; the same loads forwards took 1.02 (benches/RESULTS.md). No type begins with 0xff.
    let first = raw.as_bytes().first().copied();
    R::HAS_VARIANTS && (first == Some(0xff) || raw.is_suspect())
}

/// Decodes a record that may have another layout.
#[cold]
pub(crate) fn suspect<'a, R: RawRecord>(layout: &Layout, record: &'a [u8]) -> Entry<'a> {
    match (layout.variant)(record) {
        Some(layout) => layout.decode(record),
        None => of::<R>(layout, record),
    }
}
