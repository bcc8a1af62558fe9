//! Moments as last(1) writes them.

use std::io::Write as _;
use std::ops::Range;

use super::format::TimeFormat;
use crate::calendar::Civil;
use crate::digits::digits;
use crate::zone::{Offsets, Zone};

const DAY: i64 = 86_400;
/// Bytes of `Wed Aug 28 `.
const DATE: usize = 11;
const WEEKDAYS: [&[u8; 4]; 7] = [b"Thu ", b"Fri ", b"Sat ", b"Sun ", b"Mon ", b"Tue ", b"Wed "];
const MONTHS: [&[u8; 4]; 12] = [
    b"Jan ", b"Feb ", b"Mar ", b"Apr ", b"May ", b"Jun ", b"Jul ", b"Aug ", b"Sep ", b"Oct ",
    b"Nov ", b"Dec ",
];

/// Writes what a calendar and a clock in a zone show. Rows that follow one another are mostly
/// of one day, whose date is worked out once.
#[derive(Debug)]
pub(super) struct Stamps {
    offsets: Offsets,
    /// All of a day, or what of it is before or after a change of the clock.
    today: Range<i64>,
    /// When the clock showed 00:00, or would have without that change.
    midnight: i64,
    /// `Wed Aug 28 ` of that day, and room for the clock.
    date: [u8; 16],
    /// ` 2013`
    year: Vec<u8>,
    /// `2013-08-28T`
    iso: Vec<u8>,
    /// `+02:00`
    east: [u8; 6],
}

impl Stamps {
    pub(super) fn new(zone: &Zone) -> Stamps {
        Stamps {
            offsets: zone.offsets(),
            today: 0..0,
            midnight: 0,
            date: [0; 16],
            year: Vec::new(),
            iso: Vec::new(),
            east: [b' '; 6],
        }
    }

    /// `Wed Aug 28 13:00`, if a calendar has it.
    #[inline(always)]
    pub(super) fn short(&mut self, seconds: i64) -> Option<[u8; 16]> {
        if !self.today.contains(&seconds) {
            self.turn_to(seconds)?;
        }
        let clock = clock(seconds.wrapping_sub(self.midnight))?;
        let stamp = u128::from_le_bytes(self.date) | u128::from(clock) << (8 * DATE);
        Some(stamp.to_le_bytes())
    }

    /// A date and a time, as ctime(3) writes them, without the year or with it, or as ISO
    /// 8601; seconds since 1970 where no calendar has them.
    pub(super) fn push(&mut self, out: &mut Vec<u8>, seconds: i64, times: TimeFormat) {
        let Some(short) = self.short(seconds) else {
            // A Vec takes everything.
            let _ = write!(out, "@{seconds}");
            return;
        };
        let second = seconds - self.midnight;
        match times {
            TimeFormat::Notime => {}
            TimeFormat::Short => out.extend_from_slice(&short),
            TimeFormat::Full => {
                out.extend_from_slice(self.date.first_chunk::<DATE>().unwrap_or(&[b' '; DATE]));
                push_clock(out, second);
                out.extend_from_slice(&self.year);
            }
            TimeFormat::Iso => {
                out.extend_from_slice(&self.iso);
                push_clock(out, second);
                out.extend_from_slice(&self.east);
            }
        }
    }

    /// `hh:mm` as [`clock`], if a calendar has it.
    #[inline(always)]
    pub(super) fn minutes(&mut self, seconds: i64) -> Option<u64> {
        match self.today.contains(&seconds) {
            true => clock(seconds.wrapping_sub(self.midnight)),
            false => self.minutes_of_another_day(seconds),
        }
    }

    #[inline(never)]
    fn minutes_of_another_day(&mut self, seconds: i64) -> Option<u64> {
        let east = self.offsets.east(seconds)?;
        clock(seconds.saturating_add(east.into()).rem_euclid(DAY))
    }

