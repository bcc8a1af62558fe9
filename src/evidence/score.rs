//! How well one layout explains some records, in bits.
//!
//! A layout earns a bit whenever it makes the bytes half as surprising: text that names a terminal,
//! a type the platform defines, a time near the one before. Zero bytes fit every layout and earn
//! nothing; neither does plain text, which every wrong layout reads as well. Bytes that no intact
//! record has cost bits. Values that no record can have (an undefined type, the year 2500) rule the
//! layout out for that record, but not for the file: half of the file may be damaged.

use crate::container::Container;
use crate::entry::Entry;
use crate::evidence::weights::{
    BEFORE_1975, CONTRADICTION, address, each, exit, host_length, id, is_line, is_mark, micros,
    microseconds, process, seconds, session, socket, ut_type,
};
use crate::layout::field::{Field, Role};
use crate::layout::{KeyFields, Layout};
use crate::platform::EventRules;
use crate::scan::is_zero;
use crate::value::address::Address;
use crate::value::text::Text;
use crate::value::timestamp::Timestamp;

/// Observations summed over records.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Evidence {
    /// Evidence for the layout minus evidence against it, in bits.
    pub(crate) bits: i32,
    /// Records that could be ones of this layout, and that could not.
    pub(crate) fitting: u32,
    pub(crate) contradicting: u32,
    /// Records with a well-known name as line or user.
    pub(crate) known_names: u32,
    /// Records of another layout that occur in such files.
    pub(crate) variants: u32,
    /// Records with bytes after a NUL; the next field counts those with reserved bytes set.
    pub(crate) residue: u32,
    pub(crate) reserved: u32,
    /// Fitting records whose time is within a month of the one before.
    pub(crate) continuous: u32,
    earlier: Option<i64>,
    before_1975: bool,
}

const CUT: i32 = -5;
const CUT_OFF_ZEROS: i32 = -8;
const CUT_OFF_UNUSED: i32 = -2;
const UNUSED_END: i32 = -4;
const DAY: i64 = 86_400;
/// Penalty for a 32-bit time that could be four letters, as one time in twenty could.
const LIKE_TEXT: i32 = -4;

impl Evidence {
    /// Returns whether `record` could be of `layout`.
    pub(crate) fn fits(layout: &'static Layout, record: &[u8]) -> bool {
        let layout = layout.format_of(record);
        layout.key_fields.is_known(layout.endian, record)
            && Evidence::has_numbers(layout, record)
            && RecordScore::of(layout, record).is_some_and(|seen| seen.all() > CONTRADICTION)
    }

    /// Returns whether the numbers of `record` are possible for `layout`.
    pub(crate) fn has_numbers(layout: &Layout, record: &[u8]) -> bool {
        let KeyFields { sec, usec, micros: time, .. } = layout.key_fields;
        let int = |field: &Field| field.int(layout.endian, record);
        let is_time = |field: &Field| seconds(int(field), field.len, false).is_some();
        let is_usec = |field: &Field| (0..1_000_000).contains(&int(field));
        let is_micros =
            |field: &Field| micros(Timestamp::from_micros(int(field) as u64).tv_sec).is_some();
        sec.is_none_or(is_time) && usec.is_none_or(is_usec) && time.is_none_or(is_micros)
    }

    /// Returns whether the numbers of `record` are possible for `layout`, and its time is set.
    #[cfg(feature = "std")]
    pub(crate) fn has_time(layout: &Layout, record: &[u8]) -> bool {
        let KeyFields { sec, micros, .. } = layout.key_fields;
        let is_set = |field: &Field| !is_zero(field.of_record(record));
        sec.or(micros).is_some_and(is_set) && Evidence::has_numbers(layout, record)
    }

    /// Returns how well `record` alone reads as one of `layout`, in bits; `None` if it cannot be
    /// one.
    pub(crate) fn of_one(layout: &'static Layout, record: &[u8]) -> Option<i32> {
        RecordScore::of(layout.format_of(record), record).map(|seen| seen.all())
    }

