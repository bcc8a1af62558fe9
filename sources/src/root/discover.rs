//! Finds the machines below a root.

use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::content::{SAMPLE, by_content, by_word};
use super::machine::{FoundFile, Log, Machine};
use super::opened::{self, has_archive_name};
use super::{RootOptions, name, places};
use crate::problem::{Problem, ProblemKind};
use crate::tree::{Kind, SubTree, Tree};

/// The deepest folder that is looked at.
const DEEPEST: usize = 64;
/// The most things in folders that are looked at.
const MOST: usize = 4_000_000;

/// A search for machines.
pub(super) struct Discovery<'o> {
    options: &'o RootOptions,
    pub(super) machines: Vec<Machine>,
    pub(super) problems: Vec<Problem>,
    /// Archives and images that were opened, with their segments.
    pub(super) archives: Vec<PathBuf>,
    /// The kind of archive or image of the first one.
    pub(super) what: Option<&'static str>,
    /// Things looked at in folders.
    seen: usize,
}

impl<'o> Discovery<'o> {
    pub(super) fn new(options: &'o RootOptions) -> Discovery<'o> {
        Discovery {
            options,
            machines: Vec::new(),
            problems: Vec::new(),
            archives: Vec::new(),
            what: None,
            seen: 0,
        }
    }

    /// Opens an archive; `None` if the file is something else.
    pub(super) fn open(&mut self, path: &Path) -> io::Result<Option<Rc<dyn Tree>>> {
        let opened = opened::open(path, self.options, &mut self.problems)?;
        Ok(opened.map(|(tree, what)| {
            self.archives.push(path.to_owned());
            self.archives.extend(opened::image_segments(path));
            self.what = self.what.or(Some(what));
            tree
        }))
    }

    /// Finds the machines in a tree, which has this name.
    pub(super) fn tree(&mut self, tree: &Rc<dyn Tree>, name: &str) {
        self.folder(tree, name, 0);
    }

    /// Finds the machines in a folder, which is the top of a tree.
    fn folder(&mut self, tree: &Rc<dyn Tree>, folder_name: &str, depth: usize) {
        if depth > DEEPEST {
            return;
        }
        let machine = Machine::system(folder_name.to_owned(), vec![Rc::clone(tree)]);
        if !machine.is_empty() || is_system(&**tree) {
            return self.machine(machine);
        }
        let tops = collected(tree);
        if !tops.is_empty() {
            return self.machine(Machine::system(folder_name.to_owned(), tops));
        }
        let images = opened::images(tree);
        if !images.is_empty() {
            for (name, image) in images {
                let name = name.unwrap_or_else(|| folder_name.to_owned());
                self.machine(Machine::system(name, vec![image]));
            }
            return;
        }
        let mut names = match tree.names(Path::new("")) {
            Ok(names) => names,
            Err(error) => {
                let path = tree.full(Path::new(""));
                return self.problems.push(Problem::new(path, ProblemKind::Io(error)));
            }
        };
        names.sort();
        let mut logs = Vec::new();
        for base in names {
            self.seen = self.seen.saturating_add(1);
            if self.seen > MOST {
                return;
            }
            let path = Path::new(&base);
            match tree.kind(path) {
                Ok(Kind::Folder) => {
                    let sub: Rc<dyn Tree> = Rc::new(SubTree::new(tree, path));
                    self.folder(&sub, &name::of_file(path), depth.saturating_add(1));
                }
                Ok(Kind::File) => match self.inner(tree, path) {
                    Some(inner) => {
                        self.folder(&inner, &name::of_file(path), depth.saturating_add(1));
                    }
                    None => logs.extend(self.log(&**tree, path)),
                },
                Ok(Kind::Link | Kind::Other) | Err(_) => {}
            }
        }
        if !logs.is_empty() {
            let tops = vec![Rc::clone(tree)];
            self.machines.push(Machine::files(folder_name.to_owned(), tops, logs));
        }
    }

    /// Opens an archive that lies in a folder or in another archive.
    fn inner(&mut self, tree: &Rc<dyn Tree>, path: &Path) -> Option<Rc<dyn Tree>> {
        if tree.archive(path).is_some() || !has_archive_name(path) {
            return tree.nested(path);
        }
        if opened::is_part(&**tree, path) {
            return None;
        }
        let path = tree.full(path);
        self.open(&path).unwrap_or_else(|error| {
            self.problems.push(Problem::new(path, ProblemKind::Io(error)));
            None
        })
    }

    /// Takes a machine with a file system of its own.
    fn machine(&mut self, mut machine: Machine) {
        if let Some(own) = machine.tops().iter().find_map(|tree| name::of_system(&**tree)) {
            machine.name = own;
        }
        if self.options.scan {
            let mut logs = Vec::new();
            for tree in machine.tops().to_vec() {
                self.walk(&*tree, &mut PathBuf::new(), 0, &mut logs);
            }
            machine.add(logs);
        }
        self.machines.push(machine);
    }

    /// Looks at every regular file of a system.
    fn walk(&mut self, tree: &dyn Tree, folder: &mut PathBuf, depth: usize, logs: &mut Vec<Log>) {
        if depth > DEEPEST {
            return;
        }
        let mut names = tree.names(folder).unwrap_or_default();
        names.sort();
        for base in names {
            self.seen = self.seen.saturating_add(1);
            // These have no files of the disk.
            let is_virtual = depth == 0 && ["proc", "sys", "dev"].iter().any(|name| *name == base);
            if self.seen > MOST || is_virtual {
                continue;
            }
            folder.push(&base);
            match tree.kind(folder) {
                Ok(Kind::Folder) => self.walk(tree, folder, depth.saturating_add(1), logs),
                Ok(Kind::File) => logs.extend(self.log(tree, folder)),
                Ok(Kind::Link | Kind::Other) | Err(_) => {}
            }
            folder.pop();
        }
    }

    /// Returns a file if its name or, with `--scan`, its content is that of a log.
    fn log(&mut self, tree: &dyn Tree, path: &Path) -> Option<Log> {
        let base = crate::tree::decoded(&path.file_name()?.to_owned());
        let by_word = by_word(&base);
        if by_word.is_none() && !self.options.scan {
            return None;
        }
        let file = match FoundFile::of(tree, path) {
            Ok(file) => file,
            Err(problem) => {
                self.problems.push(problem);
                return None;
            }
        };
        let kind = match by_word {
            Some(kind) => kind,
            None => by_content(Path::new(&base), &tree.read(path, SAMPLE).ok()?)?,
        };
        Some(Log { kind, file })
    }
}

/// Returns whether a tree is that of a system, though it has no logs.
fn is_system(tree: &dyn Tree) -> bool {
    let has = |name: &str| matches!(tree.kind(Path::new(name)), Ok(Kind::Folder | Kind::Link));
    has("etc") && (has("usr") || has("var") || has("bin"))
}

/// Returns the file systems in what a collector has made: `[root]` of UAC, `uploads/auto` and others
/// of Velociraptor.
fn collected(tree: &Rc<dyn Tree>) -> Vec<Rc<dyn Tree>> {
    let is_folder = |path: &Path| matches!(tree.kind(path), Ok(Kind::Folder));
    if is_folder(Path::new("[root]")) {
        return vec![Rc::new(SubTree::new(tree, "[root]"))];
    }
    let uploads = Path::new("uploads");
    let mut accessors = match is_folder(uploads) {
        true => tree.names(uploads).unwrap_or_default(),
        false => Vec::new(),
    };
    accessors.sort();
    let tops =
        accessors.iter().map(|accessor| SubTree::new(tree, uploads.join(accessor)).encoded());
    let tops =
        tops.filter(|top| is_system(top) || has_etc(top) || !places::look(top).found.is_empty());
    tops.map(|top| Rc::new(top) as Rc<dyn Tree>).collect()
}

fn has_etc(tree: &dyn Tree) -> bool {
    matches!(tree.kind(Path::new("etc")), Ok(Kind::Folder))
}
