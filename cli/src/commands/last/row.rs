//! The columns of last(1).

use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use loginrec::Address;

use crate::commands::last::args::TimeFormat;
use crate::commands::last::classify::Kind;
use crate::commands::last::escape;
use crate::commands::last::pairing::{End, Row};
use crate::commands::last::row_fast::FastRow;
use crate::commands::last::time::TimeCache;
use crate::output::ascii::datetime::hours_minutes;
use crate::output::ascii::number::decimal;
use crate::output::ascii::scan::Field;

const USER: usize = 8;
const LINE: usize = 12;
const HOST: usize = 16;
const LENGTH: usize = 12;
/// Shorter texts have a faster path.
const SHORT: usize = 24;
/// Length of a host that util-linux prints: never the last byte of a full field.
const WHOLE_HOST: usize = 255;

/// Writes rows.
#[derive(Debug)]
pub(super) struct Format {
    times_cache: TimeCache,
    columns: Columns,
    /// The template of the usual line, if these are the usual columns.
    fast_row: Option<FastRow>,
}

/// The columns of a row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Columns {
    pub(super) times: TimeFormat,
    /// Names and hosts in full.
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
    pub(super) fn new(columns: Columns, times_cache: TimeCache) -> Format {
        let Columns { times, wide, host, address, separator } = columns;
        let is_usual = times == TimeFormat::Short && host == HostColumn::Third;
        let fast_row = (is_usual && !wide && !address).then(|| FastRow::separated_by(separator));
        Format { times_cache, columns, fast_row }
    }

    /// Appends one line. Names are cut and padded by bytes, as with printf.
    #[inline]
    pub(super) fn row(&mut self, out: &mut Vec<u8>, row: Row<'_>) {
        let fast_row = self.fast_row.as_ref().filter(|_| row.kind == Kind::Login);
        if !fast_row
            .is_some_and(|fast_row| fast_row.push(out, row.entry, row.end, &mut self.times_cache))
        {
            self.any_row(out, row);
        }
    }

    #[inline(never)]
    fn any_row(&mut self, out: &mut Vec<u8>, row: Row<'_>) {
        let begun = out.len();
        self.column::<USER>(out, row.user().raw(), !self.columns.wide, b'*');
        let line = row.line();
        match line.raw() {
            // Only these need a closer look.
            [b'f' | b'u', ..] => self.column::<LINE>(out, shown_line(line.as_bytes()), true, 0),
            line => self.column::<LINE>(out, line, true, 0),
        }
        if self.columns.host == HostColumn::Third {
            let address = self.columns.address.then(|| shown_address(row.entry.ut_addr));
            let host = address.as_deref().unwrap_or(host(&row));
            self.column::<HOST>(out, host, !self.columns.wide, b'*');
        }
        self.time(out, row.time());
        out.push(self.columns.separator);
        let length = self.end(out, &row);
        out.push(self.columns.separator);
        let length_begun = out.len();
        match length {
            Length::Phrase(phrase) => out.extend_from_slice(phrase.as_bytes()),
            Length::Seconds(seconds) => push_length(out, seconds),
        }
        if self.columns.host == HostColumn::Last {
            out.truncate(length_begun + LENGTH);
            pad(out, out.len() - length_begun, LENGTH);
            out.push(self.columns.separator);
            match self.columns.address {
                true => out.extend_from_slice(&shown_address(row.entry.ut_addr)),
                false => escape::push(out, Field::of::<0, 0>(host(&row)).text),
            }
        }

        while out.len() > begun && matches!(out.last(), Some(b' ' | b'\t')) {
            out.pop();
        }
        out.push(b'\n');
    }

    /// Appends the line below the rows of a file.
    pub(super) fn footer(
        &mut self,
        out: &mut impl Write,
        name: &str,
        begins: i64,
    ) -> io::Result<()> {
        let times = match self.columns.times {
            TimeFormat::Notime => return Ok(()),
            TimeFormat::Short => TimeFormat::Full,
            times => times,
        };
        let mut text = Vec::new();
        self.times_cache.push(&mut text, begins, times);
        write!(out, "\n{name} begins ")?;
        out.write_all(&text)?;
        out.write_all(b"\n")
    }

    /// Appends the text of a field, padded to at least `WIDTH` bytes, and a separator. A text that
    /// is `cut` to that width ends in `marker`, if there is one.
    #[inline]
    fn column<const WIDTH: usize>(&self, out: &mut Vec<u8>, field: &[u8], cut: bool, marker: u8) {
        let begun = out.len();
        match Field::head::<3, 0, 0>(field) {
            Some((mut cell, len)) if cut || len < SHORT => {
                let width = if cut { WIDTH } else { len.max(WIDTH) };
                let cell = cell.as_flattened_mut();
                if let Some([.., last, behind]) = cell.get_mut(..=width) {
                    if len > width && marker != 0 {
                        *last = marker;
                    }
                    *behind = self.columns.separator;
                }
                out.extend_from_slice(cell);
                out.truncate(begun + width + 1);
            }
            _ => {
                column(out, Field::of::<0, 0>(field).text, WIDTH, cut, marker);
                out.push(self.columns.separator);
            }
        }
    }

    #[inline]
    fn time(&mut self, out: &mut Vec<u8>, seconds: i64) {
        let begun = out.len();
        match (self.columns.times, self.times_cache.short(seconds)) {
            (TimeFormat::Notime, _) => {}
            (TimeFormat::Short, Some(text)) => out.extend_from_slice(&text),
            (times, _) => {
                self.times_cache.push(out, seconds, times);
                fit(out, begun, times.login());
            }
        }
    }

    /// Appends the logout column, and returns the duration after it.
    #[inline]
    fn end(&mut self, out: &mut Vec<u8>, row: &Row<'_>) -> Length {
        let lasted = |end: i64| Length::Seconds(end.saturating_sub(row.time()));
        let (cell, length) = match row.end {
            End::At(end) => (self.logout(end), lasted(end)),
            End::Down(end) => (*b"- down ", lasted(end)),
            End::Crash(end) => (*b"- crash", lasted(end)),
            End::LoggedIn => (*b"  still", Length::Phrase("logged in")),
            End::Running => (*b"  still", Length::Phrase("running")),
            End::Change(_) => (*b"       ", Length::Phrase("")),
        };
        match self.columns.times {
            TimeFormat::Notime => length,
            TimeFormat::Short => {
                out.extend_from_slice(&cell);
                length
            }
            TimeFormat::Full | TimeFormat::Iso => self.long_end(out, row.end, cell, length),
        }
    }

    /// Returns `- hh:mm`.
    #[inline]
    fn logout(&mut self, seconds: i64) -> [u8; 7] {
        match self.times_cache.minutes(seconds) {
            Some(clock) => {
                let [h, i, colon, m, n, ..] = clock.to_le_bytes();
                [b'-', b' ', h, i, colon, m, n]
            }
            None => *b"- ?    ",
        }
    }

    /// Appends the wide logout column: with a full date, or a full phrase.
    fn long_end(&mut self, out: &mut Vec<u8>, end: End, cell: [u8; 7], length: Length) -> Length {
        let begun = out.len();
        let length = match (end, length) {
            (End::At(end), length) => {
                out.extend_from_slice(b"- ");
                self.times_cache.push(out, end, self.columns.times);
                length
            }
            (_, Length::Phrase(phrase)) => {
                out.extend_from_slice(&cell);
                out.push(b' ');
                out.extend_from_slice(phrase.as_bytes());
                Length::Phrase("")
            }
            (_, length) => {
                out.extend_from_slice(&cell);
                length
            }
        };
        fit(out, begun, self.columns.times.logout());
        length
    }
}

