//! How well one layout explains some records, in bits.
//!
//! A reading earns a bit whenever it makes the bytes half as surprising: text that
//! names a terminal, a type the platform defines, a time near the one before. Bytes
//! that are zero fit everything and earn nothing, nor does plain text: every wrong
//! layout has those too. What no healthy record holds costs bits; what no record can
//! hold (a type that does not exist, a year 2500) rules the reading out for that
//! record, not for the file: half a file may be damaged.

use super::weights::{
    CONTRADICTION, YOUNG, address, each, exit, host_length, id, is_line, is_mark, micros,
    microseconds, process, seconds, session, socket, ut_type,
};
use crate::address::Address;
use crate::dialect::Rules;
use crate::entry::Entry;
use crate::field::{Field, Role};
use crate::frame::{Framing, is_zero};
use crate::layout::{Layout, Outline};
use crate::text::Text;
use crate::timestamp::Timestamp;

/// What was seen, summed over records.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Evidence {
    /// For minus against, in bits.
    pub(super) bits: i32,
    /// Records that could be ones of this layout, and that could not.
    pub(super) fitting: u32,
    pub(super) contradicting: u32,
    /// Records whose line or user is one the field knows.
    pub(super) familiar: u32,
    /// Records of another layout that lie in such files.
    pub(super) variants: u32,
    /// Records with bytes behind a NUL, and with reserved bytes set.
    pub(super) residue: u32,
    pub(super) reserved: u32,
    /// Fitting records whose time is within a month of the one before.
    pub(super) continuous: u32,
    earlier: Option<i64>,
    young: bool,
}

const CUT: i32 = -5;
const CUT_OFF_ZEROS: i32 = -8;
const CUT_OFF_UNUSED: i32 = -2;
const UNUSED_END: i32 = -4;
const DAY: i64 = 86_400;
/// For a 32-bit time that could be four letters, as one in twenty is.
const LIKE_TEXT: i32 = -4;

impl Evidence {
    /// Whether `record` could be one of `layout`.
    pub(super) fn fits(layout: &'static Layout, record: &[u8]) -> bool {
        let layout = layout.own(record);
        layout.outline.is_known(layout.endian, record)
            && Evidence::has_numbers(layout, record)
            && Seen::of(layout, record).is_some_and(|seen| seen.all() > CONTRADICTION)
    }

    /// Whether the numbers of `record` can be those of one of `layout`.
    pub(super) fn has_numbers(layout: &Layout, record: &[u8]) -> bool {
        let Outline { sec, usec, micros: time, .. } = layout.outline;
        let int = |field: &Field| field.int(layout.endian, record);
        let is_time = |field: &Field| seconds(int(field), field.len, false).is_some();
        let is_usec = |field: &Field| (0..1_000_000).contains(&int(field));
        let is_micros =
            |field: &Field| micros(Timestamp::from_micros(int(field) as u64).tv_sec).is_some();
        sec.is_none_or(is_time) && usec.is_none_or(is_usec) && time.is_none_or(is_micros)
    }

    /// How well `record` alone reads as one of `layout`, in bits; `None` if it cannot be
    /// one at all.
    pub(super) fn of_one(layout: &'static Layout, record: &[u8]) -> Option<i32> {
        Seen::of(layout.own(record), record).map(|seen| seen.all())
    }

    /// Adds what `record` says for or against `layout`.
    pub(super) fn add(&mut self, layout: &'static Layout, record: &[u8]) {
        let own = match layout.has_variants {
            true => (layout.variant)(record),
            false => None,
        };
        if layout.framing == Framing::Database && record.len() != layout.size {
            return self.contradict(0); // a value of another version, or none
        }
        count(&mut self.variants, own.is_some());
        let layout = own.unwrap_or(layout);
        let seen = match Seen::of(layout, record) {
            // As surprising as noise: it is not this layout's, or damaged beyond telling.
            Some(seen) if seen.all() <= CONTRADICTION => return self.contradict(0),
            Some(seen) => seen,
            None => return self.contradict(Seen::against(layout, record)),
        };
        count(&mut self.fitting, true);
        // In which years the file lies is one fact, however many records say it.
        let years = if self.earlier.is_none() { seen.years } else { seen.years.min(0) };
        let years = if self.young && seen.years == YOUNG { 0 } else { years };
        self.young |= seen.years == YOUNG;
        let continuity = self.continuity(seen.sec);
        self.add_bits(seen.bits.saturating_add(years).saturating_add(continuity));
        count(&mut self.familiar, seen.familiar);
        count(&mut self.residue, seen.residue);
        count(&mut self.reserved, seen.reserved);
    }

    /// Whether so many records fit that the rest may be damage.
    pub(super) fn is_enough(&self, layout: &Layout) -> bool {
        // Lengths that lead from record to record leave no room for noise.
        let factor = if layout.framing == Framing::LengthPrefixed { 4 } else { 1 };
        self.contradicting.saturating_mul(factor) <= self.fitting && self.fitting > 0
    }

