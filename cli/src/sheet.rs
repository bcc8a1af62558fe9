//! Records as comma-separated values.

use std::fmt::{Display, Write as _};
use std::io::{self, Write};

use csv::{Writer, WriterBuilder};
use loginrec::Text;

use crate::row::{Row, Shown};

const HEADER: &[&str] = &[
    "file",
    "layout",
    "index",
    "offset",
    "uid",
    "type",
    "raw_type",
    "event",
    "time",
    "raw_sec",
    "raw_usec",
    "user",
    "line",
    "host",
    "id",
    "pid",
    "session",
    "termination",
    "exit",
    "addr",
];

/// A CSV file being written: one header, then a line for each record of each file.
#[derive(Debug)]
pub(crate) struct Sheet<W: Write> {
    out: Writer<W>,
    cell: String,
}

impl<W: Write> Sheet<W> {
    pub(crate) fn new(out: W) -> Sheet<W> {
        Sheet { out: WriterBuilder::new().from_writer(out), cell: String::new() }
    }

    pub(crate) fn header(&mut self) -> io::Result<()> {
        self.headings(HEADER)
    }

    pub(crate) fn headings(&mut self, names: &[&str]) -> io::Result<()> {
        self.out.write_record(names).map_err(plain)
    }

    /// `file` is the name as it may be shown.
    pub(crate) fn row(&mut self, file: &str, row: &Row<'_>) -> io::Result<()> {
        self.cell(Some(file))?;
        self.cell(Some(row.layout))?;
        self.cell(Some(row.index))?;
        self.cell(Some(row.offset))?;
        self.cell(row.uid)?;
        self.cell(row.ut_type)?;
        self.cell(row.raw_type)?;
        self.cell(row.event)?;
        self.cell(row.time)?;
        self.cell(row.raw_sec)?;
        self.cell(row.raw_usec)?;
        self.text(row.user)?;
        self.text(row.line)?;
        self.text(row.host)?;
        match (row.id, &row.id_hex) {
            (None, Some(token)) => self.cell(Some(token))?,
            (id, _) => self.text(id)?,
        }
        self.cell(row.pid)?;
        self.cell(row.session)?;
        self.cell(row.exit.map(|exit| exit.termination))?;
        self.cell(row.exit.map(|exit| exit.exit))?;
        self.cell(row.addr.flatten())?;
        self.end()
    }

    /// Ends a line made of single cells.
    pub(crate) fn end(&mut self) -> io::Result<()> {
        self.out.write_record(None::<&[u8]>).map_err(plain)
    }

    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    pub(crate) fn text(&mut self, text: Option<Shown<'_>>) -> io::Result<()> {
        self.cell(text.map(|Shown(bytes)| Text::new(bytes)))
    }

    pub(crate) fn cell(&mut self, value: Option<impl Display>) -> io::Result<()> {
        self.cell.clear();
        if let Some(value) = value {
            write!(self.cell, "{value}").map_err(io::Error::other)?;
        }
        self.out.write_field(&self.cell).map_err(plain)
    }
}

/// The error underneath: whether a pipe was closed must stay visible.
fn plain(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        kind => io::Error::other(format!("{kind:?}")),
    }
}
