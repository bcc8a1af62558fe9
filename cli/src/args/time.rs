//! Times as users type them: every form that util-linux accepts, `@` seconds, and RFC 3339.

use std::ops::Range;

use jiff::ToSpan as _;
use jiff::civil::{Date, Time, Weekday};
use loginrec::Timestamp;

use crate::args::zone::Zone;

const SECOND: f64 = 1e6;
const DAY: f64 = 86_400.0 * SECOND;
/// The year of util-linux: 365.25 days. Its month is a twelfth of that.
const YEAR: f64 = 365.25 * DAY;
const MONTH: f64 = YEAR / 12.0;

/// Units of time spans in microseconds.
const UNITS: &[(&[&str], f64)] = &[
    (&["us", "usec"], 1.0),
    (&["ms", "msec"], 1e3),
    (&["s", "sec", "second", "seconds"], SECOND),
    (&["m", "min", "minute", "minutes"], 60.0 * SECOND),
    (&["h", "hr", "hour", "hours"], 3600.0 * SECOND),
    (&["d", "day", "days"], DAY),
    (&["w", "week", "weeks"], 7.0 * DAY),
    (&["month", "months"], MONTH),
    (&["y", "year", "years"], YEAR),
];

/// A time, perhaps relative to another or to a time zone not yet known.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum TimeArg {
    /// Seconds since 1970.
    At(i64),
    /// Microseconds relative to now.
    FromNow(f64),
    /// Midnight, this many days from today.
    Midnight(i8),
    /// Local time in the zone; without a date, today.
    Clock { weekday: Option<Weekday>, date: Option<Date>, time: Time },
}

impl TimeArg {
    /// Parses an argument, for clap.
    pub(crate) fn parse(text: &str) -> Result<TimeArg, String> {
        parse(text).ok_or_else(|| {
            "not a time: give YYYY-MM-DD hh:mm:ss, YYYY-MM, hh:mm, YYYYMMDDhhmmss, now, today, yesterday, \
             tomorrow, +5min, -2days, @SECONDS, or RFC 3339 such as 2024-05-01T12:00:00+02:00"
                .to_owned()
        })
    }

    /// Returns whether the time depends on what "now" is.
    pub(crate) fn is_relative(&self) -> bool {
        !matches!(self, TimeArg::At(_) | TimeArg::Clock { date: Some(_), .. })
    }

    /// Returns seconds since 1970 for the value of `option`, given the zone. `now` is called only
    /// for relative times. The error is a message for the user: only the zone shows whether the
    /// time exists, and whether the weekday fits the date.
    pub(crate) fn resolve(
        &self,
        option: &str,
        zone: &Zone,
        now: impl FnOnce() -> i64,
    ) -> Result<i64, String> {
        let now = match self {
            TimeArg::At(_) => 0,
            _ => now(),
        };
        let seconds = self.seconds(zone, now);
        seconds.ok_or_else(|| {
            format!("--{option}: no such time in this time zone, or the weekday is wrong")
        })
    }

    /// Returns seconds since 1970, given the zone and the current time. `None` if the time does not
    /// exist, or the weekday does not fit the date.
    pub(crate) fn seconds(&self, zone: &Zone, now: i64) -> Option<i64> {
        let today = || Some(zone.local(now)?.civil.date());
        match *self {
            TimeArg::At(seconds) => Some(seconds),
            TimeArg::FromNow(span) => {
                let at = now as f64 + span / SECOND;
                // Beyond the calendar there are no records, so saturating is harmless.
                at.is_finite().then_some(at.floor() as i64)
            }
            TimeArg::Midnight(days) => {
                let day = today()?.checked_add(i64::from(days).days()).ok()?;
                zone.seconds(day.to_datetime(Time::midnight()))
            }
            TimeArg::Clock { weekday, date, time } => {
                let date = date.or_else(today)?;
                let fits = weekday.is_none_or(|weekday| weekday == date.weekday());
                fits.then(|| zone.seconds(date.to_datetime(time))).flatten()
            }
        }
    }
}

