//! Files that commands write.

use std::path::PathBuf;

use clap::{Args, ValueHint};

/// The destination of rows.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct OutputOptions {
    /// Write to FILE, which is replaced once the result is complete. Input files are never
    /// overwritten. Default: standard output
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,
}

/// The manifest of the sources that were read.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct ManifestOptions {
    /// List every source that was read in FILE, with its SHA-256 and path, as `sha256sum -c`
    /// takes it; if FILE ends in .jsonl, as JSON lines with the size as well, and with the members
    /// of archives. Sources are
    /// hashed as stored. Each file is read one more time, including holes
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) manifest: Option<PathBuf>,
}
