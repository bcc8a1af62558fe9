//! Reads, writes and recognises the Unix login records of every platform.
#![forbid(unsafe_code)]
#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used))]
#![cfg_attr(not(test), deny(clippy::panic, clippy::unreachable))]

mod args;
mod calendar;
mod detect;
mod dump;
mod filename;
mod help;
mod hex;
mod input;
mod json;
mod layout_name;
mod layouts;
mod output;
mod parse_json;
mod parse_text;
mod pieces;
mod report;
mod row;
mod sheet;
mod table;
mod text;
mod undump;
#[expect(dead_code, reason = "the next commands use it")]
mod zone;

use std::io;
use std::process::ExitCode;

use crate::args::{Cli, Command};
use crate::report::Report;

fn main() -> ExitCode {
    let cli = Cli::read();
    let mut report = Report::default();
    match run(&cli, &mut report) {
        Ok(()) => report.status(),
        Err(error) => report::stopped(&error),
    }
}

/// Only writing the results can fail as a whole; what is wrong with a file goes to `report`.
fn run(cli: &Cli, report: &mut Report) -> io::Result<()> {
    match &cli.command {
        Command::Dump(args) => dump::run(args, report),
        Command::Undump(args) => undump::run(args, report),
        Command::Detect(args) => detect::run(args, report),
        Command::Layouts(args) => layouts::run(args),
        Command::Completions { shell } => help::completions(*shell),
        Command::Man { command } => help::man(command.as_deref()),
    }
}
