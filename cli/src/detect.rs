//! `loginrec detect`: which layout each file has and how sure that is.

use std::borrow::Cow;
use std::io::{self, Write as _};

use loginrec::detect::{Detection, Reason, Verdict};
use loginrec::{Layout, Timestamp};
use serde::{Serialize, Serializer};

use crate::args::{Detect, TableFormat};
use crate::calendar::{Clock, Rfc3339};
use crate::digits::decimal;
use crate::filename::FileName;
use crate::input::{Input, Inputs};
use crate::json;
use crate::output::{Output, stdout};
use crate::report::Report;
use crate::table::Column;

/// Bits ahead from which on nobody need look at the second.
const CERTAIN: i32 = 20;

const COLUMNS: [Column; 7] = [
    ("FILE", false),
    ("LAYOUT", false),
    ("RECORDS", true),
    ("FIRST", false),
    ("LAST", false),
    ("CONFIDENCE", false),
    ("RUNNER-UP", false),
];

/// What is known about a file.
#[derive(Debug, Serialize)]
struct Found<'a> {
    #[serde(rename = "file", serialize_with = "value")]
    name: FileName<'a>,
    layout: Option<&'static str>,
    verdict: &'static str,
    records: Option<u64>,
    first: Option<Rfc3339>,
    last: Option<Rfc3339>,
    confidence: Cow<'static, str>,
    /// Evidence in bits for the layout, and how far the next one is behind.
    score: Option<i32>,
    margin: Option<i32>,
    runner_up: Option<&'static str>,
    reasons: Vec<String>,
}

pub(crate) fn run(args: &Detect, report: &mut Report) -> io::Result<()> {
    let mut inputs = Inputs::of(&args.reading);
    let mut all = Vec::new();
    for file in &args.reading.files {
        let name = FileName::new(file);
        match inputs.open(&name, report) {
            Ok(mut input) => {
                all.push(Found::in_file(name, &mut input, args, report)?);
                inputs.done(input);
            }
            Err(why) => match why.not_recognised() {
                Some(detection) => {
                    report.failed_quietly();
                    all.push(Found::nothing(name, detection, args));
                }
                None => report.failed(&name, why),
            },
        }
    }
    let mut out = stdout();
    match args.format {
        TableFormat::Jsonl => all.iter().try_for_each(|found| json::write_line(&mut out, found))?,
        TableFormat::Text => print(&mut out, &all, args.verbose)?,
    }
    out.flush()
}

fn value<S: Serializer>(name: &FileName<'_>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&name.value)
}

/// The records of a file, and the first and the last time that can be written.
#[derive(Debug, Default)]
struct Span {
    records: u64,
    times: Option<(Timestamp, Timestamp)>,
}

impl Span {
    #[inline]
    fn add(&mut self, tv: Timestamp) {
        self.records += 1;
        let (first, last) = self.times.unwrap_or((tv, tv));
        let is_within = self.times.is_some() && first <= tv && tv <= last;
        if !is_within && tv != Timestamp::default() && Rfc3339::new(tv, true).is_some() {
            self.times = Some((first.min(tv), last.max(tv)));
        }
    }
}

