//! Durations.

use std::fmt;
use std::io::Write as _;

use loginrec::Timestamp;

use crate::output::ascii::datetime::TimeOfDay;
use crate::output::ascii::number::{decimal, time_of_day};

const DAY: u128 = 86_400;
const MILLION: i128 = 1_000_000;

/// A number of microseconds. Negative if a clock was set back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Length(pub(crate) i128);

impl Length {
    pub(crate) fn between(from: Timestamp, to: Timestamp) -> Length {
        let micros = |time: Timestamp| i128::from(time.tv_sec) * MILLION + i128::from(time.tv_usec);
        Length(micros(to) - micros(from))
    }
}

impl Length {
    /// Returns whole seconds; fractions are dropped.
    pub(crate) fn seconds(self) -> i64 {
        let seconds = self.0 / MILLION;
        let limit = if seconds < 0 { i64::MIN } else { i64::MAX };
        i64::try_from(seconds).unwrap_or(limit)
    }

    /// Appends the displayed form.
    #[inline]
    pub(crate) fn push(self, out: &mut Vec<u8>) {
        let Ok(micros) = u64::try_from(self.0) else {
            // Writing to a Vec cannot fail.
            let _ = write!(out, "{self}");
            return;
        };
        let seconds = micros / 1_000_000;
        let rest = u32::try_from(seconds % 86_400).unwrap_or_default();
        decimal(out, seconds / 86_400);
        out.push(b'+');
        out.extend_from_slice(&time_of_day(rest));
    }
}

/// Displays `d+hh:mm:ss`; fractions of a second are dropped.
impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.unsigned_abs() / MILLION.unsigned_abs();
        let sign = if self.0 < 0 && seconds > 0 { "-" } else { "" };
        let (days, rest) = (seconds / DAY, seconds % DAY);
        write!(f, "{sign}{days}+{}", TimeOfDay(rest as u32))
    }
}

/// Reads `90s`, `5m`, `2h` or `1d`.
pub(crate) fn parse(text: &str) -> Result<Length, String> {
    let units = [("s", 1), ("m", 60), ("h", 3600), ("d", 86_400)];
    let read = |&(unit, seconds): &(&str, i128)| {
        let number: u32 = text.strip_suffix(unit)?.parse().ok()?;
        Some(Length(i128::from(number) * seconds * MILLION))
    };
    let found = units.iter().find_map(read);
    found.ok_or_else(|| "give a number with its unit, such as 90s, 5m, 2h or 1d".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_as_people_and_programs_read_them() {
        let shown = |micros: i128| {
            let length = Length(micros);
            let shown = length.to_string();
            let mut pushed = Vec::new();
            length.push(&mut pushed);
            assert_eq!(String::from_utf8(pushed).unwrap(), shown);
            (shown, length.seconds())
        };
        let both = |text: &str, seconds| (text.to_owned(), seconds);
        assert_eq!(shown(0), both("0+00:00:00", 0));
        assert_eq!(shown(900_543_658), both("0+00:15:00", 900));
        assert_eq!(shown(-60_000_001), both("-0+00:01:00", -60));
        assert_eq!(shown(-1), both("0+00:00:00", 0));
        let century = 36_525 * 86_400 * MILLION - 1;
        assert_eq!(shown(century), both("36524+23:59:59", 3_155_759_999));
        shown(i128::from(u64::MAX));
        shown(i128::from(u64::MAX) + 1);
        assert_eq!(shown(i128::MAX).1, i64::MAX);
        assert_eq!(shown(i128::MIN).1, i64::MIN);
    }

    #[test]
    fn units() {
        assert_eq!(parse("90s"), Ok(Length(90 * MILLION)));
        assert_eq!(parse("2h"), Ok(Length(7200 * MILLION)));
        assert_eq!(parse("1d"), parse("24h"));
        for wrong in ["", "5", "m", "-5m", "1.5h", "5 m", "5w"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
