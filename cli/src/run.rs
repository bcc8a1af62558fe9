//! The interface between the program and a command's arguments.

use std::path::{Path, PathBuf};

use clap::Args;
use loginrec::FileKind;

use crate::args::follow::FollowOptions;
use crate::args::format::OutputFormat;
use crate::args::output::{ManifestOptions, OutputOptions};
use crate::args::reading::{ReadOptions, Reading};
use crate::diagnostics::{Diagnostics, Stop};
use crate::output::writer::Output;

/// The arguments of one command, which can be checked and run.
pub(crate) trait Run: Args {
    /// Returns the input options, and the kinds of files for the command (empty: all kinds). `None`
    /// if it reads no login records.
    fn reading(&mut self) -> Option<(&mut Reading, &'static [FileKind])> {
        None
    }

    /// Finds the files to read, before any is opened. The error is a message for the user.
    fn resolve(&mut self, report: &mut Diagnostics) -> Result<(), String> {
        self.reading().map_or(Ok(()), |(reading, kinds)| reading.resolve(kinds, report))
    }

    /// Returns the files that are read and written.
    fn files(&self) -> NamedFiles<'_> {
        NamedFiles::default()
    }

    /// Checks what clap cannot express. The error is a message for the user.
    fn check(&self) -> Result<(), &'static str> {
        Ok(())
    }

    /// Runs the command. Rows go to `out`, problems with single files to `report`.
    fn run(&self, out: Output, report: &mut Diagnostics) -> Result<(), Stop>;
}

/// The files on a command line.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct NamedFiles<'a> {
    /// Files to read.
    pub(crate) named: &'a [PathBuf],
    pub(crate) passwd: Option<&'a Path>,
    /// The file for the rows.
    pub(crate) output: Option<&'a Path>,
    /// Whether rows are written to it as they arrive, without an end.
    pub(crate) is_followed: bool,
    /// Whether rows are added to those that it has.
    pub(crate) is_appended: bool,
    /// A file that the command itself writes.
    pub(crate) written: Option<&'a Path>,
    pub(crate) manifest: Option<&'a Path>,
    /// Whether the rows are binary, and name the sources with their checksums.
    pub(crate) is_binary: bool,
}

impl<'a> NamedFiles<'a> {
    pub(crate) fn of(reading: &'a Reading) -> NamedFiles<'a> {
        NamedFiles::reading(&reading.files, &reading.options)
    }

    pub(crate) fn reading(named: &'a [PathBuf], options: &'a ReadOptions) -> NamedFiles<'a> {
        let files = NamedFiles { named, ..NamedFiles::default() };
        files.listed(&options.manifest)
    }

    pub(crate) fn listed(self, options: &'a ManifestOptions) -> NamedFiles<'a> {
        NamedFiles { manifest: options.manifest.as_deref(), ..self }
    }

    pub(crate) fn written_to(self, options: &'a OutputOptions) -> NamedFiles<'a> {
        NamedFiles { output: options.output.as_deref(), ..self }
    }

    pub(crate) fn following(self, options: &'a FollowOptions) -> NamedFiles<'a> {
        let cursor = options.cursor.as_deref();
        let (is_followed, is_appended) = (options.follow, cursor.is_some());
        NamedFiles { is_followed, is_appended, written: cursor, ..self }
    }

    pub(crate) fn in_format(self, format: OutputFormat) -> NamedFiles<'a> {
        NamedFiles { is_binary: format.is_columnar(), ..self }
    }

    pub(crate) fn passwd(self, passwd: Option<&'a PathBuf>) -> NamedFiles<'a> {
        NamedFiles { passwd: passwd.map(PathBuf::as_path), ..self }
    }
}
