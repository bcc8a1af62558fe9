//! Links with the names of the tools, and exit codes.

use std::path::PathBuf;
use std::{env, fs, process};

use crate::generate::{Scratch, boot, login, logout};
use crate::{command, run};

const T: i32 = 1_700_000_000;

fn code(args: &[&str]) -> i32 {
    run(args).status.code().unwrap()
}

#[test]
fn exit_codes() {
    let file = Scratch::new("codes", &boot(T));
    let file = file.path();
    assert_eq!(code(&["last", "-f", &file]), 0);
    assert_eq!(code(&["last", "-f", "/nowhere/wtmp"]), 3);
    assert_eq!(code(&["last", "-f", "/nowhere/wtmp", "-f", &file]), 4);
    assert_eq!(code(&["last", "-f", &file, "--nonsense"]), 2);
    assert_eq!(code(&["last", "-f", &file, "-s", "nonsense"]), 2);
    assert_eq!(code(&["last", "-f", &file, "-s", "Mon 2023-11-14"]), 2);
    assert_eq!(code(&["last", "-f", &file, "-n", "99x"]), 2);
    assert_eq!(code(&["last", "-f", &file, "-F", "--time-format", "iso"]), 2);
}

#[cfg(unix)]
#[test]
fn links_are_the_tools() {
    let folder = env::temp_dir().join(format!("loginrec-tools-{}", process::id()));
    fs::create_dir_all(&folder).unwrap();
    let link = |name: &str| {
        let link = folder.join(name);
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_loginrec"), &link).unwrap();
        link
    };
    let (last, lastb, utmpdump) = (link("last"), link("lastb"), link("utmpdump"));
    let records = [boot(T), login("pts/0", "bob", T + 1), logout("pts/0", T + 2)];
    let file = Scratch::new("links", &records.concat());
    let file = file.path();
    let ask = |tool: &PathBuf, args: &[&str]| {
        let output = command(tool, args).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
    };

    let (status, shown) = ask(&last, &["-1", "-f", &file]);
    assert_eq!((status, shown.lines().count()), (0, 3), "{shown}");
    assert!(shown.starts_with("bob "), "{shown}");
    // Options can be shortened and repeated, as getopt_long(3) lets them.
    assert_eq!(ask(&last, &["-x", "-x1", "--fi", &file]).1, shown);
    let (status, shown) = ask(&lastb, &["-f", &file, "-n5", "-3"]);
    assert_eq!((status, shown.lines().count()), (0, 5), "{shown}");
    assert_eq!(ask(&last, &["-f", "/nowhere/wtmp"]).0, 1);
    assert_eq!(ask(&last, &["--nonsense"]).0, 1);
    assert_eq!(ask(&last, &["-h"]).0, 0);
    assert_eq!(ask(&last, &["-V"]).0, 0);

    let (status, text) = ask(&utmpdump, &[&file]);
    assert_eq!((status, text.lines().count()), (0, 3), "{text}");
    let rows = folder.join("rows");
    fs::write(&rows, &text).unwrap();
    let back = command(&utmpdump, &["-r", rows.to_str().unwrap()]).output().unwrap();
    assert_eq!(back.stdout, fs::read(&file).unwrap());
    fs::remove_dir_all(folder).unwrap();
}

/// The rest behind the last whole record is damage, and the records are still those that
/// util-linux would have read before it was written.
#[test]
fn a_file_that_ends_within_a_record() {
    let mut bytes = [boot(T), login("pts/0", "bob", T + 1)].concat();
    let whole = Scratch::new("whole", &bytes);
    let whole = run(&["last", "-f", &whole.path()]).stdout;
    bytes.extend([7; 100]);
    let cut = Scratch::new("cut", &bytes);
    let output = run(&["last", "-f", &cut.path()]);
    assert_eq!(output.status.code(), Some(4));
    assert_eq!(output.stdout, whole);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("byte 768") && stderr.contains("100"), "{stderr}");
}

#[test]
fn nothing_to_read() {
    let file = Scratch::new("empty", b"");
    let output = run(&["last", "-f", &file.path()]);
    assert!(output.status.success());
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(shown.starts_with("\nwtmp begins "), "{shown}");
    let output = command(env!("CARGO_BIN_EXE_loginrec"), &["last", "-f", "-"]).output().unwrap();
    assert_eq!((output.status.success(), output.stdout.is_empty()), (true, true));
}
