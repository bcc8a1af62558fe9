//! JSON lines of `dump` back to records.

use std::net::IpAddr;

use loginrec::layout::Role;
use loginrec::platform::by_name;
use loginrec::{Entry, Exit, Framing, Layout, Text, Timestamp, UtType};
use serde::Deserialize;

use crate::calendar::parse_iso;
use crate::hex::unhex;
use crate::layout_name;
use crate::pieces::{Piece, address, home, slot, stored, writable};

/// Reads the lines of one file.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    /// The layout to write, if the user named one.
    named: Option<&'static Layout>,
    /// The layout and the file of the lines so far.
    layout: Option<&'static Layout>,
    file: Option<String>,
    closed: bool,
}

/// One line. Keys it does not know are passed over: people annotate their evidence.
#[derive(Debug, Deserialize)]
struct Line {
    file: Option<String>,
    layout: Option<String>,
    offset: Option<u64>,
    uid: Option<u64>,
    #[serde(rename = "type")]
    ut_type: Option<String>,
    raw_type: Option<i32>,
    event: Option<String>,
    time: Option<String>,
    raw_sec: Option<i64>,
    raw_usec: Option<i64>,
    user: Option<String>,
    user_hex: Option<String>,
    user_residue: Option<String>,
    line: Option<String>,
    line_hex: Option<String>,
    line_residue: Option<String>,
    host: Option<String>,
    host_hex: Option<String>,
    host_residue: Option<String>,
    id: Option<String>,
    id_hex: Option<String>,
    id_residue: Option<String>,
    pid: Option<i64>,
    session: Option<i64>,
    exit: Option<ExitKeys>,
    addr: Option<IpAddr>,
    raw: Option<String>,
}

#[derive(Debug, Deserialize)]
struct ExitKeys {
    termination: i32,
    exit: i32,
}

impl Lines {
    /// Writes records as `named`, or else as their lines say.
    pub(crate) fn new(named: Option<&'static Layout>) -> Result<Lines, String> {
        named.map_or(Ok(()), writable)?;
        Ok(Lines { named, ..Lines::default() })
    }

    /// The bytes a line stands for; `None` if it stands for none.
    pub(crate) fn piece(&mut self, line: &[u8]) -> Result<Option<Piece>, String> {
        let line: Line = serde_json::from_slice(line).map_err(|error| {
            let words = error.to_string();
            let what = words.split(" at line ").next().unwrap_or_default();
            format!("column {}: no line of `dump --format jsonl`: {what}", error.column())
        })?;
        self.same_file(&line)?;
        let raw = line.raw.as_deref().map(|raw| unhex(raw).ok_or("raw is not hexadecimal"));
        let raw = raw.transpose()?;
        let ends = line.event.as_deref() == Some("end");
        self.closed = ends;
        if ends && line.layout.is_none() {
            return Ok(None); // an empty file has no layout
        }
        let source = self.layout_of(&line)?;
        let converted = self.named.is_some_and(|named| home(named) != home(source));
        match raw {
            Some(bytes) if ends && converted => match bytes.is_empty() {
                true => Ok(None),
                false => Err("the stray bytes behind the last record cannot be converted: \
                              leave out this line"
                    .to_owned()),
            },
            Some(bytes) if ends => Ok(Some(Piece { offset: line.offset, bytes })),
            Some(bytes) if !converted => {
                Ok(Some(Piece { offset: line.offset, bytes: framed(source, bytes)? }))
            }
            _ => {
                let target = self.named.unwrap_or(source);
                let offset = slot(target, line.uid)?;
                Ok(Some(Piece { offset, bytes: line.encode(source, target)? }))
            }
        }
    }

    fn same_file(&mut self, line: &Line) -> Result<(), String> {
        if let Some(file) = &line.file {
            let first = self.file.get_or_insert_with(|| file.clone());
            if first != file {
                let (first, file) = (Text::new(first.as_bytes()), Text::new(file.as_bytes()));
                return Err(format!(
                    "this record is of {file}, those before are of {first}: undump writes one \
                     file, so select the records of one"
                ));
            }
        }
        match self.closed {
            true => Err("a record behind the end of the file: leave out this line".to_owned()),
            false => Ok(()),
        }
    }

