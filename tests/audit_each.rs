//! Every rule finds what it is for: the smallest change to a machine's files that breaks it.
#![cfg(feature = "std")]

use std::collections::BTreeSet;
use std::fs;

use loginrec::audit::{Audit, FileInfo, Finding, RULES};
use loginrec::formats::by_name;
use loginrec::{Entry, FileKind, LogFile, Text, UtType};
use loginrec_testing::Rng;
use loginrec_testing::linux_host::{BEGIN, LinuxHost, Record, SIZE, USERS, session};

/// A file: its name, layout and bytes, and when it was modified.
type File = (&'static str, &'static str, Vec<u8>, Option<i64>);

const L384: &str = "linux-glibc-384-le";

fn audit(files: Vec<File>) -> Vec<Finding> {
    let mut audit = Audit::new();
    USERS.iter().for_each(|(name, uid)| audit.name_user(*uid, name.as_bytes()));
    for (name, layout, bytes, modified) in files {
        let layout = by_name(layout).unwrap();
        let log = LogFile::options().file_name(name).layout(layout).from_vec(bytes).unwrap();
        let mut about = FileInfo::of(&log);
        about.modified = modified;
        about.kind = FileKind::from_file_name(name).or(about.kind);
        about.allocated = about.len.filter(|_| name == "lastlog");
        audit.read(&log, about);
    }
    audit.finish()
}

fn wtmp(bytes: Vec<u8>) -> Vec<File> {
    vec![("wtmp", L384, bytes, None)]
}

/// The wtmp of a machine after `change`, which gets it and the number of a login of alice.
fn changed(change: impl FnOnce(&mut Vec<u8>, usize)) -> Vec<File> {
    let machine = LinuxHost::new();
    let login = machine.records_of("alice")[3];
    let mut bytes = machine.wtmp;
    change(&mut bytes, login * SIZE);
    wtmp(bytes)
}

/// Files with the time of their newest record, which is that of a login of bob in both; but for the
/// lastlog, or the wtmp, by so many seconds.
fn modified(lastlog: i64, wtmp: i64) -> Vec<File> {
    let machine = LinuxHost::new();
    let newest = machine.wtmp.len() - SIZE + 340;
    let newest = i32::from_le_bytes(*machine.wtmp[newest..].first_chunk().unwrap());
    let of = |seconds: i64| Some(i64::from(newest) + seconds);
    vec![
        ("lastlog", "linux-lastlog-292-le", machine.lastlog, of(lastlog)),
        ("btmp", L384, machine.btmp, Some(BEGIN + 18_000)),
        ("wtmp", L384, machine.wtmp, of(wtmp)),
    ]
}

/// Where no file has the time of its newest record, they are those of copies.
#[test]
fn times_of_copies_say_nothing() {
    let mut copies = modified(0, 7200);
    copies.iter_mut().for_each(|file| file.3 = Some(BEGIN + 100_000_000));
    for files in [copies, modified(5, 5)] {
        let found = audit(files);
        let of_times = found.iter().find(|finding| finding.rule.id.contains("mtime"));
        assert_eq!(of_times.map(|finding| finding.rule.id), None);
    }
}

fn fixture(name: &'static str, path: &str, layout: &'static str) -> Vec<File> {
    vec![(name, layout, fs::read(format!("fixtures/{path}")).unwrap(), None)]
}

/// Records of the second time the machine was up: shutdown, boot, run level, init, prompt.
fn second_boot(bytes: &[u8]) -> usize {
    let boots = bytes.chunks_exact(SIZE).enumerate().filter(|(_, record)| record[0] == 2);
    boots.map(|(at, _)| at * SIZE).nth(1).unwrap()
}

/// A day's logins of a System V machine, in its old and its extended form.
fn svr4(name: &str, logins: impl Iterator<Item = i64>) -> Vec<u8> {
    let layout = by_name(name).unwrap();
    let record = |i: i64| {
        let mut entry = Entry::new(layout.platform);
        entry.raw_type = layout.platform.raw_type(UtType::UserProcess);
        entry.ut_user = Text::new(b"alice");
        entry.ut_line = Text::new(b"pts/1");
        entry.ut_pid = Some(400 + i);
        entry.ut_tv.tv_sec = 1_700_000_000 + 7000 * i;
        layout.encode(&entry).unwrap()
    };
    logins.flat_map(record).collect()
}

