//! Byte patterns to search for, computed from the layouts' descriptors.

use alloc::vec::Vec;

use crate::carve::bound::ScoreBound;
use crate::container::Container;
use crate::endian::Endian;
use crate::layout::Layout;
use crate::layout::field::{Field, Role};

/// The byte pattern that makes an offset worth examining: the first byte of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    /// A type number, then a zero byte.
    Little,
    /// A zero byte, then a type number.
    Big,
    /// The beginning of a terminal name.
    Line,
}

/// The values that one byte of a record can have: zero, or `span` values from `low` up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ByteRange {
    at: usize,
    low: u8,
    span: u8,
    zero: bool,
}

impl ByteRange {
    const fn range(at: usize, low: u8, high: u8) -> ByteRange {
        ByteRange { at, low, span: high.saturating_sub(low), zero: false }
    }

    /// Allows 0xff too, as in the number -1.
    const fn or_all_ones(self) -> ByteRange {
        ByteRange { low: u8::MAX, span: self.span.saturating_add(1), ..self }
    }

    #[inline]
    fn allows(self, record: &[u8]) -> bool {
        // A record may be shorter: its trailing zeros were not stored.
        let byte = record.get(self.at).copied().unwrap_or(0);
        byte.wrapping_sub(self.low) <= self.span || (self.zero && byte == 0)
    }
}

pub(super) fn all_allow(ranges: &[ByteRange], record: &[u8]) -> bool {
    ranges.iter().all(|range| range.allows(record))
}

/// Layouts with the same anchor at the same offset.
#[derive(Clone, Debug)]
pub(super) struct AnchorGroup {
    pub(super) anchor: Anchor,
    /// Offset of the anchor in the record.
    pub(super) at: usize,
    /// The ranges that all of them share.
    pub(super) ranges: Vec<ByteRange>,
    pub(super) members: Vec<Member>,
}

#[derive(Clone, Debug)]
pub(super) struct Member {
    /// Index in the scanner.
    pub(super) layout: u16,
    pub(super) ranges: Vec<ByteRange>,
    pub(super) bound: ScoreBound,
}

/// Returns the anchor of a layout and its offset; `None` if it has neither a type nor a line.
fn anchor(layout: &Layout) -> Option<(Anchor, usize)> {
    let kind = layout.field(Role::Type);
    let (anchor, field) = match (kind, layout.endian) {
        // FreeBSD: the high byte of the microseconds follows the type; it is zero until 2262.
        (Some(field), Endian::Little) => (Anchor::Little, field),
        (Some(field), _) if field.len == 1 => (Anchor::Little, field),
        (Some(field), _) => (Anchor::Big, field),
        (None, _) => (Anchor::Line, layout.field(Role::Line)?),
    };
    Some((anchor, field.offset))
}

/// Groups layouts by their anchor.
pub(super) fn anchor_groups(layouts: &[&'static Layout]) -> Vec<AnchorGroup> {
    let mut all: Vec<AnchorGroup> = Vec::new();
    for (number, layout) in (0..).zip(layouts) {
        let Some((anchor, at)) = anchor(layout) else { continue };
        let (ranges, bound) = (ranges(layout), ScoreBound::of(layout));
        let member = Member { layout: number, ranges, bound };
        match all.iter_mut().find(|s| s.anchor == anchor && s.at == at) {
            Some(group) => group.members.push(member),
            None => {
                all.push(AnchorGroup { anchor, at, ranges: Vec::new(), members: [member].into() });
            }
        }
    }
    for group in &mut all {
        let Some(first) = group.members.first() else { continue };
        let shared = |range: &&ByteRange| group.members.iter().all(|m| m.ranges.contains(range));
        let mut common: Vec<ByteRange> = first.ranges.iter().filter(shared).copied().collect();
        common.sort_by_key(|range| range.span);
        for member in &mut group.members {
            member.ranges.retain(|range| !common.contains(range));
            member.ranges.sort_by_key(|range| range.span);
        }
        group.ranges = common;
    }
    all
}

/// Returns the values that single bytes of a record can have, less strict than the score later.
fn ranges(layout: &Layout) -> Vec<ByteRange> {
    let mut ranges = Vec::new();
    for field in layout.fields {
        match field.role {
            Role::Type => ranges.extend(high_bytes(layout, field, &[0x7f])),
            Role::Pid if field.len == 4 => ranges.extend(pid(layout, field)),
            Role::Sec if field.len == 4 => ranges.extend(high_bytes(layout, field, &[0x7f])),
            Role::Sec if field.len == 8 => ranges.extend(high_bytes(layout, field, &[0, 0, 0])),
            Role::Usec if field.len == 4 => ranges.extend(high_bytes(layout, field, &[0, 0x0f])),
            Role::Usec if field.len == 8 => {
                ranges.extend(high_bytes(layout, field, &[0, 0, 0, 0, 0, 0x0f]));
            }
            Role::Micros => {
                // 2005 to 2108.
                ranges.push(ByteRange::range(field.offset, 0, 0));
                ranges.push(ByteRange::range(field.offset.saturating_add(1), 4, 0x0f));
            }
            Role::User | Role::Line | Role::Host => {
                ranges.push(ByteRange { at: field.offset, low: b' ', span: 0xdf, zero: true });
            }
            // The two bytes between the type and the next field. Some platforms never clear other
            // padding.
            Role::Padding if is_behind_type(layout, field) => {
                ranges.push(ByteRange::range(field.offset, 0, 0));
                ranges.push(ByteRange::range(field.offset.saturating_add(1), 0, 0));
            }
            _ => {}
        }
    }
    ranges
}

/// Returns whether padding follows the type and every writer clears it.
fn is_behind_type(layout: &Layout, field: &Field) -> bool {
    let kind = layout.field(Role::Type);
    layout.container == Container::Array
        && layout.platform.clears_padding
        && kind.is_some_and(|kind| kind.offset.saturating_add(kind.len) == field.offset)
}

/// The largest process id of platforms without a limit of their own.
const COMMON_PIDS: i32 = 4_194_304;

fn pid(layout: &Layout, field: &Field) -> Vec<ByteRange> {
    let most = match layout.platform.max_pid {
        i64::MAX => COMMON_PIDS,
        most => i32::try_from(most).unwrap_or(i32::MAX).max(COMMON_PIDS),
    };
    let [highest, next, ..] = most.to_be_bytes();
    let mut ranges = high_bytes(layout, field, &[highest, next]);
    ranges.iter_mut().for_each(|range| *range = range.or_all_ones());
    ranges
}

/// Returns the largest values of the highest bytes of an integer, highest byte first.
fn high_bytes(layout: &Layout, field: &Field, most: &[u8]) -> Vec<ByteRange> {
    let place = |nth: usize| match layout.endian {
        Endian::Big => field.offset.checked_add(nth),
        Endian::Little => field.offset.checked_add(field.len)?.checked_sub(nth.checked_add(1)?),
        // The high word comes first; each word is little-endian.
        Endian::Pdp if nth < 2 => field.offset.checked_add(1)?.checked_sub(nth),
        Endian::Pdp => None,
    };
    let range = |(nth, &most)| Some(ByteRange::range(place(nth)?, 0, most));
    most.iter().enumerate().filter_map(range).collect()
}
