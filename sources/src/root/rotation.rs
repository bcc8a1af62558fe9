//! Names of rotated copies and their order in time.

use std::cmp::Reverse;
use std::ffi::OsString;

use crate::decompress::uncompressed_name;

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
