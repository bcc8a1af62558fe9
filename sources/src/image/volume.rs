//! The file systems of a disk as one tree.

use std::ffi::OsString;
use std::io::{self, ErrorKind};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use loginrec::read::ReadAt;

use crate::tree::{Held, Kind, Tree};

/// A part of a disk.
pub(super) struct Part {
    disk: Rc<dyn ReadAt>,
    begin: u64,
    len: u64,
}

impl Part {
    pub(super) fn new(disk: &Rc<dyn ReadAt>, begin: u64, len: u64) -> Part {
        Part { disk: Rc::clone(disk), begin, len }
    }
}

impl ReadAt for Part {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let left = usize::try_from(self.len.saturating_sub(offset)).unwrap_or(usize::MAX);
        let len = left.min(buffer.len());
        let room = buffer.get_mut(..len).unwrap_or_default();
        self.disk.read_at(room, self.begin.saturating_add(offset))
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.len)
    }

    fn data_after(&self, offset: u64) -> io::Result<Option<Range<u64>>> {
        Ok((offset < self.len).then_some(offset..self.len))
    }
}

/// The file systems of a disk. If there are several, each is a folder: `p1`, `p2`, `rhel-root`.
pub(super) struct Volumes {
    path: PathBuf,
    parts: Vec<(String, Rc<dyn Tree>)>,
}

impl Volumes {
    pub(super) fn new(path: PathBuf, parts: Vec<(String, Rc<dyn Tree>)>) -> Volumes {
        Volumes { path, parts }
    }

    /// Returns the file system that has a path, and the path there; `None` for the top of several.
    fn find<'p>(&self, path: &'p Path) -> io::Result<Option<(&dyn Tree, &'p Path)>> {
        if let [(_, only)] = self.parts.as_slice() {
            return Ok(Some((&**only, path)));
        }
        let Some(first) = path.iter().next() else { return Ok(None) };
        let mut parts = self.parts.iter();
        let part = parts.find(|(name, _)| *first == **name);
        let (_, part) = part.ok_or(ErrorKind::NotFound)?;
        Ok(Some((&**part, path.strip_prefix(first).unwrap_or(path))))
    }

    fn file<'p>(&self, path: &'p Path) -> io::Result<(&dyn Tree, &'p Path)> {
        self.find(path)?.ok_or_else(|| ErrorKind::IsADirectory.into())
    }
}

impl Tree for Volumes {
    fn kind(&self, path: &Path) -> io::Result<Kind> {
        match self.find(path)? {
            Some((part, path)) => part.kind(path),
            None => Ok(Kind::Folder),
        }
    }

    fn link(&self, path: &Path) -> io::Result<PathBuf> {
        let (part, path) = self.file(path)?;
        part.link(path)
    }

    fn names(&self, path: &Path) -> io::Result<Vec<OsString>> {
        match self.find(path)? {
            Some((part, path)) => part.names(path),
            None => Ok(self.parts.iter().map(|(name, _)| name.into()).collect()),
        }
    }

    fn held(&self, path: &Path) -> io::Result<Option<Held>> {
        let (part, path) = self.file(path)?;
        part.held(path)
    }

    fn archive(&self, _: &Path) -> Option<PathBuf> {
        Some(self.path.clone())
    }
}
