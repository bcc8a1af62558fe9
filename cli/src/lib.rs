//! Reads, writes and recognises the Unix login records of every platform: the program
//! `loginrec`. As a library it offers nothing stable; see the crate `loginrec` for that.
#![forbid(unsafe_code)]
#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used))]
#![cfg_attr(not(test), deny(clippy::panic, clippy::unreachable))]

mod args;
mod audit;
mod audit_text;
mod boots;
mod buffer;
mod calendar;
mod carve;
mod carve_out;
mod carve_scan;
mod carve_source;
mod detect;
mod digits;
mod dump;
mod dump_windows;
mod filename;
mod follow;
mod follower;
mod help;
mod hex;
mod holes;
mod input;
mod json;
mod last;
mod lastlog;
mod lastlog_form;
mod lastlog_rows;
mod layout_name;
mod layouts;
mod length;
mod merge;
mod output;
mod parse_json;
mod parse_text;
mod passwd;
mod person;
mod personality;
mod pieces;
mod plain;
mod positioned;
mod printer;
#[doc(hidden)]
pub mod probe;
mod report;
mod root;
mod row;
mod sessions;
mod sha256;
mod sheet;
mod size;
mod source;
mod sources;
mod span;
mod table;
mod text;
mod time_arg;
mod timeline;
mod undump;
mod unpack;
mod who;
mod who_line;
mod workers;
mod zone;

use std::io;
use std::process::ExitCode;

use loginrec::FileKind;

use crate::args::{Cli, Command};
use crate::personality::Called;
use crate::report::Report;

/// The whole program: reads the command line, gives the exit status.
pub fn main() -> ExitCode {
    let called = Called::now();
    let mut cli = match Cli::read(&called) {
        Ok(cli) => cli,
        Err(status) => return status,
    };
    let mut report = Report::default();
    if let Some(title) = called.title(&cli.command) {
        report.title(&title);
    }
    if let Some((reading, kinds)) = cli.command.reading() {
        reading.look_below_root(kinds, &mut report);
    }
    match run(&cli, &mut report) {
        Ok(()) => called.status(&report),
        Err(error) => called.stopped(report::stopped(&error)),
    }
}

/// Only writing the results can fail as a whole; what is wrong with a file goes to `report`.
fn run(cli: &Cli, report: &mut Report) -> io::Result<()> {
    match &cli.command {
        Command::Dump(args) => dump::run(args, report),
        Command::Undump(args) => undump::run(args, report),
        Command::Detect(args) => detect::run(args, report),
        Command::Layouts(args) => layouts::run(args),
        Command::Last(args) => last::run(args, FileKind::Wtmp, report),
        Command::Lastb(args) => last::run(args, FileKind::Btmp, report),
        Command::Lastlog(args) => lastlog::run(args, report),
        Command::Who(args) => who::run(args, report),
        Command::Sessions(args) => sessions::run(args, report),
        Command::Boots(args) => boots::run(args, report),
        Command::Audit(args) => audit::run(args, report),
        Command::Carve(args) => carve::run(args, report),
        Command::Timeline(args) => timeline::run(args, report),
        Command::Completions { shell } => help::completions(*shell),
        Command::Man { command } => help::man(command.as_deref()),
    }
}