/// The rule, and files in which it finds something.
fn cases() -> Vec<(&'static str, Vec<File>)> {
    let machine = LinuxHost::new;
    let put = |at: usize, bytes: &'static [u8]| {
        changed(move |wtmp, login| wtmp[login + at..][..bytes.len()].copy_from_slice(bytes))
    };
    vec![
        ("time-zeroed", put(340, &[0; 8])),
        ("padding-set", put(2, &[1])),
        ("reserved-set", put(370, &[1])),
        ("deceptive-text", put(44, b"a\x1b[2J\0")),
        ("microseconds-range", put(344, &[0xff; 4])),
        ("unknown-type", put(0, &[77])),
        ("impossible-pid", put(4, &[0; 4])),
        ("host-address-mismatch", put(348, &[198, 51, 100, 1])),
        ("address-leftover", put(360, &[1, 2, 3])),
        ("address-missing", put(348, &[0; 16])),
        ("time-negative", put(340, &[0xff; 4])),
        ("time64-record", fixture("wtmp", "linux-time64a8-384-le/wtmp", L384)),
        (
            "session-zero",
            changed(|wtmp, _| wtmp.chunks_exact_mut(SIZE).for_each(|r| r[336..340].fill(0))),
        ),
        (
            "microseconds-zero",
            changed(|wtmp, _| wtmp.chunks_exact_mut(SIZE).for_each(|r| r[344..348].fill(0))),
        ),
        ("mtime-before-records", vec![("wtmp", L384, machine().wtmp, Some(1_700_000_400))]),
        ("mtime-after-records", modified(0, 7200)),
        ("lastlog-mtime", modified(-7200, 0)),
        (
            "gap",
            changed(|wtmp, _| {
                for record in wtmp.chunks_exact_mut(SIZE).skip(70) {
                    let sec = i32::from_le_bytes(record[340..344].try_into().unwrap());
                    record[340..344].copy_from_slice(&(sec + 60 * 86_400).to_le_bytes());
                }
            }),
        ),
        ("logout-without-login", changed(|wtmp, _| drop(wtmp.drain(4 * SIZE..5 * SIZE)))),
        (
            "logout-name-differs",
            changed(|wtmp, login| {
                let logout = login + SIZE;
                wtmp[logout + 44..][..7].copy_from_slice(b"mallory");
            }),
        ),
        ("login-twice", changed(|wtmp, login| drop(wtmp.drain(login + SIZE..login + 2 * SIZE)))),
        (
            "logout-before-login",
            changed(|wtmp, login| {
                let sec = i32::from_le_bytes(wtmp[login + 340..][..4].try_into().unwrap());
                wtmp[login + SIZE + 340..][..4].copy_from_slice(&(sec - 3600).to_le_bytes());
            }),
        ),
        (
            "boot-without-shutdown",
            changed(|wtmp, _| {
                let boot = second_boot(wtmp);
                wtmp.drain(boot - SIZE..boot);
            }),
        ),
        (
            "run-level-without-boot",
            changed(|wtmp, _| {
                let boot = second_boot(wtmp);
                wtmp.drain(boot..boot + SIZE);
            }),
        ),
        (
            "login-after-shutdown",
            changed(|wtmp, _| {
                let boot = second_boot(wtmp);
                wtmp.drain(boot..boot + 4 * SIZE);
            }),
        ),
        ("broken-chain", {
            let mut files = fixture("utx.log", "freebsd-utx-log/utx.log", "freebsd-utx-log");
            files[0].2[12] = 250; // the length of the second record
            files
        }),
        ("zero-lengths", {
            let mut files = fixture("utx.log", "freebsd-utx-log/utx.log", "freebsd-utx-log");
            files[0].2[11..71].fill(0);
            files
        }),
        ("database-damage", {
            let name = "netbsd-lastlogx-432-le";
            let mut files = fixture("lastlogx", &format!("{name}/lastlogx"), name);
            // An odd number of slots in every page after the header.
            let page = u32::from_be_bytes(files[0].2[12..16].try_into().unwrap()) as usize;
            let page = if page > 65_536 { page.swap_bytes() } else { page };
            for page in files[0].2.chunks_exact_mut(page).skip(1) {
                page[0] |= 1;
            }
            files
        }),
        (
            "lastlog-no-time",
            fixture("lastlog", "linux-lastlog-292-le/lastlog", "linux-lastlog-292-le"),
        ),
        ("lastlog-slot-wiped", {
            let mut lastlog = machine().lastlog;
            lastlog[1002 * 292..1003 * 292].fill(0xff);
            vec![("lastlog", "linux-lastlog-292-le", lastlog, None)]
        }),
        ("lastlog-one-slot", {
            let mut lastlog = machine().lastlog;
            lastlog[..1002 * 292].fill(0);
            vec![("lastlog", "linux-lastlog-292-le", lastlog, None)]
        }),
        ("lastlog-dense", vec![("lastlog", "linux-lastlog-292-le", machine().lastlog, None)]),
        ("brute-force", {
            let machine = machine();
            let login = machine.records_of("mallory")[0] * SIZE;
            let sec = i32::from_le_bytes(machine.wtmp[login + 340..][..4].try_into().unwrap());
            let failure = |i: i64| {
                let (login, _) = session(3, "ssh:notty", 3000 + i, i64::from(sec) - 600 + 20 * i);
                Record { ut_type: UtType::LoginProcess, id: "", usec: 0, ..login }.bytes()
            };
            let failures = (0..12_i64).flat_map(failure).collect();
            vec![("btmp", L384, failures, None), ("wtmp", L384, machine.wtmp, None)]
        }),
        ("failure-gone", {
            let failure = |at: i64| {
                let (login, _) = session(3, "ssh:notty", 3000, 1_700_000_000 + at);
                Record { ut_type: UtType::LoginProcess, id: "", ..login }.bytes()
            };
            let mut tally = [0; 64];
            tally[..12].copy_from_slice(b"203.0.113.80");
            tally[54] = 1;
            tally[56..].copy_from_slice(&1_700_000_600_i64.to_le_bytes());
            let btmp = [0, 1200].into_iter().flat_map(failure).collect();
            let tallylog = ("tallylog", "linux-tallylog-64-le", tally.to_vec(), None);
            vec![tallylog, ("btmp", L384, btmp, None)]
        }),
        ("rotation-overlap", {
            let (older, newer) = machine().wtmp.split_at(44 * SIZE).to_owned_pair();
            vec![("wtmp.1", L384, newer, None), ("wtmp", L384, older, None)]
        }),
        ("rotation-gap", {
            let (older, mut newer) = machine().wtmp.split_at(60 * SIZE).to_owned_pair();
            for record in newer.chunks_exact_mut(SIZE) {
                let sec = i32::from_le_bytes(record[340..344].try_into().unwrap());
                record[340..344].copy_from_slice(&(sec + 90 * 86_400).to_le_bytes());
            }
            vec![("wtmp.1", L384, older, None), ("wtmp", L384, newer, None)]
        }),
        ("type-erased", put(0, &[0])),
        ("prompt-with-host", put(0, &[6])),
        ("bare-logout", {
            const BARE: [u8; SIZE] = {
                let mut bytes = [0; SIZE];
                bytes[0] = 8;
                bytes
            };
            put(0, &BARE)
        }),
        ("id-of-another-line", put(40, b"ts/9")),
        (
            "record-twice",
            changed(|wtmp, login| {
                let record = wtmp[login..login + SIZE].to_vec();
                wtmp.splice(login + 4 * SIZE..login + 4 * SIZE, record);
            }),
        ),
        ("address-renamed", put(76, b"203.0.113.9\0")),
        ("address-erased", put(348, &[0; 4])),
        (
            "source-erased",
            changed(|wtmp, login| {
                wtmp[login + 76..][..256].fill(0);
                wtmp[login + 348..][..16].fill(0);
            }),
        ),
        (
            "several-traces",
            changed(|wtmp, login| {
                wtmp[login + 4..][..4].fill(0);
                wtmp[login + 2] = 1;
                wtmp[login + 44..][..2].copy_from_slice(b"\x1b[");
            }),
        ),
        ("no-logouts", {
            let mut bytes = machine().wtmp;
            let records = bytes.chunks_exact(SIZE).filter(|record| record[44] != 0);
            bytes = records.flatten().copied().collect();
            wtmp(bytes)
        }),
        ("boot-missing", {
            let LinuxHost { mut utmp, mut wtmp, .. } = machine();
            let boot = second_boot(&wtmp);
            utmp.splice(..0, wtmp.drain(boot..boot + SIZE));
            vec![("utmp", L384, utmp, None), ("wtmp", L384, wtmp, None)]
        }),
        ("utmp-entry-gone", {
            let LinuxHost { mut utmp, wtmp, .. } = machine();
            utmp.truncate(utmp.len() - SIZE);
            vec![("utmp", L384, utmp, None), ("wtmp", L384, wtmp, None)]
        }),
        ("logout-gone", {
            let LinuxHost { mut utmp, wtmp, .. } = machine();
            let last = utmp.len() - SIZE;
            utmp[last] = 8;
            utmp[last + 44..][..288].fill(0);
            vec![("utmp", L384, utmp, None), ("wtmp", L384, wtmp, None)]
        }),
        ("history-missing", {
            let LinuxHost { utmp, lastlog, .. } = machine();
            vec![("utmp", L384, utmp, None), ("lastlog", "linux-lastlog-292-le", lastlog, None)]
        }),
        ("lastlog-absent", {
            let LinuxHost { utmp, wtmp, .. } = machine();
            vec![("utmp", L384, utmp, None), ("wtmp", L384, wtmp, None)]
        }),
        ("lastlog-emptied", {
            let LinuxHost { lastlog, wtmp, .. } = machine();
            let zeros = vec![0; lastlog.len()];
            vec![("lastlog", "linux-lastlog-292-le", zeros, None), ("wtmp", L384, wtmp, None)]
        }),
        (
            "twins-differ",
            vec![
                (
                    "wtmp",
                    "svr4-utmp-36-be",
                    svr4("svr4-utmp-36-be", (0..60).filter(|i| *i != 30)),
                    None,
                ),
                ("wtmpx", "svr4-utmpx-372-be", svr4("svr4-utmpx-372-be", 0..60), None),
            ],
        ),
    ]
}

