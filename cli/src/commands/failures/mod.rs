//! `loginrec failures`: failed logins counted by user.

mod print;

use std::collections::HashMap;
use std::path::PathBuf;

use clap::{Args, ValueHint};
use loginrec::contract::FailuresRow;
use loginrec::{FileKind, Text, Timestamp};

use crate::args::format::{FormulaGuard, OutputFormat, columns};
use crate::args::output::OutputOptions;
use crate::args::reading::Reading;
use crate::args::time::TimeArg;
use crate::args::zone::Zone;
use crate::commands::failures::print::{Printer, Style};
use crate::diagnostics::{Diagnostics, EXIT_STATUS, Stop};
use crate::file_name::FileName;
use crate::input::file::Input;
use crate::input::inputs::Inputs;
use crate::input::passwd;
use crate::output::writer::Output;
use crate::run::{NamedFiles, Run};

/// Show failed logins counted by user, as faillog(8), pam_tally2(8) and faillock(8) do
///
/// Reads faillog of shadow and pam_tally, tallylog of pam_tally2, the files of pam_faillock, and
/// OpenBSD's failedlogin. User names come from --passwd or from the passwd below --root; a file of
/// pam_faillock has the name of its user. Times are in the time zone of this machine unless --tz
/// names another.
#[derive(Debug, Args)]
#[command(after_help = format!("\
Text is what the tool of each file prints: the failures since the last login, the limit of the
account, the time, terminal or host of the last failure. A count of zero with a time is a failure
before the last login. faillock has a row for each failure; V is valid, I is not counted. jsonl and
csv have every record in use, also those with a limit or a lock time alone, and times in UTC.
Columns:
{}

Examples:
  loginrec failures --passwd etc/passwd faillog
  loginrec failures --root /mnt/image
  loginrec failures --format jsonl tallylog | jq -r 'select(.count > 3).uid'

{EXIT_STATUS}", columns::<FailuresRow<'_>>()))]
pub(crate) struct FailuresArgs {
    /// Output format
    #[arg(long, value_parser = OutputFormat::one_of(OutputFormat::ALL), default_value = "text")]
    format: OutputFormat,

    #[command(flatten)]
    guard: FormulaGuard,

    /// Only this user, by name or uid; may be repeated
    #[arg(short, long, value_name = "USER")]
    user: Vec<String>,

    /// In text, also list accounts that only have a limit or a lock time
    #[arg(short, long)]
    all: bool,

    /// Show how long accounts are still locked at this time. Relative times count from the newest
    /// failure in each file
    #[arg(long, value_name = "TIME", value_parser = TimeArg::parse, allow_hyphen_values = true)]
    as_of: Option<TimeArg>,

    /// Read user names from this passwd or master.passwd
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    passwd: Option<PathBuf>,

    /// The time zone: UTC, an offset such as +02:00, or a name such as Europe/Berlin. Default:
    /// TZ, else /etc/localtime
    #[arg(long, value_name = "ZONE", value_parser = Zone::parse, allow_hyphen_values = true)]
    tz: Option<Zone>,

    #[command(flatten)]
    output: OutputOptions,

    #[command(flatten)]
    reading: Reading,
}

impl Run for FailuresArgs {
    fn reading(&mut self) -> Option<(&mut Reading, &'static [FileKind])> {
        Some((&mut self.reading, &[FileKind::Failures]))
    }

    fn check(&self) -> Result<(), &'static str> {
        match self.format.rows() {
            Some(_) if self.all => Err("--all needs --format text: the others list every record"),
            Some(_) if self.as_of.is_some() => Err("--as-of needs --format text"),
            _ => Ok(()),
        }
    }

    fn files(&self) -> NamedFiles<'_> {
        NamedFiles::of(&self.reading)
            .passwd(self.passwd.as_ref())
            .written_to(&self.output)
            .in_format(self.format)
    }

    fn run(&self, out: Output, report: &mut Diagnostics) -> Result<(), Stop> {
        run(self, out, report)
    }
}

fn run(args: &FailuresArgs, out: Output, report: &mut Diagnostics) -> Result<(), Stop> {
    let sources = &args.reading.sources;
    let zone = args.tz.clone().unwrap_or_else(Zone::system);
    let mut printer = Printer::new(args.format, args.guard, zone, sources.has_several(), out);
    let mut inputs = Inputs::reading(&args.reading);
    for machine in &sources.machines {
        let passwd = passwd::text(args.passwd.as_deref(), machine, report);
        let mut names: HashMap<u64, &[u8]> = HashMap::new();
        // As in getpwuid(3): the first of two names with one id.
        passwd::entries(&passwd).for_each(|(name, uid)| _ = names.entry(uid).or_insert(name));
        for file in &machine.files {
            let name = file.name();
            match inputs.open(&name, report) {
                Ok(input) if !counts_failures(&input) => {
                    let why = "does not count failed logins; use `loginrec lastb -f FILE`, \
                               `loginrec lastlog` or `loginrec sessions`";
                    report.failed(&name, why);
                }
                Ok(input) => args.file(input, &name, &names, &mut printer, report)?,
                Err(why) => report.failed(&name, why),
            }
        }
    }
    Ok(printer.finish(report)?)
}

fn counts_failures(input: &Input) -> bool {
    input.layout().is_none_or(loginrec::Layout::is_failures)
}

impl FailuresArgs {
    fn file(
        &self,
        mut input: Input,
        name: &FileName<'_>,
        names: &HashMap<u64, &[u8]>,
        printer: &mut Printer,
        report: &mut Diagnostics,
    ) -> Result<(), Stop> {
        let now = match &self.as_of {
            None => None,
            Some(time) => Some(self.now(time, &mut input)?),
        };
        let style = input.layout().map(Style::of);
        printer.begin(name, style, now)?;
        let all = self.all || self.format.rows().is_some();
        let mut used = 0_u64;
        input.records(name, report, |record| {
            let entry = record.entry();
            let (layout, uid, offset) = (record.layout(), record.uid(), record.offset());
            let named = uid.and_then(|uid| names.get(&uid).copied());
            let user = named.or_else(|| name.user_of(layout));
            used += 1;
            let is_failure = entry.ut_tv != Timestamp::default();
            if (all || is_failure) && self.takes(uid, user) {
                let source = name.source();
                printer.row(&FailuresRow { source, layout, offset, uid, user, entry: &entry })?;
            }
            Ok(())
        })?;
        if used == 0 && input.layout().is_none() {
            report.note(format_args!("{}: no failed logins are counted", name.shown));
        }
        Ok(())
    }

    fn takes(&self, uid: Option<u64>, user: Option<&[u8]>) -> bool {
        let is_one = |wanted: &String| {
            user.is_some_and(|user| Text::new(user).as_bytes() == wanted.as_bytes())
                || uid.is_some_and(|uid| *wanted == uid.to_string())
        };
        self.user.is_empty() || self.user.iter().any(is_one)
    }

    fn now(&self, time: &TimeArg, input: &mut Input) -> Result<i64, Stop> {
        let zone = self.tz.clone().unwrap_or_else(Zone::system);
        let mut newest = 0;
        input.find(|record| {
            newest = record.entry().ut_tv.tv_sec.max(newest);
            None::<()>
        })?;
        Ok(time.resolve("as-of", &zone, || newest)?)
    }
}
