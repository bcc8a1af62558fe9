//! Files that cannot be opened.

use std::fmt;
use std::io;

use loginrec::OpenErrorKind;
use loginrec::detect::Detection;

use crate::report::reason;

/// Why a file could not be opened.
#[derive(Debug)]
pub(crate) struct Unopened(pub(crate) OpenErrorKind);

impl Unopened {
    pub(super) fn read(error: io::Error) -> Unopened {
        Unopened(OpenErrorKind::Io(error))
    }

    /// What was seen in a file that was read but not recognised.
    pub(crate) fn not_recognised(&self) -> Option<&Detection> {
        match &self.0 {
            OpenErrorKind::NotRecognised(found) => Some(found),
            _ => None,
        }
    }
}

/// Why, and what to do about it; without the name of the file.
impl fmt::Display for Unopened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            OpenErrorKind::Io(error) => f.write_str(&reason(error)),
            kind @ OpenErrorKind::NotRecognised(_) => {
                write!(f, "{kind}; if you know what it is, name its layout with --layout")
            }
            kind => write!(f, "{kind}"),
        }
    }
}