trait ToOwnedPair {
    fn to_owned_pair(self) -> (Vec<u8>, Vec<u8>);
}

impl ToOwnedPair for (&[u8], &[u8]) {
    fn to_owned_pair(self) -> (Vec<u8>, Vec<u8>) {
        (self.0.to_vec(), self.1.to_vec())
    }
}

/// Rules that `audit_tampered` has cleaners for.
const TAMPERED: [&str; 18] = [
    "zeroed-record",
    "half-zeroed-record",
    "residue",
    "id-spaces",
    "time-backwards",
    "logout-twice",
    "kernel-changed",
    "partial-record",
    "grid-shift",
    "no-record",
    "utmp-without-wtmp",
    "name-differs",
    "host-differs",
    "lastlog-without-wtmp",
    "lastlog-older",
    "lastlog-missing",
    "lastlog-reset",
    "empty-history",
];

/// Those that `tests/audit_databases.rs` is about.
const OF_DATABASES: [&str; 12] = [
    "writes-unexplained",
    "rows-in-one-write",
    "row-deleted",
    "row-edited",
    "lastlog2-without-wtmpdb",
    "rowid-gap",
    "id-order",
    "service-missing",
    "foreign-writer",
    "schema-changed",
    "hot-journal",
    "log-not-checkpointed",
];

