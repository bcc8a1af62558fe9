//! Archives, read from the beginning to the end.
//!
//! Members that may be login records are kept in spools as they pass; nothing is unpacked to disk by
//! name. Archives in an archive are read too.

mod layers;
mod paths;
mod section;
mod sparse;
mod tar;
mod tar_header;
mod tree;
mod zip;

use std::collections::HashSet;
use std::io::{self, BufReader, Cursor, ErrorKind, Read, Write as _};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use loginrec::read::{ReadAt, read_full, read_full_at};

pub(crate) use self::layers::images;
use self::paths::{clean, from_top, joined};
pub(crate) use self::section::Section;
use self::sparse::Sparse;
use self::tar::{Next, TarReader, is_tar};
use self::tree::{ArchiveTree, Entry};
use self::zip::{Zip, is_zip};
use crate::decompress::{Compression, DecompressError};
use crate::problem::{Problem, ProblemKind};
use crate::spool::Spool;
use crate::tree::{Held, Tree, member_path, native};

/// Bytes at the beginning of a file that show what it is.
const HEAD: usize = 72 << 10;
/// Archives in archives in archives are read, and no deeper.
const DEEPEST: usize = 3;
/// The most members that are kept of an archive.
const MOST: usize = 200_000;
/// The largest content of a link.
const LINK: u64 = 4096;
/// Data that unpacks to this many times its size is only read up to the limit for a file.
const RATIO: u64 = 250;

/// Whether the beginning of a file is that of login records.
pub(crate) type Recognizes = Box<dyn Fn(&Path, &[u8]) -> bool>;

/// Which members are kept.
pub(crate) struct Keep {
    /// By their path.
    pub(crate) wants: Box<dyn Fn(&Path) -> bool>,
    /// By their content, of which this is the beginning.
    pub(crate) recognizes: Option<Recognizes>,
    /// The most bytes of one member.
    pub(crate) max_size: u64,
}

/// A format of archives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Tar,
    PackedTar(Compression),
    Zip,
}

impl Format {
    /// Returns the format of data that begins with `head`.
    pub(crate) fn of(head: &[u8]) -> Option<Format> {
        if is_tar(head) {
            return Some(Format::Tar);
        }
        if is_zip(head) {
            return Some(Format::Zip);
        }
        let compression = Compression::detect(head)?;
        let mut content = [0; 512];
        // The sample is cut: its end is not damage.
        let (read, _) = read_full(&mut compression.decompress(head, u64::MAX), &mut content);
        let is_packed = content.get(..read).is_some_and(is_tar);
        is_packed.then_some(Format::PackedTar(compression))
    }

    /// Returns the name, with its article.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Format::Tar | Format::PackedTar(_) => "a tar archive",
            Format::Zip => "a zip archive",
        }
    }
}

/// Reads an archive, and returns the members that are kept. `path` is its name in messages.
pub(crate) fn read(
    path: &Path,
    source: &Rc<dyn ReadAt>,
    format: Format,
    keep: &Keep,
    problems: &mut Vec<Problem>,
) -> Rc<dyn Tree> {
    let mut reading = Reading { keep, problems, depth: 0, missing: HashSet::new(), only: None };
    let mut tree = ArchiveTree::new(path.to_owned());
    reading.source(source, format, &mut tree);
    // Links may point to members that did not look like logs.
    let mut missing = std::mem::take(&mut reading.missing);
    let wanted = tree.links().filter(|(link, _)| (keep.wants)(link));
    let targets = wanted.filter_map(|(link, target)| joined(link, target));
    missing.extend(targets.filter(|target| tree.kind(target).is_err()));
    if !missing.is_empty() && format != Format::Zip {
        reading.only = Some(missing);
        let before = reading.problems.len();
        reading.source(source, format, &mut tree);
        // They have been reported.
        reading.problems.truncate(before);
    } else if !missing.is_empty() {
        reading.only = Some(missing);
        reading.source(source, format, &mut tree);
    }
    Rc::new(tree)
}

/// The state while an archive is read.
struct Reading<'a> {
    keep: &'a Keep,
    problems: &'a mut Vec<Problem>,
    depth: usize,
    /// Members that others are links to, and that were not kept.
    missing: HashSet<PathBuf>,
    /// If set, only these members are kept.
    only: Option<HashSet<PathBuf>>,
}

/// A member whose content has not been read.
struct About {
    path: PathBuf,
    size: u64,
    modified: Option<i64>,
    parts: Option<Vec<(u64, u64)>>,
}

