//! Seconds as dates and dates as seconds, for any year, and the forms they are written in.

use std::fmt;
use std::io::Write as _;
use std::ops::Range;

use loginrec::Timestamp;
use serde::{Serialize, Serializer};

use crate::digits::{digits, six, time_of_day};

const DAY: i64 = 86_400;
/// Days in 400 years, after which the calendar repeats.
const ERA: i64 = 146_097;
/// Days from 1 March of the year 0 to 1 January 1970.
const EPOCH: i64 = 719_468;

/// From the first day of 1970.
const WEEKDAYS: &str = "ThuFriSatSunMonTueWed";
const MONTHS: &str = "JanFebMarAprMayJunJulAugSepOctNovDec";

/// Date and time of day in the Gregorian calendar, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Civil {
    pub(crate) year: i64,
    pub(crate) month: i64,
    pub(crate) day: i64,
    pub(crate) hour: i64,
    pub(crate) minute: i64,
    pub(crate) second: i64,
}

impl Civil {
    /// The date `seconds` after 1970-01-01 00:00:00. Every number has one.
    pub(crate) fn of(seconds: i64) -> Civil {
        let (days, rest) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
        let days = days + EPOCH;
        let (era, day) = (days.div_euclid(ERA), days.rem_euclid(ERA));
        // Years begin in March here, so that the leap day is the last of its year.
        let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        let month = (5 * day + 2) / 153;
        Civil {
            year: year + era * 400 + i64::from(month >= 10),
            month: if month < 10 { month + 3 } else { month - 9 },
            day: day - (153 * month + 2) / 5 + 1,
            hour: rest / 3600,
            minute: rest / 60 % 60,
            second: rest % 60,
        }
    }

    /// Seconds since 1970-01-01 00:00:00; `None` if there is no such date.
    pub(crate) fn seconds(self) -> Option<i64> {
        let year = self.year - i64::from(self.month <= 2);
        let month = if self.month > 2 { self.month - 3 } else { self.month + 9 };
        let day = (153 * month + 2) / 5 + self.day - 1;
        let in_era = year.rem_euclid(400);
        let day = in_era * 365 + in_era / 4 - in_era / 100 + day;
        let days = year.div_euclid(400).checked_mul(ERA)?.checked_add(day - EPOCH)?;
        let rest = self.hour * 3600 + self.minute * 60 + self.second;
        let seconds = days.checked_mul(DAY)?.checked_add(rest)?;
        (Civil::of(seconds) == self).then_some(seconds)
    }

    /// A date and a time of day from `YYYY-MM-DD` and `hh:mm:ss`.
    fn parse(date: &str, time: &str) -> Option<Civil> {
        let (date, day) = date.rsplit_once('-')?;
        let (year, month) = date.rsplit_once('-')?;
        let (hour, minute, second) = clock(time)?;
        Some(Civil {
            year: year.parse().ok()?,
            month: int(month)?,
            day: int(day)?,
            hour,
            minute,
            second,
        })
    }
}

/// `YYYY-MM-DDThh:mm:ss`.
impl fmt::Display for Civil {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Civil { year, month, day, hour, minute, second } = self;
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
    }
}

/// Writes one time after the other: records that follow one another are mostly of one day,
/// whose date is worked out once.
#[derive(Clone, Debug)]
pub(crate) struct Clock {
    /// The first second of a day in a year of four digits.
    midnight: i64,
    /// `YYYY-MM-DDT` of that day.
    date: [u8; 11],
}

impl Clock {
    pub(crate) fn new() -> Clock {
        Clock { midnight: 0, date: *b"1970-01-01T" }
    }

    /// `YYYY-MM-DDThh:mm:ss`, as [`Civil`] is printed.
    #[inline(always)]
    pub(crate) fn write(&mut self, line: &mut Vec<u8>, seconds: i64) {
        match self.date_and_time(seconds) {
            Some((date, time)) => {
                line.extend_from_slice(date);
                line.extend_from_slice(&time);
            }
            // A Vec takes everything.
            None => drop(write!(line, "{}", Civil::of(seconds))),
        }
    }

    /// `YYYY-MM-DDT` and `hh:mm:ss`; `None` in a year that has not four digits.
    #[inline(always)]
    pub(crate) fn date_and_time(&mut self, seconds: i64) -> Option<(&[u8; 11], [u8; 8])> {
        let second = self.second_of_day(seconds)?;
        Some((&self.date, time_of_day(second)))
    }

    /// `None` in a year that has not four digits.
    #[inline(always)]
    fn second_of_day(&mut self, seconds: i64) -> Option<u32> {
        let second = |midnight| {
            let second = u32::try_from(seconds.wrapping_sub(midnight)).ok();
            second.filter(|&second| i64::from(second) < DAY)
        };
        match second(self.midnight) {
            Some(second) => Some(second),
            None => second(self.turn_to(seconds)?),
        }
    }

