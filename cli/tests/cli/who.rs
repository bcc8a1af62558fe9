//! `who` against coreutils: its stored output, and the program itself where it is here.

use std::fs;
use std::process::Command;

use loginrec_testing::{Scratch, clean, corpus, root, run, skip, text, told};

/// Files of the layout who reads on most machines.
const FIXTURES: &[&str] = &[
    "fixtures/glibc-x86_64/wtmp",
    "fixtures/glibc-x86_64/utmp",
    "fixtures/glibc-x86_64/btmp",
    "fixtures/linux-glibc-384-le/wtmp",
];
const CORPUS: &[&str] = &[
    "centos7-x86_64/btmp",
    "centos7-x86_64/utmp",
    "centos7-x86_64/wtmp",
    "debian13-riscv64/utmp",
    "debian13-riscv64/wtmp",
    "ubuntu22-x86_64/btmp.1",
    "ubuntu22-x86_64/wtmp",
    "linux-misc/basic32.utmp",
    "linux-misc/utmp",
    "generated/x86_64/btmp",
    "generated/x86_64/utmp",
    "generated/x86_64/wtmp",
];

/// Those that ask the machine for nothing. -r and -l have a column of idle times, but no
/// user in them.
const FLAGS: &[&str] =
    &["-s", "-H", "-bH", "-dH", "-lH", "-pH", "-rH", "-tH", "-q", "-qH", "-bdlprtH", "-br"];

fn who(flags: &str, file: &str) -> String {
    text(&run(&["who", "--tz", "UTC", flags, file]).stdout)
}

/// Line by line. Bytes that are not UTF-8 are shown as escapes here, as themselves there.
fn same(got: &str, expected: &[u8], what: &str) {
    let expected = String::from_utf8_lossy(expected);
    assert_eq!(got.lines().count(), expected.lines().count(), "{what}");
    for (got, expected) in got.lines().zip(expected.lines()) {
        if !expected.contains('\u{fffd}') {
            assert_eq!(got, expected, "{what}");
        }
    }
}

#[test]
fn stored_outputs_of_debian_12() {
    let wtmp = corpus("generated/x86_64/wtmp");
    let utmp = corpus("generated/x86_64/utmp");
    let all = corpus("generated/tools-debian12/who-a.wtmp.txt");
    let users = corpus("generated/tools-debian12/who.utmp.txt");
    if let (Some(utmp), Some(users)) = (utmp, users) {
        same(&who("-s", utmp.to_str().unwrap()), &fs::read(users).unwrap(), "who utmp");
    }
    if let (Some(wtmp), Some(all)) = (wtmp, all) {
        // That machine had a tty1, on which alice was long idle.
        let all = String::from_utf8_lossy(&fs::read(all).unwrap()).replace(
            "alice    - tty1         2023-11-14 22:14  old ",
            "alice    ? tty1         2023-11-14 22:14   ?  ",
        );
        same(&who("-a", wtmp.to_str().unwrap()), all.as_bytes(), "who -a wtmp");
    }
}

#[test]
fn rows_as_in_the_who_of_this_machine() {
    let version = Command::new("who").arg("--version").output();
    if !version.is_ok_and(|version| text(&version.stdout).contains("GNU coreutils")) {
        skip("no who of coreutils here");
        return;
    }
    let fixtures = FIXTURES.iter().map(|file| root().join(file));
    for file in fixtures.chain(CORPUS.iter().filter_map(|file| corpus(file))) {
        let file = file.to_str().unwrap();
        for flags in FLAGS {
            let theirs = Command::new("who")
                .args([flags, file])
                .envs([("TZ", "UTC"), ("LC_ALL", "C.UTF-8")])
                .output()
                .unwrap();
            same(&who(flags, file), &theirs.stdout, &format!("who {flags} {file}"));
        }
    }
}

/// From the fixture's jsonl: level and level before are characters in `exit`.
#[test]
fn run_levels_of_system_v() {
    let wtmpx = "fixtures/svr4-utmpx-372-be/wtmpx";
    assert_eq!(
        who("-r", wtmpx),
        "         run-level 3  2004-06-08 15:19                   last=S\n"
    );
    assert_eq!(who("-b", wtmpx), "         system boot  2004-06-08 15:19\n");
    assert_eq!(who("-t", wtmpx), "         clock change 2004-06-08 16:03\n");
    assert_eq!(
        who("-d", wtmpx),
        "         pts/1        2004-06-08 18:00               422 id=ts/1  term=15 exit=2\n"
    );
}

#[test]
fn other_platforms() {
    // A reboot is an INIT_PROCESS on NetBSD; it is a boot here, and nothing init started.
    let wtmpx = "fixtures/netbsd-utmpx-516-le/wtmpx";
    assert_eq!(who("-b", wtmpx), "         system boot  2014-06-25 20:32\n");
    assert_eq!(who("-p", wtmpx), "");
    let active = who("-u", "fixtures/freebsd-utx/utx.active");
    assert!(
        active.contains("bob      pts/0        2022-05-16 08:55   ?           768 (203.0.113.7)\n"),
        "{active}"
    );
    assert!(active.contains("(h\\xf6st.example.org)"), "{active}");
    assert_eq!(active.lines().count(), 5);
    let ips = who("--ips", wtmpx);
    assert!(ips.contains("carol    pts/1        2014-06-25 20:50 2001:db8::1:7\n"), "{ips}");
}

#[test]
fn zones_and_several_files() {
    let wtmpx = "fixtures/svr4-utmpx-372-be/wtmpx";
    let far = text(&clean(&["who", "-b", "--tz", "+09:30", wtmpx], b""));
    assert_eq!(far, "         system boot  2004-06-09 00:49\n");
    let both = text(&clean(&["who", "-q", wtmpx, "fixtures/freebsd-utx/utx.active"], b""));
    assert!(both.ends_with("\n# users=10\n"), "{both}");
}

#[test]
fn no_who_of_a_lastlog() {
    let lastlog = "fixtures/linux-lastlog-292-le/lastlog";
    let (status, message) = told(&run(&["who", lastlog]));
    assert_eq!(status, 3);
    assert!(message.contains("contains last logins"), "{message}");
}

#[test]
fn nothing_steers_the_terminal() {
    let mut bytes = fs::read(root().join("fixtures/glibc-x86_64/utmp")).unwrap();
    for record in bytes.chunks_exact_mut(384) {
        record[..2].copy_from_slice(&[7, 0]);
        record[8..12].copy_from_slice(b"p\x1b[J");
        record[40..44].copy_from_slice(b"\x07\x07\x07\x07");
        record[44..49].copy_from_slice(b"a\x1b[Jb");
    }
    let scratch = Scratch::new();
    let path = scratch.file("utmp", &bytes);
    for flags in ["-a", "-q"] {
        let layout = ["--layout", "linux-glibc-384-le"];
        let shown = text(&clean(&[&["who", flags], &layout[..], &[&path]].concat(), b""));
        assert!(shown.contains(r"a\x1b[Jb"), "{shown}");
        assert!(!shown.contains(['\x1b', '\x07']));
    }
}
