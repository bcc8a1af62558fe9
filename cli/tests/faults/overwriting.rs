//! `-o` and `--manifest`: results appear when they are complete, and never in place of evidence.

use std::fs::{self, File};
use std::process::{Command, Output, Stdio};

use loginrec_testing::{Scratch, command, loginrec, root, run, skip, text, told};

use crate::commands::{READERS, with, writing};

const WTMP: &str = "fixtures/glibc-x86_64/wtmp";

fn assert_kept(output: &Output, bytes: &[u8], file: &str, what: &str) {
    let (status, stderr) = told(output);
    assert!(matches!(status, 2 | 3), "{what}: {status} {stderr}");
    assert!(stderr.contains("refusing to"), "{what}: {stderr}");
    assert!(output.stdout.is_empty(), "{what}");
    assert_eq!(fs::read(file).unwrap(), bytes, "{what}");
}

#[test]
fn a_file_gets_what_standard_output_gets() {
    let scratch = Scratch::new();
    let out = scratch.path("out");
    for reader in READERS {
        let printed = run(&with(reader, &[WTMP]));
        for before in [None, Some("what was there"), Some("")] {
            match before {
                Some(text) => fs::write(&out, text).unwrap(),
                None => drop(fs::remove_file(&out)),
            }
            let written = run(&writing(reader, &["-o", &out], WTMP));
            assert_eq!(written.status, printed.status, "{reader:?}");
            assert_eq!(written.stderr, printed.stderr, "{reader:?}");
            assert!(written.stdout.is_empty(), "{reader:?}");
            assert_eq!(text(&fs::read(&out).unwrap()), text(&printed.stdout), "{reader:?}");
            assert_eq!(scratch.names(), ["out"], "{reader:?}");
        }
    }
    run(&["layouts", "-o", &out]);
    assert_eq!(fs::read(&out).unwrap(), run(&["layouts"]).stdout);
    assert_eq!(run(&["layouts", "-o", "-"]).stdout, run(&["layouts"]).stdout);
}

#[cfg(unix)]
#[test]
fn no_source_is_overwritten_by_any_name() {
    use std::os::unix::fs::symlink;

    let scratch = Scratch::new();
    let bytes = fs::read(root().join(WTMP)).unwrap();
    let file = scratch.file("wtmp", &bytes);
    let (hard, soft) = (scratch.path("hard"), scratch.path("soft"));
    fs::hard_link(&file, &hard).unwrap();
    symlink("hard", &soft).unwrap();
    let around = format!("{}/../{}/wtmp", scratch.path(""), folder_name(&scratch));
    let sidecars = ["-wal", "-journal", "-shm"].map(|suffix| format!("{file}{suffix}"));
    for reader in READERS {
        for out in [&file, &hard, &soft, &around] {
            for option in ["-o", "--manifest"] {
                let output = run(&writing(reader, &[option, out], &file));
                assert_kept(&output, &bytes, &file, &format!("{reader:?} {option} {out}"));
            }
            let mut stdin = command(&writing(reader, &["-o", out], "-"));
            let output = stdin.stdin(File::open(&file).unwrap()).output().unwrap();
            assert_kept(&output, &bytes, &file, &format!("{reader:?} -o {out} - < {file}"));
        }
        for out in &sidecars {
            let output = run(&writing(reader, &["-o", out], &file));
            assert_kept(&output, &bytes, &file, &format!("{reader:?} -o {out}"));
            assert!(!fs::exists(out).unwrap());
        }
        // Such as `dump wtmp >> wtmp`, which would never end.
        let appended = File::options().append(true).open(&hard).unwrap();
        let output = command(&with(reader, &[&file])).stdout(appended).output().unwrap();
        assert_kept(&output, &bytes, &file, &format!("{reader:?} >> {hard}"));
    }
    for (args, stdin) in [
        (vec!["undump", "--force", "-o", &hard, &file], None),
        (vec!["undump", "--force", "-o", &soft, "-"], Some(&file)),
        (vec!["undump", "--force", "-o", &hard, "/dev/stdin"], Some(&file)),
        (vec!["timeline", "-o", &hard, "--passwd", &file, WTMP], None),
        (vec!["dump", "--follow", "-o", &hard, &file], None),
    ] {
        let mut command = command(&args);
        if let Some(stdin) = stdin {
            command.stdin(File::open(stdin).unwrap());
        }
        assert_kept(&command.output().unwrap(), &bytes, &file, &format!("{args:?}"));
    }
    let both = run(&["dump", "-o", &scratch.path("x"), "--manifest", &scratch.path("x"), WTMP]);
    assert_eq!(told(&both).0, 3);
}

fn folder_name(scratch: &Scratch) -> String {
    let path = scratch.path("");
    path.trim_end_matches('/').rsplit('/').next().unwrap().to_owned()
}

