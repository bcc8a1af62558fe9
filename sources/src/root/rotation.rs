//! Names of rotated copies and their order in time.

use std::cmp::Reverse;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use crate::decompress::uncompressed_name;
use crate::evidence::read_names;

/// Returns the rotated copies of a log that are in its folder, compressed ones as well, the oldest
/// first: `wtmp.2.gz`, `wtmp.1` for `wtmp`.
///
/// ```no_run
/// let copies = loginrec_sources::rotated_copies("/var/log/wtmp")?;
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
///
/// If the folder cannot be read.
pub fn rotated_copies(log: impl AsRef<Path>) -> io::Result<Vec<PathBuf>> {
    let log = log.as_ref();
    // In a name of a file, `*` stands for itself.
    let base = log.file_name().and_then(|base| base.to_str()).filter(|base| !base.contains('*'));
    let Some(base) = base else { return Ok(Vec::new()) };
    let folder = log.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut copies = Vec::new();
    for name in read_names(folder.unwrap_or(Path::new(".")))? {
        let copy = RotatedName::new(base, name);
        copies.extend(copy.filter(|copy| copy.age != Age::Current));
    }
    copies.sort();
    Ok(copies.into_iter().map(|copy| log.with_file_name(copy.name)).collect())
}

/// A log or a rotated copy of it, ordered by time, the oldest first: `wtmp-20240101`, `wtmp.2.gz`,
/// `wtmp.1`, `wtmp.old`, `wtmp`.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct RotatedName {
    age: Age,
    pub(super) name: OsString,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Age {
    /// The digits of the date.
    Dated(String),
    Numbered(Reverse<u64>),
    Old,
    Current,
}

impl RotatedName {
    /// Returns `None` if `name` is not a copy of the log called `base`.
    pub(super) fn new(base: &str, name: OsString) -> Option<RotatedName> {
        let age = age(base, name.to_str()?)?;
        Some(RotatedName { age, name })
    }
}

/// Parses the name of a copy; `None` if `name` is not a copy of `base`. A `*` in `base` stands for
/// anything.
fn age(base: &str, name: &str) -> Option<Age> {
    // A folder with a file for each user, or for each month.
    if let Some((start, end)) = base.split_once('*') {
        let is_one = name.len() >= start.len() + end.len()
            && name.starts_with(start)
            && uncompressed_name(name).ends_with(end);
        return is_one.then_some(Age::Current);
    }
    // wtmpdb moves old rows of `wtmp.db` into `wtmp_20260131.db`.
    if let Some(stem) = base.strip_suffix(".db")
        && let Some(date) = name.strip_prefix(stem).and_then(|rest| rest.strip_prefix('_'))
        && let Some(date) = uncompressed_name(date).strip_suffix(".db")
    {
        let is_date = !date.is_empty() && date.bytes().all(|byte| byte.is_ascii_digit());
        return is_date.then(|| Age::Dated(date.to_owned()));
    }
    let rest = name.strip_prefix(base)?;
    if rest.is_empty() {
        return Some(Age::Current);
    }
    let rest = uncompressed_name(rest);
    let mut digits = String::new();
    let mut words = rest.split(['.', '-', '_']);
    if words.next() != Some("") {
        return None; // `wtmpx` is not a copy of `wtmp`
    }
    for word in words {
        let is_number = word.chars().all(|c| c.is_ascii_digit() || matches!(c, 'T' | 'Z'));
        match word {
            "old" | "bak" | "prev" | "save" => {}
            _ if is_number && !word.is_empty() => {
                digits.extend(word.chars().filter(char::is_ascii_digit));
            }
            _ => return None,
        }
    }
    match digits.parse() {
        Ok(number) if digits.len() < 6 => Some(Age::Numbered(Reverse(number))),
        _ if digits.is_empty() => Some(Age::Old),
        _ => Some(Age::Dated(digits)),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn copies_in_a_folder() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for name in ["wtmp", "wtmp.1", "wtmp.2.gz", "wtmpx", "wtmp-20240101", "btmp.1"] {
            fs::write(path(name), "").unwrap();
        }
        let expected = ["wtmp-20240101", "wtmp.2.gz", "wtmp.1"].map(path);
        assert_eq!(rotated_copies(path("wtmp")).unwrap(), expected);
        assert_eq!(rotated_copies(path("lastlog")).unwrap(), [""; 0].map(path));
        assert!(rotated_copies(path("none/wtmp")).is_err());
    }

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
        let mut names = ["wtmp.db", "wtmp_20260131.db", "wtmp_20251130.db", "wtmp.db.1"];
        names.sort_by_key(|name| age("wtmp.db", name).unwrap());
        assert_eq!(names, ["wtmp_20251130.db", "wtmp_20260131.db", "wtmp.db.1", "wtmp.db"]);
        for other in ["wtmp.db-wal", "wtmp.db-journal", "wtmp.db-shm", "wtmp_old.db", "wtmp_.db"] {
            assert_eq!((age("wtmp.db", other), age("wtmp", other)), (None, None), "{other}");
        }
        for other in ["wtmpx", "wtmp.txt", "wtmp.jsonl", "wtmp~", "wtmp.1.tar", "btmp", "wtmp."] {
            assert_eq!(age("wtmp", other), None, "{other}");
        }
    }
}
