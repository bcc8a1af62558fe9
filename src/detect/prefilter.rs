//! A quick check of every layout: one byte of four records rules out most of the wrong ones.

use crate::container::{Access, Container, Frames};
use crate::detect::sample::PREFILTER_RECORDS;
use crate::detect::sample::Sample;
use crate::detect::sampled_records::SampledRecords;
use crate::error::Error;
use crate::evidence::score::Evidence;
use crate::formats::LAYOUTS;
use crate::layout::Layout;
use crate::scan::is_zero;

/// Bytes at the beginning of a log that contain four records with their lengths.
const LOG_REACH: usize = 1 << 10;

/// Returns the layouts whose container fits the data.
pub(super) fn possible(sample: &Sample<'_>) -> impl Fn(&Layout) -> bool + use<> {
    let named = Container::of_header(sample.head(512));
    move |layout| match named {
        Some(named) => named == (layout.container, layout.endian),
        // Counts of failures, and files of one user, have checks of their own.
        None => {
            layout.container.access() != Access::Whole
                && !layout.is_variant
                && !layout.is_failures()
                && !layout.platform.is_named_by_user
        }
    }
}

/// Returns those of them that look right.
pub(super) fn plausible(sample: &Sample<'_>) -> impl Iterator<Item = &'static Layout> {
    let is_possible = possible(sample);
    let mut sampled = SampledRecords::new(sample, sample.prefilter_offsets());
    LAYOUTS.iter().filter(move |layout| {
        let type_byte = layout.key_fields.type_byte;
        let records = sampled.of(if layout.container.is_array() { layout.size } else { 0 }).iter();
        let wrong =
            records.filter(|record| !record.is_empty() && !type_byte.is_plausible(record)).count();
        wrong < 2 && is_possible(layout) && looks_right(layout, sample, &mut sampled)
    })
}

/// Returns whether three of four records look right, or all if there are fewer. The right layout
/// may fail that if the data is damaged; then no other layout explains it beyond doubt.
fn looks_right(
    layout: &'static Layout,
    sample: &Sample<'_>,
    sampled: &mut SampledRecords<'_, PREFILTER_RECORDS>,
) -> bool {
    let (mut right, mut wrong) = (0u32, 0u32);
    let mut look = |record: &[u8]| {
        let count = if is_usual(layout, record) { &mut right } else { &mut wrong };
        *count = count.saturating_add(1);
        wrong < 2
    };
    match layout.container.access() {
        Access::Whole | Access::Rows => return true, // its header says enough
        Access::Chain => {
            let frames = Frames::new(sample.head(LOG_REACH), layout.container, layout.size, &[]);
            let longest = (layout.size as u64).saturating_add(2);
            let records = frames.filter_map(|frame| match frame {
                Ok(frame) => Some(frame.bytes),
                // The file may end within a record.
                Err(Error::Truncated { need, .. }) if need <= longest => None,
                Err(_) => Some(&[][..]),
            });
            records.take(PREFILTER_RECORDS).all(look);
        }
        Access::Array | Access::SparseArray => {
            let mut records = sampled.of(layout.size).iter().filter(|record| !record.is_empty());
            if !records.all(|record| look(record)) {
                return false;
            }
        }
    }
    right > wrong.saturating_mul(2)
}

/// Returns whether a record looks like most: it has a type or, without types, a line and a time,
/// and its numbers are possible.
#[inline]
fn is_usual(layout: &'static Layout, record: &[u8]) -> bool {
    let key_fields = &layout.key_fields;
    key_fields.is_plausible(layout.endian, record)
        && Evidence::has_numbers(layout.format_of(record), record)
        && (key_fields.is_typed()
            || key_fields.sec.is_none_or(|field| !is_zero(field.of_record(record))))
}
