//! Converts seconds to dates and back, for any year, and formats them.

use std::fmt;
use std::io::Write as _;

use loginrec::Timestamp;

use crate::output::ascii::number::{digits, six, time_of_day};

const DAY: i64 = 86_400;
/// Days in 400 years, after which the calendar repeats.
const ERA: i64 = 146_097;
/// Days from 1 March of the year 0 to 1 January 1970.
const EPOCH: i64 = 719_468;

/// Weekdays, beginning with that of 1970-01-01.
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
    /// Returns the date `seconds` after 1970-01-01 00:00:00. Every number has one.
    pub(crate) fn of(seconds: i64) -> Civil {
        let (days, rest) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
        let days = days + EPOCH;
        let (era, day) = (days.div_euclid(ERA), days.rem_euclid(ERA));
        // Years begin in March here, so that the leap day is the last day of its year.
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

    /// Returns the seconds since 1970-01-01 00:00:00; `None` if the date does not exist.
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

    fn second_of_day(self) -> u32 {
        (self.hour * 3600 + self.minute * 60 + self.second) as u32
    }

    /// Parses a date and a time of day from `YYYY-MM-DD` and `hh:mm:ss`.
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

/// Displays `YYYY-MM-DDThh:mm:ss`.
impl fmt::Display for Civil {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Civil { year, month, day, .. } = self;
        write!(f, "{year:04}-{month:02}-{day:02}T{}", TimeOfDay(self.second_of_day()))
    }
}

/// Formats times and caches the date, because successive records are mostly of one day.
#[derive(Clone, Debug)]
pub(crate) struct Clock {
    /// The first second of a day in a four-digit year.
    midnight: i64,
    /// `YYYY-MM-DDT` of that day.
    date: [u8; 11],
}

impl Clock {
    pub(crate) fn new() -> Clock {
        Clock { midnight: 0, date: *b"1970-01-01T" }
    }

    /// Appends `YYYY-MM-DDThh:mm:ss`, as [`Civil`] is displayed.
    #[inline(always)]
    pub(crate) fn write(&mut self, line: &mut Vec<u8>, seconds: i64) {
        match self.date_and_time(seconds) {
            Some((date, time)) => {
                line.extend_from_slice(date);
                line.extend_from_slice(&time);
            }
            // Writing to a Vec cannot fail.
            None => drop(write!(line, "{}", Civil::of(seconds))),
        }
    }

    /// Appends `YYYY-MM-DDThh:mm:ss.uuuuuuZ` for a time that has a calendar form.
    pub(crate) fn rfc3339(&mut self, line: &mut Vec<u8>, time: Timestamp) {
        self.write(line, time.tv_sec);
        line.extend_from_slice(&six(b'.', time.tv_usec as u32, b'Z'));
    }

    /// Does the same as [`Clock::rfc3339`], with a character after it: one append for both.
    #[inline(always)]
    pub(crate) fn rfc3339_and(&mut self, line: &mut Vec<u8>, time: Timestamp, after: u8) {
        let fraction = six(b'.', time.tv_usec as u32, b'Z');
        let Some((date, clock)) = self.date_and_time(time.tv_sec) else {
            self.rfc3339(line, time);
            return line.push(after);
        };
        let mut text = [after; 28];
        text[..11].copy_from_slice(date);
        text[11..19].copy_from_slice(&clock);
        text[19..27].copy_from_slice(&fraction);
        line.extend_from_slice(&text);
    }

    /// Returns `YYYY-MM-DDT` and `hh:mm:ss`; `None` if the year does not have four digits.
    #[inline(always)]
    pub(crate) fn date_and_time(&mut self, seconds: i64) -> Option<(&[u8; 11], [u8; 8])> {
        let second = self.second_of_day(seconds)?;
        Some((&self.date, time_of_day(second)))
    }

    /// Returns `None` if the year does not have four digits.
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

/// Returns `Wed Aug 28 `, as ctime(3) begins, and the year.
pub(crate) fn ctime_date(seconds: i64) -> ([u8; 11], i64) {
    let Civil { year, month, day, .. } = Civil::of(seconds);
    let name = |names: &'static str, nth: i64| {
        let (names, _) = names.as_bytes().as_chunks::<3>();
        usize::try_from(nth).ok().and_then(|nth| names.get(nth)).copied().unwrap_or(*b"???")
    };
    let [a, b, c] = name(WEEKDAYS, seconds.div_euclid(DAY).rem_euclid(7));
    let [d, e, f] = name(MONTHS, month - 1);
    let [tens, ones] = digits(day as u32);
    let tens = if tens == b'0' { b' ' } else { tens };
    ([a, b, c, b' ', d, e, f, b' ', tens, ones, b' '], year)
}

