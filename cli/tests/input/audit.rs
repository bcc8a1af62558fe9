//! `audit --root`: a machine's files, tampered with in three ways, and nothing else.

use std::fs;
use std::path::Path;

use loginrec_testing::linux_host::{LinuxHost, SIZE, SLOT};
use loginrec_testing::{Scratch, json_lines, run, text, told};

use crate::compressed::gzip;

/// The files where Linux has them. The wtmp was rotated in the middle.
fn put(image: &Path, machine: &LinuxHost) {
    let (older, newer) = machine.wtmp.split_at(44 * SIZE);
    let (passwd, packed) = (LinuxHost::passwd(), gzip(older));
    let files: [(&str, &[u8]); 6] = [
        ("etc/passwd", passwd.as_bytes()),
        ("run/utmp", &machine.utmp),
        ("var/log/btmp", &machine.btmp),
        ("var/log/lastlog", &machine.lastlog),
        ("var/log/wtmp.1.gz", &packed),
        ("var/log/wtmp", newer),
    ];
    for (path, bytes) in files {
        let path = image.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

/// Findings at medium or above: rule, file below the root, offset.
fn heavy(image: &str, status: i32) -> Vec<(String, String, u64)> {
    let args = ["audit", "--format", "jsonl", "--min-severity", "medium", "--fail-on", "medium"];
    let output = run(&[&args[..], &["--root", image]].concat());
    assert_eq!(told(&output), (status, String::new()));
    let root = format!("{}/", image.replace('\\', "/"));
    let rows = json_lines(&output.stdout).into_iter().map(|row| {
        let file = row["file"].as_str().unwrap().replace('\\', "/").replace(&root, "");
        (row["rule"].as_str().unwrap().to_owned(), file, row["offset"].as_u64().unwrap())
    });
    rows.collect()
}

#[test]
fn three_ways_of_tampering_and_nothing_else() {
    let scratch = Scratch::new();
    let image = scratch.path("image");
    let mut machine = LinuxHost::new();
    put(Path::new(&image), &machine);
    assert_eq!(heavy(&image, 0), []);

    // The logout after the first login of mallory, in the rotated file, is zeroed.
    let wiped = (machine.records_of("mallory")[0] + 1) * SIZE;
    assert!(wiped < 44 * SIZE);
    machine.wtmp[wiped..wiped + SIZE].fill(0);
    // The last login of root gets another name.
    let renamed = *machine.records_of("root").last().unwrap() * SIZE + 44;
    assert!(renamed > 44 * SIZE);
    machine.wtmp[renamed..renamed + 32].fill(0);
    machine.wtmp[renamed..renamed + 5].copy_from_slice(b"alice");
    // The slot of mallory in the lastlog is zeroed.
    machine.lastlog[1002 * SLOT..][..SLOT].fill(0);
    let missed = *machine.records_of("mallory").last().unwrap() * SIZE;
    put(Path::new(&image), &machine);

    let mut found = heavy(&image, 1);
    found.sort();
    let offset = |at: usize| (at - 44 * SIZE) as u64;
    let expected = [
        ("lastlog-missing", "var/log/wtmp", offset(missed)),
        ("name-differs", "var/log/wtmp", offset(renamed)),
        ("zeroed-record", "var/log/wtmp.1.gz", wiped as u64),
    ];
    let expected = expected.map(|(rule, file, at)| (rule.to_owned(), file.to_owned(), at));
    assert_eq!(found, expected);

    // For people: every file is named, and the names are those of the image's passwd.
    let shown = text(&run(&["audit", "--root", &image]).stdout);
    for file in ["run/utmp", "var/log/lastlog", "var/log/btmp", "wtmp.1.gz", "var/log/wtmp"] {
        assert!(shown.replace('\\', "/").contains(file), "{file}: {shown}");
    }
    assert!(shown.contains("\"mallory\" logged in"), "{shown}");
    assert!(shown.contains("\n3 findings: 1 high, 2 medium;"), "{shown}");
}
