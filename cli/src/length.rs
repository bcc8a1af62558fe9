//! How long something lasted.

use std::fmt;
use std::io::Write as _;

use loginrec::Timestamp;

use crate::digits::{decimal, digits, zero_padded};

const DAY: u128 = 86_400;
const MILLION: i128 = 1_000_000;

/// A number of microseconds, maybe negative: clocks are set back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Length(pub(crate) i128);

impl Length {
    pub(crate) fn between(from: Timestamp, to: Timestamp) -> Length {
        let micros = |time: Timestamp| i128::from(time.tv_sec) * MILLION + i128::from(time.tv_usec);
        Length(micros(to) - micros(from))
    }
}

impl Length {
    /// Appends it as it is displayed.
    #[inline]
    pub(crate) fn push(self, out: &mut Vec<u8>) {
        let Ok(micros) = u64::try_from(self.0) else {
            // A Vec takes everything.
            let _ = write!(out, "{self}");
            return;
        };
        let seconds = micros / 1_000_000;
        let rest = u32::try_from(seconds % 86_400).unwrap_or_default();
        decimal(out, seconds / 86_400);
        let [h, i] = digits(rest / 3600);
        let [m, n] = digits(rest / 60 % 60);
        let [s, t] = digits(rest % 60);
        out.extend_from_slice(&[b'+', h, i, b':', m, n, b':', s, t]);
    }
}

/// `d+hh:mm:ss`; parts of a second are dropped.
impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.unsigned_abs() / MILLION.unsigned_abs();
        let sign = if self.0 < 0 && seconds > 0 { "-" } else { "" };
        let (days, rest) = (seconds / DAY, seconds % DAY);
        write!(f, "{sign}{days}+{:02}:{:02}:{:02}", rest / 3600, rest / 60 % 60, rest % 60)
    }
}

/// A length as a number of seconds: an integer where neither end has microseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seconds {
    pub(crate) length: Length,
    pub(crate) microseconds: bool,
}

impl Seconds {
    /// Appends it as it is displayed, which is a number of JSON too.
    #[inline]
    pub(crate) fn push(self, out: &mut Vec<u8>) {
        let Ok(micros) = u64::try_from(self.length.0) else {
            // A Vec takes everything.
            let _ = write!(out, "{self}");
            return;
        };
        decimal(out, micros / 1_000_000);
        if self.microseconds {
            out.push(b'.');
            zero_padded::<6>(out, micros % 1_000_000);
        }
    }
}

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Length(micros) = self.length;
        let (sign, micros) = (if micros < 0 { "-" } else { "" }, micros.unsigned_abs());
        let (whole, part) = (micros / MILLION.unsigned_abs(), micros % MILLION.unsigned_abs());
        match self.microseconds {
            true => write!(f, "{sign}{whole}.{part:06}"),
            false => write!(f, "{sign}{whole}"),
        }
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
    found.ok_or_else(|| "give a number with its unit, as 90s, 5m, 2h or 1d".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_as_people_and_programs_read_them() {
        let pushed = |push: &dyn Fn(&mut Vec<u8>)| {
            let mut out = Vec::new();
            push(&mut out);
            String::from_utf8(out).unwrap()
        };
        let shown = |micros: i128| {
            let length = Length(micros);
            let exact = Seconds { length, microseconds: true };
            let shown = (length.to_string(), exact.to_string());
            assert_eq!(pushed(&|out| length.push(out)), shown.0);
            assert_eq!(pushed(&|out| exact.push(out)), shown.1);
            let number: f64 = serde_json::from_str(&shown.1).unwrap();
            assert_eq!(number, micros as f64 / 1e6);
            shown
        };
        let both = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(shown(0), both("0+00:00:00", "0.000000"));
        assert_eq!(shown(900_543_658), both("0+00:15:00", "900.543658"));
        assert_eq!(shown(-60_000_001), both("-0+00:01:00", "-60.000001"));
        assert_eq!(shown(-1), both("0+00:00:00", "-0.000001"));
        let century = 36_525 * 86_400 * MILLION - 1;
        assert_eq!(shown(century), both("36524+23:59:59", "3155759999.999999"));
        shown(i128::from(u64::MAX));
        shown(i128::from(u64::MAX) + 1);
        let whole = Seconds { length: Length(-60 * MILLION), microseconds: false };
        assert_eq!((whole.to_string(), pushed(&|out| whole.push(out))), both("-60", "-60"));
        let whole = Seconds { length: Length(3 * MILLION + 7), microseconds: false };
        assert_eq!((whole.to_string(), pushed(&|out| whole.push(out))), both("3", "3"));
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
