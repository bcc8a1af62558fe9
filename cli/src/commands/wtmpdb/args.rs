//! The arguments of `wtmpdb`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum, ValueHint};

use crate::args::output::OutputOptions;
use crate::args::reading::ReadOptions;
use crate::args::time::TimeArg;
use crate::args::zone::Zone;
use crate::diagnostics::EXIT_STATUS;
use crate::sources::Sources;

/// Print a wtmp.db as wtmpdb(8) does
///
/// `wtmpdb last` lists the rows of the table, newest first; `wtmpdb boottime` prints the last boot.
/// The other commands of the tool write to the database and are refused.
#[derive(Debug, Args)]
#[command(subcommand_required = true, after_help = format!("\
`loginrec last -f wtmp.db` prints the same sessions in the form of util-linux, and pairs several
files. `loginrec dump --deleted wtmp.db` also prints rows that were deleted.

A link named `wtmpdb` to this program runs this command.

Examples:
  loginrec wtmpdb last -f wtmp.db
  loginrec wtmpdb last -f wtmp.db -20 -S -w alice
  loginrec wtmpdb last -f wtmp.db -j | jq -r '.entries[].user'
  loginrec wtmpdb boottime -f wtmp.db

{EXIT_STATUS}"))]
pub(crate) struct WtmpdbArgs {
    #[command(subcommand)]
    pub(crate) action: Action,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Action {
    /// List logins, newest first
    Last(LastOptions),
    /// Print when the machine was last booted
    Boottime(Common),
    #[command(hide = true)]
    Boot(Refused),
    #[command(hide = true)]
    Shutdown(Refused),
    #[command(hide = true)]
    Rotate(Refused),
    #[command(hide = true)]
    Import(Refused),
}

/// The arguments of a command that writes.
#[derive(Debug, Args)]
pub(crate) struct Refused {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    rest: Vec<OsString>,
}

/// The options of every command that reads.
#[derive(Debug, Args)]
pub(crate) struct Common {
    /// Read this database. Default: this machine's own. `-` is standard input
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) file: Option<PathBuf>,

    /// Time zone of the output: UTC, an offset such as +02:00, or a name such as Europe/Berlin.
    /// Default: TZ, then /etc/localtime
    #[arg(long, value_name = "ZONE", value_parser = Zone::parse, allow_hyphen_values = true)]
    pub(crate) tz: Option<Zone>,

    #[command(flatten)]
    pub(crate) output: OutputOptions,

    #[command(flatten)]
    pub(crate) options: ReadOptions,

    /// The files that are read, and their machines.
    #[arg(skip)]
    pub(crate) sources: Sources,
}

#[derive(Debug, Args)]
#[command(infer_long_args = true, args_override_self = true)]
pub(crate) struct LastOptions {
    /// Print the host in the last column, not truncated
    #[arg(short = 'a', long, conflicts_with = "nohostname")]
    pub(crate) hostlast: bool,

    /// Accepted for the tool's sake: the host is printed as stored; no name server is queried
    #[arg(short, long, conflicts_with_all = ["nohostname", "ip"])]
    dns: bool,

    /// Print full dates
    #[arg(short = 'F', long)]
    pub(crate) fulltimes: bool,

    /// Accepted for the tool's sake: the host is printed as stored; no name server is queried
    #[arg(short, long, conflicts_with = "nohostname")]
    ip: bool,

    /// Print JSON, with the keys of the tool
    #[arg(short, long)]
    pub(crate) json: bool,

    /// Print at most NUMBER logins; 0 means all. Also `-NUMBER`
    #[arg(
        short = 'n',
        long,
        value_name = "NUMBER",
        default_value_t = 0,
        hide_default_value = true
    )]
    pub(crate) limit: u64,

    /// Only sessions that were open at TIME
    #[arg(short, long, value_name = "TIME", value_parser = TimeArg::parse, allow_hyphen_values = true)]
    pub(crate) present: Option<TimeArg>,

    /// Omit the host
    #[arg(short = 'R', long)]
    pub(crate) nohostname: bool,

    /// Print the PAM service that logged the user in
    #[arg(short = 'S', long)]
    pub(crate) service: bool,

    /// Only logins at TIME or later
    #[arg(short, long, value_name = "TIME", value_parser = TimeArg::parse, allow_hyphen_values = true)]
    pub(crate) since: Option<TimeArg>,

    /// Only logins at TIME or earlier
    #[arg(short = 't', long, value_name = "TIME", value_parser = TimeArg::parse, allow_hyphen_values = true)]
    pub(crate) until: Option<TimeArg>,

    /// Do not truncate names and hosts
    #[arg(short = 'w', long)]
    pub(crate) fullnames: bool,

    /// Print shutdowns too
    #[arg(short = 'x', long)]
    pub(crate) system: bool,

    /// The format of times
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(crate) time_format: Option<TimeFormat>,

    /// Count relative times from the clock, not from the newest login
    #[arg(long, hide = true)]
    pub(crate) clock: bool,

    /// Only these users and terminals
    #[arg(value_name = "USER|TERMINAL")]
    pub(crate) names: Vec<OsString>,

    #[command(flatten)]
    pub(crate) common: Common,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TimeFormat {
    /// No times, only durations
    Notime,
    /// `Wed Aug 28 13:00`
    Short,
    /// `Wed Aug 28 13:00:00 2013`
    Full,
    /// `2013-08-28T13:00:00+0000`
    Iso,
}

impl Action {
    pub(super) fn common(&self) -> Option<&Common> {
        match self {
            Action::Last(last) => Some(&last.common),
            Action::Boottime(common) => Some(common),
            _ => None,
        }
    }

    pub(super) fn common_mut(&mut self) -> Option<&mut Common> {
        match self {
            Action::Last(last) => Some(&mut last.common),
            Action::Boottime(common) => Some(common),
            _ => None,
        }
    }
}