/// The content of the last column but one.
enum Length {
    Seconds(i64),
    Phrase(&'static str),
}

fn host<'a>(row: &Row<'a>) -> &'a [u8] {
    let host = row.entry.ut_host.raw();
    host.get(..WHOLE_HOST).unwrap_or(host)
}

/// Does the same as [`Format::column`], for text that is long or needs escaping.
#[cold]
fn column(out: &mut Vec<u8>, text: &[u8], width: usize, cut: bool, marker: u8) {
    let whole = text.len() <= width || !cut;
    let shown = match text.get(..width - usize::from(marker != 0)) {
        Some(head) if !whole => head,
        _ => text,
    };
    escape::push(out, shown);
    if !whole && marker != 0 {
        out.push(marker);
    }
    pad(out, if whole { text.len() } else { width }, width);
}

/// Cuts or pads the text that begins at `begun` to `width`.
#[inline]
fn fit(out: &mut Vec<u8>, begun: usize, width: usize) {
    out.truncate(begun + width);
    pad(out, out.len() - begun, width);
}

#[inline]
fn pad(out: &mut Vec<u8>, len: usize, width: usize) {
    if len < width {
        out.resize(out.len() + width - len, b' ');
    }
}

/// Returns the terminal. Lines of ftp and uucp daemons end in their process id, which is omitted.
pub(super) fn shown_line(line: &[u8]) -> &[u8] {
    let known: [&[u8]; 2] = [b"ftp", b"uucp"];
    for daemon in known {
        if let Some([b'0'..=b'9', ..]) = line.strip_prefix(daemon) {
            return line.get(..daemon.len()).unwrap_or(line);
        }
    }
    line
}

/// Appends hours and minutes, and days if there are any. Minutes never have a sign, hours only
/// without days.
#[inline]
fn push_length(out: &mut Vec<u8>, seconds: i64) {
    match hours_minutes(seconds) {
        Some(clock) => {
            let [h, i, colon, m, n, ..] = clock.to_le_bytes();
            out.extend_from_slice(&[b' ', b'(', h, i, colon, m, n, b')']);
        }
        None => push_odd_length(out, seconds),
    }
}

fn push_odd_length(out: &mut Vec<u8>, seconds: i64) {
    let (minutes, hours, days) = (seconds / 60 % 60, seconds / 3600 % 24, seconds / 86_400);
    let minutes = minutes.abs();
    // Writing to a Vec cannot fail.
    let _ = match (days, hours) {
        (0, 0) => write!(out, " (-00:{minutes:02})"),
        (0, _) => write!(out, " ({hours:02}:{minutes:02})"),
        _ => {
            out.push(b'(');
            decimal(out, days);
            write!(out, "+{:02}:{minutes:02})", hours.abs())
        }
    };
}

/// Returns the address in the form of the C library; 0.0.0.0 if there is none.
fn shown_address(address: Address<'_>) -> Vec<u8> {
    let shown = match address.ip() {
        None => Ipv4Addr::UNSPECIFIED.to_string(),
        Some(IpAddr::V4(ip)) => ip.to_string(),
        Some(IpAddr::V6(ip)) => match ip.to_ipv4_mapped() {
            Some(ip) => ip.to_string(),
            None => shown_v6(ip),
        },
    };
    shown.into_bytes()
}

/// Formats an address. If its first six words are zero, the last two are written as IPv4.
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

    fn length(seconds: i64) -> String {
        let mut out = Vec::new();
        push_length(&mut out, seconds);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn lengths_and_their_signs() {
        assert_eq!(length(0), " (00:00)");
        assert_eq!(length(3600), " (01:00)");
        assert_eq!(length(86_399), " (23:59)");
        assert_eq!(length(90_060 * 9), "(9+09:09)");
        assert_eq!(length(-59), " (-00:00)");
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
