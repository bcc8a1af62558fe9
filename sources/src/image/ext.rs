//! The file systems ext2, ext3 and ext4.

use std::cell::RefCell;
use std::error::Error;
use std::ffi::OsString;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use ext4_view::{Ext4, Ext4Error, Ext4Read, File};
use loginrec::read::{ReadAt, read_full_at};

use crate::tree::{Held, Kind, Tree, native};

/// Returns whether a partition that begins with `head` has such a file system.
pub(super) fn is_ext(head: &[u8]) -> bool {
    let superblock = head.get(1024..).unwrap_or_default();
    let has_magic = superblock.get(56..58) == Some(&[0x53, 0xef]);
    // The sizes of blocks and clusters are powers of two; the state is a few bits.
    let block_size = superblock.get(24..28).and_then(<[u8]>::first_chunk);
    has_magic && block_size.is_some_and(|size| u32::from_le_bytes(*size) <= 6)
}

/// A file system.
pub(super) struct ExtTree {
    ext: Ext4,
}

struct Source(Rc<dyn ReadAt>);

impl Ext4Read for Source {
    fn read(
        &mut self,
        start: u64,
        buffer: &mut [u8],
    ) -> Result<(), Box<dyn Error + Send + Sync + 'static>> {
        match read_full_at(&*self.0, buffer, start) {
            (_, Some(error)) => Err(Box::new(error)),
            (read, None) if read < buffer.len() => {
                Err(Box::new(io::Error::from(ErrorKind::UnexpectedEof)))
            }
            _ => Ok(()),
        }
    }
}

impl ExtTree {
    pub(super) fn open(source: Rc<dyn ReadAt>) -> io::Result<ExtTree> {
        let ext = Ext4::load(Box::new(Source(source))).map_err(failed)?;
        Ok(ExtTree { ext })
    }
}

impl Tree for ExtTree {
    fn kind(&self, path: &Path) -> io::Result<Kind> {
        let about = self.ext.symlink_metadata(&stored(path)[..]).map_err(failed)?;
        Ok(match about.file_type() {
            kind if kind.is_symlink() => Kind::Link,
            kind if kind.is_dir() => Kind::Folder,
            kind if kind.is_regular_file() => Kind::File,
            _ => Kind::Other,
        })
    }

    fn link(&self, path: &Path) -> io::Result<PathBuf> {
        let target = self.ext.read_link(&stored(path)[..]).map_err(failed)?;
        Ok(native(target.as_ref()))
    }

    fn names(&self, folder: &Path) -> io::Result<Vec<OsString>> {
        let mut names = Vec::new();
        for entry in self.ext.read_dir(&stored(folder)[..]).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name();
            let name: &[u8] = name.as_ref();
            if name != b"." && name != b".." {
                names.push(native(name).into_os_string());
            }
        }
        Ok(names)
    }

    fn held(&self, path: &Path) -> io::Result<Option<Held>> {
        let file = self.ext.open(&stored(path)[..]).map_err(failed)?;
        let modified = Some(file.metadata().modified().seconds());
        let len = file.metadata().len();
        Ok(Some(Held { bytes: Rc::new(ExtFile { file: RefCell::new(file), len }), modified }))
    }
}

/// Returns a path as the file system has it.
fn stored(path: &Path) -> Vec<u8> {
    let mut stored = Vec::new();
    for name in path {
        stored.push(b'/');
        stored.extend_from_slice(name.as_encoded_bytes());
    }
    if stored.is_empty() {
        stored.push(b'/');
    }
    stored
}

fn failed(error: Ext4Error) -> io::Error {
    match error {
        Ext4Error::NotFound => ErrorKind::NotFound.into(),
        Ext4Error::NotADirectory => ErrorKind::NotADirectory.into(),
        error => io::Error::new(ErrorKind::InvalidData, error.to_string()),
    }
}

/// A file of a file system.
struct ExtFile {
    file: RefCell<File>,
    len: u64,
}

impl ReadAt for ExtFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        if offset >= self.len {
            return Ok(0);
        }
        let mut file = self.file.borrow_mut();
        file.seek_to(offset).map_err(failed)?;
        file.read_bytes(buffer).map_err(failed)
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.len)
    }
}
