//! Links with the names of the tools, and exit codes.

use std::fs;
use std::path::PathBuf;

use loginrec_testing::{Scratch, command, command_of, loginrec, run};

use crate::clean;
use crate::generate::{boot, login, logout};

const T: i32 = 1_700_000_000;

fn code(args: &[&str]) -> i32 {
    run(args).status.code().unwrap()
}

#[test]
fn exit_codes() {
    let (_scratch, file) = Scratch::with("wtmp", &boot(T));
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
    let scratch = Scratch::new();
    let folder = scratch.folder();
    let link = |name: &str| {
        let link = folder.join(name);
        std::os::unix::fs::symlink(loginrec(), &link).unwrap();
        link
    };
    let (last, lastb, utmpdump) = (link("last"), link("lastb"), link("utmpdump"));
    let records = [boot(T), login("pts/0", "bob", T + 1), logout("pts/0", T + 2)];
    let (_scratch, file) = Scratch::with("wtmp", &records.concat());
    let ask = |tool: &PathBuf, args: &[&str]| {
        let output = command_of(tool, args).output().unwrap();
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
    let back = command_of(&utmpdump, &["-r", rows.to_str().unwrap()]).output().unwrap();
    assert_eq!(back.stdout, fs::read(&file).unwrap());
}

#[cfg(unix)]
#[test]
fn lastlog_who_and_utmpdump() {
    let scratch = Scratch::new();
    let folder = scratch.folder();
    let ask = |name: &str, args: &[&str]| {
        let link = folder.join(name);
        let _ = std::os::unix::fs::symlink(loginrec(), &link);
        let output = command_of(link, args).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    };

    let own = loginrec::system::paths(loginrec::FileKind::Lastlog);
    let (status, shown, stderr) = ask("lastlog", &[]);
    match own.iter().any(|path| fs::metadata(path).is_ok()) {
        true => assert!(status == 0 && shown.contains("\nroot "), "{shown}{stderr}"),
        false => assert!(status == 1 && stderr.contains("lastlog: no such file"), "{stderr}"),
    }
    let named = ask("lastlog", &["-u", "0", "fixtures/linux-lastlog-292-le/lastlog"]);
    assert_eq!((named.0, named.2.as_str()), (0, ""), "{named:?}");
    assert_eq!(ask("lastlog", &["-u", "nobody-of-this-name"]).0, 1);
    assert_eq!(ask("lastlog", &["-C"]).0, 1);

    let (status, shown, _) = ask("who", &["-b", "fixtures/linux-glibc-384-le/wtmp"]);
    assert!(status == 0 && shown.contains("system boot"), "{shown}");
    assert_eq!(shown, clean(&["who", "-b", "fixtures/linux-glibc-384-le/wtmp"]));
    let own = loginrec::system::paths(loginrec::FileKind::Utmp);
    let expected = i32::from(!own.iter().any(|path| path.exists()));
    assert_eq!(ask("who", &[]).0, expected);
    assert_eq!(ask("who", &["/nowhere/utmp"]).0, 1);

    let (_scratch, file) = Scratch::with("wtmp", &[boot(T), login("pts/0", "bob", T + 1)].concat());
    let out = folder.join("out");
    let out = out.to_str().unwrap();
    fs::write(out, "what was there, longer than all that is written ".repeat(99)).unwrap();
    let (status, shown, stderr) = ask("utmpdump", &["-o", out, &file]);
    assert_eq!((status, shown.as_str(), stderr), (0, "", format!("Utmp dump of {file}\n")));
    assert_eq!(fs::read_to_string(out).unwrap(), clean(&["dump", &file]));
    let (status, _, stderr) = ask("utmpdump", &["-r", "-o", &format!("{out}2"), out]);
    assert_eq!((status, stderr), (0, format!("Utmp undump of {out}\n")));
    assert_eq!(fs::read(format!("{out}2")).unwrap(), fs::read(&file).unwrap());
    let (status, _, stderr) = ask("utmpdump", &["-o", &file, &file]);
    assert!(status == 1 && stderr.contains("refusing to overwrite"), "{stderr}");
    assert_eq!(fs::read(&file).unwrap().len(), 768);
}

#[test]
fn below_a_root() {
    let scratch = Scratch::new();
    let folder = scratch.folder();
    fs::create_dir_all(folder.join("var/log")).unwrap();
    let put = |name: &str, bytes: Vec<u8>| fs::write(folder.join("var/log").join(name), bytes);
    put("wtmp", [boot(T + 900), login("pts/0", "new", T + 1000)].concat()).unwrap();
    put("wtmp.1", [boot(T), login("pts/0", "old", T + 1)].concat()).unwrap();
    put("btmp", login("ssh", "eve", T)).unwrap();
    let image = folder.to_str().unwrap();
    let users = |tool: &str| {
        let shown = clean(&[tool, "--root", image]);
        let words = shown.lines().filter_map(|line| line.split(' ').next());
        words.filter(|word| !word.is_empty()).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(users("last"), ["new", "reboot", "wtmp", "old", "reboot", "wtmp.1"]);
    assert_eq!(users("lastb"), ["eve", "btmp"]);
    assert_eq!(code(&["last", "--root", image, "--follow"]), 2);
    assert_eq!(code(&["last", "--root", "/nowhere"]), 3);
}

#[test]
fn a_file_where_a_name_is_expected() {
    let (_scratch, file) = Scratch::with("wtmp", &boot(T));
    let stderr = |args: &[&str]| String::from_utf8(run(args).stderr).unwrap();
    let hint = format!("{file} is a file: -f {file} lists it");
    assert!(stderr(&["last", &file]).contains(&hint));
    assert_eq!(stderr(&["last", "-f", &file, &file]), "");
}

/// The rest after the last whole record is damage, and the records are still those that
/// util-linux would have read before it was written.
#[test]
fn a_file_that_ends_within_a_record() {
    let mut bytes = [boot(T), login("pts/0", "bob", T + 1)].concat();
    let (_whole, whole) = Scratch::with("wtmp", &bytes);
    let whole = run(&["last", "-f", &whole]).stdout;
    bytes.extend([7; 100]);
    let (_cut, cut) = Scratch::with("wtmp", &bytes);
    let output = run(&["last", "-f", &cut]);
    assert_eq!(output.status.code(), Some(4));
    assert_eq!(output.stdout, whole);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("byte 768") && stderr.contains("100"), "{stderr}");
}

#[test]
fn nothing_to_read() {
    let (_scratch, file) = Scratch::with("wtmp", b"");
    let output = run(&["last", "-f", &file]);
    assert!(output.status.success());
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(shown.starts_with("\nwtmp begins "), "{shown}");
    let output = command(&["last", "-f", "-"]).output().unwrap();
    assert_eq!((output.status.success(), output.stdout.is_empty()), (true, true));
}
