//! `loginrec detect`: the layout of each file, with confidence.

use std::borrow::Cow;
use std::io::{self, Write as _};

use clap::Args;
use loginrec::contract::{Column, DetectionRow};
use loginrec::detect::{Detection, Reason, Verdict};
use loginrec::{FileKind, Layout, Timestamp};

use crate::args::format::{FormulaGuard, OutputFormat};
use crate::args::output::OutputOptions;
use crate::args::reading::Reading;
use crate::diagnostics::{Diagnostics, EXIT_STATUS, Stop};
use crate::file_name::FileName;
use crate::input::file::Input;
use crate::input::inputs::Inputs;
use crate::output::ascii::datetime::Clock;
use crate::output::ascii::number::decimal;
use crate::output::rows::RowWriter;
use crate::output::table::{Grid, Heading, left, right};
use crate::output::writer::Output;
use crate::run::{NamedFiles, Run};

/// Identify each file's format, with confidence and runner-up
///
/// Every known layout is compared with the bytes, unless one leaves no doubt. Confidence is the
/// number of bits by which the best layout leads the next one that reads the file differently;
/// each bit doubles the odds. There is no runner-up if no other layout comes close.
#[derive(Debug, Args)]
#[command(after_help = format!("\
Columns: RECORDS is the number of readable records (used slots of a lastlog); FIRST and LAST are
the earliest and the latest nonzero time, in UTC.

