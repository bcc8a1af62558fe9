//! `loginrec detect`: which layout each file has and how sure that is.

use std::io::{self, Write as _};

use loginrec::Timestamp;
use loginrec::detect::{Detection, Reason, Verdict};
use serde::Serialize;

use crate::args::{Detect, TableFormat};
use crate::calendar::{Clock, Rfc3339};
use crate::filename::FileName;
use crate::input::{Input, Inputs};
use crate::json;
use crate::output::stdout;
use crate::report::Report;
use crate::table::{self, Column};

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
struct Found {
    file: String,
    #[serde(skip)]
    shown: String,
    layout: Option<&'static str>,
    verdict: &'static str,
    records: Option<u64>,
    first: Option<Rfc3339>,
    last: Option<Rfc3339>,
    confidence: String,
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
            Ok(input) => all.push(Found::in_file(&name, input, args, report)?),
            Err(why) => match why.not_recognised() {
                Some(detection) => {
                    report.failed_quietly();
                    all.push(Found::nothing(&name, detection, args));
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

impl Found {
    fn in_file(
        name: &FileName<'_>,
        mut input: Input,
        args: &Detect,
        report: &mut Report,
    ) -> io::Result<Found> {
        let mut records = 0;
        let mut first: Option<(Timestamp, Rfc3339)> = None;
        let mut last = first;
        input.records(name, report, |record| {
            records += 1;
            let tv = args.reading.entry(record).ut_tv;
            if tv == Timestamp::default() {
                return Ok(());
            }
            if let Some(time) = Rfc3339::new(tv, record.layout().has_microseconds()) {
                first = first.filter(|(known, _)| *known <= tv).or(Some((tv, time)));
                last = last.filter(|(known, _)| *known >= tv).or(Some((tv, time)));
            }
            Ok(())
        })?;
        let mut found = Found {
            layout: input.layout().map(|layout| layout.name),
            records: Some(records),
            first: first.map(|(_, time)| time),
            last: last.map(|(_, time)| time),
            ..Found::unknown(name)
        };
        match input.detection() {
            Some(detection) => found.judge(detection, args),
            None => (found.verdict, found.confidence) = ("given", "given".to_owned()),
        }
        Ok(found)
    }

    /// A file that no layout explains.
    fn nothing(name: &FileName<'_>, detection: &Detection, args: &Detect) -> Found {
        let mut found = Found::unknown(name);
        found.judge(detection, args);
        found
    }

    fn unknown(name: &FileName<'_>) -> Found {
        Found {
            file: name.value.to_string(),
            shown: name.shown.clone(),
            layout: None,
            verdict: "unknown",
            records: None,
            first: None,
            last: None,
            confidence: String::new(),
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
                ("recognised", "by its name or neighbour: the bytes leave a tie".to_owned())
            }
            Verdict::Recognised => {
                let sure = if margin >= CERTAIN { "certain" } else { "likely" };
                let ahead = match detection.runner_up() {
                    Some(_) => format!("{margin} bits ahead"),
                    None => "no other reading fits".to_owned(),
                };
                ("recognised", format!("{sure} ({ahead})"))
            }
            Verdict::Ambiguous => ("ambiguous", format!("ambiguous ({margin} bits ahead)")),
            Verdict::Empty => ("empty", "empty".to_owned()),
            _ => ("not-recognised", format!("not recognised: {}", self.reasons.join(": "))),
        };
        if let Verdict::Recognised | Verdict::Ambiguous = detection.verdict() {
            self.score = Some(detection.score());
            self.margin = Some(margin);
            self.runner_up = detection.runner_up().map(|next| next.layout.name);
        }
    }

    fn cells(&self, clock: &mut Clock) -> [String; 7] {
        let mut time = |time: Option<Rfc3339>| {
            let mut cell = Vec::new();
            time?.write(&mut cell, clock);
            String::from_utf8(cell).ok()
        };
        let cells = [
            Some(self.shown.clone()),
            self.layout.map(str::to_owned),
            self.records.map(|records| records.to_string()),
            time(self.first),
            time(self.last),
            Some(self.confidence.clone()),
            self.runner_up.map(str::to_owned),
        ];
        cells.map(|cell| cell.unwrap_or_else(|| "-".to_owned()))
    }
}

fn print(out: &mut impl io::Write, all: &[Found], verbose: bool) -> io::Result<()> {
    let mut clock = Clock::new();
    let rows: Vec<_> = all.iter().map(|found| found.cells(&mut clock)).collect();
    if rows.is_empty() {
        return Ok(());
    }
    let widths = table::widths(&COLUMNS, &rows);
    table::write_line(out, &COLUMNS, &widths, COLUMNS.map(|(heading, _)| heading))?;
    for (row, found) in rows.iter().zip(all) {
        table::write_line(out, &COLUMNS, &widths, row.each_ref().map(String::as_str))?;
        if verbose {
            found.reasons.iter().try_for_each(|reason| writeln!(out, "    {reason}"))?;
        }
    }
    Ok(())
}
