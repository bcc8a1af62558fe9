//! `loginrec FILE`: what files are, and what can be asked of them.

use std::io::Write as _;
use std::path::Path;

use clap::Args;
use loginrec::{FileKind, Timestamp};

use crate::args::output::OutputOptions;
use crate::args::reading::{ReadOptions, Reading};
use crate::diagnostics::{Diagnostics, Stop};
use crate::file_name::FileName;
use crate::input::file::Input;
use crate::input::inputs::Inputs;
use crate::output::small_table::SmallTable;
use crate::output::writer::Output;
use crate::run::{NamedFiles, Run};

/// Say what files are, and what can be asked of them
///
/// `loginrec FILE` without a command does this.
#[derive(Debug, Args)]
#[command(hide = true)]
pub(crate) struct DescribeArgs {
    #[command(flatten)]
    output: OutputOptions,

    #[command(flatten)]
    pub(crate) reading: Reading,
}

impl Run for DescribeArgs {
    fn reading(&mut self) -> Option<(&mut Reading, &'static [FileKind])> {
        Some((&mut self.reading, &[]))
    }

    fn files(&self) -> NamedFiles<'_> {
        NamedFiles::of(&self.reading).written_to(&self.output)
    }

    fn run(&self, out: Output, report: &mut Diagnostics) -> Result<(), Stop> {
        run(self, out, report)
    }
}

/// A question and the command that answers it.
type Question = (&'static str, &'static str);

fn run(args: &DescribeArgs, mut out: Output, report: &mut Diagnostics) -> Result<(), Stop> {
    let mut inputs = Inputs::reading(&args.reading).asking_kind();
    let mut described: Vec<(String, Option<FileKind>)> = Vec::new();
    for file in args.reading.sources.files() {
        let name = file.name();
        match inputs.open(&name, report) {
            Ok(mut input) => {
                let kind = input.kind();
                let line = describe(&mut input, &name, report)?;
                writeln!(out, "{line}")?;
                described.push((argument(&name), kind));
                inputs.done(input);
            }
            Err(why) => {
                let next = why.not_recognized().map(|_| {
                    format!("; `loginrec carve {}` looks for records in it", argument(&name))
                });
                report.failed(&name, format_args!("{why}{}", next.unwrap_or_default()));
            }
        }
    }
    let is_gone = args.reading.files.iter().any(|file| FileName::new(file).is_open_already());
    if described.is_empty() || is_gone {
        return Ok(out.flush()?);
    }
    let mut all = options(&args.reading.options);
    all.extend(args.reading.files.iter().map(|file| argument(&FileName::new(file))));
    let mut table = SmallTable::new().left("QUESTION").left("COMMAND");
    let is_there =
        |kinds: &[Option<FileKind>]| described.iter().any(|(_, kind)| kinds.contains(kind));
    for (kinds, questions) in QUESTIONS {
        if kinds.is_empty() || is_there(kinds) {
            for (question, command) in *questions {
                let command = format!("loginrec {command} {}", all.join(" "));
                table.row(vec![(*question).to_owned(), command]);
            }
        }
    }
    let mut lines = Vec::new();
    table.write(&mut lines);
    writeln!(out)?;
    out.write_all(&lines)?;
    Ok(out.flush()?)
}

/// Returns the options with which the files were read, for another command.
fn options(given: &ReadOptions) -> Vec<String> {
    let mut options = Vec::new();
    options.extend(given.layout.map(|layout| format!("--layout {}", layout.name)));
    options.extend(given.kind.map(|kind| format!("--kind {kind}")));
    options.extend(given.unsigned_time.then(|| "--unsigned-time".to_owned()));
    let quoted = |text: &Path| argument(&FileName::new(text));
    options.extend(given.root.iter().map(|root| format!("--root {}", quoted(root))));
    options.extend(given.scan.then(|| "--scan".to_owned()));
    let machines = given.machine.iter();
    options.extend(machines.map(|machine| format!("--machine {}", quoted(Path::new(machine)))));
    options
}

/// The questions for files of these kinds; for all files if there are none.
const QUESTIONS: &[(&[Option<FileKind>], &[Question])] = &[
    (
        &[None, Some(FileKind::Wtmp)],
        &[
            ("Who was logged in, from where, how long?", "sessions"),
            ("When was the machine up?", "boots"),
        ],
    ),
    (&[Some(FileKind::Utmp)], &[("Who was logged in at that moment?", "who")]),
    (&[Some(FileKind::Lastlog)], &[("When did each user log in last?", "lastlog")]),
    (&[Some(FileKind::Failures)], &[("How often did each user fail?", "failures")]),
    (&[Some(FileKind::Btmp)], &[("Which addresses failed most?", "summary --by source")]),
    (
        &[],
        &[
            ("What happened, in order of time?", "timeline"),
            ("What is in it, on one page?", "summary"),
            ("Was it tampered with?", "audit"),
            ("Every record, for programs?", "dump --format jsonl"),
        ],
    ),
];

/// Returns a sentence about a file.
fn describe(
    input: &mut Input,
    name: &FileName<'_>,
    report: &mut Diagnostics,
) -> Result<String, Stop> {
    let mut times: Option<(Timestamp, Timestamp)> = None;
    let mut records = 0_u64;
    let in_holes = input.entries(name, report, |entry| {
        records += 1;
        let time = entry.ut_tv;
        if ![Timestamp::default(), Timestamp::ABSENT].contains(&time) && time.has_calendar_form() {
            let (first, last) = times.unwrap_or((time, time));
            times = Some((first.min(time), last.max(time)));
        }
    })?;
    let records = records.saturating_add(in_holes);
    let shown = if name.is_stdin() { "standard input" } else { &name.shown };
    let Some(layout) = input.layout() else {
        return Ok(format!("{shown}: empty, no records"));
    };
    let what = match input.kind() {
        Some(FileKind::Utmp) => "who is logged in (utmp)",
        Some(FileKind::Btmp) => "failed logins (btmp)",
        Some(FileKind::Lastlog) => "last logins (lastlog)",
        Some(FileKind::Failures) => "failed logins counted by user",
        _ => "history of logins (wtmp)",
    };
    let s = if records == 1 { "" } else { "s" };
    let span = times.map(|(first, last)| format!(", from {first} to {last}"));
    Ok(format!(
        "{shown}: {what} of {}, layout {}, {records} record{s}{}",
        layout.platform.system,
        layout.name,
        span.unwrap_or_default()
    ))
}

/// Returns the name as a shell takes it.
fn argument(name: &FileName<'_>) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+=:@,%".contains(c);
    match !name.shown.is_empty() && name.shown.chars().all(is_plain) {
        true => name.shown.clone(),
        false => format!("'{}'", name.shown.replace('\'', r"'\''")),
    }
}
