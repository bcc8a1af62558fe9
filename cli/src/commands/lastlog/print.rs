//! Last logins as text, JSON and CSV.

use std::io::{self, Write as _};

use loginrec::Text;
use loginrec::contract::LastlogRow;

use crate::args::format::{FormulaGuard, OutputFormat};
use crate::args::zone::{Offsets, Zone};
use crate::commands::lastlog::users::{Login, Row};
use crate::diagnostics::Diagnostics;
use crate::file_name::FileName;
use crate::output::ascii::datetime::push_ctime;
use crate::output::ascii::number::{address, decimal, pad, time_of_day};
use crate::output::ascii::scan::Field;
use crate::output::rows::RowEncoder;
use crate::output::table::padded;
use crate::output::writer::Output;

const NEVER: &[u8] = b"**Never logged in**";
/// Widths of shadow's lastlog: the host column holds the longest IPv6 address with its interface.
const USER: usize = 16;
const LINE: usize = 8;
const HOST: usize = 42;

/// Prints logins in one of the three formats.
pub(crate) struct Printer {
    form: Form,
    out: Output,
    offsets: Offsets,
    titles: Titles,
    /// Number of files begun.
    files: u32,
}

/// The titles in text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Titles {
    /// Whether each file has one.
    pub(crate) files: bool,
    /// Whether they name the machine.
    pub(crate) machines: bool,
}

#[expect(clippy::large_enum_variant, reason = "there is one of them, or one a thread")]
enum Form {
    Text,
    Rows(RowEncoder),
}

