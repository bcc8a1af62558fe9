//! Trees of files: a folder, and what archives and images hold.

use std::ffi::OsString;
use std::fmt;
use std::fs::{self, FileType};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use loginrec::read::{ReadAt, read_full_at};

use crate::evidence::{read_beginning, read_names};

/// The kinds of things in a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    File,
    Folder,
    Link,
    Other,
}

/// A file that is not in the file system of this host.
#[derive(Clone)]
pub struct Held {
    /// Its bytes.
    pub bytes: Rc<dyn ReadAt>,
    /// The time of its last change, in seconds since 1970, if the archive or image has it.
    pub modified: Option<i64>,
}

/// Without the bytes.
impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Held").field("modified", &self.modified).finish_non_exhaustive()
    }
}

/// Files by their paths, which are relative and lead through no links.
pub(crate) trait Tree {
    /// Returns what is there, without following a link.
    fn kind(&self, path: &Path) -> io::Result<Kind>;
    /// Returns the target of a link.
    fn link(&self, path: &Path) -> io::Result<PathBuf>;
    /// Returns the names in a folder, in no particular order.
    fn names(&self, folder: &Path) -> io::Result<Vec<OsString>>;
    /// Returns the content; `None` for a file of this host.
    fn held(&self, path: &Path) -> io::Result<Option<Held>>;
    /// Returns the path for messages; for a file of this host the one to open.
    fn full(&self, path: &Path) -> PathBuf {
        match self.archive(path) {
            Some(archive) => member_path(&archive, path),
            None => path.to_owned(),
        }
    }
    /// Returns the path below the root that was named.
    fn below(&self, path: &Path) -> PathBuf {
        path.to_owned()
    }
    /// Returns the archive or image that has a file.
    fn archive(&self, path: &Path) -> Option<PathBuf> {
        let _ = path;
        None
    }
    /// Returns the files of an archive in the archive.
    fn nested(&self, path: &Path) -> Option<Rc<dyn Tree>> {
        let _ = path;
        None
    }
    /// Reads up to `most` bytes from the beginning of a file.
    fn read(&self, path: &Path, most: usize) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        match self.held(path)? {
            Some(held) => {
                bytes.resize(most, 0);
                let (read, error) = read_full_at(&*held.bytes, &mut bytes, 0);
                bytes.truncate(read);
                error.map_or(Ok(()), Err)?;
            }
            None => bytes = read_beginning(&self.full(path), most)?,
        }
        Ok(bytes)
    }
}

/// A folder of this host.
#[derive(Clone, Debug)]
pub(crate) struct FolderTree {
    root: PathBuf,
}

impl FolderTree {
    pub(crate) fn new(root: impl Into<PathBuf>) -> FolderTree {
        FolderTree { root: root.into() }
    }
}

impl Tree for FolderTree {
    fn kind(&self, path: &Path) -> io::Result<Kind> {
        Ok(kind_of(fs::symlink_metadata(self.full(path))?.file_type()))
    }

    fn link(&self, path: &Path) -> io::Result<PathBuf> {
        fs::read_link(self.full(path))
    }

    fn names(&self, folder: &Path) -> io::Result<Vec<OsString>> {
        read_names(self.full(folder))
    }

    fn held(&self, _: &Path) -> io::Result<Option<Held>> {
        Ok(None)
    }

    fn full(&self, path: &Path) -> PathBuf {
        match path.as_os_str().is_empty() {
            true => self.root.clone(),
            false => self.root.join(path),
        }
    }
}

fn kind_of(kind: FileType) -> Kind {
    match kind {
        kind if kind.is_symlink() => Kind::Link,
        kind if kind.is_dir() => Kind::Folder,
        kind if kind.is_file() => Kind::File,
        _ => Kind::Other,
    }
}

/// A folder of another tree as a tree.
#[derive(Clone)]
pub(crate) struct SubTree {
    tree: Rc<dyn Tree>,
    at: PathBuf,
    /// Whether names are stored URL-encoded, as Velociraptor does: `wtmp%2E1`.
    is_encoded: bool,
}

