//! Files that cannot be read: one line on standard error, status 3.

use std::fs;
use std::process::Output;

use crate::commands::{READERS, with};
use crate::common::{Scratch, root, run, text, told};

/// Nothing read, one line that begins with the name and ends with the reason.
fn assert_refused(output: &Output, name: &str, why: &str, what: &str) {
    let (status, stderr) = told(output);
    assert_eq!(status, 3, "{what}: {stderr}");
    assert_eq!(stderr, format!("loginrec: {name}: {why}\n"), "{what}");
}

#[test]
fn folders_and_missing_files() {
    let scratch = Scratch::new();
    let (folder, missing) = (scratch.path(""), scratch.path("missing"));
    for reader in READERS {
        let what = reader.join(" ");
        assert_refused(&run(&with(reader, &[&folder])), &folder, "is a directory", &what);
        assert_refused(&run(&with(reader, &[&missing])), &missing, "no such file", &what);
    }
    assert_refused(&run(&["undump", &folder]), &folder, "is a directory", "undump");
    assert_refused(&run(&["undump", &missing]), &missing, "no such file", "undump");
}

#[cfg(unix)]
#[test]
fn files_of_others() {
    use std::os::unix::fs::PermissionsExt as _;
    use std::os::unix::process::CommandExt as _;
    let scratch = Scratch::new();
    let mode =
        |path: &str, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    let path = scratch.file("wtmp", &fs::read(root().join("fixtures/glibc-x86_64/wtmp")).unwrap());
    // Nobody may not look into the folder of the build, either.
    let program = scratch.path("program");
    fs::copy(env!("CARGO_BIN_EXE_loginrec"), &program).unwrap();
    mode(&scratch.path(""), 0o755);
    mode(&program, 0o755);
    mode(&path, 0);
    let is_root = fs::read(&path).is_ok();
    let run = |args: &[&str]| -> Output {
        let mut command = std::process::Command::new(&program);
        if is_root {
            command.uid(65534).gid(65534);
        }
        command.args(args).current_dir("/").output().unwrap()
    };
    for reader in READERS {
        let output = run(&with(reader, &[&path]));
        assert_refused(&output, &path, "permission denied", &reader.join(" "));
    }
    assert_refused(&run(&["undump", &path]), &path, "permission denied", "undump");
    let into = scratch.path("no-place-to-write");
    let output = run(&["undump", "-o", &into, "/dev/null"]);
    assert_eq!(told(&output).0, 3);
    assert_eq!(told(&output).1.lines().count(), 1, "{}", told(&output).1);
}

/// Any bytes but NUL and `/` are a name. Whatever they are, the line that names the file is one
/// line, and nothing in it steers a terminal.
#[cfg(target_os = "linux")]
#[test]
fn names_of_any_bytes() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    let folder = Scratch::new();
    for (name, shown) in [
        (&b"wtmp\nloginrec: all is well"[..], r"wtmp\x0aloginrec: all is well"),
        (b"\xff\xfewtmp\x80", r"\xff\xfewtmp\x80"),
        (b"\x1b]0;x\x07\xe2\x80\xae", r"\x1b]0;x\x07\u{202e}"),
    ] {
        for reader in READERS.iter().copied().chain([&["undump"][..]]) {
            let mut command = crate::common::command(reader);
            let path = [folder.path("").as_bytes(), name].concat();
            let output = command.arg(OsStr::from_bytes(&path)).output().unwrap();
            let shown = format!("{}{shown}", folder.path(""));
            assert_refused(&output, &shown, "no such file", &reader.join(" "));
        }
    }
}

#[cfg(unix)]
#[test]
fn a_fifo_is_read_as_a_file() {
    let scratch = Scratch::new();
    let wtmp = root().join("fixtures/glibc-x86_64/wtmp");
    let fifo = scratch.path("wtmp");
    let made = std::process::Command::new("mkfifo").arg(&fifo).status();
    if !made.is_ok_and(|made| made.success()) {
        eprintln!("skipped: there is no mkfifo");
        return;
    }
    let texts =
        READERS.iter().filter(|reader| !reader.contains(&"jsonl") && !reader.contains(&"csv"));
    // What audit says of the time when a file was changed, a pipe cannot give.
    for reader in texts.filter(|reader| reader[0] != "audit") {
        let (from, to) = (wtmp.clone(), fifo.clone());
        let writer = std::thread::spawn(move || fs::write(to, fs::read(from).unwrap()));
        let through_fifo = run(&with(reader, &[&fifo]));
        let _ = writer.join().unwrap(); // a reader may have seen enough
        let plain = run(&with(reader, &[wtmp.to_str().unwrap()]));
        assert_eq!(through_fifo.status, plain.status, "{reader:?}: {through_fifo:?}");
        let named = text(&plain.stdout).replace(wtmp.to_str().unwrap(), &fifo);
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(words(&text(&through_fifo.stdout)), words(&named), "{reader:?}");
    }
}
