//! Running the binary, and finding files.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;

use serde_json::Value;

/// The repository: files in it are named relative to this, as in the expected JSON.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

pub(crate) fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_loginrec"));
    command.args(args).current_dir(root());
    command
}

/// Runs the binary with nothing on standard input.
pub(crate) fn run(args: &[&str]) -> Output {
    run_with(args, b"")
}

pub(crate) fn run_with(args: &[&str], stdin: &[u8]) -> Output {
    let mut child = command(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pipe = child.stdin.take().unwrap();
    let stdin = stdin.to_vec();
    // On its own thread: both ends may have more to say than a pipe holds. A reader that
    // stops early is the test's business.
    let writer = thread::spawn(move || drop(pipe.write_all(&stdin)));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

/// Standard output of a run in which nothing at all went wrong.
pub(crate) fn clean(args: &[&str], stdin: &[u8]) -> Vec<u8> {
    let output = run_with(args, stdin);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && stderr.is_empty(), "{args:?}: {}: {stderr}", output.status);
    output.stdout
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Exit status, and standard error.
pub(crate) fn told(output: &Output) -> (i32, String) {
    (output.status.code().unwrap(), text(&output.stderr))
}

pub(crate) fn json_lines(bytes: &[u8]) -> Vec<Value> {
    text(bytes).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A fixture: its name from the root, and its folder's.
pub(crate) struct Fixture {
    pub(crate) name: String,
    pub(crate) folder: String,
}

impl Fixture {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        fs::read(root().join(&self.name)).unwrap()
    }

    /// The JSON lines that must come out.
    pub(crate) fn expected(&self) -> Vec<u8> {
        fs::read(root().join(format!("{}.jsonl", self.name))).unwrap()
    }

    pub(crate) fn is_database(&self) -> bool {
        self.folder.contains("lastlogx")
    }

    /// `--layout` for the two that detection gives a newer layout: on little-endian machines
    /// the 64-bit seconds and 32-bit microseconds of NetBSD 6 with their padding are the same
    /// bytes as the two 64-bit numbers of NetBSD 2 to 5, and mean the same.
    pub(crate) fn needed(&self) -> &[&str] {
        match self.folder.as_str() {
            "netbsd-lastlogx1-432-le" => &["--layout", "netbsd-lastlogx1-432-le"],
            "netbsd-utmpx1-520-le" => &["--layout", "netbsd-utmpx1-520-le"],
            _ => &[],
        }
    }
}

pub(crate) fn fixtures() -> Vec<Fixture> {
    let mut fixtures = Vec::new();
    for folder in fs::read_dir(root().join("fixtures")).unwrap() {
        let folder = folder.unwrap();
        if !folder.file_type().unwrap().is_dir() {
            continue;
        }
        let folder_name = folder.file_name().into_string().unwrap();
        for file in fs::read_dir(folder.path()).unwrap() {
            let file = file.unwrap().file_name().into_string().unwrap();
            if let Some(name) = file.strip_suffix(".jsonl") {
                let name = format!("fixtures/{folder_name}/{name}");
                fixtures.push(Fixture { name, folder: folder_name.clone() });
            }
        }
    }
    fixtures.sort_by(|a, b| a.name.cmp(&b.name));
    assert!(fixtures.len() > 100, "{} fixtures", fixtures.len());
    fixtures
}

/// The path of a corpus file, or a line that says it is not there.
pub(crate) fn corpus(name: &str) -> Option<PathBuf> {
    let path = root().join("../shared/corpus").join(name);
    if !path.exists() {
        eprintln!("skipped: {name} of the corpus is not here");
        return None;
    }
    Some(path)
}

/// A folder of its own for one test, and paths in it.
pub(crate) struct Scratch(tempfile::TempDir);

impl Scratch {
    pub(crate) fn new() -> Scratch {
        Scratch(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    pub(crate) fn file(&self, name: &str, bytes: &[u8]) -> String {
        let path = self.path(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    pub(crate) fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }
}
