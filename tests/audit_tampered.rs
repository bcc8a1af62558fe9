//! What log cleaners do, done again to a machine's files from descriptions of them: each is
//! found, in the right place.
#![cfg(feature = "std")]

use std::fmt::Write as _;
use std::fs;

use loginrec::audit::{Audit, FileInfo, Finding, Severity};
use loginrec::{FileKind, LogFile, Text};
use loginrec_testing::linux_host::{LinuxHost, SIZE, SLOT, USERS, layout, session, slot};
use loginrec_testing::{Rng, shared};

/// Reads the files together, as `loginrec audit` does: utmp 0, lastlog 1, btmp 2, wtmp 3.
fn audit(machine: &LinuxHost) -> Vec<Finding> {
    let mut audit = Audit::new();
    USERS.iter().for_each(|(name, uid)| audit.name_user(*uid, name.as_bytes()));
    let files = [
        ("utmp", &machine.utmp),
        ("lastlog", &machine.lastlog),
        ("btmp", &machine.btmp),
        ("wtmp", &machine.wtmp),
    ];
    for (name, bytes) in files {
        // A lastlog with one slot could be of either byte order.
        let lastlog = loginrec::formats::by_name("linux-lastlog-292-le").unwrap();
        let layout = if name == "lastlog" { lastlog } else { layout() };
        let log = LogFile::options().file_name(name).layout(layout).from_slice(bytes).unwrap();
        audit.read(&log, FileInfo::of(&log));
    }
    audit.finish()
}

fn heavy(findings: &[Finding]) -> Vec<&Finding> {
    findings.iter().filter(|finding| finding.severity >= Severity::Medium).collect()
}

/// The expected rule, file and offset of a finding.
type Expected = (&'static str, u32, usize);

/// A cleaner: what it does, the change it makes, and the findings that must be there at least.
struct Cleaner {
    does: &'static str,
    change: fn(&mut LinuxHost) -> Vec<Expected>,
}

fn user_of(record: &[u8]) -> Text<'_> {
    Text::new(&record[44..76])
}

/// The wtmp without the records `gone` says.
fn without(machine: &mut LinuxHost, gone: impl Fn(&[u8]) -> bool) {
    machine.wtmp =
        machine.wtmp.chunks_exact(SIZE).filter(|r| !gone(r)).flatten().copied().collect();
}

/// Returns the number of the logout after record `login` of `wtmp`.
fn logout_of(wtmp: &[u8], login: usize) -> usize {
    let line = wtmp[login * SIZE + 8..][..32].to_vec();
    let mut behind = wtmp.chunks_exact(SIZE).enumerate().skip(login + 1);
    behind.find(|(_, r)| r[0] == 8 && r[8..40] == line).unwrap().0
}

const UTMP: u32 = 0;
const LASTLOG: u32 = 1;
const WTMP: u32 = 3;

fn mallorys_last(machine: &LinuxHost) -> usize {
    *machine.records_of("mallory").last().unwrap()
}

