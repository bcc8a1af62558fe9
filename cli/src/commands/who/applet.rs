//! who(1) called by its own name.

use std::ffi::OsString;

use clap::Command;
use loginrec::FileKind;

use crate::args::applet::{Applet, has_operand, with_command};
use crate::input::root::own_log;

pub(crate) static WHO: Applet = Applet { name: "who", rewrite: who, respell: None };

/// Reads this machine's file if none is named.
fn who(program: &Command, mut rest: Vec<OsString>) -> Vec<OsString> {
    let has_root =
        rest.iter().any(|word| word.to_str().is_some_and(|word| word.starts_with("--root")));
    let names_file =
        program.find_subcommand("who").is_some_and(|command| has_operand(command, &rest));
    if !has_root && !names_file {
        rest.push(own_log(FileKind::Utmp).into());
    }
    with_command("who", rest)
}
