//! Options for reading what is new.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueHint};

use crate::args::format::OutputFormat;
use crate::args::interval;
use crate::file_name::FileName;

/// How files that grow are read.
#[derive(Clone, Debug, Args)]
pub(crate) struct FollowOptions {
    /// Keep running and print what is new as it arrives (stop with Ctrl-C). A file that is rotated,
    /// replaced or cut is read on where it went; a missing file is waited for. With --root: the
    /// current wtmps and btmps, not their rotated copies
    #[arg(long, conflicts_with = "manifest")]
    pub(crate) follow: bool,

    /// With --follow or --cursor: leave out what is there at the first start
    #[arg(long)]
    pub(crate) new_only: bool,

    /// Note in FILE how far each file was read, and begin there the next time: nothing is lost or
    /// printed twice if a file is rotated, copied, cut or replaced in between. Without --follow:
    /// print what is new since the last run, and end. --output appends
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "manifest")]
    pub(crate) cursor: Option<PathBuf>,

    /// With --follow: the time between two checks
    #[arg(long, value_name = "SECONDS", value_parser = interval::interval, default_value = "0.5",
        requires = "follow")]
    pub(crate) interval: Duration,
}

impl FollowOptions {
    /// Returns whether files are read from where they were read before, or as they grow.
    pub(crate) fn is_given(&self) -> bool {
        self.follow || self.cursor.is_some()
    }

    /// Checks what clap cannot express.
    pub(crate) fn check(
        &self,
        format: OutputFormat,
        files: &[PathBuf],
    ) -> Result<(), &'static str> {
        if self.is_given() && format.is_columnar() {
            return Err("--follow and --cursor have no end, which --format parquet and arrow need");
        }
        if self.is_given() && files.iter().any(|file| FileName::new(file).is_stdin()) {
            return Err("--follow and --cursor need files with names, not standard input");
        }
        match self.new_only && !self.is_given() {
            true => Err("--new-only needs --follow or --cursor"),
            false => Ok(()),
        }
    }
}