impl Reading<'_> {
    fn source(&mut self, source: &Rc<dyn ReadAt>, format: Format, tree: &mut ArchiveTree) {
        let input = BufReader::with_capacity(HEAD, Section::all(source));
        match format {
            Format::Tar => self.tar(&mut { input }, tree),
            Format::PackedTar(compression) => {
                let size = source.size().unwrap_or_default();
                self.packed_tar(input, compression, size, tree);
            }
            Format::Zip => self.zip(source, tree),
        }
    }

    fn packed_tar(
        &mut self,
        input: impl Read,
        compression: Compression,
        size: u64,
        tree: &mut ArchiveTree,
    ) {
        let limit = self.keep.max_size.max(size.saturating_mul(RATIO));
        let content = compression.decompress(input, limit);
        self.tar(&mut BufReader::with_capacity(HEAD, content), tree);
    }

    fn tar(&mut self, input: &mut dyn Read, tree: &mut ArchiveTree) {
        let mut tar = TarReader::new(input);
        let mut outside = 0_u64;
        loop {
            let member = match tar.next() {
                Ok(Next::Member(member)) => member,
                Ok(Next::Damaged(offset)) => {
                    let why =
                        format!("byte {offset}: not a header; members after it are looked for");
                    self.damaged(tree.full(Path::new("")), why);
                    continue;
                }
                Ok(Next::End) => break,
                Err(error) => {
                    self.damaged(tree.full(Path::new("")), cut(&error));
                    break;
                }
            };
            // The folder itself, `./`, has no name in it.
            if matches!(member.kind, tar::Kind::Folder | tar::Kind::Other) {
                continue;
            }
            let Some(path) = clean(&member.path) else {
                outside = outside.saturating_add(1);
                continue;
            };
            match member.kind {
                tar::Kind::Folder | tar::Kind::Other => {}
                tar::Kind::Link => self.add(tree, path, Entry::Link(native(&member.link))),
                tar::Kind::HardLink => {
                    let Some(target) = clean(&member.link) else { continue };
                    match tree.get(&target).cloned() {
                        Some(entry) => self.add(tree, path, entry),
                        None if self.wants(&path) => {
                            self.missing.insert(target.clone());
                            self.add(tree, path.clone(), Entry::Link(from_top(&path, &target)));
                        }
                        None => {}
                    }
                }
                tar::Kind::File => {
                    let (size, modified) = (member.size, member.modified);
                    let about = About { path, size, modified, parts: member.parts };
                    self.member(about, &mut tar, tree);
                }
            }
        }
        self.say_outside(outside, tree);
    }

    fn zip(&mut self, source: &Rc<dyn ReadAt>, tree: &mut ArchiveTree) {
        let mut zip = match Zip::open(Rc::clone(source)) {
            Ok(zip) => zip,
            Err(error) => return self.damaged(tree.full(Path::new("")), cut(&error)),
        };
        if zip.is_cut() {
            let why = "its directory is missing: members are read up to the damage".to_owned();
            self.damaged(tree.full(Path::new("")), why);
        }
        let mut outside = 0_u64;
        loop {
            let entry = match zip.next() {
                Ok(Some(entry)) => entry,
                Ok(None) => break,
                Err(error) => {
                    self.damaged(tree.full(Path::new("")), cut(&error));
                    break;
                }
            };
            if entry.path.ends_with(b"/") {
                continue;
            }
            let Some(path) = clean(&entry.path) else {
                outside = outside.saturating_add(1);
                continue;
            };
            if !self.may_keep(&path) && !entry.is_link {
                continue;
            }
            let mut content = match zip.content(&entry) {
                Ok(content) => content,
                Err(_) if !self.wants(&path) => continue,
                Err(error) => {
                    self.damaged(tree.full(&path), format!("{error}: not read"));
                    continue;
                }
            };
            if entry.is_link {
                let mut target = Vec::new();
                if content.take(LINK).read_to_end(&mut target).is_ok() {
                    self.add(tree, path, Entry::Link(native(&target)));
                }
                continue;
            }
            let about = About { path, size: entry.size, modified: entry.modified, parts: None };
            self.member(about, &mut *content, tree);
        }
        self.say_outside(outside, tree);
    }

    /// Reads the content of a member, if it is to be kept.
    fn member(&mut self, about: About, content: &mut dyn Read, tree: &mut ArchiveTree) {
        if self.wants(&about.path) {
            return self.keep(about, content, tree);
        }
        if !self.may_keep(&about.path) || about.parts.is_some() {
            return;
        }
        let mut head = vec![0; HEAD];
        let (read, _) = read_full(content, &mut head);
        head.truncate(read);
        if self.may_be_archive(&about.path)
            && let Some(format) = Format::of(&head)
        {
            return self.archive(about, format, &mut Cursor::new(head).chain(content), tree);
        }
        let is_manifest = is_blob(&about.path) && head.first() == Some(&b'{');
        let is_log = || {
            let recognizes = self.keep.recognizes.as_ref();
            recognizes.is_some_and(|recognizes| recognizes(&about.path, &head))
        };
        if is_manifest || is_log() {
            self.keep(about, &mut Cursor::new(head).chain(content), tree);
        }
    }

    /// Reads an archive in the archive.
    fn archive(
        &mut self,
        about: About,
        format: Format,
        mut content: &mut dyn Read,
        tree: &mut ArchiveTree,
    ) {
        let mut inner = ArchiveTree::new(member_path(&tree.full(Path::new("")), &about.path));
        self.depth = self.depth.saturating_add(1);
        match format {
            Format::Tar => self.tar(content, &mut inner),
            Format::PackedTar(compression) => {
                self.packed_tar(&mut content, compression, about.size, &mut inner);
            }
            Format::Zip => {
                let (spool, why) = self.spool(content);
                if let Some(why) = why {
                    self.damaged(tree.full(&about.path), why);
                }
                let source: Rc<dyn ReadAt> = Rc::new(spool);
                self.zip(&source, &mut inner);
            }
        }
        self.depth = self.depth.saturating_sub(1);
        self.add(tree, about.path, Entry::Archive(Rc::new(inner)));
    }

    /// Keeps the content of a member.
    fn keep(&mut self, about: About, content: &mut dyn Read, tree: &mut ArchiveTree) {
        let (spool, why) = self.spool(content);
        if let Some(why) = why {
            self.damaged(tree.full(&about.path), why);
        }
        let bytes: Rc<dyn ReadAt> = match about.parts {
            Some(parts) => Rc::new(Sparse::new(spool, &parts, about.size)),
            None => Rc::new(spool),
        };
        self.add(tree, about.path, Entry::File(Held { bytes, modified: about.modified }));
    }

    /// Copies content to a spool, and says why that is not all.
    fn spool(&self, content: &mut dyn Read) -> (Spool, Option<String>) {
        let (mut spool, limit) = (Spool::new(), self.keep.max_size);
        let mut piece = vec![0; HEAD];
        loop {
            let (read, error) = read_full(content, &mut piece);
            let room = usize::try_from(limit.saturating_sub(spool.len())).unwrap_or(usize::MAX);
            let bytes = piece.get(..read.min(room)).unwrap_or_default();
            if let Err(error) = spool.write_all(bytes) {
                return (spool, Some(error.to_string()));
            }
            if read > room {
                let why =
                    format!("longer than {limit} bytes: cut there; --max-size sets the limit");
                return (spool, Some(why));
            }
            match error {
                Some(error) => return (spool, Some(cut(&error))),
                None if read < piece.len() => return (spool, None),
                None => {}
            }
        }
    }

    fn add(&mut self, tree: &mut ArchiveTree, path: PathBuf, entry: Entry) {
        // Links cannot take the room of files.
        let is_link = matches!(entry, Entry::Link(_));
        if tree.count(is_link) >= MOST && tree.get(&path).is_none() {
            let what = if is_link { "links" } else { "logs" };
            let why = format!("has more than {MOST} {what}: the others are not read");
            let full = tree.full(Path::new(""));
            if self.problems.iter().rev().all(|known| known.path() != full) {
                self.damaged(full, why);
            }
            return;
        }
        let is_file = matches!(entry, Entry::File(_));
        if tree.add(path.clone(), entry) && is_file && self.only.is_none() {
            let why = "is in the archive more than once: the last one is read".to_owned();
            self.problems.push(Problem::new(tree.full(&path), ProblemKind::Note(why)));
        }
    }

    fn damaged(&mut self, path: PathBuf, why: String) {
        self.problems.push(Problem::new(path, ProblemKind::Damaged(why)));
    }

    fn say_outside(&mut self, count: u64, tree: &ArchiveTree) {
        if count > 0 {
            let why = match count {
                1 => "has a name that leads out of it: not read".to_owned(),
                _ => format!("has {count} names that lead out of it: not read"),
            };
            let full = tree.full(Path::new(""));
            self.problems.push(Problem::new(full, ProblemKind::Note(why)));
        }
    }

    fn wants(&self, path: &Path) -> bool {
        match &self.only {
            Some(only) => only.contains(path),
            None => (self.keep.wants)(path),
        }
    }

    /// Returns whether the content may decide that a member is kept.
    fn may_keep(&self, path: &Path) -> bool {
        self.wants(path)
            || self.only.is_none() && (self.keep.recognizes.is_some() || self.may_be_archive(path))
    }

    fn may_be_archive(&self, path: &Path) -> bool {
        self.depth < DEEPEST && self.only.is_none() && (has_archive_name(path) || is_blob(path))
    }
}