/// Those that `tests/system_log.rs` is about.
const OF_MESSAGES: [&str; 3] = ["message-damage", "message-order", "message-unlinked"];

/// A file without a single record has its rule too.
fn overwritten() -> &'static str {
    let mut noise = vec![0; 4096];
    Rng::new(5).fill(&mut noise);
    let zeros = vec![0; 4096];
    for (head, found) in [(&noise[..], 1), (&zeros, 1), (b"\n", 1), (b"alice logged in\n", 0)] {
        let mut audit = Audit::new();
        let mut about = FileInfo::default();
        (about.kind, about.len) = (Some(FileKind::Wtmp), Some(head.len() as u64));
        audit.unrecognized(about, head);
        let findings = audit.finish();
        let count = findings.iter().filter(|f| f.rule.id == "history-overwritten").count();
        assert_eq!(count, found, "{} bytes", head.len());
    }
    "history-overwritten"
}

#[test]
fn every_rule_finds_what_it_is_for() {
    let untouched = audit(wtmp(LinuxHost::new().wtmp));
    let mut tested: BTreeSet<&str> = TAMPERED.into();
    for (rule, files) in cases() {
        let count = |found: &[Finding]| found.iter().filter(|f| f.rule.id == rule).count();
        let found = audit(files);
        let all: Vec<_> = found.iter().map(|f| (f.rule.id, f.offset, &f.message)).collect();
        assert!(count(&found) > 0, "{rule}: {all:#?}");
        assert_eq!(count(&untouched), 0, "{rule} in an untouched file");
        tested.insert(rule);
    }
    tested.extend(OF_DATABASES);
    tested.extend(OF_MESSAGES);

    tested.insert(overwritten());
    let known: BTreeSet<&str> = RULES.iter().map(|rule| rule.id).collect();
    assert_eq!(tested, known);
}
