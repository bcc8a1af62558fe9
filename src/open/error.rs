use std::path::{Path, PathBuf};
use std::{error, fmt, io};

use crate::detect::Detection;
use crate::error::Error;

/// The reason why a file could not be opened, with its path.
#[derive(Debug)]
pub struct OpenError {
    path: Option<PathBuf>,
    kind: OpenErrorKind,
}

/// The reasons of [`OpenError`].
#[derive(Debug)]
#[non_exhaustive]
pub enum OpenErrorKind {
    /// The file could not be read.
    Io(io::Error),
    /// No known layout matches the data.
    NotRecognized(Detection),
    /// Several layouts match the data and decode it differently.
    Ambiguous(Detection),
    /// The running platform has no such file.
    NoSuchLog,
}

impl OpenError {
    pub(crate) fn new(path: Option<PathBuf>, kind: OpenErrorKind) -> OpenError {
        OpenError { path, kind }
    }

    /// Returns the path; `None` for bytes in memory.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// Returns the reason.
    pub fn kind(&self) -> &OpenErrorKind {
        &self.kind
    }

    /// Returns the reason without the path.
    pub fn into_kind(self) -> OpenErrorKind {
        self.kind
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = &self.path {
            write!(f, "{path:?}: ")?;
        }
        write!(f, "{}", self.kind)
    }
}

impl fmt::Display for OpenErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OpenErrorKind::Io(error) => write!(f, "{error}"),
            OpenErrorKind::NotRecognized(found) => {
                f.write_str("not recognised")?;
                found.reasons().iter().try_for_each(|reason| write!(f, ": {reason}"))
            }
            OpenErrorKind::Ambiguous(found) => {
                f.write_str("ambiguous: could be")?;
                let ties = found.ties();
                for (i, candidate) in ties.iter().enumerate() {
                    let or = if i == 0 { "" } else { " or" };
                    write!(f, "{or} {}", candidate.layout.name)?;
                }
                Ok(())
            }
            OpenErrorKind::NoSuchLog => f.write_str("this platform has no such file"),
        }
    }
}

impl error::Error for OpenError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match &self.kind {
            OpenErrorKind::Io(error) => Some(error),
            _ => None,
        }
    }
}

/// Converts lost framing, for callers that stop at the first damage.
impl From<Error> for io::Error {
    fn from(error: Error) -> io::Error {
        io::Error::new(io::ErrorKind::InvalidData, error)
    }
}
