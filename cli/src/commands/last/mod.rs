//! `loginrec last` and `loginrec lastb`: print the same bytes as last(1) of util-linux.
//!
//! Intended differences:
//!
//! * `--since` and `--until` choose among paired sessions; util-linux drops records before
//!   it pairs them and so loses logouts, shutdowns and boots.
//! * Nothing is asked of the host: no `gone - no logout` from its users, processes and
//!   terminals, no DNS, no clock but for relative times.
//! * A file that ends within a record is read from its beginning, the rest reported;
//!   util-linux counts from the end and reads every record askew.
//! * Control characters (tab, line feed, return and bell included) and characters that
//!   deceive are never printed; whether a character can be printed depends neither on the
//!   locale nor on the C library's tables.
//! * A last shutdown that no boot follows (`-x`) has no end and no length; util-linux ends it
//!   in 1970.
//! * A file that holds no login records is an error (exit status 1), and so is one of
//!   nothing but zeros; the other files are still listed.

pub(crate) mod applet;
pub(crate) mod args;
mod classify;
mod escape;
mod follow;
mod line_key;
mod line_table;
mod listing;
mod pairing;
mod row;
mod row_fast;
mod rows;
mod time;

use std::collections::HashSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use loginrec::FileKind;
use loginrec::contract::LastRow;

use crate::args::zone::Zone;
use crate::commands::last::args::{LastArgs, LastbArgs, ListOptions};
use crate::commands::last::classify::TypeConvention;
use crate::commands::last::follow::FollowedFiles;
use crate::commands::last::listing::Listing;
use crate::commands::last::pairing::Pairing;
use crate::diagnostics::{Diagnostics, Stop};
use crate::file_name::FileName;
use crate::input::file::Input;
use crate::input::history::History;
use crate::input::input_bytes::Access;
use crate::input::inputs::Inputs;
use crate::input::root::{self, own_log};
use crate::output::writer::Output;
use crate::run::{NamedFiles, Run};
use crate::sources::MachineFiles;

impl Run for LastArgs {
    fn resolve(&mut self, report: &mut Diagnostics) -> Result<(), String> {
        self.list.resolve(FileKind::Wtmp, report)
    }

    fn check(&self) -> Result<(), &'static str> {
        self.list.check_rows()
    }

    fn files(&self) -> NamedFiles<'_> {
        self.list.files()
    }

    fn run(&self, out: Output, report: &mut Diagnostics) -> Result<(), Stop> {
        run(&self.list, FileKind::Wtmp, out, report)
    }
}

impl Run for LastbArgs {
    fn resolve(&mut self, report: &mut Diagnostics) -> Result<(), String> {
        self.list.resolve(FileKind::Btmp, report)
    }

    fn check(&self) -> Result<(), &'static str> {
        self.list.check_rows()
    }

    fn files(&self) -> NamedFiles<'_> {
        self.list.files()
    }

    fn run(&self, out: Output, report: &mut Diagnostics) -> Result<(), Stop> {
        run(&self.list, FileKind::Btmp, out, report)
    }
}

impl ListOptions {
    /// Finds the files to list: by default this machine's own.
    fn resolve(&mut self, kind: FileKind, report: &mut Diagnostics) -> Result<(), String> {
        let mut files = self.files.clone();
        if files.is_empty() {
            for path in self.names.iter().map(Path::new).filter(|path| path.is_file()) {
                let path = FileName::new(path).shown;
                report.note(format_args!("{path} is a file: -f {path} lists it"));
            }
            if self.options.root.is_empty() {
                files.push(own_log(kind));
            }
        }
        self.sources = match self.follow {
            true => root::followed(&files, &self.options, &[], report)?,
            false => root::resolve(&files, &self.options, &[kind], report)?,
        };
        Ok(())
    }

    fn files(&self) -> NamedFiles<'_> {
        let files = NamedFiles::reading(&self.files, &self.options).written_to(&self.output);
        NamedFiles { is_followed: self.follow, ..files }
    }
}

