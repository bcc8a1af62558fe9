use core::str::FromStr;
use core::{error, fmt};

use time::{Date, Month, OffsetDateTime, Time};

/// A time exactly as stored, even if it is not a valid date.
///
/// Login records count seconds since 1970-01-01 00:00:00 UTC, without leap seconds.
///
/// ```
/// use loginrec::Timestamp;
///
/// let t = Timestamp { tv_sec: 1_700_000_000, tv_usec: 123_456 };
/// assert_eq!(t.to_string(), "2023-11-14T22:13:20.123456Z");
/// // Damaged microseconds: not a valid date, but both numbers are kept.
/// assert!(Timestamp { tv_sec: 0, tv_usec: 1_000_000 }.to_utc().is_none());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Timestamp {
    /// Seconds since the epoch, as stored.
    pub tv_sec: i64,
    /// Microseconds: 0 to 999999, but a damaged record may hold any number.
    pub tv_usec: i64,
}

impl Timestamp {
    /// The time of a database row that has none. No calendar has it, unlike second 0.
    pub const ABSENT: Timestamp = Timestamp { tv_sec: i64::MIN, tv_usec: 0 };

    /// Converts microseconds since the epoch (FreeBSD `fu_tv`).
    #[inline]
    pub const fn from_micros(micros: u64) -> Timestamp {
        Timestamp { tv_sec: (micros / 1_000_000) as i64, tv_usec: (micros % 1_000_000) as i64 }
    }

    /// Returns the date and time in UTC; `None` outside the years -9999 to 9999, or if the
    /// microseconds are not 0 to 999999.
    pub fn to_utc(self) -> Option<OffsetDateTime> {
        let usec = u32::try_from(self.tv_usec).ok()?;
        let date = OffsetDateTime::from_unix_timestamp(self.tv_sec).ok()?;
        // `time` supports more years if its feature `large-dates` is on.
        let date = Some(date).filter(|date| (-9999..=9999).contains(&date.year()))?;
        date.replace_microsecond(usec).ok()
    }

    /// Returns whether RFC 3339 can express the time: years 0 to 9999, microseconds 0 to 999999.
    #[inline]
    pub const fn has_calendar_form(self) -> bool {
        let is_in_years = self.tv_sec >= -62_167_219_200 && self.tv_sec < 253_402_300_800;
        is_in_years && self.tv_usec >= 0 && self.tv_usec < 1_000_000
    }

    /// Returns the time with 32-bit seconds read as unsigned: 1970 to 2106 instead of 1901 to 2038,
    /// as glibc reads them since 2.40.
    ///
    /// Nothing in a file shows which of the two is meant. Use it only if the seconds are 32 bits
    /// wide ([`Layout::has_32bit_time`](crate::Layout::has_32bit_time)); larger values are returned
    /// unchanged.
    #[inline]
    pub const fn unsigned32(self) -> Timestamp {
        match self.tv_sec {
            -0x8000_0000..=-1 => Timestamp { tv_sec: self.tv_sec & 0xffff_ffff, ..self },
            _ => self,
        }
    }
}

/// Prints RFC 3339 in UTC with six decimals, or `@seconds.microseconds` if it is not a valid date.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to_utc() {
            Some(t) if t.year() >= 0 => write!(
                f,
                "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z",
                t.year(),
                u8::from(t.month()),
                t.day(),
                t.hour(),
                t.minute(),
                t.second(),
                t.microsecond()
            ),
            _ => write!(f, "@{}.{:06}", self.tv_sec, self.tv_usec),
        }
    }
}

/// Parses what [`Display`](fmt::Display) prints: RFC 3339 in UTC with up to six decimals, or
/// `@seconds.microseconds`.
///
/// ```
/// use loginrec::Timestamp;
///
/// let time: Timestamp = "2023-11-14T22:13:20.5Z".parse()?;
/// assert_eq!(time, Timestamp { tv_sec: 1_700_000_000, tv_usec: 500_000 });
/// # Ok::<(), loginrec::value::ParseTimestampError>(())
/// ```
impl FromStr for Timestamp {
    type Err = ParseTimestampError;

