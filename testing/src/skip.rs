//! Skipped tests are seen and counted.

use std::env;
use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::panic::Location;

/// Prints that the calling test skips something, and appends the line to the file that the
/// environment variable `LOGINREC_SKIPS` names. `.ci/run` prints that file at its end.
///
/// For what a machine lacks: a program of others, a feature of its file system, `../shared`.
///
/// # Panics
///
/// If that file cannot be written: a skip must not get lost.
#[track_caller]
pub fn skip(why: &str) {
    let place = Location::caller();
    let line = format!("{why} ({}:{})\n", place.file(), place.line());
    // Not `eprintln!`, which the test harness keeps to itself when a test passes.
    let _ = io::stderr().write_all(format!("skipped: {line}").as_bytes());
    if let Some(list) = env::var_os("LOGINREC_SKIPS") {
        let file = OpenOptions::new().append(true).create(true).open(&list);
        // One write: tests run at the same time.
        let written = file.and_then(|mut file| file.write_all(line.as_bytes()));
        written.unwrap_or_else(|error| panic!("{}: {error}", list.display()));
    }
}
