//! Messages on standard error, one line each, and the exit status.

use std::fmt::{self, Display};
use std::io::{self, ErrorKind, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use loginrec::contract::Source;

use crate::file_name::{FileName, Owner};
use crate::ledger::Ledger;

pub(crate) const EXIT_STATUS: &str = "\
Exit status:
  0  everything was read
  2  wrong usage
  3  nothing was readable or recognized, or the result could not be written
  4  partly read: results are printed, damage is reported on standard error";

const FOUND: u8 = 1;
pub(crate) const MISUSED: u8 = 2;
const UNREADABLE: u8 = 3;
const IN_PART: u8 = 4;
/// The most damage reports per file.
const REPORTED: u32 = 20;
const CUT_OFF: u32 = REPORTED + 1;
const NO_MEMORY: &str = "not enough memory for these files";

/// Reports what is wrong and counts it for the exit status.
#[derive(Debug, Default)]
pub(crate) struct Diagnostics {
    read: u32,
    failed: u32,
    damaged: bool,
    misused: bool,
    found: bool,
    /// Whether nothing is printed or counted.
    is_quiet: bool,
    /// Damage of the last damaged file, and which file that was.
    reported: u32,
    reported_file: Option<Arc<str>>,
    /// The files that are read, and must not be written.
    pub(crate) ledger: Ledger,
    /// What could not be read, for outputs that have it in rows.
    pub(crate) faults: Faults,
}

/// Files, and parts of files, that could not be read.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    /// The most that are kept.
    const KEPT: usize = 1 << 16;

    #[cfg_attr(
        not(feature = "parquet"),
        expect(dead_code, reason = "only columns have it in rows")
    )]
    pub(crate) fn list(&self) -> &[Fault] {
        &self.0
    }

    fn add(&mut self, file: &FileName<'_>, error: String) {
        if self.0.len() < Faults::KEPT {
            self.0.push(Fault { file: file.value.clone(), owner: file.owner.clone(), error });
        }
    }
}

/// A file, or a part of it, that could not be read.
#[derive(Debug)]
#[cfg_attr(not(feature = "parquet"), expect(dead_code, reason = "only columns have it in rows"))]
pub(crate) struct Fault {
    file: Arc<str>,
    owner: Option<Arc<Owner>>,
    /// The reason.
    pub(crate) error: String,
}

impl Fault {
    /// Returns the machine and the file, as rows have them.
    #[cfg_attr(
        not(feature = "parquet"),
        expect(dead_code, reason = "only columns have it in rows")
    )]
    pub(crate) fn source(&self) -> Source<'_> {
        let machine = self.owner.as_deref().map(Owner::machine);
        Source { machine, file: Some(&self.file) }
    }
}

impl Diagnostics {
    /// Counts a file that could be read, at least in part.
    pub(crate) fn read(&mut self) {
        self.read += 1;
    }

    /// Reports a file of which nothing could be read.
    pub(crate) fn failed(&mut self, file: &FileName<'_>, why: impl Display) {
        self.failed += 1;
        self.fault(file, &why);
        self.print_about(file, why);
    }

    /// Counts a file of which nothing could be read, and which has been reported already.
    pub(crate) fn failed_quietly(&mut self) {
        self.failed += 1;
    }

    /// Reports damage in a file. A hostile file can have damage at every byte, so only the
    /// first places are printed.
    pub(crate) fn damaged(&mut self, file: &FileName<'_>, what: impl Display) {
        self.damaged = true;
        if self.reported_file.as_ref() != Some(&file.value) {
            self.reported_file = Some(file.value.clone());
            self.reported = 0;
        }
        self.reported += 1;
        match self.reported {
            ..=REPORTED => {
                self.fault(file, &what);
                self.print_about(file, what);
            }
            CUT_OFF => {
                let more = "further damage is not listed";
                self.fault(file, more);
                self.print_about(file, more);
            }
            _ => {}
        }
    }

    fn fault(&mut self, file: &FileName<'_>, what: impl Display) {
        self.faults.add(file, what.to_string());
    }