/// Suffixes of archives.
const SUFFIXES: &[&str] = &[
    ".tar", ".tar.gz", ".tar.xz", ".tar.zst", ".tar.bz2", ".tar.lz4", ".tgz", ".txz", ".tzst",
    ".tbz2", ".tbz", ".zip",
];

/// Returns whether a file has the name of an archive.
pub(crate) fn has_archive_name(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase());
    name.is_some_and(|name| SUFFIXES.iter().any(|suffix| name.ends_with(suffix)))
}

/// Returns whether a file has the name of a blob of an OCI image.
fn is_blob(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Returns why content ends early.
fn cut(error: &io::Error) -> String {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<DecompressError>()) {
        Some(DecompressError::TooLarge { limit }) => {
            format!("unpacks to more than {limit} bytes: --max-size sets the limit")
        }
        _ if error.kind() == ErrorKind::UnexpectedEof => "ends too early".to_owned(),
        _ => error.to_string(),
    }
}

/// Reads the beginning of a source.
pub(crate) fn head_of(source: &dyn ReadAt) -> io::Result<Vec<u8>> {
    let mut head = vec![0; HEAD];
    let (read, error) = read_full_at(source, &mut head, 0);
    head.truncate(read);
    match error {
        Some(error) if read == 0 => Err(error),
        _ => Ok(head),
    }
}
