//! The files of an archive.

use std::collections::{BTreeSet, HashMap};
use std::ffi::OsString;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::tree::{Held, Kind, Tree};

/// The members of an archive that were kept.
#[derive(Debug)]
pub(crate) struct ArchiveTree {
    /// The path of the archive in messages.
    path: PathBuf,
    entries: HashMap<PathBuf, Entry>,
    folders: HashMap<PathBuf, BTreeSet<OsString>>,
    links: usize,
}

/// A member that was kept.
#[derive(Clone, Debug)]
pub(super) enum Entry {
    File(Held),
    Link(PathBuf),
    /// An archive in the archive.
    Archive(Rc<ArchiveTree>),
}

impl ArchiveTree {
    pub(super) fn new(path: PathBuf) -> ArchiveTree {
        ArchiveTree { path, entries: HashMap::new(), folders: HashMap::new(), links: 0 }
    }

    /// Returns the number of links, or that of other members.
    pub(super) fn count(&self, links: bool) -> usize {
        match links {
            true => self.links,
            false => self.entries.len().saturating_sub(self.links),
        }
    }

    pub(super) fn get(&self, path: &Path) -> Option<&Entry> {
        self.entries.get(path)
    }

    /// Adds a member, and returns whether it replaces one.
    pub(super) fn add(&mut self, path: PathBuf, entry: Entry) -> bool {
        let mut at = path.as_path();
        while let (Some(folder), Some(name)) = (at.parent(), at.file_name()) {
            if !self.folders.entry(folder.to_owned()).or_default().insert(name.to_owned()) {
                break;
            }
            at = folder;
        }
        let is_link = |entry: &Entry| matches!(entry, Entry::Link(_));
        self.links = self.links.saturating_add(usize::from(is_link(&entry)));
        let before = self.entries.insert(path, entry);
        self.links = self.links.saturating_sub(usize::from(before.as_ref().is_some_and(is_link)));
        before.is_some()
    }

    /// Returns the links and their targets.
    pub(super) fn links(&self) -> impl Iterator<Item = (&Path, &Path)> {
        self.entries.iter().filter_map(|(path, entry)| match entry {
            Entry::Link(target) => Some((path.as_path(), target.as_path())),
            Entry::File(_) | Entry::Archive(_) => None,
        })
    }
}

impl Tree for ArchiveTree {
    fn kind(&self, path: &Path) -> io::Result<Kind> {
        if path.as_os_str().is_empty() || self.folders.contains_key(path) {
            return Ok(Kind::Folder);
        }
        match self.entries.get(path) {
            Some(Entry::File(_) | Entry::Archive(_)) => Ok(Kind::File),
            Some(Entry::Link(_)) => Ok(Kind::Link),
            None => Err(ErrorKind::NotFound.into()),
        }
    }

    fn link(&self, path: &Path) -> io::Result<PathBuf> {
        match self.entries.get(path) {
            Some(Entry::Link(target)) => Ok(target.clone()),
            _ => Err(ErrorKind::InvalidInput.into()),
        }
    }

    fn names(&self, folder: &Path) -> io::Result<Vec<OsString>> {
        match self.folders.get(folder) {
            Some(names) => Ok(names.iter().cloned().collect()),
            None if folder.as_os_str().is_empty() => Ok(Vec::new()),
            None => Err(ErrorKind::NotFound.into()),
        }
    }

    fn held(&self, path: &Path) -> io::Result<Option<Held>> {
        match self.entries.get(path) {
            Some(Entry::File(held)) => Ok(Some(held.clone())),
            _ => Err(ErrorKind::NotFound.into()),
        }
    }

    fn archive(&self, _: &Path) -> Option<PathBuf> {
        Some(self.path.clone())
    }

    fn nested(&self, path: &Path) -> Option<Rc<dyn Tree>> {
        match self.entries.get(path) {
            Some(Entry::Archive(tree)) => Some(Rc::clone(tree) as Rc<dyn Tree>),
            _ => None,
        }
    }
}