fn parse(text: &str) -> Option<TimeArg> {
    match text {
        "now" => return Some(TimeArg::FromNow(0.0)),
        "today" => return Some(TimeArg::Midnight(0)),
        "yesterday" => return Some(TimeArg::Midnight(-1)),
        "tomorrow" => return Some(TimeArg::Midnight(1)),
        _ => {}
    }
    if let Some(seconds) = text.strip_prefix('@') {
        return epoch(seconds).map(TimeArg::At);
    }
    // Seconds since 1973: fewer digits could be anything.
    if (9..=11).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit()) {
        return epoch(text).map(TimeArg::At);
    }
    if let Some(unit) = text.strip_prefix("last ") {
        return span(&format!("1 {unit}")).map(|span| TimeArg::FromNow(-span));
    }
    if let Some(later) = text.strip_prefix('+') {
        return span(later).map(TimeArg::FromNow);
    }
    if let Some(ago) = text.strip_prefix('-').or_else(|| text.strip_suffix(" ago")) {
        return span(ago).map(|span| TimeArg::FromNow(-span));
    }
    if text.len() == 14
        && let Some(at) = packed(text)
    {
        return Some(at);
    }
    let (weekday, rest) = weekday(text);
    let Some((date, rest)) = rest.split_once(['T', 't', ' ']) else {
        return match date(rest) {
            Some(date) => Some(clock(weekday, Some(date), Time::midnight())),
            None => match month(rest) {
                Some(first) => Some(clock(weekday, Some(first), Time::midnight())),
                None => time(rest).map(|time| clock(weekday, None, time)).or_else(|| ago(text)),
            },
        };
    };
    let date = self::date(date)?;
    let (time, east) = offset(rest);
    let time = self::time(time.trim_end())?;
    match east {
        Some(east) => Some(TimeArg::At(Zone::parse(east).ok()?.seconds(date.to_datetime(time))?)),
        None => Some(clock(weekday, Some(date), time)),
    }
}

fn clock(weekday: Option<Weekday>, date: Option<Date>, time: Time) -> TimeArg {
    TimeArg::Clock { weekday, date, time }
}

/// Splits a time of day from the offset after it.
fn offset(text: &str) -> (&str, Option<&str>) {
    for utc in ["UTC", "Z", "z"] {
        if let Some(time) = text.strip_suffix(utc) {
            return (time, Some("Z"));
        }
    }
    match text.find(['+', '-']).and_then(|at| text.split_at_checked(at)) {
        Some((time, east)) => (time, Some(east)),
        None => (text, None),
    }
}

/// Parses whole seconds; fractions are dropped.
fn epoch(text: &str) -> Option<i64> {
    let (seconds, part) = text.split_once('.').unwrap_or((text, ""));
    let whole: i64 = seconds.parse().ok()?;
    part.bytes().all(|b| b.is_ascii_digit()).then_some(whole)
}

/// Parses `5min`, `2 days`, `1h 30min` or `1.5h` as microseconds.
fn span(text: &str) -> Option<f64> {
    let mut rest = text.trim_matches(' ');
    let mut sum = None;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, behind) = rest.split_at_checked(digits)?;
        let behind = behind.trim_start_matches(' ');
        let letters = behind.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(behind.len());
        let (unit, behind) = behind.split_at_checked(letters)?;
        let (_, micros) = UNITS.iter().find(|(names, _)| names.contains(&unit))?;
        sum = Some(sum.unwrap_or(0.0) + number.parse::<f64>().ok()? * micros);
        rest = behind.trim_start_matches(' ');
    }
    sum
}

/// Parses `YYYYMMDDhhmmss`.
fn packed(text: &str) -> Option<TimeArg> {
    let part = |from: usize, to: usize| number(text.get(from..to)?);
    let date = day(part(0, 4)?, part(4, 6)?, part(6, 8)?)?;
    Some(clock(None, Some(date), of_day(part(8, 10)?, part(10, 12)?, part(12, 14)?)?))
}