    #[cold]
    fn turn_to(&mut self, seconds: i64) -> Option<()> {
        let east = self.offsets.east(seconds)?;
        let Range { start, end } = self.offsets.span();
        let local = seconds.saturating_add(east.into());
        self.midnight = seconds.saturating_sub(local.rem_euclid(DAY));
        self.today = self.midnight.max(start)..self.midnight.saturating_add(DAY).min(end);

        let Civil { year, month, day: of_month, .. } = Civil::of(local);
        let weekday = WEEKDAYS.get(usize::try_from(local.div_euclid(DAY).rem_euclid(7)).ok()?)?;
        let name = MONTHS.get(usize::try_from(month - 1).ok()?)?;
        let [a, b, c, d] = **weekday;
        let [e, f, g, h] = **name;
        let [tens, ones] = digits(u32::try_from(of_month).unwrap_or_default());
        let tens = if tens == b'0' { b' ' } else { tens };
        self.date = [a, b, c, d, e, f, g, h, tens, ones, b' ', 0, 0, 0, 0, 0];
        self.year.clear();
        self.iso.clear();
        // A Vec takes everything.
        let _ = write!(self.year, " {year}");
        let _ = write!(self.iso, "{year:04}-{month:02}-{of_month:02}T");
        let sign = if east < 0 { b'-' } else { b'+' };
        let [h, i] = digits(east.unsigned_abs() / 3600);
        let [m, n] = digits(east.unsigned_abs() / 60 % 60);
        self.east = [sign, h, i, b':', m, n];
        Some(())
    }
}

/// `hh:mm:ss` of a second of a day.
#[inline]
fn push_clock(out: &mut Vec<u8>, second: i64) {
    let [h, i, colon, m, n, ..] = clock(second).unwrap_or(UNKNOWN).to_le_bytes();
    let [s, t] = digits((second % 60) as u32);
    out.extend_from_slice(&[h, i, colon, m, n, b':', s, t]);
}

/// So many seconds as `hh:mm` and three NULs, the first byte lowest, if that is less than a
/// day.
#[inline]
pub(super) fn clock(seconds: i64) -> Option<u64> {
    let minute = u32::try_from(seconds).ok()? / 60;
    MINUTES.get(minute as usize).copied()
}

const UNKNOWN: u64 = u64::from_le_bytes(*b"??:??\0\0\0");

/// Those of a day.
static MINUTES: [u64; 1440] = {
    let mut clock = [0; 1440];
    let mut rest: &mut [u64] = &mut clock;
    let mut minute = 0;
    while let [first, tail @ ..] = rest {
        let (hours, minutes) = (minute / 60, minute % 60);
        let (h, i) = (b'0' + (hours / 10) as u8, b'0' + (hours % 10) as u8);
        let (m, n) = (b'0' + (minutes / 10) as u8, b'0' + (minutes % 10) as u8);
        *first = u64::from_le_bytes([h, i, b':', m, n, 0, 0, 0]);
        minute += 1;
        rest = tail;
    }
    clock
};

#[cfg(test)]
mod tests {
    use super::*;

    /// jiff's own printer is the other opinion.
    #[test]
    fn stamps_are_those_of_the_calendar() {
        for name in ["UTC", "America/Los_Angeles", "Asia/Kolkata", "-09:30", "Antarctica/Troll"] {
            let zone = Zone::parse(name).unwrap();
            let mut stamps = Stamps::new(&zone);
            // Back and forth, across changes of the clock and the ends of years.
            let around = [1_678_615_200, 1_699_174_800, 1_703_980_800, 0, -86_400 * 366 * 80];
            for seconds in around.iter().flat_map(|at| (-30..30).map(move |n| at + n * 1800)) {
                let civil = zone.local(seconds).unwrap();
                let mut push = |times| {
                    let mut out = Vec::new();
                    stamps.push(&mut out, seconds, times);
                    String::from_utf8(out).unwrap()
                };
                let full = civil.civil.strftime("%a %b %e %H:%M:%S %Y").to_string();
                assert_eq!(push(TimeFormat::Full), full);
                assert_eq!(push(TimeFormat::Short), full[..16]);
                let iso = civil.civil.strftime("%Y-%m-%dT%H:%M:%S").to_string();
                assert_eq!(push(TimeFormat::Iso)[..19], iso);
                assert_eq!(
                    stamps.minutes(seconds).unwrap().to_le_bytes()[..5],
                    full.as_bytes()[11..16]
                );
            }
        }
        let mut stamps = Stamps::new(&Zone::utc());
        let mut out = Vec::new();
        stamps.push(&mut out, i64::MIN, TimeFormat::Iso);
        assert_eq!(out, b"@-9223372036854775808");
        assert_eq!(stamps.minutes(i64::MAX), None);
    }
}
