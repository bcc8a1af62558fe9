//! The columns of last(1).

use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use clap::ValueEnum;
use loginrec::Address;

use super::careful;
use super::pair::{End, Row};
use crate::zone::Zone;

const USER: usize = 8;
const LINE: usize = 12;
const HOST: usize = 16;
const LENGTH: usize = 12;
/// util-linux never prints the last byte of a host that fills its field.
const WHOLE_HOST: usize = 255;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum TimeFormat {
    /// No times, only how long
    Notime,
    /// `Wed Aug 28 13:00`
    #[default]
    Short,
    /// `Wed Aug 28 13:00:00 2013`
    Full,
    /// `2013-08-28T13:00:00+00:00`
    Iso,
}

impl TimeFormat {
    /// Columns of the login time.
    fn login(self) -> usize {
        match self {
            TimeFormat::Notime => 0,
            TimeFormat::Short => 16,
            TimeFormat::Full => 24,
            TimeFormat::Iso => 25,
        }
    }

    /// Columns of the logout time with its `- `.
    fn logout(self) -> usize {
        match self {
            TimeFormat::Notime => 0,
            TimeFormat::Short => 7,
            TimeFormat::Full => 26,
            TimeFormat::Iso => 27,
        }
    }

    /// Whether the phrases stand whole in the logout column.
    fn is_long(self) -> bool {
        matches!(self, TimeFormat::Full | TimeFormat::Iso)
    }
}

/// Writes rows.
#[derive(Debug)]
pub(super) struct Format {
    pub(super) zone: Zone,
    pub(super) times: TimeFormat,
    /// Names and hosts uncut.
    pub(super) wide: bool,
    pub(super) host: HostColumn,
    /// The stored address instead of the host.
    pub(super) address: bool,
    pub(super) separator: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HostColumn {
    Third,
    Last,
    Absent,
}

impl Format {
    /// Appends one line. `start` and the like are cut and padded by bytes, as printf does.
    pub(super) fn row(&self, out: &mut Vec<u8>, row: &Row<'_>) {
        let address = match self.address {
            true => shown_address(row.address),
            false => String::new(),
        };
        let host = match self.address {
            true => address.as_bytes(),
            false => row.host.get(..WHOLE_HOST).unwrap_or(row.host),
        };
        let begun = out.len();

        let name = cut(row.user, USER);
        match (self.wide, &name) {
            (false, Some(short)) => self.column(out, short, USER),
            _ => self.column(out, row.user, USER),
        }
        let line = shown_line(&row.line);
        self.column(out, line.get(..LINE).unwrap_or(line), LINE);
        if self.host == HostColumn::Third {
            match cut(host, HOST) {
                Some(short) if !self.wide => self.column(out, &short, HOST),
                _ => self.column(out, host, HOST),
            }
        }
        self.time(out, row.time);
        out.push(self.separator);
        let length = self.end(out, row);
        out.push(self.separator);
        match self.host {
            HostColumn::Last => {
                let length = length.get(..LENGTH).unwrap_or(&length);
                self.column(out, length.as_bytes(), LENGTH);
                careful::push(out, host);
            }
            _ => out.extend_from_slice(length.as_bytes()),
        }

        while out.len() > begun && matches!(out.last(), Some(b' ' | b'\t')) {
            out.pop();
        }
        out.push(b'\n');
    }

    /// The line under the rows of a file.
    pub(super) fn footer(&self, out: &mut impl Write, name: &str, begins: i64) -> io::Result<()> {
        let times = match self.times {
            TimeFormat::Notime => return Ok(()),
            TimeFormat::Short => TimeFormat::Full,
            times => times,
        };
        let begins = self.stamp(begins, times);
        writeln!(out, "\n{name} begins {begins}")
    }

    /// Text padded to at least `width` bytes of what is stored, and a separator.
    fn column(&self, out: &mut Vec<u8>, text: &[u8], width: usize) {
        careful::push(out, text);
        pad(out, text.len(), width);
        out.push(self.separator);
    }

    fn time(&self, out: &mut Vec<u8>, seconds: i64) {
        let width = self.times.login();
        if width == 0 {
            return;
        }
        let mut stamp = self.stamp(seconds, self.times);
        stamp.truncate(width);
        out.extend_from_slice(stamp.as_bytes());
        pad(out, stamp.len(), width);
    }

    /// Writes the logout column and returns the length.
    fn end(&self, out: &mut Vec<u8>, row: &Row<'_>) -> String {
        let (end, still) = match row.end {
            End::At(end) => (format!("- {}", self.logout_stamp(end)), Ok(end)),
            End::Down(end) => ("- down ".to_owned(), Ok(end)),
            End::Crash(end) => ("- crash".to_owned(), Ok(end)),
            End::LoggedIn => ("  still".to_owned(), Err("logged in")),
            End::Running => ("  still".to_owned(), Err("running")),
            End::Change(_) => (String::new(), Err("")),
        };
        let (mut end, length) = match still {
            Ok(at) => (end, length(at.saturating_sub(row.time))),
            Err("") => (end, String::new()),
            Err(phrase) if self.times.is_long() => (format!("{end} {phrase}"), String::new()),
            Err(phrase) => (end, phrase.to_owned()),
        };
        let width = self.times.logout();
        end.truncate(width);
        out.extend_from_slice(end.as_bytes());
        pad(out, end.len(), width);
        length
    }