    /// Adds the evidence of `record` for or against `layout`.
    pub(crate) fn add(&mut self, layout: &'static Layout, record: &[u8]) {
        let own = match layout.has_variants {
            true => (layout.variant)(record),
            false => None,
        };
        if layout.container == Container::BerkeleyHash && record.len() != layout.size {
            return self.contradict(0); // a value of another version, or no record
        }
        count(&mut self.variants, own.is_some());
        let layout = own.unwrap_or(layout);
        let seen = match RecordScore::of(layout, record) {
            // As surprising as noise: of another layout, or damaged beyond recognition.
            Some(seen) if seen.all() <= CONTRADICTION => return self.contradict(0),
            Some(seen) => seen,
            None => return self.contradict(RecordScore::against(layout, record)),
        };
        count(&mut self.fitting, true);
        // The years of a file are one fact, however many records confirm it.
        let years = if self.earlier.is_none() { seen.years } else { seen.years.min(0) };
        let years = if self.before_1975 && seen.years == BEFORE_1975 { 0 } else { years };
        self.before_1975 |= seen.years == BEFORE_1975;
        let continuity = self.continuity(seen.sec);
        self.add_bits(seen.bits.saturating_add(years).saturating_add(continuity));
        count(&mut self.known_names, seen.known_names);
        count(&mut self.residue, seen.residue);
        count(&mut self.reserved, seen.reserved);
    }

    /// Returns the number of records examined.
    pub(crate) fn looked_at(&self) -> u32 {
        self.fitting.saturating_add(self.contradicting)
    }

    /// Returns whether enough records fit for the rest to be damage.
    pub(crate) fn is_enough(&self, layout: &Layout) -> bool {
        // Lengths that lead from record to record leave no room for noise.
        let factor = if layout.container == Container::LengthPrefixed { 4 } else { 1 };
        self.contradicting.saturating_mul(factor) <= self.fitting && self.fitting > 0
    }

    /// Returns whether records without a type contain hardly any known terminal.
    pub(crate) fn lacks_known_lines(&self, layout: &Layout) -> bool {
        layout.platform.ut_types.is_empty()
            && layout.container != Container::BerkeleyHash
            && self.known_names.saturating_mul(4) < self.fitting
    }

    /// Adds the evidence of the bytes after the last whole record: the beginning of another record,
    /// or not.
    pub(crate) fn add_tail(&mut self, layout: &'static Layout, tail: &[u8]) {
        // A file is hardly ever cut within a record. A record seldom starts with zeros: more likely
        // they belong to the record before. Slots of a lastlog often do.
        self.add_bits(match layout.container {
            Container::Array if is_zero(tail) && tail.len() > 16 => 2 * CUT_OFF_ZEROS,
            Container::Array if is_zero(tail) => CUT_OFF_ZEROS,
            _ if is_zero(tail) => CUT_OFF_UNUSED,
            _ => CUT,
        });
        if let Some(seen) = RecordScore::of(layout, tail) {
            self.add_bits(seen.all().max(0));
        }
    }

    /// Adds the evidence of an unused last slot: a lastlog grows when a user logs in, so it ends
    /// with a used slot.
    pub(crate) fn add_unused_end(&mut self) {
        self.add_bits(UNUSED_END);
    }

    /// Counts a record that cannot be one: its padding still distinguishes layouts.
    fn contradict(&mut self, against: i32) {
        count(&mut self.contradicting, true);
        self.add_bits(CONTRADICTION.saturating_add(against.clamp(CONTRADICTION, 0)));
    }

    fn add_bits(&mut self, bits: i32) {
        self.bits = self.bits.saturating_add(bits);
    }

    /// Returns the evidence of the time's distance from the one before: times in one file are close
    /// together, and jump if read in the wrong byte order.
    fn continuity(&mut self, now: i64) -> i32 {
        let Some(earlier) = self.earlier.replace(now).filter(|_| now != 0) else { return 0 };
        count(&mut self.continuous, now.saturating_sub(earlier).saturating_abs() <= 30 * DAY);
        gap(earlier, now)
    }
}

/// Returns the evidence of two times in a row.
pub(crate) fn gap(earlier: i64, now: i64) -> i32 {
    // Most files are histories; in the others the order is random.
    let order: i32 = if now >= earlier { 1 } else { -2 };
    order.saturating_add(match now.saturating_sub(earlier).saturating_abs() {
        gap if gap <= DAY => 10,
        gap if gap <= 30 * DAY => 6,
        gap if gap <= 366 * DAY => 3,
        gap if gap <= 20 * 366 * DAY => 0,
        _ => -3,
    })
}

/// The evidence of one record.
#[derive(Default)]
struct RecordScore {
    bits: i32,
    /// Its time, and the evidence of the year.
    sec: i64,
    years: i32,
    /// Whether texts are not empty.
    has_user: bool,
    has_line: bool,
    has_host: bool,
    known_names: bool,
    residue: bool,
    reserved: bool,
}

impl RecordScore {
    /// Returns the evidence of all fields.
    fn all(&self) -> i32 {
        self.bits.saturating_add(self.years)
    }

    fn add(&mut self, bits: i32) {
        self.bits = self.bits.saturating_add(bits);
    }