    /// Whether records without a type name hardly any terminal that is known.
    pub(super) fn is_strange(&self, layout: &Layout) -> bool {
        layout.dialect.ut_types.is_empty()
            && layout.framing != Framing::Database
            && self.familiar.saturating_mul(4) < self.fitting
    }

    /// Adds what the bytes behind the last whole record say: the beginning of one more,
    /// or something that is none.
    pub(super) fn add_tail(&mut self, layout: &'static Layout, tail: &[u8]) {
        // A file is hardly ever cut inside a record. A record seldom starts with zeros:
        // more likely they belong to the record before. Slots of a lastlog often do.
        self.add_bits(match layout.framing {
            Framing::Fixed if is_zero(tail) && tail.len() > 16 => 2 * CUT_OFF_ZEROS,
            Framing::Fixed if is_zero(tail) => CUT_OFF_ZEROS,
            _ if is_zero(tail) => CUT_OFF_UNUSED,
            _ => CUT,
        });
        if let Some(seen) = Seen::of(layout, tail) {
            self.add_bits(seen.all().max(0));
        }
    }

    /// A lastlog grows when somebody logs in, so it ends with a slot in use.
    pub(super) fn add_unused_end(&mut self) {
        self.add_bits(UNUSED_END);
    }

    /// Even a record that cannot be tells layouts apart by what lies in its padding.
    fn contradict(&mut self, against: i32) {
        count(&mut self.contradicting, true);
        self.add_bits(CONTRADICTION.saturating_add(against.clamp(CONTRADICTION, 0)));
    }

    fn add_bits(&mut self, bits: i32) {
        self.bits = self.bits.saturating_add(bits);
    }

    /// Times of one file are near each other: read in the wrong byte order they jump.
    fn continuity(&mut self, now: i64) -> i32 {
        let Some(earlier) = self.earlier.replace(now).filter(|_| now != 0) else { return 0 };
        count(&mut self.continuous, now.saturating_sub(earlier).saturating_abs() <= 30 * DAY);
        gap(earlier, now)
    }
}

/// What the times of two records in a row say.
pub(super) fn gap(earlier: i64, now: i64) -> i32 {
    // Most files are histories; in those that are not it is even either way.
    let order: i32 = if now >= earlier { 1 } else { -2 };
    order.saturating_add(match now.saturating_sub(earlier).saturating_abs() {
        gap if gap <= DAY => 10,
        gap if gap <= 30 * DAY => 6,
        gap if gap <= 366 * DAY => 3,
        gap if gap <= 20 * 366 * DAY => 0,
        _ => -3,
    })
}

/// One record.
#[derive(Default)]
struct Seen {
    bits: i32,
    /// Its time, and what the year of that says.
    sec: i64,
    years: i32,
    /// Which of its texts are not empty.
    has_user: bool,
    has_line: bool,
    has_host: bool,
    familiar: bool,
    residue: bool,
    reserved: bool,
}

impl Seen {
    /// What all of it says.
    fn all(&self) -> i32 {
        self.bits.saturating_add(self.years)
    }

    fn add(&mut self, bits: i32) {
        self.bits = self.bits.saturating_add(bits);
    }

    /// `None` if this can be no record of `layout`.
    fn of(layout: &Layout, record: &[u8]) -> Option<Seen> {
        let mut seen = Seen::default();
        // Fields are padded with zeros; text that is not, is a text file.
        if Text::new(record).as_bytes().len() == record.len() {
            return None;
        }
        if layout.framing == Framing::LengthPrefixed {
            seen.trimmed(layout, record)?;
        }
        let entry = layout.entry(record);
        // Numbers first: they say no at once, and text is long.
        seen.numbers(layout, &entry, record)?;
        // lastlog and lastlogx are written from memory nobody cleared.
        let unclean = if layout.is_lastlog() { -1 } else { -6 };
        seen.text(Role::Line, entry.ut_line, unclean)?;
        seen.text(Role::User, entry.ut_user, unclean)?;
        seen.text(Role::Host, entry.ut_host, unclean)?;
        seen.add(if layout.dialect.binary_id { 0 } else { id(entry.ut_id.raw()) });
        seen.gaps(layout, &entry, record);
        seen.add(seen.consistency(layout.dialect.rules));
        Some(seen)
    }

    /// What speaks against `layout` in a record that can be none: fields that are zero, or
    /// nearly, wherever they are.
    fn against(layout: &Layout, record: &[u8]) -> i32 {
        let mut seen = Seen::default();
        for field in layout.outline.gaps(layout.fields) {
            seen.gap(field, field.of_record(record));
        }
        let number = layout.field(Role::Session).map(|field| field.int(layout.endian, record));
        seen.bits.saturating_add(number.map_or(0, session))
    }

