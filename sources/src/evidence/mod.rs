//! Opens files without changing them.

mod file_id;
mod refusal;

use std::ffi::OsString;
use std::fs::{self, File, FileType, OpenOptions};
use std::io::{self, ErrorKind, Read as _};
use std::path::Path;
#[cfg(feature = "archives")]
use std::rc::Rc;

#[cfg(feature = "archives")]
use loginrec::read::ReadAt;

pub use self::file_id::FileId;
pub use self::refusal::Refusal;
#[cfg(feature = "archives")]
use crate::sparse_file::SparseFile;

/// Opens a file for reading, without changing its time of last access if the system allows that
/// (Linux, for the owner of the file and for root).
///
/// Opens regular files and block devices, and anything that `/dev/stdin` and `/dev/fd/N` refer to,
/// which shells pass for `<(zcat wtmp.1.gz)`. Opening never blocks: files that could block, or are
/// endless, are refused.
/// has no end, is refused.
///
/// # Errors
///
/// As [`File::open`]; [`ErrorKind::IsADirectory`] for a folder; and an error with a [`Refusal`] for
/// FIFOs, sockets and character devices.
pub fn open_evidence(path: impl AsRef<Path>) -> io::Result<File> {
    let path = path.as_ref();
    if is_descriptor(path) {
        return open_descriptor(path);
    }
    // Opening some devices has an effect: a tape is rewound, a watchdog starts.
    check(fs::metadata(path)?.file_type())?;
    let file = open_quietly(path)?;
    // Meanwhile the name may belong to another file.
    check(file.metadata()?.file_type())?;
    Ok(file)
}

/// Opens a file for reading at any offset.
#[cfg(feature = "archives")]
pub(crate) fn open_source(path: &Path) -> io::Result<Rc<dyn ReadAt>> {
    Ok(Rc::new(SparseFile::new(open_evidence(path)?)))
}

/// Opens a segment of an image.
#[cfg(feature = "images")]
pub(crate) fn open_segment(path: &Path) -> io::Result<File> {
    open_evidence(path)
}

/// Reads up to `most` bytes from the beginning of a file.
pub(crate) fn read_beginning(path: &Path, most: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open_evidence(path)?.take(most as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Returns the names in a folder, in no particular order, without changing its time of last access
/// if the system allows that.
///
/// # Errors
///
/// If the folder cannot be read.
pub fn read_names(folder: impl AsRef<Path>) -> io::Result<Vec<OsString>> {
    names(folder.as_ref())
}

/// Returns whether a path refers to an open file of this process, such as `/dev/stdin` or
/// `/dev/fd/63`.
#[cfg(unix)]
pub fn is_descriptor(path: &Path) -> bool {
    use std::os::unix::ffi::OsStrExt as _;

    let bytes = path.as_os_str().as_bytes();
    let number = [&b"/dev/fd/"[..], b"/proc/self/fd/"].iter().find_map(|p| bytes.strip_prefix(*p));
    bytes == b"/dev/stdin"
        || number.is_some_and(|n| !n.is_empty() && n.iter().all(u8::is_ascii_digit))
}

/// Other systems have no names for open files.
#[cfg(not(unix))]
pub fn is_descriptor(_: &Path) -> bool {
    false
}

fn open_descriptor(path: &Path) -> io::Result<File> {
    match File::open(path) {
        Ok(file) if file.metadata()?.is_dir() => Err(ErrorKind::IsADirectory.into()),
        Ok(file) => Ok(file),
        Err(error) if is_no_device(&error) => Err(Refusal::Socket.into()),
        Err(error) => Err(error),
    }
}

/// Refuses things that are not files.
fn check(kind: FileType) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt as _;

        if kind.is_fifo() {
            return Err(Refusal::Fifo.into());
        }
        if kind.is_socket() {
            return Err(Refusal::Socket.into());
        }
        if kind.is_char_device() {
            return Err(Refusal::CharacterDevice.into());
        }
    }
    if kind.is_dir() { Err(ErrorKind::IsADirectory.into()) } else { Ok(()) }
}

#[cfg(target_os = "linux")]
fn open_quietly(path: &Path) -> io::Result<File> {
    use rustix::fs::OFlags;

    // The system refuses the first attempt for a file of another user.
    match open_with(path, OFlags::NOATIME | OFlags::NONBLOCK | OFlags::NOCTTY) {
        Err(error) if rustix::io::Errno::from_io_error(&error) == Some(rustix::io::Errno::PERM) => {
            open_with(path, OFlags::NONBLOCK | OFlags::NOCTTY)
        }
        opened => opened,
    }
}

