//! One record as the JSON contract has it: which keys, and in which order.

use std::net::IpAddr;
use std::sync::Arc;
use std::{fmt, ptr};

use loginrec::layout::Role;
use loginrec::{Address, Entry, Event, Exit, Layout, Record, Text, UtType};
use serde::{Serialize, Serializer};

use crate::calendar::{Clock, Rfc3339};
use crate::digits::{Number, push};
use crate::filename::FileName;
use crate::hex::hex;
use crate::length::Seconds;
use crate::sheet::Safety;
use crate::{json, sheet};

/// The key of a value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Key {
    pub(crate) name: &'static str,
    /// As JSON has it, behind a comma.
    pub(crate) json: &'static [u8],
    /// Of nothing.
    pub(crate) null: &'static [u8],
    /// With the quotation mark of a text.
    pub(crate) quoted: &'static [u8],
}

macro_rules! key {
    ($name:literal) => {
        $crate::row::Key {
            name: $name,
            json: concat!(",\"", $name, "\":").as_bytes(),
            null: concat!(",\"", $name, "\":null").as_bytes(),
            quoted: concat!(",\"", $name, "\":\"").as_bytes(),
        }
    };
}
pub(crate) use key;

/// What a row is written to: an object of JSON, a line of CSV. `None` is what the record
/// has no place for.
pub(crate) trait Cells {
    /// Of which file and layout, and which record of it.
    fn lead(&mut self, lead: &Lead, index: u64);
    /// Its type and event.
    fn kind(&mut self, kind: &Kind);
    fn file(&mut self, key: Key, name: &FileName<'_>);
    /// One of our own words.
    fn word(&mut self, key: Key, word: Option<&'static str>);
    fn number(&mut self, key: Key, number: Option<impl Number>);
    /// `None` where no calendar has the time.
    fn time(&mut self, key: Key, time: Option<Rfc3339>);
    fn text(&mut self, key: Key, text: Option<Text<'_>>);
    fn token(&mut self, key: Key, token: Token<'_>);
    fn exit(&mut self, exit: Option<Exit>);
    /// `Some(None)` where there is a place and nothing in it.
    fn address(&mut self, key: Key, address: Option<Option<IpAddr>>);
    fn raw(&mut self, key: Key, bytes: &[u8]);
    fn seconds(&mut self, key: Key, seconds: Seconds);
    fn flag(&mut self, key: Key, flag: bool);
    /// Of something that is not there.
    fn null(&mut self, key: Key);
    /// A time that was written before.
    fn stamp(&mut self, key: Key, stamp: &str);
    /// A number that only JSON has room for.
    fn aside(&mut self, key: Key, number: Option<i64>);
}

/// A record and what is known of it.
#[derive(Debug)]
pub(crate) struct Row<'a> {
    pub(crate) record: &'a Record<'a>,
    pub(crate) entry: &'a Entry<'a>,
    pub(crate) index: u64,
    pub(crate) offset: u64,
}

impl Row<'_> {
    /// All cells become one function: each key is then a move or two, and the compiler knows
    /// where the line ends.
    #[inline(always)]
    pub(crate) fn write(&self, common: &Shared<'_>, raw: bool, to: &mut impl Cells) {
        let Row { record, entry, index, offset } = *self;
        let Shared { lead, shape, kind } = *common;
        to.lead(lead, index);
        to.number(key!("offset"), Some(offset));
        to.number(key!("uid"), record.uid());
        to.kind(kind);
        let time = Rfc3339::new(entry.ut_tv, shape.microseconds);
        let unless = |known: bool, number: i64| (!known).then_some(number);
        to.time(key!("time"), time);
        to.number(key!("raw_sec"), unless(time.is_some(), entry.ut_tv.tv_sec));
        let whole = time.is_some() || !shape.microseconds;
        to.number(key!("raw_usec"), unless(whole, entry.ut_tv.tv_usec));
        to.text(key!("user"), shape.user.then_some(entry.ut_user));
        to.text(key!("line"), shape.line.then_some(entry.ut_line));
        to.text(key!("host"), shape.host.then_some(entry.ut_host));
        match shape.id {
            Id::Token { len } => to.token(key!("id"), Token::new(entry.ut_id, len)),
            Id::Text => to.text(key!("id"), Some(entry.ut_id)),
            Id::Absent => to.text(key!("id"), None),
        }
        to.number(key!("pid"), entry.ut_pid);
        to.number(key!("session"), entry.ut_session);
        to.exit(entry.ut_exit);
        let addr = (entry.ut_addr != Address::Absent).then(|| entry.addr());
        to.address(key!("addr"), addr);
        if raw {
            to.raw(key!("raw"), record.bytes());
        }
    }
}

/// The cells that the records of one layout in one file have in common, made once.
#[derive(Clone, Debug)]
pub(crate) struct Lead {
    layout: &'static Layout,
    file: Arc<str>,
    /// With the key of the index.
    pub(crate) json: Vec<u8>,
    pub(crate) csv: Vec<u8>,
}

impl Lead {
    fn of(layout: &'static Layout, name: &FileName<'_>, safety: Safety) -> Lead {
        Lead {
            layout,
            file: name.value.clone(),
            json: json::lead(&name.value, layout.name),
            csv: sheet::lead(&name.shown, layout.name, safety),
        }
    }

    #[inline]
    fn is_of(&self, layout: &'static Layout, name: &FileName<'_>) -> bool {
        ptr::eq(self.layout, layout) && Arc::ptr_eq(&self.file, &name.value)
    }
}

/// The cells that the records of one type and event have in common, made once.
#[derive(Clone, Debug)]
pub(crate) struct Kind {
    /// Of a lastlog there are none.
    words: Option<(UtType, Event)>,
    raw_type: Option<i32>,
    pub(crate) json: Run,
    pub(crate) csv: Run,
}

impl Kind {
    #[cold]
    fn of(words: Option<(UtType, Event)>, raw_type: Option<i32>) -> Kind {
        let (mut json, mut csv, mut clock) = (Vec::new(), Vec::new(), Clock::new());
        Kind::write(words, raw_type, &mut json::Object::new(&mut json, &mut clock));
        let safety = Safety::default();
        Kind::write(words, raw_type, &mut sheet::Line::new(&mut csv, &mut clock, safety));
        Kind { words, raw_type, json: Run::new(json), csv: Run::new(csv) }
    }

    fn write(words: Option<(UtType, Event)>, raw_type: Option<i32>, to: &mut impl Cells) {
        to.word(key!("type"), words.map(|(ut_type, _)| ut_type.name()));
        to.number(key!("raw_type"), raw_type);
        to.word(key!("event"), words.map(|(_, event)| event.name()));
    }
}

/// Bytes that are written again and again.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    /// With something behind them, so that as much can always be copied.
    bytes: Vec<u8>,
    len: usize,
}

impl Run {
    /// Types and events in JSON have less.
    const ROOM: usize = 80;

