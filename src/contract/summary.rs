//! Rows of counts.

use alloc::string::ToString as _;

use crate::contract::column::Column;
use crate::contract::sink::{Row, Sink};
use crate::contract::write::{integer, integer_or_null, text, word_or_null};
use crate::value::text::Text;
use crate::value::timestamp::Timestamp;

/// What logins are counted by, with the value that a row is about.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum SummaryKey<'a> {
    /// The machine; `None` for files that were named without one.
    Machine(Option<&'a str>),
    /// The address, or the host that is not an address; empty for a login without either.
    Source(Text<'a>),
    /// The user.
    User(Text<'a>),
    /// The line.
    Line(Text<'a>),
    /// The day, such as `2024-02-17`; `None` for a time without a calendar form.
    Day(Option<&'a str>),
    /// The hour of the day, 0 to 23.
    Hour(Option<u8>),
    /// The day of the week, such as `monday`.
    Weekday(Option<&'static str>),
}

/// Numbers of logins, as `summary` lists them.
#[derive(Clone, Copy, Debug)]
pub struct SummaryRow<'a> {
    /// What the row is about.
    pub keys: &'a [SummaryKey<'a>],
    /// The number of logins.
    pub logins: u64,
    /// The number of failed logins.
    pub failed: u64,
    /// The time that users were logged in, in whole seconds.
    pub seconds: i64,
    /// The first and the last time of them.
    pub times: Option<(Timestamp, Timestamp)>,
    /// The number of different users.
    pub users: u64,
    /// The number of different sources.
    pub sources: u64,
}

impl Row for SummaryRow<'_> {
    const COLUMNS: &'static [Column] = &[
        Column::Machine,
        Column::Source,
        Column::User,
        Column::Line,
        Column::Day,
        Column::Hour,
        Column::Weekday,
        Column::Logins,
        Column::Failed,
        Column::Seconds,
        Column::First,
        Column::Last,
        Column::Users,
        Column::Sources,
    ];

    fn write(&self, to: &mut impl Sink) {
        match self.keys.iter().find_map(|key| key.machine()) {
            Some(Some(name)) => to.text(Column::Machine, Text::new(name.as_bytes())),
            Some(None) => to.null(Column::Machine),
            None => to.absent(Column::Machine),
        }
        // Every other kind of rows has the name of an archive here, which has no bytes of its own.
        let source = self.keys.iter().find_map(|key| key.text(Column::Source));
        match source.filter(|source| source.to_str().is_none()) {
            Some(odd) => to.text(Column::Source, Text::new(odd.to_string().as_bytes())),
            None => text(to, Column::Source, source),
        }
        for column in [Column::User, Column::Line] {
            text(to, column, self.keys.iter().find_map(|key| key.text(column)));
        }
        match self.keys.iter().find_map(|key| key.day()) {
            Some(Some(day)) => to.text(Column::Day, Text::new(day.as_bytes())),
            Some(None) => to.null(Column::Day),
            None => to.absent(Column::Day),
        }
        match self.keys.iter().find_map(|key| key.hour()) {
            Some(hour) => integer_or_null(to, Column::Hour, hour.map(u64::from)),
            None => integer(to, Column::Hour, None::<u64>),
        }
        match self.keys.iter().find_map(|key| key.weekday()) {
            Some(day) => word_or_null(to, Column::Weekday, day),
            None => to.absent(Column::Weekday),
        }
        to.integer(Column::Logins, self.logins.into());
        to.integer(Column::Failed, self.failed.into());
        to.integer(Column::Seconds, self.seconds.into());
        for (column, time) in [
            (Column::First, self.times.map(|(first, _)| first)),
            (Column::Last, self.times.map(|(_, last)| last)),
        ] {
            match time.filter(|time| time.has_calendar_form()) {
                Some(time) => to.time(column, time),
                None => to.null(column),
            }
        }
        to.integer(Column::Users, self.users.into());
        to.integer(Column::Sources, self.sources.into());
    }
}

impl<'a> SummaryKey<'a> {
    fn machine(self) -> Option<Option<&'a str>> {
        if let SummaryKey::Machine(name) = self { Some(name) } else { None }
    }

    fn text(self, column: Column) -> Option<Text<'a>> {
        match (self, column) {
            (SummaryKey::Source(text), Column::Source)
            | (SummaryKey::User(text), Column::User)
            | (SummaryKey::Line(text), Column::Line) => Some(text),
            _ => None,
        }
    }

    fn day(self) -> Option<Option<&'a str>> {
        if let SummaryKey::Day(day) = self { Some(day) } else { None }
    }

    fn hour(self) -> Option<Option<u8>> {
        if let SummaryKey::Hour(hour) = self { Some(hour) } else { None }
    }

    fn weekday(self) -> Option<Option<&'static str>> {
        if let SummaryKey::Weekday(day) = self { Some(day) } else { None }
    }
}