fn weekday(text: &str) -> (Option<Weekday>, &str) {
    use Weekday::*;
    let days = [
        ("Monday", Monday),
        ("Tuesday", Tuesday),
        ("Wednesday", Wednesday),
        ("Thursday", Thursday),
        ("Friday", Friday),
        ("Saturday", Saturday),
        ("Sunday", Sunday),
    ];
    let Some((name, rest)) = text.split_once(' ') else { return (None, text) };
    let named = days.into_iter().find(|(long, _)| {
        name.eq_ignore_ascii_case(long)
            || long.get(..3).is_some_and(|l| name.eq_ignore_ascii_case(l))
    });
    match named {
        Some((_, day)) => (Some(day), rest.trim_start()),
        None => (None, text),
    }
}

/// Parses a length of time, such as `1h30m`: so long ago.
fn ago(text: &str) -> Option<TimeArg> {
    span(text).map(|span| TimeArg::FromNow(-span))
}

/// Parses `YYYY-MM`, the first day of a month.
fn month(text: &str) -> Option<Date> {
    let (year, month) = text.split_once('-')?;
    if year.len() != 4 || month.len() > 2 {
        return None;
    }
    day(number(year)?, number(month)?, 1)
}

/// Parses `YYYY-MM-DD` or `YY-MM-DD`, from 1969 to 2068.
fn date(text: &str) -> Option<Date> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || month.len() > 2 || day.len() > 2 {
        return None;
    }
    let year = match (year.len(), number(year)?) {
        (2, year @ 69..) => 1900 + year,
        (2, year) => 2000 + year,
        (4, year) => year,
        _ => return None,
    };
    self::day(year, number(month)?, number(day)?)
}

/// Returns a date; 30 February is the second day after 28 February, as for mktime(3).
fn day(year: i16, month: i16, day: i16) -> Option<Date> {
    if !(1..=31).contains(&day) {
        return None;
    }
    let first = Date::new(year, i8::try_from(month).ok()?, 1).ok()?;
    first.checked_add(i64::from(day - 1).days()).ok()
}

/// Parses `hh:mm`, `hh:mm:ss` or `hh:mm:ss.ffffff`.
fn time(text: &str) -> Option<Time> {
    let (clock, part) = match text.split_once(['.', ',']) {
        Some((clock, part)) if part.is_empty() || clock.len() < 6 => return None,
        Some((clock, part)) => (clock, part),
        None => (text, ""),
    };
    if !part.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let mut parts = clock.split(':');
    let (hour, minute) = (parts.next()?, parts.next()?);
    let second = parts.next().unwrap_or("0");
    if parts.next().is_some() || [hour, minute, second].iter().any(|part| part.len() > 2) {
        return None;
    }
    of_day(number(hour)?, number(minute)?, number(second)?)
}

/// Returns a time of day. A leap second is the one before it.
fn of_day(hour: i16, minute: i16, second: i16) -> Option<Time> {
    let second = if second == 60 { 59 } else { second };
    let [hour, minute, second] = [hour, minute, second].map(|part| i8::try_from(part).ok());
    Time::new(hour?, minute?, second?, 0).ok()
}

/// Parses digits only.
fn number(text: &str) -> Option<i16> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// Returns whether a time is within a range; either end may be open.
pub(crate) fn within(time: Timestamp, range: &Range<Option<i64>>) -> bool {
    let at = |tv_sec| Timestamp { tv_sec, tv_usec: 0 };
    range.start.is_none_or(|start| time >= at(start)) && range.end.is_none_or(|end| time <= at(end))
}

#[cfg(test)]
mod tests {
    use jiff::civil::DateTime;

    use super::*;

    /// Sunday 2026-11-22 01:02:03 UTC, 02:02:03 in Berlin.
    const NOW: i64 = 1_795_309_323;

    fn at(text: &str) -> Option<String> {
        let zone = Zone::parse("Europe/Berlin").unwrap();
        let seconds = TimeArg::parse(text).ok()?.seconds(&zone, NOW)?;
        Some(DateTime::to_string(&Zone::utc().local(seconds)?.civil))
    }

