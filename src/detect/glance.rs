//! A first look at every layout: one byte of four records tells most of them from the true
//! one.

use super::Sample;
use super::evidence::Evidence;
use super::sample::GLANCES;
use super::spots::Spots;
use crate::endian::Endian;
use crate::error::Error;
use crate::frame::{Frames, Framing, is_zero};
use crate::hash::{Lorder, Pairs};
use crate::layout::{Layout, Tell};
use crate::platform::LAYOUTS;

/// Bytes at the beginning of a log in which four records follow their lengths.
const LOG_REACH: usize = 1 << 10;

/// The byte that tells most, and the size of records that lie back to back, else zero. In a
/// table of their own, for it is asked of every layout.
static TELLS: [(u16, Tell); LAYOUTS.len()] = {
    let mut table = [(0, Tell::NONE); LAYOUTS.len()];
    let (mut layouts, mut tells) = (LAYOUTS, &mut table as &mut [_]);
    while let ([layout, more @ ..], [tell, behind @ ..]) = (layouts, tells) {
        assert!(layout.size <= u16::MAX as usize);
        *tell = (if is_array(layout) { layout.size as u16 } else { 0 }, layout.outline.tell);
        (layouts, tells) = (more, behind);
    }
    table
};

/// The layouts whose container the data is.
pub(super) fn possible(sample: &Sample<'_>) -> impl Fn(&Layout) -> bool + use<> {
    let order = Pairs::new(sample.head(512)).ok().map(|pairs| match pairs.lorder() {
        Lorder::Little => Endian::Little,
        Lorder::Big => Endian::Big,
    });
    move |layout| match (layout.framing, order) {
        (Framing::Database, order) => order == Some(layout.endian),
        (_, Some(_)) => false,
        (_, None) => !layout.is_variant,
    }
}

/// Those of them that look right.
pub(super) fn right(sample: &Sample<'_>) -> impl Iterator<Item = &'static Layout> {
    let is_possible = possible(sample);
    let mut spots = Spots::new(sample, sample.glances());
    let mut is_near = move |layout: &'static Layout, (size, tell): (u16, Tell)| {
        let records = spots.of(size.into()).iter();
        let wrong = records.filter(|record| !record.is_empty() && !tell.tells(record)).count();
        wrong < 2 && is_possible(layout) && looks_right(layout, sample, &mut spots)
    };
    let all = LAYOUTS.iter().zip(&TELLS);
    all.filter_map(move |(layout, tell)| is_near(layout, *tell).then_some(layout))
}

/// Whether three of four records look right, or all of fewer. The true layout may fail that,
/// if the data is damaged; then no other explains it beyond doubt.
fn looks_right(
    layout: &'static Layout,
    sample: &Sample<'_>,
    spots: &mut Spots<'_, GLANCES>,
) -> bool {
    let (mut right, mut wrong) = (0u32, 0u32);
    let mut look = |record: &[u8]| {
        let count = if is_usual(layout, record) { &mut right } else { &mut wrong };
        *count = count.saturating_add(1);
        wrong < 2
    };
    match layout.framing {
        Framing::Database => return true, // its header says enough
        Framing::LengthPrefixed => {
            let frames = Frames::new(sample.head(LOG_REACH), layout.framing, layout.size, &[]);
            let longest = (layout.size as u64).saturating_add(2);
            let records = frames.filter_map(|frame| match frame {
                Ok(frame) => Some(frame.bytes),
                // The file may end within a record.
                Err(Error::Truncated { need, .. }) if need <= longest => None,
                Err(_) => Some(&[][..]),
            });
            records.take(GLANCES).all(look);
        }
        Framing::Fixed | Framing::Indexed => {
            let mut records = spots.of(layout.size).iter().filter(|record| !record.is_empty());
            if !records.all(|record| look(record)) {
                return false;
            }
        }
    }
    right > wrong.saturating_mul(2)
}

/// Whether a record is as most are: it has a type or, where there are none, a line and a
/// time, and its numbers can be.
#[inline]
fn is_usual(layout: &'static Layout, record: &[u8]) -> bool {
    let outline = &layout.outline;
    outline.tells(layout.endian, record)
        && Evidence::has_numbers(layout.own(record), record)
        && (outline.is_typed() || outline.sec.is_none_or(|field| !is_zero(field.of_record(record))))
}

pub(super) const fn is_array(layout: &Layout) -> bool {
    matches!(layout.framing, Framing::Fixed | Framing::Indexed)
}
