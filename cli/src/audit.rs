//! `loginrec audit`: what in the files does not fit.

use std::fs;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::time::UNIX_EPOCH;

use clap::{Args, ValueEnum, ValueHint};
use loginrec::audit::{About, Audit, Finding, Severity, find_off_grid};
use loginrec::{Error, FileKind, Framing, Timestamp};
use serde::Serialize;

use crate::args::{Reading, TableFormat};
use crate::audit_text::{Text, rules};
use crate::filename::FileName;
use crate::hex::hex;
use crate::input::{Input, Inputs, Unopened};
use crate::output::stdout;
use crate::report::Report;
use crate::{json, passwd};

/// Look for what does not fit: traces of tampering, contradictions, damage
///
/// Each finding says where it is, which bytes it is about, what was expected and what else,
/// quite innocently, leaves the same trace. A finding is consistent with something; it proves
/// nothing.
#[derive(Debug, Args)]
#[command(after_help = "\
Several files are taken for those of one machine, and compared: utmp, lastlog and btmp with
wtmp, rotated copies with what follows them. Give files of different machines one by one.

Severities: info (worth knowing), low (has common innocent causes), medium (has innocent
causes, none of them common), high (hardly anything innocent does this). Of one rule and file
twenty findings are listed and the rest is counted. What a file is kept for is taken from its
name; --kind says it for files with other names.

jsonl has one finding a line: rule, severity, title, file, index, offset, bytes (hex),
message, expected, innocent, technique (of MITRE ATT&CK), more (not listed).

Examples:
  loginrec audit wtmp
  loginrec audit --root /mnt/image
  loginrec audit --passwd etc/passwd utmp lastlog btmp wtmp.1.gz wtmp
  loginrec audit --format jsonl --min-severity medium --root /mnt/image
  loginrec audit --fail-on medium wtmp || echo look at this one
  loginrec audit --rules

Exit status:
  0  everything was read, and nothing found at or above --fail-on
  1  findings at or above --fail-on
  2  wrong usage
  3  nothing was readable or recognised, or the result could not be written
  4  read in part: results are printed, the damage is on standard error")]
pub(crate) struct AuditArgs {
    /// What to print
    #[arg(long, value_enum, default_value_t = TableFormat::Text)]
    format: TableFormat,

    /// Leave out findings below this severity
    #[arg(long, value_enum, value_name = "LEVEL", default_value_t = Level::Low)]
    min_severity: Level,

    /// Exit with status 1 if there is a finding of this severity or above
    #[arg(long, value_enum, value_name = "LEVEL")]
    fail_on: Option<Level>,

    /// Print the catalogue of rules and stop; --rules=jsonl for programs
    #[arg(long, value_enum, value_name = "FORMAT", num_args = 0..=1, require_equals = true,
        default_missing_value = "text", exclusive = true)]
    rules: Option<TableFormat>,

    /// What the files are kept for, whatever their names say
    #[arg(long, value_enum, value_name = "KIND")]
    kind: Option<Kind>,

    /// Take the names of users from this passwd or master.passwd: lastlogs have numbers only
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    passwd: Option<PathBuf>,

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

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// Who is logged in now
    Utmp,
    /// The history of logins
    Wtmp,
    /// Failed logins
    Btmp,
    /// Each user's last login
    Lastlog,
}

impl Kind {
    fn of_file(self) -> FileKind {
        match self {
            Kind::Utmp => FileKind::Utmp,
            Kind::Wtmp => FileKind::Wtmp,
            Kind::Btmp => FileKind::Btmp,
            Kind::Lastlog => FileKind::Lastlog,
        }
    }
}

/// A file to be read.
pub(crate) struct Source<'a> {
    pub(crate) name: FileName<'a>,
    input: Input,
    about: About,
    /// Of a history, the first time that is set.
    begin: Option<Timestamp>,
    pub(crate) records: u64,
}

impl Source<'_> {
    pub(crate) fn layout(&self) -> &'static str {
        self.about.layout.map_or("empty", |layout| layout.name)
    }
}

pub(crate) fn run(args: &AuditArgs, report: &mut Report) -> io::Result<()> {
    if let Some(format) = args.rules {
        return rules(format);
    }
    let mut sources = args.sources(report)?;
    let passwd = passwd::text(args.passwd.as_deref(), &args.reading, report);
    let mut audit = Audit::new();
    audit.unsigned_time(args.reading.unsigned_time);
    passwd::entries(&passwd).for_each(|(name, uid)| audit.name_user(uid, name));
    for source in &mut sources {
        source.read(&mut audit, report)?;
    }
    let findings = audit.finish();
    let worst = findings.iter().map(|finding| finding.severity).max();
    if args.fail_on.is_some_and(|level| worst >= Some(level.severity())) {
        report.found();
    }
    let least = args.min_severity.severity();
    let (shown, below): (Vec<Finding>, Vec<Finding>) =
        findings.into_iter().partition(|finding| finding.severity >= least);
    match args.format {
        TableFormat::Text => Text::new().print(&sources, &shown, &below),
        TableFormat::Jsonl => jsonl(&sources, &shown),
    }
}

