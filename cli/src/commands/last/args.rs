//! The arguments of `last` and `lastb`.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::ValueEnum;
use clap::{Args, ValueHint};

use crate::args::format::{FormulaGuard, OutputFormat};
use crate::args::interval;
use crate::args::output::OutputOptions;
use crate::args::reading::ReadOptions;
use crate::args::time::TimeArg;
use crate::args::zone::Zone;
use crate::sources::Sources;

const LAST_HELP: &str = "\
Each line is a login: user, terminal, host (for a boot: kernel release), start, end, duration.
Records are paired as util-linux pairs them: the next record of the terminal, a logout or a
login, ends a login; `- down` and `- crash` mark logins that were ended by a shutdown, or by a
boot without a shutdown. `loginrec sessions` pairs more carefully. Several files are one history:
sessions continue from wtmp.1 into wtmp, whatever the order of -f; the newest file is listed first.

`still logged in` and `still running` mean that nothing in the files ended the session. This
machine is not consulted, so `gone - no logout` is never printed. --as-of TIME lists the files as
they were at TIME: later records are ignored. --root lists rotated copies too.

TIME is YYYY-MM-DD hh:mm:ss (the seconds, or the whole time of day, may be omitted), hh:mm of
today, YYYYMMDDhhmmss, now, today, yesterday, tomorrow, +5min, -2days, `2 hours ago`, @SECONDS
since 1970, or RFC 3339 such as 2024-05-01T12:00:00+02:00. A time without an offset is in the
time zone of the output: --tz, else that of this machine.

Letters are those of util-linux. What BSD's last calls -d DATE is --present TIME here, -h HOST is
`loginrec sessions --host`, and -t TTY is an operand.

With --follow, each login, logout, boot and shutdown is printed when it is appended: a login as
`still logged in`, a logout as the session that it ends, a boot or a shutdown after the sessions
and the boot that it ends. Sessions continue when the file is rotated. -n limits only the
initial listing.

A link named `last` or `lastb` to this program runs that command; its exit status is 1 if a file
could not be read or the usage was wrong, else 0.

Examples:
  loginrec last -f wtmp
  loginrec last -20 -f wtmp -f wtmp.1 reboot
  loginrec last --tz UTC --time-format iso -w -i -f image/var/log/wtmp
  loginrec last -f wtmp --present '2024-05-01 12:00' alice
  loginrec last --root /mnt/image
  loginrec last --format jsonl -f wtmp | jq -r 'select(.how == \"crash\").user'
  loginrec last --follow -n 10
  loginrec lastb -f btmp -s -2days --as-of 2024-05-03T00:00:00Z";

/// List logins, newest first, as last(1) of util-linux does
#[derive(Debug, Args)]
#[command(infer_long_args = true, args_override_self = true, after_help = LAST_HELP)]
pub(crate) struct LastArgs {
    #[command(flatten)]
    pub(crate) list: ListOptions,
}

/// List failed logins, newest first, as lastb(1) of util-linux does
///
/// One line per record; the end time is the start time.
#[derive(Debug, Args)]
#[command(infer_long_args = true, args_override_self = true, after_help = LAST_HELP)]
pub(crate) struct LastbArgs {
    #[command(flatten)]
    pub(crate) list: ListOptions,
}

/// The options of both.
#[derive(Debug, Args)]
pub(crate) struct ListOptions {
    /// Print the host in the last column, not truncated
    #[arg(short = 'a', long)]
    pub(crate) hostlast: bool,

    /// Print the stored address instead of the host, like --ip; no name server is queried
    #[arg(short, long)]
    pub(crate) dns: bool,

    /// Read this file; repeatable. Default: this machine's own log. `-` is standard input
    #[arg(short, long = "file", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) files: Vec<PathBuf>,

    /// Print full dates, like --time-format full
    #[arg(short = 'F', long, conflicts_with = "time_format")]
    pub(crate) fulltimes: bool,

    /// Print the stored address instead of the host; 0.0.0.0 if there is none
    #[arg(short, long)]
    pub(crate) ip: bool,