const CLEANERS: &[Cleaner] = &[
    Cleaner {
        does: "zeros a record in place (zap, wzap, hidemyass)",
        change: |machine| {
            let at = mallorys_last(machine) * SIZE;
            machine.wtmp[at..at + SIZE].fill(0);
            vec![("zeroed-record", WTMP, at)]
        },
    },
    Cleaner {
        does: "zeros 448 bytes over a record of 384 (clearlog)",
        change: |machine| {
            let at = mallorys_last(machine) * SIZE;
            machine.wtmp[at..at + 448].fill(0);
            vec![("zeroed-record", WTMP, at), ("half-zeroed-record", WTMP, at + SIZE)]
        },
    },
    Cleaner {
        does: "zeros the user's slot of the lastlog (zap)",
        change: |machine| {
            machine.lastlog[1002 * SLOT..][..SLOT].fill(0);
            vec![("lastlog-missing", WTMP, mallorys_last(machine) * SIZE)]
        },
    },
    Cleaner {
        does: "copies all but the user's records (loghammer, logtamper -m 2)",
        change: |machine| {
            let logins = machine.records_of("mallory");
            let first = logins[0];
            let logout = logout_of(&machine.wtmp, first);
            without(machine, |record| user_of(record) == "mallory");
            // The first orphan has one record less before it.
            vec![
                ("lastlog-without-wtmp", LASTLOG, 1002 * SLOT),
                ("logout-twice", WTMP, (logout - 1) * SIZE),
            ]
        },
    },
    Cleaner {
        does: "removes a live login from the wtmp (logtamper -m 1, pyLogCleaner)",
        change: |machine| {
            let at = *machine.records_of("alice").last().unwrap();
            machine.wtmp.drain(at * SIZE..(at + 1) * SIZE);
            vec![
                ("utmp-without-wtmp", UTMP, 2 * SIZE),
                ("lastlog-without-wtmp", LASTLOG, 1000 * SLOT),
            ]
        },
    },
    Cleaner {
        does: "turns a login into a logout (wtmpclean)",
        change: |machine| {
            let login = mallorys_last(machine);
            let record = &mut machine.wtmp[login * SIZE..][..SIZE];
            record[0] = 8;
            record[40..332].fill(0); // id, user, host
            record[348..364].fill(0); // address
            let logout = logout_of(&machine.wtmp, login);
            vec![
                ("logout-twice", WTMP, login * SIZE),
                ("logout-twice", WTMP, logout * SIZE),
                ("lastlog-without-wtmp", LASTLOG, 1002 * SLOT),
            ]
        },
    },
    Cleaner {
        does: "writes another name (wtmpclean, user swap)",
        change: |machine| {
            let login = mallorys_last(machine);
            let user = &mut machine.wtmp[login * SIZE + 44..][..32];
            user.fill(0);
            user[..5].copy_from_slice(b"alice");
            vec![("name-differs", WTMP, login * SIZE + 44)]
        },
    },
    Cleaner {
        does: "writes a shorter name over a longer one, without clearing the field",
        change: |machine| {
            let login = machine.records_of("mallory")[0];
            machine.wtmp[login * SIZE + 44..][..5].copy_from_slice(b"root\0");
            vec![("residue", WTMP, login * SIZE + 44)]
        },
    },
    Cleaner {
        does: "writes another host, but not the host of the lastlog",
        change: |machine| {
            let login = mallorys_last(machine);
            let host = &mut machine.wtmp[login * SIZE + 76..][..256];
            host.fill(0);
            host[..10].copy_from_slice(b"192.0.2.99");
            vec![("host-differs", WTMP, login * SIZE + 76)]
        },
    },
    Cleaner {
        does: "empties the lastlog and writes one slot (logtamper -m 3)",
        change: |machine| {
            machine.lastlog.truncate(1002 * SLOT + SLOT);
            machine.lastlog[..1002 * SLOT].fill(0);
            // It writes the last login that it left.
            vec![("lastlog-reset", LASTLOG, 1002 * SLOT)]
        },
    },
    Cleaner {
        does: "sets the lastlog back to an older login (nojail)",
        change: |machine| {
            let logins = machine.records_of("mallory");
            let record = &machine.wtmp[logins[0] * SIZE..][..SIZE];
            let sec = i32::from_le_bytes(record[340..344].try_into().unwrap());
            let (mut login, _) = session(3, "pts/0", 1, sec.into());
            let line = Text::new(&record[8..40]).to_str().unwrap().to_owned();
            login.line = &line;
            machine.lastlog[1002 * SLOT..][..SLOT].copy_from_slice(&slot(&login));
            vec![("lastlog-older", LASTLOG, 1002 * SLOT)]
        },
    },
    Cleaner {
        does: "edits the text (utmpdump, sed, utmpdump -r)",
        change: |machine| {
            without(machine, |record| user_of(record) == "mallory");
            for record in machine.wtmp.chunks_exact_mut(SIZE) {
                for byte in record[40..44].iter_mut().filter(|byte| **byte == 0) {
                    *byte = b' ';
                }
                record[332..340].fill(0); // exit and session
            }
            vec![("id-spaces", WTMP, 40)]
        },
    },
    Cleaner {
        does: "cuts the file within a record",
        change: |machine| {
            machine.wtmp.truncate(30 * SIZE + 200);
            vec![("partial-record", WTMP, 30 * SIZE)]
        },
    },
    Cleaner {
        does: "cuts the file between two records",
        change: |machine| {
            machine.wtmp.truncate(30 * SIZE);
            vec![("utmp-without-wtmp", UTMP, 2 * SIZE), ("utmp-without-wtmp", UTMP, 3 * SIZE)]
        },
    },
    Cleaner {
        does: "empties the wtmp (> wtmp)",
        change: |machine| {
            machine.wtmp.clear();
            vec![("empty-history", WTMP, 0)]
        },
    },
    Cleaner {
        does: "cuts bytes off the head of the file",
        change: |machine| {
            machine.wtmp.drain(..100);
            vec![("grid-shift", WTMP, 0)]
        },
    },
    Cleaner {
        does: "removes some bytes (a text editor, sed -i)",
        change: |machine| {
            let at = mallorys_last(machine) * SIZE;
            machine.wtmp.drain(at + 44..at + 51);
            vec![("grid-shift", WTMP, at)]
        },
    },
    Cleaner {
        does: "inserts some bytes",
        change: |machine| {
            let at = 33 * SIZE;
            machine.wtmp.splice(at..at, *b"# edited\n");
            vec![("grid-shift", WTMP, at)]
        },
    },
    Cleaner {
        does: "overwrites a record with random bytes (shred)",
        change: |machine| {
            let at = mallorys_last(machine) * SIZE;
            Rng::new(5).fill(&mut machine.wtmp[at..at + SIZE]);
            vec![("no-record", WTMP, at)]
        },
    },
    Cleaner {
        does: "inserts a login of an earlier day",
        change: |machine| {
            let (login, logout) = session(2, "pts/7", 4242, 1_700_050_000);
            let at = machine.wtmp.len() - 2 * SIZE;
            machine.wtmp.splice(at..at, [login.bytes(), logout.bytes()].concat());
            vec![("time-backwards", WTMP, at + 340)]
        },
    },
    Cleaner {
        does: "removes a boot after a change of the kernel",
        change: |machine| {
            let records = machine.wtmp.chunks_exact(SIZE).enumerate();
            let boots: Vec<usize> = records.filter(|(_, r)| r[0] == 2).map(|(at, _)| at).collect();
            let behind = boots[1] + 1;
            for record in machine.wtmp[behind * SIZE..].chunks_exact_mut(SIZE).take(1) {
                record[76..90].copy_from_slice(b"6.1.0-14-amd64");
            }
            // The shutdown before it goes as well: the machine seems never to have been down.
            machine.wtmp.drain((boots[1] - 1) * SIZE..behind * SIZE);
            vec![("kernel-changed", WTMP, (boots[1] - 1) * SIZE + 76)]
        },
    },
];

