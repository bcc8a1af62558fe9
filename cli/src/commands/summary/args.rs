//! The arguments of `summary`.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use loginrec::contract::SummaryRow;

use crate::args::filter::{EventArgs, WhenArgs, WhoArgs};
use crate::args::format::{FormulaGuard, OutputFormat, columns};
use crate::args::output::OutputOptions;
use crate::args::reading::Reading;
use crate::args::time::TimeArg;
use crate::args::zone::Zone;
use crate::commands::summary::by::By;
use crate::diagnostics::EXIT_STATUS;
use crate::output::filter::Selection;

/// Count logins and failed logins: an overview, or by user, source, day and so on
///
/// Without --by it is an overview of one page: what the files are, the machines with their boots,
/// the sources with both logins and failures first, the users, and how many findings `loginrec
/// audit` has.
#[derive(Debug, Args)]
#[command(after_help = format!("\
LOGINS and DURATION are those of `loginrec sessions`: open sessions count up to the newest record
or --as-of. A session counts for the day, hour and weekday that it began in; `loginrec ac` splits
it at midnight. FAILED are the records of btmps, and what faillog, tallylog, faillock and their
kin count. Logins of a utmp count only without a history of the machine; lastlogs are not
counted. SOURCE is the address, or the host without one; ::ffff:192.0.2.9 is 192.0.2.9. FIRST and
LAST are when the first and the last of them began. USERS and SOURCES are numbers of different
ones.

Two values of --by make a table: a row for each of the first, a column for each of the second, in
it logins and failed logins together; --event counts one of them. Days, hours and weekdays are in
their order, others by number.

jsonl and csv have a row for each value or pair of values; without --by for each machine, source
and user. Columns:
{}

Examples:
  loginrec summary --root /mnt/image
  loginrec summary --by source --top 20 btmp
  loginrec summary --by weekday,hour --event failed-login --tz Europe/Berlin btmp
  loginrec summary --by user --since 2024-03 --format csv wtmp
  loginrec summary --by machine --root /cases/hosts

{EXIT_STATUS}", columns::<SummaryRow<'_>>()))]
pub(crate) struct SummaryArgs {
    /// Count by this; may be given twice, or as two with a comma between, such as user,source
    #[arg(long, value_enum, value_name = "WHAT", value_delimiter = ',')]
    pub(super) by: Vec<By>,

    /// The number of rows of a list. Default: all; 10 in the overview
    #[arg(long, value_name = "N", value_parser = top)]
    pub(super) top: Option<usize>,

    /// Count a failed login once that two programs recorded, such as sshd and PAM: records of one
    /// user and source within a second that differ in type or line, or have one process id. Leave
    /// out what databases count if the machine has records of failed logins
    #[arg(long)]
    pub(super) fold: bool,

    /// Output format
    #[arg(long, value_parser = OutputFormat::one_of(OutputFormat::ALL), default_value = "text")]
    pub(super) format: OutputFormat,

    #[command(flatten)]
    pub(super) guard: FormulaGuard,

    #[command(flatten)]
    pub(super) who: WhoArgs,

    #[command(flatten)]
    pub(super) when: WhenArgs,

    #[command(flatten)]
    pub(super) events: EventArgs,

    /// Only what had begun by this time and had not ended
    #[arg(long, value_name = "TIME", value_parser = TimeArg::parse, allow_hyphen_values = true)]
    pub(super) present: Option<TimeArg>,

    /// Read the files as they were at this time: later records are ignored, and open sessions
    /// count up to it. Default: the newest record
    #[arg(long, value_name = "TIME", value_parser = TimeArg::parse, allow_hyphen_values = true)]
    pub(super) as_of: Option<TimeArg>,

    /// Read user names from this passwd or master.passwd; faillogs store only numbers
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) passwd: Option<PathBuf>,

    /// The time zone of text, of days and hours, and of times without one: UTC, an offset such as
    /// +02:00, or a name such as Europe/Berlin. Default: UTC
    #[arg(long, value_name = "ZONE", value_parser = Zone::parse, allow_hyphen_values = true)]
    pub(super) tz: Option<Zone>,

    #[command(flatten)]
    pub(super) output: OutputOptions,

    #[command(flatten)]
    pub(crate) reading: Reading,
}

fn top(text: &str) -> Result<usize, &'static str> {
    text.parse().ok().filter(|number| *number > 0).ok_or("give a number from 1 on")
}

impl SummaryArgs {
    pub(crate) fn selection(&self) -> Selection<'_> {
        let SummaryArgs { who, when, events, present, .. } = self;
        let (who, when, events) = (Some(who), Some(when), Some(events));
        Selection { who, when, events, present: present.as_ref() }
    }

    /// Boots have a time, and no user.
    pub(crate) fn boot_selection(&self) -> Selection<'_> {
        let SummaryArgs { when, present, .. } = self;
        Selection { when: Some(when), present: present.as_ref(), ..Selection::default() }
    }
}
