//! The command line as a whole, with a row for each command.

use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use loginrec::{FileKind, Text};

use crate::args::applet::Applet;
use crate::args::reading::{Reading, has_stdin_twice};
use crate::commands::{
    ac, audit, boots, carve, describe, detect, dump, failures, generate, last, lastlog, lastlog2,
    layouts, report, schema, sessions, summary, timeline, undump, who, wtmpdb,
};
use crate::diagnostics::{self, Diagnostics, EXIT_STATUS, Stop, reason};
use crate::file_name::FileName;
use crate::help;
use crate::input::stored;
use crate::ledger::Ledger;
use crate::multicall::Invocation;
use crate::output::destination::{Destination, Writing, check};
use crate::output::manifest::Manifest;
use crate::output::writer::Output;
use crate::run::{NamedFiles, Run};
use crate::usage;

/// Makes the enum of commands from a row for each: its name, its arguments, and the older tools
/// that it replaces.
macro_rules! commands {
    ($($name:ident($args:ty) $(as $($applet:path),+)?;)*) => {
        /// Commands with their arguments. `--help` lists them in this order.
        #[derive(Debug, Subcommand)]
        enum Command {
            $($name($args),)*
            Completions(generate::Completions),
            Man(generate::Man),
        }

        static APPLETS: &[&Applet] = &[$($($(&$applet),+,)?)*];

        impl Command {
            /// Returns the command as the user types it, except for the case of its letters.
            fn name(&self) -> &'static str {
                match self {
                    $(Command::$name(_) => stringify!($name),)*
                    Command::Completions(_) => "completions",
                    Command::Man(_) => "man",
                }
            }

            fn reading(&mut self) -> Option<(&mut Reading, &'static [FileKind])> {
                match self {
                    $(Command::$name(args) => args.reading(),)*
                    Command::Completions(_) | Command::Man(_) => None,
                }
            }

            fn resolve(&mut self, report: &mut Diagnostics) -> Result<(), String> {
                match self {
                    $(Command::$name(args) => args.resolve(report),)*
                    Command::Completions(_) | Command::Man(_) => Ok(()),
                }
            }

            fn check(&self) -> Result<(), &'static str> {
                match self {
                    $(Command::$name(args) => args.check(),)*
                    Command::Completions(_) | Command::Man(_) => Ok(()),
                }
            }

            fn files(&self) -> NamedFiles<'_> {
                match self {
                    $(Command::$name(args) => args.files(),)*
                    Command::Completions(_) | Command::Man(_) => NamedFiles::default(),
                }
            }

            fn run(&self, out: Output, report: &mut Diagnostics) -> Result<(), Stop> {
                match self {
                    $(Command::$name(args) => args.run(out, report),)*
                    Command::Completions(args) => Ok(args.print(Cli::command(), out)?),
                    Command::Man(args) => Ok(args.print(Cli::command(), out)?),
                }
            }
        }
    };
}

commands! {
    Dump(dump::args::DumpArgs) as dump::applet::UTMPDUMP;
    Undump(undump::UndumpArgs);
    Detect(detect::DetectArgs);
    Layouts(layouts::LayoutsArgs);
    Schema(schema::SchemaArgs);
    Last(last::args::LastArgs) as last::applet::LAST;
    Lastb(last::args::LastbArgs) as last::applet::LASTB;
    Lastlog(lastlog::LastlogArgs) as lastlog::applet::LASTLOG;
    Wtmpdb(wtmpdb::WtmpdbArgs) as wtmpdb::WTMPDB;
    Lastlog2(lastlog2::Lastlog2Args) as lastlog2::LASTLOG2;
    Failures(failures::FailuresArgs);
    Who(who::WhoArgs) as who::applet::WHO;
    Ac(ac::AcArgs) as ac::AC;
    Sessions(sessions::SessionsArgs);
    Boots(boots::BootsArgs);
    Timeline(timeline::TimelineArgs);
    Summary(summary::args::SummaryArgs);
    Audit(audit::AuditArgs);
    Report(report::args::ReportArgs);
    Carve(carve::CarveArgs);
    Describe(describe::DescribeArgs);
}

