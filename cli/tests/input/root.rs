//! `--root`: a tree as an image has it.

use std::fs;
use std::path::Path;

use loginrec_testing::{Scratch, fixture, run, text, told};

use crate::compressed::gzip;

fn put(image: &str, path: &str, bytes: &[u8]) {
    let path = Path::new(image).join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

/// The files `detect` found, without the root.
fn found(image: &str) -> (Vec<String>, i32, String) {
    let output = run(&["detect", "--format", "jsonl", "--root", image]);
    let (status, stderr) = told(&output);
    let lines = loginrec_testing::json_lines(&output.stdout);
    let names = lines.iter().map(|line| line["file"].as_str().unwrap().replace('\\', "/"));
    let image = format!("{}/", image.replace('\\', "/"));
    (names.map(|name| name.replace(&image, "")).collect(), status, stderr)
}

#[test]
fn usual_places_and_rotated_copies() {
    let scratch = Scratch::new();
    let image = scratch.path("image");
    let wtmp = fixture("linux-glibc-384-le/wtmp");
    let names = ["wtmp", "wtmp.1", "wtmp.2.gz", "wtmp.10.gz", "wtmp-20240101", "btmp.1", "lastlog"];
    for name in names {
        let bytes = match name {
            "lastlog" => fixture("linux-lastlog-292-le/lastlog"),
            name if name.ends_with(".gz") => gzip(&wtmp),
            _ => wtmp.clone(),
        };
        put(&image, &format!("var/log/{name}"), &bytes);
    }
    put(&image, "var/log/wtmp.txt", b"notes");
    put(&image, "var/adm/wtmpx", &fixture("svr4-utmpx-372-be/wtmpx"));
    put(&image, "var/log/elsewhere/wtmp", &wtmp);
    fs::create_dir_all(Path::new(&image).join("run/utmp")).unwrap();
    let (names, status, stderr) = found(&image);
    assert_eq!((status, stderr.as_str()), (0, ""));
    assert_eq!(
        names,
        [
            "var/log/wtmp-20240101",
            "var/log/wtmp.10.gz",
            "var/log/wtmp.2.gz",
            "var/log/wtmp.1",
            "var/log/wtmp",
            "var/log/btmp.1",
            "var/log/lastlog",
            "var/adm/wtmpx",
        ]
    );
    // dump takes the same files; a FILE is read instead of them, and looked up below the root.
    let output = run(&["dump", "--root", &image]);
    assert_eq!(text(&output.stdout).matches("==> ").count(), names.len());
    let args = ["dump", "--root", &image, "var/log/elsewhere/wtmp"];
    assert_eq!(text(&run(&args).stdout).lines().count(), 14);
}

/// Every command that has `--root`, with FILE as it takes it.
const WITH_ROOT: &[&[&str]] = &[
    &["dump"],
    &["dump", "--merge"],
    &["detect"],
    &["last", "--tz", "UTC", "-f"],
    &["lastb", "--tz", "UTC", "-f"],
    &["who", "--tz", "UTC"],
    &["sessions"],
    &["boots"],
    &["timeline"],
    &["audit"],
];

#[test]
fn a_file_is_looked_up_below_the_root() {
    let scratch = Scratch::new();
    let image = scratch.path("image");
    put(&image, "var/log/wtmp", &fixture("linux-glibc-384-le/wtmp"));
    put(&image, "lastlog", &fixture("linux-lastlog-292-le/lastlog"));
    // There is one on the host as well, and it is another.
    let host = scratch.file("wtmp", &fixture("svr4-utmpx-372-be/wtmpx"));
    let file = format!("{image}/var/log/wtmp");
    let lastlog: &[&str] = &["lastlog", "--tz", "UTC"];
    for reader in WITH_ROOT {
        let with_root = |name: &str| {
            [&reader[..1], &["--root", &image], &reader[1..], &[name]].concat().join("\0")
        };
        let run = |line: String| run(&line.split('\0').collect::<Vec<_>>());
        let plain = run([*reader, &[&file]].concat().join("\0"));
        assert!(!plain.stdout.is_empty(), "{reader:?}");
        for name in ["/var/log/wtmp", "var/log/wtmp", "./var/../var/log/wtmp", "//var/log/wtmp"] {
            let output = run(with_root(name));
            assert_eq!(text(&output.stdout), text(&plain.stdout), "{reader:?} {name}");
            assert_eq!(output.status, plain.status, "{reader:?} {name}");
        }
        for name in [host.as_str(), "/var/log/nothing", "../wtmp", "var/log/wtmp/x"] {
            let output = run(with_root(name));
            let (status, stderr) = told(&output);
            assert_eq!(status, 3, "{reader:?} {name}: {stderr}");
            assert!(stderr.contains(name) || stderr.contains("outside the root"), "{stderr}");
        }
    }
    let below = [lastlog, &["--root", &image, "/lastlog"]].concat();
    let file = format!("{image}/lastlog");
    let plain = [lastlog, &[&file]].concat();
    assert_eq!(text(&run(&below).stdout), text(&run(&plain).stdout));
    // Of two named files one is missing: read in part, and the missing one is named.
    let output = run(&["dump", "--root", &image, "var/log/wtmp", "var/log/btmp"]);
    let (status, stderr) = told(&output);
    assert_eq!((status, text(&output.stdout).lines().count()), (4, 14));
    assert!(stderr.contains("var/log/btmp: no such file below "), "{stderr}");
    // Standard input is no file of the host.
    let args = ["dump", "--root", &image, "-"];
    let piped = loginrec_testing::run_with(&args, &fixture("linux-glibc-384-le/wtmp"));
    assert_eq!(text(&piped.stdout).lines().count(), 14);
}

#[cfg(unix)]
#[test]
fn links_of_a_named_file_lead_below_the_root() {
    use std::os::unix::fs::symlink;

    let scratch = Scratch::new();
    let image = scratch.path("image");
    put(&image, "data/wtmp", &fixture("linux-glibc-384-le/wtmp"));
    put(&scratch.path("."), "wtmp", &fixture("svr4-utmpx-372-be/wtmpx"));
    symlink("/data/wtmp", Path::new(&image).join("absolute")).unwrap();
    symlink("../wtmp", Path::new(&image).join("out")).unwrap();
    symlink(scratch.path("wtmp"), Path::new(&image).join("host")).unwrap();
    symlink("loop", Path::new(&image).join("loop")).unwrap();
    let output = run(&["dump", "--root", &image, "/absolute"]);
    assert_eq!(text(&output.stdout).lines().count(), 14);
    for (name, why) in
        [("out", "outside the root"), ("host", "not below the root"), ("loop", "a link to itself")]
    {
        let output = run(&["dump", "--root", &image, name]);
        let (status, stderr) = told(&output);
        assert!(status == 3 && stderr.contains(why) && output.stdout.is_empty(), "{stderr}");
    }
}

#[test]
fn nothing_there() {
    let scratch = Scratch::new();
    let image = scratch.path("empty");
    fs::create_dir(&image).unwrap();
    let (names, status, stderr) = found(&image);
    assert!(names.is_empty() && status == 3, "{stderr}");
    assert!(stderr.contains("no login records at the usual places"), "{stderr}");
    let (_, status, stderr) = found(&scratch.path("nowhere"));
    assert!(status == 3 && stderr.contains("no such file"), "{stderr}");
    let (status, stderr) = told(&run(&["dump"]));
    assert!(status == 2 && stderr.contains("FILE is missing"), "{stderr}");
}

#[cfg(unix)]
#[test]
fn links_stay_inside() {
    use std::os::unix::fs::symlink;

    let scratch = Scratch::new();
    let wtmp = fixture("linux-glibc-384-le/wtmp");
    put(&scratch.path("."), "secret", &wtmp);
    let image = scratch.path("image");
    put(&image, "run/utmp", &wtmp);
    put(&image, "data/log/wtmp", &wtmp);
    fs::create_dir_all(Path::new(&image).join("var/log")).unwrap();
    fs::create_dir_all(Path::new(&image).join("var/adm")).unwrap();
    let link = |target: &str, at: &str| symlink(target, Path::new(&image).join(at)).unwrap();
    // Debian's link: `/` is the root of the image.
    link("/run", "var/run");
    link("../../data/log/wtmp", "var/log/wtmp");
    link("../../../secret", "var/log/btmp");
    link(&scratch.path("secret"), "var/log/lastlog");
    link("wtmpx", "var/adm/wtmpx");
    let (names, status, stderr) = found(&image);
    assert_eq!(names, ["run/utmp", "data/log/wtmp"], "{stderr}");
    assert_eq!(status, 0, "{stderr}");
    let complaints: Vec<&str> = stderr.lines().collect();
    assert_eq!(complaints.len(), 3, "{stderr}");
    let says = |link: &str, what: &str| {
        complaints.iter().any(|line| line.contains(link) && line.contains(what))
    };
    assert!(says("var/log/btmp: points to ../../../secret, outside the root", ""), "{stderr}");
    assert!(says("var/log/lastlog: points to ", "which is not below the root"), "{stderr}");
    assert!(says("var/adm/wtmpx", "is a link to itself"), "{stderr}");
}