/// The system numbers open files; what they are is what counts.
#[cfg(target_os = "linux")]
#[test]
fn no_open_file_is_overwritten() {
    let scratch = Scratch::new();
    let bytes = fs::read(root().join(WTMP)).unwrap();
    let file = scratch.file("wtmp", &bytes);
    for how in
        ["-o $F /dev/fd/5", "-o /dev/fd/5 $F", "-o /proc/self/fd/5 /dev/fd/5", "-o $F /dev/stdin"]
    {
        let script = format!("exec \"$0\" dump {how} 5< $F < $F");
        let mut sh = Command::new("sh");
        let output = sh.args(["-c", &script]).arg(loginrec()).env("F", &file).output().unwrap();
        assert_kept(&output, &bytes, &file, how);
    }
    use std::os::unix::process::CommandExt as _;
    let mut tool = Command::new(loginrec());
    tool.arg0("utmpdump").args(["-o", &file]).stdin(File::open(&file).unwrap());
    let output = tool.output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(fs::read(&file).unwrap(), bytes);
}

#[test]
fn nothing_below_a_root_is_overwritten() {
    let scratch = Scratch::new();
    let bytes = fs::read(root().join(WTMP)).unwrap();
    let image = scratch.path("image");
    fs::create_dir_all(format!("{image}/var/log")).unwrap();
    fs::create_dir_all(format!("{image}/etc")).unwrap();
    let names = ["var/log/wtmp", "var/log/btmp", "var/log/wtmp.1", "etc/passwd", "x"];
    let paths = names.map(|name| format!("{image}/{name}"));
    paths.iter().for_each(|path| fs::write(path, &bytes).unwrap());
    for path in &paths {
        for reader in [&["sessions"][..], &["last"], &["lastlog"], &["timeline"], &["who"]] {
            // A named file is evidence even if it is not at a usual place.
            let named: &[&str] = match (path.ends_with("/x"), reader[0]) {
                (false, _) => &[],
                (true, "last") => &["-f", "x"],
                (true, _) => &["x"],
            };
            let args = [reader, &["--root", &image, "-o", path], named].concat();
            assert_kept(&run(&args), &bytes, path, &format!("{args:?}"));
        }
    }
}

/// A full disk, or a signal, must not leave half a result or lose the one before.
#[cfg(target_os = "linux")]
#[test]
fn an_output_is_whole_or_not_there() {
    let scratch = Scratch::new();
    let wtmp = fs::read(root().join(WTMP)).unwrap();
    let long = scratch.file("wtmp", &wtmp.repeat(1 + (1 << 20) / wtmp.len()));
    let before = scratch.file("before", b"what was there");
    let mut names = scratch.names();
    names.sort();
    for out in [before.clone(), scratch.path("new")] {
        // No file may grow beyond 100 blocks of 512 bytes or 1 KiB; the signal is ignored.
        let script = "trap '' XFSZ; ulimit -f 100; exec \"$0\" dump -o \"$1\" \"$2\"";
        let mut sh = Command::new("sh");
        let output = sh.args(["-c", script]).arg(loginrec()).args([&out, &long]).output().unwrap();
        let (status, stderr) = told(&output);
        assert_eq!(status, 3, "{stderr}");
        assert!(stderr.contains("File too large") && stderr.lines().count() == 1, "{stderr}");
    }
    assert_eq!(fs::read(&before).unwrap(), b"what was there");
    let mut left = scratch.names();
    left.sort();
    assert_eq!(left, names);
}

#[cfg(unix)]
#[test]
fn what_is_replaced_keeps_its_place_and_permissions() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    let scratch = Scratch::new();
    let (file, link) = (scratch.file("file", b"before"), scratch.path("link"));
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    symlink("file", &link).unwrap();
    assert!(run(&["dump", "-o", &link, WTMP]).status.success());
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read(&file).unwrap(), run(&["dump", WTMP]).stdout);
    // A device or a pipe is written as it is.
    assert!(run(&["dump", "-o", "/dev/null", WTMP]).status.success());
    let mut child = command(&["dump", "-o", "/dev/stdout", WTMP]);
    let output = child.stdout(Stdio::piped()).output().unwrap();
    assert_eq!(output.stdout, run(&["dump", WTMP]).stdout);
    for (out, why) in [("", "directory"), ("none/out", "folder does not exist")] {
        let (status, stderr) = told(&run(&["dump", "-o", &scratch.path(out), WTMP]));
        assert!(status == 3 && stderr.contains(why), "{stderr}");
    }
    let fifo = scratch.path("fifo");
    if !Command::new("mkfifo").arg(&fifo).status().is_ok_and(|made| made.success()) {
        skip("there is no mkfifo");
        return;
    }
    let reading = fifo.clone();
    let reader = std::thread::spawn(move || fs::read(reading).unwrap());
    assert!(run(&["dump", "-o", &fifo, WTMP]).status.success());
    assert_eq!(reader.join().unwrap(), run(&["dump", WTMP]).stdout);
}
