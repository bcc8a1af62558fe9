//! The places of files.

use std::fs;
use std::path::{Path, PathBuf};

use crate::skip::skip;

/// The repository's folder.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a crate of the workspace")
}

/// The bytes of a file below `fixtures/`.
pub fn fixture(name: &str) -> Vec<u8> {
    let path = root().join("fixtures").join(name);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The numbers that the README has before `word`, such as 92 in "92 layouts".
pub fn readme_counts(word: &str) -> Vec<usize> {
    let readme = fs::read_to_string(root().join("README.md")).expect("the README");
    let words: Vec<&str> = readme.split_whitespace().collect();
    let is_word = |text: &str| text.trim_end_matches(|c: char| !c.is_alphanumeric()) == word;
    let pairs = words.windows(2).filter(|pair| is_word(pair[1]));
    pairs.filter_map(|pair| pair[0].parse().ok()).collect()
}

/// A file or folder below `../shared`, which holds what is too large for the repository.
/// `None`, after a call of [`skip`], on a machine without that folder.
///
/// # Panics
///
/// If the folder is there and lacks this path.
#[track_caller]
pub fn shared(path: &str) -> Option<PathBuf> {
    let shared = root().join("../shared");
    if !shared.is_dir() {
        skip("there is no ../shared");
        return None;
    }
    let path = shared.join(path);
    assert!(path.exists(), "{} is missing", path.display());
    Some(path)
}

/// A file of the corpus: [`shared`] below `corpus/`.
#[track_caller]
pub fn corpus(name: &str) -> Option<PathBuf> {
    shared(&format!("corpus/{name}"))
}

/// Everything in a folder, in order.
pub(crate) fn sorted(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}
