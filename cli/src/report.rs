//! What went wrong: one line each on standard error, and the exit status in the end.

use std::fmt::{self, Display};
use std::io::{self, ErrorKind, Write as _};
use std::process::ExitCode;
use std::sync::Arc;

use crate::filename::FileName;

const FOUND: u8 = 1;
pub(crate) const MISUSED: u8 = 2;
const UNREADABLE: u8 = 3;
const IN_PART: u8 = 4;
/// How many places of damage are told of one file.
const TOLD: u32 = 20;
const CUT: u32 = TOLD + 1;

/// How the files fared.
#[derive(Debug, Default)]
pub(crate) struct Report {
    read: u32,
    failed: u32,
    damaged: bool,
    misused: bool,
    found: bool,
    /// Damages of the last damaged file, and which that was.
    told: u32,
    told_of: Option<Arc<str>>,
}

impl Report {
    /// A file could be read, at least in part.
    pub(crate) fn read(&mut self) {
        self.read += 1;
    }

    /// Nothing of a file could be read.
    pub(crate) fn failed(&mut self, file: &FileName<'_>, why: impl Display) {
        self.failed += 1;
        say(file, why);
    }

    /// As [`Report::failed`], where the results say so already.
    pub(crate) fn failed_quietly(&mut self) {
        self.failed += 1;
    }

    /// Something in a file could not be read. A hostile file can have damage at every
    /// byte: the first places are told, the rest is counted.
    pub(crate) fn damaged(&mut self, file: &FileName<'_>, what: impl Display) {
        self.damaged = true;
        if self.told_of.as_ref() != Some(&file.value) {
            self.told_of = Some(file.value.clone());
            self.told = 0;
        }
        self.told += 1;
        match self.told {
            ..=TOLD => say(file, what),
            CUT => say(file, "and more of that, which is not listed"),
            _ => {}
        }
    }

    /// What was looked for in the files is there.
    pub(crate) fn found(&mut self) {
        self.found = true;
    }

    /// Something to know, which does not change the exit status.
    pub(crate) fn warn(&self, file: &FileName<'_>, what: impl Display) {
        say(file, what);
    }

    /// The options ask for what cannot be; clap could not see that.
    pub(crate) fn misused(&mut self, why: impl Display) {
        self.misused = true;
        self.note(why);
    }

    /// Something to know that is not about a file.
    pub(crate) fn note(&self, what: impl Display) {
        line(format_args!("{what}"));
    }

    /// What begins standard error, as it is.
    pub(crate) fn title(&self, title: &str) {
        let _ = writeln!(io::stderr(), "{title}");
    }

    /// Whether something could not be read at all, or not be asked for.
    pub(crate) fn has_failed(&self) -> bool {
        self.failed > 0 || self.misused
    }

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

fn say(file: &FileName<'_>, what: impl Display) {
    let file = if file.is_stdin() { "standard input" } else { &file.shown };
    line(format_args!("{file}: {what}"));
}

/// Nobody is left to tell if standard error cannot be written.
fn line(message: fmt::Arguments<'_>) {
    let _ = writeln!(io::stderr(), "loginrec: {message}");
}

/// The results cannot be written. A reader that has seen enough, as `head`, is no error.
pub(crate) fn stopped(error: &io::Error) -> ExitCode {
    if error.kind() == ErrorKind::BrokenPipe {
        return ExitCode::SUCCESS;
    }
    line(format_args!("cannot write: {}", reason(error)));
    ExitCode::from(UNREADABLE)
}

/// An error of the system without its number.
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
