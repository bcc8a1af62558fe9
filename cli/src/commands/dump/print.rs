//! Records of `dump` in its formats.

use std::io::{self, Write as _};
use std::sync::Arc;

use loginrec::contract::{RecordRow, Stray, TailRow};
use loginrec::read::RowState;
use loginrec::{Entry, FileKind, Layout, Record, Text};

use crate::args::filter::LAST_LOGIN;
use crate::args::format::OutputFormat;
use crate::commands::dump::args::DumpArgs;
use crate::diagnostics::Diagnostics;
use crate::file_name::FileName;
use crate::input::file::{Origin, Tail};
use crate::output::ascii::datetime::Clock;
use crate::output::filter::{Filter, Missed, Subject};
use crate::output::fwtmp::Form;
use crate::output::rows::RowEncoder;
use crate::output::utmpdump;
use crate::output::writer::Output;

/// Converts records to lines.
#[derive(Debug)]
pub(crate) struct Rows<'a> {
    args: &'a DumpArgs,
    /// The records that the options select; `None` for all.
    selected: Option<Selected<'a>>,
    /// Whether each line of text begins with the file's name.
    prefixes: bool,
    /// Whether that begins with the machine.
    has_machines: bool,
    lines: Lines,
}

/// The records that the options select.
#[derive(Clone, Debug)]
pub(crate) struct Selected<'a> {
    pub(crate) filter: Filter<'a>,
    pub(crate) missed: &'a Missed,
}

impl Selected<'_> {
    fn takes(&self, record: &Record<'_>, entry: &Entry<'_>, kind: Option<FileKind>) -> bool {
        let uid = record.uid().map(|uid| uid.to_string());
        let uid = uid.as_ref().filter(|_| entry.ut_user.is_empty());
        let subject = Subject {
            user: uid.map_or(entry.ut_user, |uid| Text::new(uid.as_bytes())),
            line: entry.ut_line,
            host: entry.ut_host,
            addr: entry.addr(),
            event: match record.layout().is_lastlog() {
                true => LAST_LOGIN,
                false => entry.event_in(kind).name(),
            },
            begin: entry.ut_tv,
            end: entry.logout.unwrap_or(entry.ut_tv),
        };
        self.filter.takes(&subject, true, self.missed)
    }
}

#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "there is one of them, or one a thread")]
enum Lines {
    Text(Clock),
    Fwtmp,
    Rows(RowEncoder),
}

impl<'a> Rows<'a> {
    pub(crate) fn new(args: &'a DumpArgs, selected: Option<Selected<'a>>) -> Rows<'a> {
        let lines = match args.format.rows() {
            None if args.format == OutputFormat::Fwtmp => Lines::Fwtmp,
            None => Lines::Text(Clock::new()),
            Some(format) => {
                let (guard, raw) = (args.guard, args.raw);
                Lines::Rows(RowEncoder::with_raw::<RecordRow<'_>>(format, guard, raw))
            }
        };
        let has_machines = args.reading.sources.has_several();
        Rows { args, selected, prefixes: args.merge, has_machines, lines }
    }

    /// Appends what comes before the first record.
    fn headings(&self, lines: &mut Vec<u8>) {
        if let Lines::Rows(encoder) = &self.lines {
            encoder.headings::<RecordRow<'_>>(lines);
        }
    }

    /// Appends a record's line.
    #[inline]
    pub(crate) fn write(&mut self, lines: &mut Vec<u8>, record: &Record<'_>, origin: &Origin<'_>) {
        let entry = record.entry();
        let Origin { name, kind } = *origin;
        if self.selected.as_ref().is_some_and(|selected| !selected.takes(record, &entry, kind)) {
            return;
        }
        match &mut self.lines {
            Lines::Text(clock) => {
                if self.prefixes {
                    if self.has_machines {
                        lines.extend_from_slice(name.machine_name().as_bytes());
                        lines.extend_from_slice(b": ");
                    }
                    lines.extend_from_slice(shown(name).as_bytes());
                    lines.extend_from_slice(b": ");
                }
                if self.args.deleted
                    && let Some(place) = record.row_place()
                    && place.state != RowState::Live
                {
                    lines.extend_from_slice(place.state.as_str().as_bytes());
                    lines.extend_from_slice(b": ");
                }
                utmpdump::row(lines, record.uid(), &entry, clock);
            }
            Lines::Fwtmp => {
                // Files of other layouts are refused before.
                if let Some(form) = Form::of(record.layout().home()) {
                    form.row(lines, &entry);
                }
            }
            Lines::Rows(encoder) => {
                let (source, event) = (name.source(), entry.event_in(kind));
                let mut row = RecordRow::new(source, record, &entry, event);
                row.user = name.user_of(row.layout);
                row.raw = self.args.raw.then(|| record.bytes());
                encoder.row(lines, &row);
            }
        }
    }
}