    #[cold]
    fn turn_to(&mut self, seconds: i64) -> Option<i64> {
        let Civil { year, month, day, hour, minute, second } = Civil::of(seconds);
        if !(0..10_000).contains(&year) {
            return None;
        }
        let [year, month, day] = [year, month, day].map(|number| number as u32);
        let ([a, b, c, d], [e, f], [g, h]) = (digits(year), digits(month), digits(day));
        self.date = [a, b, c, d, b'-', e, f, b'-', g, h, b'T'];
        self.midnight = seconds - hour * 3600 - minute * 60 - second;
        Some(self.midnight)
    }
}

/// Writes `Wed Aug 28 13:00:00`, as ctime(3) begins, and gives the year.
pub(crate) fn push_ctime(line: &mut Vec<u8>, seconds: i64) -> i64 {
    let Civil { year, month, day, .. } = Civil::of(seconds);
    let weekday = seconds.div_euclid(DAY).rem_euclid(7);
    let name = |names: &'static str, nth: i64| {
        let (names, _) = names.as_bytes().as_chunks::<3>();
        usize::try_from(nth).ok().and_then(|nth| names.get(nth)).unwrap_or(b"???")
    };
    line.extend_from_slice(name(WEEKDAYS, weekday));
    line.push(b' ');
    line.extend_from_slice(name(MONTHS, month - 1));
    let [tens, ones] = digits(day as u32);
    line.extend_from_slice(&[b' ', if tens == b'0' { b' ' } else { tens }, ones, b' ']);
    line.extend_from_slice(&time_of_day(seconds.rem_euclid(DAY) as u32));
    year
}

/// A time of the contract: RFC 3339, microseconds where the layout stores them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rfc3339 {
    sec: i64,
    usec: Option<u32>,
}

impl Rfc3339 {
    /// The years 0 to 9999.
    const FOUR_DIGITS: Range<i64> = -62_167_219_200..253_402_300_800;

    /// `None` where RFC 3339 has no form for it: years of more than four digits, or
    /// microseconds that are none.
    #[inline]
    pub(crate) fn new(tv: Timestamp, microseconds: bool) -> Option<Rfc3339> {
        let Timestamp { tv_sec: sec, tv_usec: usec } = tv;
        let usec = u32::try_from(usec).ok().filter(|&usec| usec < 1_000_000)?;
        let fits = Rfc3339::FOUR_DIGITS.contains(&sec);
        fits.then_some(Rfc3339 { sec, usec: microseconds.then_some(usec) })
    }

    #[inline(always)]
    pub(crate) fn write(self, line: &mut Vec<u8>, clock: &mut Clock) {
        clock.write(line, self.sec);
        match self.usec {
            Some(usec) => line.extend_from_slice(&six(b'.', usec, b'Z')),
            None => line.push(b'Z'),
        }
    }
}

impl fmt::Display for Rfc3339 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let civil = Civil::of(self.sec);
        match self.usec {
            Some(usec) => write!(f, "{civil}.{usec:06}Z"),
            None => write!(f, "{civil}Z"),
        }
    }
}

impl Serialize for Rfc3339 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Reads `2013-08-28T20:30:40.123456Z`, and utmpdump's `2013-08-28T20:30:40,123456+00:00`.
/// utmpdump prints the microseconds as stored, be they negative or a million.
pub(crate) fn parse_iso(text: &str) -> Option<Timestamp> {
    let (date, rest) = text.split_once(['T', ' '])?;
    let (rest, east) = match rest.strip_suffix(['Z', 'z']) {
        Some(rest) => (rest, 0),
        None => {
            let (rest, zone) = rest.split_at_checked(rest.len().checked_sub(6)?)?;
            (rest, offset(zone)?)
        }
    };
    let (time, tv_usec) = match rest.split_once([',', '.']) {
        Some((time, digits)) if rest.contains(',') => (time, digits.parse().ok()?),
        Some((time, digits)) => (time, fraction(digits)?),
        None => (rest, 0),
    };
    let tv_sec = Civil::parse(date, time)?.seconds()?.checked_sub(east)?;
    Some(Timestamp { tv_sec, tv_usec })
}

/// The old form of utmpdump, `Wed Aug 28 03:00:00 2013 GMT`; the zone may be left out. Blank
/// is time 0.
pub(crate) fn parse_ctime(text: &str) -> Result<Timestamp, String> {
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
    let [_, month, day, time, year, zone @ ..] = words.as_slice() else {
        let blank = words.is_empty().then_some(Timestamp::default());
        return blank.ok_or_else(|| format!("'{text}' is no time"));
    };
    if !matches!(zone, [] | ["GMT" | "UTC"]) {
        let zone = zone.join(" ");
        return Err(format!("cannot tell what zone '{zone}' is: change the time to UTC"));
    }
    let seconds = || {
        let at = MONTHS.find(month).filter(|at| month.len() == 3 && at % 3 == 0)?;
        let (hour, minute, second) = clock(time)?;
        let (year, month) = (year.parse().ok()?, i64::try_from(at / 3 + 1).ok()?);
        Civil { year, month, day: int(day)?, hour, minute, second }.seconds()
    };
    let tv_sec = seconds().ok_or_else(|| format!("'{text}' is no time"))?;
    Ok(Timestamp { tv_sec, tv_usec: 0 })
}