    /// What the fields say together.
    fn consistency(&self, rules: Rules) -> i32 {
        match rules {
            // A used slot names a terminal.
            Rules::Lastlog if !self.has_line => -6,
            Rules::Bsd if !self.has_line => -12,
            Rules::Bsd if !self.has_user && self.has_host => -6,
            _ => 0,
        }
    }

    /// Type, time, process, status, address.
    fn numbers(&mut self, layout: &Layout, entry: &Entry<'_>, record: &[u8]) -> Option<()> {
        let outline = &layout.outline;
        if let Some(raw_type) = entry.raw_type {
            self.add(ut_type(layout.dialect.ut_type(raw_type), outline.type_len())?);
        }
        self.sec = entry.ut_tv.tv_sec;
        if let Some(field) = outline.sec {
            self.years = seconds(self.sec, field.len, layout.is_lastlog())?;
            let is_text = || field.of_record(record).iter().all(|b| b' ' < *b && *b <= b'~');
            self.add(if field.len == 4 && is_text() { LIKE_TEXT } else { 0 });
            self.add(microseconds(entry.ut_tv.tv_usec)?);
        } else {
            self.add(micros(self.sec)?);
        }
        self.add(entry.ut_pid.map_or(Some(0), process)?);
        self.add(entry.ut_session.map_or(0, session));
        if let Some(status) = entry.ut_exit {
            self.add(exit(status.e_termination));
            self.add(exit(status.e_exit));
        }
        self.add(match entry.ut_addr {
            Address::V4(bytes) | Address::V6(bytes) => address(bytes),
            Address::Socket(bytes) if layout.framing != Framing::Database => socket(bytes)?,
            Address::Socket(_) | Address::Absent => 0,
        });
        Some(())
    }

    /// What an entry does not have.
    fn gaps(&mut self, layout: &Layout, entry: &Entry<'_>, record: &[u8]) {
        for field in layout.outline.gaps(layout.fields) {
            self.gap(field, field.of_record(record));
        }
        if let Some(field) = layout.outline.host_length {
            self.add(host_length(entry.ut_host, field.int(layout.endian, record)));
        }
    }

    /// Bytes that are kept zero, or left alone.
    fn gap(&mut self, field: &Field, bytes: &[u8]) {
        if !is_zero(bytes) {
            self.reserved |= field.role == Role::Reserved;
            self.add(if field.role == Role::Reserved { -12 } else { -8 });
        }
    }

    /// FreeBSD writes no more than 197 bytes and never a zero at the end.
    fn trimmed(&mut self, layout: &Layout, record: &[u8]) -> Option<()> {
        self.add(6);
        (record.len() <= layout.size && record.last().is_some_and(|&b| b != 0)).then_some(())
    }

    fn text(&mut self, role: Role, text: Text<'_>, unclean: i32) -> Option<()> {
        let (shown, rest) = text.raw().split_at_checked(text.as_bytes().len())?;
        if !is_zero(rest) {
            self.residue = true;
            self.add(unclean);
        }
        if shown.is_empty() {
            return Some(());
        }
        match role {
            Role::User => self.has_user = true,
            Role::Line => self.has_line = true,
            _ => self.has_host = true,
        }
        if !shown.iter().all(|b| (b' '..=b'~').contains(b)) {
            self.add(unprintable(shown)?);
        }
        if rest.is_empty() {
            self.add(-3); // most names are shorter than their field
        }
        let familiar = match role {
            Role::Line if is_line(shown) => 8,
            Role::User if is_mark(shown) => 6,
            _ => 0,
        };
        self.familiar |= familiar > 0;
        self.add(familiar);
        Some(())
    }
}

/// Bits for the bytes of a text that are not printable ASCII.
fn unprintable(shown: &[u8]) -> Option<i32> {
    let control = count_bytes(shown, |byte| byte.is_ascii_control());
    // One odd byte may be an attacker's; several are another field.
    if control > 2 && control.saturating_mul(4) > shown.len() {
        return None;
    }
    let bits = each(-8, control.min(3));
    if core::str::from_utf8(shown).is_ok() {
        return Some(bits);
    }
    let foreign = count_bytes(shown, |byte| !byte.is_ascii());
    Some(bits.saturating_sub(each(2, foreign.min(8))))
}

/// How many bytes are such ones, sixteen at a time: the count of a short piece fits a byte.
fn count_bytes(bytes: &[u8], is: impl Fn(u8) -> bool) -> usize {
    let count = |piece: &[u8]| piece.iter().fold(0u8, |n, &byte| n.wrapping_add(is(byte).into()));
    bytes.chunks(128).map(|piece| usize::from(count(piece))).sum()
}

/// Counts a record of which something is true.
fn count(counter: &mut u32, is_so: bool) {
    *counter = counter.saturating_add(u32::from(is_so));
}
