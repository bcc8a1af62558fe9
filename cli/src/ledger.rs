//! The files that are evidence: they are read, listed by `--manifest`, and never written.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ffi::OsString;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use loginrec_sources::{Checksum, FileId, FoundFile, Held, Sha256Reader};

use crate::file_name::FileName;

/// Suffixes of files that belong to a database: writing to them changes the database.
const SIDECARS: [&str; 4] = ["", "-wal", "-journal", "-shm"];

/// The files that are read, and therefore must not be written.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    evidence: Vec<Evidence>,
    /// With `--manifest`: every source, in the order of opening.
    sources: Option<Vec<Source>>,
    /// Members of archives, by the paths that they have in messages.
    members: HashMap<PathBuf, Held>,
    /// The archives that have them.
    archives: Vec<PathBuf>,
}

/// One file, with its number and its name: some systems have no numbers, and a file that does not
/// exist yet has none.
#[derive(Debug, PartialEq, Eq)]
struct Evidence {
    id: Option<FileId>,
    place: Option<PathBuf>,
}

#[derive(Debug)]
struct Source {
    path: PathBuf,
    sum: Sum,
    /// Whether it is a member of an archive.
    is_member: bool,
}

#[derive(Debug)]
enum Sum {
    Known(Checksum),
    /// Still being computed, because the source is being read.
    Passing(Passing),
}

impl Ledger {
    /// Lists sources that are read from now on.
    pub(crate) fn list_sources(&mut self) {
        self.sources = Some(Vec::new());
    }

    /// Lists sources from now on, if they are not listed yet. Returns whether they were not.
    pub(crate) fn want_sources(&mut self) -> bool {
        let is_new = self.sources.is_none();
        self.sources.get_or_insert_default();
        is_new
    }

    /// Returns the sources whose checksums are known: all but what can be read only once.
    pub(crate) fn known_sums(&self) -> Vec<KnownSum> {
        let listed = self.sources.iter().flatten().filter_map(|source| match &source.sum {
            Sum::Known(sum) => {
                let (path, sha256) = (source.path.clone(), sum.sha256.clone());
                Some(KnownSum { path, sha256, len: sum.len })
            }
            Sum::Passing(_) => None,
        });
        listed.collect()
    }

    /// Adds a file to the evidence. `-` is the file that standard input reads.
    pub(crate) fn protect(&mut self, path: &Path) {
        let evidence = match FileName::new(path).is_stdin() {
            true => Evidence { id: FileId::of_stdin(), place: None },
            false => Evidence { id: FileId::of_path(path), place: place(path) },
        };
        if !self.evidence.contains(&evidence) {
            self.evidence.push(evidence);
        }
    }

    /// Adds a file below a root.
    pub(crate) fn add_found(&mut self, file: &FoundFile) {
        match &file.held {
            Some(held) => {
                let beside = file.beside.iter().map(|(path, held)| (path.clone(), held.clone()));
                self.members.extend(beside.chain([(file.path.clone(), held.clone())]));
            }
            None => self.protect(&file.path),
        }
    }

    /// Adds an archive below a root, or one that is a root.
    pub(crate) fn add_archive(&mut self, path: &Path) {
        self.protect(path);
        self.archives.push(path.to_owned());
    }

    /// Returns these archives.
    pub(crate) fn archives(&self) -> Vec<PathBuf> {
        self.archives.clone()
    }

    /// Returns a member of an archive.
    pub(crate) fn member(&self, path: &Path) -> Option<&Held> {
        self.members.get(path)
    }

    /// Returns whether writing to `path` would change evidence, perhaps through links.
    pub(crate) fn has(&self, path: &Path) -> bool {
        let (id, place) = (FileId::of_path(path), place(path));
        self.evidence.iter().any(|evidence| {
            let is_same = id.is_some() && evidence.id == id;
            is_same || place.as_deref().is_some_and(|place| evidence.is_at(place))
        })
    }