    /// Print at most NUMBER lines; 0 means all. Also `-NUMBER`
    #[arg(
        short = 'n',
        long,
        value_name = "NUMBER",
        default_value_t = 0,
        hide_default_value = true
    )]
    pub(crate) limit: u32,

    /// Only sessions that were open at TIME
    #[arg(short, long, value_name = "TIME", value_parser = TimeArg::parse, allow_hyphen_values = true)]
    pub(crate) present: Option<TimeArg>,

    /// Omit the host
    #[arg(short = 'R', long)]
    pub(crate) nohostname: bool,

    /// Only entries that began at TIME or later
    #[arg(short, long, value_name = "TIME", value_parser = TimeArg::parse, allow_hyphen_values = true)]
    pub(crate) since: Option<TimeArg>,

    /// Only entries that began at TIME or earlier
    #[arg(short = 't', long, value_name = "TIME", value_parser = TimeArg::parse, allow_hyphen_values = true)]
    pub(crate) until: Option<TimeArg>,

    /// Separate the columns with tabs
    #[arg(short = 'T', long)]
    pub(crate) tab_separated: bool,

    /// The format of times
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t, hide_default_value = true)]
    pub(crate) time_format: TimeFormat,

    /// Do not truncate names and hosts
    #[arg(short = 'w', long)]
    pub(crate) fullnames: bool,

    /// Print shutdowns, run levels and clock changes too
    #[arg(short = 'x', long)]
    pub(crate) system: bool,

    /// Time zone of the output: UTC, an offset such as +02:00, or a name such as Europe/Berlin.
    /// Default: TZ, then /etc/localtime
    #[arg(long, value_name = "ZONE", value_parser = Zone::parse, allow_hyphen_values = true)]
    pub(crate) tz: Option<Zone>,

    /// List the file as it was at TIME; relative times count from TIME. Default: the whole
    /// file; relative times count from its newest record, for this machine's own log from the
    /// clock
    #[arg(long, value_name = "TIME", value_parser = TimeArg::parse, allow_hyphen_values = true)]
    pub(crate) as_of: Option<TimeArg>,

    /// Count relative times from the clock for any file, as the tool does
    #[arg(long, hide = true)]
    pub(crate) clock: bool,

    /// Output format. jsonl and csv have the columns of `loginrec sessions` and the event, with
    /// times in UTC
    #[arg(long, value_parser = OutputFormat::one_of(OutputFormat::LINES), default_value = "text",
        hide_default_value = true)]
    pub(crate) format: OutputFormat,

    #[command(flatten)]
    pub(crate) guard: FormulaGuard,

    #[command(flatten)]
    pub(crate) output: OutputOptions,

    #[command(flatten)]
    pub(crate) options: ReadOptions,

    /// The files that are read, and their machines.
    #[arg(skip)]
    pub(crate) sources: Sources,

    /// Keep running and print new entries as they arrive (stop with Ctrl-C). A file that is
    /// replaced or becomes shorter is read from its start; a missing file is waited for
    #[arg(long, conflicts_with_all = ["as_of", "present", "root", "manifest"])]
    pub(crate) follow: bool,

    /// With --follow: the time between two checks
    #[arg(long, value_name = "SECONDS", value_parser = interval::interval, default_value = "0.5",
        requires = "follow")]
    pub(crate) interval: Duration,

    /// Only these users and terminals; `1` means tty1, `reboot` means boots
    #[arg(value_name = "USER|TERMINAL")]
    pub(crate) names: Vec<OsString>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum TimeFormat {
    /// No times, only durations
    Notime,
    /// `Wed Aug 28 13:00`
    #[default]
    Short,
    /// `Wed Aug 28 13:00:00 2013`
    Full,
    /// `2013-08-28T13:00:00+00:00`
    Iso,
}

impl TimeFormat {
    /// Columns of the login time.
    pub(super) fn login(self) -> usize {
        match self {
            TimeFormat::Notime => 0,
            TimeFormat::Short => 16,
            TimeFormat::Full => 24,
            TimeFormat::Iso => 25,
        }
    }

    /// Columns of the logout time with its `- `.
    pub(super) fn logout(self) -> usize {
        match self {
            TimeFormat::Notime => 0,
            TimeFormat::Short => 7,
            TimeFormat::Full => 26,
            TimeFormat::Iso => 27,
        }
    }
}