/// Prints records in one of the three formats.
#[derive(Debug)]
pub(crate) struct Printer<'a> {
    rows: Rows<'a>,
    out: Output,
    /// Whether text has a heading for each file.
    headings: bool,
    /// Number of files begun.
    files: u32,
    /// The last one.
    last: Option<Arc<str>>,
}

impl<'a> Printer<'a> {
    pub(crate) fn new(
        args: &'a DumpArgs,
        selected: Option<Selected<'a>>,
        out: Output,
    ) -> Printer<'a> {
        let sources = &args.reading.sources;
        let headings = sources.len() > 1 && !args.merge;
        Printer { rows: Rows::new(args, selected), out, headings, files: 0, last: None }
    }

    /// Begins the merged list of all files' records.
    pub(crate) fn begin_merged(&mut self) -> io::Result<()> {
        self.rows.headings(self.out.lines());
        self.out.settle()
    }

    /// Begins a file that was opened. Text has headings like those of head(1).
    pub(crate) fn begin(&mut self, name: &FileName<'_>) -> io::Result<()> {
        self.files += 1;
        self.last = Some(name.value.clone());
        match self.rows.lines {
            Lines::Text(_) if self.headings => {
                let gap = if self.files > 1 { "\n" } else { "" };
                let (machine, colon) = match self.rows.has_machines {
                    true => (name.machine_name(), ": "),
                    false => ("", ""),
                };
                writeln!(self.out, "{gap}==> {machine}{colon}{} <==", shown(name))
            }
            Lines::Rows(_) if self.files == 1 => self.begin_merged(),
            _ => Ok(()),
        }
    }

    /// Returns whether this file was the last to begin.
    pub(crate) fn is_at(&self, name: &FileName<'_>) -> bool {
        self.last.as_ref() == Some(&name.value)
    }

    #[inline]
    pub(crate) fn record(&mut self, record: &Record<'_>, origin: &Origin<'_>) -> io::Result<()> {
        self.rows.write(self.out.lines(), record, origin);
        self.out.settle()
    }

    /// With `--raw`, ends a file for `undump`: prints the bytes after the records, zero lengths and
    /// unused slots of a lastlog.
    pub(crate) fn end(
        &mut self,
        layout: Option<&'static Layout>,
        name: &FileName<'_>,
        tail: &Tail,
    ) -> io::Result<()> {
        self.stray(layout, name, tail.offset, &tail.bytes, Stray::End)
    }

    /// With `--raw`, prints skipped bytes of no record, for `undump`.
    pub(crate) fn skipped(
        &mut self,
        layout: Option<&'static Layout>,
        name: &FileName<'_>,
        offset: u64,
        bytes: &[u8],
    ) -> io::Result<()> {
        self.stray(layout, name, offset, bytes, Stray::Skipped)
    }

    /// With `--raw`, prints a piece of a database, for `undump`.
    pub(crate) fn content(
        &mut self,
        layout: Option<&'static Layout>,
        name: &FileName<'_>,
        offset: u64,
        bytes: &[u8],
    ) -> io::Result<()> {
        self.stray(layout, name, offset, bytes, Stray::Content)
    }

    fn stray(
        &mut self,
        layout: Option<&'static Layout>,
        name: &FileName<'_>,
        offset: u64,
        bytes: &[u8],
        stray: Stray,
    ) -> io::Result<()> {
        let Lines::Rows(encoder) = &mut self.rows.lines else { return Ok(()) };
        if !self.rows.args.raw || self.rows.selected.is_some() {
            return Ok(());
        }
        let source = name.source();
        let row = TailRow { source, layout, offset, bytes, stray };
        encoder.other_row(self.out.lines(), &row);
        self.out.settle()
    }

    /// Returns which records are printed.
    pub(crate) fn selected(&self) -> Option<Selected<'a>> {
        self.rows.selected.clone()
    }

    /// Prints lines that were formatted by other threads.
    pub(crate) fn lines(&mut self, lines: &[u8]) -> io::Result<()> {
        self.out.write_all(lines)
    }

    /// Ends the list.
    pub(crate) fn finish(&mut self, report: &mut Diagnostics) -> io::Result<()> {
        if let Lines::Rows(encoder) = &mut self.rows.lines {
            encoder.finish(self.out.lines(), report)?;
        }
        self.flush()
    }

    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Returns a file's name for text output.
fn shown<'a>(name: &'a FileName<'_>) -> &'a str {
    if name.is_stdin() { "standard input" } else { &name.shown }
}
