//! Text as utmpdump of util-linux 2.38.1 prints it, byte for byte.

use std::fs;
use std::path::Path;
use std::process::Command;

use loginrec_testing::{clean, corpus, root, run, skip, text};

/// The output of utmpdump for fixtures, stored beside this test.
const KEPT: &[(&str, &str)] = &[
    ("fixtures/glibc-x86_64/wtmp", include_str!("../utmpdump/glibc-x86_64.wtmp.txt")),
    ("fixtures/glibc-x86_64/utmp", include_str!("../utmpdump/glibc-x86_64.utmp.txt")),
    ("fixtures/glibc-x86_64/btmp", include_str!("../utmpdump/glibc-x86_64.btmp.txt")),
    ("fixtures/linux-glibc-384-le/wtmp", include_str!("../utmpdump/linux-glibc-384-le.wtmp.txt")),
];

/// Corpus files of the layout utmpdump reads on most machines.
const FILES: &[&str] = &[
    "centos7-x86_64/btmp",
    "centos7-x86_64/utmp",
    "centos7-x86_64/wtmp",
    "debian13-riscv64/utmp",
    "debian13-riscv64/wtmp",
    "ubuntu22-x86_64/btmp.1",
    "ubuntu22-x86_64/wtmp",
    "linux-misc/basic32.utmp",
    "linux-misc/utmp",
    "linux-misc/utmp_corrupted",
    "linux-misc/wtmp.1",
    "generated/x86_64/btmp",
    "generated/x86_64/utmp",
    "generated/x86_64/wtmp",
];

#[test]
fn fixtures_read_as_in_utmpdump() {
    for (file, expected) in KEPT {
        assert_eq!(text(&clean(&["dump", file], b"")), *expected, "{file}");
    }
}

/// utmpdump's text makes a file that utmpdump's text can be read from again.
#[test]
fn utmpdump_text_comes_back() {
    for (file, listing) in KEPT {
        let back = clean(&["undump"], listing.as_bytes());
        let again = clean(&["dump", "--layout", "linux-glibc-384-le", "-"], &back);
        assert_eq!(text(&again), *listing, "{file}");
    }
}

#[test]
fn corpus_reads_as_in_utmpdump_of_debian_12() {
    for kind in ["btmp", "utmp", "wtmp"] {
        let file = corpus(&format!("generated/x86_64/{kind}"));
        let listing = corpus(&format!("generated/tools-debian12/utmpdump.{kind}.txt"));
        let (Some(file), Some(listing)) = (file, listing) else { continue };
        let got = clean(&["dump", file.to_str().unwrap()], b"");
        assert_eq!(text(&got), fs::read_to_string(listing).unwrap(), "{kind}");
    }
}

/// The listings beside other corpus files came from the machines themselves. Addresses in
/// the files were changed afterwards, and CentOS 7 prints times in its local zone.
#[test]
fn corpus_reads_as_on_the_machines() {
    for (file, times) in [
        ("centos7-x86_64/btmp", false),
        ("centos7-x86_64/utmp", false),
        ("centos7-x86_64/wtmp", false),
        ("debian13-riscv64/utmp", true),
        ("debian13-riscv64/wtmp", true),
    ] {
        let listing = corpus(&format!("{file}.utmpdump.txt"));
        let (Some(file), Some(listing)) = (corpus(file), listing) else { continue };
        let got = text(&clean(&["dump", file.to_str().unwrap()], b""));
        let expected = fs::read_to_string(listing).unwrap();
        assert_eq!(got.lines().count(), expected.lines().count());
        for (got, expected) in got.lines().zip(expected.lines()) {
            let columns = |line: &str| -> Vec<String> {
                let mut columns: Vec<String> = line.split("] [").map(str::to_owned).collect();
                columns.remove(6);
                columns.truncate(if times { 7 } else { 6 });
                columns
            };
            assert_eq!(columns(got), columns(expected), "{file:?}");
        }
    }
}

/// Against the program itself, where this machine has the version whose text is ours:
/// later ones print microseconds out of range as 0.
#[test]
fn reads_as_the_utmpdump_of_this_machine() {
    let version = Command::new("utmpdump").arg("--version").output();
    if !version.is_ok_and(|version| text(&version.stdout).contains(" 2.38")) {
        skip("no utmpdump of util-linux 2.38 here");
        return;
    }
    let fixtures = KEPT.iter().map(|(file, _)| root().join(file));
    for file in fixtures.chain(FILES.iter().filter_map(|file| corpus(file))) {
        let expected = utmpdump(&file);
        // Stray bytes at the end are reported, which utmpdump does not do.
        let got = run(&["dump", file.to_str().unwrap()]).stdout;
        assert_eq!(text(&got), text(&expected), "{file:?}");
    }
}

fn utmpdump(file: &Path) -> Vec<u8> {
    Command::new("utmpdump").arg(file).env("LC_ALL", "C").output().unwrap().stdout
}
