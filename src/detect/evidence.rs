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
use crate::dialect::Rules;
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
            && Seen::of(layout, record).is_ok_and(|seen| seen.all() > CONTRADICTION)
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
        Seen::of(layout.own(record), record).ok().map(|seen| seen.all())
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
            Ok(seen) if seen.all() <= CONTRADICTION => return self.contradict(0),
            Ok(seen) => seen,
            Err(against) => return self.contradict(against),
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
        if let Ok(seen) = Seen::of(layout, tail) {
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

    /// If this can be no record of `layout`: what else speaks against it.
    fn of(layout: &Layout, record: &[u8]) -> Result<Seen, i32> {
        let mut seen = Seen::default();
        // Fields are padded with zeros; text that is not, is a text file.
        let mut possible = record.contains(&0);
        let mut against = 0i32;
        if layout.framing == Framing::LengthPrefixed {
            possible &= seen.trimmed(layout, record);
        }
        // Numbers first: they say no at once, and text is long.
        for field in layout.fields.iter().filter(|f| !is_text(f)) {
            let bits = seen.field(layout, field, record);
            possible &= bits.is_some();
            let bits = bits.unwrap_or(0);
            seen.add(bits);
            if matches!(field.role, Role::Session | Role::Reserved | Role::Padding) {
                against = bits.saturating_add(against);
            }
        }
        if !possible {
            return Err(against);
        }
        for field in layout.fields.iter().filter(|f| is_text(f)) {
            let bits = seen.field(layout, field, record).ok_or(against)?;
            seen.add(bits);
        }
        seen.add(seen.consistency(layout.dialect.rules));
        Ok(seen)
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

    /// Bits for one field; `None` if no record of the layout has such a one.
    fn field(&mut self, layout: &Layout, field: &Field, record: &[u8]) -> Option<i32> {
        let bytes = field.of_record(record);
        let int = || field.int_of(layout.endian, bytes);
        let database = layout.framing == Framing::Database;
        match field.role {
            Role::Type => ut_type(layout, int(), field.len),
            Role::Sec => {
                self.sec = int();
                self.years = seconds(self.sec, field.len, layout.is_lastlog())?;
                let printable = field.len == 4 && bytes.iter().all(|b| b' ' < *b && *b <= b'~');
                Some(if printable { LIKE_TEXT } else { 0 })
            }
            Role::Micros => {
                self.sec = Timestamp::from_micros(int() as u64).tv_sec;
                micros(self.sec)
            }
            Role::Usec => microseconds(int()),
            Role::Pid => process(int()),
            Role::Session => Some(session(int())),
            Role::User | Role::Line | Role::Host => {
                // lastlog and lastlogx are written from memory nobody cleared.
                let unclean = if layout.is_lastlog() { -1 } else { -6 };
                self.text(field.role, Text::new(bytes), unclean)
            }
            Role::SocketAddress if database => Some(0),
            Role::SocketAddress => socket(bytes),
            Role::HostLength => Some(host_length(layout, record, int())),
            Role::Reserved if !is_zero(bytes) => {
                self.reserved = true;
                Some(-12)
            }
            Role::Padding if !is_zero(bytes) => Some(-8),
            Role::AddrV4 | Role::AddrV6 => Some(address(bytes)),
            Role::Termination | Role::ExitStatus => Some(exit(int())),
            Role::Id if !layout.dialect.binary_id => Some(id(bytes)),
            Role::Id | Role::Reserved | Role::Padding => Some(0),
        }
    }

    /// FreeBSD writes no more than 197 bytes and never a zero at the end.
    fn trimmed(&mut self, layout: &Layout, record: &[u8]) -> bool {
        self.add(6);
        record.len() <= layout.size && record.last().is_some_and(|&b| b != 0)
    }

    fn text(&mut self, role: Role, text: Text<'_>, unclean: i32) -> Option<i32> {
        let shown = text.as_bytes();
        let mut bits = 0i32;
        if !is_zero(text.raw().get(shown.len()..).unwrap_or_default()) {
            self.residue = true;
            bits = unclean;
        }
        if shown.is_empty() {
            return Some(bits);
        }
        match role {
            Role::User => self.has_user = true,
            Role::Line => self.has_line = true,
            _ => self.has_host = true,
        }
        if !shown.iter().all(|b| (b' '..=b'~').contains(b)) {
            bits = bits.saturating_add(unprintable(shown)?);
        }
        if shown.len() == text.raw().len() {
            bits = bits.saturating_sub(3); // most names are shorter than their field
        }
        let familiar = match role {
            Role::Line => is_line(shown),
            Role::User => is_mark(shown),
            _ => false,
        };
        if familiar {
            self.familiar = true;
            bits = bits.saturating_add(if role == Role::Line { 8 } else { 6 });
        }
        Some(bits)
    }
}

/// Bits for the bytes of a text that are not printable ASCII.
fn unprintable(shown: &[u8]) -> Option<i32> {
    let control = shown.iter().filter(|b| b.is_ascii_control()).count();
    // One odd byte may be an attacker's; several are another field.
    if control > 2 && control.saturating_mul(4) > shown.len() {
        return None;
    }
    let bits = each(-8, control.min(3));
    if core::str::from_utf8(shown).is_ok() {
        return Some(bits);
    }
    let foreign = shown.iter().filter(|b| !b.is_ascii()).count();
    Some(bits.saturating_sub(each(2, foreign.min(8))))
}

/// Counts a record of which something is true.
fn count(counter: &mut u32, is_so: bool) {
    *counter = counter.saturating_add(u32::from(is_so));
}

fn is_text(field: &Field) -> bool {
    matches!(field.role, Role::User | Role::Line | Role::Host)
}