/// Runs `last`, or `lastb` for [`FileKind::Btmp`].
fn run(
    args: &ListOptions,
    kind: FileKind,
    out: Output,
    report: &mut Diagnostics,
) -> Result<(), Stop> {
    let zone = args.tz.clone().unwrap_or_else(Zone::system);
    let mut listing = Listing::new(args, kind, zone, out)?;
    if args.dns {
        report.note("--dns: name servers are not queried; addresses are printed as stored");
        if let Some(date) = args.names.iter().filter_map(|name| name.to_str()).find(is_date_of_bsd)
        {
            report.note(format_args!(
                "-d {date} is --dns and a user called {date}, as in util-linux; what BSD's \
                 `last -d` does is --present TIME"
            ));
        }
    }
    if let Some(encoder) = &listing.rows {
        encoder.headings::<LastRow<'_>>(listing.out.lines());
    }
    if args.follow {
        return list_and_follow(&mut listing, report);
    }
    let mut inputs = Inputs::of(&args.options).among(&args.sources);
    let several = args.sources.has_several();
    let machines = args.sources.machines.iter().filter(|machine| !machine.files.is_empty());
    for (number, machine) in machines.enumerate() {
        if let Some(name) = machine.name.as_deref().filter(|_| several && listing.rows.is_none()) {
            let gap = if number > 0 { "\n" } else { "" };
            writeln!(listing.out, "{gap}==> {name} <==")?;
        }
        list(&mut listing, machine, &mut inputs, report)?;
        if listing.left == 0 {
            break;
        }
    }
    Ok(listing.out.flush()?)
}

/// Lists the files of a machine as one history, the newest record first.
fn list(
    listing: &mut Listing<'_>,
    machine: &MachineFiles,
    inputs: &mut Inputs,
    report: &mut Diagnostics,
) -> Result<(), Stop> {
    let options = &listing.args.options;
    let history = History::of(machine, inputs, refused, report)?;
    if listing.needs_now() {
        listing.count_from(history.newest())?;
    }
    let mut pairing = Pairing::new(TypeConvention::Other);
    for (name, mut input) in history.rev() {
        if listing.kind == FileKind::Wtmp && input.kind() == Some(FileKind::Btmp) {
            report.warn(name, "contains failed logins; `loginrec lastb` lists them as such");
        }
        if listing.kind == FileKind::Btmp && input.kind() == Some(FileKind::Wtmp) {
            report.warn(name, "contains logins that succeeded; `loginrec last` lists them as such");
        }
        // One file after the other, since only what is listed is read from its end.
        if let Err(why) = input.keep(Access::Random, options.max_size, name, report) {
            report.failed(name, why);
            continue;
        }
        listing.file(&mut input, name, &mut pairing, |_, _| {}, report)?;
        if listing.left == 0 {
            break;
        }
    }
    if pairing.was_full() {
        report.out_of_memory("logins are missing");
    }
    Ok(())
}

/// Lists each file by itself, then what is appended to it.
fn list_and_follow(listing: &mut Listing<'_>, report: &mut Diagnostics) -> Result<(), Stop> {
    let files: Vec<&PathBuf> = listing.args.sources.files().map(|file| &file.path).collect();
    if files.iter().any(|file| FileName::new(file).is_stdin()) {
        let why = "--follow needs files with names, not standard input";
        return Err(Stop::Usage(why.to_owned()));
    }
    let mut inputs = Inputs::of(&listing.args.options);
    let mut followed = FollowedFiles::default();
    let mut seen = HashSet::new();
    for file in files.into_iter().filter(|file| seen.insert(*file)) {
        let name = FileName::new(file);
        if !file.exists() {
            followed.add(file);
            continue;
        }
        match inputs.open_kept(Access::Random, &name, report) {
            Ok(mut input) => match refused(&input) {
                Some(why) => report.failed(&name, why),
                None => {
                    followed.add(file);
                    if listing.needs_now() {
                        listing.count_from(listing.newest(&mut input)?)?;
                    }
                    let mut pairing = Pairing::new(TypeConvention::Other);
                    let (input, pairing) = (&mut input, &mut pairing);
                    listing.file(
                        input,
                        &name,
                        pairing,
                        |record, row| followed.listed(record, row),
                        report,
                    )?;
                    if pairing.was_full() {
                        report.out_of_memory("logins are missing");
                    }
                }
            },
            Err(why) => report.failed(&name, why),
        }
    }
    listing.out.flush()?;
    Ok(followed.follow(listing, report)?)
}

/// Returns whether a name is a time as BSD's last takes it: `[[[CC]YY]MMDD]hhmm[.SS]`.
fn is_date_of_bsd(name: &&str) -> bool {
    let (digits, seconds) = name.split_once('.').unwrap_or((name, "00"));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    matches!(digits.len(), 4 | 8 | 10 | 12)
        && seconds.len() == 2
        && is_number(digits)
        && is_number(seconds)
}

/// Returns why a file has no history.
fn refused(input: &Input) -> Option<&'static str> {
    let layout = input.layout()?;
    if layout.is_failures() {
        return Some("counts failed logins, not a history; use `loginrec failures`");
    }
    let is_lastlog = layout.is_lastlog();
    is_lastlog.then_some("contains last logins, not a history; use `loginrec lastlog`")
}
