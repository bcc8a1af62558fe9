//! What is looked for byte by byte, computed from the layouts' descriptors.

use alloc::vec::Vec;

use super::prospect::Prospect;
use crate::endian::Endian;
use crate::field::{Field, Role};
use crate::frame::Framing;
use crate::layout::Layout;

/// What drew attention to a place: the first byte of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// A type number, then a zero byte.
    Little,
    /// A zero byte, then a type number.
    Big,
    /// How the names of terminals begin.
    Line,
}

/// What one byte of a record can be: from `low` up, within `span`, or zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limit {
    at: usize,
    low: u8,
    span: u8,
    zero: bool,
}

impl Limit {
    const fn range(at: usize, low: u8, high: u8) -> Limit {
        Limit { at, low, span: high.saturating_sub(low), zero: false }
    }

    #[inline]
    fn allows(self, record: &[u8]) -> bool {
        // A record may be shorter: its zero tail was not stored.
        let byte = record.get(self.at).copied().unwrap_or(0);
        byte.wrapping_sub(self.low) <= self.span || (self.zero && byte == 0)
    }
}

pub(super) fn all_allow(limits: &[Limit], record: &[u8]) -> bool {
    limits.iter().all(|limit| limit.allows(record))
}

/// Layouts with the same mark at the same place.
#[derive(Clone, Debug)]
pub(super) struct Signature {
    pub(super) mark: Mark,
    /// Where in the record the mark is.
    pub(super) at: usize,
    /// What is common to all of them.
    pub(super) limits: Vec<Limit>,
    pub(super) members: Vec<Member>,
}

#[derive(Clone, Debug)]
pub(super) struct Member {
    /// Its number in the scanner.
    pub(super) layout: u16,
    pub(super) limits: Vec<Limit>,
    pub(super) prospect: Prospect,
}

/// The mark of a layout and where it is; `None` if it has neither a type nor a line.
fn mark(layout: &Layout) -> Option<(Mark, usize)> {
    let kind = layout.field(Role::Type);
    let (mark, field) = match (kind, layout.endian) {
        // FreeBSD: behind the type is the high byte of microseconds, zero until 2262.
        (Some(field), Endian::Little) => (Mark::Little, field),
        (Some(field), _) if field.len == 1 => (Mark::Little, field),
        (Some(field), _) => (Mark::Big, field),
        (None, _) => (Mark::Line, layout.field(Role::Line)?),
    };
    Some((mark, field.offset))
}

/// Groups layouts by their mark.
pub(super) fn signatures(layouts: &[&'static Layout]) -> Vec<Signature> {
    let mut all: Vec<Signature> = Vec::new();
    for (number, layout) in (0..).zip(layouts) {
        let Some((mark, at)) = mark(layout) else { continue };
        let (limits, prospect) = (limits(layout), Prospect::of(layout));
        let member = Member { layout: number, limits, prospect };
        match all.iter_mut().find(|s| s.mark == mark && s.at == at) {
            Some(signature) => signature.members.push(member),
            None => {
                all.push(Signature { mark, at, limits: Vec::new(), members: [member].into() });
            }
        }
    }
    for signature in &mut all {
        let Some(first) = signature.members.first() else { continue };
        let shared = |limit: &&Limit| signature.members.iter().all(|m| m.limits.contains(limit));
        let mut common: Vec<Limit> = first.limits.iter().filter(shared).copied().collect();
        common.sort_by_key(|limit| limit.span);
        for member in &mut signature.members {
            member.limits.retain(|limit| !common.contains(limit));
            member.limits.sort_by_key(|limit| limit.span);
        }
        signature.limits = common;
    }
    all
}

/// What single bytes of a record can be, looser than what is weighed later.
fn limits(layout: &Layout) -> Vec<Limit> {
    let mut limits = Vec::new();
    for field in layout.fields {
        match field.role {
            Role::Type => limits.extend(high_bytes(layout, field, &[0x7f])),
            Role::Pid if field.len == 4 => limits.extend(pid(layout, field)),
            Role::Sec if field.len == 4 => limits.extend(high_bytes(layout, field, &[0x7f])),
            Role::Sec if field.len == 8 => limits.extend(high_bytes(layout, field, &[0, 0, 0])),
            Role::Usec if field.len == 4 => limits.extend(high_bytes(layout, field, &[0, 0x0f])),
            Role::Usec if field.len == 8 => {
                limits.extend(high_bytes(layout, field, &[0, 0, 0, 0, 0, 0x0f]));
            }
            Role::Micros => {
                // 2005 to 2108.
                limits.push(Limit::range(field.offset, 0, 0));
                limits.push(Limit::range(field.offset.saturating_add(1), 4, 0x0f));
            }
            Role::User | Role::Line | Role::Host => {
                limits.push(Limit { at: field.offset, low: b' ', span: 0xdf, zero: true });
            }
            // The two bytes between the type and the next field; some platforms never
            // clear padding elsewhere.
            Role::Padding if is_behind_type(layout, field) => {
                limits.push(Limit::range(field.offset, 0, 0));
                limits.push(Limit::range(field.offset.saturating_add(1), 0, 0));
            }
            _ => {}
        }
    }
    limits
}

/// Linux, where every writer clears the record.
fn is_behind_type(layout: &Layout, field: &Field) -> bool {
    let kind = layout.field(Role::Type);
    layout.framing == Framing::Fixed
        && layout.dialect.system == "Linux"
        && kind.is_some_and(|kind| kind.offset.saturating_add(kind.len) == field.offset)
}

fn pid(layout: &Layout, field: &Field) -> Vec<Limit> {
    let large = layout.dialect.system == "AIX";
    high_bytes(layout, field, if large { &[0x7f] } else { &[0, 0x40] })
}

/// The most that the highest bytes of an integer can be, highest first.
fn high_bytes(layout: &Layout, field: &Field, most: &[u8]) -> Vec<Limit> {
    let place = |nth: usize| match layout.endian {
        Endian::Big => field.offset.checked_add(nth),
        Endian::Little => field.offset.checked_add(field.len)?.checked_sub(nth.checked_add(1)?),
        // The high word first, each word little-endian.
        Endian::Pdp if nth < 2 => field.offset.checked_add(1)?.checked_sub(nth),
        Endian::Pdp => None,
    };
    let limit = |(nth, &most)| Some(Limit::range(place(nth)?, 0, most));
    most.iter().enumerate().filter_map(limit).collect()
}
