//! Without the feature `archives`, no file is a root.

use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use loginrec::read::ReadAt;

use super::RootOptions;
use crate::problem::Problem;
use crate::tree::Tree;

/// Returns `None`: an archive is a file like any other.
pub(super) fn open(
    _: &Path,
    _: &RootOptions,
    _: &mut Vec<Problem>,
) -> io::Result<Option<(Rc<dyn Tree>, &'static str)>> {
    Ok(None)
}

/// Returns `None`: images are not read.
///
/// # Errors
///
/// Never.
pub fn open_disk(_: impl AsRef<Path>) -> io::Result<Option<Rc<dyn ReadAt>>> {
    Ok(None)
}

/// Returns an error: images are not read.
///
/// # Errors
///
/// Always.
pub fn open_unallocated(_: impl AsRef<Path>) -> io::Result<Rc<dyn ReadAt>> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "built without the feature `images`"))
}

/// Returns nothing: images are not read.
pub fn image_segments(_: impl AsRef<Path>) -> Vec<PathBuf> {
    Vec::new()
}

pub(super) fn is_one(_: &Path) -> bool {
    false
}

pub(super) fn has_archive_name(_: &Path) -> bool {
    false
}

pub(super) fn is_part(_: &dyn Tree, _: &Path) -> bool {
    false
}

pub(super) fn images(_: &Rc<dyn Tree>) -> Vec<(Option<String>, Rc<dyn Tree>)> {
    Vec::new()
}