    #[test]
    fn every_form() {
        for (text, utc) in [
            ("now", "2026-11-22T01:02:03"),
            ("today", "2026-11-21T23:00:00"),
            ("yesterday", "2026-11-20T23:00:00"),
            ("tomorrow", "2026-11-22T23:00:00"),
            ("+5min", "2026-11-22T01:07:03"),
            ("-2days", "2026-11-20T01:02:03"),
            ("-2 d", "2026-11-20T01:02:03"),
            ("2 days ago", "2026-11-20T01:02:03"),
            ("+1 day 2h", "2026-11-23T03:02:03"),
            ("-1.5h", "2026-11-21T23:32:03"),
            ("-1week", "2026-11-15T01:02:03"),
            ("-1month", "2026-10-22T14:32:03"),
            ("-1y", "2025-11-21T19:02:03"),
            ("-5msec", "2026-11-22T01:02:02"),
            ("@1700000000", "2023-11-14T22:13:20"),
            ("@1700000000.5", "2023-11-14T22:13:20"),
            ("@-5", "1969-12-31T23:59:55"),
            ("20231114221320", "2023-11-14T21:13:20"),
            ("2023-11-14 22:13:20", "2023-11-14T21:13:20"),
            ("2023-11-14T22:13:20", "2023-11-14T21:13:20"),
            ("2023-11-14 22:13:20.123456", "2023-11-14T21:13:20"),
            ("2023-11-14 22:13", "2023-11-14T21:13:00"),
            ("23-11-14 22:13", "2023-11-14T21:13:00"),
            ("70-01-02", "1970-01-01T23:00:00"),
            ("2023-11-14", "2023-11-13T23:00:00"),
            ("2023-07-14", "2023-07-13T22:00:00"),
            ("2023-02-30", "2023-03-01T23:00:00"),
            ("2023-04", "2023-03-31T22:00:00"),
            ("1700000000", "2023-11-14T22:13:20"),
            ("last week", "2026-11-15T01:02:03"),
            ("last hour", "2026-11-22T00:02:03"),
            ("1h30m", "2026-11-21T23:32:03"),
            ("2days", "2026-11-20T01:02:03"),
            ("Mon 2023-11-13", "2023-11-12T23:00:00"),
            ("sunday 22:13", "2026-11-22T21:13:00"),
            ("22:13", "2026-11-22T21:13:00"),
            ("22:13:20", "2026-11-22T21:13:20"),
            ("2023-11-14T22:13:20Z", "2023-11-14T22:13:20"),
            ("2023-11-14T22:13:20.5Z", "2023-11-14T22:13:20"),
            ("2023-11-14T22:13:20+02:00", "2023-11-14T20:13:20"),
            ("2023-11-14 22:13:20-0930", "2023-11-15T07:43:20"),
            ("2023-11-14 22:13 UTC", "2023-11-14T22:13:00"),
        ] {
            assert_eq!(at(text).as_deref(), Some(utc), "{text}");
        }
    }

    #[test]
    fn what_is_no_time() {
        for text in [
            "",
            " now",
            "NOW",
            "5",
            "12345678",
            "2023-13",
            "23-04",
            "last",
            "last monday",
            "+5",
            "monday",
            "2023-13-14",
            "25:00",
            "22:60",
            "11/14/23",
            "-2fortnights",
            "-2M",
            "2023-11-14 +01:00",
            "-",
            "+",
            "@",
            "@x",
            "ago",
            " ago",
            "2023-11-32",
            "2023-00-10",
            "20231314221320",
            "2023-11-14T",
            "Mon 2023-11-14",
            "12:30:20:10",
            "1 2 3",
            "+1e9days",
            "@99999999999999999999",
            "2023-11-14T22:13:20+9",
            "９:30",
        ] {
            let found = at(text);
            let fine = text == "2023-11-14T22:13:20+9";
            assert_eq!(found.is_some(), fine, "{text}: {found:?}");
        }
    }

    /// Distant times do not panic.
    #[test]
    fn the_ends_of_time() {
        let zone = Zone::utc();
        for text in ["+99999999999999999999y", "-99999999999y", "0000-01-01", "9999-12-30"] {
            let parsed = TimeArg::parse(text).unwrap();
            parsed.seconds(&zone, NOW).unwrap();
        }
        assert_eq!(TimeArg::parse("tomorrow").unwrap().seconds(&zone, i64::MAX), None);
    }
}