impl Printer {
    pub(crate) fn new(
        format: OutputFormat,
        guard: FormulaGuard,
        zone: Zone,
        titles: Titles,
        out: Output,
    ) -> Printer {
        let form = match format.rows() {
            None => Form::Text,
            Some(format) => Form::Rows(RowEncoder::new::<LastlogRow<'_>>(format, guard)),
        };
        Printer { form, out, offsets: zone.offsets(), titles, files: 0 }
    }

    /// Begins a file that was opened.
    pub(crate) fn begin(&mut self, name: &FileName<'_>) -> io::Result<()> {
        self.files += 1;
        match &self.form {
            Form::Text => {
                let out = &mut self.out;
                if self.titles.files {
                    let gap = if self.files > 1 { "\n" } else { "" };
                    let file = if name.is_stdin() { "standard input" } else { &name.shown };
                    let (machine, colon) = match self.titles.machines {
                        true => (name.machine_name(), ": "),
                        false => ("", ""),
                    };
                    writeln!(out, "{gap}==> {machine}{colon}{file} <==")?;
                }
                let [user, line, host] =
                    [("Username", USER), ("Port", LINE), ("From", HOST)].map(|(c, w)| padded(c, w));
                writeln!(out, "{user} {line} {host} Latest")
            }
            Form::Rows(encoder) if self.files == 1 => {
                encoder.headings::<LastlogRow<'_>>(self.out.lines());
                self.out.settle()
            }
            Form::Rows(_) => Ok(()),
        }
    }

    pub(crate) fn row(&mut self, row: &Row<'_>, name: &FileName<'_>) -> io::Result<()> {
        match &mut self.form {
            Form::Text => text(self.out.lines(), row, &mut self.offsets),
            Form::Rows(encoder) => {
                let login = row.login.as_ref();
                let row = LastlogRow {
                    source: name.source(),
                    uid: row.uid(),
                    name: row.name(),
                    login: login.map(|login| (login.layout, login.offset, &login.entry)),
                };
                encoder.row(self.out.lines(), &row);
            }
        }
        self.out.settle()
    }

    /// Ends the list.
    pub(crate) fn finish(&mut self, report: &mut Diagnostics) -> io::Result<()> {
        if let Form::Rows(encoder) = &mut self.form {
            encoder.finish(self.out.lines(), report)?;
        }
        self.out.flush()
    }
}

/// Appends one line of text.
fn text(out: &mut Vec<u8>, row: &Row<'_>, offsets: &mut Offsets) {
    let start = out.len();
    match (row.name(), row.uid()) {
        (Some(name), _) => shown(out, Text::new(name)),
        (None, uid) => uid.into_iter().for_each(|uid| decimal(out, uid)),
    }
    pad::<USER>(out, out.len() - start);
    out.push(b' ');
    let start = out.len();
    if let Some(Login { entry, .. }) = row.login {
        cut(out, entry.ut_line);
    }
    pad::<LINE>(out, out.len() - start);
    out.push(b' ');
    let start = out.len();
    if let Some(Login { entry, .. }) = row.login {
        match entry.addr() {
            Some(addr) if entry.ut_host.is_empty() => address(out, addr),
            _ => shown(out, entry.ut_host),
        }
    }
    let host = out.len() - start;
    pad::<HOST>(out, host);
    // lastlog puts no blank between host and time; a host that fills its column needs one.
    if host >= HOST {
        out.push(b' ');
    }
    match row.seconds() {
        0 => out.extend_from_slice(NEVER),
        seconds => ctime(out, seconds, offsets),
    }
    out.push(b'\n');
}

/// Appends a text, escaped if necessary.
fn shown(out: &mut Vec<u8>, text: Text<'_>) {
    match Field::of::<0, 0>(text.raw()) {
        Field { text, is_plain: true } => out.extend_from_slice(text),
        // Writing to a Vec cannot fail.
        Field { .. } => drop(write!(out, "{text}")),
    }
}

/// Appends as much of a line's name as its column can hold.
fn cut(out: &mut Vec<u8>, line: Text<'_>) {
    match Field::of::<0, 0>(line.raw()) {
        Field { text, is_plain: true } => {
            out.extend_from_slice(text.get(..LINE).unwrap_or(text));
        }
        Field { .. } => {
            let line: String = line.to_string().chars().take(LINE).collect();
            out.extend_from_slice(line.as_bytes());
        }
    }
}

/// Appends a time such as `Tue Nov 14 22:13:30 +0000 2023`.
fn ctime(out: &mut Vec<u8>, seconds: i64, offsets: &mut Offsets) {
    let Some(east) = offsets.east(seconds) else {
        out.push(b'@');
        return decimal(out, seconds);
    };
    let year = push_ctime(out, seconds.saturating_add(east.into()));
    let [h, i, _, m, n, ..] = time_of_day(east.unsigned_abs());
    out.extend_from_slice(&[b' ', if east < 0 { b'-' } else { b'+' }, h, i, m, n, b' ']);
    decimal(out, year);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Compares with jiff's own printer.
    #[test]
    fn times_are_those_of_the_calendar() {
        for name in ["UTC", "America/Los_Angeles", "Asia/Kolkata", "-09:30", "Africa/Monrovia"] {
            let zone = Zone::parse(name).unwrap();
            let mut offsets = zone.offsets();
            let days = (-40_000..40_000).step_by(97).map(|day| day * 86_400 + day * 7);
            for seconds in days.chain([-1, -62_167_219_200, 253_402_200_000, -377_000_000_000]) {
                let mut out = Vec::new();
                ctime(&mut out, seconds, &mut offsets);
                let local = zone.local(seconds).unwrap();
                let sign = if local.offset < 0 { '-' } else { '+' };
                let minutes = local.offset.unsigned_abs() / 60;
                let expected = format!(
                    "{} {sign}{:02}{:02} {}",
                    local.civil.strftime("%a %b %e %H:%M:%S"),
                    minutes / 60,
                    minutes % 60,
                    local.civil.year()
                );
                assert_eq!(String::from_utf8(out).unwrap(), expected);
            }
            for far in [i64::MIN, i64::MAX] {
                let mut out = Vec::new();
                ctime(&mut out, far, &mut offsets);
                assert_eq!(String::from_utf8(out).unwrap(), format!("@{far}"));
            }
        }
    }
}
