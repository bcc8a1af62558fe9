//! The destination of a command's rows: standard output, or the file given with `-o`.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use loginrec_sources::FileId;

use crate::ledger::Ledger;
use crate::output::pending::PendingFile;
use crate::output::writer::{Output, stdout};

/// A destination that rows are being written to.
///
/// A regular file is written under a temporary name in its folder, so that an interrupted run or a
/// full disk leaves no partial result and keeps the old content. Endless output (`--follow`) and
/// files that are not regular are written directly.
#[derive(Debug)]
pub(crate) struct Destination {
    pending: Option<PendingFile>,
}

/// How rows are written to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Writing {
    /// All at once, when they are complete.
    Whole,
    /// As they arrive.
    Endless,
    /// As they arrive, after those that it has.
    Appended,
}

/// The message for an output that is an input.
const IS_EVIDENCE: &str = "refusing to overwrite an input file";

impl Destination {
    /// Opens the given file, or else standard output.
    pub(crate) fn open(
        path: Option<&Path>,
        writing: Writing,
        ledger: &Ledger,
    ) -> io::Result<(Destination, Output)> {
        let Some(path) = path.filter(|path| path.as_os_str() != "-") else {
            if ledger.has_file(FileId::of_stdout()) {
                return Err(refused("standard output is an input file; refusing to write to it"));
            }
            return Ok((Destination { pending: None }, stdout()));
        };
        check(path, ledger)?;
        if writing == Writing::Appended {
            let file = File::options().append(true).create(true).open(path)?;
            return Ok((Destination { pending: None }, Output::file(file)));
        }
        if writing == Writing::Endless || is_special(path) {
            return Ok((Destination { pending: None }, Output::file(File::create(path)?)));
        }
        // A link is followed: its target is replaced.
        let is_link = fs::symlink_metadata(path).is_ok_and(|about| about.is_symlink());
        let path = if is_link { fs::canonicalize(path)? } else { path.to_owned() };
        let pending = match PendingFile::replacing(&path) {
            Ok(pending) => pending,
            // The file may be writable even if its folder is not.
            Err(error) if error.kind() == ErrorKind::PermissionDenied && path.is_file() => {
                return Ok((Destination { pending: None }, Output::file(File::create(path)?)));
            }
            Err(error) => return Err(error),
        };
        let out = Output::file(pending.as_file().try_clone()?);
        Ok((Destination { pending: Some(pending) }, out))
    }

    /// Renames the file to its final name, unless it turns out to be one of the input files.
    pub(crate) fn publish(self, ledger: &Ledger) -> Result<(), (PathBuf, io::Error)> {
        let Some(pending) = self.pending else { return Ok(()) };
        let path = pending.path().to_owned();
        let published = check(&path, ledger).and_then(|()| pending.publish());
        published.map_err(|error| (path, error))
    }
}

/// Rejects evidence, and devices with data of their own.
pub(crate) fn check(path: &Path, ledger: &Ledger) -> io::Result<()> {
    if ledger.has(path) {
        return Err(refused(IS_EVIDENCE));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt as _;

        if fs::metadata(path).is_ok_and(|about| about.file_type().is_block_device()) {
            return Err(refused("refusing to overwrite a block device"));
        }
    }
    Ok(())
}

fn refused(why: &str) -> io::Error {
    io::Error::new(ErrorKind::InvalidInput, why)
}

/// Returns whether the name belongs to something other than a regular file, or is a name of an open
/// file, such as `/dev/stdout`.
fn is_special(path: &Path) -> bool {
    let is_open_file = ["/dev/", "/proc/"].iter().any(|folder| path.starts_with(folder));
    is_open_file || fs::metadata(path).is_ok_and(|about| !about.is_file())
}
