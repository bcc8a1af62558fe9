//! Files that only appear when they are complete.

use std::fs::{self, File, Permissions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

/// An unfinished file, under a temporary name in its folder. An interrupted run leaves nothing that
/// could be taken for a result, and keeps the old file.
#[derive(Debug)]
pub(crate) struct PendingFile {
    file: NamedTempFile,
    path: PathBuf,
    force: bool,
}

impl PendingFile {
    /// Begins a new file.
    pub(crate) fn new(path: &Path) -> io::Result<PendingFile> {
        match fs::symlink_metadata(path) {
            Ok(_) => Err(exists()),
            Err(_) => PendingFile::begin(path, false),
        }
    }

    /// Begins a file that may replace another one, with its permissions.
    pub(crate) fn replacing(path: &Path) -> io::Result<PendingFile> {
        let before = match fs::symlink_metadata(path) {
            // Renaming onto a device would replace the device.
            Ok(about) if !about.is_file() => {
                let why = "not a regular file; not replaced";
                return Err(io::Error::new(ErrorKind::InvalidInput, why));
            }
            Ok(about) => {
                // Replacing a file requires permission to write to it.
                File::options().write(true).open(path)?;
                Some(about.permissions())
            }
            Err(_) => None,
        };
        let pending = PendingFile::begin(path, true)?;
        before.map_or(Ok(()), |before| pending.as_file().set_permissions(before))?;
        Ok(pending)
    }

    fn begin(path: &Path, force: bool) -> io::Result<PendingFile> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let mut builder = Builder::new();
        builder.prefix(".loginrec-").permissions(usual_permissions()?);
        let file = builder.tempfile_in(folder.unwrap_or(Path::new("."))).map_err(no_folder)?;
        Ok(PendingFile { file, path: path.to_owned(), force })
    }

    pub(crate) fn as_file(&self) -> &File {
        self.file.as_file()
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Flushes everything and renames the file to its final name.
    pub(crate) fn publish(self) -> io::Result<()> {
        let PendingFile { file, path, force } = self;
        file.as_file().sync_all()?;
        let named = if force { file.persist(&path) } else { file.persist_noclobber(&path) };
        named.map(drop).map_err(|error| match error.error.kind() {
            ErrorKind::AlreadyExists => exists(),
            _ => error.error,
        })
    }
}

/// The permissions of a new file, to which the system applies the umask.
#[cfg(unix)]
fn usual_permissions() -> io::Result<Permissions> {
    use std::os::unix::fs::PermissionsExt as _;
    Ok(Permissions::from_mode(0o666))
}

#[cfg(not(unix))]
fn usual_permissions() -> io::Result<Permissions> {
    fs::metadata(".").map(|about| about.permissions())
}

fn no_folder(error: io::Error) -> io::Error {
    match error.kind() {
        ErrorKind::NotFound => io::Error::other("its folder does not exist"),
        _ => error,
    }
}

fn exists() -> io::Error {
    io::Error::new(ErrorKind::AlreadyExists, "exists: --force replaces it")
}
