//! What can be typed, and the help that teaches it.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::error::ErrorKind;
use clap::{Args, CommandFactory as _, Parser, Subcommand, ValueEnum, ValueHint};
use clap_complete::Shell;
use loginrec::{FileKind, Layout, Text};

use crate::filename::FileName;
use crate::last::{LAST_HELP, Last};
use crate::layout_name::LayoutName;
use crate::personality::Called;
use crate::sheet::Safety;
use crate::{audit, boots, carve, follow, lastlog, sessions, size, timeline, undump, who};

pub(crate) const EXIT_STATUS: &str = "\
Exit status:
  0  everything was read
  2  wrong usage
  3  nothing was readable or recognised, or the result could not be written
  4  read in part: results are printed, the damage is on standard error";

/// Reads the Unix login records of every platform: utmp, wtmp, btmp, utmpx, utx.*, lastlog,
/// lastlogx.
///
/// The layout of a file is found from its bytes, never from the machine this runs on. Files
/// are opened read-only. Text from records never reaches the terminal with control characters
/// in it. Times are UTC; the commands that stand in for last, lastb, lastlog and who follow
/// TZ, as those do.
#[derive(Debug, Parser)]
#[command(name = "loginrec", version, propagate_version = true, max_term_width = 100, after_help = format!("\
Examples:
  loginrec detect /mnt/image/var/log/*tmp        what are these files?
  loginrec dump wtmp                             every record, one line each
  loginrec dump --format jsonl btmp | jq .user   for programs
  loginrec dump --format jsonl --raw wtmp | loginrec undump -o copy

{EXIT_STATUS}"))]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Dump(Dump),
    Undump(undump::UndumpArgs),
    Detect(Detect),
    Layouts(Layouts),
    /// List logins, newest first, as last(1) of util-linux does
    #[command(infer_long_args = true, args_override_self = true, after_help = LAST_HELP)]
    Last(Last),
    /// List failed logins, newest first, as lastb(1) of util-linux does
    ///
    /// Every record of the file is a line, its end its beginning.
    #[command(infer_long_args = true, args_override_self = true, after_help = LAST_HELP)]
    Lastb(Last),
    Lastlog(lastlog::LastlogArgs),
    Who(who::WhoArgs),
    Sessions(sessions::SessionsArgs),
    Boots(boots::BootsArgs),
    Timeline(timeline::TimelineArgs),
    Audit(audit::AuditArgs),
    Carve(carve::CarveArgs),
    /// Print a completion script for a shell
    #[command(
        hide = true,
        after_help = "\
Example:
  loginrec completions bash > /etc/bash_completion.d/loginrec"
    )]
    Completions {
        /// Which shell
        shell: Shell,
    },
    /// Print the manual page of loginrec or of one of its commands, as roff
    #[command(
        hide = true,
        after_help = "\
Example:
  loginrec man dump | man -l -"
    )]
    Man {
        /// The command; without it, loginrec itself
        command: Option<String>,
    },
}

/// How files are read.
#[derive(Debug, Args)]
pub(crate) struct Reading {
    /// Read every file as this layout instead of detecting it; `loginrec layouts` lists the
    /// names
    #[arg(long, value_name = "NAME", value_parser = LayoutName, hide_possible_values = true)]
    pub(crate) layout: Option<&'static Layout>,

    /// Read 32-bit seconds as unsigned: 1970 to 2106, as glibc does since 2.40. Default:
    /// signed, 1901 to 2038. The bytes do not say which is meant; 64-bit times are left
    /// alone
    #[arg(long)]
    pub(crate) unsigned_time: bool,

    /// Read the system below this folder, a mounted image or a copy: without FILE, the files
    /// at every platform's usual places and their rotated copies; names of users come from
    /// its passwd. Links are followed as that system would follow them, never out of it
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) root: Option<PathBuf>,

    /// Unpack at most this much of a compressed file, and hold at most this much of one, or
    /// of a pipe, in memory where it is read more than once: bytes, or a number with K, M, G
    /// or T. Files not compressed have no limit
    #[arg(long, value_name = "SIZE", value_parser = size::parse, default_value = "4G")]
    pub(crate) max_size: u64,

    /// Print the SHA-256 of each file as it is stored to standard error, as sha256sum does;
    /// names are escaped, pipes are not hashed. Costs a reading of its own, holes included
    #[arg(long)]
    pub(crate) hash: bool,

    /// Files to read, compressed ones too (gzip, bzip2, xz, zstd, lz4, whatever their name);
    /// `-` is standard input
    #[arg(value_name = "FILE", required_unless_present = "root", value_hint = ValueHint::FilePath)]
    pub(crate) files: Vec<PathBuf>,
}

/// Print every record of login-record files, in file order
///
/// A damaged record never ends the reading: what is whole is printed, what is not is named
/// on standard error with its byte offset.
#[derive(Debug, Args)]
#[command(after_help = format!("\
Text is one line for each record, as utmpdump prints it whatever the platform:
  [type] [pid] [id] [user] [line] [host] [address] [time]
The type is Linux's number for what the record means: 0 empty or without a Linux number,
1 run level or shutdown, 2 boot, 3 new time, 4 old time, 5 init, 6 login prompt, 7 login,
8 logout, 9 accounting; for Linux files it is the number stored. Bytes that are not
printable ASCII, and brackets, are shown as `?`. lastlog rows are
  [uid] [line] [host] [address] [time]
Text leaves out what has no column; jsonl has every field, and with --raw every bit.

Offsets in a compressed file are those of its unpacked content. --merge holds 24 bytes for
each record, about 70 for each of a utx.log or lastlogx, and compressed files whole.

Examples:
  loginrec dump wtmp
  loginrec dump --format jsonl wtmp | jq -r 'select(.event == \"boot\").time'
  loginrec dump --format csv wtmp btmp > records.csv
  loginrec dump --merge wtmp.2.gz wtmp.1 wtmp
  loginrec dump --root /mnt/image
  loginrec dump --follow --format jsonl /var/log/btmp
  loginrec dump --layout svr4-utmpx-372-be wtmpx

{EXIT_STATUS}"))]
pub(crate) struct Dump {
    /// What to print
    #[arg(long, value_enum, default_value_t = DumpFormat::Text)]
    pub(crate) format: DumpFormat,

    #[command(flatten)]
    pub(crate) safety: Safety,

    /// With --format jsonl: add each record's bytes in hex as `raw`, and at the end of each
    /// file a line with what lies behind its last whole record, so that `loginrec undump`
    /// gives the file back bit for bit. Without that line if --merge or --follow
    #[arg(long)]
    pub(crate) raw: bool,

    /// Put the records of all files in one order by time; of one time, in the order of the
    /// files, then of their records. Text lines begin with `FILE: `. Records without a time
    /// count as of 1970
    #[arg(long)]
    pub(crate) merge: bool,

    /// Do not end: print records as they are appended, until interrupted. A file that is
    /// replaced or becomes shorter is read from its start, one that is missing is waited for
    #[arg(long, conflicts_with_all = ["merge", "root", "hash"])]
    pub(crate) follow: bool,

    /// With --follow: how often to look
    #[arg(long, value_name = "SECONDS", value_parser = follow::interval, default_value = "0.5",
        requires = "follow")]
    pub(crate) interval: Duration,

    /// How many threads to use; the output is the same. Default: one for each processor, up
    /// to 8, where a file is 16 MiB or longer. A utx.log, a lastlog, --merge and --follow use
    /// one
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..))]
    pub(crate) threads: Option<u8>,

    /// Write to this file; what it held is lost, as with utmpdump. A file to be read is
    /// never overwritten. Default: standard output
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) reading: Reading,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DumpFormat {
    /// One utmpdump row for each record
    Text,
    /// One JSON object for each record
    Jsonl,
    /// Comma-separated values under a header line (RFC 4180, lines end in LF)
    Csv,
}

/// Say which layout each file has, how sure that is, and what came near
///
/// Every known layout is tried, and all are weighed against the bytes unless one leaves no
/// doubt. Confidence is how many bits the best is ahead of the next that reads the file
/// differently: each bit makes it twice as likely. Where none comes near there is no next.
#[derive(Debug, Args)]
#[command(after_help = format!("\
Columns: records is how many can be read (used slots of a lastlog); first and last are the
earliest and the latest time other than zero, in UTC.

Examples:
  loginrec detect /var/log/wtmp /var/log/btmp
  loginrec detect -v wtmp.unknown
  loginrec detect --format jsonl evidence/* | jq -r 'select(.layout == null).file'

{EXIT_STATUS}"))]
pub(crate) struct Detect {
    /// What to print
    #[arg(long, value_enum, default_value_t = TableFormat::Text)]
    pub(crate) format: TableFormat,

    /// Print the reasons under each file (jsonl always has them)
    #[arg(short, long)]
    pub(crate) verbose: bool,

    #[command(flatten)]
    pub(crate) reading: Reading,
}

/// List every layout that can be read and written
#[derive(Debug, Args)]
#[command(after_help = "\
Columns: size is in bytes, of a whole record; time is the width of the seconds; paths are
where the platform keeps such files.

Examples:
  loginrec layouts | grep Solaris
  loginrec layouts --format jsonl | jq -r 'select(.size == 384).name'")]
pub(crate) struct Layouts {
    /// What to print
    #[arg(long, value_enum, default_value_t = TableFormat::Text)]
    pub(crate) format: TableFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TableFormat {
    /// A table
    Text,
    /// One JSON object for each line of it
    Jsonl,
}

impl Command {
    /// The files of a command that reads any, and which kinds of them it is for (none: all).
    pub(crate) fn reading(&mut self) -> Option<(&mut Reading, &'static [FileKind])> {
        match self {
            Command::Dump(dump) => Some((&mut dump.reading, &[])),
            Command::Detect(detect) => Some((&mut detect.reading, &[])),
            Command::Lastlog(args) => Some((&mut args.reading, &[FileKind::Lastlog])),
            Command::Who(args) => Some((&mut args.reading, &[FileKind::Utmp])),
            Command::Sessions(args) => Some((&mut args.reading, &[FileKind::Wtmp])),
            Command::Boots(args) => Some((&mut args.reading, &[FileKind::Wtmp])),
            Command::Timeline(args) => Some((&mut args.reading, &[])),
            Command::Audit(args) => Some((&mut args.reading, &[])),
            _ => None,
        }
    }
}

impl Cli {
    /// Reads the command line. What is wrong with it is told, as is the help that was asked
    /// for: then there is nothing left but to end with a status.
    pub(crate) fn read(called: &Called) -> Result<Cli, ExitCode> {
        let cli = Cli::try_parse_from(&called.arguments)
            .map_err(|error| called.told(&printable(error, &called.arguments)))?;
        if let Err((command, message)) = cli.check() {
            let mut all = Cli::command();
            all.build();
            let at = all.find_subcommand(command).cloned();
            let error = at.unwrap_or(all).error(ErrorKind::ArgumentConflict, message);
            return Err(called.told(&error));
        }
        Ok(cli)
    }

    /// The rules clap has no words for: which command breaks one, and how.
    fn check(&self) -> Result<(), (&'static str, &'static str)> {
        let (command, files) = match &self.command {
            Command::Dump(dump) if dump.raw && dump.format != DumpFormat::Jsonl => {
                return Err(("dump", "--raw needs --format jsonl"));
            }
            Command::Dump(dump) if dump.follow && has_stdin(&dump.reading.files) => {
                return Err(("dump", "--follow needs files with names, not standard input"));
            }
            Command::Dump(dump) => ("dump", &dump.reading.files),
            Command::Detect(detect) => ("detect", &detect.reading.files),
            Command::Lastlog(args) => ("lastlog", &args.reading.files),
            Command::Who(args) => ("who", &args.reading.files),
            Command::Sessions(args) => ("sessions", &args.reading.files),
            Command::Boots(args) => ("boots", &args.reading.files),
            Command::Timeline(args) => ("timeline", &args.reading.files),
            Command::Audit(args) => ("audit", &args.reading.files),
            Command::Carve(args) if args.is_raw_without_jsonl() => {
                return Err(("carve", "--raw needs --format jsonl"));
            }
            Command::Carve(args) => ("carve", &args.images),
            _ => return Ok(()),
        };
        let stdin = files.iter().filter(|file| FileName::new(file).is_stdin()).count();
        match stdin {
            0 | 1 => Ok(()),
            _ => Err((command, "standard input `-` can be read only once")),
        }
    }
}

/// clap repeats arguments as they are. Where those could steer a terminal, the error is that
/// of the arguments as they may be shown.
fn printable(error: clap::Error, arguments: &[OsString]) -> clap::Error {
    let shown = |argument: &OsString| Text::new(argument.as_encoded_bytes()).to_string();
    let is_plain = |argument: &OsString| argument.to_str() == Some(shown(argument).as_str());
    if arguments.iter().all(is_plain) {
        return error;
    }
    match Cli::try_parse_from(arguments.iter().map(shown)) {
        Err(error) => error,
        // Only as they may not be shown are they wrong.
        Ok(_) => Cli::command().error(error.kind(), "an argument that cannot be shown"),
    }
}

fn has_stdin(files: &[PathBuf]) -> bool {
    files.iter().any(|file| FileName::new(file).is_stdin())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_holds_together() {
        Cli::command().debug_assert();
    }
}
