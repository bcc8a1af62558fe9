//! Paths of members and targets of links.

use std::path::{Component, Path, PathBuf};

use crate::tree::native;

/// Returns the path of a member; `None` if it leads out of the archive.
pub(super) fn clean(path: &[u8]) -> Option<PathBuf> {
    let mut clean = PathBuf::new();
    for component in native(path).components() {
        match component {
            // As tar does.
            Component::RootDir | Component::CurDir => {}
            Component::Normal(name) => clean.push(name),
            Component::ParentDir | Component::Prefix(_) => return None,
        }
    }
    (!clean.as_os_str().is_empty()).then_some(clean)
}

/// Returns the path that a link points to, as far as its text shows it.
pub(super) fn joined(link: &Path, target: &Path) -> Option<PathBuf> {
    let folder = link.parent().filter(|_| !target.has_root()).unwrap_or(Path::new(""));
    let mut path = PathBuf::new();
    for component in folder.join(target).components() {
        match component {
            Component::RootDir | Component::CurDir => {}
            Component::Normal(name) => path.push(name),
            Component::ParentDir if path.pop() => {}
            Component::ParentDir => return None,
            Component::Prefix(_) => return None,
        }
    }
    Some(path)
}

/// Returns a link to a member of the same archive.
pub(super) fn from_top(link: &Path, target: &Path) -> PathBuf {
    let up = link.components().skip(1).map(|_| Component::ParentDir);
    up.collect::<PathBuf>().join(target)
}