    /// Returns whether an open file, such as standard output, is evidence.
    pub(crate) fn has_file(&self, id: Option<FileId>) -> bool {
        id.is_some() && self.evidence.iter().any(|evidence| evidence.id == id)
    }

    /// Returns whether the checksum of this file is needed and unknown.
    pub(crate) fn wants(&self, path: &Path) -> bool {
        let sources = self.sources.as_ref();
        sources.is_some_and(|sources| sources.iter().all(|source| source.path != path))
    }

    /// Lists a source with a known checksum.
    pub(crate) fn add(&mut self, path: &Path, sum: Checksum) {
        self.push(path, Sum::Known(sum), false);
    }

    /// Lists a member of an archive.
    pub(crate) fn add_member(&mut self, path: &Path, sum: Checksum) {
        self.push(path, Sum::Known(sum), true);
    }

    /// Lists a source that can be read only once, and returns a reader that computes its checksum.
    pub(crate) fn pass(&mut self, path: &Path, reader: Box<dyn Read>) -> Passing {
        let passing = Passing(Rc::new(RefCell::new(Sha256Reader::new(reader))));
        self.push(path, Sum::Passing(passing.clone()), false);
        passing
    }

    fn push(&mut self, path: &Path, sum: Sum, is_member: bool) {
        let source = Source { path: path.to_owned(), sum, is_member };
        self.sources.get_or_insert_default().push(source);
    }

    /// Returns the list. Sources that have not been read to their end are read now. Those that cannot
    /// be are omitted and passed to `failed`.
    pub(crate) fn listed(
        &mut self,
        mut failed: impl FnMut(&FileName<'_>, &io::Error),
    ) -> Vec<Listed> {
        let mut listed = Vec::new();
        for Source { path, sum, is_member } in self.sources.iter_mut().flatten() {
            if let Sum::Passing(passing) = sum {
                match passing.finish() {
                    Ok(known) => *sum = Sum::Known(known),
                    Err(error) => {
                        failed(&FileName::new(path), &error);
                        continue;
                    }
                }
            }
            if let Sum::Known(sum) = sum {
                let (path, sum, is_member) = (path.clone().into(), sum.clone(), *is_member);
                listed.push(Listed { path, sum, is_member });
            }
        }
        listed
    }
}

impl Evidence {
    fn is_at(&self, place: &Path) -> bool {
        let Some(own) = &self.place else { return false };
        SIDECARS.iter().any(|suffix| {
            let mut name = own.clone().into_os_string();
            name.push(suffix);
            name == *place
        })
    }
}

/// Returns the path of an existing or future file, without links in its folder.
fn place(path: &Path) -> Option<PathBuf> {
    if let Ok(place) = fs::canonicalize(path) {
        return Some(place);
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = fs::canonicalize(folder.unwrap_or(Path::new("."))).ok()?;
    Some(folder.join(path.file_name()?))
}

/// A source whose checksum is known while others are still read.
#[derive(Debug)]
pub(crate) struct KnownSum {
    pub(crate) path: PathBuf,
    /// In lower-case hexadecimal digits.
    pub(crate) sha256: String,
    /// Size in bytes.
    pub(crate) len: u64,
}

/// A source with its checksum.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) path: OsString,
    pub(crate) sum: Checksum,
    /// Whether it is a member of an archive, which has no file of its own.
    pub(crate) is_member: bool,
}

/// A source that can be read only once, with the reader that consumes it.
#[derive(Clone)]
pub(crate) struct Passing(Rc<RefCell<Sha256Reader<Box<dyn Read>>>>);

impl Passing {
    /// Reads the rest.
    fn finish(&self) -> io::Result<Checksum> {
        let mut reader = self.0.borrow_mut();
        io::copy(&mut *reader, &mut io::sink())?;
        let done = std::mem::replace(&mut *reader, Sha256Reader::new(Box::new(io::empty())));
        Ok(done.finish())
    }
}

impl Read for Passing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.borrow_mut().read(buffer)
    }
}

impl std::fmt::Debug for Passing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Passing").finish_non_exhaustive()
    }
}
