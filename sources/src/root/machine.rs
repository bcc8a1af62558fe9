//! The login records of one machine.

use std::fmt;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use loginrec::FileKind;

use super::places::{self, Places};
use super::resolve::resolve;
use crate::problem::{Problem, ProblemKind};
use crate::tree::{Held, Kind, Tree};

/// A machine below a root, with its files.
pub struct Machine {
    pub(super) name: String,
    /// Folders that are each the top of this machine's file system.
    tops: Vec<Rc<dyn Tree>>,
    logs: Vec<Log>,
    problems: Vec<(FileKind, Problem)>,
    /// Each place that was looked at, and the number of files there.
    looked: Vec<(PathBuf, usize)>,
}

/// A file with login records, or one that may have some.
#[derive(Clone, Debug)]
pub struct Log {
    /// The kind, by its place or its name; `None` if they do not show it.
    pub kind: Option<FileKind>,
    /// The file.
    pub file: FoundFile,
}

/// A file of a machine.
#[derive(Clone, Debug)]
pub struct FoundFile {
    /// The path for messages; for a file of this host the one to open.
    pub path: PathBuf,
    /// The path below the root.
    pub below: PathBuf,
    /// The archive or image that has it, if any.
    pub archive: Option<PathBuf>,
    /// The content of a member of an archive.
    pub held: Option<Held>,
    /// The log and the journal of a database that is a member, by their paths.
    pub beside: Vec<(PathBuf, Held)>,
}

impl FoundFile {
    pub(super) fn of(tree: &dyn Tree, path: &Path) -> Result<FoundFile, Problem> {
        let held = tree
            .held(path)
            .map_err(|error| Problem::new(tree.full(path), ProblemKind::Io(error)))?;
        let mut beside = Vec::new();
        if let Some(base) = path.file_name().filter(|_| held.is_some()) {
            for suffix in ["-wal", "-journal"] {
                let mut name = base.to_owned();
                name.push(suffix);
                let path = path.with_file_name(name);
                if matches!(tree.kind(&path), Ok(Kind::File))
                    && let Ok(Some(held)) = tree.held(&path)
                {
                    beside.push((tree.full(&path), held));
                }
            }
        }
        let (full, below, archive) = (tree.full(path), tree.below(path), tree.archive(path));
        Ok(FoundFile { path: full, below, archive, held, beside })
    }
}

impl Machine {
    /// A machine whose file system has these tops.
    pub(super) fn system(name: String, tops: Vec<Rc<dyn Tree>>) -> Machine {
        let mut machine = Machine::files(name, tops, Vec::new());
        for tree in &machine.tops {
            let Places { found, problems, looked } = places::look(&**tree);
            machine.problems.extend(problems);
            for (kind, path) in found {
                match FoundFile::of(&**tree, &path) {
                    Ok(file) => machine.logs.push(Log { kind: Some(kind), file }),
                    Err(problem) => machine.problems.push((kind, problem)),
                }
            }
            let full = |place: &str| tree.full(Path::new(place.trim_start_matches('/')));
            machine.looked.extend(looked.iter().map(|(place, found)| (full(place), *found)));
        }
        machine
    }

    /// A machine of which only these files are known.
    pub(super) fn files(name: String, tops: Vec<Rc<dyn Tree>>, logs: Vec<Log>) -> Machine {
        Machine { name, tops, logs, problems: Vec::new(), looked: Vec::new() }
    }

    /// Adds files that are not at a usual place.
    pub(super) fn add(&mut self, logs: Vec<Log>) {
        for log in logs {
            if self.logs.iter().all(|known| known.file.path != log.file.path) {
                self.logs.push(log);
            }
        }
    }

    /// Returns the name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns whether nothing was found and nothing went wrong.
    pub(super) fn is_empty(&self) -> bool {
        self.logs.is_empty() && self.problems.is_empty()
    }

    /// Returns the files: each log after its rotated copies, oldest first.
    pub fn logs(&self) -> &[Log] {
        &self.logs
    }

    /// Returns the problems with files of these kinds (all kinds if the list is empty).
    pub fn problems(&self, kinds: &[FileKind]) -> impl Iterator<Item = &Problem> {
        let of_kinds = |(kind, _): &&(FileKind, Problem)| kinds.is_empty() || kinds.contains(kind);
        self.problems.iter().filter(of_kinds).map(|(_, problem)| problem)
    }

    /// Returns whether the places of a system were looked at, so that paths are those of a system.
    pub fn is_system(&self) -> bool {
        !self.looked.is_empty()
    }

    /// Returns the places that were looked at, each with the number of files there.
    pub fn looked_at(&self) -> &[(PathBuf, usize)] {
        &self.looked
    }

    pub(super) fn tops(&self) -> &[Rc<dyn Tree>] {
        &self.tops
    }

    /// Returns the file at a path of the machine; `None` if it has none there.
    ///
    /// # Errors
    ///
    /// If a link is invalid, or the system reports an error.
    pub fn resolve(&self, path: impl AsRef<Path>) -> Result<Option<FoundFile>, Problem> {
        for tree in &self.tops {
            if let Some(path) = resolve(&**tree, path.as_ref())? {
                return FoundFile::of(&**tree, &path).map(Some);
            }
        }
        Ok(None)
    }

    /// Returns the file with the names of the users.
    pub fn passwd(&self) -> Option<FoundFile> {
        self.tops.iter().find_map(|tree| {
            let path = resolve(&**tree, Path::new("etc/passwd")).ok()??;
            FoundFile::of(&**tree, &path).ok()
        })
    }
}

impl fmt::Debug for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Machine").field("name", &self.name).finish_non_exhaustive()
    }
}