impl SubTree {
    pub(crate) fn new(tree: &Rc<dyn Tree>, at: impl Into<PathBuf>) -> SubTree {
        SubTree { tree: Rc::clone(tree), at: at.into(), is_encoded: false }
    }

    pub(crate) fn encoded(self) -> SubTree {
        SubTree { is_encoded: true, ..self }
    }

    /// Returns the path in the other tree.
    fn stored(&self, path: &Path) -> PathBuf {
        let mut stored = self.at.clone();
        for name in path {
            let plain = stored.join(name);
            let is_here = !self.is_encoded || self.tree.kind(&plain).is_ok();
            let named = || {
                let names = self.tree.names(&stored).ok()?;
                names.into_iter().find(|stored| decoded(stored) == *name)
            };
            stored = match is_here {
                true => plain,
                false => named().map_or(plain, |name| stored.join(name)),
            };
        }
        stored
    }
}

impl Tree for SubTree {
    fn kind(&self, path: &Path) -> io::Result<Kind> {
        self.tree.kind(&self.stored(path))
    }

    fn link(&self, path: &Path) -> io::Result<PathBuf> {
        self.tree.link(&self.stored(path))
    }

    fn names(&self, folder: &Path) -> io::Result<Vec<OsString>> {
        let names = self.tree.names(&self.stored(folder))?;
        Ok(match self.is_encoded {
            true => names.iter().map(decoded).collect(),
            false => names,
        })
    }

    fn held(&self, path: &Path) -> io::Result<Option<Held>> {
        self.tree.held(&self.stored(path))
    }

    fn full(&self, path: &Path) -> PathBuf {
        self.tree.full(&self.stored(path))
    }

    fn below(&self, path: &Path) -> PathBuf {
        self.tree.below(&self.stored(path))
    }

    fn archive(&self, path: &Path) -> Option<PathBuf> {
        self.tree.archive(&self.stored(path))
    }

    fn nested(&self, path: &Path) -> Option<Rc<dyn Tree>> {
        self.tree.nested(&self.stored(path))
    }
}

/// Returns a name without its `%XX`, if it has any and is text without them.
pub(crate) fn decoded(name: &OsString) -> OsString {
    let Some(text) = name.to_str().filter(|text| text.contains('%')) else { return name.clone() };
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        let digits = tail.get(..2).and_then(|digits| str::from_utf8(digits).ok());
        let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match byte.filter(|byte| *first == b'%' && !matches!(byte, 0 | b'/')) {
            Some(byte) => {
                bytes.push(byte);
                rest = tail.get(2..).unwrap_or_default();
            }
            None => bytes.push(*first),
        }
    }
    String::from_utf8(bytes).map_or_else(|_| name.clone(), OsString::from)
}

/// Returns the path of a member in messages: `case.tar.gz!/var/log/wtmp`; of the archive itself, its
/// own.
pub(crate) fn member_path(archive: &Path, path: &Path) -> PathBuf {
    let mut full = archive.as_os_str().to_owned();
    if !path.as_os_str().is_empty() {
        full.push("!");
    }
    for name in path {
        full.push("/");
        full.push(name);
    }
    full.into()
}

/// Returns a path from its bytes.
#[cfg(all(unix, feature = "archives"))]
pub(crate) fn native(path: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt as _;

    Path::new(std::ffi::OsStr::from_bytes(path)).to_owned()
}

/// Returns a path from its bytes. Names that are not text cannot be had here.
#[cfg(all(not(unix), feature = "archives"))]
pub(crate) fn native(path: &[u8]) -> PathBuf {
    String::from_utf8_lossy(path).into_owned().into()
}

/// Returns whether an error says only that nothing is there.
pub(crate) fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_decoded() {
        for (stored, name) in
            [("wtmp%2E1%2Egz", "wtmp.1.gz"), ("wtmp", "wtmp"), ("a%2fb", "a%2fb"), ("50%", "50%")]
        {
            assert_eq!(decoded(&stored.into()), name);
        }
    }
}
