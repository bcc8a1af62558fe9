//! Moments as last(1) writes them.

use std::io::Write as _;

use super::format::TimeFormat;
use crate::calendar::Civil;
use crate::digits::digits;
use crate::zone::{Offsets, Zone};

const DAY: i64 = 86_400;
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
    day: i64,
    /// `Wed Aug 28 ` of that day.
    date: [u8; 11],
    /// ` 2013`
    year: Vec<u8>,
    /// `2013-08-28T`
    iso: Vec<u8>,
}

impl Stamps {
    pub(super) fn new(zone: &Zone) -> Stamps {
        let (year, iso) = (Vec::new(), Vec::new());
        let mut stamps = Stamps { offsets: zone.offsets(), day: 0, date: [b' '; 11], year, iso };
        stamps.turn_to(0);
        stamps
    }

    /// A date and a time, as ctime(3) writes them, without the year or with it, or as ISO
    /// 8601; seconds since 1970 where no calendar has them.
    #[inline]
    pub(super) fn push(&mut self, out: &mut Vec<u8>, seconds: i64, times: TimeFormat) {
        let Some((day, second, east)) = self.local(seconds) else {
            // A Vec takes everything.
            let _ = write!(out, "@{seconds}");
            return;
        };
        if day != self.day {
            self.turn_to(day);
        }
        match times {
            TimeFormat::Notime => {}
            TimeFormat::Short => {
                out.extend_from_slice(&self.date);
                out.extend_from_slice(&minutes(second));
            }
            TimeFormat::Full => {
                out.extend_from_slice(&self.date);
                clock(out, second);
                out.extend_from_slice(&self.year);
            }
            TimeFormat::Iso => {
                out.extend_from_slice(&self.iso);
                clock(out, second);
                let sign = if east < 0 { b'-' } else { b'+' };
                let [h, i] = digits(east.unsigned_abs() / 3600);
                let [m, n] = digits(east.unsigned_abs() / 60 % 60);
                out.extend_from_slice(&[sign, h, i, b':', m, n]);
            }
        }
    }

    /// `hh:mm`, if a calendar has it.
    #[inline]
    pub(super) fn minutes(&mut self, seconds: i64) -> Option<[u8; 5]> {
        let (_, second, _) = self.local(seconds)?;
        Some(minutes(second))
    }

    /// The day and its second that clocks show, and how far they are east of Greenwich.
    #[inline]
    fn local(&mut self, seconds: i64) -> Option<(i64, u32, i32)> {
        let east = self.offsets.east(seconds)?;
        let local = seconds.saturating_add(east.into());
        let second = u32::try_from(local.rem_euclid(DAY)).unwrap_or_default();
        Some((local.div_euclid(DAY), second, east))
    }

    #[cold]
    fn turn_to(&mut self, day: i64) {
        let Civil { year, month, day: of_month, .. } = Civil::of(day.saturating_mul(DAY));
        let weekday = WEEKDAYS.get(usize::try_from(day.rem_euclid(7)).unwrap_or_default());
        let name = MONTHS.get(usize::try_from(month - 1).unwrap_or_default());
        let [a, b, c, d] = **weekday.unwrap_or(&b"??? ");
        let [e, f, g, h] = **name.unwrap_or(&b"??? ");
        let [tens, ones] = digits(u32::try_from(of_month).unwrap_or_default());
        let tens = if tens == b'0' { b' ' } else { tens };
        self.day = day;
        self.date = [a, b, c, d, e, f, g, h, tens, ones, b' '];
        self.year.clear();
        self.iso.clear();
        let _ = write!(self.year, " {year}");
        let _ = write!(self.iso, "{year:04}-{month:02}-{of_month:02}T");
    }
}

/// `hh:mm:ss`
#[inline]
fn clock(out: &mut Vec<u8>, second: u32) {
    let [h, i, colon, m, n] = minutes(second);
    let [s, t] = digits(second % 60);
    out.extend_from_slice(&[h, i, colon, m, n, colon, s, t]);
}

/// `hh:mm`
#[inline]
fn minutes(second: u32) -> [u8; 5] {
    let [h, i] = digits(second / 3600);
    let [m, n] = digits(second / 60 % 60);
    [h, i, b':', m, n]
}

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
                assert_eq!(stamps.minutes(seconds).unwrap(), full.as_bytes()[11..16]);
            }
        }
        let mut stamps = Stamps::new(&Zone::utc());
        let mut out = Vec::new();
        stamps.push(&mut out, i64::MIN, TimeFormat::Iso);
        assert_eq!(out, b"@-9223372036854775808");
        assert_eq!(stamps.minutes(i64::MAX), None);
    }
}