    fn logout_stamp(&self, seconds: i64) -> String {
        match self.times {
            TimeFormat::Notime => String::new(),
            TimeFormat::Short => match self.zone.local(seconds) {
                Some(local) => {
                    format!("{:02}:{:02}", local.civil.hour(), local.civil.minute())
                }
                None => "?".to_owned(),
            },
            times => self.stamp(seconds, times),
        }
    }

    /// A date and a time, as ctime(3) writes them or as ISO 8601; seconds where no calendar
    /// has them.
    fn stamp(&self, seconds: i64, times: TimeFormat) -> String {
        let Some(local) = self.zone.local(seconds) else { return format!("@{seconds}") };
        let civil = local.civil;
        if times == TimeFormat::Iso {
            let east = local.offset.abs() / 60;
            let sign = if local.offset < 0 { '-' } else { '+' };
            return format!(
                "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{sign}{:02}:{:02}",
                civil.year(),
                civil.month(),
                civil.day(),
                civil.hour(),
                civil.minute(),
                civil.second(),
                east / 60,
                east % 60
            );
        }
        let month = usize::try_from(civil.month()).unwrap_or_default();
        format!(
            "{} {}{:3} {:02}:{:02}:{:02} {}",
            weekday(civil.weekday()),
            MONTHS.get(month.wrapping_sub(1)).unwrap_or(&"???"),
            civil.day(),
            civil.hour(),
            civil.minute(),
            civil.second(),
            civil.year()
        )
    }
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

fn weekday(day: jiff::civil::Weekday) -> &'static str {
    use jiff::civil::Weekday::*;
    match day {
        Monday => "Mon",
        Tuesday => "Tue",
        Wednesday => "Wed",
        Thursday => "Thu",
        Friday => "Fri",
        Saturday => "Sat",
        Sunday => "Sun",
    }
}

fn pad(out: &mut Vec<u8>, len: usize, width: usize) {
    out.resize(out.len() + width.saturating_sub(len), b' ');
}

/// The first `width` bytes with a star as the last, if `text` is longer.
fn cut(text: &[u8], width: usize) -> Option<Vec<u8>> {
    let head = text.get(..width.checked_sub(1)?).filter(|_| text.len() > width)?;
    Some([head, b"*"].concat())
}

/// The terminal; lines of ftp and uucp daemons end in their process id, which is left out.
pub(super) fn shown_line(line: &[u8]) -> &[u8] {
    let known: [&[u8]; 2] = [b"ftp", b"uucp"];
    for daemon in known {
        if let Some([b'0'..=b'9', ..]) = line.strip_prefix(daemon) {
            return line.get(..daemon.len()).unwrap_or(line);
        }
    }
    line
}

/// Hours and minutes, with days where there are any. Minutes never have a sign, hours only
/// without days.
fn length(seconds: i64) -> String {
    let (minutes, hours, days) = (seconds / 60 % 60, seconds / 3600 % 24, seconds / 86_400);
    let minutes = minutes.abs();
    match (days, hours) {
        (0, 0) if seconds < 0 => format!(" (-00:{minutes:02})"),
        (0, _) => format!(" ({hours:02}:{minutes:02})"),
        _ => format!("({days}+{:02}:{minutes:02})", hours.abs()),
    }
}

/// The address in the form the C library gives it; 0.0.0.0 where there is none.
fn shown_address(address: Address<'_>) -> String {
    match address.ip() {
        None => Ipv4Addr::UNSPECIFIED.to_string(),
        Some(IpAddr::V4(ip)) => ip.to_string(),
        Some(IpAddr::V6(ip)) => match ip.to_ipv4_mapped() {
            Some(ip) => ip.to_string(),
            None => shown_v6(ip),
        },
    }
}

/// An address with six zero words in front has its last two written as IPv4.
fn shown_v6(ip: Ipv6Addr) -> String {
    match ip.segments() {
        [0, 0, 0, 0, 0, 0, high, _] if high != 0 => {
            let [.., a, b, c, d] = ip.octets();
            format!("::{}", Ipv4Addr::new(a, b, c, d))
        }
        _ => ip.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_and_their_signs() {
        assert_eq!(length(0), " (00:00)");
        assert_eq!(length(3600), " (01:00)");
        assert_eq!(length(-60), " (-00:01)");
        assert_eq!(length(-3660), " (-1:01)");
        assert_eq!(length(86_400), "(1+00:00)");
        assert_eq!(length(-90_060), "(-1+01:01)");
        assert_eq!(length(i64::MIN), "(-106751991167300+15:30)");
    }

    #[test]
    fn lines_of_daemons() {
        assert_eq!(shown_line(b"ftp123"), b"ftp");
        assert_eq!(shown_line(b"uucp1"), b"uucp");
        assert_eq!(shown_line(b"ftpd"), b"ftpd");
    }

    #[test]
    fn addresses() {
        assert_eq!(shown_v6("::1.2.3.4".parse().unwrap()), "::1.2.3.4");
        assert_eq!(shown_v6("::1".parse().unwrap()), "::1");
        assert_eq!(shown_v6("2001:db8::1".parse().unwrap()), "2001:db8::1");
    }
}
