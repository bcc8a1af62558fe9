//! `loginrec last` and `lastb` through the binary.

mod compare;
mod generate;
mod pairing;
mod platforms;
mod real;
mod stored;
mod times;
mod tools;
mod who;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A command in the repository, in UTC, with text as UTF-8.
fn command(program: impl AsRef<Path>, args: &[&str]) -> Command {
    let mut command = Command::new(program.as_ref());
    command.args(args).current_dir(root()).env("TZ", "UTC").env("LC_ALL", "C.UTF-8");
    command
}

fn run(args: &[&str]) -> Output {
    command(env!("CARGO_BIN_EXE_loginrec"), args).output().unwrap()
}

/// Standard output of a run in which nothing went wrong.
fn clean(args: &[&str]) -> String {
    let output = run(args);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && stderr.is_empty(), "{args:?}: {}: {stderr}", output.status);
    String::from_utf8(output.stdout).unwrap()
}

/// A file in the repository's neighbour, or a line that says it is not there.
fn corpus(name: &str) -> Option<PathBuf> {
    let path = root().join("../shared/corpus").join(name);
    if !path.exists() {
        eprintln!("skipped: no {}", path.display());
        return None;
    }
    Some(path)
}
