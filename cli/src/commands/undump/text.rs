//! Turns utmpdump rows back into records.

use std::net::IpAddr;

use loginrec::formats::glibc;
use loginrec::{Entry, Layout, Text, Timestamp, UtType};

use crate::commands::undump::place::{FilePart, address, slot, stored, writable};
use crate::output::ascii::datetime::{parse_ctime, parse_iso};

/// Reads rows as records of one layout.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rows {
    layout: &'static Layout,
}

impl Rows {
    pub(crate) fn new(layout: &'static Layout) -> Result<Rows, String> {
        writable(layout)?;
        if layout.is_failures() {
            return Err("text has not all of such a record: use `dump --format jsonl`".to_owned());
        }
        Ok(Rows { layout })
    }

    /// Parses a row; `None` for a line that is part of such a listing but not a row.
    pub(crate) fn part(&self, line: &[u8]) -> Result<Option<FilePart>, String> {
        let line = line.trim_ascii();
        if line.starts_with(b"Utmp dump of ") {
            return Ok(None); // goes to standard error, but is often kept with the rest
        }
        if line.starts_with(b"==> ") {
            return Err("another file begins here: undump takes the rows of one file".to_owned());
        }
        let fields = fields(line)?;
        // The record of a file that has its user's name has no uid.
        let lastlog = self.layout.is_lastlog() && !self.layout.platform.is_named_by_user;
        let (bytes, uid) = match fields.as_slice() {
            [ut_type, pid, id, user, line, host, addr, time] if !lastlog => {
                let texts = [*id, *user, *line, *host].map(Text::new);
                (
                    self.record(number(ut_type, "type")?, number(pid, "pid")?, texts, addr, time)?,
                    None,
                )
            }
            [uid, line, host, addr, time] if lastlog => (
                self.lastlog(Text::new(line), Text::new(host), addr, time)?,
                Some(number(uid, "uid")?),
            ),
            [_, _, _, _, _] => {
                return Err("a row of a lastlog: choose its layout with --layout".to_owned());
            }
            other => {
                let (needed, name) = (if lastlog { 5 } else { 8 }, self.layout.name);
                let count = other.len();
                return Err(format!("{count} fields in brackets, but {name} has {needed}"));
            }
        };
        Ok(Some(FilePart { offset: slot(self.layout, uid)?, bytes }))
    }

    fn record(
        &self,
        number: i32,
        pid: i64,
        [id, user, line, host]: [Text<'_>; 4],
        addr: &[u8],
        time: &[u8],
    ) -> Result<Vec<u8>, String> {
        let mut octets = [0; 16];
        let mut entry = Entry::new(self.layout.platform);
        entry.ut_id = id;
        entry.ut_user = user;
        entry.ut_line = line;
        entry.ut_host = host;
        entry.ut_pid = Some(pid);
        entry.ut_addr = address(parse_address(addr)?, &mut octets);
        entry.ut_tv = stored(self.layout, parse_time(time)?);
        self.set_type(&mut entry, number)?;
        self.layout.encode(&entry).map_err(|error| error.to_string())
    }

    fn lastlog(
        &self,
        line: Text<'_>,
        host: Text<'_>,
        addr: &[u8],
        time: &[u8],
    ) -> Result<Vec<u8>, String> {
        let mut octets = [0; 16];
        let mut entry = Entry::new(self.layout.platform);
        entry.ut_line = line;
        entry.ut_host = host;
        entry.ut_addr = address(parse_address(addr)?, &mut octets);
        entry.ut_tv = stored(self.layout, parse_time(time)?);
        self.layout.encode(&entry).map_err(|error| error.to_string())
    }

    /// Sets the type. Rows have Linux's type numbers, where a shutdown is a run level record.
    fn set_type(&self, entry: &mut Entry<'_>, number: i32) -> Result<(), String> {
        let platform = self.layout.platform;
        if platform.ut_types == glibc::UTMP.ut_types {
            entry.raw_type = Some(number);
            return Ok(());
        }
        let wanted = glibc::UTMP.ut_type(number);
        let down = [UtType::ShutdownTime, UtType::DownTime];
        let fits = if platform.ut_types.is_empty() {
            let read = entry.ut_type();
            let unnumbered = glibc::UTMP.raw_type(read).is_none();
            read == wanted
                || wanted == UtType::RunLvl && down.contains(&read)
                || wanted == UtType::Empty && unnumbered
        } else {
            let raw = platform.raw_type(wanted);
            let instead = || down.into_iter().find_map(|ut_type| platform.raw_type(ut_type));
            entry.raw_type = raw.or_else(|| (wanted == UtType::RunLvl).then(instead)?);
            entry.raw_type.is_some()
        };
        let name = self.layout.name;
        let cannot = || format!("{name} cannot store type {number} ({wanted}) of this row");
        fits.then_some(()).ok_or_else(cannot)
    }
}

/// Returns the texts between the brackets, without padding blanks.
fn fields(line: &[u8]) -> Result<Vec<&[u8]>, String> {
    let inner = line.strip_prefix(b"[").and_then(|rest| rest.strip_suffix(b"]"));
    let mut rest = inner.ok_or("not a row: a row begins with [ and ends with ]")?;
    let mut fields = Vec::new();
    while let Some(at) = rest.windows(3).position(|window| window == b"] [") {
        let (field, tail) = rest.split_at(at);
        fields.push(field.trim_ascii_end());
        rest = tail.get(3..).unwrap_or_default();
    }
    fields.push(rest.trim_ascii_end());
    Ok(fields)
}

fn number<T: std::str::FromStr>(field: &[u8], what: &str) -> Result<T, String> {
    let text = std::str::from_utf8(field).unwrap_or_default().trim();
    text.parse().map_err(|_| format!("{what} '{}' is not a number that fits", Text::new(field)))
}

fn parse_address(field: &[u8]) -> Result<Option<IpAddr>, String> {
    let text = Text::new(field.trim_ascii()).to_string();
    match text.is_empty() {
        true => Ok(None),
        false => text.parse().map(Some).map_err(|_| format!("'{text}' is not an IP address")),
    }
}

fn parse_time(field: &[u8]) -> Result<Timestamp, String> {
    let text = Text::new(field.trim_ascii()).to_string();
    match text.as_bytes().first() {
        Some(b'0'..=b'9' | b'-') => parse_iso(&text).ok_or_else(|| {
            format!(
                "'{text}' is not a valid time: it must look like 2013-08-28T20:30:40,123456+00:00"
            )
        }),
        _ => parse_ctime(&text),
    }
}
