//! The running system's own files. Everything else in this crate is independent of the
//! host.

use std::path::Path;
use std::vec::Vec;

use crate::dialect::{Dialect, FileKind};
use crate::file::{LogFile, OpenError, OpenErrorKind};
use crate::platform::*;

/// The dialects of the platform this was compiled for, the current one first.
static DIALECTS: &[&Dialect] = if cfg!(all(target_os = "linux", target_env = "musl")) {
    &[&musl::UTMPX, &glibc::LASTLOG]
} else if cfg!(target_os = "linux") {
    &[&glibc::UTMP, &glibc::LASTLOG]
} else if cfg!(target_os = "freebsd") {
    &[&freebsd::UTX]
} else if cfg!(target_os = "netbsd") {
    &[&netbsd::UTMPX, &netbsd::LASTLOGX, &netbsd::UTMP, &netbsd::LASTLOG]
} else if cfg!(target_os = "openbsd") {
    &[&openbsd::UTMP, &openbsd::LASTLOG]
} else if cfg!(target_os = "dragonfly") {
    &[&dragonfly::UTMPX, &netbsd::LASTLOGX]
} else if cfg!(target_os = "macos") {
    &[&macos::UTMPX]
} else if cfg!(any(target_os = "illumos", target_os = "solaris")) {
    &[&svr4::UTMPX, &bsd::LASTLOG]
} else if cfg!(target_os = "aix") {
    &[&aix::UTMP]
} else if cfg!(target_os = "cygwin") {
    &[&cygwin::UTMP, &cygwin::LASTLOG]
} else {
    &[]
};

/// Where this platform keeps files of a kind, the usual place first.
pub fn paths(kind: FileKind) -> Vec<&'static Path> {
    let all = DIALECTS.iter().flat_map(|dialect| dialect.paths);
    all.filter(|(of, _)| *of == kind).map(|(_, path)| Path::new(path)).collect()
}

fn open(kind: FileKind) -> Result<LogFile<'static>, OpenError> {
    let places = paths(kind);
    // The C library takes utmpx, wtmpx, lastlogx over their elders where both exist.
    let newer = |path: &&&Path| path.as_os_str().as_encoded_bytes().ends_with(b"x");
    let there = places.iter().filter(newer).chain(&places).find(|path| path.exists());
    match there.or(places.first()) {
        Some(path) => LogFile::open(path),
        None => Err(OpenError::new(None, OpenErrorKind::NoSuchLog)),
    }
}

/// Opens the running system's `utmp`: who is logged in.
///
/// # Errors
///
/// As [`LogFile::open`]; a missing file is named.
pub fn utmp() -> Result<LogFile<'static>, OpenError> {
    open(FileKind::Utmp)
}

/// Opens the running system's `wtmp`: the history.
///
/// # Errors
///
/// As [`LogFile::open`]; a missing file is named.
pub fn wtmp() -> Result<LogFile<'static>, OpenError> {
    open(FileKind::Wtmp)
}

/// Opens the running system's `btmp`: failed logins.
///
/// # Errors
///
/// As [`LogFile::open`]; a missing file is named.
pub fn btmp() -> Result<LogFile<'static>, OpenError> {
    open(FileKind::Btmp)
}

/// Opens the running system's `lastlog`: each user's last login.
///
/// # Errors
///
/// As [`LogFile::open`]; a missing file is named.
pub fn lastlog() -> Result<LogFile<'static>, OpenError> {
    open(FileKind::Lastlog)
}
