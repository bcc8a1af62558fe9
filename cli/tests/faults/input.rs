//! Files that cannot be read: one line on standard error, status 3.

use std::fs;
use std::process::Output;

use loginrec_testing::{Scratch, loginrec, root, run, skip, text, told};

use crate::commands::{READERS, with};

/// Asserts that nothing was read, and that one line has the name and the reason.
fn assert_refused(output: &Output, name: &str, why: &str, what: &str) {
    let (status, stderr) = told(output);
    assert_eq!(status, 3, "{what}: {stderr}");
    assert_eq!(stderr, format!("loginrec: {name}: {why}\n"), "{what}");
}

#[test]
fn folders_and_missing_files() {
    let scratch = Scratch::new();
    let (folder, missing) = (scratch.path(""), scratch.path("missing"));
    // With -v, there are more lines.
    for reader in READERS.iter().filter(|reader| !reader.contains(&"-v")) {
        let what = reader.join(" ");
        // A folder is a root, but not for carve.
        let why = match reader[0] {
            "carve" => "is a directory",
            _ => "no login records at the usual places below it",
        };
        assert_refused(&run(&with(reader, &[&folder])), &folder, why, &what);
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
    fs::copy(loginrec(), &program).unwrap();
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
            let mut command = loginrec_testing::command(reader);
            let path = [folder.path("").as_bytes(), name].concat();
            let output = command.arg(OsStr::from_bytes(&path)).output().unwrap();
            let shown = format!("{}{shown}", folder.path(""));
            assert_refused(&output, &shown, "no such file", &reader.join(" "));
        }
    }
}

/// Reading any of these could wait forever, or never end. None is opened.
#[cfg(unix)]
#[test]
fn what_is_no_file_is_refused_at_once() {
    let scratch = Scratch::new();
    let fifo = scratch.path("fifo");
    let made = std::process::Command::new("mkfifo").arg(&fifo).status();
    if !made.is_ok_and(|made| made.success()) {
        skip("there is no mkfifo");
        return;
    }
    let (link, socket) = (scratch.path("link"), scratch.path("socket"));
    std::os::unix::fs::symlink("fifo", &link).unwrap();
    let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let loops = scratch.path("loop");
    std::os::unix::fs::symlink("loop", &loops).unwrap();
    let wait = "and not read, because that could wait forever; redirect it to standard input and \
                give `-` as the file";
    let endless = "and not read, because it may have no end; redirect it to standard input and \
                   give `-` as the file";
    let refused = [
        (fifo.as_str(), format!("is a FIFO {wait}")),
        (&link, format!("is a FIFO {wait}")),
        ("/dev/zero", format!("is a character device {endless}")),
        ("/dev/tty", format!("is a character device {endless}")),
    ];
    for reader in READERS.iter().copied().chain([&["undump"][..]]) {
        let what = reader.join(" ");
        for (path, why) in &refused {
            assert_refused(&run(&with(reader, &[path])), path, why, &what);
        }
        let (status, stderr) = told(&run(&with(reader, &[&socket])));
        assert!(status == 3 && stderr.contains("is a socket and not read; redirect"), "{stderr}");
        let (status, stderr) = told(&run(&with(reader, &[&loops])));
        assert!(status == 3 && stderr.lines().count() == 1, "{what}: {stderr}");
    }
    let passwd = ["timeline", "--passwd", &fifo, "fixtures/glibc-x86_64/wtmp"];
    let (status, stderr) = told(&run(&passwd));
    assert!(status == 4 && stderr.contains("is a FIFO"), "{status} {stderr}");
}

/// What a shell gives for `<(zcat wtmp.1.gz)`, and standard input under its other names.
#[cfg(target_os = "linux")]
#[test]
fn open_files_are_read_like_standard_input() {
    let scratch = Scratch::new();
    let wtmp = root().join("fixtures/glibc-x86_64/wtmp");
    let wtmp = wtmp.to_str().unwrap();
    let in_shell = |command: &[&str], how: &str| -> Output {
        let script = format!("exec \"$0\" \"$@\" {how}");
        let mut bash = std::process::Command::new("bash");
        bash.args(["-c", &script]).arg(loginrec()).args(command).current_dir(root());
        bash.env("WTMP", wtmp).output().unwrap()
    };
    if !in_shell(&["layouts"], "").status.success() {
        skip("there is no bash");
        return;
    }
    let gzip =
        scratch.file("wtmp.gz", &fs::read(root().join("fuzz/seeds/unpack/btmp.gz")).unwrap());
    for reader in READERS {
        let piped = in_shell(reader, "- < <(cat $WTMP)");
        for how in ["/dev/stdin < <(cat $WTMP)", "/dev/fd/0 < <(cat $WTMP)", "- < $WTMP"] {
            let named = in_shell(reader, how);
            let mask = |bytes: &[u8]| {
                let text = text(bytes).replace("/dev/stdin", "-").replace("/dev/fd/0", "-");
                text.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
            };
            assert_eq!(named.status, piped.status, "{reader:?} {how}: {named:?}");
            // audit knows when a file was changed, and report has its hash; a pipe has neither.
            if !["audit", "report"].contains(&reader[0]) {
                assert_eq!(mask(&named.stdout), mask(&piped.stdout), "{reader:?} {how}");
            }
        }
        let substituted = in_shell(reader, "<(cat $WTMP)");
        assert_eq!(substituted.status, piped.status, "{reader:?}: {substituted:?}");
        assert_eq!(
            substituted.stdout.iter().filter(|&&byte| byte == b'\n').count(),
            piped.stdout.iter().filter(|&&byte| byte == b'\n').count(),
            "{reader:?}"
        );
        let packed = in_shell(reader, &format!("<(cat {gzip})"));
        assert_eq!(packed.status, in_shell(reader, &gzip).status, "{reader:?}: {packed:?}");
    }
    let twice = told(&run(&["dump", "-", "/dev/stdin"]));
    assert!(twice.0 == 2 && twice.1.contains("only once"), "{twice:?}");
}
