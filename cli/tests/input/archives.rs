//! Archives as roots: what tar and zip make has the rows of the folder that went into it.

use std::fs;
use std::path::Path;
use std::process::Command;

use loginrec_testing::{Scratch, fixture, json_lines, run, skip, text, told};
use serde_json::Value;

use crate::compressed::gzip;

pub(crate) fn put(image: &str, path: &str, bytes: &[u8]) {
    let path = Path::new(image).join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

/// A system with files of every kind, some rotated and compressed.
pub(crate) fn system(image: &str) {
    let wtmp = fixture("linux-glibc-384-le/wtmp");
    put(image, "etc/hostname", b"web01\n");
    put(image, "etc/passwd", b"root:x:0:0::/root:/bin/sh\nadm:x:4:4::/:\n");
    put(image, "var/log/wtmp", &wtmp);
    put(image, "var/log/wtmp.1", &wtmp[..384 * 5]);
    put(image, "var/log/wtmp.2.gz", &gzip(&wtmp[..384 * 3]));
    put(image, "var/log/btmp", &fixture("linux-glibc-384-le/wtmp")[384..384 * 4]);
    put(image, "var/log/lastlog", &fixture("linux-lastlog-292-le/lastlog"));
    put(image, "var/adm/wtmpx", &fixture("svr4-utmpx-372-be/wtmpx"));
    put(image, "home/alice/notes", b"nothing of interest");
}

/// Runs a tool in a folder; `false` if it is not here.
pub(crate) fn tool(folder: &str, program: &str, args: &[&str]) -> bool {
    match Command::new(program).args(args).current_dir(folder).output() {
        Ok(output) => {
            assert!(output.status.success(), "{program} {args:?}: {}", text(&output.stderr));
            true
        }
        Err(_) => {
            skip(&format!("{program} is not installed"));
            false
        }
    }
}

/// Returns the output of every command for a root.
pub(crate) fn everything(root: &str) -> Vec<(Vec<&'static str>, Vec<Value>)> {
    const COMMANDS: &[&[&str]] = &[
        &["dump"],
        &["dump", "--merge"],
        &["detect"],
        &["sessions"],
        &["boots"],
        &["timeline"],
        &["lastlog"],
        &["audit", "--min-severity", "info"],
    ];
    let rows = COMMANDS.iter().map(|command| {
        let output = run(&[command, &["--format", "jsonl", "--root", root][..]].concat());
        let mut rows = json_lines(&output.stdout);
        assert!(!rows.is_empty(), "{command:?} {root}: {}", text(&output.stderr));
        for row in &mut rows {
            let row = row.as_object_mut().unwrap();
            row.remove("source");
            // The messages of some rules name times and places of the file system.
            row.remove("message");
        }
        // Holes are those of the file system, not of an archive.
        rows.retain(|row| row["rule"] != "lastlog-dense");
        (command.to_vec(), rows)
    });
    rows.collect()
}

fn assert_same(archive: &str, expected: &[(Vec<&'static str>, Vec<Value>)]) {
    for ((command, rows), (_, expected)) in everything(archive).iter().zip(expected) {
        assert_eq!(rows, expected, "{command:?} {archive}");
    }
}

#[test]
fn rows_of_archives_are_those_of_the_folder() {
    let scratch = Scratch::new();
    let image = scratch.path("web01");
    system(&image);
    let expected = everything(&image);
    let packed: &[(&str, &[&str])] = &[
        ("plain.tar", &["-cf"]),
        ("pax.tar", &["--format=pax", "-cf"]),
        ("v7.tar", &["--format=v7", "-cf"]),
        ("sparse.tar", &["-S", "--format=gnu", "-cf"]),
        ("sparse-pax.tar", &["-S", "--format=pax", "-cf"]),
        ("gz.tar.gz", &["-czf"]),
        ("bz2.tar.bz2", &["-cjf"]),
        ("xz.tar.xz", &["-cJf"]),
        ("zst.tar.zst", &["--zstd", "-cf"]),
    ];
    for (name, options) in packed {
        let path = scratch.path(name);
        if tool(&image, "tar", &[options, &[path.as_str(), "."][..]].concat()) {
            assert_same(&path, &expected);
            // Given as FILE, under any name.
            fs::rename(&path, scratch.path("evidence")).unwrap();
            let rows =
                json_lines(&run(&["dump", "--format", "jsonl", &scratch.path("evidence")]).stdout);
            assert_eq!(rows.len(), expected[0].1.len(), "{name}");
            assert!(rows.iter().all(|row| row["source"] == scratch.path("evidence")), "{name}");
        }
    }
    for (name, options) in [("plain.zip", "-qr"), ("stored.zip", "-qr0")] {
        let path = scratch.path(name);
        if tool(&image, "zip", &[options, &path, "."]) {
            assert_same(&path, &expected);
        }
    }
    // Text shows where a file is; a lookup does not leave the archive.
    let path = scratch.path("plain.tar");
    assert!(tool(&image, "tar", &["-cf", &path, "."]));
    let shown = text(&run(&["dump", "--root", &path]).stdout);
    assert!(shown.contains(&format!("==> {path}!/var/log/wtmp <==")), "{shown}");
    let listed =
        text(&run(&["last", "--tz", "UTC", "--root", &path, "-f", "/var/log/wtmp"]).stdout);
    let plain = run(&["last", "--tz", "UTC", "-f", &format!("{image}/var/log/wtmp")]);
    assert_eq!(listed, text(&plain.stdout));
    let (status, stderr) = told(&run(&["dump", "--root", &path, "/etc/shadow"]));
    assert!(status == 3 && stderr.contains("no such file below"), "{stderr}");
}

#[test]
fn archives_in_folders_and_in_archives() {
    let scratch = Scratch::new();
    let (a, b) = (scratch.path("a"), scratch.path("b"));
    system(&a);
    system(&b);
    put(&b, "etc/hostname", b"db02\n");
    let case = scratch.path("case");
    fs::create_dir(&case).unwrap();
    if !tool(&a, "tar", &["-czf", &format!("{case}/one.tar.gz"), "."])
        || !tool(&b, "zip", &["-qr", &format!("{case}/two.zip"), "."])
    {
        return;
    }
    let machines = |root: &str| {
        let rows = json_lines(&run(&["boots", "--format", "jsonl", root]).stdout);
        let mut found: Vec<(String, String)> = rows
            .iter()
            .map(|row| {
                (row["machine"].as_str().unwrap().into(), row["source"].as_str().unwrap().into())
            })
            .collect();
        found.dedup();
        found
    };
    let own = |machine: &str, source: String| (machine.to_owned(), source);
    let (one, two) = (format!("{case}/one.tar.gz"), format!("{case}/two.zip"));
    assert_eq!(machines(&case), [own("web01", one), own("db02", two)]);
    let all = scratch.path("all.tar");
    assert!(tool(&scratch.path(""), "tar", &["-cf", &all, "case"]));
    let (one, two) = (format!("{all}!/case/one.tar.gz"), format!("{all}!/case/two.zip"));
    assert_eq!(machines(&all), [own("web01", one), own("db02", two)]);
}

/// Layers over one another: the upper one wins, and hides what it says is gone.
#[test]
fn images_of_containers() {
    let scratch = Scratch::new();
    let (lower, upper) = (scratch.path("lower"), scratch.path("upper"));
    let wtmp = fixture("linux-glibc-384-le/wtmp");
    put(&lower, "etc/hostname", b"box\n");
    put(&lower, "var/log/wtmp", &wtmp[..384]);
    put(&lower, "var/log/btmp", &wtmp);
    put(&lower, "var/log/lastlog", &fixture("linux-lastlog-292-le/lastlog"));
    put(&upper, "var/log/wtmp", &wtmp);
    put(&upper, "var/log/.wh.btmp", b"");
    let image = scratch.path("image");
    fs::create_dir_all(format!("{image}/1")).unwrap();
    fs::create_dir_all(format!("{image}/2")).unwrap();
    if !tool(&lower, "tar", &["-cf", &format!("{image}/1/layer.tar"), "."]) {
        return;
    }
    tool(&upper, "tar", &["-cf", &format!("{image}/2/layer.tar"), "."]);
    put(
        &image,
        "manifest.json",
        br#"[{"Config":"c.json","RepoTags":["box:1"],"Layers":["1/layer.tar","2/layer.tar"]}]"#,
    );
    let saved = scratch.path("saved.tar");
    tool(&image, "tar", &["-cf", &saved, "."]);
    let rows = json_lines(&run(&["detect", "--format", "jsonl", &saved]).stdout);
    let files: Vec<(&str, u64)> = rows
        .iter()
        .map(|row| (row["file"].as_str().unwrap(), row["records"].as_u64().unwrap()))
        .collect();
    assert_eq!(files[0], ("var/log/wtmp", 14), "{rows:?}");
    assert_eq!(files.len(), 2, "btmp is gone: {rows:?}");
    assert!(rows.iter().all(|row| row["machine"] == "box"), "{rows:?}");
}

/// Hostile members are named, nothing is written, and the rest is read.
#[test]
fn hostile_and_damaged_archives() {
    let scratch = Scratch::new();
    let image = scratch.path("web01");
    system(&image);
    let tar = scratch.path("web.tar");
    if !tool(&image, "tar", &["-cf", &tar, "etc/hostname", "var/log/btmp", "var/log/wtmp"]) {
        return;
    }
    let whole = fs::read(&tar).unwrap();
    let rows = |path: &str| {
        let output = run(&["dump", "--format", "jsonl", path]);
        let (status, stderr) = told(&output);
        (json_lines(&output.stdout).len(), status, stderr)
    };
    assert_eq!(rows(&tar), (17, 0, String::new()));
    // With the folder itself as a member, `./`.
    let dot = scratch.path("dot.tar");
    tool(&image, "tar", &["-cf", &dot, "."]);
    assert_eq!(rows(&dot).2, "");
    // Cut in the last member, and in its header.
    let begin = whole.windows(12).position(|name| name == b"var/log/wtmp").unwrap();
    let cut = scratch.file("cut.tar", &whole[..begin + 512 + 384 * 3]);
    let (count, status, stderr) = rows(&cut);
    assert_eq!((count, status), (6, 4), "{stderr}");
    assert!(stderr.contains("cut.tar!/var/log/wtmp: ends too early"), "{stderr}");
    let cut = scratch.file("cut.tar", &whole[..begin + 100]);
    let (count, status, stderr) = rows(&cut);
    assert!((count, status) == (3, 4) && stderr.contains("not a header"), "{stderr}");
    // A header in the middle.
    let mut damaged = whole.clone();
    let at = whole.windows(12).position(|name| name == b"var/log/btmp").unwrap();
    damaged[at + 130] ^= 1;
    let (count, status, stderr) = rows(&scratch.file("damaged.tar", &damaged));
    assert!((count, status) == (14, 4) && stderr.contains("not a header"), "{stderr}");
    // Names that lead out, and links to themselves.
    let outside = scratch.path("outside.tar");
    tool(&image, "tar", &["--transform", "s,^,../../,", "-Pcf", &outside, "var/log/wtmp"]);
    let (count, status, stderr) = rows(&outside);
    assert!(count == 0 && status == 3, "{stderr}");
    assert!(stderr.contains("has a name that leads out of it"), "{stderr}");
    // Compressed zeros beyond every limit.
    let mut bomb = Vec::new();
    for _ in 0..6 {
        bomb.resize(bomb.len() + (8 << 20), 0);
    }
    put(&image, "var/log/wtmp.9", &bomb);
    let path = scratch.path("bomb.tar.gz");
    tool(&image, "tar", &["-czf", &path, "var/log/wtmp.9"]);
    let output = run(&["dump", "--format", "jsonl", "--max-size", "1M", &path]);
    let (status, stderr) = told(&output);
    assert!(status != 0 && stderr.contains("--max-size"), "{stderr}");
    // An encrypted member is named, the others are read.
    let secret = scratch.path("secret.zip");
    if tool(&image, "zip", &["-q", "-P", "x", &secret, "var/log/wtmp"]) {
        tool(&image, "zip", &["-q", &secret, "var/log/btmp"]);
        let (count, status, stderr) = rows(&secret);
        assert_eq!((count, status), (3, 4), "{stderr}");
        assert!(stderr.contains("secret.zip!/var/log/wtmp: encrypted: not read"), "{stderr}");
        // Without its directory.
        let plain = scratch.path("plain.zip");
        tool(&image, "zip", &["-q", &plain, "var/log/wtmp", "var/log/btmp"]);
        let bytes = fs::read(&plain).unwrap();
        let end = bytes.windows(4).position(|mark| mark == b"PK\x01\x02").unwrap();
        let (count, status, stderr) = rows(&scratch.file("cut.zip", &bytes[..end]));
        assert_eq!((count, status), (17, 4), "{stderr}");
    }
}

/// sha256sum finds the archive; JSON has its members too.
#[test]
fn manifests_have_archives_and_members() {
    let scratch = Scratch::new();
    let image = scratch.path("web01");
    system(&image);
    let tar = scratch.path("web.tar.gz");
    if !tool(&image, "tar", &["-czf", &tar, "."]) {
        return;
    }
    let (plain, json) = (scratch.path("m.txt"), scratch.path("m.jsonl"));
    run(&["sessions", &tar, "--manifest", &plain]);
    let checked = tool(&scratch.path(""), "sha256sum", &["-c", &plain]);
    assert!(checked && fs::read_to_string(&plain).unwrap().lines().count() == 1);
    run(&["sessions", &tar, "--manifest", &json]);
    let rows = json_lines(&fs::read(&json).unwrap());
    let member = format!("{tar}!/var/log/wtmp");
    let row = rows.iter().find(|row| row["path"] == member).unwrap();
    let sum = Command::new("sha256sum").arg(format!("{image}/var/log/wtmp")).output().unwrap();
    assert!(text(&sum.stdout).starts_with(row["sha256"].as_str().unwrap()));
    // An archive is evidence: it is not overwritten.
    let before = fs::read(&tar).unwrap();
    let (status, _) = told(&run(&["dump", &tar, "-o", &tar]));
    assert!(status == 3 && fs::read(&tar).unwrap() == before);
}
