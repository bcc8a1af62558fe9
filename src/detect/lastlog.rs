//! Decides which lastlog layout a file of slots by user id has.
//!
//! Nearly all slots are empty, and a used one contains little: a time, usually a line, perhaps a
//! host. But its offset is strong evidence: a time is at the start of a slot only by chance if the
//! size of the slot is wrong. So every used slot that was read is examined, and the layout has to
//! explain each. If the time is a valid date in both byte orders in every slot, both remain, unless
//! one of them has logins within a day of each other.

use alloc::vec::Vec;

use crate::container::Container;
use crate::detect::candidate::Candidate;
use crate::detect::sample::Sample;
use crate::evidence::score::{Evidence, unprintable};
use crate::evidence::weights::is_line;
use crate::formats::LAYOUTS;
use crate::layout::Layout;
use crate::layout::field::{Field, Role};
use crate::scan::is_zero;
use crate::value::text::Text;

/// Bits for an impossible slot, for bytes after a text, or for a missing text.
const IMPOSSIBLE: i32 = -24;
/// Bits for a file with times later than [`LATE`], once; and for each time before 1970 or, as an
/// unsigned number, after 2038.
const FUTURE: i32 = -8;
const NO_DATE: i32 = -16;
/// Bits for a time of four bytes that could be letters.
const LETTERS: i32 = -6;
/// Bits for two times in a row within a day, if dates alone do not decide the byte order.
const TOGETHER: i32 = 8;
const DAY: u64 = 86_400;
const RESIDUE: i32 = -2;
const EMPTY_WITH_RESIDUE: i32 = -12;
const WIPED: i32 = -2;
const CLEARED: i32 = -4;
/// Bits for a text, for a known line, for a host.
const LINE: i32 = 3;
/// Bits for a file that is one record: a lastlog of the first user alone remains possible.
const WHOLE_FILE: i32 = 4;
/// From here on, in 2021, a time may begin with a small letter, as a terminal's name does.
const SMALL_LETTER: i64 = 0x6100_0000;
/// A security level is a small number.
const LEVELS: i64 = 1 << 16;
const KNOWN_LINE: i32 = 8;
const HOST: i32 = 2;
/// Bits for a size that leaves a remainder, and for an empty last slot: a lastlog grows when a user
/// logs in.
const REST: i32 = -16;
const EMPTY_REST: i32 = -12;
const UNUSED_END: i32 = -8;
/// May 2033: a later time is more likely one in the other byte order.
const LATE: i64 = 2_000_000_000;
/// Most nonzero words that are examined; each used slot has some.
const PLACES: usize = 4096;
/// Most used slots that are examined.
const SLOTS: u32 = 512;
/// Bits at which a file without lastlog in its name counts as one.
const ENOUGH: i32 = 12;

/// The lastlog layouts that could explain the file.
pub(super) struct Ranked {
    /// Best first.
    pub(super) candidates: Vec<Candidate>,
    /// Whether the best one is accepted for a file without lastlog in its name: there are known lines,
    /// or several long slots.
    pub(super) is_sure: bool,
}

pub(super) fn rank(sample: &Sample<'_>) -> Ranked {
    let used = sample.used_places(PLACES);
    let slots = |layout: &&Layout| layout.is_lastlog() && is_possible(layout, sample);
    let layouts = LAYOUTS.iter().filter(slots);
    let mut all: Vec<(Candidate, bool)> =
        layouts.filter_map(|layout| score(layout, sample, &used)).collect();
    // A stable sort: the order of the table decides ties, with little-endian first.
    all.sort_by_key(|(candidate, _)| core::cmp::Reverse(candidate.score));
    Ranked {
        is_sure: all.first().is_some_and(|(_, is_sure)| *is_sure),
        candidates: all.into_iter().map(|(candidate, _)| candidate).collect(),
    }
}

/// Returns whether a file of this size can have the layout: that of one user has one record.
fn is_possible(layout: &Layout, sample: &Sample<'_>) -> bool {
    match layout.platform.is_named_by_user {
        true => sample.ends && sample.len == layout.size as u64,
        false => layout.container == Container::Slots,
    }
}