#[cfg(all(unix, not(target_os = "linux")))]
fn open_quietly(path: &Path) -> io::Result<File> {
    use rustix::fs::OFlags;

    open_with(path, OFlags::NONBLOCK | OFlags::NOCTTY)
}

#[cfg(not(unix))]
fn open_quietly(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).open(path)
}

#[cfg(unix)]
fn open_with(path: &Path, flags: rustix::fs::OFlags) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;

    // Flags are bits, whatever the sign of the number.
    OpenOptions::new().read(true).custom_flags(flags.bits() as i32).open(path)
}

#[cfg(unix)]
fn is_no_device(error: &io::Error) -> bool {
    rustix::io::Errno::from_io_error(error) == Some(rustix::io::Errno::NXIO)
}

#[cfg(not(unix))]
fn is_no_device(_: &io::Error) -> bool {
    false
}

#[cfg(target_os = "linux")]
fn names(folder: &Path) -> io::Result<Vec<OsString>> {
    use std::os::unix::ffi::OsStringExt as _;

    use rustix::fs::{CWD, Dir, Mode, OFlags, openat};
    use rustix::io::Errno;

    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let opened = match openat(CWD, folder, flags | OFlags::NOATIME, Mode::empty()) {
        Err(Errno::PERM) => openat(CWD, folder, flags, Mode::empty()),
        opened => opened,
    };
    let mut names = Vec::new();
    for entry in Dir::new(opened?)? {
        let name = entry?.file_name().to_bytes().to_vec();
        if name != b"." && name != b".." {
            names.push(OsString::from_vec(name));
        }
    }
    Ok(names)
}

#[cfg(not(target_os = "linux"))]
fn names(folder: &Path) -> io::Result<Vec<OsString>> {
    fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name())).collect()
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::MetadataExt as _;
    use std::os::unix::net::UnixListener;
    use std::process::Command;

    use super::*;

    #[test]
    fn names_of_open_files() {
        for path in ["/dev/stdin", "/dev/fd/0", "/dev/fd/63", "/proc/self/fd/7"] {
            assert!(is_descriptor(Path::new(path)), "{path}");
        }
        for path in ["/dev/fd/", "/dev/fd/x", "/dev/fd", "/dev/stdout", "dev/stdin", "/dev/fd/1/x"]
        {
            assert!(!is_descriptor(Path::new(path)), "{path}");
        }
    }

    #[test]
    fn only_files_are_opened() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let _listener = UnixListener::bind(path("socket")).unwrap();
        assert!(Command::new("mkfifo").arg(path("fifo")).status().unwrap().success());
        std::os::unix::fs::symlink("fifo", path("link")).unwrap();
        let refused = |path: &Path| match open_evidence(path) {
            Err(error) => error.get_ref().and_then(|inner| inner.downcast_ref()).copied(),
            Ok(_) => panic!("{path:?} was opened"),
        };
        assert_eq!(refused(&path("socket")), Some(Refusal::Socket));
        assert_eq!(refused(&path("fifo")), Some(Refusal::Fifo));
        assert_eq!(refused(&path("link")), Some(Refusal::Fifo));
        assert_eq!(refused(Path::new("/dev/zero")), Some(Refusal::CharacterDevice));
        assert_eq!(open_evidence(folder.path()).unwrap_err().kind(), ErrorKind::IsADirectory);
        assert_eq!(open_evidence(path("none")).unwrap_err().kind(), ErrorKind::NotFound);
        let mut names = read_names(folder.path()).unwrap();
        names.sort();
        assert_eq!(names, ["fifo", "link", "socket"]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_time_of_last_access_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wtmp");
        fs::write(&path, b"records").unwrap();
        let old = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000);
        let file = File::options().write(true).open(&path).unwrap();
        file.set_times(fs::FileTimes::new().set_accessed(old)).unwrap();
        let mut bytes = Vec::new();
        open_evidence(&path).unwrap().read_to_end(&mut bytes).unwrap();
        assert_eq!(
            (bytes.as_slice(), fs::metadata(&path).unwrap().atime()),
            (&b"records"[..], 1_000_000)
        );
    }
}
