//! `last` and `lastb` called by their own names, and `-NUMBER`.

use std::ffi::OsString;

use clap::Command;

use crate::args::applet::{Applet, limits, with_command};

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

/// Writes `-20` as `--limit=20`.
fn numbers(program: &Command, arguments: Vec<OsString>) -> Vec<OsString> {
    match program.find_subcommand("last") {
        Some(last) => limits(last, arguments),
        None => arguments,
    }
}
