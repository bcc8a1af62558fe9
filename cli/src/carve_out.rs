//! What was carved: rows, and the runs as files.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use loginrec::carve::Hit;
use loginrec::{Framing, Text};

use crate::args::DumpFormat;
use crate::calendar::Clock;
use crate::filename::FileName;
use crate::json::Object;
use crate::output::{Output, Target, stdout};
use crate::report::{Report, reason};
use crate::row::{Cells, Common, Row, key};
use crate::sheet::{HEADER, Line, Safety};
use crate::text;

/// Prints hits as `dump` prints records, and what is known of them besides.
#[derive(Debug)]
pub(crate) struct Rows {
    format: DumpFormat,
    raw: bool,
    out: Output,
    clock: Clock,
    common: Common,
}

impl Rows {
    pub(crate) fn new(format: DumpFormat, raw: bool, safety: Safety) -> io::Result<Rows> {
        let mut out = stdout();
        if format == DumpFormat::Csv {
            writeln!(out, "{},run,confidence,alternative", HEADER.trim_end())?;
        }
        Ok(Rows { format, raw, out, clock: Clock::new(), common: Common::new(safety) })
    }

    /// A line between the hits of several images.
    pub(crate) fn heading(&mut self, name: &FileName<'_>, first: bool) -> io::Result<()> {
        if self.format != DumpFormat::Text {
            return Ok(());
        }
        let gap = if first { "" } else { "\n" };
        let shown = if name.is_stdin() { "standard input" } else { &name.shown };
        writeln!(self.out, "{gap}==> {shown} <==")
    }

    pub(crate) fn hit(&mut self, name: &FileName<'_>, hit: &Hit<'_>) -> io::Result<()> {
        let record = &hit.record;
        let entry = record.entry();
        let alternative = hit.alternative.map(|layout| layout.name);
        let lines = self.out.lines();
        if self.format == DumpFormat::Text {
            let layout = record.layout().name;
            let (offset, run, bits) = (record.offset(), hit.run, hit.confidence);
            write!(lines, "{offset:012} {run:>5} {bits:>3} {layout:<21} ")?;
            text::row(lines, record.uid(), &entry, &mut self.clock);
            return self.out.settle();
        }
        let safety = self.common.safety;
        let shared = self.common.of(record, &entry, entry.event(), name);
        let row = Row { record, entry: &entry, index: record.index(), offset: record.offset() };
        match self.format {
            DumpFormat::Csv => {
                let mut line = Line::new(lines, &mut self.clock, safety);
                row.write(&shared, false, &mut line);
                found(hit, alternative, &mut line);
                line.end();
            }
            _ => {
                let mut object = Object::new(lines, &mut self.clock);
                row.write(&shared, self.raw, &mut object);
                found(hit, alternative, &mut object);
                object.end();
            }
        }
        self.out.settle()
    }

    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

fn found(hit: &Hit<'_>, alternative: Option<&'static str>, to: &mut impl Cells) {
    to.number(key!("run"), Some(hit.run));
    to.number(key!("confidence"), Some(hit.confidence));
    to.word(key!("alternative"), alternative);
}

/// Writes each run as a file of its own.
#[derive(Debug)]
pub(crate) struct Files<'a> {
    folder: &'a Path,
    force: bool,
    /// The run being written.
    run: Option<(u64, PathBuf)>,
    bytes: Vec<u8>,
    /// Of a run so long that it does not wait in memory.
    target: Option<Target<'static>>,
}

/// Bytes of a run that wait in memory.
const WAITING: usize = 256 << 10;

impl<'a> Files<'a> {
    pub(crate) fn new(folder: &'a Path, force: bool) -> Files<'a> {
        Files { folder, force, run: None, bytes: Vec::new(), target: None }
    }

    pub(crate) fn hit(&mut self, image: &FileName<'_>, hit: &Hit<'_>, report: &mut Report) {
        if self.run.as_ref().is_none_or(|(run, _)| *run != hit.run) {
            self.end(report);
            let layout = hit.record.layout().name;
            let name = format!("{}-{:012}-{layout}", plain(image), hit.record.offset());
            self.run = Some((hit.run, self.folder.join(name)));
        }
        let bytes = hit.record.bytes();
        if hit.record.layout().framing == Framing::LengthPrefixed {
            let len = u16::try_from(bytes.len()).unwrap_or_default();
            self.bytes.extend_from_slice(&len.to_be_bytes());
        }
        self.bytes.extend_from_slice(bytes);
        if self.bytes.len() > WAITING {
            let written = self.write();
            self.check(written, report);
        }
    }

    /// Ends the run being written; its file gets its name.
    pub(crate) fn end(&mut self, report: &mut Report) {
        if self.run.is_none() {
            return;
        }
        let written = self.write().and_then(|()| match self.target.take() {
            Some(target) => target.finish(),
            None => Ok(()),
        });
        self.check(written, report);
        self.run = None;
    }

    fn write(&mut self) -> io::Result<()> {
        let Some((_, path)) = &self.run else { return Ok(()) };
        let bytes = std::mem::take(&mut self.bytes);
        if self.target.is_none() {
            self.target = Some(Target::file(path.clone(), self.force)?);
        }
        self.target.as_mut().map_or(Ok(()), |target| target.write(&bytes))
    }

    fn check(&mut self, written: io::Result<()>, report: &mut Report) {
        if let (Err(error), Some((_, path))) = (written, &self.run) {
            report.damaged(&FileName::new(path), reason(&error));
            self.target = None;
        }
    }
}

/// The name of an image as part of another name.
fn plain(image: &FileName<'_>) -> String {
    let name = image.path().and_then(Path::file_name).map(|name| name.as_encoded_bytes());
    let name = Text::new(name.unwrap_or(b"stdin")).to_string();
    let keep = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    name.chars().map(|c| if keep(c) { c } else { '_' }).collect()
}
