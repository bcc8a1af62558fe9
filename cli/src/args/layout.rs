//! Layout names as users type them.

use std::ffi::OsStr;

use clap::builder::{PossibleValue, TypedValueParser};
use clap::error::ErrorKind;
use clap::{Arg, Command, Error};
use loginrec::Layout;
use loginrec::Text;
use loginrec::formats::{all, by_name};

/// Number of suggestions for an unknown name.
const OFFERED: usize = 6;

/// The value of `--layout`. Shells complete it from the table of layouts.
#[derive(Clone, Debug)]
pub(crate) struct LayoutName;

impl TypedValueParser for LayoutName {
    type Value = &'static Layout;

    fn parse_ref(
        &self,
        command: &Command,
        _: Option<&Arg>,
        value: &OsStr,
    ) -> Result<Self::Value, Error> {
        let name = value.to_string_lossy();
        let unknown = || {
            let message = format!("{}\n", unknown(&name));
            Error::raw(ErrorKind::InvalidValue, message).with_cmd(command)
        };
        by_name(&name).ok_or_else(unknown)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(all().map(|layout| PossibleValue::new(layout.name))))
    }
}

/// Returns the message for an unknown layout.
pub(crate) fn unknown(name: &str) -> String {
    let shown = Text::new(name.as_bytes());
    let near = near(name);
    match near.is_empty() {
        true => format!("unknown layout '{shown}': see `loginrec layouts`"),
        false => format!(
            "unknown layout '{shown}'; similar: {}; `loginrec layouts` lists all",
            near.join(", ")
        ),
    }
}

/// Returns the names most similar to `name`, nearest first.
fn near(name: &str) -> Vec<&'static str> {
    let wanted = plain(name);
    let mut near: Vec<(usize, &'static str)> = Vec::new();
    for layout in all() {
        let have = plain(layout.name);
        let contained = !wanted.is_empty() && have.contains(&wanted);
        let distance = if contained { 0 } else { distance(&wanted, &have) };
        if distance <= wanted.len() / 3 {
            near.push((distance, layout.name));
        }
    }
    near.sort_by_key(|&(distance, _)| distance);
    near.into_iter().map(|(_, name)| name).take(OFFERED).collect()
}

/// Returns letters and digits only: users forget where the hyphens are.
fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// Returns the number of insertions, deletions and substitutions (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let (mut diagonal, mut left) = (i, i + 1);
        for (y, above) in b.bytes().zip(row.iter_mut().skip(1)) {
            let changed = diagonal + usize::from(x != y);
            diagonal = *above;
            left = changed.min(left + 1).min(diagonal + 1);
            *above = left;
        }
    }
    if b.is_empty() { a.len() } else { row.last().copied().unwrap_or(0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", ""), 3);
        assert_eq!(distance("abc", "abc"), 0);
    }

    #[test]
    fn near_names() {
        assert_eq!(near("glibc384"), ["linux-glibc-384-le", "linux-glibc-384-be"]);
        assert_eq!(near("freebsd_utx_log").first(), Some(&"freebsd-utx-log"));
        assert_eq!(near("linux-glibc-348-le").first(), Some(&"linux-glibc-384-le"));
        assert!(near("zzz").is_empty());
    }
}
