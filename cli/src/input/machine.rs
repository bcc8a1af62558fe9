//! Other files of the same machine, whose layouts decide if the bytes of a file are ambiguous.
//!
//! Below a root, all files belong to one machine. Without one, files in one folder do if their
//! names are the same except for the word for the kind: `web01_wtmp` and `web01_lastlog`. For names
//! without such a word, every file in the folder counts. The files have to agree: files of several
//! machines in one folder decide nothing.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use loginrec::detect::{Hints, Reason, Verdict};
use loginrec::{FileKind, Layout};

use crate::diagnostics::Diagnostics;
use crate::file_name::FileName;
use crate::input::buffer::Buffer;
use crate::input::input_bytes::InputBytes;
use crate::sources::Sources;

/// The files to read, and what is known about their layouts.
#[derive(Debug, Default)]
pub(crate) struct Machines {
    sources: Sources,
    /// The layouts of files that were examined.
    layouts: HashMap<PathBuf, Option<&'static Layout>>,
}

impl Machines {
    pub(crate) fn new(sources: &Sources) -> Machines {
        Machines { sources: sources.clone(), layouts: HashMap::new() }
    }

    /// Returns a layout whose byte order and width of times all other files of the machine share,
    /// and one of those files.
    pub(crate) fn layout(
        &mut self,
        path: &Path,
        max_size: u64,
        report: &mut Diagnostics,
    ) -> Option<(&'static Layout, PathBuf)> {
        let mut found: Option<(&'static Layout, PathBuf)> = None;
        for other in self.others(path) {
            let Some(layout) = self.layout_of(&other, max_size, report) else { continue };
            match found {
                Some((first, _)) if first.endian != layout.endian => return None,
                Some(_) => {}
                None => found = Some((layout, other)),
            }
        }
        found
    }

    fn others(&self, path: &Path) -> Vec<PathBuf> {
        let Some(machine) = self.sources.machine_of(path) else { return Vec::new() };
        let files = machine.files.iter().map(|file| &file.path);
        let mut others: Vec<PathBuf> = files.filter(|other| *other != path).cloned().collect();
        match machine.is_root {
            // A command may read only some of the machine's files.
            true => others.extend(machine.logs.iter().filter(|other| *other != path).cloned()),
            false => {
                let own = machine_of(path);
                others.retain(|other| other.parent() == path.parent());
                let of = |other: &PathBuf, machine: &Option<String>| machine_of(other) == *machine;
                let of_own = others.iter().any(|other| own.is_some() && of(other, &own));
                match &own {
                    Some(_) if of_own => others.retain(|other| of(other, &own)),
                    // Only files named exactly lastlog or wtmp.
                    Some(name) if name.is_empty() => others.retain(|other| of(other, &None)),
                    Some(_) => others.clear(),
                    None => {}
                }
            }
        }
        others
    }

    /// Returns the layout of a file if its bytes leave no doubt.
    fn layout_of(
        &mut self,
        path: &Path,
        max_size: u64,
        report: &mut Diagnostics,
    ) -> Option<&'static Layout> {
        /// Bits by which it leads the next one.
        const CERTAIN: i32 = 20;
        if let Some(known) = self.layouts.get(path) {
            return *known;
        }
        let is_file = report.ledger.member(path).is_some()
            || std::fs::metadata(path).is_ok_and(|about| about.is_file());
        let name = FileName::new(path);
        let open = || InputBytes::open(&name, max_size, Buffer::default(), report).ok();
        let source = is_file.then(open);
        let found = source.flatten().and_then(|source| {
            let name = path.file_name().map(|name| name.to_string_lossy());
            let hints = name.as_deref().map_or(Hints::new(), |name| Hints::new().file_name(name));
            let found = source.sample().ok()?.detect(&hints);
            let is_hinted = found.reasons().iter().any(|r| matches!(r, Reason::Hint { .. }));
            let is_sure = found.verdict() == Verdict::Recognized && !is_hinted;
            found.layout().filter(|_| is_sure && found.margin() >= CERTAIN)
        });
        self.layouts.insert(path.to_owned(), found);
        found
    }
}

/// Returns the name of a file without the word for its kind and without the suffixes of rotation
/// and compression; `None` if there is no such word.
fn machine_of(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_string_lossy().to_lowercase();
    let is_letter = |c: char| c.is_alphabetic();
    let mut machine = None;
    let mut rest = 0;
    while let Some(begin) = name.get(rest..)?.find(is_letter).map(|at| at + rest) {
        let after = name.get(begin..)?;
        let len = after.find(|c| !is_letter(c)).unwrap_or(after.len());
        let word = after.get(..len)?;
        rest = begin + len;
        if word == "utx" || FileKind::from_file_name(word).is_some() {
            let before = name.get(..begin)?.trim_end_matches(|c: char| !c.is_alphanumeric());
            let tags = name.get(rest..)?.split(|c: char| !c.is_alphanumeric());
            let rotated = |tag: &&str| {
                let is_number = tag.chars().all(|c| c.is_ascii_digit());
                let known = ["gz", "bz", "xz", "zst", "lz", "old", "bak", "log", "active", "x"];
                !is_number && !known.contains(&tag.trim_end_matches(|c: char| c.is_ascii_digit()))
            };
            let tags: Vec<&str> = tags.filter(rotated).collect();
            machine = Some([before, &tags.join(".")].concat());
        }
    }
    machine
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machines_of_names() {
        for (name, machine) in [
            ("wtmp", Some("")),
            ("lastlog", Some("")),
            ("wtmp.1.gz", Some("")),
            ("BTMP-20240101", Some("")),
            ("web01_btmp", Some("web01")),
            ("web02-wtmp.3", Some("web02")),
            ("wtmp.alpha", Some("alpha")),
            ("utx.log.0", Some("")),
            ("evidence.bin", None),
        ] {
            assert_eq!(machine_of(Path::new(name)).as_deref(), machine, "{name}");
        }
    }
}
