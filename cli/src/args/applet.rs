//! Older tools whose names this program can be called by.

use std::ffi::OsString;

use clap::{Arg, Command};

/// Rewrites arguments, given the definition of the command line.
pub(crate) type Rewrite = fn(&Command, Vec<OsString>) -> Vec<OsString>;

/// One older tool.
#[derive(Debug)]
pub(crate) struct Applet {
    /// The name of the tool and of the link to this program.
    pub(crate) name: &'static str,
    /// Turns the tool's arguments into those of `loginrec`, the command first.
    pub(crate) rewrite: Rewrite,
    /// Turns spellings of the tool that clap does not know into others. It also applies to the
    /// command of the tool's name.
    pub(crate) respell: Option<Rewrite>,
}

/// Puts the name of a command before its arguments.
pub(crate) fn with_command(command: &str, rest: Vec<OsString>) -> Vec<OsString> {
    [command.into()].into_iter().chain(rest).collect()
}

/// Returns whether an argument is neither an option nor the value of one.
pub(crate) fn has_operand(command: &Command, arguments: &[OsString]) -> bool {
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        match argument.as_encoded_bytes() {
            b"--" => return arguments.next().is_some(),
            [b'-', _, ..] if wants_value(command, argument) => _ = arguments.next(),
            [b'-', _, ..] => {}
            _ => return true,
        }
    }
    false
}

/// Returns whether the value of this option is the next argument. Long options may be abbreviated.
fn wants_value(command: &Command, option: &OsString) -> bool {
    let has_value = |arg: &Arg| arg.get_action().takes_values() && !arg.is_require_equals_set();
    match option.as_encoded_bytes() {
        [b'-', b'-', name @ ..] => {
            let long = |arg: &&Arg| arg.get_long().unwrap_or_default().as_bytes() == name;
            let begins =
                |arg: &&Arg| arg.get_long().is_some_and(|long| long.as_bytes().starts_with(name));
            match command.get_arguments().find(long) {
                _ if name.is_empty() => false,
                Some(arg) => has_value(arg),
                None => command.get_arguments().filter(begins).any(has_value),
            }
        }
        [b'-', flags @ ..] => {
            let first = flags.iter().position(|&flag| is_short_with_value(command, flag.into()));
            first.is_some_and(|at| at + 1 == flags.len())
        }
        _ => false,
    }
}

/// Returns whether a short option has a value: the rest of its argument or the next one.
fn is_short_with_value(command: &Command, flag: char) -> bool {
    let mut arguments = command.get_arguments();
    arguments.any(|arg| arg.get_short() == Some(flag) && arg.get_action().takes_values())
}

/// Writes `-20` as `--limit=20` for a command with that option, also among other short options,
/// such as in `-x20w`.
pub(crate) fn limits(command: &Command, arguments: Vec<OsString>) -> Vec<OsString> {
    let mut out = Vec::with_capacity(arguments.len());
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        if argument == "--" {
            out.push(argument);
            out.extend(arguments);
            return out;
        }
        let has_value_next = wants_value(command, &argument);
        match argument.to_str().and_then(|text| split(command, text)) {
            Some(options) => out.extend(options),
            None => out.push(argument),
        }
        if has_value_next {
            out.extend(arguments.next());
        }
    }
    out
}

/// Splits the digits from a cluster of short options, if there are any.
fn split(command: &Command, argument: &str) -> Option<Vec<OsString>> {
    let cluster = argument.strip_prefix('-').filter(|rest| !rest.starts_with('-'))?;
    let with_value = cluster.find(|flag| is_short_with_value(command, flag));
    let (flags, value) = cluster.split_at_checked(with_value.unwrap_or(cluster.len()))?;
    let digits = flags.split(|c: char| !c.is_ascii_digit()).rfind(|run| !run.is_empty())?;
    let limit = format!("--limit={digits}");
    let mut rest: String = flags.chars().filter(|c| !c.is_ascii_digit()).collect();
    rest.push_str(value);
    let rest = (!rest.is_empty()).then(|| format!("-{rest}"));
    Some([Some(limit), rest].into_iter().flatten().map(OsString::from).collect())
}
