//! Options that select rows, the same in every command that has them.

use clap::Args;
use clap::builder::PossibleValuesParser;
use jiff::civil::Weekday;
use loginrec::Event;

use crate::args::host::HostPattern;
use crate::args::time::TimeArg;

/// Whose rows.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct WhoArgs {
    /// Only this user; may be repeated
    #[arg(long, value_name = "NAME")]
    pub(crate) user: Vec<String>,

    /// Only this line, such as pts/0; may be repeated
    #[arg(long, value_name = "LINE")]
    pub(crate) line: Vec<String>,

    /// Only this host: a name, a pattern with * and ?, an address, or a network such as
    /// 192.0.2.0/24. Addresses are compared with the host and with the stored address;
    /// ::ffff:192.0.2.9 is 192.0.2.9. May be repeated
    #[arg(long, value_name = "HOST", value_parser = HostPattern::parse)]
    pub(crate) host: Vec<HostPattern>,
}

/// Rows of what time.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct WhenArgs {
    /// Only what began at this time or later: 2024-03-01, '2024-03-01 14:00', 2024-03,
    /// '2 days ago' (counted from the newest record) and more
    #[arg(long, value_name = "TIME", value_parser = TimeArg::parse, allow_hyphen_values = true)]
    pub(crate) since: Option<TimeArg>,

    /// Only what began at this time or earlier
    #[arg(long, value_name = "TIME", value_parser = TimeArg::parse, allow_hyphen_values = true)]
    pub(crate) until: Option<TimeArg>,

    /// Only what lasted into this time, whenever it began; FROM or TO may be left out
    #[arg(long, value_name = "FROM..TO", value_parser = During::parse, allow_hyphen_values = true)]
    pub(crate) during: Option<During>,

    /// Only what began at these hours of the day, such as 22-06 or 12:30-13:15
    #[arg(long, value_name = "FROM-TO", value_parser = Hours::parse)]
    pub(crate) hours: Option<Hours>,

    /// Only what began on these days of the week, such as sat,sun or mon-fri
    #[arg(long, value_name = "DAYS", value_parser = Weekdays::parse)]
    pub(crate) weekdays: Option<Weekdays>,
}

/// Events of what kind.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct EventArgs {
    /// Only this event; may be repeated
    #[arg(long, value_name = "EVENT", value_parser = events())]
    pub(crate) event: Vec<String>,
}

/// The event of a lastlog's row.
pub(crate) const LAST_LOGIN: &str = "last-login";

fn events() -> PossibleValuesParser {
    Event::ALL.iter().map(|event| event.name()).chain([LAST_LOGIN]).into()
}

/// The value of `--during`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct During {
    pub(crate) from: Option<TimeArg>,
    pub(crate) to: Option<TimeArg>,
}

impl During {
    fn parse(text: &str) -> Result<During, String> {
        let (from, to) =
            text.split_once("..").ok_or("give FROM..TO, such as 2024-03-01..2024-03-02")?;
        let time = |text: &str| (!text.is_empty()).then(|| TimeArg::parse(text.trim())).transpose();
        Ok(During { from: time(from)?, to: time(to)? })
    }
}

/// The value of `--hours`: minutes of the day. The end may be earlier than the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hours {
    from: u16,
    to: u16,
}

impl Hours {
    fn parse(text: &str) -> Result<Hours, String> {
        let minute = |text: &str| {
            let (hour, minute) = text.split_once(':').unwrap_or((text, "0"));
            let number = |text: &str| text.parse::<u16>().ok().filter(|_| text.len() <= 2);
            let (hour, minute) = (number(hour)?, number(minute)?);
            let is_time = hour < 24 && minute < 60 || (hour, minute) == (24, 0);
            is_time.then_some(hour * 60 + minute)
        };
        let hours = text
            .split_once('-')
            .and_then(|(from, to)| Some(Hours { from: minute(from)?, to: minute(to)? }));
        let hours = hours.filter(|hours| hours.from != hours.to);
        hours.ok_or_else(|| "give two times of day, such as 22-06 or 12:30-13:15".to_owned())
    }

    /// Returns whether a minute of the day is in these hours; the end is not.
    pub(crate) fn takes(self, minute: u16) -> bool {
        match self.from < self.to {
            true => (self.from..self.to).contains(&minute),
            false => minute >= self.from || minute < self.to,
        }
    }
}

/// The value of `--weekdays`: a bit for each, from Monday on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Weekdays(u8);

impl Weekdays {
    fn parse(text: &str) -> Result<Weekdays, String> {
        let names = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
        let day = |text: &str| {
            let text = text.to_ascii_lowercase();
            names.iter().position(|name| text.len() >= 3 && name.starts_with(&text))
        };
        let days = |part: &str| match part.split_once('-') {
            None => day(part).map(|day| 1 << day),
            Some((first, last)) => {
                let (first, last) = (day(first)?, day(last)?);
                let count = (last + 7 - first) % 7;
                Some((0..=count).fold(0, |bits, n| bits | 1 << ((first + n) % 7)))
            }
        };
        let all = text.split(',').map(|part| days(part.trim()));
        let bits = all.reduce(|one, other| Some(one? | other?)).flatten();
        bits.map(Weekdays).ok_or_else(|| "give days such as sat,sun or mon-fri".to_owned())
    }

    pub(crate) fn takes(self, day: Weekday) -> bool {
        self.0 & 1 << day.to_monday_zero_offset() != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_of_the_day() {
        let takes = |text: &str, hour: u16, minute: u16| {
            Hours::parse(text).unwrap().takes(hour * 60 + minute)
        };
        assert!(takes("22-06", 23, 59) && takes("22-06", 0, 0) && takes("22-06", 22, 0));
        assert!(!takes("22-06", 6, 0) && !takes("22-06", 21, 59));
        assert!(takes("12:30-13:15", 13, 14) && !takes("12:30-13:15", 13, 15));
        assert!(takes("0-24", 0, 0) && takes("0-24", 23, 59) && takes("18-24", 23, 59));
        for wrong in ["", "22", "22-22", "25-3", "12:60-13", "a-b", "022-06", "24:01-3", "-"] {
            assert!(Hours::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn days_of_the_week() {
        let bits = |text: &str| Weekdays::parse(text).map(|days| days.0);
        assert_eq!(bits("sat,sun"), Ok(0b110_0000));
        assert_eq!(bits("mon-fri"), Ok(0b001_1111));
        assert_eq!(bits("Friday-Mon"), Ok(0b111_0001));
        assert_eq!(bits("tue, thu"), Ok(0b000_1010));
        for wrong in ["", "mo", "sat;sun", "sat,", "mon-", "8"] {
            assert!(bits(wrong).is_err(), "{wrong}");
        }
        assert!(Weekdays(0b100_0000).takes(Weekday::Sunday));
        assert!(!Weekdays(0b100_0000).takes(Weekday::Monday));
    }

    #[test]
    fn during_may_be_open() {
        let both = During::parse("2024-03-01..2024-03-02 14:00").unwrap();
        assert!(both.from.is_some() && both.to.is_some());
        let from = During::parse("@5..").unwrap();
        assert!(from.from.is_some() && from.to.is_none());
        for wrong in ["2024-03-01", "x..", "..x", ""] {
            assert!(During::parse(wrong).is_err(), "{wrong}");
        }
    }
}