    fn from_str(text: &str) -> Result<Timestamp, ParseTimestampError> {
        let parsed = match text.strip_prefix('@') {
            Some(numbers) => parse_numbers(numbers),
            None => parse_date_time(text),
        };
        parsed.ok_or(ParseTimestampError(()))
    }
}

fn parse_numbers(text: &str) -> Option<Timestamp> {
    let (sec, usec) = text.split_once('.')?;
    Some(Timestamp { tv_sec: sec.parse().ok()?, tv_usec: usec.parse().ok()? })
}

fn parse_date_time(text: &str) -> Option<Timestamp> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let (time, decimals) = time.split_once('.').unwrap_or((time, "0"));
    let [year, month, day] = parse_parts(date, '-', [4, 2, 2])?;
    let [hour, minute, second] = parse_parts(time, ':', [2, 2, 2])?;
    let [decimal] = parse_parts(decimals, '.', [decimals.len()])?;
    let missing = 6usize.checked_sub(decimals.len())?;
    let usec = decimal.checked_mul(10u32.checked_pow(missing.try_into().ok()?)?)?;
    let small = |part: u32| u8::try_from(part).ok();
    let month = Month::try_from(small(month)?).ok()?;
    let date = Date::from_calendar_date(year.try_into().ok()?, month, small(day)?).ok()?;
    let time = Time::from_hms(small(hour)?, small(minute)?, small(second)?).ok()?;
    let tv_sec = date.with_time(time).assume_utc().unix_timestamp();
    Some(Timestamp { tv_sec, tv_usec: usec.into() })
}

/// Parses numbers with these numbers of digits.
fn parse_parts<const N: usize>(
    text: &str,
    separator: char,
    digits: [usize; N],
) -> Option<[u32; N]> {
    let mut parts = text.split(separator);
    let mut numbers = [0; N];
    for (number, len) in numbers.iter_mut().zip(digits) {
        let part = parts.next()?;
        let is_number = part.len() == len && part.bytes().all(|byte| byte.is_ascii_digit());
        *number = part.parse().ok().filter(|_| is_number)?;
    }
    parts.next().is_none().then_some(numbers)
}

/// The error of parsing a [`Timestamp`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseTimestampError(());

impl fmt::Display for ParseTimestampError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a time such as 2023-11-14T22:13:20.123456Z")
    }
}

impl error::Error for ParseTimestampError {}

#[cfg(test)]
mod tests {
    use std::string::ToString as _;

    use super::*;

    #[test]
    fn times_parse_as_they_are_printed() {
        let seconds = [0, 1, -1, 1_700_000_000, 951_827_696, 253_402_300_799, -62_167_219_200];
        let beyond = [i64::MIN, i64::MAX, 253_402_300_800];
        for tv_sec in seconds.into_iter().chain(beyond) {
            for tv_usec in [0, 1, 999_999, 1_000_000, -1, i64::MIN] {
                let time = Timestamp { tv_sec, tv_usec };
                assert_eq!(time.to_string().parse(), Ok(time), "{time}");
            }
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            "@",
            "@1",
            "now",
            "2023-11-14",
            "2023-11-14T22:13:20",
            "2023-11-14T22:13:20+00:00",
            "2023-02-29T00:00:00Z",
            "2023-11-14T24:00:00Z",
            "2023-11-14T22:13:60Z",
            "2023-11-14T22:13:20.Z",
            "2023-11-14T22:13:20.1234567Z",
            "2023-11-14T22:13:20.+1Z",
            "+023-11-14T22:13:20Z",
            "2023-11-14T22:13:2é",
        ] {
            assert!(text.parse::<Timestamp>().is_err(), "{text}");
        }
    }
}
