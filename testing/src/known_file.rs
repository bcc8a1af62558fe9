//! Files whose layout is known.

use std::fs;
use std::path::PathBuf;

use crate::repository::{root, sorted};

/// A file with its known layout.
#[derive(Clone, Debug)]
pub struct KnownFile {
    /// Its path.
    pub path: PathBuf,
    /// The layout's name.
    pub layout: &'static str,
}

impl KnownFile {
    /// Its content.
    pub fn bytes(&self) -> Vec<u8> {
        fs::read(&self.path).unwrap_or_else(|error| panic!("{}: {error}", self.path.display()))
    }

    /// Its path from the repository's folder, in which the program runs.
    pub fn name(&self) -> &str {
        self.path.strip_prefix(root()).unwrap_or(&self.path).to_str().expect("names are UTF-8")
    }

    /// The name of the folder it is in.
    pub fn folder(&self) -> &str {
        self.path.parent().and_then(|p| p.file_name()).and_then(|n| n.to_str()).expect("a folder")
    }

    /// The options that `dump` needs. Detection gives some fixtures another layout that reads them
    /// the same. On
    /// little-endian machines the 64-bit seconds and 32-bit microseconds of NetBSD 6 with their
    /// padding are the same bytes as the two 64-bit numbers of NetBSD 2 to 5; so are a lock time
    /// or a count with its padding and one of 64 bits.
    pub fn options(&self) -> &[&'static str] {
        match self.layout {
            "netbsd-lastlogx1-432-le" => &["--layout", "netbsd-lastlogx1-432-le"],
            "netbsd-utmpx1-520-le" => &["--layout", "netbsd-utmpx1-520-le"],
            "linux-faillogw-32-le" => &["--layout", "linux-faillogw-32-le"],
            "openbsd-failedlogin32-312-le" => &["--layout", "openbsd-failedlogin32-312-le"],
            "openbsd-failedlogin54-312-le" => &["--layout", "openbsd-failedlogin54-312-le"],
            "tru64-lastlog-292-le" => &["--layout", "tru64-lastlog-292-le"],
            _ => &[],
        }
    }

    /// The JSON lines that `dump` must print, stored beside a fixture.
    pub fn expected(&self) -> Vec<u8> {
        let path = root().join(format!("{}.jsonl", self.name()));
        fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }
}

/// Every file of `fixtures/`: one folder a layout, and those that real C libraries wrote.
pub fn fixtures() -> Vec<KnownFile> {
    let mut files = Vec::new();
    for folder in sorted(&root().join("fixtures")) {
        let name = folder.file_name().and_then(|name| name.to_str()).expect("names are UTF-8");
        let Some(layout) = fixture_layout(name) else { continue };
        let is_log = |path: &PathBuf| path.extension().is_none_or(|e| e != "jsonl");
        let logs = sorted(&folder).into_iter().filter(is_log);
        files.extend(logs.map(|path| KnownFile { path, layout }));
    }
    assert!(files.len() > 100, "only {} fixtures", files.len());
    files
}

fn fixture_layout(folder: &str) -> Option<&'static str> {
    match folder {
        "glibc-x86_64" => Some("linux-glibc-384-le"),
        "glibc-mips" => Some("linux-glibc-384-be"),
        "glibc-m68k" => Some("linux-glibc-382-be"),
        "glibc-aarch64" => Some("linux-glibc-400-le"),
        "glibc-s390x" => Some("linux-glibc-400-be"),
        "musl-i386" => Some("linux-musl-396-le"),
        "utmps-i386" => Some("linux-glibc-392-le"),
        _ => loginrec::formats::by_name(folder).map(|layout| layout.name),
    }
}