fn clock(time: &str) -> Option<(i64, i64, i64)> {
    let mut parts = time.split(':').map(int);
    let clock = (parts.next()??, parts.next()??, parts.next()??);
    parts.next().is_none().then_some(clock)
}

/// One or two digits.
fn int(digits: &str) -> Option<i64> {
    let plain = matches!(digits.len(), 1 | 2) && digits.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| digits.parse().ok())?
}

/// Decimals of a second as microseconds, if they are no finer.
fn fraction(digits: &str) -> Option<i64> {
    let plain = matches!(digits.len(), 1..=6) && digits.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| format!("{digits:0<6}").parse().ok())?
}

/// `+hh:mm` as seconds east of Greenwich.
fn offset(zone: &str) -> Option<i64> {
    let (sign, zone) = match zone.split_at_checked(1)? {
        ("+", zone) => (1, zone),
        ("-", zone) => (-1, zone),
        _ => return None,
    };
    let (hours, minutes) = zone.split_once(':')?;
    Some(sign * (int(hours)? * 3600 + int(minutes)? * 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_any_second() {
        // From `date -u -d @N` of GNU coreutils.
        for (seconds, date) in [
            (0, "1970-01-01T00:00:00"),
            (-1, "1969-12-31T23:59:59"),
            (951_782_400, "2000-02-29T00:00:00"),
            (4_107_542_399, "2100-02-28T23:59:59"),
            (4_107_542_400, "2100-03-01T00:00:00"),
            (-2_147_483_648, "1901-12-13T20:45:52"),
            (253_402_300_800, "10000-01-01T00:00:00"),
            (-62_167_219_200, "0000-01-01T00:00:00"),
        ] {
            assert_eq!(Civil::of(seconds).to_string(), date);
            assert_eq!(Civil::of(seconds).seconds(), Some(seconds));
        }
        for seconds in [i64::MAX, i64::MIN + DAY, 1 << 40, -1 << 50] {
            assert_eq!(Civil::of(seconds).seconds(), Some(seconds));
        }
        Civil::of(i64::MIN);
        // The clock goes on from any day to any other.
        let mut clock = Clock::new();
        for seconds in [-1, 0, DAY - 1, DAY, 1 << 40, i64::MAX, -1 << 50, i64::MIN, 86_399] {
            let mut line = Vec::new();
            clock.write(&mut line, seconds);
            assert_eq!(String::from_utf8(line).unwrap(), Civil::of(seconds).to_string());
        }
        assert_eq!(parse_iso("2023-02-29T00:00:00Z"), None);
        assert_eq!(parse_iso("2023-02-28T24:00:00Z"), None);
    }

    #[test]
    fn the_contract_has_years_of_four_digits() {
        let written = |tv_sec, usec| {
            let time = Rfc3339::new(Timestamp { tv_sec, tv_usec: 7 }, usec)?;
            let mut line = Vec::new();
            time.write(&mut line, &mut Clock::new());
            assert_eq!(line, time.to_string().as_bytes());
            Some(time.to_string())
        };
        let Range { start, end } = Rfc3339::FOUR_DIGITS;
        assert_eq!(written(start, false).as_deref(), Some("0000-01-01T00:00:00Z"));
        assert_eq!(written(end - 1, true).as_deref(), Some("9999-12-31T23:59:59.000007Z"));
        assert_eq!(written(start - 1, false), None);
        assert_eq!(written(end, false), None);
    }

    #[test]
    fn forms_of_time() {
        let at = |tv_sec, tv_usec| Some(Timestamp { tv_sec, tv_usec });
        assert_eq!(parse_iso("2013-08-28T20:30:40,123456+00:00"), at(1_377_721_840, 123_456));
        assert_eq!(parse_iso("2013-08-28T20:30:40,-00001+00:00"), at(1_377_721_840, -1));
        assert_eq!(parse_iso("2013-08-28T20:30:40,1000000+00:00"), at(1_377_721_840, 1_000_000));
        assert_eq!(parse_iso("2013-08-28T22:30:40.5+02:00"), at(1_377_721_840, 500_000));
        assert_eq!(parse_iso("2013-08-28T20:30:40Z"), at(1_377_721_840, 0));
        assert_eq!(parse_iso("2013-08-28T20:30:40"), None);
        assert_eq!(parse_ctime("Wed Aug 28 03:00:00 2013 GMT").ok(), at(1_377_658_800, 0));
        assert_eq!(parse_ctime("Sun Mar  3 02:03:58 2024").ok(), at(1_709_431_438, 0));
        assert_eq!(parse_ctime("").ok(), at(0, 0));
        assert!(parse_ctime("Mon Apr 10 17:54:58 2023 EDT").is_err());
        assert!(parse_ctime("Mon anF 10 17:54:58 2023").is_err());
    }
}
