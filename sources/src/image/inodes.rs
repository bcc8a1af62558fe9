//! File systems that number their files: paths, names and contents through inodes.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ffi::OsString;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use loginrec::read::read_full_at;

use super::content::Content;
use super::invalid;
use crate::tree::{Held, Kind, Tree, native};

/// The longest target of a link, as on Linux.
const LONGEST_LINK: u64 = 4096;
/// The most names of one folder.
const MOST_NAMES: usize = 1 << 20;
/// The most names that are kept in memory.
const KEPT_NAMES: usize = 1 << 20;

/// What a file system keeps about a file.
#[derive(Clone, Debug)]
pub(super) struct Inode {
    pub(super) kind: Kind,
    pub(super) size: u64,
    /// In seconds since 1970.
    pub(super) modified: i64,
    /// The inode as it is stored.
    pub(super) raw: Vec<u8>,
}

/// A file system that numbers its files.
pub(super) trait Inodes {
    /// Returns the number of the top folder.
    fn top(&self) -> u64;
    fn inode(&self, number: u64) -> io::Result<Inode>;
    /// Calls `each` with every name in a folder and the number of what has it.
    fn entries(
        &self,
        folder: &Inode,
        each: &mut dyn FnMut(&[u8], u64) -> io::Result<()>,
    ) -> io::Result<()>;
    /// Returns the content of a file or the target of a link.
    fn content(&self, file: &Inode) -> io::Result<Content>;
}

/// Names in a folder, with their numbers.
type Names = Rc<HashMap<Vec<u8>, u64>>;

/// The files of such a file system.
pub(super) struct InodeTree<F> {
    system: F,
    /// Folders that were read, by their number.
    folders: RefCell<HashMap<u64, Names>>,
}

impl<F: Inodes> InodeTree<F> {
    pub(super) fn new(system: F) -> io::Result<InodeTree<F>> {
        if system.inode(system.top())?.kind != Kind::Folder {
            return Err(invalid("damaged: its top is no folder"));
        }
        Ok(InodeTree { system, folders: RefCell::default() })
    }

    /// Returns the inode that has a path.
    fn find(&self, path: &Path) -> io::Result<(u64, Inode)> {
        let mut number = self.system.top();
        let mut inode = self.system.inode(number)?;
        let mut above = Vec::new();
        for name in path {
            if inode.kind != Kind::Folder {
                return Err(ErrorKind::NotADirectory.into());
            }
            above.push(number);
            let names = self.folder(number, &inode)?;
            number = *names.get(name.as_encoded_bytes()).ok_or(ErrorKind::NotFound)?;
            if above.contains(&number) {
                return Err(invalid("damaged: a folder within itself"));
            }
            inode = self.system.inode(number)?;
        }
        Ok((number, inode))
    }

    fn folder(&self, number: u64, inode: &Inode) -> io::Result<Names> {
        if let Some(names) = self.folders.borrow().get(&number) {
            return Ok(Rc::clone(names));
        }
        let mut names = HashMap::new();
        self.system.entries(inode, &mut |name, number| {
            if names.len() >= MOST_NAMES {
                return Err(invalid(format!("a folder with more than {MOST_NAMES} names")));
            }
            let is_name = !matches!(name, b"" | b"." | b"..");
            if is_name && !name.iter().any(|byte| matches!(byte, 0 | b'/')) {
                names.insert(name.to_vec(), number);
            }
            Ok(())
        })?;
        let names = Rc::new(names);
        let mut folders = self.folders.borrow_mut();
        let kept = folders.values().fold(0_usize, |sum, names| sum.saturating_add(names.len() + 1));
        if kept.saturating_add(names.len()) > KEPT_NAMES {
            folders.clear();
        }
        folders.insert(number, Rc::clone(&names));
        Ok(names)
    }
}

impl<F: Inodes> Tree for InodeTree<F> {
    fn kind(&self, path: &Path) -> io::Result<Kind> {
        Ok(self.find(path)?.1.kind)
    }

    fn link(&self, path: &Path) -> io::Result<PathBuf> {
        let (_, inode) = self.find(path)?;
        if inode.kind != Kind::Link || inode.size > LONGEST_LINK {
            return Err(invalid("damaged: no link, or one with a target that is too long"));
        }
        let mut target = vec![0; usize::try_from(inode.size).unwrap_or_default()];
        let (read, error) = read_full_at(&self.system.content(&inode)?, &mut target, 0);
        error.map_or(Ok(()), Err)?;
        target.truncate(read);
        Ok(native(&target))
    }

    fn names(&self, folder: &Path) -> io::Result<Vec<OsString>> {
        let (number, inode) = self.find(folder)?;
        if inode.kind != Kind::Folder {
            return Err(ErrorKind::NotADirectory.into());
        }
        let names = self.folder(number, &inode)?;
        Ok(names.keys().map(|name| native(name).into_os_string()).collect())
    }

    fn held(&self, path: &Path) -> io::Result<Option<Held>> {
        let (_, inode) = self.find(path)?;
        if inode.kind != Kind::File {
            return Err(invalid("not a regular file"));
        }
        let content = self.system.content(&inode)?;
        Ok(Some(Held { bytes: Rc::new(content), modified: Some(inode.modified) }))
    }
}

/// Returns the kind of a file by its mode.
pub(super) fn kind_of(mode: u16) -> Kind {
    match mode & 0xf000 {
        0x8000 => Kind::File,
        0x4000 => Kind::Folder,
        0xa000 => Kind::Link,
        _ => Kind::Other,
    }
}