impl<'a> Found<'a> {
    fn in_file(
        name: FileName<'a>,
        input: &mut Input,
        args: &Detect,
        report: &mut Report,
    ) -> io::Result<Found<'a>> {
        let mut span = Span::default();
        match args.reading.unsigned_time {
            true => input.records(&name, report, |record| {
                span.add(args.reading.entry(record).ut_tv);
                Ok(())
            })?,
            false => input.entries(&name, report, |entry| span.add(entry.ut_tv))?,
        }
        // Those of its records that have a layout of their own store as much of a second.
        let has_microseconds = input.layout().is_some_and(Layout::has_microseconds);
        let time = |tv| Rfc3339::new(tv, has_microseconds);
        let mut found = Found {
            layout: input.layout().map(|layout| layout.name),
            records: Some(span.records),
            first: span.times.and_then(|(first, _)| time(first)),
            last: span.times.and_then(|(_, last)| time(last)),
            ..Found::unknown(name)
        };
        match input.detection() {
            Some(detection) => found.judge(detection, args),
            None => (found.verdict, found.confidence) = ("given", "given".into()),
        }
        Ok(found)
    }

    /// A file that no layout explains.
    fn nothing(name: FileName<'a>, detection: &Detection, args: &Detect) -> Found<'a> {
        let mut found = Found::unknown(name);
        found.judge(detection, args);
        found
    }

    fn unknown(name: FileName<'a>) -> Found<'a> {
        Found {
            name,
            layout: None,
            verdict: "unknown",
            records: None,
            first: None,
            last: None,
            confidence: Cow::Borrowed(""),
            score: None,
            margin: None,
            runner_up: None,
            reasons: Vec::new(),
        }
    }

    fn judge(&mut self, detection: &Detection, args: &Detect) {
        let is_told = args.verbose || args.format == TableFormat::Jsonl;
        if is_told || detection.verdict() == Verdict::NotRecognised {
            self.reasons = detection.reasons().iter().map(Reason::to_string).collect();
        }
        let margin = detection.margin();
        let hinted = detection.reasons().iter().any(|r| matches!(r, Reason::Hint { .. }));
        (self.verdict, self.confidence) = match detection.verdict() {
            Verdict::Recognised if hinted => {
                ("recognised", "by its name or neighbour: the bytes leave a tie".into())
            }
            Verdict::Recognised => {
                let confidence = match (margin >= CERTAIN, detection.runner_up()) {
                    (true, None) => "certain (no other reading fits)".into(),
                    (false, None) => "likely (no other reading fits)".into(),
                    (true, Some(_)) => format!("certain ({margin} bits ahead)").into(),
                    (false, Some(_)) => format!("likely ({margin} bits ahead)").into(),
                };
                ("recognised", confidence)
            }
            Verdict::Ambiguous => ("ambiguous", format!("ambiguous ({margin} bits ahead)").into()),
            Verdict::Empty => ("empty", "empty".into()),
            _ => ("not-recognised", {
                format!("not recognised: {}", self.reasons.join(": ")).into()
            }),
        };
        if let Verdict::Recognised | Verdict::Ambiguous = detection.verdict() {
            self.score = Some(detection.score());
            self.margin = Some(margin);
            self.runner_up = detection.runner_up().map(|next| next.layout.name);
        }
    }

    fn put(&self, rows: &mut Rows, clock: &mut Clock) {
        rows.text(&self.name.shown);
        rows.text(self.layout.unwrap_or("-"));
        match self.records {
            Some(records) => rows.cell(|out| decimal(out, records)),
            None => rows.text("-"),
        }
        for time in [self.first, self.last] {
            match time {
                Some(time) => rows.cell(|out| time.write(out, clock)),
                None => rows.text("-"),
            }
        }
        rows.text(&self.confidence);
        rows.text(self.runner_up.unwrap_or("-"));
    }
}

/// Cells of all rows behind one another.
struct Rows {
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl Rows {
    fn cell(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        write(&mut self.text);
        self.ends.push(self.text.len());
    }

    fn text(&mut self, text: &str) {
        self.cell(|out| out.extend_from_slice(text.as_bytes()));
    }
}

fn print(out: &mut Output, all: &[Found<'_>], verbose: bool) -> io::Result<()> {
    if all.is_empty() {
        return Ok(());
    }
    let mut rows = Rows { text: Vec::new(), ends: Vec::new() };
    let mut clock = Clock::new();
    COLUMNS.iter().for_each(|(heading, _)| rows.text(heading));
    all.iter().for_each(|found| found.put(&mut rows, &mut clock));
    let mut begin = 0;
    let cells = rows.ends.iter().map(|&end| {
        let cell = rows.text.get(begin..end).unwrap_or_default();
        begin = end;
        (cell, width(cell))
    });
    let cells: Vec<(&[u8], usize)> = cells.collect();
    let (lines, _) = cells.as_chunks::<{ COLUMNS.len() }>();
    let mut widths = [0; COLUMNS.len()];
    for line in lines {
        for (widest, &(_, width)) in widths.iter_mut().zip(line) {
            *widest = width.max(*widest);
        }
    }
    let below = std::iter::once(None).chain(all.iter().map(Some));
    for (line, found) in lines.iter().zip(below) {
        put_line(out.lines(), line, &widths);
        for reason in found.iter().filter(|_| verbose).flat_map(|found| &found.reasons) {
            writeln!(out, "    {reason}")?;
        }
        out.settle()?;
    }
    Ok(())
}

/// Numbers to the right, two blanks between columns, none at the end.
fn put_line(out: &mut Vec<u8>, cells: &[(&[u8], usize)], widths: &[usize]) {
    for (((cell, width), widest), (_, is_number)) in cells.iter().zip(widths).zip(COLUMNS) {
        let blanks = widest.saturating_sub(*width);
        if is_number {
            out.resize(out.len() + blanks, b' ');
        }
        out.extend_from_slice(cell);
        out.resize(out.len() + if is_number { 2 } else { blanks + 2 }, b' ');
    }
    out.truncate(out.trim_ascii_end().len());
    out.push(b'\n');
}

/// Characters of UTF-8.
fn width(cell: &[u8]) -> usize {
    match cell.is_ascii() {
        true => cell.len(),
        false => cell.iter().filter(|&&byte| byte & 0xc0 != 0x80).count(),
    }
}