    /// Reports what is missing because memory ran out.
    pub(crate) fn out_of_memory(&mut self, missing: &str) {
        self.damaged = true;
        self.note(format_args!("{NO_MEMORY}: {missing}"));
    }

    /// Notes that the files contain what was looked for.
    pub(crate) fn found(&mut self) {
        self.found = true;
    }

    /// Prints a warning about a file; the exit status does not change.
    pub(crate) fn warn(&self, file: &FileName<'_>, what: impl Display) {
        self.print_about(file, what);
    }

    /// Reports wrong usage that clap could not see.
    pub(crate) fn misused(&mut self, why: impl Display) {
        self.misused = true;
        self.note(why);
    }

    /// Prints a message that is not about a file.
    pub(crate) fn note(&self, what: impl Display) {
        if !self.is_quiet {
            print(format_args!("{what}"));
        }
    }

    fn print_about(&self, file: &FileName<'_>, what: impl Display) {
        if !self.is_quiet {
            print_about(file, what);
        }
    }

    /// Runs a function that reads files once more: what is wrong with them has been reported and
    /// counted.
    pub(crate) fn quietly<T>(&mut self, f: impl FnOnce(&mut Diagnostics) -> T) -> T {
        let Diagnostics { read, failed, damaged, .. } = *self;
        let was_quiet = std::mem::replace(&mut self.is_quiet, true);
        let result = f(self);
        (self.read, self.failed, self.damaged, self.is_quiet) = (read, failed, damaged, was_quiet);
        result
    }

    /// Prints a line as it is.
    pub(crate) fn title(&self, title: &str) {
        let _ = writeln!(io::stderr(), "{title}");
    }

    /// Returns whether a file could not be read at all, or the usage was wrong.
    pub(crate) fn has_failed(&self) -> bool {
        self.failed > 0 || self.misused
    }

    /// Returns the exit status; see [`EXIT_STATUS`].
    pub(crate) fn status(&self) -> ExitCode {
        if self.misused {
            return ExitCode::from(MISUSED);
        }
        match (self.read, self.failed, self.damaged) {
            (0, 1.., _) => ExitCode::from(UNREADABLE),
            _ if self.found => ExitCode::from(FOUND),
            (_, 1.., _) | (_, _, true) => ExitCode::from(IN_PART),
            _ => ExitCode::SUCCESS,
        }
    }
}

fn print_about(file: &FileName<'_>, what: impl Display) {
    let file = if file.is_stdin() { "standard input" } else { &file.shown };
    print(format_args!("{file}: {what}"));
}

/// Prints a message. If standard error cannot be written, there is nowhere to report that.
fn print(message: fmt::Arguments<'_>) {
    let _ = writeln!(io::stderr(), "loginrec: {message}");
}

/// Why a command ends before it is done.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The results cannot be written.
    Output(io::Error),
    /// Wrong usage that clap could not see, with a message for the user.
    Usage(String),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Stop {
        Stop::Output(error)
    }
}

impl From<String> for Stop {
    fn from(why: String) -> Stop {
        Stop::Usage(why)
    }
}

/// Reports that the results cannot be written, and returns the exit status. A closed pipe, such
/// as that of `head`, is not an error.
pub(crate) fn stopped(error: &io::Error) -> ExitCode {
    if error.kind() == ErrorKind::BrokenPipe {
        return ExitCode::SUCCESS;
    }
    match error.kind() {
        ErrorKind::OutOfMemory => print(format_args!("{NO_MEMORY}")),
        _ => print(format_args!("cannot write: {}", reason(error))),
    }
    ExitCode::from(UNREADABLE)
}

/// Reports that a file cannot be written, and returns the exit status.
pub(crate) fn unwritten(path: &Path, error: &io::Error) -> ExitCode {
    print_about(&FileName::new(path), reason(error));
    ExitCode::from(UNREADABLE)
}

/// Returns the text of a system error without its number.
pub(crate) fn reason(error: &io::Error) -> String {
    let words = match error.kind() {
        ErrorKind::IsADirectory => "is a directory".to_owned(),
        ErrorKind::NotFound => "no such file".to_owned(),
        ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    };
    match words.split_once(" (os error") {
        Some((words, _)) => words.to_owned(),
        None => words,
    }
}
