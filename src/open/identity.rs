use crate::detect::{Detection, FoundKind};
use crate::layout::Layout;
use crate::value::file_kind::FileKind;

/// The layout and kind that a file is read as.
#[derive(Clone, Debug, Default)]
pub struct Identity {
    pub(crate) layout: Option<&'static Layout>,
    pub(crate) detection: Option<Detection>,
    pub(crate) kind: Option<FoundKind>,
    pub(crate) unsigned_seconds: bool,
}

impl Identity {
    /// Returns the layout; `None` for an empty file, which fits every layout.
    pub fn layout(&self) -> Option<&'static Layout> {
        self.layout
    }

    /// Returns how the layout was detected; `None` if it was given.
    pub fn detection(&self) -> Option<&Detection> {
        self.detection.as_ref()
    }

    /// Returns the file's kind: as given, from its content, or from its name.
    pub fn kind(&self) -> Option<FileKind> {
        self.kind.and_then(|found| found.kind)
    }

    /// Returns the file's kind and what decided it; `None` for an empty file without a name.
    pub fn found_kind(&self) -> Option<FoundKind> {
        self.kind
    }

    /// Returns whether 32-bit seconds are read as unsigned.
    pub fn unsigned_seconds(&self) -> bool {
        self.unsigned_seconds
    }
}
