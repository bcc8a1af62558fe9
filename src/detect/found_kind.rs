//! The kind of a file, and its basis.

use crate::value::file_kind::FileKind;

/// The kind of a file, and what decided it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FoundKind {
    /// The kind; `None` if nothing decides it, or if a history and a utmp would read the same.
    pub kind: Option<FileKind>,
    /// The basis of the decision.
    pub basis: KindBasis,
}

/// The basis for the kind of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KindBasis {
    /// The user gave it.
    Given,
    /// The records.
    Content,
    /// The name of the file.
    Name,
    /// Nothing decided: the logins may be refused ones.
    Open,
}
