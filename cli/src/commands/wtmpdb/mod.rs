//! `loginrec wtmpdb`: prints the same bytes as `wtmpdb last` and `wtmpdb boottime`.
//!
//! Intended differences:
//!
//! * Control characters, deceptive characters and bytes that are not UTF-8, such as a character
//!   that a column cuts in two, are escaped; strings of `-j` are valid JSON.
//! * No name server is asked: `-d` and `-i` print the host that is stored.
//! * A row whose login is NULL, which stops the tool, is left out and reported.
//! * A log or a journal beside the database is read, not written back.

pub(crate) mod args;
mod line;
mod print;
mod rows;

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Command;
use loginrec::{Container, FileKind};

use crate::args::applet::{Applet, limits, with_command};
use crate::args::zone::Zone;
pub(crate) use crate::commands::wtmpdb::args::WtmpdbArgs;
use crate::commands::wtmpdb::args::{Action, Common, LastOptions};
use crate::commands::wtmpdb::print::Printer;
use crate::commands::wtmpdb::rows::{Filter, Row};
use crate::diagnostics::{Diagnostics, Stop};
use crate::file_name::FileName;
use crate::input::databases::ToolDatabases;
use crate::input::file::Input;
use crate::input::root::{self, own_database};
use crate::output::writer::Output;
use crate::run::{NamedFiles, Run};

/// wtmpdb(8) called by its own name.
pub(crate) static WTMPDB: Applet = Applet {
    name: "wtmpdb",
    rewrite: |program, rest| {
        let mut rest = numbers(program, rest);
        if rest.first().is_some_and(|first| first == "last") {
            rest.insert(1, "--clock".into());
        }
        with_command("wtmpdb", rest)
    },
    respell: Some(numbers),
};

/// Writes `-20` as `--limit=20` after `last`.
fn numbers(program: &Command, mut arguments: Vec<OsString>) -> Vec<OsString> {
    let command = program.find_subcommand("wtmpdb");
    match command.and_then(|command| command.find_subcommand("last")) {
        Some(last) if arguments.first().is_some_and(|first| first == "last") => {
            let rest = arguments.split_off(1);
            arguments.extend(limits(last, rest));
            arguments
        }
        _ => arguments,
    }
}

impl Run for WtmpdbArgs {
    fn resolve(&mut self, report: &mut Diagnostics) -> Result<(), String> {
        let Some(common) = self.action.common_mut() else { return Ok(()) };
        let mut files: Vec<PathBuf> = common.file.iter().cloned().collect();
        if files.is_empty() && common.options.root.is_empty() {
            files.push(own_database(FileKind::Wtmp));
        }
        common.sources = root::resolve(&files, &common.options, &[FileKind::Wtmp], report)?;
        Ok(())
    }

    fn files(&self) -> NamedFiles<'_> {
        let Some(common) = self.action.common() else { return NamedFiles::default() };
        let named = common.file.as_slice();
        NamedFiles::reading(named, &common.options).written_to(&common.output)
    }

    fn check(&self) -> Result<(), &'static str> {
        match &self.action {
            Action::Last(_) | Action::Boottime(_) => Ok(()),
            _ => Err("writes to the database; loginrec never changes what it reads"),
        }
    }

    fn run(&self, mut out: Output, report: &mut Diagnostics) -> Result<(), Stop> {
        match &self.action {
            Action::Last(last) => list(last, &mut out, report)?,
            Action::Boottime(common) => boot_time(common, &mut out, report)?,
            _ => {}
        }
        Ok(out.flush()?)
    }
}

fn list(args: &LastOptions, out: &mut Output, report: &mut Diagnostics) -> Result<(), Stop> {
    let zone = args.common.zone();
    each(&args.common, out, report, |input, name, out, report| {
        let mut rows = rows(input, name, report)?;
        rows.sort_by_key(Row::order);
        let now = || match args.clock {
            true => clock(),
            false => rows.first().map_or(0, Row::begin),
        };
        let seconds = |time: &Option<_>, option| match time {
            Some(time) => crate::args::time::TimeArg::resolve(time, option, &zone, now).map(Some),
            None => Ok(None),
        };
        let filter = Filter {
            since: seconds(&args.since, "since")?,
            until: seconds(&args.until, "until")?,
            present: seconds(&args.present, "present")?,
            names: &args.names,
        };
        // The tool calls the file by another name if none was named.
        let title = match args.common.file {
            None if args.common.options.root.is_empty() => "wtmpdb",
            _ => &name.shown,
        };
        let mut printer = Printer::new(args, &zone, out);
        printer.print(&rows, &filter, title)?;
        Ok(())
    })
}

fn boot_time(args: &Common, out: &mut Output, report: &mut Diagnostics) -> Result<(), Stop> {
    let zone = args.zone();
    each(args, out, report, |input, name, out, report| {
        let rows = rows(input, name, report)?;
        let boots = rows.iter().filter(|row| row.user() == b"reboot");
        match boots.map(Row::begin).max() {
            Some(boot) => print::boot_time(out.lines(), boot, &zone),
            None => report.failed(name, "contains no boot"),
        }
        Ok(())
    })
}

/// Calls `f` with each database.
fn each(
    args: &Common,
    out: &mut Output,
    report: &mut Diagnostics,
    mut f: impl FnMut(&mut Input, &FileName<'_>, &mut Output, &mut Diagnostics) -> Result<(), Stop>,
) -> Result<(), Stop> {
    DATABASES.each(&args.sources, &args.options, report, |input, name, heading, report| {
        out.write_all(heading.as_bytes())?;
        f(input, name, out, report)
    })
}

const DATABASES: ToolDatabases = ToolDatabases {
    includes: is_wtmpdb,
    refusal: "is not a database of wtmpdb; use `loginrec last -f FILE`",
};

/// Returns whether the file is a history in a database. A file of no bytes is one without rows.
fn is_wtmpdb(input: &Input) -> bool {
    input
        .layout()
        .is_none_or(|layout| layout.container == Container::Sqlite && layout.holds(FileKind::Wtmp))
}

/// Reads the rows of a database.
fn rows(input: &mut Input, name: &FileName<'_>, report: &mut Diagnostics) -> io::Result<Vec<Row>> {
    let (mut rows, mut timeless) = (Vec::new(), 0_u64);
    input.records(name, report, |record| {
        match Row::of(record) {
            Some(row) => rows.push(row),
            None => timeless += 1,
        }
        Ok(())
    })?;
    if timeless > 0 {
        report.warn(name, format_args!("{timeless} rows without a login time are left out"));
    }
    Ok(rows)
}

impl Common {
    fn zone(&self) -> Zone {
        self.tz.clone().unwrap_or_else(Zone::system)
    }
}

/// Seconds since 1970, by the clock of this machine.
fn clock() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(now.as_secs()).unwrap_or(i64::MAX)
}
