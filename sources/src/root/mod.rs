//! The login records of whole systems, in folders and archives.

mod content;
mod discover;
mod machine;
mod name;
#[cfg(feature = "archives")]
mod opened;
#[cfg(not(feature = "archives"))]
#[path = "unopened.rs"]
mod opened;
mod places;
mod resolve;
mod rotation;

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use self::discover::Discovery;
pub use self::machine::{FoundFile, Log, Machine};
pub use self::opened::{image_segments, open_disk, open_unallocated};
pub use self::rotation::rotated_copies;
use crate::problem::Problem;
use crate::tree::{FolderTree, Tree};

/// How roots are searched.
#[derive(Clone, Debug)]
pub struct RootOptions {
    /// Whether every regular file is looked at, not only those at usual places.
    pub scan: bool,
    /// The most bytes that are unpacked of one file.
    pub max_size: u64,
    /// Files that may be [looked up](Machine::resolve) later: of an archive, only what may be
    /// needed is kept.
    pub names: Vec<PathBuf>,
}

impl Default for RootOptions {
    fn default() -> RootOptions {
        RootOptions { scan: false, max_size: 4 << 30, names: Vec::new() }
    }
}

/// Machines below one root.
#[derive(Debug)]
pub struct Root {
    /// The root itself as a machine, to look up files by their path in it.
    pub top: Machine,
    /// The machines, in the order of their paths.
    pub machines: Vec<Machine>,
    /// Problems with parts of the root.
    pub problems: Vec<Problem>,
    /// The archives and images that were opened, with their segments.
    pub archives: Vec<PathBuf>,
    /// The kind of archive or image, such as `a tar archive`; `None` for a folder.
    pub what: Option<&'static str>,
}

/// Opens a folder with the files of a system, or of several: a mounted image, a copy, a collection.
///
/// Symbolic links are followed as that system would follow them, and never out of the root.
///
/// ```no_run
/// use loginrec_sources::{RootOptions, open_root};
///
/// let root = open_root("/mnt/image", &RootOptions::default())?;
/// for machine in &root.machines {
///     for log in machine.logs() {
///         println!("{}: {}", machine.name(), log.file.path.display());
///     }
/// }
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
///
/// If the root cannot be read at all.
pub fn open_root(path: impl AsRef<Path>, options: &RootOptions) -> io::Result<Root> {
    let path = path.as_ref();
    let mut discovery = Discovery::new(options);
    let tree = match fs::metadata(path)?.is_dir() {
        true => {
            let tree: Rc<dyn Tree> = Rc::new(FolderTree::new(path));
            tree.names(Path::new(""))?;
            tree
        }
        false => discovery.open(path)?.ok_or_else(|| {
            io::Error::new(ErrorKind::InvalidInput, "neither a folder nor an archive that is read")
        })?,
    };
    let name = name::of_root(path);
    discovery.tree(&tree, &name);
    let Discovery { machines, problems, archives, what, .. } = discovery;
    let top = Machine::files(name, vec![tree], Vec::new());
    Ok(Root { top, machines, problems, archives, what })
}

/// Returns whether a path is that of a folder or of an archive, so that [`open_root`] reads it.
pub fn is_root(path: impl AsRef<Path>) -> bool {
    let path = path.as_ref();
    fs::metadata(path)
        .is_ok_and(|about| about.is_dir() || (about.is_file() && opened::is_one(path)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn links_stay_below_the_root() {
        use std::fs;
        use std::os::unix::fs::symlink;

        use loginrec::FileKind;

        let folder = tempfile::tempdir().unwrap();
        let top = folder.path();
        fs::create_dir_all(top.join("var/adm")).unwrap();
        fs::write(top.join("var/adm/wtmp"), "").unwrap();
        fs::write(top.join("var/adm/wtmp.1"), "").unwrap();
        symlink("/var/adm", top.join("var/log")).unwrap();
        symlink("../../../../etc/passwd", top.join("var/adm/btmp")).unwrap();
        symlink("/nowhere", top.join("var/adm/lastlog")).unwrap();
        symlink("utmp", top.join("var/adm/utmp")).unwrap();
        let options = RootOptions::default();
        let root = open_root(top, &options).unwrap();
        let [machine] = root.machines.as_slice() else { panic!("{root:?}") };
        let wtmp = ["var/adm/wtmp.1", "var/adm/wtmp"].map(|path| top.join(path));
        let found: Vec<_> = machine.logs().iter().map(|log| log.file.path.clone()).collect();
        assert_eq!(found, wtmp);
        assert_eq!(machine.problems(&[FileKind::Wtmp]).count(), 0);
        let mut said: Vec<_> = machine.problems(&[]).map(Problem::to_string).collect();
        said.sort();
        assert_eq!(
            said,
            [
                "is a link to itself",
                "points to ../../../../etc/passwd, outside the root; not followed",
                "points to /nowhere, which is not below the root",
            ]
        );
        let resolved = machine.resolve("/var/log/wtmp").unwrap().unwrap();
        assert_eq!(resolved.path, wtmp[1]);
        assert!(machine.resolve("/var/log/nothing").unwrap().is_none());
        assert!(open_root("/nonexistent/root", &options).is_err());
    }
}