    /// The layout a line's record has.
    fn layout_of(&mut self, line: &Line) -> Result<&'static Layout, String> {
        let layout = match &line.layout {
            Some(name) => by_name(name).ok_or_else(|| layout_name::unknown(name))?,
            None => self
                .named
                .or(self.layout)
                .ok_or("no layout: name one with --layout, or add the key `layout`")?,
        };
        if self.named.is_none() {
            writable(layout)?;
        }
        let first = *self.layout.get_or_insert(home(layout));
        match self.named.is_some() || first == home(layout) {
            true => Ok(layout),
            false => Err(format!(
                "layout {} after {}: a file has one layout; --layout NAME converts all records",
                layout.name, first.name
            )),
        }
    }
}

/// Stored bytes with what the file has in front of them.
fn framed(layout: &Layout, bytes: Vec<u8>) -> Result<Vec<u8>, String> {
    if layout.framing == Framing::LengthPrefixed {
        let len = u16::try_from(bytes.len()).ok().filter(|&len| len > 0);
        let len = len.ok_or("raw has no bytes, or more than the 65535 a length can say")?;
        return Ok([&len.to_be_bytes(), bytes.as_slice()].concat());
    }
    match bytes.len() == layout.size {
        true => Ok(bytes),
        false => {
            Err(format!("raw has {} bytes where {} has {}", bytes.len(), layout.name, layout.size))
        }
    }
}

impl Line {
    /// The record made from its fields.
    fn encode(&self, source: &'static Layout, target: &Layout) -> Result<Vec<u8>, String> {
        let user = field("user", &self.user, &self.user_hex, &self.user_residue)?;
        let line = field("line", &self.line, &self.line_hex, &self.line_residue)?;
        let host = field("host", &self.host, &self.host_hex, &self.host_residue)?;
        let id = field("id", &self.id, &self.id_hex, &self.id_residue)?;
        let mut octets = [0; 16];
        let mut entry = Entry::new(source.dialect);
        entry.ut_user = Text::new(&user);
        entry.ut_line = Text::new(&line);
        entry.ut_host = Text::new(&host);
        entry.ut_id = Text::new(&id);
        entry.ut_pid = self.pid;
        entry.ut_session = self.session;
        entry.ut_exit = self
            .exit
            .as_ref()
            .map(|exit| Exit { e_termination: exit.termination, e_exit: exit.exit });
        entry.ut_addr = address(self.addr, &mut octets);
        entry.ut_tv = stored(target, self.timestamp()?);
        self.set_type(source, &mut entry)?;
        target.encode(&entry).map_err(|error| error.to_string())
    }

    fn timestamp(&self) -> Result<Timestamp, String> {
        match (&self.time, self.raw_sec) {
            (Some(time), _) => parse_iso(time).ok_or_else(|| {
                let time = Text::new(time.as_bytes());
                format!("time '{time}' is no time: it must look like 2024-02-17T21:01:23.767336Z")
            }),
            (None, Some(tv_sec)) => Ok(Timestamp { tv_sec, tv_usec: self.raw_usec.unwrap_or(0) }),
            (None, None) => Err("no time: give `time`, or `raw_sec`".to_owned()),
        }
    }

    /// `raw_type` is stored, `type` is what it means: they must agree.
    fn set_type(&self, layout: &Layout, entry: &mut Entry<'_>) -> Result<(), String> {
        if layout.is_lastlog() {
            return Ok(());
        }
        let name = self.ut_type.as_deref();
        if layout.field(Role::Type).is_some() {
            let known = || layout.dialect.raw_type(UtType::from_name(name?)?);
            let raw = self.raw_type.or_else(known);
            entry.raw_type = Some(raw.ok_or("no raw_type, and no type it could be told from")?);
        }
        let read = entry.ut_type();
        match name {
            Some(name) if name != read.name() => {
                let name = Text::new(name.as_bytes());
                let told = if entry.raw_type.is_some() { "raw_type" } else { "line and user" };
                Err(format!("type says {name}, {told} says {read}: change one of them"))
            }
            _ => Ok(()),
        }
    }
}

/// A text field as stored: its text, then what was behind the NUL.
fn field(
    name: &str,
    text: &Option<String>,
    hex: &Option<String>,
    residue: &Option<String>,
) -> Result<Vec<u8>, String> {
    let bytes =
        |hex: &str, key| unhex(hex).ok_or_else(|| format!("{name}_{key} is not hexadecimal"));
    let mut field = match (hex, text) {
        (Some(hex), _) => bytes(hex, "hex")?,
        (None, Some(text)) if text.contains('\0') => {
            return Err(format!("{name} has a NUL in it: only {name}_residue stands behind one"));
        }
        (None, text) => text.as_deref().unwrap_or_default().as_bytes().to_vec(),
    };
    if let Some(residue) = residue {
        field.push(0);
        field.extend(bytes(residue, "residue")?);
    }
    Ok(field)
}