Examples:
  loginrec detect /var/log/wtmp /var/log/btmp
  loginrec detect -v wtmp.unknown
  loginrec detect --format jsonl evidence/* | jq -r 'select(.layout == null).file'

{EXIT_STATUS}"))]
pub(crate) struct DetectArgs {
    /// Output format
    #[arg(long, value_parser = OutputFormat::one_of(OutputFormat::ALL), default_value = "text")]
    pub(crate) format: OutputFormat,

    #[command(flatten)]
    guard: FormulaGuard,

    #[command(flatten)]
    output: OutputOptions,

    #[command(flatten)]
    pub(crate) reading: Reading,
}

/// Bits of lead that make the result certain.
const CERTAIN: i32 = 20;

const COLUMNS: [Heading; 8] = [
    left(Column::Machine),
    left(Column::File),
    left(Column::Layout),
    right(Column::Records),
    left(Column::First),
    left(Column::Last),
    left(Column::Confidence),
    left(Column::RunnerUp),
];

/// The facts about one file.
#[derive(Debug)]
struct Found<'a> {
    name: FileName<'a>,
    layout: Option<&'static Layout>,
    kind: Option<FileKind>,
    records: Option<u64>,
    times: Option<(Timestamp, Timestamp)>,
    verdict: Verdict,
    /// The confidence, in words.
    confidence: Cow<'static, str>,
    margin: Option<i32>,
    runner_up: Option<&'static Layout>,
    reasons: Vec<String>,
}

impl Run for DetectArgs {
    fn reading(&mut self) -> Option<(&mut Reading, &'static [FileKind])> {
        Some((&mut self.reading, &[]))
    }

    fn files(&self) -> NamedFiles<'_> {
        NamedFiles::of(&self.reading).written_to(&self.output).in_format(self.format)
    }

    fn run(&self, out: Output, report: &mut Diagnostics) -> Result<(), Stop> {
        Ok(run(self, out, report)?)
    }
}

fn run(args: &DetectArgs, out: Output, report: &mut Diagnostics) -> io::Result<()> {
    let mut inputs = Inputs::reading(&args.reading);
    let mut all = Vec::new();
    for file in args.reading.sources.files() {
        let name = file.name();
        match inputs.open(&name, report) {
            Ok(mut input) => {
                all.push(Found::in_file(name, &mut input, args, report)?);
                inputs.done(input);
            }
            Err(why) => match why.not_recognized() {
                Some(detection) => {
                    report.failed_quietly();
                    all.push(Found::nothing(name, detection, args));
                }
                None => report.failed(&name, why),
            },
        }
    }
    match args.format.rows() {
        Some(format) => {
            let mut rows = RowWriter::begin::<DetectionRow<'_>>(format, args.guard, out);
            all.iter().try_for_each(|found| rows.row(&found.row()))?;
            rows.finish(report)
        }
        None if all.is_empty() => Ok(()),
        None => print(&all, args, out),
    }
}

/// The records of a file, and the first and the last time that is a valid date.
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
        if !is_within && tv != Timestamp::default() && tv.has_calendar_form() {
            self.times = Some((first.min(tv), last.max(tv)));
        }
    }
}

impl<'a> Found<'a> {
    fn in_file(
        name: FileName<'a>,
        input: &mut Input,
        args: &DetectArgs,
        report: &mut Diagnostics,
    ) -> io::Result<Found<'a>> {
        let mut span = Span::default();
        let in_holes = input.entries(&name, report, |entry| span.add(entry.ut_tv))?;
        let mut found = Found {
            layout: input.layout(),
            kind: input.kind(),
            records: Some(span.records.saturating_add(in_holes)),
            times: span.times,
            ..Found::unknown(name)
        };
        match input.detection() {
            Some(detection) => found.judge(detection, args),
            None => {
                found.verdict = Verdict::Recognized;
                found.confidence = "given".into();
                found.reasons.push("the layout was given".to_owned());
            }
        }
        Ok(found)
    }

    /// Returns the row of a file that no layout matches.
    fn nothing(name: FileName<'a>, detection: &Detection, args: &DetectArgs) -> Found<'a> {
        let mut found = Found::unknown(name);
        found.judge(detection, args);
        found
    }

    fn unknown(name: FileName<'a>) -> Found<'a> {
        Found {
            name,
            layout: None,
            kind: None,
            records: None,
            times: None,
            verdict: Verdict::NotRecognized,
            confidence: Cow::Borrowed(""),
            margin: None,
            runner_up: None,
            reasons: Vec::new(),
        }
    }

    fn row(&self) -> DetectionRow<'_> {
        DetectionRow {
            source: self.name.source(),
            layout: self.layout,
            kind: self.kind,
            records: self.records,
            times: self.times,
            verdict: self.verdict,
            margin: self.margin,
            runner_up: self.runner_up,
            reasons: &self.reasons,
        }
    }

    fn judge(&mut self, detection: &Detection, args: &DetectArgs) {
        let is_told = args.reading.options.verbose || args.format.rows().is_some();
        if is_told || detection.verdict() == Verdict::NotRecognized {
            self.reasons = detection.reasons().iter().map(Reason::to_string).collect();
        }
        let margin = detection.margin();
        let hinted = detection.reasons().iter().any(|r| matches!(r, Reason::Hint { .. }));
        self.verdict = detection.verdict();
        self.confidence = match self.verdict {
            Verdict::Recognized if hinted => {
                "by its name or another file of the machine; the bytes alone are ambiguous".into()
            }
            Verdict::Recognized => match (margin >= CERTAIN, detection.runner_up()) {
                (true, None) => "certain (no other layout fits)".into(),
                (false, None) => "likely (no other layout fits)".into(),
                (true, Some(_)) => format!("certain ({margin} bits ahead)").into(),
                (false, Some(_)) => format!("likely ({margin} bits ahead)").into(),
            },
            Verdict::Ambiguous => format!("ambiguous ({margin} bits ahead)").into(),
            Verdict::Empty => "empty".into(),
            _ => format!("not recognised: {}", self.reasons.join(": ")).into(),
        };
        if let Verdict::Recognized | Verdict::Ambiguous = self.verdict {
            self.margin = Some(margin);
            self.runner_up = detection.runner_up().map(|next| next.layout);
        }
    }
}

fn print(all: &[Found<'_>], args: &DetectArgs, mut out: Output) -> io::Result<()> {
    let Reading { options, sources, .. } = &args.reading;
    let several = sources.has_several();
    let (mut grid, mut clock) = (Grid::new(&COLUMNS).all_lined_up(), Clock::new());
    grid = grid.with_first(several);
    let name = |layout: Option<&'static Layout>| layout.map_or("", |layout| layout.name);
    for (number, found) in all.iter().enumerate() {
        grid.row(number);
        grid.first(found.name.machine_name());
        grid.str(&found.name.shown);
        grid.str(name(found.layout));
        grid.cell(|out| found.records.into_iter().for_each(|records| decimal(out, records)));
        let times = found.times.map(|(first, last)| [first, last]);
        for at in 0..2 {
            let time = times.and_then(|times| times.get(at).copied());
            grid.cell(|out| time.into_iter().for_each(|time| clock.rfc3339(out, time)));
        }
        grid.str(&found.confidence);
        grid.str(name(found.runner_up));
        found.reasons.iter().filter(|_| options.verbose).for_each(|reason| grid.note(reason));
    }
    grid.write(&mut out)?;
    out.flush()
}
