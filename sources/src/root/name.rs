//! The names of machines.

use std::path::Path;

use loginrec::Text;

use super::resolve::resolve;
use crate::tree::{Kind, Tree};

/// Files that have the name of the machine, and the variable that has it there; without one, it is
/// the first line.
const PLACES: &[(&str, &[&str])] = &[
    ("etc/hostname", &[]),
    ("etc/HOSTNAME", &[]),
    ("etc/nodename", &[]),
    ("etc/myname", &[]),
    ("etc/rc.conf", &["hostname"]),
    ("etc/sysconfig/network", &["HOSTNAME"]),
    ("etc/conf.d/hostname", &["hostname", "HOSTNAME"]),
    ("etc/rc.config.d/netconf", &["HOSTNAME"]),
];

/// Bytes of such a file that are read.
const MOST: usize = 64 << 10;
/// The longest name, as in POSIX.
const LONGEST: usize = 255;

/// Returns whether a file of this name may have the name of a machine.
#[cfg(feature = "archives")]
pub(super) fn may_name(base: &str) -> bool {
    PLACES.iter().any(|(place, _)| place.rsplit('/').next() == Some(base))
}

/// Returns the name that the system in a tree has for itself.
pub(super) fn of_system(tree: &dyn Tree) -> Option<String> {
    PLACES.iter().find_map(|(place, variables)| {
        let path = resolve(tree, Path::new(place)).ok()??;
        if !matches!(tree.kind(&path), Ok(Kind::File)) {
            return None;
        }
        let text = tree.read(&path, MOST).ok()?;
        let mut lines = text.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
        let name = match variables {
            [] => lines.find(|line| !matches!(line, [] | [b'#', ..]))?,
            // As a shell reads it: the last one counts.
            _ => lines.filter_map(|line| assigned(line, variables)).next_back()?,
        };
        is_telling(name).then(|| Text::new(name).to_string())
    })
}

/// Returns the value in `name="value"`.
fn assigned<'l>(line: &'l [u8], variables: &[&str]) -> Option<&'l [u8]> {
    let at = line.iter().position(|&byte| byte == b'=')?;
    let (name, value) = line.split_at_checked(at)?;
    if !variables.iter().any(|variable| variable.as_bytes() == name) {
        return None;
    }
    let value = value.get(1..)?.trim_ascii();
    match value {
        [quote @ (b'"' | b'\''), rest @ ..] => rest.split(|byte| byte == quote).next(),
        _ => value.split(|byte| matches!(byte, b' ' | b'\t' | b'#' | b';')).next(),
    }
}

/// Returns whether a name is one, and not that which every system has before it gets one.
fn is_telling(name: &[u8]) -> bool {
    let is_default =
        [&b"localhost"[..], b"localhost.localdomain", b"(none)", b"unknown", b"noname"]
            .iter()
            .any(|default| name.eq_ignore_ascii_case(default));
    (1..=LONGEST).contains(&name.len()) && !is_default && !name.contains(&0)
}

/// Suffixes of archives and images.
const SUFFIXES: &[&str] = &[
    ".tar.gz", ".tar.xz", ".tar.zst", ".tar.bz2", ".tar.lz4", ".tgz", ".txz", ".tzst", ".tbz2",
    ".tbz", ".tar", ".zip", ".e01", ".raw", ".img", ".dd", ".qcow2", ".vmdk", ".vhd", ".vhdx",
];

/// Returns the name that a root gives to a machine.
pub(super) fn of_root(path: &Path) -> String {
    // `.` has a name, too.
    let real = std::fs::canonicalize(path).ok();
    of_file(real.as_deref().unwrap_or(path))
}

/// Returns the name that a folder, an archive or an image gives to a machine.
pub(super) fn of_file(path: &Path) -> String {
    let Some(base) = path.file_name() else { return "/".to_owned() };
    let base = Text::new(base.as_encoded_bytes()).to_string();
    let lower = base.to_ascii_lowercase();
    let stem = SUFFIXES.iter().find(|suffix| lower.ends_with(*suffix)).and_then(|suffix| {
        base.get(..base.len().saturating_sub(suffix.len())).filter(|stem| !stem.is_empty())
    });
    let stem = stem.unwrap_or(&base);
    of_collector(stem).unwrap_or(stem).to_owned()
}

/// Returns the host in the names that collectors give: `uac-web01-linux-20240501103000` of UAC.
fn of_collector(stem: &str) -> Option<&str> {
    let rest = stem.strip_prefix("uac-")?;
    let (rest, date) = rest.rsplit_once('-')?;
    let (host, _system) = rest.rsplit_once('-')?;
    let is_date = date.len() >= 8 && date.bytes().all(|byte| byte.is_ascii_digit());
    (is_date && !host.is_empty()).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_archives() {
        for (path, name) in [
            ("/none/web.tar.gz", "web"),
            ("/none/DB02.TGZ", "DB02"),
            ("/none/uac-web-01-linux-20240501103000.tar.gz", "web-01"),
            ("/none/uac-notes", "uac-notes"),
            ("/none/img", "img"),
            ("/none/.zip", ".zip"),
        ] {
            assert_eq!(of_file(Path::new(path)), name);
        }
    }

    #[test]
    fn values_of_variables() {
        for (line, value) in [
            ("hostname=\"web01\" # me", Some("web01")),
            ("hostname=web01 # me", Some("web01")),
            ("hostname='a b'", Some("a b")),
            ("hostname_flags=x", None),
            ("# hostname=x", None),
        ] {
            let found = assigned(line.as_bytes(), &["hostname"]);
            assert_eq!(found, value.map(str::as_bytes), "{line}");
        }
    }
}