/// Returns the layout's score for the slots that are `used`, and whether it is certain.
fn score(layout: &'static Layout, sample: &Sample<'_>, used: &[u64]) -> Option<(Candidate, bool)> {
    let size = layout.size as u64;
    let mut seen = Evidence::default();
    let mut next = 0;
    let (mut wiped, mut apart) = (0u32, 0u32);
    let mut earlier = None;
    let mut is_late = false;
    for index in used.iter().filter_map(|place| place.checked_div(size)) {
        if index < next || seen.looked_at().saturating_add(wiped) >= SLOTS {
            continue;
        }
        next = index.saturating_add(1);
        let Some(slot) = sample.record(index, layout.size) else { continue };
        match Slot::of(layout, slot) {
            Slot::Used { bits, time, is_known, residue } => {
                seen.bits = seen.bits.saturating_add(bits);
                is_late |= (LATE..0x8000_0000).contains(&time);
                let before = earlier.replace(time);
                if before.is_some_and(|before: i64| before.abs_diff(time) <= DAY) {
                    seen.bits = seen.bits.saturating_add(TOGETHER);
                }
                seen.fitting = seen.fitting.saturating_add(1);
                seen.known_names = seen.known_names.saturating_add(is_known.into());
                seen.residue = seen.residue.saturating_add(residue.into());
                apart = apart.saturating_add((index > 0).into());
            }
            Slot::Lost(bits) => {
                seen.bits = seen.bits.saturating_add(bits);
                wiped = wiped.saturating_add(1);
            }
            Slot::Impossible => {
                seen.bits = seen.bits.saturating_add(IMPOSSIBLE);
                seen.contradicting = seen.contradicting.saturating_add(1);
            }
        }
    }
    if is_late {
        seen.bits = seen.bits.saturating_add(FUTURE);
    }
    if sample.ends {
        let tail = sample.tail(layout.size);
        let is_unused = || sample.last(layout.size).is_some_and(is_zero);
        seen.bits = seen.bits.saturating_add(match tail {
            [] if is_unused() => UNUSED_END,
            [] => 0,
            _ if is_zero(tail) => EMPTY_REST,
            _ => REST.saturating_add(cut_slot(layout, tail, earlier)),
        });
    }
    let is_enough = seen.contradicting.saturating_mul(2) <= seen.fitting.saturating_add(wiped);
    let is_some = seen.fitting.saturating_add(wiped) > 0;
    // A long slot at the right offset is unlikely to be chance; several of them cannot be.
    let is_known = seen.known_names.saturating_mul(4) >= seen.fitting;
    let is_sure = (is_known || (apart > 1 && size > 100) || layout.platform.is_named_by_user)
        && seen.fitting > 0;
    let candidate = Candidate { layout, score: seen.bits, same_reading: false, evidence: seen };
    (is_enough && is_some).then_some((candidate, is_sure && seen.bits >= ENOUGH))
}

/// Returns the bits for a login in a slot that the end of the file cuts short: without them, a
/// layout of smaller slots, which contains it whole, would win.
fn cut_slot(layout: &'static Layout, tail: &[u8], earlier: Option<i64>) -> i32 {
    let mut slot = Vec::from(tail);
    slot.resize(layout.size, 0);
    match Slot::of(layout, &slot) {
        Slot::Used { bits, time, .. } => {
            let is_near = earlier.is_some_and(|earlier| earlier.abs_diff(time) <= DAY);
            bits.saturating_add(if is_near { TOGETHER } else { 0 }).max(0)
        }
        _ => 0,
    }
}

/// The content of a slot that is not all zeros.
enum Slot {
    /// A login.
    Used { bits: i32, time: i64, is_known: bool, residue: bool },
    /// A former login: wiped, or overwritten with one byte throughout.
    Lost(i32),
    /// Not a slot of this layout.
    Impossible,
}

