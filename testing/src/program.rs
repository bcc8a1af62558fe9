//! Running the program loginrec.

use std::env;
use std::ffi::OsStr;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::thread;

use serde_json::Value;

use crate::repository::root;

/// The program's path: cargo builds it before the tests of its package, beside them.
pub fn loginrec() -> PathBuf {
    if let Some(path) = env::var_os("CARGO_BIN_EXE_loginrec") {
        return path.into();
    }
    let test = env::current_exe().expect("the path of this test");
    let folder = test.parent().and_then(|deps| deps.parent()).expect("target/PROFILE/deps");
    folder.join("loginrec").with_extension(env::consts::EXE_EXTENSION)
}

/// The program with these arguments, in the repository's folder, in UTC, with text as UTF-8.
pub fn command(args: &[&str]) -> Command {
    command_of(loginrec(), args)
}

/// Another program, or this one under another name, in the same surroundings.
pub fn command_of(program: impl AsRef<OsStr>, args: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(args).current_dir(root()).env("TZ", "UTC").env("LC_ALL", "C.UTF-8");
    command
}

/// Runs it with nothing on standard input.
pub fn run(args: &[&str]) -> Output {
    run_with(args, b"")
}

/// Runs it with these bytes on standard input.
pub fn run_with(args: &[&str], stdin: &[u8]) -> Output {
    let mut child = command(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{}: {error}", loginrec().display()));
    let mut pipe = child.stdin.take().expect("a pipe");
    let stdin = stdin.to_vec();
    // On its own thread: both ends may have more to write than a pipe holds. A reader that
    // stops early is the test's business.
    let writer = thread::spawn(move || drop(pipe.write_all(&stdin)));
    let output = child.wait_with_output().expect("its output");
    writer.join().expect("the writer does not panic");
    output
}

/// Standard output of a run that succeeds and prints no message, but for the line in which `carve`
/// says how much it looked at.
#[track_caller]
pub fn clean(args: &[&str], stdin: &[u8]) -> Vec<u8> {
    let output = run_with(args, stdin);
    let stderr = String::from_utf8_lossy(&output.stderr);
    let is_closing = |line: &&str| args.first() == Some(&"carve") && line.contains(": looked at ");
    let stderr: String = stderr.lines().filter(|line| !is_closing(line)).collect();
    assert!(output.status.success() && stderr.is_empty(), "{args:?}: {}: {stderr}", output.status);
    output.stdout
}

/// Bytes as text, which they must be.
#[track_caller]
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

/// Exit status, and standard error.
#[track_caller]
pub fn told(output: &Output) -> (i32, String) {
    (output.status.code().expect("it was not killed"), text(&output.stderr))
}

/// Output of `--format jsonl`, one value a line.
#[track_caller]
pub fn json_lines(bytes: &[u8]) -> Vec<Value> {
    let value = |line: &str| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
    text(bytes).lines().map(value).collect()
}