/// Reads the Unix login records of every platform: utmp, wtmp, btmp, utmpx, utx.*, lastlog,
/// lastlogx, faillog, tallylog, faillock.
///
/// The format of a file is detected from its bytes, independent of the host. Files are opened
/// read-only. Control characters in records never reach the terminal. Times are UTC; last,
/// lastb, lastlog and who use TZ, as the tools of these names do.
#[derive(Debug, Parser)]
#[command(name = "loginrec", version, propagate_version = true, max_term_width = 100, after_help = format!("\
Examples:
  loginrec wtmp                                  what is it, and what can be asked of it?
  loginrec detect /mnt/image/var/log/*tmp        what are these files?
  loginrec dump wtmp                             every record, one line each
  loginrec dump --format jsonl btmp | jq .user   for programs
  loginrec dump --format jsonl --raw wtmp | loginrec undump -o copy

{EXIT_STATUS}"))]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// Returns the arguments, with wildcards expanded where the shell leaves that to the program.
fn given() -> Vec<OsString> {
    #[cfg(windows)]
    let arguments = wild::args_os();
    #[cfg(not(windows))]
    let arguments = std::env::args_os();
    arguments.collect()
}

/// Runs the program and returns its exit status.
pub(crate) fn main() -> ExitCode {
    let mut invocation = Invocation::new(given(), APPLETS, Cli::command);
    usage::complete(&mut invocation.arguments, &Cli::command);
    let mut command = match read(&invocation) {
        Ok(command) => command,
        Err(error) => return invocation.usage(&error),
    };
    let mut report = Diagnostics::default();
    if let Some(title) = title(&command).filter(|_| invocation.is("utmpdump")) {
        report.title(&title);
    }
    if let Err(why) = command.resolve(&mut report) {
        report.misused(why);
        return invocation.status(&report);
    }
    match carry_out(&command, &mut report) {
        Ok(()) => invocation.status(&report),
        Err(Ended { status }) => invocation.stopped(status),
    }
}

/// Why the program ends before it is done; that has been reported.
struct Ended {
    status: ExitCode,
}

/// Opens what is written, runs the command, and ends what is written.
fn carry_out(command: &Command, report: &mut Diagnostics) -> Result<(), Ended> {
    let files = command.files();
    protect(&files, report);
    let unwritten = |path: Option<&Path>, error: &io::Error| Ended {
        status: diagnostics::unwritten(path.unwrap_or(Path::new("-")), error),
    };
    let manifest = files.manifest.map(|path| match is_same(path, files.output) {
        true => Err(io::Error::other("is also the file of --output")),
        false => Manifest::open(path, &report.ledger),
    });
    let manifest = manifest.transpose().map_err(|error| unwritten(files.manifest, &error))?;
    if let Some(path) = files.written {
        let is_free = match is_same(path, files.output) {
            true => Err(io::Error::other("is also the file of --output")),
            false => check(path, &report.ledger),
        };
        is_free.map_err(|error| unwritten(Some(path), &error))?;
    }
    let writing = match (files.is_appended, files.is_followed) {
        (true, _) => Writing::Appended,
        (false, true) => Writing::Endless,
        (false, false) => Writing::Whole,
    };
    let opened = Destination::open(files.output, writing, &report.ledger);
    let (destination, out) = opened.map_err(|error| unwritten(files.output, &error))?;
    if files.is_binary && out.is_terminal() {
        let why = "refusing to write binary data to a terminal: choose a file with --output";
        let error = io::Error::new(io::ErrorKind::InvalidInput, why);
        return Err(Ended { status: diagnostics::stopped(&error) });
    }
    if manifest.is_some() || files.is_binary {
        report.ledger.list_sources();
        stored::list_archives(report);
    }
    match command.run(out, report) {
        Ok(()) => {}
        Err(Stop::Usage(why)) => {
            report.misused(why);
            return Ok(());
        }
        Err(Stop::Output(error)) => return Err(Ended { status: diagnostics::stopped(&error) }),
    }
    let published = destination.publish(&report.ledger);
    published.map_err(|(path, error)| unwritten(Some(&path), &error))?;
    match manifest {
        Some(manifest) => {
            let mut incomplete = Vec::new();
            let listed = report.ledger.listed(|name, error| {
                incomplete.push((name.shown.clone(), reason(error)));
            });
            for (name, why) in incomplete {
                report.note(format_args!("{name}: not in the manifest: {why}"));
            }
            let written = manifest.write(&listed, &report.ledger);
            written.map_err(|error| unwritten(files.manifest, &error))
        }
        None => Ok(()),
    }
}

/// Notes what is evidence before anything is opened to be written.
fn protect(files: &NamedFiles<'_>, report: &mut Diagnostics) {
    let ledger = &mut report.ledger;
    files
        .named
        .iter()
        .chain(&files.passwd.map(Path::to_owned))
        .for_each(|path| ledger.protect(path));
}

fn is_same(path: &Path, output: Option<&Path>) -> bool {
    let mut ledger = Ledger::default();
    output.into_iter().for_each(|output| ledger.protect(output));
    ledger.has(path)
}

/// Parses and checks the command line. The error may also be requested help.
fn read(invocation: &Invocation) -> Result<Command, clap::Error> {
    let arguments = &invocation.arguments;
    let error = |error| printable(usage::offer(error, arguments, Cli::command), arguments);
    let program = help::arrange(Cli::command(), arguments);
    let mut matches = program.try_get_matches_from(arguments).map_err(error)?;
    let useless = usage::useless(&matches);
    let mut command = Cli::from_arg_matches_mut(&mut matches).map_err(error)?.command;
    let twice = command.reading().is_some_and(|(reading, _)| has_stdin_twice(&reading.files));
    let checked = match twice {
        true => Err("standard input `-` can be read only once"),
        false => useless.map_or_else(|| command.check(), Err),
    };
    match checked {
        Ok(()) => Ok(command),
        Err(message) => {
            let mut all = Cli::command();
            all.build();
            let at = all.find_subcommand(command.name().to_ascii_lowercase()).cloned();
            Err(at.unwrap_or(all).error(ErrorKind::ArgumentConflict, message))
        }
    }
}

/// Returns the line that utmpdump prints first, on standard error.
fn title(command: &Command) -> Option<String> {
    let (what, file) = match command {
        Command::Dump(dump) => ("dump", dump.reading.files.first()?),
        Command::Undump(undump) => ("undump", &undump.file),
        _ => return None,
    };
    let name = FileName::new(file);
    let file = if name.is_stdin() { "/dev/stdin" } else { &name.shown };
    Some(format!("Utmp {what} of {file}"))
}

/// Returns an error that is safe to print. clap repeats arguments unchanged; if those could control
/// a terminal, the error is that of the escaped arguments.
fn printable(error: clap::Error, arguments: &[OsString]) -> clap::Error {
    let shown = |argument: &OsString| Text::new(argument.as_encoded_bytes()).to_string();
    let is_plain = |argument: &OsString| argument.to_str() == Some(shown(argument).as_str());
    if arguments.iter().all(is_plain) {
        return error;
    }
    match Cli::try_parse_from(arguments.iter().map(shown)) {
        Err(error) => error,
        // Only the unescaped arguments are wrong.
        Ok(_) => Cli::command().error(error.kind(), "argument contains control characters"),
    }
}

#[cfg(test)]
mod tests {
    use loginrec::FileKind;

    use super::*;
    use crate::input::root::own_log;

    #[test]
    fn the_command_line_holds_together() {
        Cli::command().debug_assert();
    }

    fn rewritten(line: &str) -> String {
        let words = line.split(' ').map(OsString::from).collect();
        let words = Invocation::new(words, APPLETS, Cli::command).arguments;
        let words: Vec<&str> = words.iter().map(|word| word.to_str().unwrap()).collect();
        words.join(" ")
    }

    #[test]
    fn names_and_numbers() {
        assert_eq!(rewritten("/usr/bin/last -5"), "loginrec last --clock --limit=5");
        assert_eq!(rewritten("lastb -x20w root"), "loginrec lastb --clock --limit=20 -xw root");
        assert_eq!(rewritten("last -5f wtmp"), "loginrec last --clock --limit=5 -f wtmp");
        assert_eq!(
            rewritten("last -n 5 -s -2days -10"),
            "loginrec last --clock -n 5 -s -2days --limit=10"
        );
        assert_eq!(rewritten("last -s-2days"), "loginrec last --clock -s-2days");
        assert_eq!(rewritten("last --since -2days"), "loginrec last --clock --since -2days");
        assert_eq!(
            rewritten("last --sin -2days -3x4"),
            "loginrec last --clock --sin -2days --limit=4 -x"
        );
        assert_eq!(rewritten("last -- -5 5"), "loginrec last --clock -- -5 5");
        assert_eq!(rewritten("loginrec last -5 -"), "loginrec last --limit=5 -");
        assert_eq!(rewritten("loginrec dump -5"), "loginrec dump -5");
        assert_eq!(rewritten("last --root -2 -3"), "loginrec last --clock --root -2 --limit=3");
    }

    #[test]
    fn files_of_this_machine() {
        let utmp = own_log(FileKind::Utmp).to_str().unwrap().to_owned();
        let lastlog = own_log(FileKind::Lastlog).to_str().unwrap().to_owned();
        assert_eq!(rewritten("who -aH"), format!("loginrec who -aH {utmp}"));
        assert_eq!(rewritten("who --tz UTC"), format!("loginrec who --tz UTC {utmp}"));
        assert_eq!(rewritten("who -b wtmp"), "loginrec who -b wtmp");
        assert_eq!(
            rewritten("lastlog --as-of=@0 -u root"),
            format!("loginrec lastlog --passwd=/etc/passwd --as-of=@0 -u root {lastlog}")
        );
        assert_eq!(
            rewritten("lastlog --as-of=@0 -R /mnt"),
            "loginrec lastlog --as-of=@0 --root /mnt"
        );
        assert_eq!(rewritten("utmpdump -o out"), "loginrec dump -o out -");
        assert_eq!(rewritten("utmpdump -oout wtmp"), "loginrec dump -oout wtmp");
        assert_eq!(rewritten("utmpdump -ro out"), "loginrec undump --from=text --force -o out");
    }
}
