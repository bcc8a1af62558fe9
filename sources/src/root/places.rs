//! The places where any platform keeps its login records.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use loginrec::FileKind;
use loginrec::formats;

use super::resolve::resolve;
use super::rotation::RotatedName;
use crate::problem::{Problem, ProblemKind};
use crate::tree::{Kind, Tree};

/// Returns the places at which any platform keeps such files, each once, in the order of the
/// layouts.
pub(super) fn usual_places() -> Vec<(FileKind, &'static str)> {
    let mut places: Vec<(FileKind, &'static str)> = Vec::new();
    for &(kind, place) in formats::all().flat_map(|layout| layout.platform.paths) {
        if places.iter().all(|(_, known)| *known != place) {
            places.push((kind, place));
        }
    }
    places
}

/// The files at the usual places of one tree.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// The files: each log after its rotated copies, oldest first. The paths contain no links.
    pub(super) found: Vec<(FileKind, PathBuf)>,
    /// At most one for each path, because many places may go through the same link.
    pub(super) problems: Vec<(FileKind, Problem)>,
    /// Each place, and the number of files there.
    pub(super) looked: Vec<(&'static str, usize)>,
}

/// A folder with its real path and the names in it.
type Listing = Option<(PathBuf, Vec<OsString>)>;

/// Looks at the usual places of every platform.
pub(super) fn look(tree: &dyn Tree) -> Places {
    let mut places = Places::default();
    let mut folders: HashMap<&str, Listing> = HashMap::new();
    for (kind, place) in usual_places() {
        let Some((folder, base)) = place.rsplit_once('/') else { continue };
        let listing =
            folders.entry(folder).or_insert_with(|| places.list(tree, kind, Path::new(folder)));
        let before = places.found.len();
        if let Some((_, names)) = listing {
            let copies = names.iter().filter_map(|name| RotatedName::new(base, name.clone()));
            let mut copies: Vec<RotatedName> = copies.collect();
            copies.sort();
            // In a folder with a file for each session are other things as well.
            let is_any = base.contains('*');
            for RotatedName { name, .. } in copies {
                let path = Path::new(folder).join(name);
                if !is_any || is_file(tree, &path) {
                    places.take(tree, kind, &path);
                }
            }
        }
        places.looked.push((place, places.found.len().saturating_sub(before)));
    }
    places
}

/// Returns whether a path leads to a regular file, or to something that is to be named as a
/// problem.
fn is_file(tree: &dyn Tree, path: &Path) -> bool {
    match resolve(tree, path) {
        Ok(Some(real)) => matches!(tree.kind(&real), Ok(Kind::File) | Err(_)),
        _ => true,
    }
}

impl Places {
    fn list(&mut self, tree: &dyn Tree, kind: FileKind, folder: &Path) -> Listing {
        let real = self.resolve(tree, kind, folder)?;
        if !matches!(tree.kind(&real), Ok(Kind::Folder)) {
            return None;
        }
        match tree.names(&real) {
            Ok(names) => Some((real, names)),
            Err(error) => {
                self.add(kind, Problem::new(tree.full(&real), ProblemKind::Io(error)));
                None
            }
        }
    }

    fn take(&mut self, tree: &dyn Tree, kind: FileKind, path: &Path) {
        let Some(path) = self.resolve(tree, kind, path) else { return };
        match tree.kind(&path) {
            Ok(Kind::Folder) => {}
            Ok(Kind::File) if self.found.iter().any(|(_, known)| *known == path) => {}
            Ok(Kind::File) => self.found.push((kind, path)),
            Ok(_) => self.add(kind, Problem::new(tree.full(&path), ProblemKind::NotRegular)),
            Err(error) => self.add(kind, Problem::new(tree.full(&path), ProblemKind::Io(error))),
        }
    }

    fn resolve(&mut self, tree: &dyn Tree, kind: FileKind, path: &Path) -> Option<PathBuf> {
        resolve(tree, path).unwrap_or_else(|problem| {
            self.add(kind, problem);
            None
        })
    }

    fn add(&mut self, kind: FileKind, problem: Problem) {
        if self.problems.iter().all(|(_, known)| known.path() != problem.path()) {
            self.problems.push((kind, problem));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_once() {
        let places = usual_places();
        assert!(places.contains(&(FileKind::Btmp, "/etc/security/failedlogin")));
        assert!(places.contains(&(FileKind::Wtmp, "/var/log/utx.log")));
        for (at, (_, place)) in places.iter().enumerate() {
            assert!(place.starts_with('/') && !place.contains(".."), "{place}");
            assert!(places[..at].iter().all(|(_, other)| other != place), "{place}");
        }
    }
}
