//! Time zones: converts seconds since the epoch to local time.

use std::ops::Range;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{self, Offset, TimeZone};

/// A time zone. The time zone database is compiled in: no zoneinfo is needed.
#[derive(Clone, Debug)]
pub(crate) struct Zone(TimeZone);

/// Local date and time in a zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Local {
    pub(crate) civil: DateTime,
    /// Seconds east of Greenwich.
    pub(crate) offset: i32,
    /// An abbreviation such as `CEST`; `+03` if the zone has no letters.
    pub(crate) abbreviation: String,
}

impl Zone {
    pub(crate) fn utc() -> Zone {
        Zone(TimeZone::UTC)
    }

    /// Parses `UTC`, `Z`, an offset such as `+02:00`, `-0930` or `+2`, or a name such as
    /// `Europe/Berlin`.
    pub(crate) fn parse(text: &str) -> Result<Zone, String> {
        if matches!(text, "UTC" | "utc" | "Z" | "GMT") {
            return Ok(Zone::utc());
        }
        if let Some(offset) = offset(text) {
            return Ok(Zone(TimeZone::fixed(offset)));
        }
        let zone = tz::db().get(text).or_else(|_| TimeZone::posix(text));
        zone.map(Zone).map_err(|_| {
            format!("`{text}` is not a valid time zone: give UTC, an offset such as +02:00, or a name such as Europe/Berlin")
        })
    }

    /// Returns the zone of this machine, as the C library finds it: TZ, then /etc/localtime, then
    /// UTC. Only the commands named after `last` and `who` use it.
    pub(crate) fn system() -> Zone {
        Zone(TimeZone::try_system().unwrap_or(TimeZone::UTC))
    }

    /// Returns the local time; `None` for years before -9999 or after 9999.
    pub(crate) fn local(&self, seconds: i64) -> Option<Local> {
        let at = Timestamp::from_second(seconds).ok()?;
        let info = self.0.to_offset_info(at);
        let civil = info.offset().to_datetime(at);
        let abbreviation = info.abbreviation().to_string();
        Some(Local { civil, offset: info.offset().seconds(), abbreviation })
    }

    /// Returns a cache of offsets, for many times close to each other.
    pub(crate) fn offsets(&self) -> Offsets {
        Offsets { zone: self.0.clone(), span: 0..0, east: 0 }
    }

    /// Returns the first moment at which the zone's clocks show `civil`; if they skip it, the
    /// moment after.
    pub(crate) fn seconds(&self, civil: DateTime) -> Option<i64> {
        let at = self.0.to_ambiguous_timestamp(civil).compatible().ok()?;
        Some(at.as_second())
    }
}

/// The offset of a zone from Greenwich, which changes twice a year at most places.
#[derive(Clone, Debug)]
pub(crate) struct Offsets {
    zone: TimeZone,
    /// From one change until the next.
    span: Range<i64>,
    east: i32,
}

impl Offsets {
    /// Returns the seconds east of Greenwich; `None` if [`Zone::local`] returns `None`.
    #[inline]
    pub(crate) fn east(&mut self, seconds: i64) -> Option<i32> {
        if !self.span.contains(&seconds) {
            self.look_up(seconds)?;
        }
        Some(self.east)
    }

    /// Returns the range in which the last result is valid.
    pub(crate) fn span(&self) -> Range<i64> {
        self.span.clone()
    }

    #[cold]
    fn look_up(&mut self, seconds: i64) -> Option<()> {
        let at = Timestamp::from_second(seconds).ok()?;
        let behind = Timestamp::from_second(seconds.saturating_add(1)).unwrap_or(Timestamp::MAX);
        let change = |change: tz::TimeZoneTransition<'_>| change.timestamp().as_second();
        let begin = self.zone.preceding(behind).next().map(change);
        let end = self.zone.following(at).next().map(change);
        let (first, last) = (Timestamp::MIN.as_second(), Timestamp::MAX.as_second());
        self.east = self.zone.to_offset(at).seconds();
        self.span = begin.unwrap_or(first)..end.unwrap_or(last);
        Some(())
    }
}

fn offset(text: &str) -> Option<Offset> {
    let (sign, digits) = match text.as_bytes() {
        [b'+', rest @ ..] => (1, rest),
        [b'-', rest @ ..] => (-1, rest),
        _ => return None,
    };
    let digits: Vec<u8> = digits.iter().copied().filter(|&b| b != b':').collect();
    let digit = |b: &u8| b.is_ascii_digit().then(|| i32::from(b - b'0'));
    let numbers: Vec<i32> = digits.iter().map(digit).collect::<Option<_>>()?;
    let (hours, minutes) = match numbers[..] {
        [h] => (h, 0),
        [a, b] => (a * 10 + b, 0),
        [h, a, b] => (h, a * 10 + b),
        [a, b, c, d] => (a * 10 + b, c * 10 + d),
        _ => return None,
    };
    let seconds = (hours * 60 + minutes) * 60;
    (minutes < 60).then_some(())?;
    Offset::from_seconds(sign * seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(zone: &str, seconds: i64) -> String {
        let local = Zone::parse(zone).unwrap().local(seconds).unwrap();
        format!("{} {} {}", local.civil, local.offset, local.abbreviation)
    }

    #[test]
    fn zones_and_offsets() {
        assert_eq!(shown("UTC", 0), "1970-01-01T00:00:00 0 UTC");
        assert_eq!(shown("+02:00", 0), "1970-01-01T02:00:00 7200 +02");
        assert_eq!(shown("-0930", 0), "1969-12-31T14:30:00 -34200 -09:30");
        assert_eq!(shown("Europe/Berlin", 1_700_000_000), "2023-11-14T23:13:20 3600 CET");
        assert_eq!(shown("America/Los_Angeles", 1_690_000_000), "2023-07-21T21:26:40 -25200 PDT");
        assert_eq!(
            shown("EST5EDT,M3.2.0,M11.1.0", 1_690_000_000),
            "2023-07-22T00:26:40 -14400 EDT"
        );
        assert!(Zone::parse("Europe/Nowhere").is_err());
        assert!(Zone::parse("+99:99").is_err());
    }

    /// Also at the exact seconds of changes, from either side.
    #[test]
    fn offsets_are_those_of_the_zone() {
        for name in ["Europe/Berlin", "America/Los_Angeles", "EST5EDT,M3.2.0,M11.1.0", "-0930"] {
            let zone = Zone::parse(name).unwrap();
            let mut offsets = zone.offsets();
            // Changes of 2024 in Europe and America, and times long before and after the tables.
            for at in [1_711_846_800, 1_729_990_800, 1_710_064_800, 1 << 40, -1 << 33, 1 << 33] {
                for seconds in [at - 1, at, at + 1, at, at - 1, at + 40_000_000] {
                    let local = zone.local(seconds).map(|local| local.offset);
                    assert_eq!(offsets.east(seconds), local, "{name} {seconds}");
                }
            }
            for far in [i64::MIN, i64::MAX, 253_402_207_200, 253_402_207_201, -377_705_023_201] {
                assert_eq!(offsets.east(far), zone.local(far).map(|local| local.offset), "{far}");
            }
        }
    }

    #[test]
    fn clocks_that_skip_and_repeat() {
        let zone = Zone::parse("Europe/Berlin").unwrap();
        let at = |text: &str| zone.seconds(text.parse().unwrap()).unwrap();
        assert_eq!(at("2024-03-31T02:30:00"), at("2024-03-31T03:30:00"));
        assert_eq!(at("2024-10-27T02:30:00"), 1_729_989_000);
    }
}
