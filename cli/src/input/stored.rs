//! Opens sources in stored form, enters them in the ledger and, with `--manifest`, hashes them.

use std::fs::File;
use std::io::{self, Read, Seek as _};
use std::path::Path;
use std::rc::Rc;

use loginrec_sources::{is_descriptor, open_evidence, sha256};

use crate::diagnostics::{Diagnostics, reason};
use crate::file_name::FileName;
use crate::input::held_file::HeldFile;

/// An open source.
pub(crate) enum Stored {
    /// A regular file or a block device, at its beginning.
    File(File),
    /// A member of an archive.
    Held(HeldFile),
    /// A source that can be read only once: a pipe, a terminal.
    Once(Box<dyn Read>),
}

/// Opens a source. From then on it is treated as evidence.
pub(crate) fn open(name: &FileName<'_>, report: &mut Diagnostics) -> io::Result<Stored> {
    if let Some(path) = name.path()
        && let Some(held) = report.ledger.member(path)
    {
        let held = HeldFile::new(Rc::clone(&held.bytes));
        if report.ledger.wants(path) {
            report.ledger.add_member(path, sha256(held.clone())?);
        }
        return Ok(Stored::Held(held));
    }
    let (path, file) = match name.path() {
        Some(path) => (path, Some(open_evidence(path)?)),
        None => (Path::new("-"), seekable_stdin()),
    };
    let ledger = &mut report.ledger;
    ledger.protect(path);
    let reader: Box<dyn Read> = match file {
        Some(mut file) if !is_descriptor(path) || file.metadata()?.is_file() => {
            if ledger.wants(path) {
                let sum = sha256(&file)?;
                ledger.add(path, sum);
                file.rewind()?;
            }
            return Ok(Stored::File(file));
        }
        Some(file) => Box::new(file),
        None => Box::new(io::stdin().lock()),
    };
    match ledger.wants(path) {
        true => Ok(Stored::Once(Box::new(ledger.pass(path, reader)))),
        false => Ok(Stored::Once(reader)),
    }
}

/// With `--manifest`, lists the archives whose members are read.
pub(crate) fn list_archives(report: &mut Diagnostics) {
    for path in report.ledger.archives() {
        match open_evidence(&path).and_then(sha256) {
            Ok(sum) => report.ledger.add(&path, sum),
            Err(error) => report.failed(&FileName::new(&path), reason(&error)),
        }
    }
}

/// Returns standard input if it is a regular file of which nothing has been read.
#[cfg(unix)]
fn seekable_stdin() -> Option<File> {
    use std::os::fd::AsFd as _;

    let mut file = File::from(io::stdin().as_fd().try_clone_to_owned().ok()?);
    let is_file = file.metadata().is_ok_and(|about| about.is_file());
    (is_file && file.stream_position().is_ok_and(|position| position == 0)).then_some(file)
}

#[cfg(not(unix))]
fn seekable_stdin() -> Option<File> {
    None
}
