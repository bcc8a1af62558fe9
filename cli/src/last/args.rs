//! What `last` and `lastb` take.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueHint};
use loginrec::Layout;

use super::format::TimeFormat;
use crate::layout_name::LayoutName;
use crate::time_arg::TimeArg;
use crate::zone::Zone;
use crate::{follow, size};

pub(crate) const LAST_HELP: &str = "\
Each line is a login: user, terminal, host or (of a boot) kernel release, when, until when,
how long. Records are paired as util-linux pairs them: what next happens on the terminal, be
it a logout or a login, ends a login; `- down` and `- crash` are logins that a shutdown or a
boot without one ended. `loginrec sessions` judges more carefully.

`still logged in` and `still running` mean: at the end of the file nothing had ended it. The
machine this runs on is not asked, so `gone - no logout` is never printed. --as-of TIME lists
the file as it was at TIME: later records count as not yet written.

TIME is YYYY-MM-DD hh:mm:ss (seconds, or all of the time of day, may be left out), hh:mm of
today, YYYYMMDDhhmmss, now, today, yesterday, tomorrow, +5min, -2days, `2 hours ago`,
@SECONDS since 1970, or RFC 3339 as 2024-05-01T12:00:00+02:00. Without an offset it is of
the time zone of the output: --tz, else that of this machine.

With --follow each login, logout, boot and shutdown that is appended is a line when it comes: a
login its `still logged in`, a logout the session that it ends; a boot or a shutdown first
the sessions and the boot that it ends. A session goes on when the file is rotated. -n counts
the listing only.

A link named `last` or `lastb` to this program is that command; its exit status is 1 if a
file could not be read or the usage was wrong, else 0.

Examples:
  loginrec last -f wtmp
  loginrec last -20 -f wtmp -f wtmp.1 reboot
  loginrec last --tz UTC --time-format iso -w -i -f image/var/log/wtmp
  loginrec last -f wtmp --present '2024-05-01 12:00' alice
  loginrec last --root /mnt/image
  loginrec last --follow -n 10
  loginrec lastb -f btmp -s -2days --as-of 2024-05-03T00:00:00Z";

/// The options of both.
#[derive(Debug, Args)]
pub(crate) struct Last {
    /// Put the host in the last column, uncut
    #[arg(short = 'a', long)]
    pub(crate) hostlast: bool,

    /// Print the stored address instead of the host, as --ip: no name server is ever asked
    #[arg(short, long)]
    pub(crate) dns: bool,

    /// Read this file; repeatable. Default: this machine's own log. `-` is standard input
    #[arg(short, long = "file", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) files: Vec<PathBuf>,

    /// Print whole dates: --time-format full
    #[arg(short = 'F', long, conflicts_with = "time_format")]
    pub(crate) fulltimes: bool,

    /// Print the stored address instead of the host; 0.0.0.0 if there is none
    #[arg(short, long)]
    pub(crate) ip: bool,

    /// Stop after so many lines; 0 is all. Also `-NUMBER`
    #[arg(
        short = 'n',
        long,
        value_name = "NUMBER",
        default_value_t = 0,
        hide_default_value = true
    )]
    pub(crate) limit: u32,

    /// Only who was logged in at TIME
    #[arg(short, long, value_name = "TIME", value_parser = TimeArg::parse, allow_hyphen_values = true)]
    pub(crate) present: Option<TimeArg>,

    /// Leave the host out
    #[arg(short = 'R', long)]
    pub(crate) nohostname: bool,

    /// Only what began at TIME or later
    #[arg(short, long, value_name = "TIME", value_parser = TimeArg::parse, allow_hyphen_values = true)]
    pub(crate) since: Option<TimeArg>,

    /// Only what began at TIME or earlier
    #[arg(short = 't', long, value_name = "TIME", value_parser = TimeArg::parse, allow_hyphen_values = true)]
    pub(crate) until: Option<TimeArg>,

    /// Put tabs between the columns
    #[arg(short = 'T', long)]
    pub(crate) tab_separated: bool,

    /// How times are printed
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t, hide_default_value = true)]
    pub(crate) time_format: TimeFormat,

    /// Print names and hosts uncut
    #[arg(short = 'w', long)]
    pub(crate) fullnames: bool,

    /// Print shutdowns, run levels and clock changes too
    #[arg(short = 'x', long)]
    pub(crate) system: bool,

    /// Time zone of the output: UTC, an offset as +02:00, or a name as Europe/Berlin.
    /// Default: TZ, then /etc/localtime
    #[arg(long, value_name = "ZONE", value_parser = Zone::parse, allow_hyphen_values = true)]
    pub(crate) tz: Option<Zone>,

    /// List the file as it was at TIME, which also is `now` for other times. Default: as it
    /// is; `now` is the file's newest record, for this machine's own log the clock
    #[arg(long, value_name = "TIME", value_parser = TimeArg::parse, allow_hyphen_values = true)]
    pub(crate) as_of: Option<TimeArg>,

    /// `now` is the clock, whatever file is read: the way of the tool.
    #[arg(long, hide = true)]
    pub(crate) clock: bool,

    /// Read every file as this layout instead of detecting it; `loginrec layouts` lists the
    /// names
    #[arg(long, value_name = "NAME", value_parser = LayoutName, hide_possible_values = true)]
    pub(crate) layout: Option<&'static Layout>,

    /// Read 32-bit seconds as unsigned: 1970 to 2106, as glibc does since 2.40. Default:
    /// signed, 1901 to 2038
    #[arg(long)]
    pub(crate) unsigned_time: bool,

    /// Read the system below this folder, a mounted image or a copy: without -f, the files at
    /// every platform's usual places and their rotated copies, the newest first
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) root: Option<PathBuf>,

    /// Unpack at most this much of a compressed file, or of a pipe, into memory, for it is read
    /// from its end: bytes, or a number with K, M, G or T. Files not compressed have no limit
    /// and are not held in memory
    #[arg(long, value_name = "SIZE", value_parser = size::parse, default_value = "4G")]
    pub(crate) max_size: u64,

    /// Print the SHA-256 of each file as it is stored to standard error, as sha256sum does;
    /// names are escaped, pipes are not hashed. Costs a reading of its own, holes included
    #[arg(long)]
    pub(crate) hash: bool,

    /// Do not end: print what is appended, until interrupted. A file that is replaced or
    /// becomes shorter is read from its start, one that is missing is waited for
    #[arg(long, conflicts_with_all = ["as_of", "present", "root"])]
    pub(crate) follow: bool,

    /// With --follow: how often to look
    #[arg(long, value_name = "SECONDS", value_parser = follow::interval, default_value = "0.5",
        requires = "follow")]
    pub(crate) interval: Duration,

    /// Only these users and terminals; `1` is tty1, `reboot` the boots
    #[arg(value_name = "USER|TERMINAL")]
    pub(crate) names: Vec<OsString>,
}
