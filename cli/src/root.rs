//! `--root`: the login records of a whole system, in a mounted image or a copy of its files.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Component, Path, PathBuf};

use loginrec::FileKind;
use loginrec::platform::LAYOUTS;

use crate::args::Reading;
use crate::filename::FileName;
use crate::report::{Report, reason};
use crate::unpack::plain_name;

/// As many links as Linux follows on the way to one file.
const LINKS: u32 = 40;
const NOT_A_FILE: &str = "is no ordinary file and is not read";

impl Reading {
    /// Without FILE, the files are those of `kinds` (none: all) below `--root`. What is
    /// wrong there is reported.
    pub(crate) fn look_below_root(&mut self, kinds: &[FileKind], report: &mut Report) {
        if let Some(root) = self.root.as_deref().filter(|_| self.files.is_empty()) {
            self.files = found(root, kinds, report);
        }
    }
}

/// The files of `kinds` (none: all) at every platform's usual places below `root`, each
/// behind its rotated copies, oldest first. The paths have no links in them.
pub(crate) fn found(root: &Path, kinds: &[FileKind], report: &mut Report) -> Vec<PathBuf> {
    if let Err(error) = fs::read_dir(root) {
        report.failed(&FileName::new(root), reason(&error));
        return Vec::new();
    }
    let mut search = Search { root, report, found: Vec::new(), told: Vec::new() };
    for (kind, place) in places() {
        if kinds.is_empty() || kinds.contains(&kind) {
            search.place(place);
        }
    }
    let Search { found, told, report, .. } = search;
    if found.is_empty() && told.is_empty() {
        report.failed(&FileName::new(root), "no login records at the usual places below it");
    }
    found
}

/// Where the passwd of the system below `root` is, if it has one.
pub(crate) fn passwd(root: &Path) -> Option<PathBuf> {
    resolve(root, Path::new("/etc/passwd")).ok()?
}

/// Where any platform keeps such files, each place once, in the order of the layouts.
fn places() -> Vec<(FileKind, &'static str)> {
    let mut places: Vec<(FileKind, &'static str)> = Vec::new();
    for &(kind, place) in LAYOUTS.iter().flat_map(|layout| layout.dialect.paths) {
        if places.iter().all(|(_, known)| *known != place) {
            places.push((kind, place));
        }
    }
    places
}

struct Search<'a> {
    root: &'a Path,
    report: &'a mut Report,
    found: Vec<PathBuf>,
    /// What has been complained about: many places lie behind the same link.
    told: Vec<PathBuf>,
}

impl Search<'_> {
    /// Looks for the file at one place and for its rotated copies.
    fn place(&mut self, place: &str) {
        let Some((folder, base)) = place.rsplit_once('/') else { return };
        let folder = Path::new(folder);
        let Some(real) = self.resolve(folder).filter(|real| real.is_dir()) else { return };
        let mut names = Vec::new();
        match fs::read_dir(&real) {
            Ok(entries) => {
                for entry in entries {
                    match entry {
                        Ok(entry) => names.extend(Copy::of(base, entry.file_name())),
                        Err(error) => self.failed(&real, reason(&error)),
                    }
                }
            }
            Err(error) => self.failed(&real, reason(&error)),
        }
        names.sort();
        for Copy { name, .. } in names {
            let Some(path) = self.resolve(&folder.join(name)) else { continue };
            match fs::metadata(&path) {
                Ok(about) if about.is_dir() || self.found.contains(&path) => {}
                Ok(about) if about.is_file() => self.found.push(path),
                // Opening a pipe could wait for ever.
                Ok(_) => self.warn(&path, NOT_A_FILE.to_owned()),
                Err(error) => self.failed(&path, reason(&error)),
            }
        }
    }

    fn resolve(&mut self, path: &Path) -> Option<PathBuf> {
        match resolve(self.root, path) {
            Ok(path) => path,
            Err(Trouble::Link { link, why }) => {
                self.warn(&link, why);
                None
            }
            Err(Trouble::Io(path, error)) => {
                self.failed(&path, reason(&error));
                None
            }
        }
    }

    fn warn(&mut self, path: &Path, why: String) {
        if self.first(path) {
            self.report.warn(&FileName::new(path), why);
        }
    }

    fn failed(&mut self, path: &Path, why: String) {
        if self.first(path) {
            self.report.failed(&FileName::new(path), why);
        }
    }

    fn first(&mut self, path: &Path) -> bool {
        let first = self.told.iter().all(|told| told != path);
        if first {
            self.told.push(path.to_owned());
        }
        first
    }
}

/// Why a path cannot be followed.
#[derive(Debug)]
enum Trouble {
    Link { link: PathBuf, why: String },
    Io(PathBuf, io::Error),
}

