//! Times in the formats of last(1).

use std::io::Write as _;
use std::ops::Range;

use crate::args::zone::{Offsets, Zone};
use crate::commands::last::args::TimeFormat;
use crate::output::ascii::datetime::{Civil, ctime_date, hours_minutes};
use crate::output::ascii::number::time_of_day;

const DAY: i64 = 86_400;
/// Length of `Wed Aug 28 `.
const DATE: usize = 11;

/// Formats local times and caches the date, because successive rows are mostly of one day.
#[derive(Debug)]
pub(super) struct TimeCache {
    offsets: Offsets,
    /// A day, or the part of it before or after a clock change.
    today: Range<i64>,
    /// The time at which the clock showed 00:00, or would have without that change.
    midnight: i64,
    /// `Wed Aug 28 ` of that day, with room for the time.
    date: [u8; 16],
    /// ` 2013`
    year: Vec<u8>,
    /// `2013-08-28T`
    iso: Vec<u8>,
    /// `+02:00`
    east: [u8; 6],
}

impl TimeCache {
    pub(super) fn new(zone: &Zone) -> TimeCache {
        TimeCache {
            offsets: zone.offsets(),
            today: 0..0,
            midnight: 0,
            date: [0; 16],
            year: Vec::new(),
            iso: Vec::new(),
            east: [b' '; 6],
        }
    }

    /// Returns `Wed Aug 28 13:00`; `None` if it is not a valid date.
    #[inline]
    pub(super) fn short(&mut self, seconds: i64) -> Option<[u8; 16]> {
        if !self.today.contains(&seconds) {
            self.turn_to(seconds)?;
        }
        let clock = hours_minutes(seconds - self.midnight)?;
        let stamp = u128::from_le_bytes(self.date) | u128::from(clock) << (8 * DATE);
        Some(stamp.to_le_bytes())
    }

    /// Appends a date and time, in the form of ctime(3) with or without the year, or in ISO 8601;
    /// seconds since 1970 if it is not a valid date.
    pub(super) fn push(&mut self, out: &mut Vec<u8>, seconds: i64, times: TimeFormat) {
        let Some(short) = self.short(seconds) else {
            // Writing to a Vec cannot fail.
            let _ = write!(out, "@{seconds}");
            return;
        };
        let second = u32::try_from(seconds - self.midnight).unwrap_or_default();
        match times {
            TimeFormat::Notime => {}
            TimeFormat::Short => out.extend_from_slice(&short),
            TimeFormat::Full => {
                out.extend_from_slice(self.date.first_chunk::<DATE>().unwrap_or(&[b' '; DATE]));
                out.extend_from_slice(&time_of_day(second));
                out.extend_from_slice(&self.year);
            }
            TimeFormat::Iso => {
                out.extend_from_slice(&self.iso);
                out.extend_from_slice(&time_of_day(second));
                out.extend_from_slice(&self.east);
            }
        }
    }

    /// Returns `hh:mm` in the form of [`hours_minutes`]; `None` if it is not a valid date.
    #[inline(always)]
    pub(super) fn minutes(&mut self, seconds: i64) -> Option<u64> {
        match self.today.contains(&seconds) {
            true => hours_minutes(seconds - self.midnight),
            false => self.minutes_of_another_day(seconds),
        }
    }

    #[inline(never)]
    fn minutes_of_another_day(&mut self, seconds: i64) -> Option<u64> {
        let east = self.offsets.east(seconds)?;
        hours_minutes(seconds.saturating_add(east.into()).rem_euclid(DAY))
    }

    #[cold]
    fn turn_to(&mut self, seconds: i64) -> Option<()> {
        let east = self.offsets.east(seconds)?;
        let Range { start, end } = self.offsets.span();
        let local = seconds.saturating_add(east.into());
        self.midnight = seconds.saturating_sub(local.rem_euclid(DAY));
        self.today = self.midnight.max(start)..self.midnight.saturating_add(DAY).min(end);

        let (date, year) = ctime_date(local);
        self.date.first_chunk_mut().map(|place| *place = date)?;
        self.year.clear();
        self.iso.clear();
        // Writing to a Vec cannot fail.
        let _ = write!(self.year, " {year}");
        let Civil { month, day, .. } = Civil::of(local);
        let _ = write!(self.iso, "{year:04}-{month:02}-{day:02}T");
        let sign = if east < 0 { b'-' } else { b'+' };
        let [h, i, colon, m, n, ..] = time_of_day(east.unsigned_abs());
        self.east = [sign, h, i, colon, m, n];
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Compares with jiff's own printer.
    #[test]
    fn stamps_are_those_of_the_calendar() {
        for name in ["UTC", "America/Los_Angeles", "Asia/Kolkata", "-09:30", "Antarctica/Troll"] {
            let zone = Zone::parse(name).unwrap();
            let mut stamps = TimeCache::new(&zone);
            // Back and forth, across clock changes and the ends of years.
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
        let mut stamps = TimeCache::new(&Zone::utc());
        let mut out = Vec::new();
        stamps.push(&mut out, i64::MIN, TimeFormat::Iso);
        assert_eq!(out, b"@-9223372036854775808");
        assert_eq!(stamps.minutes(i64::MAX), None);
    }
}
