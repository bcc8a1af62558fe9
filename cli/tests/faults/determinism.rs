//! The same file gives the same bytes, wherever and however the program is run.

use std::fs;

use loginrec_testing::{Scratch, command, root};

use crate::commands::{READERS, with};

/// Files of several platforms, one damaged.
fn files(scratch: &Scratch) -> Vec<String> {
    let fixtures = ["glibc-x86_64/wtmp", "freebsd-utx-log/utx.log", "svr4-utmpx-372-be/wtmpx"];
    let mut files: Vec<String> = fixtures
        .iter()
        .map(|name| root().join("fixtures").join(name).canonicalize().unwrap())
        .map(|path| path.to_str().unwrap().to_owned())
        .collect();
    let wtmp = fs::read(&files[0]).unwrap();
    files.push(scratch.file("cut", &wtmp[..wtmp.len() - 100]));
    files
}

#[test]
fn nothing_of_the_host_is_in_the_results() {
    let scratch = Scratch::new();
    let elsewhere = Scratch::new();
    for file in files(&scratch) {
        for reader in READERS {
            let args = with(reader, &[&file]);
            let told = |of_host: &dyn Fn(&mut std::process::Command)| {
                let mut command = command(&args);
                command.env_remove("TZ");
                of_host(&mut command);
                let output = command.output().unwrap();
                (output.status.code(), output.stdout, output.stderr)
            };
            let plain = told(&|_| {});
            for language in ["C", "de_DE.UTF-8", "tr_TR.UTF-8", "ja_JP.eucJP"] {
                let told = told(&|command| {
                    command.env("LANG", language).env("LC_ALL", language).env("LANGUAGE", language);
                });
                assert_eq!(told, plain, "{language}: {args:?}");
            }
            let told_elsewhere = told(&|command| {
                command.env_clear().current_dir(elsewhere.path("")).env("HOME", "/nonexistent");
            });
            assert_eq!(told_elsewhere, plain, "cleared: {args:?}");
            let told_wide = told(&|command| {
                command
                    .env("COLUMNS", "40")
                    .env("TERM", "xterm-256color")
                    .env("CLICOLOR_FORCE", "1");
            });
            assert_eq!(told_wide, plain, "terminal: {args:?}");
        }
    }
}

/// Only the stand-ins for older tools know time zones, and only without `--tz`.
#[test]
fn time_zones_are_for_the_tools() {
    let file = root().join("fixtures/glibc-x86_64/wtmp");
    let file = file.to_str().unwrap();
    for reader in READERS {
        let args = with(reader, &[file]);
        let zone = |tz: &str| command(&args).env("TZ", tz).output().unwrap().stdout;
        assert_eq!(zone("Asia/Tokyo"), zone("America/New_York"), "{args:?}");
    }
    let last = |tz: &str| command(&["last", "-f", file]).env("TZ", tz).output().unwrap().stdout;
    assert_ne!(last("Asia/Tokyo"), last("America/New_York"));
}
