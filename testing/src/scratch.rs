//! A folder for one test.

use std::fs;
use std::path::Path;

/// An empty folder that is removed when this is dropped.
#[derive(Debug)]
pub struct Scratch(tempfile::TempDir);

impl Scratch {
    /// Makes one.
    #[expect(clippy::new_without_default, reason = "it makes a folder")]
    pub fn new() -> Scratch {
        Scratch(tempfile::tempdir().expect("a folder for temporary files"))
    }

    /// Makes one with a file in it; returns the file's path as well.
    pub fn with(name: &str, bytes: &[u8]) -> (Scratch, String) {
        let scratch = Scratch::new();
        let path = scratch.file(name, bytes);
        (scratch, path)
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        self.0.path()
    }

    /// The path of `name` in it.
    pub fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().expect("paths are UTF-8").to_owned()
    }

    /// Writes a file in it; returns its path.
    pub fn file(&self, name: &str, bytes: &[u8]) -> String {
        let path = self.path(name);
        fs::write(&path, bytes).unwrap_or_else(|error| panic!("{path}: {error}"));
        path
    }

    /// The names of what is in it.
    pub fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).expect("it is there");
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }
}
