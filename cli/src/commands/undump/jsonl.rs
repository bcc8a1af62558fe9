//! Turns JSON lines of `dump` back into records.

use loginrec::contract::{Column, TailRow};
use loginrec::formats::by_name;
use loginrec::layout::Role;
use loginrec::{Container, Entry, Event, Failures, Layout, Text, Timestamp};
#[cfg(feature = "parquet")]
use loginrec_columns::StoredRow;

use crate::args::layout;
use crate::commands::undump::line::{Keys, Line, quoted};
use crate::commands::undump::place::{FilePart, address, slot, stored, writable};
use crate::output::ascii::datetime::parse_iso;

/// Reads the lines of one file.
#[derive(Debug)]
pub(crate) struct Lines {
    keys: Keys,
    /// The layout to write, if the user chose one.
    named: Option<&'static Layout>,
    /// The layout and the file of the lines so far.
    layout: Option<&'static Layout>,
    file: Option<String>,
    closed: bool,
    /// Whether a piece of a database was among them.
    has_content: bool,
}

impl Lines {
    /// Writes records as `named`, or else as the layout that their lines have.
    pub(crate) fn new(named: Option<&'static Layout>) -> Result<Lines, String> {
        named.map_or(Ok(()), writable)?;
        Ok(Lines {
            keys: Keys::new(),
            named,
            layout: None,
            file: None,
            closed: false,
            has_content: false,
        })
    }

    /// Returns the bytes of a line; `None` if it has none.
    pub(crate) fn part(&mut self, line: &[u8]) -> Result<Option<FilePart>, String> {
        let line = self.keys.line(line)?;
        self.part_of(&line)
    }

    /// Returns the bytes of a row of a Parquet file; `None` if it has none.
    #[cfg(feature = "parquet")]
    pub(super) fn stored(&mut self, row: &StoredRow<'_>) -> Result<Option<FilePart>, String> {
        match (row.raw, row.error) {
            (None, Some(_)) => Ok(None), // what was not read
            (None, None) => Err("no `raw`: write the file with dump --raw".to_owned()),
            (Some(_), _) => self.part_of(&Line::of_row(row)),
        }
    }

    fn part_of(&mut self, line: &Line) -> Result<Option<FilePart>, String> {
        self.same_file(line)?;
        let raw = line.bytes(Column::Raw)?;
        let offset = line.number(Column::Offset)?;
        let event = line.text(Column::Event);
        let ends = event == Some(TailRow::END);
        self.closed = ends;
        let is_skipped = event == Some(TailRow::SKIPPED);
        if ends && line.text(Column::Layout).is_none() {
            return Ok(None); // an empty file has no layout
        }
        let is_content = event == Some(TailRow::CONTENT);
        let is_stored = raw.is_some() && (ends || is_content || self.named.is_none());
        let source = self.layout_of(line, is_stored)?;
        let converted = self.named.is_some_and(|named| named.home() != source.home());
        match raw {
            Some(bytes) if is_content && !converted => {
                self.has_content = true;
                Ok(Some(FilePart { offset, bytes }))
            }
            _ if is_content => Err(format!("{} cannot be converted", source.name)),
            // All of it is in the rows of the content.
            Some(_) if is_database(source) && !ends => Ok(None),
            Some(_) if is_database(source) && !self.has_content => writable(source).map(|()| None),
            Some(bytes) if is_skipped && !converted => Ok(Some(FilePart { offset, bytes })),
            _ if is_skipped => Ok(None),
            Some(bytes) if ends && converted => match bytes.is_empty() {
                true => Ok(None),
                false => Err("the bytes after the last record cannot be converted: \
                              leave out this line"
                    .to_owned()),
            },
            Some(bytes) if ends => Ok(Some(FilePart { offset, bytes })),
            Some(bytes) if !converted => {
                Ok(Some(FilePart { offset, bytes: framed(source, bytes)? }))
            }
            _ => {
                let target = self.named.unwrap_or(source);
                let offset = slot(target, line.number(Column::Uid)?)?;
                Ok(Some(FilePart { offset, bytes: encode(line, source, target)? }))
            }
        }
    }

    fn same_file(&mut self, line: &Line) -> Result<(), String> {
        if let Some(file) = line.text(Column::File) {
            let first = self.file.get_or_insert_with(|| file.to_owned());
            if first != file {
                let (first, file) = (quoted(first), quoted(file));
                return Err(format!(
                    "this record is from {file}, those before are from {first}: undump writes one \
                     file, so select the records of one"
                ));
            }
        }
        match self.closed {
            true => Err("a record after the end of the file: leave out this line".to_owned()),
            false => Ok(()),
        }
    }

