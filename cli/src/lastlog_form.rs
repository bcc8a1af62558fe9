//! Last logins as text, JSON and CSV.

use std::io::{self, Write as _};

use loginrec::Text;
use serde::Serialize;

use crate::calendar::{Rfc3339, push_ctime};
use crate::digits::{address, decimal, digits};
use crate::filename::FileName;
use crate::json;
use crate::lastlog_rows::{Login, Row};
use crate::output::{Output, stdout};
use crate::person::Person;
use crate::plain::Field;
use crate::sessions::Format;
use crate::sheet::{Safety, Sheet};
use crate::table::padded;
use crate::text::pad;
use crate::zone::{Offsets, Zone};

const NEVER: &[u8] = b"**Never logged in**";
/// Widths of shadow: the host's column holds the longest IPv6 address with its interface.
const USER: usize = 16;
const LINE: usize = 8;
const HOST: usize = 42;

const HEADER: &[&str] =
    &["user", "uid", "line", "host", "addr", "time", "raw_sec", "file", "layout", "offset"];

/// The one output of the three formats.
pub(crate) struct Printer {
    form: Form,
    offsets: Offsets,
    /// Whether text tells the files apart.
    titles: bool,
    /// Files begun.
    files: u32,
}

enum Form {
    Text(Output),
    Jsonl(Output),
    Csv(Sheet),
}

/// A last login as JSON.
#[derive(Debug, Serialize)]
struct JsonRow<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    uid: Option<u64>,
    #[serde(flatten)]
    person: Person<'a>,
    time: Option<Rfc3339>,
    #[serde(skip_serializing_if = "Option::is_none")]
    raw_sec: Option<i64>,
    file: &'a str,
    layout: Option<&'static str>,
    offset: Option<u64>,
}

impl<'a> JsonRow<'a> {
    fn new(row: &Row<'a>, file: &'a str) -> JsonRow<'a> {
        let person = row
            .login
            .as_ref()
            .map_or_else(Person::default, |login| Person::new(login.layout, &login.entry));
        let login = row.login.filter(|_| row.seconds() != 0);
        let time = login
            .and_then(|login| Rfc3339::new(login.entry.ut_tv, login.layout.has_microseconds()));
        JsonRow {
            uid: row.uid(),
            person: match row.account {
                Some(account) if person.user.is_none() => person.named(account.name),
                _ => person,
            },
            time,
            raw_sec: login.filter(|_| time.is_none()).map(|login| login.entry.ut_tv.tv_sec),
            file,
            layout: row.login.map(|login| login.layout.name),
            offset: row.login.map(|login| login.offset),
        }
    }
}

impl Printer {
    pub(crate) fn new(format: Format, safety: Safety, zone: Zone, titles: bool) -> Printer {
        let form = match format {
            Format::Text => Form::Text(stdout()),
            Format::Jsonl => Form::Jsonl(stdout()),
            Format::Csv => Form::Csv(Sheet::new(stdout(), safety)),
        };
        Printer { form, offsets: zone.offsets(), titles, files: 0 }
    }

    /// Begins a file that could be opened.
    pub(crate) fn begin(&mut self, name: &FileName<'_>) -> io::Result<()> {
        self.files += 1;
        match &mut self.form {
            Form::Text(out) => {
                if self.titles {
                    let gap = if self.files > 1 { "\n" } else { "" };
                    let file = if name.is_stdin() { "standard input" } else { &name.shown };
                    writeln!(out, "{gap}==> {file} <==")?;
                }
                let [user, line, host] =
                    [("Username", USER), ("Port", LINE), ("From", HOST)].map(|(c, w)| padded(c, w));
                writeln!(out, "{user} {line} {host} Latest")
            }
            Form::Csv(sheet) if self.files == 1 => sheet.headings(HEADER),
            _ => Ok(()),
        }
    }

    pub(crate) fn row(&mut self, row: &Row<'_>, name: &FileName<'_>) -> io::Result<()> {
        match &mut self.form {
            Form::Text(out) => {
                text(out.lines(), row, &mut self.offsets);
                out.settle()
            }
            Form::Jsonl(out) => json::write_line(out, &JsonRow::new(row, &name.value)),
            Form::Csv(sheet) => {
                let json = JsonRow::new(row, &name.value);
                sheet.text(json.person.user)?;
                sheet.cell(json.uid)?;
                sheet.text(json.person.line)?;
                sheet.text(json.person.host)?;
                sheet.cell(json.person.addr.flatten())?;
                sheet.cell(json.time)?;
                sheet.cell(json.raw_sec)?;
                sheet.name(Some(&name.shown))?;
                sheet.cell(json.layout)?;
                sheet.cell(json.offset)?;
                sheet.end()
            }
        }
    }

    pub(crate) fn flush(&mut self) -> io::Result<()> {
        match &mut self.form {
            Form::Text(out) | Form::Jsonl(out) => out.flush(),
            Form::Csv(sheet) => sheet.flush(),
        }
    }
}

/// One line of text.
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
    // lastlog sets no blank between host and time; a host that fills its column needs one.
    if host >= HOST {
        out.push(b' ');
    }
    match row.seconds() {
        0 => out.extend_from_slice(NEVER),
        seconds => ctime(out, seconds, offsets),
    }
    out.push(b'\n');
}

/// A text, escaped where it has to be.
fn shown(out: &mut Vec<u8>, text: Text<'_>) {
    match Field::of::<0, 0>(text.raw()) {
        Field { text, is_plain: true } => out.extend_from_slice(text),
        // A Vec takes everything.
        Field { .. } => drop(write!(out, "{text}")),
    }
}

/// As much of the name of a line as its column has room for.
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

/// `Tue Nov 14 22:13:30 +0000 2023`
fn ctime(out: &mut Vec<u8>, seconds: i64, offsets: &mut Offsets) {
    let Some(east) = offsets.east(seconds) else {
        out.push(b'@');
        return decimal(out, seconds);
    };
    let year = push_ctime(out, seconds.saturating_add(east.into()));
    let minutes = east.unsigned_abs() / 60;
    let ([h, i], [m, n]) = (digits(minutes / 60), digits(minutes % 60));
    out.extend_from_slice(&[b' ', if east < 0 { b'-' } else { b'+' }, h, i, m, n, b' ']);
    decimal(out, year);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// jiff's own printer is the other opinion.
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