#[test]
fn an_untouched_machine_has_nothing() {
    let findings = audit(&LinuxHost::new());
    assert!(heavy(&findings).is_empty(), "{findings:#?}");
}

/// What a cleaner leaves, as a row of docs/audit.md.
fn row(cleaner: &Cleaner) -> String {
    let mut machine = LinuxHost::new();
    let expected = (cleaner.change)(&mut machine);
    let findings = audit(&machine);
    let heavy = heavy(&findings);
    for (rule, file, offset) in &expected {
        let found = heavy
            .iter()
            .any(|f| f.rule.id == *rule && f.file == *file && f.offset == *offset as u64);
        let told: Vec<_> =
            heavy.iter().map(|f| (f.rule.id, f.file, f.offset, &f.message)).collect();
        assert!(found, "{}: {rule} at byte {offset} of {file}: {told:#?}", cleaner.does);
    }
    let mut row = format!("| {} |", cleaner.does);
    let mut rules: Vec<(&str, Severity)> = heavy.iter().map(|f| (f.rule.id, f.severity)).collect();
    rules.sort_by_key(|(id, severity)| (std::cmp::Reverse(*severity), *id));
    rules.dedup_by_key(|(id, _)| *id);
    for (at, (id, severity)) in rules.iter().enumerate() {
        let comma = if at > 0 { "," } else { "" };
        write!(row, "{comma} `{id}` ({severity})").unwrap();
    }
    row + " |"
}

