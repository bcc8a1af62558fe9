//! `last` and `lastb` called by their own names, and `-NUMBER`.

use std::ffi::OsString;

use clap::Command;

use crate::args::applet::{Applet, is_short_with_value, wants_value, with_command};

pub(crate) static LAST: Applet = Applet {
    name: "last",
    rewrite: |program, rest| by_clock("last", program, rest),
    respell: Some(numbers),
};

pub(crate) static LASTB: Applet = Applet {
    name: "lastb",
    rewrite: |program, rest| by_clock("lastb", program, rest),
    respell: Some(numbers),
};

/// Reads relative times from the clock, as the tools do, also for a file that is given.
fn by_clock(command: &str, program: &Command, rest: Vec<OsString>) -> Vec<OsString> {
    let clock = std::iter::once(OsString::from("--clock"));
    with_command(command, clock.chain(numbers(program, rest)).collect())
}

/// Writes `-20` as `--limit=20`, also among other short options, such as in `-x20w`.
fn numbers(program: &Command, arguments: Vec<OsString>) -> Vec<OsString> {
    let Some(last) = program.find_subcommand("last") else { return arguments };
    let mut out = Vec::with_capacity(arguments.len());
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        if argument == "--" {
            out.push(argument);
            out.extend(arguments);
            return out;
        }
        let has_value_next = wants_value(last, &argument);
        match argument.to_str().and_then(|text| split(last, text)) {
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
fn split(last: &Command, argument: &str) -> Option<Vec<OsString>> {
    let cluster = argument.strip_prefix('-').filter(|rest| !rest.starts_with('-'))?;
    let with_value = cluster.find(|flag| is_short_with_value(last, flag));
    let (flags, value) = cluster.split_at_checked(with_value.unwrap_or(cluster.len()))?;
    let digits = flags.split(|c: char| !c.is_ascii_digit()).rfind(|run| !run.is_empty())?;
    let limit = format!("--limit={digits}");
    let mut rest: String = flags.chars().filter(|c| !c.is_ascii_digit()).collect();
    rest.push_str(value);
    let rest = (!rest.is_empty()).then(|| format!("-{rest}"));
    Some([Some(limit), rest].into_iter().flatten().map(OsString::from).collect())
}