/// Writes `Wed Aug 28 13:00:00`, as ctime(3) begins, and returns the year.
pub(crate) fn push_ctime(line: &mut Vec<u8>, seconds: i64) -> i64 {
    let (date, year) = ctime_date(seconds);
    line.extend_from_slice(&date);
    line.extend_from_slice(&time_of_day(seconds.rem_euclid(DAY) as u32));
    year
}

/// Displays a second of the day as `hh:mm:ss`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TimeOfDay(pub(crate) u32);

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(str::from_utf8(&time_of_day(self.0)).unwrap_or("??:??:??"))
    }
}

/// Returns `hh:mm` and three NULs, the first byte lowest, for a number of seconds less than a day.
#[inline]
pub(crate) fn hours_minutes(seconds: i64) -> Option<u64> {
    let minute = u32::try_from(seconds).ok()? / 60;
    MINUTES.get(minute as usize).copied()
}

/// The minutes of a day, in the form of [`hours_minutes`]. last(1) needs three for each row: a
/// look-up takes four instructions, computing the digits twenty.
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

/// Parses `2013-08-28T20:30:40.123456Z`, and utmpdump's `2013-08-28T20:30:40,123456+00:00`.
/// utmpdump prints microseconds as stored, even negative ones or a million.
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

/// Parses the old form of utmpdump, `Wed Aug 28 03:00:00 2013 GMT`; the zone is optional. A blank
/// text is time 0.
pub(crate) fn parse_ctime(text: &str) -> Result<Timestamp, String> {
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
    let [_, month, day, time, year, zone @ ..] = words.as_slice() else {
        let blank = words.is_empty().then_some(Timestamp::default());
        return blank.ok_or_else(|| format!("'{text}' is not a valid time"));
    };
    if !matches!(zone, [] | ["GMT" | "UTC"]) {
        let zone = zone.join(" ");
        return Err(format!("unknown time zone '{zone}': change the time to UTC"));
    }
    let seconds = || {
        let at = MONTHS.find(month).filter(|at| month.len() == 3 && at % 3 == 0)?;
        let (hour, minute, second) = clock(time)?;
        let (year, month) = (year.parse().ok()?, i64::try_from(at / 3 + 1).ok()?);
        Civil { year, month, day: int(day)?, hour, minute, second }.seconds()
    };
    let tv_sec = seconds().ok_or_else(|| format!("'{text}' is not a valid time"))?;
    Ok(Timestamp { tv_sec, tv_usec: 0 })
}

fn clock(time: &str) -> Option<(i64, i64, i64)> {
    let mut parts = time.split(':').map(int);
    let clock = (parts.next()??, parts.next()??, parts.next()??);
    parts.next().is_none().then_some(clock)
}

/// Parses one or two digits.
fn int(digits: &str) -> Option<i64> {
    let plain = matches!(digits.len(), 1 | 2) && digits.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| digits.parse().ok())?
}

/// Parses decimals of a second as microseconds, if there are no more than six.
fn fraction(digits: &str) -> Option<i64> {
    let plain = matches!(digits.len(), 1..=6) && digits.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| format!("{digits:0<6}").parse().ok())?
}

/// Parses `+hh:mm` as seconds east of Greenwich.
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
        // Output of `date -u -d @N` of GNU coreutils.
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
        // The clock changes from any day to any other.
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
        for (tv_sec, expected) in [
            (-62_167_219_200, "0000-01-01T00:00:00.000007Z"),
            (253_402_300_799, "9999-12-31T23:59:59.000007Z"),
            (0, "1970-01-01T00:00:00.000007Z"),
        ] {
            let time = Timestamp { tv_sec, tv_usec: 7 };
            assert!(time.has_calendar_form());
            let mut line = Vec::new();
            Clock::new().rfc3339(&mut line, time);
            assert_eq!(String::from_utf8(line).unwrap(), expected);
            assert_eq!(time.to_string(), expected);
        }
        for (tv_sec, tv_usec) in
            [(-62_167_219_201, 0), (253_402_300_800, 0), (0, -1), (0, 1_000_000)]
        {
            assert!(!Timestamp { tv_sec, tv_usec }.has_calendar_form());
        }
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