    /// Returns the layout of a line's record. One with whole bytes may be of a database.
    fn layout_of(&mut self, line: &Line, is_stored: bool) -> Result<&'static Layout, String> {
        let layout = match line.text(Column::Layout) {
            Some(name) => by_name(name).ok_or_else(|| layout::unknown(name))?,
            None => self
                .named
                .or(self.layout)
                .ok_or("no layout: choose one with --layout, or add the key `layout`")?,
        };
        if self.named.is_none() && !(is_stored && is_database(layout)) {
            writable(layout)?;
        }
        let first = *self.layout.get_or_insert(layout.home());
        // Whole bytes are written unchanged, whatever records are around them.
        match self.named.is_some() || line.text(Column::Raw).is_some() || first == layout.home() {
            true => Ok(layout),
            false => Err(format!(
                "layout {} after {}: a file has one layout; --layout NAME converts all records",
                layout.name, first.name
            )),
        }
    }
}

/// Returns whether the content of a file is among the rows of `dump --raw`.
fn is_database(layout: &Layout) -> bool {
    layout.container == Container::BerkeleyHash
}

/// Returns stored bytes with the length prefix that the file has before them.
fn framed(layout: &Layout, bytes: Vec<u8>) -> Result<Vec<u8>, String> {
    if layout.container == Container::LengthPrefixed {
        let len = u16::try_from(bytes.len()).ok().filter(|&len| len > 0);
        let len = len.ok_or("raw has no bytes, or more than 65535, the largest possible length")?;
        return Ok([&len.to_be_bytes(), bytes.as_slice()].concat());
    }
    match bytes.len() == layout.size {
        true => Ok(bytes),
        false => {
            Err(format!("raw has {} bytes where {} has {}", bytes.len(), layout.name, layout.size))
        }
    }
}

/// Encodes the record from the fields of a line.
fn encode(line: &Line, source: &'static Layout, target: &Layout) -> Result<Vec<u8>, String> {
    let user = line.field(Column::User)?;
    let ut_line = line.field(Column::Line)?;
    let host = line.field(Column::Host)?;
    let id = line.field(Column::Id)?;
    let mut octets = [0; 16];
    let mut entry = Entry::new(source.platform);
    // The name of the file says who it is.
    if !target.platform.is_named_by_user {
        entry.ut_user = Text::new(&user);
    }
    entry.ut_line = Text::new(&ut_line);
    entry.ut_host = Text::new(&host);
    entry.ut_id = Text::new(&id);
    entry.ut_pid = line.number(Column::Pid)?;
    entry.ut_session = line.number(Column::Session)?;
    entry.ut_exit = line.exit();
    entry.ut_addr = address(line.address(), &mut octets);
    entry.ut_tv = stored(target, timestamp(line)?);
    let remote_user = line.field(Column::RemoteUser)?;
    if source.is_failures() {
        entry.remote_user = Some(Text::new(&remote_user));
        entry.failures = Some(failures(line)?);
    }
    set_type(line, source, &mut entry)?;
    target.encode(&entry).map_err(|error| error.to_string())
}

fn failures(line: &Line) -> Result<Failures, String> {
    Ok(Failures {
        count: line.number(Column::Count)?.unwrap_or_default(),
        max: line.number(Column::Max)?.unwrap_or_default(),
        status: line.number(Column::Status)?.unwrap_or_default(),
        lock_seconds: line.number(Column::LockSeconds)?.unwrap_or_default(),
    })
}

fn timestamp(line: &Line) -> Result<Timestamp, String> {
    match (line.text(Column::Time), line.number(Column::RawSec)?) {
        (Some(time), _) => parse_iso(time).ok_or_else(|| {
            let time = quoted(time);
            format!(
                "time '{time}' is not a valid time: it must look like 2024-02-17T21:01:23.767336Z"
            )
        }),
        (None, Some(tv_sec)) => {
            let tv_usec = line.number(Column::RawUsec)?.unwrap_or(0);
            Ok(Timestamp { tv_sec, tv_usec })
        }
        // Empty records and slots have none.
        (None, None)
            if line.number::<u64>(Column::Uid)?.is_some()
                || line.text(Column::Event) == Some(Event::Empty.name()) =>
        {
            Ok(Timestamp::default())
        }
        (None, None) => Err("no time: give `time`, or `raw_sec`".to_owned()),
    }
}

/// Sets the type. `raw_type` is stored and `type` is its meaning, so they must agree.
fn set_type(line: &Line, layout: &Layout, entry: &mut Entry<'_>) -> Result<(), String> {
    if !layout.is_log() {
        return Ok(());
    }
    let name = line.text(Column::Type);
    if layout.field(Role::Type).is_some() {
        let known = || layout.platform.raw_type(name?.parse().ok()?);
        let raw = line.number(Column::RawType)?.or_else(known);
        entry.raw_type = Some(raw.ok_or("no raw_type, and no type to derive it from")?);
    }
    let read = entry.ut_type();
    match name {
        Some(name) if name != read.name() => {
            let name = quoted(name);
            let told = if entry.raw_type.is_some() { "raw_type" } else { "line and user" };
            Err(format!("type is {name}, but {told} means {read}: change one of them"))
        }
        _ => Ok(()),
    }
}
