//! The login records of the running system. The rest of this crate is independent of the host.

use std::path::Path;
use std::vec::Vec;

use crate::formats::*;
use crate::layout::Layout;
use crate::open::error::{OpenError, OpenErrorKind};
use crate::open::log_file::LogFile;
use crate::platform::Platform;
use crate::value::file_kind::FileKind;

/// The record families of the target platform, the current one first.
static PLATFORMS: &[&Platform] = if cfg!(all(target_os = "linux", target_env = "musl")) {
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

/// Returns where this platform keeps files of a kind, the usual place first.
pub fn paths(kind: FileKind) -> Vec<&'static Path> {
    let all = PLATFORMS.iter().flat_map(|platform| platform.paths);
    all.filter(|(of, _)| *of == kind).map(|(_, path)| Path::new(path)).collect()
}

/// Returns the existing file of a kind on this system, or else its usual place; `None` if the
/// platform has no such file.
///
/// If both exist, `utmpx`, `wtmpx` and `lastlogx` take precedence over their predecessors, as in
/// the C library.
pub fn path(kind: FileKind) -> Option<&'static Path> {
    let places = paths(kind);
    let newer = |path: &&&Path| path.as_os_str().as_encoded_bytes().ends_with(b"x");
    let there = places.iter().filter(newer).chain(&places).find(|path| path.exists());
    there.or(places.first()).copied()
}

/// Returns the layout in which the C library that this was compiled for keeps files of a kind;
/// `None` if that is not known. What the bytes of such a file leave open, it decides.
pub fn layout(kind: FileKind) -> Option<&'static Layout> {
    match cfg!(all(target_os = "linux", target_env = "gnu")) {
        true => by_name(glibc::native_name(kind)),
        false => None,
    }
}

fn open(kind: FileKind) -> Result<LogFile<'static>, OpenError> {
    match path(kind) {
        Some(path) => LogFile::open(path),
        None => Err(OpenError::new(None, OpenErrorKind::NoSuchLog)),
    }
}

/// Opens the running system's `utmp`: the current logins.
///
/// # Errors
///
/// As [`LogFile::open`]; also if the platform has no such file.
pub fn utmp() -> Result<LogFile<'static>, OpenError> {
    open(FileKind::Utmp)
}

/// Opens the running system's `wtmp`: the history.
///
/// # Errors
///
/// As [`LogFile::open`]; also if the platform has no such file.
pub fn wtmp() -> Result<LogFile<'static>, OpenError> {
    open(FileKind::Wtmp)
}

/// Opens the running system's `btmp`: failed logins.
///
/// # Errors
///
/// As [`LogFile::open`]; also if the platform has no such file.
pub fn btmp() -> Result<LogFile<'static>, OpenError> {
    open(FileKind::Btmp)
}

/// Opens the running system's `lastlog`: each user's last login.
///
/// # Errors
///
/// As [`LogFile::open`]; also if the platform has no such file.
pub fn lastlog() -> Result<LogFile<'static>, OpenError> {
    open(FileKind::Lastlog)
}
