//! The files to read, and whose they are.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use loginrec::contract::EscapedUtf8;

use crate::file_name::{FileName, Owner};

/// The files to read, by machine.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sources {
    pub(crate) machines: Vec<MachineFiles>,
}

/// Files of one machine, or files that were named without one.
#[derive(Clone, Debug, Default)]
pub(crate) struct MachineFiles {
    pub(crate) name: Option<Arc<str>>,
    pub(crate) files: Vec<SourceFile>,
    /// All its files with login records, below a root.
    pub(crate) logs: Vec<PathBuf>,
    /// The file with the names of its users.
    pub(crate) passwd: Option<PathBuf>,
    /// Whether it was found below a root.
    pub(crate) is_root: bool,
}

/// A file to read.
#[derive(Clone, Debug)]
pub(crate) struct SourceFile {
    pub(crate) path: PathBuf,
    pub(crate) owner: Option<Arc<Owner>>,
    /// Its path below the root, in rows.
    pub(crate) below: Option<Arc<str>>,
}

impl SourceFile {
    /// A file that was named.
    pub(crate) fn named(path: PathBuf, owner: Option<Arc<Owner>>) -> SourceFile {
        SourceFile { path, owner, below: None }
    }

    pub(crate) fn name(&self) -> FileName<'_> {
        FileName::new(&self.path).of(self.owner.clone(), self.below.clone())
    }
}

/// Returns a path below a root as rows have it, `/`-separated.
pub(crate) fn below(path: &Path) -> Arc<str> {
    let names: Vec<String> =
        path.iter().map(|name| EscapedUtf8(name.as_encoded_bytes()).to_string()).collect();
    names.join("/").into()
}

impl Sources {
    /// Returns the files of all machines.
    pub(crate) fn files(&self) -> impl Iterator<Item = &SourceFile> {
        self.machines.iter().flat_map(|machine| &machine.files)
    }

    /// Returns the number of files.
    pub(crate) fn len(&self) -> usize {
        self.files().count()
    }

    /// Returns whether text must say which machine a row is from.
    pub(crate) fn has_several(&self) -> bool {
        self.machines.iter().filter(|machine| !machine.files.is_empty()).count() > 1
    }

    /// Returns the machine of a file.
    pub(crate) fn machine_of(&self, path: &Path) -> Option<&MachineFiles> {
        let mut machines = self.machines.iter();
        machines.find(|machine| {
            machine.files.iter().any(|file| file.path == path)
                || machine.logs.iter().any(|log| log == path)
        })
    }
}
