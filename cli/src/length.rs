//! How long something lasted.

use std::fmt;

use loginrec::Timestamp;
use serde::{Serialize, Serializer};

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

impl Serialize for Seconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Length(micros) = self.length;
        match i64::try_from(micros / MILLION) {
            Ok(whole) if !self.microseconds => serializer.serialize_i64(whole),
            // The nearest number prints as the microseconds it stands for, up to the length
            // of centuries.
            _ => serializer.serialize_f64(micros as f64 / MILLION as f64),
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
        let shown = |micros: i128| {
            let exact = Seconds { length: Length(micros), microseconds: true };
            let json = serde_json::to_string(&exact).unwrap();
            (Length(micros).to_string(), exact.to_string(), json)
        };
        let all = |a: &str, b: &str, c: &str| (a.to_owned(), b.to_owned(), c.to_owned());
        assert_eq!(shown(0), all("0+00:00:00", "0.000000", "0.0"));
        assert_eq!(shown(900_543_658), all("0+00:15:00", "900.543658", "900.543658"));
        assert_eq!(shown(-60_000_001), all("-0+00:01:00", "-60.000001", "-60.000001"));
        assert_eq!(shown(-1), all("0+00:00:00", "-0.000001", "-1e-6"));
        let century = 36_525 * 86_400 * MILLION - 1;
        assert_eq!(shown(century).0, "36524+23:59:59");
        assert_eq!(shown(century).2, "3155759999.999999");
        let whole = Seconds { length: Length(-60 * MILLION), microseconds: false };
        assert_eq!(
            (whole.to_string(), serde_json::to_string(&whole).unwrap()),
            ("-60".into(), "-60".into())
        );
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
