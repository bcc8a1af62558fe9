//! Links to this program under the names of older tools.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use loginrec::FileKind;

use crate::args::Command;
use crate::filename::FileName;
use crate::last::own_log;
use crate::report::{self, Report};

/// A name to be called by, the command that is, and what its arguments go through.
struct Tool {
    name: &'static str,
    rewrite: fn(Vec<OsString>) -> Vec<OsString>,
}

/// Rewriting gives the arguments of `loginrec`, its command first.
static TOOLS: &[Tool] = &[
    Tool { name: "last", rewrite: |rest| by_clock("last", rest) },
    Tool { name: "lastb", rewrite: |rest| by_clock("lastb", rest) },
    Tool { name: "utmpdump", rewrite: utmpdump },
    Tool { name: "lastlog", rewrite: lastlog },
    Tool { name: "who", rewrite: who },
];

/// How this program was called.
#[derive(Debug)]
pub(crate) struct Called {
    /// For clap: the program's name and its arguments.
    pub(crate) arguments: Vec<OsString>,
    tool: Option<&'static str>,
}

impl Called {
    pub(crate) fn now() -> Called {
        Called::with(env::args_os().collect())
    }

    fn with(mut arguments: Vec<OsString>) -> Called {
        let name = arguments.first().map(|name| Path::new(name).file_stem().unwrap_or_default());
        let tool = TOOLS.iter().find(|tool| Some(OsStr::new(tool.name)) == name);
        if let Some(tool) = tool {
            let rest = (tool.rewrite)(arguments.split_off(1));
            let arguments = ["loginrec".into()].into_iter().chain(rest).collect();
            return Called { arguments, tool: Some(tool.name) };
        }
        if arguments.get(1).is_some_and(|command| command == "last" || command == "lastb") {
            let rest = numbers(arguments.split_off(2));
            arguments.extend(rest);
        }
        Called { arguments, tool: None }
    }

    /// Says what clap has to say. Wrong usage has status 1 under the name of a tool, as
    /// there; help that was asked for has 0, if it could be written.
    pub(crate) fn told(&self, error: &clap::Error) -> ExitCode {
        match (error.print(), error.use_stderr(), self.tool) {
            (Err(error), false, _) => self.stopped(report::stopped(&error)),
            // Nobody is left to tell if standard error cannot be written.
            (_, true, Some(_)) => ExitCode::FAILURE,
            (_, true, None) => ExitCode::from(report::MISUSED),
            (Ok(()), false, _) => ExitCode::SUCCESS,
        }
    }

    /// What utmpdump says first, on standard error.
    pub(crate) fn title(&self, command: &Command) -> Option<String> {
        self.tool.filter(|tool| *tool == "utmpdump")?;
        let (what, file) = match command {
            Command::Dump(dump) => ("dump", dump.reading.files.first()?),
            Command::Undump(undump) => ("undump", &undump.file),
            _ => return None,
        };
        let name = FileName::new(file);
        let file = if name.is_stdin() { "/dev/stdin" } else { &name.shown };
        Some(format!("Utmp {what} of {file}"))
    }

    /// The status in the end. The tools know 0, and 1 for what could not be read.
    pub(crate) fn status(&self, report: &Report) -> ExitCode {
        match self.tool.is_some() {
            true => ExitCode::from(u8::from(report.has_failed())),
            false => report.status(),
        }
    }

    /// The status if results could not be written: `usual`, or what the tools have.
    pub(crate) fn stopped(&self, usual: ExitCode) -> ExitCode {
        match self.tool.is_some() && usual != ExitCode::SUCCESS {
            true => ExitCode::FAILURE,
            false => usual,
        }
    }
}

fn with_command(command: &str, rest: Vec<OsString>) -> Vec<OsString> {
    [command.into()].into_iter().chain(rest).collect()
}

/// `utmpdump` is `dump`, `utmpdump -r` is `undump`; both read standard input if no file is
/// named, and replace the file of `-o`.
fn utmpdump(rest: Vec<OsString>) -> Vec<OsString> {
    let is_reverse = |argument: &OsString| {
        let short = argument.to_str().and_then(|text| text.strip_prefix('-'));
        match short {
            Some(long) if long.starts_with('-') => {
                "--reverse".starts_with(&format!("-{long}")) && long.len() > 1
            }
            Some(short) => short.split('o').next().is_some_and(|flags| flags.contains('r')),
            None => false,
        }
    };
    let (reverse, mut others): (Vec<_>, Vec<_>) = rest.into_iter().partition(is_reverse);
    for cluster in reverse.iter().filter_map(|flags| flags.to_str()) {
        let others_in_it: String = cluster.chars().filter(|&c| c != 'r').collect();
        if !cluster.starts_with("--") && others_in_it.len() > 1 {
            others.insert(0, others_in_it.into());
        }
    }
    match reverse.is_empty() {
        false => {
            let is_output = |argument: &OsString| {
                argument
                    .to_str()
                    .is_some_and(|text| text.starts_with("-o") || text.starts_with("--o"))
            };
            let force = others.iter().any(is_output).then(|| "--force".into());
            let head = ["undump".into(), "--from=text".into()];
            head.into_iter().chain(force).chain(others).collect()
        }
        true => {
            if !has_file(&others, b"o", &["output"]) {
                others.push("-".into());
            }
            let long = others
                .into_iter()
                .map(|argument| if argument == "-f" { "--follow".into() } else { argument });
            with_command("dump", long.collect())
        }
    }
}