/// Every cleaner is found where it was at work, and the table of docs/audit.md is what was measured.
#[test]
fn every_cleaner_is_found() {
    let page = fs::read_to_string("docs/audit.md").unwrap();
    let rows: Vec<String> = CLEANERS.iter().map(row).collect();
    for row in &rows {
        assert!(
            page.contains(row.as_str()),
            "not in docs/audit.md:\n{row}\nall:\n{}",
            rows.join("\n")
        );
    }
}

/// Records wiped in the files of other platforms.
#[test]
fn other_platforms() {
    for (path, at, size) in [
        ("fixtures/svr4-utmpx-372-be/wtmpx", 2, 372),
        ("fixtures/netbsd-utmpx-520-le/wtmpx", 3, 520),
        ("fixtures/openbsd-utmp-304-le/wtmp", 2, 304),
        ("fixtures/hpux-utmp-60-be/wtmp", 2, 60),
        ("fixtures/aix-utmp-648-be/wtmp", 2, 648),
        ("fixtures/linux-glibc-400-le/wtmp", 2, 400),
    ] {
        let mut bytes = fs::read(path).unwrap();
        bytes[at * size..(at + 1) * size].fill(0);
        let log = LogFile::options().file_name("wtmp").from_vec(bytes).unwrap();
        let mut audit = Audit::new();
        audit.read(&log, FileInfo::of(&log));
        let wiped = |f: &Finding| {
            f.rule.id == "zeroed-record"
                && f.index == Some(at as u64)
                && f.offset == (at * size) as u64
                && f.severity >= Severity::Medium
        };
        let findings = audit.finish();
        assert!(findings.iter().any(wiped), "{path}: {findings:#?}");
    }
}

/// utxghost leaves half a record at the end; wiped records of a utx.log are lengths of zero.
#[test]
fn freebsd() {
    let run = |name: &str, bytes: Vec<u8>, layout: &str| {
        let layout = loginrec::formats::by_name(layout).unwrap();
        let log = LogFile::options().file_name(name).layout(layout).from_vec(bytes).unwrap();
        let mut audit = Audit::new();
        audit.read(&log, FileInfo::of(&log));
        let found = audit.finish().into_iter().filter(|f| f.severity >= Severity::Medium);
        found.map(|f| (f.rule.id, f.offset)).collect::<Vec<_>>()
    };
    let log = fs::read("fixtures/freebsd-utx-log/utx.log").unwrap();
    assert_eq!(run("utx.log", log.clone(), "freebsd-utx-log"), []);
    let mut half = log.clone();
    half.extend(&log[11..11 + 30]); // the second record without its end
    let at = log.len() as u64;
    assert_eq!(run("utx.log", half, "freebsd-utx-log"), [("partial-record", at)]);
    let mut wiped = log;
    wiped[11..71].fill(0); // the second record, its length too
    let found = run("utx.log", wiped, "freebsd-utx-log");
    assert!(found.contains(&("zero-lengths", 11)), "{found:?}");
    let active = fs::read("fixtures/freebsd-utx/utx.active").unwrap();
    let whole = active.len() as u64;
    let half = [&active[..], &active[..98]].concat();
    assert_eq!(run("utx.active", half, "freebsd-utx"), [("partial-record", whole)]);
}

/// The corpus has a file that the real utmpdump wrote back.
#[test]
fn a_real_round_trip() {
    let Some(corpus) = shared("corpus") else { return };
    let path = corpus.join("generated/tools-debian12/utmpdump-r-roundtrip.wtmp");
    let log = LogFile::options().open(path).unwrap();
    let mut about = FileInfo::of(&log);
    about.kind = Some(FileKind::Wtmp);
    let mut audit = Audit::new();
    audit.read(&log, about);
    let findings = audit.finish();
    let spaces = findings.iter().find(|f| f.rule.id == "id-spaces").unwrap();
    assert_eq!((spaces.severity, spaces.bytes.as_slice()), (Severity::High, &b"~~  "[..]));
    assert!(findings.iter().any(|f| f.rule.id == "session-zero"));
}
