use std::fs::{self, File, Metadata};
use std::path::Path;

/// The identity of a file, independent of its names: its device and its number there.
///
/// Regular files and block devices have one. Other things do not, because data written to them,
/// such as to a terminal, is not what is read from them. The standard library provides the numbers
/// on Unix only; elsewhere there is never an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FileId {
    device: u64,
    number: u64,
}

impl FileId {
    /// Returns the number of the device.
    pub fn device(self) -> u64 {
        self.device
    }

    /// Returns the number of the file on its device.
    pub fn number(self) -> u64 {
        self.number
    }

    /// Returns the id of the file at a path, following links.
    pub fn of_path(path: impl AsRef<Path>) -> Option<FileId> {
        FileId::of(&fs::metadata(path).ok()?)
    }

    /// Returns the id of an open file.
    pub fn of_file(file: &File) -> Option<FileId> {
        FileId::of(&file.metadata().ok()?)
    }

    /// Returns the id of the file that standard input reads.
    pub fn of_stdin() -> Option<FileId> {
        FileId::of_descriptor(std::io::stdin())
    }

    /// Returns the id of the file that standard output writes.
    pub fn of_stdout() -> Option<FileId> {
        FileId::of_descriptor(std::io::stdout())
    }

    #[cfg(unix)]
    fn of_descriptor(open: impl std::os::fd::AsFd) -> Option<FileId> {
        FileId::of_file(&open.as_fd().try_clone_to_owned().ok()?.into())
    }

    #[cfg(not(unix))]
    fn of_descriptor<T>(_: T) -> Option<FileId> {
        None
    }

    /// Returns the id of the file with this metadata.
    #[cfg(unix)]
    pub fn of(about: &Metadata) -> Option<FileId> {
        use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};

        let kind = about.file_type();
        match kind.is_block_device() {
            // Several files may represent one device.
            true => Some(FileId { device: about.rdev(), number: u64::MAX }),
            false => kind.is_file().then(|| FileId { device: about.dev(), number: about.ino() }),
        }
    }

    /// Returns `None`: this system has no file numbers.
    #[cfg(not(unix))]
    pub fn of(_: &Metadata) -> Option<FileId> {
        None
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn names_of_one_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("a"), "").unwrap();
        fs::write(path("b"), "").unwrap();
        fs::hard_link(path("a"), path("hard")).unwrap();
        std::os::unix::fs::symlink("a", path("soft")).unwrap();
        let id = FileId::of_path(path("a"));
        assert!(id.is_some() && id == FileId::of_file(&File::open(path("a")).unwrap()));
        assert_eq!(FileId::of_path(path("hard")), id);
        assert_eq!(FileId::of_path(path("soft")), id);
        assert_ne!(FileId::of_path(path("b")), id);
        assert_eq!(FileId::of_path(path("none")), None);
    }
}
