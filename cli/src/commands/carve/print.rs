//! Prints hits: as rows, and runs as files.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use loginrec::carve::Hit;
use loginrec::contract::{CarvedRow, RecordRow};
use loginrec::read::RowPlace;
use loginrec::{Container, Layout, Record, Text};

use crate::args::format::{FormulaGuard, OutputFormat};
use crate::diagnostics::{Diagnostics, reason};
use crate::file_name::FileName;
use crate::ledger::Ledger;
use crate::output::ascii::datetime::Clock;
use crate::output::destination::check;
use crate::output::rows::RowEncoder;
use crate::output::utmpdump;
use crate::output::writer::{Output, Target};

/// The parts of a hit that are printed.
#[derive(Debug)]
pub(crate) struct Found<'a> {
    pub(crate) record: Record<'a>,
    pub(crate) confidence: i32,
    pub(crate) run: u64,
    pub(crate) alternative: Option<&'static Layout>,
    /// Where a row of a database is, and what became of it.
    pub(crate) place: Option<RowPlace>,
}

/// Prints hits like the records of `dump`, with confidence and run.
#[derive(Debug)]
pub(crate) struct Rows {
    raw: bool,
    out: Output,
    lines: Lines,
}

#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "there is one of them, or one a thread")]
enum Lines {
    Text(Clock),
    Rows(RowEncoder),
}

impl Rows {
    pub(crate) fn new(
        format: OutputFormat,
        raw: bool,
        guard: FormulaGuard,
        mut out: Output,
    ) -> Rows {
        let lines = match format.rows() {
            None => Lines::Text(Clock::new()),
            Some(format) => {
                let encoder = RowEncoder::with_raw::<CarvedRow<'_>>(format, guard, raw);
                encoder.headings::<CarvedRow<'_>>(out.lines());
                Lines::Rows(encoder)
            }
        };
        Rows { raw, out, lines }
    }

    /// Returns whether rows are printed to a terminal.
    pub(crate) fn is_on_terminal(&self) -> bool {
        self.out.is_terminal()
    }

    /// Prints a heading before the hits of an image, if there are several.
    pub(crate) fn heading(&mut self, name: &FileName<'_>, first: bool) -> io::Result<()> {
        let Lines::Text(_) = self.lines else { return Ok(()) };
        let gap = if first { "" } else { "\n" };
        let shown = if name.is_stdin() { "standard input" } else { &name.shown };
        writeln!(self.out, "{gap}==> {shown} <==")
    }

    pub(crate) fn hit(&mut self, name: &FileName<'_>, hit: &Hit<'_>) -> io::Result<()> {
        let Hit { record, confidence, run, alternative, .. } = *hit;
        self.row(name, &Found { record, confidence, run, alternative, place: None })
    }

    /// Prints a record, or a row of a database.
    pub(crate) fn row(&mut self, name: &FileName<'_>, found: &Found<'_>) -> io::Result<()> {
        let Found { ref record, confidence, run, alternative, place } = *found;
        let entry = &record.entry();
        let lines = self.out.lines();
        match &mut self.lines {
            Lines::Text(clock) => {
                let (offset, layout) = (record.offset(), record.layout().name);
                write!(lines, "{offset:012} {run:>5} {confidence:>3} {layout:<21} ")?;
                if let Some((state, Some(found_as))) =
                    place.map(|place| (place.state, place.found_as))
                {
                    write!(lines, "{state:<10} {found_as:<4} ")?;
                }
                utmpdump::row(lines, record.uid(), entry, clock);
            }
            Lines::Rows(encoder) => {
                let source = name.source();
                let raw = self.raw.then_some(record.bytes());
                let record = RecordRow::new(source, record, entry, entry.event());
                let record = RecordRow { raw, place: place.or(record.place), ..record };
                encoder.row(lines, &CarvedRow { record, run, confidence, alternative });
            }
        }
        self.out.settle()
    }

    /// Ends the list.
    pub(crate) fn finish(&mut self, report: &mut Diagnostics) -> io::Result<()> {
        if let Lines::Rows(encoder) = &mut self.lines {
            encoder.finish(self.out.lines(), report)?;
        }
        self.out.flush()
    }
}

/// Writes each run to a file of its own.
#[derive(Debug)]
pub(crate) struct Files<'a> {
    folder: &'a Path,
    force: bool,
    /// The run being written.
    run: Option<(u64, PathBuf)>,
    bytes: Vec<u8>,
    /// The file of a run that is too long to wait in memory.
    target: Option<Target>,
}

/// Bytes of a run that wait in memory.
const WAITING: usize = 256 << 10;

impl<'a> Files<'a> {
    pub(crate) fn new(folder: &'a Path, force: bool) -> Files<'a> {
        Files { folder, force, run: None, bytes: Vec::new(), target: None }
    }

    pub(crate) fn hit(&mut self, image: &FileName<'_>, hit: &Hit<'_>, report: &mut Diagnostics) {
        if self.run.as_ref().is_none_or(|(run, _)| *run != hit.run) {
            self.end(report);
            let layout = hit.record.layout().name;
            let name = format!("{}-{:012}-{layout}", plain(image), hit.record.offset());
            self.run = Some((hit.run, self.folder.join(name)));
        }
        let bytes = hit.record.bytes();
        if hit.record.layout().container == Container::LengthPrefixed {
            let len = u16::try_from(bytes.len()).unwrap_or_default();
            self.bytes.extend_from_slice(&len.to_be_bytes());
        }
        self.bytes.extend_from_slice(bytes);
        if self.bytes.len() > WAITING {
            let written = self.write(&report.ledger);
            self.check(written, report);
        }
    }

    /// Ends the run being written and names its file.
    pub(crate) fn end(&mut self, report: &mut Diagnostics) {
        if self.run.is_none() {
            return;
        }
        let written = self.write(&report.ledger).and_then(|()| match self.target.take() {
            Some(target) => target.finish(),
            None => Ok(()),
        });
        self.check(written, report);
        self.run = None;
    }

    fn write(&mut self, ledger: &Ledger) -> io::Result<()> {
        let Some((_, path)) = &self.run else { return Ok(()) };
        let bytes = std::mem::take(&mut self.bytes);
        if self.target.is_none() {
            check(path, ledger)?;
            self.target = Some(Target::file(path, self.force)?);
        }
        self.target.as_mut().map_or(Ok(()), |target| target.write(&bytes))
    }

    fn check(&mut self, written: io::Result<()>, report: &mut Diagnostics) {
        if let (Err(error), Some((_, path))) = (written, &self.run) {
            report.damaged(&FileName::new(path), reason(&error));
            self.target = None;
        }
    }
}

/// Returns the name of an image as part of another name.
fn plain(image: &FileName<'_>) -> String {
    let name = image.path().and_then(Path::file_name).map(|name| name.as_encoded_bytes());
    let name = Text::new(name.unwrap_or(b"stdin")).to_string();
    let keep = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    name.chars().map(|c| if keep(c) { c } else { '_' }).collect()
}