impl AuditArgs {
    /// The files, the small ones first, histories in the order of time.
    fn sources(&self, report: &mut Report) -> io::Result<Vec<Source<'_>>> {
        let mut inputs = Inputs::of(&self.reading);
        let mut sources = Vec::new();
        for path in &self.reading.files {
            let name = FileName::new(path);
            let opened = match inputs.open_kept(&name, report) {
                Err(why) if why.not_recognised().is_some() => self.off_grid(&name, why, report),
                opened => opened,
            };
            match opened {
                Ok(input) => sources.push(self.source(name, input)?),
                Err(why) => report.failed(&name, why),
            }
        }
        sources.sort_by_key(|source| (source.about.rank(), source.layout(), source.begin));
        Ok(sources)
    }

    /// A file not recognised may have lost its head, or gained one.
    fn off_grid(
        &self,
        name: &FileName<'_>,
        why: Unopened,
        report: &mut Report,
    ) -> Result<Input, Unopened> {
        // What lies on the grid is no record of any layout; any gives the bytes.
        let any = loginrec::platform::LAYOUTS.first().filter(|_| name.path().is_some());
        let read = Inputs::new(any).limited(self.reading.max_size).open_kept(name, report);
        let mut head = Vec::new();
        let found = read.ok().and_then(|mut input| {
            input.read_at(0, OFF_GRID, &mut head).ok()?;
            find_off_grid(&head)
        });
        match found {
            Some(layout) => {
                let mut inputs = Inputs::new(Some(layout)).limited(self.reading.max_size);
                inputs.open_kept(name, report)
            }
            None => Err(why),
        }
    }

    fn source<'a>(&self, name: FileName<'a>, mut input: Input) -> io::Result<Source<'a>> {
        let mut about = About::default();
        about.kind = self.kind.map(Kind::of_file).or(input.kind());
        about.layout = input.layout();
        about.len = Some(input.len()?);
        let file = name.path().and_then(|path| fs::metadata(path).ok());
        // The times and holes of a compressed file are those of the packed one.
        if let Some(file) = file.filter(|file| file.is_file() && Some(file.len()) == about.len) {
            let modified = file.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
            about.modified = modified.and_then(|since| i64::try_from(since.as_secs()).ok());
            #[cfg(unix)]
            {
                use std::os::unix::fs::MetadataExt as _;
                about.allocated = Some(file.blocks().saturating_mul(512));
            }
        }
        let begin = match about.kind {
            Some(FileKind::Wtmp | FileKind::Btmp) => input.find(|record| {
                let time = record.entry().ut_tv;
                (time != Timestamp::default()).then_some(time)
            })?,
            _ => None,
        };
        Ok(Source { name, input, about, begin, records: 0 })
    }
}

/// How much of a file not recognised is searched.
const OFF_GRID: u64 = 1 << 20;

impl Source<'_> {
    fn read(&mut self, audit: &mut Audit, report: &mut Report) -> io::Result<()> {
        let Source { name, input, about, records, .. } = self;
        audit.begin(*about);
        // It is read as a whole anyway, and damage may be anywhere in it.
        let mut database = Vec::new();
        if input.framing() == Some(Framing::Database) {
            input.read_at(0, u64::MAX, &mut database)?;
        }
        let mut cut = None;
        input.rewind()?;
        let tail = input.each(name, report, |item| {
            match item {
                Ok(record) => {
                    *records += 1;
                    audit.push(&record);
                }
                Err(error @ Error::Truncated { .. }) if database.is_empty() => cut = Some(error),
                Err(error) => audit.damage(&error, concerned(&error, &database, 0)),
            }
            Ok(())
        })?;
        if let Some(error) = cut {
            audit.damage(&error, concerned(&error, &tail.bytes, tail.offset));
        }
        Ok(())
    }
}

/// The bytes at which framing was lost, in `data`, which begins at `offset`.
fn concerned<'a>(error: &Error, data: &'a [u8], offset: u64) -> &'a [u8] {
    const MOST: usize = 1024;
    static ZEROS: [u8; MOST] = [0; MOST];
    let len = |len: u64| usize::try_from(len).unwrap_or(MOST).min(MOST);
    let from = error.offset().checked_sub(offset).and_then(|from| usize::try_from(from).ok());
    let from = data.get(from.unwrap_or(usize::MAX)..).unwrap_or_default();
    match *error {
        Error::ZeroLength { skipped, .. } => ZEROS.get(..len(skipped)).unwrap_or_default(),
        Error::Truncated { have, .. } => from.get(..len(have)).unwrap_or(from),
        _ => from.get(..64).unwrap_or(from),
    }
}

/// A finding as JSON: a stable contract.
#[derive(Debug, Serialize)]
struct Row<'a> {
    rule: &'static str,
    severity: &'static str,
    title: &'static str,
    file: &'a str,
    index: Option<u64>,
    offset: u64,
    bytes: String,
    message: &'a str,
    expected: &'static str,
    innocent: &'static [&'static str],
    technique: Option<&'static str>,
    more: u64,
}

fn jsonl(sources: &[Source<'_>], findings: &[Finding]) -> io::Result<()> {
    let mut out = stdout();
    for finding in findings {
        let at = usize::try_from(finding.file).unwrap_or(usize::MAX);
        let row = Row {
            rule: finding.rule.id,
            severity: finding.severity.name(),
            title: finding.rule.title,
            file: sources.get(at).map_or("", |source| &source.name.value),
            index: finding.index,
            offset: finding.offset,
            bytes: hex(&finding.bytes),
            message: &finding.message,
            expected: finding.rule.expected,
            innocent: finding.rule.innocent,
            technique: finding.rule.technique,
            more: finding.more,
        };
        json::write_line(&mut out, &row)?;
    }
    out.flush()
}
