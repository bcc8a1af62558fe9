//! One record as the JSON contract has it: the order of the fields is the order of the keys.

use std::fmt;
use std::net::IpAddr;

use loginrec::layout::Role;
use loginrec::{Address, Entry, Event, Layout, Record, Text};
use serde::{Serialize, Serializer};

use crate::calendar::Rfc3339;
use crate::hex::hex;

/// A record. What is `None` is left out, except the time and the address of a record
/// that has a place for one.
#[derive(Debug, Serialize)]
pub(crate) struct Row<'a> {
    pub(crate) file: &'a str,
    pub(crate) layout: &'static str,
    pub(crate) index: u64,
    pub(crate) offset: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) uid: Option<u64>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub(crate) ut_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) raw_type: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) event: Option<&'static str>,
    pub(crate) time: Option<Rfc3339>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) raw_sec: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) raw_usec: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) user: Option<Shown<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_hex: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_residue: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) line: Option<Shown<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line_hex: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line_residue: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) host: Option<Shown<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    host_hex: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    host_residue: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<Shown<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id_hex: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_residue: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pid: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) session: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) exit: Option<ExitRow>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) addr: Option<Option<IpAddr>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    raw: Option<String>,
}

#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct ExitRow {
    pub(crate) termination: i32,
    pub(crate) exit: i32,
}

/// With `--raw`, what closes a file: the bytes behind its last whole record.
#[derive(Debug, Serialize)]
pub(crate) struct End<'a> {
    pub(crate) file: &'a str,
    /// `None` for an empty file.
    pub(crate) layout: Option<&'static str>,
    pub(crate) event: &'static str,
    pub(crate) offset: u64,
    pub(crate) raw: String,
}

impl<'a> Row<'a> {
    pub(crate) fn new(
        file: &'a str,
        record: &Record<'a>,
        entry: &Entry<'a>,
        event: Event,
        raw: bool,
    ) -> Row<'a> {
        let layout = record.layout();
        let text = |role, text| Stored::of(layout, role, text);
        let id = match layout.field(Role::Id) {
            Some(field) if layout.dialect.binary_id => Stored::binary(entry.ut_id, field.len),
            Some(_) => Stored::text(entry.ut_id),
            None => Stored::default(),
        };
        let user = text(Role::User, entry.ut_user);
        let line = text(Role::Line, entry.ut_line);
        let host = text(Role::Host, entry.ut_host);
        let microseconds = layout.has_microseconds();
        let time = Rfc3339::new(entry.ut_tv, microseconds);
        let uid = record.uid();
        let typed = uid.is_none();
        Row {
            file,
            layout: layout.name,
            index: record.index(),
            offset: record.offset(),
            uid,
            ut_type: typed.then(|| entry.ut_type().name()),
            raw_type: entry.raw_type,
            event: typed.then(|| event.name()),
            time,
            raw_sec: time.is_none().then_some(entry.ut_tv.tv_sec),
            raw_usec: (time.is_none() && microseconds).then_some(entry.ut_tv.tv_usec),
            user: user.shown,
            user_hex: user.hex,
            user_residue: user.residue,
            line: line.shown,
            line_hex: line.hex,
            line_residue: line.residue,
            host: host.shown,
            host_hex: host.hex,
            host_residue: host.residue,
            id: id.shown,
            id_hex: id.hex,
            id_residue: id.residue,
            pid: entry.ut_pid,
            session: entry.ut_session,
            exit: entry
                .ut_exit
                .map(|exit| ExitRow { termination: exit.e_termination, exit: exit.e_exit }),
            addr: (entry.ut_addr != Address::Absent).then(|| entry.addr()),
            raw: raw.then(|| hex(record.bytes())),
        }
    }
}

/// One text field in its up to three keys.
#[derive(Debug, Default)]
pub(crate) struct Stored<'a> {
    pub(crate) shown: Option<Shown<'a>>,
    pub(crate) hex: Option<String>,
    pub(crate) residue: Option<String>,
}

impl<'a> Stored<'a> {
    /// Nothing where the layout has no such field.
    pub(crate) fn of(layout: &Layout, role: Role, text: Text<'a>) -> Stored<'a> {
        match layout.field(role) {
            Some(_) => Stored::text(text),
            None => Stored::default(),
        }
    }

    /// A name that comes from no record.
    pub(crate) fn name(name: &'a [u8]) -> Stored<'a> {
        Stored::text(Text::new(name))
    }

    fn text(text: Text<'a>) -> Stored<'a> {
        let bytes = text.as_bytes();
        let residue = without_zeros(text.residue());
        Stored {
            shown: Some(Shown(bytes)),
            hex: text.to_str().is_none().then(|| hex(bytes)),
            residue: (!residue.is_empty()).then(|| hex(residue)),
        }
    }

    /// An id that is a token of `len` bytes, of which a trimmed record may lack some.
    fn binary(id: Text<'a>, len: usize) -> Stored<'a> {
        let token = without_zeros(id.raw());
        let printable = token.iter().all(|byte| matches!(byte, b' '..=b'~'));
        let mut whole = token.to_vec();
        whole.resize(len.max(token.len()), 0);
        Stored {
            shown: printable.then_some(Shown(token)),
            hex: (!token.is_empty()).then(|| hex(&whole)),
            residue: None,
        }
    }
}

fn without_zeros(bytes: &[u8]) -> &[u8] {
    let len = bytes.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
    bytes.get(..len).unwrap_or(bytes)
}

/// Text with bytes that are not UTF-8 as `\xNN`. Nothing else is escaped: that is for
/// whoever prints it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shown<'a>(pub(crate) &'a [u8]);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            f.write_str(chunk.valid())?;
            for byte in chunk.invalid() {
                write!(f, "\\x{byte:02x}")?;
            }
        }
        Ok(())
    }
}

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match std::str::from_utf8(self.0) {
            Ok(text) => serializer.serialize_str(text),
            Err(_) => serializer.collect_str(self),
        }
    }
}
