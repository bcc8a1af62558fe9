//! Last logins as text, JSON and CSV.

use std::io::{self, Write as _};

use loginrec::Text;
use serde::Serialize;

use crate::calendar::Rfc3339;
use crate::filename::FileName;
use crate::json;
use crate::lastlog_rows::{Login, Row};
use crate::output::{Output, stdout};
use crate::person::Person;
use crate::sessions::Format;
use crate::sheet::{Safety, Sheet};
use crate::table::padded;
use crate::zone::Zone;

const NEVER: &str = "**Never logged in**";
/// Widths of shadow: the host's column holds the longest IPv6 address with its interface.
const USER: usize = 16;
const LINE: usize = 8;
const HOST: usize = 42;

const HEADER: &[&str] =
    &["user", "uid", "line", "host", "addr", "time", "raw_sec", "file", "layout", "offset"];

/// The one output of the three formats.
pub(crate) struct Printer {
    form: Form,
    zone: Zone,
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
        Printer { form, zone, titles, files: 0 }
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
            Form::Text(out) => writeln!(out, "{}", text(row, &self.zone)),
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

fn text(row: &Row<'_>, zone: &Zone) -> String {
    let user = match (row.name(), row.uid()) {
        (Some(name), _) => Text::new(name).to_string(),
        (None, uid) => uid.map(|uid| uid.to_string()).unwrap_or_default(),
    };
    let (line, host) = match row.login {
        Some(Login { entry, .. }) => (
            entry.ut_line.to_string(),
            match entry.addr() {
                Some(addr) if entry.ut_host.is_empty() => addr.to_string(),
                _ => entry.ut_host.to_string(),
            },
        ),
        None => Default::default(),
    };
    let line: String = line.chars().take(LINE).collect();
    let time = match row.seconds() {
        0 => NEVER.to_owned(),
        seconds => ctime(seconds, zone),
    };
    // lastlog sets no blank between host and time; a host that fills its column needs one.
    let gap = if host.len() >= HOST { " " } else { "" };
    format!("{} {} {}{gap}{time}", padded(&user, USER), padded(&line, LINE), padded(&host, HOST))
}

/// `Tue Nov 14 22:13:30 +0000 2023`
fn ctime(seconds: i64, zone: &Zone) -> String {
    let Some(local) = zone.local(seconds) else { return format!("@{seconds}") };
    let sign = if local.offset < 0 { '-' } else { '+' };
    let minutes = local.offset.unsigned_abs() / 60;
    let head = local.civil.strftime("%a %b %e %H:%M:%S");
    let year = local.civil.year();
    format!("{head} {sign}{:02}{:02} {year}", minutes / 60, minutes % 60)
}
