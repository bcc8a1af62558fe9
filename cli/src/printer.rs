//! Records of `dump` in its three formats.

use std::io::{self, Write as _};
use std::sync::Arc;

use loginrec::{FileKind, Layout, Record};

use crate::args::{Dump, DumpFormat};
use crate::calendar::Clock;
use crate::filename::FileName;
use crate::hex::hex;
use crate::input::Tail;
use crate::json::{self, Object};
use crate::output::Output;
use crate::row::{Common, End, Row};
use crate::sheet::{self, HEADER};
use crate::text;

/// Where a record comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin<'a> {
    pub(crate) name: &'a FileName<'a>,
    pub(crate) kind: Option<FileKind>,
}

impl<'a> Origin<'a> {
    /// A file that was read as a whole.
    pub(crate) fn file(name: &'a FileName<'a>, kind: Option<FileKind>) -> Origin<'a> {
        Origin { name, kind }
    }
}

/// Turns records into lines.
#[derive(Clone, Debug)]
pub(crate) struct Rows<'a> {
    args: &'a Dump,
    /// Whether each line of text begins with the file's name.
    prefixes: bool,
    clock: Clock,
    common: Common,
}

impl<'a> Rows<'a> {
    fn new(args: &'a Dump) -> Rows<'a> {
        Rows { args, prefixes: args.merge, clock: Clock::new(), common: Common::new(args.safety) }
    }

    /// Puts a record's line behind `lines`.
    #[inline]
    pub(crate) fn write(&mut self, lines: &mut Vec<u8>, record: &Record<'_>, origin: &Origin<'_>) {
        let entry = self.args.reading.entry(record);
        let Origin { name, kind } = *origin;
        if self.args.format == DumpFormat::Text {
            if self.prefixes {
                lines.extend_from_slice(shown(name).as_bytes());
                lines.extend_from_slice(b": ");
            }
            return text::row(lines, record.uid(), &entry, &mut self.clock);
        }
        let event = entry.event_in(kind);
        let shared = self.common.of(record, &entry, event, name);
        let (index, offset) = (record.index(), record.offset());
        let row = Row { record, entry: &entry, index, offset };
        match self.args.format {
            DumpFormat::Csv => {
                let mut line = sheet::Line::new(lines, &mut self.clock, self.args.safety);
                row.write(&shared, false, &mut line);
                line.end();
            }
            _ => {
                let mut object = Object::new(lines, &mut self.clock);
                row.write(&shared, self.args.raw, &mut object);
                object.end();
            }
        }
    }
}

/// The one output of the three formats.
#[derive(Debug)]
pub(crate) struct Printer<'a> {
    rows: Rows<'a>,
    out: Output,
    /// Whether text tells the files apart by headings.
    headings: bool,
    /// Files begun.
    files: u32,
    /// The last of them.
    last: Option<Arc<str>>,
}

impl<'a> Printer<'a> {
    pub(crate) fn new(args: &'a Dump, out: Output) -> Printer<'a> {
        let headings = args.reading.files.len() > 1 && !args.merge;
        Printer { rows: Rows::new(args), out, headings, files: 0, last: None }
    }

    /// Begins the one list that the records of all files make.
    pub(crate) fn begin_merged(&mut self) -> io::Result<()> {
        match self.rows.args.format {
            DumpFormat::Csv => self.out.write_all(HEADER.as_bytes()),
            _ => Ok(()),
        }
    }

    /// Begins a file that could be opened. Text has headings as head(1) prints them.
    pub(crate) fn begin(&mut self, name: &FileName<'_>) -> io::Result<()> {
        self.files += 1;
        self.last = Some(name.value.clone());
        match self.rows.args.format {
            DumpFormat::Text if self.headings => {
                let gap = if self.files > 1 { "\n" } else { "" };
                writeln!(self.out, "{gap}==> {} <==", shown(name))
            }
            DumpFormat::Csv if self.files == 1 => self.out.write_all(HEADER.as_bytes()),
            _ => Ok(()),
        }
    }

    /// Whether the file was the last to begin.
    pub(crate) fn is_at(&self, name: &FileName<'_>) -> bool {
        self.last.as_ref() == Some(&name.value)
    }

    #[inline]
    pub(crate) fn record(&mut self, record: &Record<'_>, origin: &Origin<'_>) -> io::Result<()> {
        self.rows.write(self.out.lines(), record, origin);
        self.out.settle()
    }

    /// With `--raw`, closes a file for `undump`: what lies behind records, zero lengths and
    /// unused slots of a lastlog.
    pub(crate) fn end(
        &mut self,
        layout: Option<&'static Layout>,
        name: &FileName<'_>,
        tail: &Tail,
    ) -> io::Result<()> {
        if !self.rows.args.raw {
            return Ok(());
        }
        let end = End {
            file: &name.value,
            layout: layout.map(|layout| layout.name),
            event: "end",
            offset: tail.offset,
            raw: hex(&tail.bytes),
        };
        json::write_line(&mut self.out, &end)
    }

    /// What makes its lines, to be cloned.
    pub(crate) fn rows(&self) -> Rows<'a> {
        self.rows.clone()
    }

    /// Prints lines that have been made elsewhere.
    pub(crate) fn lines(&mut self, lines: &[u8]) -> io::Result<()> {
        self.out.write_all(lines)
    }

    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// A file's name for people.
fn shown<'a>(name: &'a FileName<'_>) -> &'a str {
    if name.is_stdin() { "standard input" } else { &name.shown }
}
