//! Checks a few records for whether they are at multiples of their size.

use super::score::is_plausible;
use crate::container::Access;
use crate::evidence::score::Evidence;
use crate::layout::Layout;

/// One record in this many is examined.
const STRIDE: usize = 8;

/// Returns whether the records of `layout` in `data` seem to be at multiples of their size, so that
/// no search is needed.
///
/// Costs a few instructions a record. Examines the first records, one in eight, and the last ones; a
/// shift makes two in a row implausible.
pub fn is_on_grid(layout: &'static Layout, data: &[u8]) -> bool {
    match layout.container.access() {
        Access::Array => array(layout, data),
        Access::Chain => prefixed(layout, data),
        Access::SparseArray | Access::Whole | Access::Rows => true,
    }
}

fn array(layout: &'static Layout, data: &[u8]) -> bool {
    let size = layout.size.max(1);
    let count = data.len().checked_div(size).unwrap_or(0);
    let stands = |n: usize| {
        let start = n.saturating_mul(size);
        let record = data.get(start..).and_then(|rest| rest.get(..size));
        record.is_some_and(|record| is_usual(layout, record) || is_plausible(layout, record))
    };
    let is_off = |n: usize| !stands(n) && (count <= 2 || !stands(n.saturating_add(1)));
    // Before them another file may stand whose length is a multiple of their size.
    let is_odd = |n: usize| {
        let record = data.get(n.saturating_mul(size)..).and_then(|rest| rest.get(..size));
        record.is_some_and(|record| !is_plausible(layout, record))
    };
    if (1..STRIDE).any(|n| is_odd(n) && is_odd(n.saturating_add(1))) {
        return false;
    }
    !(0..count).step_by(STRIDE).chain(count.checked_sub(1)).any(is_off)
}

/// Returns whether a record has the low byte of a used type or, without types, a line and a time,
/// as most have. Much faster than [`is_plausible`], and seldom true for other bytes.
fn is_usual(layout: &'static Layout, record: &[u8]) -> bool {
    let key_fields = &layout.key_fields;
    key_fields.type_byte.is_plausible(record)
        && (key_fields.is_typed() || Evidence::has_time(layout, record))
}

fn prefixed(layout: &'static Layout, data: &[u8]) -> bool {
    let (mut rest, mut seen, mut before) = (data, 0usize, true);
    while let Some((prefix, after)) = rest.split_first_chunk() {
        let len = usize::from(u16::from_be_bytes(*prefix));
        // Zeros before a record have an error of their own.
        if len == 0 {
            rest = rest.get(1..).unwrap_or_default();
            continue;
        }
        if len > layout.size {
            return false;
        }
        let Some((record, next)) = after.split_at_checked(len) else { return true };
        if !before || seen.is_multiple_of(STRIDE) {
            let stands = is_plausible(layout, record);
            if !stands && !before {
                return false;
            }
            before = stands;
        }
        seen = seen.saturating_add(1);
        rest = next;
    }
    before
}
