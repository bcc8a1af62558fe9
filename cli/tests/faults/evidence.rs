//! Evidence stays as it is.

use std::fs::{self, Metadata};
use std::path::Path;
use std::process::Command;

use crate::commands::{READERS, with};
use crate::common::{Scratch, root, run, text};

fn about(path: &str) -> Metadata {
    fs::metadata(path).unwrap()
}

/// Files that are read, mapped, and unpacked.
fn files(scratch: &Scratch) -> Vec<String> {
    let wtmp = fs::read(root().join("fixtures/glibc-x86_64/wtmp")).unwrap();
    let mut files = vec![scratch.file("wtmp", &wtmp), scratch.file("btmp", &wtmp.repeat(100))];
    let packed = fs::read(root().join("fuzz/seeds/unpack/btmp.gz")).unwrap();
    files.push(scratch.file("btmp.1.gz", &packed));
    let lastlog = fs::read(root().join("fixtures/linux-lastlog-292-le/lastlog"));
    files.extend(lastlog.map(|bytes| scratch.file("lastlog", &bytes)));
    files
}

#[test]
fn content_and_times_stay() {
    let scratch = Scratch::new();
    for file in files(&scratch) {
        let (bytes, before) = (fs::read(&file).unwrap(), about(&file));
        let mut names = scratch.names();
        names.sort();
        for reader in READERS {
            run(&with(reader, &[&file]));
            assert_eq!(fs::read(&file).unwrap(), bytes, "{reader:?}");
            let after = about(&file);
            assert_eq!(after.modified().unwrap(), before.modified().unwrap(), "{reader:?}");
            assert_eq!(after.permissions(), before.permissions(), "{reader:?}");
            let mut left = scratch.names();
            left.sort();
            assert_eq!(left, names, "{reader:?} left something behind");
        }
    }
}

/// What the system is asked: no file is opened to write, made, renamed or removed.
#[cfg(target_os = "linux")]
#[test]
fn nothing_is_opened_to_write() {
    let scratch = Scratch::new();
    let trace = scratch.path("trace");
    let calls = "trace=%file,ftruncate,fchmod,fchown,fallocate,futimesat,utimensat";
    let strace = |args: &[&str]| {
        let mut strace = Command::new("strace");
        strace.args(["-f", "-qq", "-e", calls, "-o", &trace]);
        strace.arg(env!("CARGO_BIN_EXE_loginrec")).args(args).output()
    };
    if !strace(&["layouts"]).is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: there is no strace, or it may not look");
        return;
    }
    let harmless = [
        "access",
        "execve",
        "faccessat",
        "getcwd",
        "lstat",
        "newfstatat",
        "open",
        "openat",
        "openat2",
        "readlink",
        "readlinkat",
        "stat",
        "statfs",
        "statx",
        "chdir",
    ];
    for file in files(&scratch) {
        for reader in READERS {
            strace(&with(reader, &[&file])).unwrap();
            let lines = fs::read_to_string(&trace).unwrap();
            assert!(lines.contains(Path::new(&file).file_name().unwrap().to_str().unwrap()));
            for line in lines.lines() {
                let call = line.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ');
                let name = call.split('(').next().unwrap();
                // A thread that ends before strace has looked at it makes a call named "???".
                let is_call = call.contains('(') && !call.starts_with(['+', '?']);
                assert!(!is_call || harmless.contains(&name), "{reader:?}: {line}");
                let writes = ["O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC", "O_APPEND"];
                assert!(!writes.iter().any(|flag| line.contains(flag)), "{reader:?}: {line}");
            }
        }
    }
}

#[test]
fn checksums_are_those_of_sha256sum() {
    let scratch = Scratch::new();
    for file in files(&scratch) {
        let Ok(expected) = Command::new("sha256sum").arg(&file).output() else {
            eprintln!("skipped: there is no sha256sum");
            return;
        };
        let expected = text(&expected.stdout);
        for reader in READERS {
            let [plain, hashed] = [vec![], vec!["--hash"]].map(|more| {
                let command = [&reader[..1], &more, &reader[1..], &[file.as_str()]].concat();
                run(&command)
            });
            assert!(text(&hashed.stderr).lines().any(|line| line == expected.trim_end()));
            let rest = text(&hashed.stderr).replacen(&expected, "", 1);
            assert_eq!(rest, text(&plain.stderr), "{reader:?}");
            assert_eq!(hashed.stdout, plain.stdout, "{reader:?}");
            assert_eq!(hashed.status, plain.status, "{reader:?}");
        }
    }
}
