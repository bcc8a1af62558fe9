//! lastlog(8) called by its own name.

use std::ffi::OsString;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Command;
use loginrec::FileKind;

use crate::args::applet::{Applet, has_operand, with_command};
use crate::input::root::own_log;

pub(crate) static LASTLOG: Applet = Applet { name: "lastlog", rewrite: lastlog, respell: None };

/// Reads this machine's file, takes user names from its passwd, and counts days back from now.
fn lastlog(program: &Command, rest: Vec<OsString>) -> Vec<OsString> {
    let chroot = |argument: OsString| match argument.to_str() {
        Some("-R") => "--root".into(),
        _ => argument,
    };
    let mut rest: Vec<OsString> = rest.into_iter().map(chroot).collect();
    let has = |rest: &[OsString], name: &str| {
        rest.iter().any(|word| word.to_str().is_some_and(|word| word.starts_with(name)))
    };
    let mut head: Vec<OsString> = Vec::new();
    let counts_days = ["-b", "--before", "-t", "--time"].iter().any(|name| has(&rest, name));
    if counts_days && !has(&rest, "--as-of") {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        head.push(format!("--as-of=@{}", now.as_secs()).into());
    }
    let names_file =
        program.find_subcommand("lastlog").is_some_and(|command| has_operand(command, &rest));
    if !has(&rest, "--root") && !names_file {
        if !has(&rest, "--passwd") {
            head.push("--passwd=/etc/passwd".into());
        }
        rest.push(own_log(FileKind::Lastlog).into());
    }
    with_command("lastlog", head.into_iter().chain(rest).collect())
}
