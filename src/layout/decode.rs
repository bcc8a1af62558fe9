//! From a record's bytes to an [`Entry`], one function for every record type: what a
//! [`Layout`] points to.

use super::{Layout, RawRecord};
use crate::entry::Entry;
use crate::error::Error;
use crate::frame::Frames;

/// The bytes of one record of `R`.
pub(super) fn of<'a, R: RawRecord>(layout: &Layout, record: &'a [u8]) -> Entry<'a> {
    match R::ref_from_prefix(record) {
        Ok((raw, _)) => raw.entry(),
        Err(_) if R::IS_TRIMMED => R::read(record),
        Err(_) => layout.interpret(record),
    }
}

/// One record of a file of `R`.
pub(super) fn own<'a, R: RawRecord>(layout: &Layout, record: &'a [u8]) -> Entry<'a> {
    match R::ref_from_bytes(record) {
        Ok(raw) if !(R::HAS_VARIANTS && raw.is_suspect()) => raw.entry(),
        _ if R::HAS_VARIANTS => suspect::<R>(layout, record),
        _ => of::<R>(layout, record),
    }
}

/// A record that may have another layout.
#[cold]
pub(crate) fn suspect<'a, R: RawRecord>(layout: &Layout, record: &'a [u8]) -> Entry<'a> {
    match R::variant(record) {
        Some(own) => own.entry(record),
        None => of::<R>(layout, record),
    }
}

/// The next record of a file of `R`.
pub(super) fn next<'a, R: RawRecord>(
    layout: &Layout,
    frames: &mut Frames<'a>,
) -> Option<Result<Entry<'a>, Error>> {
    if let Some(raw) = frames.next_raw::<R>() {
        // Each entry has a way out of its own, and so is built where the caller wants it.
        if R::HAS_VARIANTS && raw.is_suspect() {
            return Some(Ok(suspect::<R>(layout, raw.as_bytes())));
        }
        return Some(Ok(raw.entry()));
    }
    if R::IS_TRIMMED
        && let Some(frame) = frames.next_whole()
    {
        return Some(Ok(R::read(frame.bytes)));
    }
    other(layout, frames)
}

/// The tail of a file, and what does not lie back to back.
#[inline(never)]
fn other<'a>(layout: &Layout, frames: &mut Frames<'a>) -> Option<Result<Entry<'a>, Error>> {
    match frames.next()?.and_then(|frame| layout.check(&frame).map(|()| frame)) {
        Ok(frame) => Some(Ok(layout.own_entry(frame.bytes))),
        Err(error) => Some(Err(error)),
    }
}