    fn new(mut bytes: Vec<u8>) -> Run {
        let len = bytes.len();
        bytes.resize(len.max(Run::ROOM), 0);
        Run { bytes, len }
    }

    #[inline(always)]
    pub(crate) fn push(&self, line: &mut Vec<u8>) {
        match self.bytes.first_chunk::<{ Run::ROOM }>() {
            Some(bytes) if self.len <= Run::ROOM => push(line, bytes, self.len),
            _ => line.extend_from_slice(self.bytes.get(..self.len).unwrap_or_default()),
        }
    }
}

/// What records had in common with others before: mostly the next one as well.
#[derive(Clone, Debug)]
pub(crate) struct Common {
    last: Option<(Lead, Shape)>,
    /// By event and type, as far as there are places.
    kinds: [Option<Kind>; 16],
    pub(crate) safety: Safety,
}

/// What one record has in common with others.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shared<'a> {
    lead: &'a Lead,
    shape: &'a Shape,
    kind: &'a Kind,
}

impl Common {
    pub(crate) fn new(safety: Safety) -> Common {
        Common { last: None, kinds: Default::default(), safety }
    }

    #[inline]
    pub(crate) fn of(
        &mut self,
        record: &Record<'_>,
        entry: &Entry<'_>,
        event: Event,
        name: &FileName<'_>,
    ) -> Shared<'_> {
        let Common { last, kinds, safety } = self;
        let layout = record.layout();
        if !last.as_ref().is_some_and(|(lead, _)| lead.is_of(layout, name)) {
            *last = None;
        }
        let make = || (Lead::of(layout, name, *safety), Shape::of(layout));
        let (lead, shape) = last.get_or_insert_with(make);
        let words = record.uid().is_none().then(|| (entry.ut_type(), event));
        // A btmp has one event and some types, a wtmp two events of one type.
        let raw_type = entry.raw_type.unwrap_or_default() as u8;
        let slot = (event as u8).wrapping_mul(3).wrapping_add(raw_type) % 16;
        let [first, others @ ..] = kinds;
        let kind = others.get_mut(usize::from(slot)).unwrap_or(first);
        let is_of = |kind: &Kind| kind.words == words && kind.raw_type == entry.raw_type;
        if !kind.as_ref().is_some_and(is_of) {
            *kind = None;
        }
        let kind = kind.get_or_insert_with(|| Kind::of(words, entry.raw_type));
        Shared { lead, shape, kind }
    }
}

/// Which fields the records of a layout have, found out once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    layout: &'static Layout,
    pub(crate) microseconds: bool,
    pub(crate) user: bool,
    pub(crate) line: bool,
    pub(crate) host: bool,
    id: Id,
}

#[derive(Clone, Copy, Debug)]
enum Id {
    Absent,
    Text,
    Token { len: usize },
}

impl Shape {
    pub(crate) fn of(layout: &'static Layout) -> Shape {
        let has = |role| layout.field(role).is_some();
        Shape {
            layout,
            microseconds: layout.has_microseconds(),
            user: has(Role::User),
            line: has(Role::Line),
            host: has(Role::Host),
            id: match layout.field(Role::Id) {
                Some(field) if layout.dialect.binary_id => Id::Token { len: field.len },
                Some(_) => Id::Text,
                None => Id::Absent,
            },
        }
    }

    pub(crate) fn is_of(&self, layout: &'static Layout) -> bool {
        std::ptr::eq(self.layout, layout)
    }
}

/// An id that is a token of `len` bytes, of which a trimmed record may lack some.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token<'a> {
    bytes: &'a [u8],
    len: usize,
}

impl<'a> Token<'a> {
    fn new(id: Text<'a>, len: usize) -> Token<'a> {
        Token { bytes: without_zeros(id.raw()), len }
    }

    /// Without zeros at the end.
    pub(crate) fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    pub(crate) fn is_printable(&self) -> bool {
        self.bytes.iter().all(|byte| matches!(byte, b' '..=b'~'))
    }

    /// With them.
    pub(crate) fn whole(&self) -> Vec<u8> {
        let mut whole = self.bytes.to_vec();
        whole.resize(self.len.max(self.bytes.len()), 0);
        whole
    }
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
}

pub(crate) fn without_zeros(bytes: &[u8]) -> &[u8] {
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