impl Slot {
    fn of(layout: &'static Layout, slot: &[u8]) -> Slot {
        if let Some((first, rest)) = slot.split_first()
            && rest.iter().all(|byte| byte == first)
        {
            return Slot::Lost(WIPED);
        }
        // The writer of a file for each user clears no padding.
        let is_whole_file = layout.platform.is_named_by_user;
        let is_low = |field: &Field| (0..LEVELS).contains(&field.int(layout.endian, slot));
        if !is_whole_file && !layout.key_fields.gaps(layout.fields).all(is_low) {
            return Slot::Impossible;
        }
        let text = |role| layout.field(role).map_or(&[][..], |field| field.of_record(slot));
        let (line, host) = (text(Role::Line), text(Role::Host));
        let time = layout.decode(slot).ut_tv.tv_sec;
        if time == 0 {
            return Slot::without_time(line, host);
        }
        let (Some(line), Some(host)) = (Part::of(line), Part::of(host)) else {
            return Slot::Impossible;
        };
        let date_bits = match time {
            1..0x8000_0000 => 0,
            // Before 1970, or an unsigned number after 2038.
            -0x8000_0000..0x1_0000_0000 => NO_DATE,
            _ => return Slot::Impossible,
        };
        // In a field of eight bytes as well: else it would win a tie with one of four.
        let is_letters = |field: &Field| {
            let mut set = field.of_record(slot).iter().filter(|byte| **byte != 0);
            set.clone().count() == 4 && set.all(u8::is_ascii_graphic)
        };
        let letters = layout.key_fields.sec.is_some_and(is_letters);
        if letters && is_whole_file && time >= SMALL_LETTER {
            return Slot::Impossible;
        }
        let letter_bits = if letters { LETTERS } else { 0 };
        let size_bits = if is_whole_file { WHOLE_FILE } else { 0 };
        let line_bits = match line.shown {
            [] => 0,
            shown if is_line(shown) => KNOWN_LINE,
            _ => LINE,
        };
        let host_bits = if host.shown.is_empty() { 0 } else { HOST };
        let place = layout.size.checked_ilog2().unwrap_or(0) as i32;
        // Hosts were written from memory that was not cleared.
        let host_residue = if host.has_residue { RESIDUE } else { 0 };
        let text_bits =
            [line_bits, line.odd_bits, line.residue(), host_bits, host.odd_bits, host_residue];
        let time_bits = [date_bits, letter_bits, size_bits];
        let bits = text_bits.iter().chain(&time_bits);
        Slot::Used {
            bits: bits.fold(place, |sum, bits| sum.saturating_add(*bits)),
            time,
            is_known: is_line(line.shown),
            residue: line.has_residue || host.has_residue,
        }
    }

    /// Recognizes the work of a cleaner, which zeroes the time and the first byte of line and host,
    /// or only the time.
    fn without_time(line: &[u8], host: &[u8]) -> Slot {
        let is_beheaded = |field: &[u8]| match field {
            [0, rest @ ..] => Part::of(rest).is_some_and(|part| !part.shown.is_empty()),
            _ => false,
        };
        let is_empty = |field: &[u8]| is_zero(field);
        if (is_beheaded(line) && (is_beheaded(host) || is_empty(host)))
            || (is_beheaded(host) && is_empty(line))
        {
            return Slot::Lost(WIPED);
        }
        match (Part::of(line), Part::of(host)) {
            (Some(line), Some(_)) if is_line(line.shown) => Slot::Lost(CLEARED),
            _ => Slot::Impossible,
        }
    }
}

/// A text of a slot and the bytes after its NUL.
struct Part<'a> {
    shown: &'a [u8],
    /// Bits for bytes that are not printable ASCII.
    odd_bits: i32,
    has_residue: bool,
}

impl<'a> Part<'a> {
    /// Returns `None` if it has bytes that no text contains.
    fn of(field: &'a [u8]) -> Option<Part<'a>> {
        let shown = Text::new(field).as_bytes();
        let is_plain = shown.iter().all(|byte| (b' '..=b'~').contains(byte));
        let odd_bits = if is_plain { 0 } else { unprintable(shown)? };
        let rest = field.get(shown.len()..).unwrap_or_default();
        Some(Part { shown, odd_bits, has_residue: !is_zero(rest) })
    }

    fn residue(&self) -> i32 {
        match (self.has_residue, self.shown) {
            (false, _) => 0,
            (true, []) => EMPTY_WITH_RESIDUE,
            (true, _) => RESIDUE,
        }
    }
}