    /// Returns `None` if this cannot be a record of `layout`.
    fn of(layout: &Layout, record: &[u8]) -> Option<RecordScore> {
        let mut seen = RecordScore::default();
        // Fields are padded with zeros; bytes without any are a text file.
        if Text::new(record).as_bytes().len() == record.len() {
            return None;
        }
        if layout.container == Container::LengthPrefixed {
            seen.trimmed(layout, record)?;
        }
        let entry = layout.decode(record);
        // Numbers first: they rule most records out at once, and texts are long.
        seen.numbers(layout, &entry, record)?;
        // lastlog and lastlogx are written from uncleared memory.
        let unclean = if layout.is_lastlog() { -1 } else { -6 };
        seen.text(Role::Line, entry.ut_line, unclean)?;
        seen.text(Role::User, entry.ut_user, unclean)?;
        seen.text(Role::Host, entry.ut_host, unclean)?;
        seen.add(if layout.platform.binary_id { 0 } else { id(entry.ut_id.raw()) });
        seen.gaps(layout, &entry, record);
        seen.add(seen.consistency(layout.platform.rules));
        Some(seen)
    }

    /// Returns the evidence against `layout` from a record that cannot be one: fields that are
    /// zero, or nearly, in any valid record.
    fn against(layout: &Layout, record: &[u8]) -> i32 {
        let mut seen = RecordScore::default();
        for field in layout.key_fields.gaps(layout.fields) {
            seen.gap(field, field.of_record(record));
        }
        let number = layout.field(Role::Session).map(|field| field.int(layout.endian, record));
        seen.bits.saturating_add(number.map_or(0, session))
    }

    /// Returns the evidence of the fields together.
    fn consistency(&self, rules: EventRules) -> i32 {
        match rules {
            // A used slot has a terminal.
            EventRules::Lastlog if !self.has_line => -6,
            EventRules::Bsd if !self.has_line => -12,
            EventRules::Bsd if !self.has_user && self.has_host => -6,
            _ => 0,
        }
    }

    /// Scores type, time, process, status and address.
    fn numbers(&mut self, layout: &Layout, entry: &Entry<'_>, record: &[u8]) -> Option<()> {
        let key_fields = &layout.key_fields;
        if let Some(raw_type) = entry.raw_type {
            self.add(ut_type(layout.platform.ut_type(raw_type), key_fields.type_len())?);
        }
        self.sec = entry.ut_tv.tv_sec;
        if let Some(field) = key_fields.sec {
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
            Address::Socket(bytes) if layout.container != Container::BerkeleyHash => socket(bytes)?,
            Address::Socket(_) | Address::Absent => 0,
        });
        Some(())
    }

    /// Scores padding and reserved bytes.
    fn gaps(&mut self, layout: &Layout, entry: &Entry<'_>, record: &[u8]) {
        for field in layout.key_fields.gaps(layout.fields) {
            self.gap(field, field.of_record(record));
        }
        if let Some(field) = layout.key_fields.host_length {
            self.add(host_length(entry.ut_host, field.int(layout.endian, record)));
        }
    }

    /// Scores bytes that are kept zero, or left uncleared.
    fn gap(&mut self, field: &Field, bytes: &[u8]) {
        if !is_zero(bytes) {
            self.reserved |= field.role == Role::Reserved;
            self.add(if field.role == Role::Reserved { -12 } else { -8 });
        }
    }

    /// Rules out untrimmed records: FreeBSD writes no more than 197 bytes and never a zero at the
    /// end.
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
        let known_names = match role {
            Role::Line if is_line(shown) => 8,
            Role::User if is_mark(shown) => 6,
            _ => 0,
        };
        self.known_names |= known_names > 0;
        self.add(known_names);
        Some(())
    }
}

/// Returns the bits for the bytes of a text that are not printable ASCII; `None` if there are too
/// many.
pub(crate) fn unprintable(shown: &[u8]) -> Option<i32> {
    let control = count_bytes(shown, |byte| byte.is_ascii_control());
    // One such byte may be an attacker's; several are another field.
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

/// Returns how many bytes satisfy `is`, sixteen at a time: the count of a short piece fits a byte.
fn count_bytes(bytes: &[u8], is: impl Fn(u8) -> bool) -> usize {
    let count = |piece: &[u8]| piece.iter().fold(0u8, |n, &byte| n.wrapping_add(is(byte).into()));
    bytes.chunks(128).map(|piece| usize::from(count(piece))).sum()
}

/// Increments `counter` if the condition is true.
fn count(counter: &mut u32, is_so: bool) {
    *counter = counter.saturating_add(u32::from(is_so));
}
