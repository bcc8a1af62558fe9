//! Files that cannot be opened.

use std::fmt;
use std::io;

use loginrec::detect::{Detection, Reason};
use loginrec::open::OpenErrorKind;

use crate::diagnostics::reason;

/// The reason why a file could not be opened.
#[derive(Debug)]
pub(crate) struct Unopened(pub(crate) OpenErrorKind);

impl Unopened {
    pub(super) fn read(error: io::Error) -> Unopened {
        Unopened(OpenErrorKind::Io(error))
    }

    /// The facts about a file that was read but not recognized.
    pub(crate) fn not_recognized(&self) -> Option<&Detection> {
        match &self.0 {
            OpenErrorKind::NotRecognized(found) => Some(found),
            _ => None,
        }
    }
}

/// Returns the reason and advice, without the name of the file.
impl fmt::Display for Unopened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            OpenErrorKind::Io(error) => f.write_str(&reason(error)),
            // A file of another kind has no layout.
            kind @ OpenErrorKind::NotRecognized(found) if !is_foreign(found) => {
                write!(f, "{kind}; if you know its layout, give it with --layout")
            }
            kind => write!(f, "{kind}"),
        }
    }
}

fn is_foreign(found: &Detection) -> bool {
    found.reasons().iter().any(|reason| matches!(reason, Reason::Foreign(_)))
}
