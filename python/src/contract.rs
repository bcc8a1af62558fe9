//! One record as the JSON contract of the command line has it, as a `dict`.

use std::path::Path;

use loginrec::layout::Role;
use loginrec::{Address, Entry, Layout, Text};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::strings::{TextErrors, decode};

pub(crate) struct Row<'a> {
    pub(crate) path: Option<&'a Path>,
    pub(crate) layout: &'static Layout,
    pub(crate) index: u64,
    pub(crate) offset: u64,
    pub(crate) uid: Option<u64>,
    pub(crate) event: &'static str,
    pub(crate) entry: Entry<'a>,
    pub(crate) raw: Option<&'a [u8]>,
}

impl Row<'_> {
    pub(crate) fn dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let Row { layout, entry, .. } = self;
        let row = PyDict::new(py);
        if let Some(path) = self.path {
            row.set_item("file", path.as_os_str())?;
        }
        row.set_item("layout", layout.name)?;
        row.set_item("index", self.index)?;
        row.set_item("offset", self.offset)?;
        match self.uid {
            Some(uid) => row.set_item("uid", uid)?,
            None => row.set_item("type", entry.ut_type().name())?,
        }
        set_some(&row, "raw_type", entry.raw_type)?;
        set_some(&row, "event", self.uid.is_none().then_some(self.event))?;
        self.time(&row)?;
        for (key, role, text) in [
            ("user", Role::User, entry.ut_user),
            ("line", Role::Line, entry.ut_line),
            ("host", Role::Host, entry.ut_host),
        ] {
            if layout.field(role).is_some() {
                self::text(text).set(&row, key)?;
            }
        }
        if let Some(field) = layout.field(Role::Id) {
            id(layout, field.len, entry.ut_id).set(&row, "id")?;
        }
        set_some(&row, "pid", entry.ut_pid)?;
        set_some(&row, "session", entry.ut_session)?;
        if let Some(exit) = entry.ut_exit {
            let pair = PyDict::new(py);
            pair.set_item("termination", exit.e_termination)?;
            pair.set_item("exit", exit.e_exit)?;
            row.set_item("exit", pair)?;
        }
        if entry.ut_addr != Address::Absent {
            row.set_item("addr", entry.addr().map(|addr| addr.to_string()))?;
        }
        set_some(&row, "raw", self.raw.map(hex))?;
        Ok(row)
    }

    fn time(&self, row: &Bound<'_, PyDict>) -> PyResult<()> {
        let (tv, micros) = (self.entry.ut_tv, self.layout.has_microseconds());
        let known = tv.to_utc().filter(|date| date.year() >= 0);
        let text = known.map(|_| match (tv.to_string(), micros) {
            (time, true) => time,
            (time, false) => time.replace(".000000Z", "Z"),
        });
        row.set_item("time", &text)?;
        if text.is_none() {
            row.set_item("raw_sec", tv.tv_sec)?;
            set_some(row, "raw_usec", micros.then_some(tv.tv_usec))?;
        }
        Ok(())
    }
}

fn set_some<'py>(
    row: &Bound<'py, PyDict>,
    key: &str,
    value: Option<impl IntoPyObject<'py>>,
) -> PyResult<()> {
    value.map_or(Ok(()), |value| row.set_item(key, value))
}

/// One text field in its up to three keys.
pub(crate) struct Stored<'a> {
    pub(crate) shown: Option<&'a [u8]>,
    hex: Option<String>,
    residue: Option<String>,
}

impl Stored<'_> {
    fn set(&self, row: &Bound<'_, PyDict>, key: &str) -> PyResult<()> {
        if let Some(bytes) = self.shown {
            row.set_item(key, decode(row.py(), bytes, TextErrors::ESCAPE)?)?;
        }
        set_some(row, &format!("{key}_hex"), self.hex.as_deref())?;
        set_some(row, &format!("{key}_residue"), self.residue.as_deref())
    }
}

fn text(text: Text<'_>) -> Stored<'_> {
    let bytes = text.as_bytes();
    let residue = without_zeros(text.residue());
    Stored {
        shown: Some(bytes),
        hex: text.to_str().is_none().then(|| hex(bytes)),
        residue: (!residue.is_empty()).then(|| hex(residue)),
    }
}

/// An id: text, or on some platforms a token of `len` bytes, of which a trimmed record may
/// lack some.
pub(crate) fn id<'a>(layout: &Layout, len: usize, id: Text<'a>) -> Stored<'a> {
    if !layout.dialect.binary_id {
        return text(id);
    }
    let token = without_zeros(id.raw());
    let printable = token.iter().all(|byte| matches!(byte, b' '..=b'~'));
    let mut whole = token.to_vec();
    whole.resize(len.max(token.len()), 0);
    Stored {
        shown: printable.then_some(token),
        hex: (!token.is_empty()).then(|| hex(&whole)),
        residue: None,
    }
}

fn without_zeros(bytes: &[u8]) -> &[u8] {
    let len = bytes.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
    bytes.get(..len).unwrap_or(bytes)
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap_or('?');
    bytes.iter().flat_map(|&byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
