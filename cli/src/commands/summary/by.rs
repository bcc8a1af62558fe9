//! What logins are counted by.

use clap::ValueEnum;
use loginrec::contract::{Column, SummaryKey};
use loginrec::{Text, Timestamp};

use crate::args::zone::Offsets;
use crate::commands::summary::names::{Names, Texts};
use crate::output::ascii::datetime::Civil;

/// A value of `--by`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum By {
    /// The user
    User,
    /// The address, or the host without one
    Source,
    /// The line
    Line,
    /// The machine
    Machine,
    /// The day that it began
    Day,
    /// The hour of the day
    Hour,
    /// The day of the week
    Weekday,
}

/// The number of a value of each: of a name, of a day from 1970-01-01 on, of an hour, of a weekday
/// from Monday on.
pub(crate) type Number = i64;

/// The number of a time that has no calendar form.
const UNKNOWN: Number = Number::MIN;

const WEEKDAYS: [&str; 7] =
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
/// The weekday of 1970-01-01.
const THURSDAY: i64 = 3;
const DAY: i64 = 86_400;

/// Logins or failed logins with equal values.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Logins {
    pub(crate) machine: Number,
    /// Numbers of their names.
    pub(crate) user: u32,
    pub(crate) source: u32,
    pub(crate) line: u32,
    /// When it began; `None` if that is unknown.
    pub(crate) time: Option<Timestamp>,
    pub(crate) logins: u64,
    pub(crate) failed: u64,
    /// How long they lasted, in microseconds.
    pub(crate) micros: i128,
}

impl By {
    pub(crate) fn column(self) -> Column {
        match self {
            By::User => Column::User,
            By::Source => Column::Source,
            By::Line => Column::Line,
            By::Machine => Column::Machine,
            By::Day => Column::Day,
            By::Hour => Column::Hour,
            By::Weekday => Column::Weekday,
        }
    }

    /// Whether values have an order of their own; others are listed by their numbers of logins.
    pub(crate) fn is_calendar(self) -> bool {
        matches!(self, By::Day | By::Hour | By::Weekday)
    }

    pub(crate) fn number(self, logins: &Logins, clock: &mut Offsets) -> Number {
        let mut local = || {
            let seconds = logins.time?.tv_sec;
            Some(seconds.saturating_add(clock.east(seconds)?.into()))
        };
        let part = match self {
            By::User => Some(logins.user.into()),
            By::Source => Some(logins.source.into()),
            By::Line => Some(logins.line.into()),
            By::Machine => Some(logins.machine),
            By::Day => local().map(|seconds| seconds.div_euclid(DAY)),
            By::Hour => local().map(|seconds| seconds.rem_euclid(DAY) / 3600),
            By::Weekday => {
                local().map(|seconds| (seconds.div_euclid(DAY) + THURSDAY).rem_euclid(7))
            }
        };
        part.unwrap_or(UNKNOWN)
    }

    /// Returns the value for rows. `day` is room for the text of a day.
    pub(crate) fn key<'a>(
        self,
        number: Number,
        names: &'a Names,
        day: &'a mut String,
    ) -> SummaryKey<'a> {
        let text = |of: &'a Texts| Text::new(of.get(number));
        match self {
            By::User => SummaryKey::User(text(&names.users)),
            By::Source => SummaryKey::Source(text(&names.sources)),
            By::Line => SummaryKey::Line(text(&names.lines)),
            By::Machine => SummaryKey::Machine(names.machine(number)),
            By::Day => {
                *day = date(number);
                SummaryKey::Day((number != UNKNOWN).then_some(day))
            }
            By::Hour => SummaryKey::Hour(u8::try_from(number).ok()),
            By::Weekday => SummaryKey::Weekday(weekday(number)),
        }
    }

    /// Returns the value for people; empty if there is none.
    pub(crate) fn shown(self, number: Number, names: &Names) -> String {
        match self.key(number, names, &mut String::new()) {
            SummaryKey::User(text) | SummaryKey::Source(text) | SummaryKey::Line(text) => {
                text.to_string()
            }
            SummaryKey::Machine(name) => {
                name.map_or_else(String::new, |name| Text::new(name.as_bytes()).to_string())
            }
            SummaryKey::Day(day) => day.unwrap_or_default().to_owned(),
            SummaryKey::Hour(hour) => hour.map_or_else(String::new, |hour| format!("{hour:02}")),
            SummaryKey::Weekday(day) => {
                day.and_then(|day| day.get(..3)).unwrap_or_default().to_owned()
            }
            _ => String::new(),
        }
    }
}

fn weekday(number: Number) -> Option<&'static str> {
    WEEKDAYS.get(usize::try_from(number).ok()?).copied()
}

fn date(day: Number) -> String {
    let Civil { year, month, day, .. } = Civil::of(day.saturating_mul(DAY));
    format!("{year:04}-{month:02}-{day:02}")
}

/// Returns a time to the minute, in a zone; empty if there is none.
pub(crate) fn minute(time: Option<Timestamp>, clock: &mut Offsets) -> String {
    let Some(seconds) = time.map(|time| time.tv_sec) else { return String::new() };
    let Some(east) = clock.east(seconds) else { return format!("@{seconds}") };
    let Civil { year, month, day, hour, minute, .. } =
        Civil::of(seconds.saturating_add(east.into()));
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}")
}