/// Where `path` of the system below `root` really is; `None` if there is nothing. Links are
/// followed as that system would: `/` is `root`, and nothing outside it is looked at.
fn resolve(root: &Path, path: &Path) -> Result<Option<PathBuf>, Trouble> {
    let mut todo: VecDeque<Step> = steps(path).collect();
    let mut at: Vec<OsString> = Vec::new();
    let below = |at: &[OsString]| at.iter().fold(root.to_owned(), |path, name| path.join(name));
    // The link being followed, its target, and how many steps will be left behind it.
    let mut followed: Option<(PathBuf, PathBuf, usize)> = None;
    let mut links = 0;
    let astray = |followed: &Option<(PathBuf, PathBuf, usize)>, path: PathBuf, what: &str| {
        let (link, target) = match followed {
            Some((link, target, _)) => (link.clone(), target.clone()),
            None => (path.clone(), path),
        };
        let shown = FileName::new(&target).shown;
        Trouble::Link { link, why: format!("leads to {shown}, {what}") }
    };
    while let Some(step) = todo.pop_front() {
        let name = match step {
            Step::Top => {
                at.clear();
                continue;
            }
            Step::Up if at.pop().is_some() => continue,
            Step::Up | Step::Elsewhere => {
                return Err(astray(&followed, below(&at), "outside the root: not followed"));
            }
            Step::Down(name) => name,
        };
        at.push(name);
        let here = below(&at);
        let about = match fs::symlink_metadata(&here) {
            Ok(about) => about,
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
            {
                return match followed {
                    Some((.., behind)) if todo.len() >= behind => {
                        Err(astray(&followed, here, "which is not below the root"))
                    }
                    _ => Ok(None),
                };
            }
            Err(error) => return Err(Trouble::Io(here, error)),
        };
        if about.is_symlink() {
            links += 1;
            if links > LINKS {
                return Err(Trouble::Link { link: here, why: "is a link to itself".to_owned() });
            }
            at.pop();
            match fs::read_link(&here) {
                Ok(target) => {
                    let behind = todo.len();
                    let target_steps: Vec<Step> = steps(&target).collect();
                    target_steps.into_iter().rev().for_each(|step| todo.push_front(step));
                    followed = Some((here, target, behind));
                }
                Err(error) => return Err(Trouble::Io(here, error)),
            }
        }
    }
    Ok(Some(below(&at)))
}

enum Step {
    Top,
    Up,
    Down(OsString),
    /// Another drive.
    Elsewhere,
}

fn steps(path: &Path) -> impl Iterator<Item = Step> {
    path.components().filter_map(|component| match component {
        Component::Prefix(_) => Some(Step::Elsewhere),
        Component::RootDir => Some(Step::Top),
        Component::CurDir => None,
        Component::ParentDir => Some(Step::Up),
        Component::Normal(name) => Some(Step::Down(name.to_owned())),
    })
}

/// A file or a rotated copy of it. The order is that of time: `wtmp-20240101`, `wtmp.2.gz`,
/// `wtmp.1`, `wtmp.old`, `wtmp`.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Copy {
    age: Age,
    name: OsString,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Age {
    /// By the digits of the date.
    Dated(String),
    Numbered(std::cmp::Reverse<u64>),
    Old,
    Current,
}

impl Copy {
    fn of(base: &str, name: OsString) -> Option<Copy> {
        let age = age(base, name.to_str()?)?;
        Some(Copy { age, name })
    }
}

/// What the name of a copy says; `None` if `name` is no copy of `base`.
fn age(base: &str, name: &str) -> Option<Age> {
    let rest = name.strip_prefix(base)?;
    if rest.is_empty() {
        return Some(Age::Current);
    }
    let rest = plain_name(rest);
    let mut digits = String::new();
    let mut words = rest.split(['.', '-', '_']);
    if words.next() != Some("") {
        return None; // `wtmpx` is no copy of `wtmp`
    }
    for word in words {
        let number = word.chars().all(|c| c.is_ascii_digit() || matches!(c, 'T' | 'Z'));
        match word {
            "old" | "bak" | "prev" | "save" => {}
            _ if number && !word.is_empty() => {
                digits.extend(word.chars().filter(char::is_ascii_digit));
            }
            _ => return None,
        }
    }
    match digits.parse() {
        Ok(number) if digits.len() < 6 => Some(Age::Numbered(std::cmp::Reverse(number))),
        _ if digits.is_empty() => Some(Age::Old),
        _ => Some(Age::Dated(digits)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_in_the_order_of_time() {
        let mut names = [
            "wtmp",
            "wtmp.1",
            "wtmp.10.gz",
            "wtmp.2.xz",
            "wtmp-20240101",
            "wtmp-20231201.gz",
            "wtmp.old",
            "wtmp.20230101T000000.bz2",
        ];
        names.sort_by_key(|name| age("wtmp", name).unwrap());
        assert_eq!(
            names,
            [
                "wtmp.20230101T000000.bz2",
                "wtmp-20231201.gz",
                "wtmp-20240101",
                "wtmp.10.gz",
                "wtmp.2.xz",
                "wtmp.1",
                "wtmp.old",
                "wtmp",
            ]
        );
        for other in ["wtmpx", "wtmp.txt", "wtmp.jsonl", "wtmp~", "wtmp.1.tar", "btmp", "wtmp."] {
            assert_eq!(age("wtmp", other), None, "{other}");
        }
    }

    #[test]
    fn every_place_once() {
        let places = places();
        assert!(places.contains(&(FileKind::Btmp, "/etc/security/failedlogin")));
        assert!(places.contains(&(FileKind::Wtmp, "/var/log/utx.log")));
        for (at, (_, place)) in places.iter().enumerate() {
            assert!(place.starts_with('/') && !place.contains(".."), "{place}");
            assert!(places[..at].iter().all(|(_, other)| other != place), "{place}");
        }
    }
}