/// The tools count their times from the clock, also for a file that is named.
fn by_clock(command: &str, rest: Vec<OsString>) -> Vec<OsString> {
    let clock = std::iter::once(OsString::from("--clock"));
    with_command(command, clock.chain(numbers(rest)).collect())
}

/// `lastlog` reads this machine's file, names its users, and counts days back from now.
fn lastlog(rest: Vec<OsString>) -> Vec<OsString> {
    let chroot = |argument: OsString| match argument.to_str() {
        Some("-R") => "--root".into(),
        _ => argument,
    };
    let mut rest: Vec<OsString> = rest.into_iter().map(chroot).collect();
    let has = |rest: &[OsString], name: &str| {
        rest.iter().any(|word| word.to_str().is_some_and(|word| word.starts_with(name)))
    };
    let long =
        ["as-of", "before", "format", "layout", "max-size", "passwd", "root", "time", "tz", "user"];
    let mut head: Vec<OsString> = Vec::new();
    if !has(&rest, "--as-of") {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        head.push(format!("--as-of=@{}", now.as_secs()).into());
    }
    if !has(&rest, "--root") && !has_file(&rest, b"btu", &long) {
        if !has(&rest, "--passwd") {
            head.push("--passwd=/etc/passwd".into());
        }
        rest.push(own_log(FileKind::Lastlog).into());
    }
    with_command("lastlog", head.into_iter().chain(rest).collect())
}

/// `who` reads this machine's file if none is named.
fn who(mut rest: Vec<OsString>) -> Vec<OsString> {
    let has_root =
        rest.iter().any(|word| word.to_str().is_some_and(|word| word.starts_with("--root")));
    if !has_root && !has_file(&rest, b"", &["layout", "max-size", "tz"]) {
        rest.push(own_log(FileKind::Utmp).into());
    }
    with_command("who", rest)
}

/// Whether there is an argument that is neither an option nor the value of one, given the
/// options that have values.
fn has_file(arguments: &[OsString], short: &[u8], long: &[&str]) -> bool {
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        let wants_value = match argument.as_encoded_bytes() {
            b"--" => return arguments.next().is_some(),
            [b'-', b'-', name @ ..] => long.iter().any(|long| long.as_bytes() == name),
            [b'-', flags @ .., last] => {
                let first = flags.iter().chain([last]).position(|flag| short.contains(flag));
                first == Some(flags.len())
            }
            _ => return true,
        };
        if wants_value {
            arguments.next();
        }
    }
    false
}

/// The short options of last(1) with a value, and the long ones of `loginrec last`.
const SHORT: &[u8] = b"fnpst";
const LONG: &[&str] = &[
    "as-of",
    "file",
    "interval",
    "layout",
    "limit",
    "max-size",
    "present",
    "root",
    "since",
    "time-format",
    "tz",
    "until",
];

/// `-20` as `--limit=20`, also amid other short options, as in `-x20w`.
fn numbers(arguments: Vec<OsString>) -> Vec<OsString> {
    let mut out = Vec::with_capacity(arguments.len());
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        let bytes = argument.as_encoded_bytes();
        let (has_digits, wants_value) = match bytes {
            b"--" => {
                out.push(argument);
                out.extend(arguments);
                return out;
            }
            [b'-', b'-', long @ ..] => (false, is_long_with_value(long)),
            [b'-', short @ ..] => {
                let flags = short.iter().position(|b| SHORT.contains(b));
                let flags_only = short.get(..flags.unwrap_or(short.len())).unwrap_or_default();
                let ends = flags.is_some_and(|at| at + 1 == short.len());
                (flags_only.iter().any(u8::is_ascii_digit), ends)
            }
            _ => (false, false),
        };
        match has_digits.then(|| argument.to_str()).flatten() {
            Some(short) => split(short.trim_start_matches('-'), &mut out),
            None => out.push(argument),
        }
        if wants_value {
            out.extend(arguments.next());
        }
    }
    out
}

/// Whether the next argument is the value of this option. Options can be shortened.
fn is_long_with_value(long: &[u8]) -> bool {
    !long.is_empty() && LONG.iter().any(|name| name.as_bytes().starts_with(long))
}

/// Takes the digits out of a cluster of short options.
fn split(cluster: &str, out: &mut Vec<OsString>) {
    let with_value = cluster.find(|c: char| u8::try_from(c).is_ok_and(|b| SHORT.contains(&b)));
    let (flags, value) =
        cluster.split_at_checked(with_value.unwrap_or(cluster.len())).unwrap_or_default();
    let digits = flags.split(|c: char| !c.is_ascii_digit()).rfind(|run| !run.is_empty());
    if let Some(digits) = digits {
        out.push(format!("--limit={digits}").into());
    }
    let mut rest: String = flags.chars().filter(|c| !c.is_ascii_digit()).collect();
    rest.push_str(value);
    if !rest.is_empty() {
        out.push(format!("-{rest}").into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(line: &str) -> String {
        let called = Called::with(line.split(' ').map(OsString::from).collect());
        let words: Vec<&str> = called.arguments.iter().map(|word| word.to_str().unwrap()).collect();
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
