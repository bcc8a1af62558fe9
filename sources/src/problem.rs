//! Problems with files below a root.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use loginrec::Text;

/// The reason why something below a [root](crate::Root) is not read.
#[derive(Debug)]
pub struct Problem {
    path: PathBuf,
    kind: ProblemKind,
}

/// The kinds of [`Problem`].
#[derive(Debug)]
#[non_exhaustive]
pub enum ProblemKind {
    /// A pipe, a socket or a device: opening it could block forever.
    NotRegular,
    /// A link that points out of the root. It is not followed.
    Outside {
        /// The target of the link.
        target: PathBuf,
    },
    /// A link to something that does not exist below the root.
    Missing {
        /// The target of the link.
        target: PathBuf,
    },
    /// A link that points to itself.
    Loop,
    /// A part of it cannot be read.
    Damaged(String),
    /// Something that is worth knowing.
    Note(String),
    /// The system reported an error.
    Io(io::Error),
}

impl Problem {
    pub(crate) fn new(path: PathBuf, kind: ProblemKind) -> Problem {
        Problem { path, kind }
    }

    /// Returns the path of the file, the folder or the link.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the kind of problem.
    pub fn kind(&self) -> &ProblemKind {
        &self.kind
    }
}

/// Prints the problem without the path. Names are escaped like a [`Text`].
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |path: &Path| Text::new(path.as_os_str().as_encoded_bytes()).to_string();
        match &self.kind {
            ProblemKind::NotRegular => f.write_str("not a regular file; skipped"),
            ProblemKind::Outside { target } => {
                write!(f, "points to {}, outside the root; not followed", shown(target))
            }
            ProblemKind::Missing { target } => {
                write!(f, "points to {}, which is not below the root", shown(target))
            }
            ProblemKind::Loop => f.write_str("is a link to itself"),
            ProblemKind::Damaged(why) | ProblemKind::Note(why) => f.write_str(why),
            ProblemKind::Io(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Problem {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.kind {
            ProblemKind::Io(error) => Some(error),
            _ => None,
        }
    }
}
