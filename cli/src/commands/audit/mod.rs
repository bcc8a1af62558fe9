//! `loginrec audit`: findings in the files of one machine.

mod text;

use std::io;
use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};
use loginrec::FileKind;
use loginrec::audit::{Finding, Guesses, Severity};
use loginrec::contract::FindingRow;

use crate::args::format::{FormulaGuard, OutputFormat, columns};
use crate::args::output::OutputOptions;
use crate::args::reading::Reading;
use crate::commands::audit::text::{Text, rules};
use crate::diagnostics::{Diagnostics, Stop};
use crate::input::audited_file::AuditedFile;
use crate::input::inputs::Inputs;
use crate::input::machine_audit::{AuditOptions, MachineAudit};
use crate::output::rows::RowWriter;
use crate::output::writer::Output;
use crate::run::{NamedFiles, Run};

/// Look for traces of tampering, contradictions and damage
///
/// Each finding has its place and bytes, what was expected, and innocent explanations of the
/// same trace. Findings are indications, not proof.
#[derive(Debug, Args)]
#[command(after_help = format!("\
Several files are treated as those of one machine and compared: utmp, lastlog and btmp with
wtmp, rotated copies with their successors. Files below --root are compared with those of the
same machine only.

Severities: info (worth knowing), low (has common innocent causes), medium (has uncommon innocent causes), high (has hardly any innocent cause). At most twenty
findings per rule and file are listed; the rest is counted. The kind of a file is taken from its
content, else from its name; --kind sets it.

jsonl and csv have one finding per line. `time` is that of the record, else of the one before;
`bytes` are hexadecimal, `technique` is one of MITRE ATT&CK, `more` counts findings that are not
listed. Columns:
{}

Examples:
  loginrec audit wtmp
  loginrec audit --root /mnt/image
  loginrec audit --passwd etc/passwd utmp lastlog btmp wtmp.1.gz wtmp
  loginrec audit --format jsonl --min-severity medium --root /mnt/image
  loginrec audit --format ocsf --root /mnt/image > findings.jsonl
  loginrec audit --fail-on medium wtmp || echo look at this one
  loginrec audit --rules

Exit status:
  0  everything was read, and nothing found at or above --fail-on
  1  findings at or above --fail-on
  2  wrong usage
  3  nothing was readable or recognized, or the result could not be written
  4  partly read: results are printed, damage is reported on standard error", columns::<FindingRow<'_>>()))]
pub(crate) struct AuditArgs {
    /// Output format
    #[arg(long, value_parser = OutputFormat::one_of(OutputFormat::EXPORTED), default_value = "text")]
    format: OutputFormat,

    #[command(flatten)]
    guard: FormulaGuard,

    /// Omit findings below this severity
    #[arg(long, value_enum, value_name = "LEVEL", default_value_t = Level::Low)]
    min_severity: Level,

    /// Exit with status 1 if there is a finding of this severity or above
    #[arg(long, value_enum, value_name = "LEVEL")]
    fail_on: Option<Level>,

    /// Failed logins before a login from the same address or network that make a finding of medium
    /// severity (brute-force)
    #[arg(long, value_name = "N", default_value_t = Guesses::default().failures,
        value_parser = clap::value_parser!(u64).range(1..))]
    failures: u64,

    /// Hours before the login in which failed logins count
    #[arg(long, value_name = "HOURS", default_value_t = Guesses::default().hours,
        value_parser = clap::value_parser!(u32).range(1..=8760))]
    within: u32,

    /// Print the catalog of rules, what honest programs leave, and what cannot be seen, and stop; --rules=jsonl or --rules=csv for programs
    #[arg(long, value_parser = OutputFormat::one_of(OutputFormat::LINES),
        value_name = "FORMAT", num_args = 0..=1, require_equals = true,
        default_missing_value = "text", exclusive = true)]
    rules: Option<OutputFormat>,

    /// Read user names from this passwd or master.passwd; lastlogs store only numbers
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    passwd: Option<PathBuf>,

    #[command(flatten)]
    output: OutputOptions,

    #[command(flatten)]
    pub(crate) reading: Reading,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Level {
    Info,
    Low,
    Medium,
    High,
}

impl Level {
    fn severity(self) -> Severity {
        match self {
            Level::Info => Severity::Info,
            Level::Low => Severity::Low,
            Level::Medium => Severity::Medium,
            Level::High => Severity::High,
        }
    }
}

impl Run for AuditArgs {
    fn reading(&mut self) -> Option<(&mut Reading, &'static [FileKind])> {
        Some((&mut self.reading, &[]))
    }

    fn files(&self) -> NamedFiles<'_> {
        NamedFiles::of(&self.reading)
            .passwd(self.passwd.as_ref())
            .written_to(&self.output)
            .in_format(self.format)
    }

    fn run(&self, out: Output, report: &mut Diagnostics) -> Result<(), Stop> {
        Ok(run(self, out, report)?)
    }
}

fn run(args: &AuditArgs, out: Output, report: &mut Diagnostics) -> io::Result<()> {
    if let Some(format) = args.rules {
        return rules(format, out, report);
    }
    let mut printer = match args.format.rows() {
        None => Printer::Text(Text::new(out)),
        Some(format) => Printer::Rows(RowWriter::begin::<FindingRow<'_>>(format, args.guard, out)),
    };
    let mut inputs = Inputs::reading(&args.reading).asking_kind();
    let several = args.reading.sources.has_several();
    for machine in &args.reading.sources.machines {
        let options = AuditOptions {
            kind: args.reading.options.kind,
            guesses: Guesses { failures: args.failures, hours: args.within },
            passwd: args.passwd.as_deref(),
        };
        let MachineAudit { sources, findings } = options.audit(machine, &mut inputs, report)?;
        let worst = findings.iter().map(|finding| finding.severity).max();
        if args.fail_on.is_some_and(|level| worst >= Some(level.severity())) {
            report.found();
        }
        let least = args.min_severity.severity();
        let (shown, below): (Vec<Finding>, Vec<Finding>) =
            findings.into_iter().partition(|finding| finding.severity >= least);
        match &mut printer {
            Printer::Text(text) => {
                let name = machine.name.as_deref().filter(|_| several && !sources.is_empty());
                text.print(name, &sources, &shown, &below)?;
            }
            Printer::Rows(rows) => print_rows(&sources, &shown, rows)?,
        }
    }
    match printer {
        Printer::Text(text) => text.end(),
        Printer::Rows(mut rows) => rows.finish(report),
    }
}

#[expect(clippy::large_enum_variant, reason = "there is one of them")]
enum Printer {
    Text(Text),
    Rows(RowWriter),
}

fn print_rows(
    sources: &[AuditedFile<'_>],
    findings: &[Finding],
    rows: &mut RowWriter,
) -> io::Result<()> {
    for finding in findings {
        let at = usize::try_from(finding.file).unwrap_or(usize::MAX);
        let source = sources.get(at);
        let layout = source.and_then(|source| source.about.layout);
        let source = source.map(|source| source.name.source()).unwrap_or_default();
        rows.row(&FindingRow { source, layout, finding })?;
    }
    Ok(())
}
