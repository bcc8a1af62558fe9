//! Evidence stays as it is.

use std::fs::{self, Metadata};
use std::path::Path;
use std::process::Command;

use loginrec_testing::{Scratch, loginrec, root, run, run_with, skip, text};

use crate::commands::{READERS, with, writing};

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

/// System calls: no file is opened for writing, created, renamed or removed.
#[cfg(target_os = "linux")]
#[test]
fn nothing_is_opened_to_write() {
    let scratch = Scratch::new();
    let trace = scratch.path("trace");
    let calls = "trace=%file,ftruncate,fchmod,fchown,fallocate,futimesat,utimensat";
    let strace = |args: &[&str]| {
        let mut strace = Command::new("strace");
        strace.args(["-f", "-qq", "-e", calls, "-o", &trace]);
        strace.arg(loginrec()).args(args).output()
    };
    if !strace(&["layouts"]).is_ok_and(|output| output.status.success()) {
        skip("there is no strace, or it may not look");
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

/// Root may leave the time of last access alone, and so may the owner of a file.
#[cfg(target_os = "linux")]
#[test]
fn access_times_stay() {
    let scratch = Scratch::new();
    let passwd = scratch.file("passwd", b"root:x:0:0::/:\n");
    let old = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000);
    let age = |path: &str| {
        let file = fs::File::options().write(true).open(path).unwrap();
        file.set_times(fs::FileTimes::new().set_accessed(old)).unwrap();
    };
    let accessed = |path: &str| about(path).accessed().unwrap();
    age(&passwd);
    fs::read(&passwd).unwrap();
    if accessed(&passwd) == old {
        skip("this file system does not keep times of access");
        return;
    }
    age(&passwd);
    for file in files(&scratch) {
        age(&file);
        for reader in READERS {
            run(&with(reader, &[&file]));
            assert_eq!(accessed(&file), old, "{reader:?}");
        }
        run(&["timeline", "--passwd", &passwd, &file]);
        run(&["undump", &file]);
        assert_eq!([accessed(&passwd), accessed(&file)], [old; 2]);
    }
}

/// The hashes listed are those of sha256sum, for files, pipes and standard input.
#[test]
fn manifests_are_checked_by_sha256sum() {
    let scratch = Scratch::new();
    let manifest = scratch.path("sums");
    for file in files(&scratch) {
        let Ok(expected) = Command::new("sha256sum").arg(&file).output() else {
            skip("there is no sha256sum");
            return;
        };
        let expected = text(&expected.stdout);
        for reader in READERS {
            let [plain, listed] = [vec![], vec!["--manifest", &manifest]]
                .map(|more| run(&writing(reader, &more, &file)));
            assert_eq!(fs::read_to_string(&manifest).unwrap(), expected, "{reader:?}");
            assert_eq!(listed, plain, "{reader:?}");
            let digest = expected.split_once(' ').unwrap().0;
            let piped = writing(reader, &["--manifest", &manifest], "-");
            run_with(&piped, &fs::read(&file).unwrap());
            assert_eq!(fs::read_to_string(&manifest).unwrap(), format!("{digest}  -\n"));
        }
    }
    // Names that need escapes, and sources that were only read to decide.
    let name = scratch.path("a\\b\nwtmp");
    fs::write(&name, fs::read(root().join("fixtures/glibc-x86_64/wtmp")).unwrap()).unwrap();
    let passwd = scratch.file("passwd", b"root:x:0:0::/:\n");
    run(&["timeline", "--manifest", &manifest, "--passwd", &passwd, &name, &name]);
    let checked = Command::new("sha256sum").args(["--strict", "-c", &manifest]).output().unwrap();
    assert!(checked.status.success(), "{checked:?}");
    assert_eq!(text(&checked.stdout).lines().count(), 2, "{checked:?}");
}

#[test]
fn a_manifest_in_json_has_sizes() {
    let scratch = Scratch::new();
    let (wtmp, manifest) = (scratch.file("wtmp", &[]), scratch.path("sources.jsonl"));
    run(&["dump", "--manifest", &manifest, &wtmp]);
    let lines = loginrec_testing::json_lines(&fs::read(&manifest).unwrap());
    // The hash of no bytes, from the example files of FIPS 180-4.
    let sum = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let expected = serde_json::json!([{ "path": wtmp, "size": 0, "sha256": sum }]);
    assert_eq!(serde_json::Value::Array(lines), expected);
}
