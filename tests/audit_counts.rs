//! Counts of failures against the btmp: `failure-gone`.
#![cfg(feature = "std")]

use loginrec::audit::{Audit, FileInfo, Finding, Severity};
use loginrec::formats::by_name;
use loginrec::{FileKind, LogFile, UtType};
use loginrec_testing::linux_host::{Record, session};

const L384: &str = "linux-glibc-384-le";
/// 2024-03-05T12:00:00Z.
const NOON: i64 = 1_709_640_000;

type File = (&'static str, &'static str, Vec<u8>);

/// Reads the files in the order that [`FileInfo::rank`] gives.
fn audit(files: &[File]) -> Vec<Finding> {
    let mut audit = Audit::new();
    audit.name_user(3, b"carol");
    let mut files: Vec<&File> = files.iter().collect();
    files.sort_by_key(|(name, ..)| {
        let mut about = FileInfo::default();
        about.kind = FileKind::from_file_name(name);
        about.rank()
    });
    for (name, layout, bytes) in files {
        let layout = by_name(layout).unwrap();
        let log = LogFile::options().file_name(*name).layout(layout).from_vec(bytes.clone());
        let log = log.unwrap();
        let mut about = FileInfo::of(&log);
        about.kind = FileKind::from_file_name(name);
        audit.read(&log, about);
    }
    audit.finish().into_iter().filter(|finding| finding.rule.id == "failure-gone").collect()
}

/// A btmp with refused logins of ssh at these seconds after noon.
fn btmp(at: &[i64]) -> File {
    let failure = |(n, after): (usize, &i64)| {
        let (login, _) = session(3, "ssh:notty", 3000 + n as i64, NOON + after);
        Record { ut_type: UtType::LoginProcess, id: "", ..login }.bytes()
    };
    ("btmp", L384, at.iter().enumerate().flat_map(failure).collect())
}

fn slots(size: usize, uid: usize, slot: &[(usize, &[u8])]) -> Vec<u8> {
    let mut bytes = vec![0; size * (uid + 1)];
    for (at, field) in slot {
        bytes[size * uid + at..][..field.len()].copy_from_slice(field);
    }
    bytes
}

fn tallylog(source: &[u8], after: i64) -> File {
    let time = (NOON + after).to_le_bytes();
    let bytes = slots(64, 3, &[(0, source), (54, &[1, 0]), (56, &time)]);
    ("tallylog", "linux-tallylog-64-le", bytes)
}

fn faillog(line: &[u8], count: u8, after: i64) -> File {
    let time = ((NOON + after) as i32).to_le_bytes();
    let bytes = slots(24, 3, &[(0, &[count]), (4, line), (16, &time)]);
    ("faillog", "linux-faillog-24-le", bytes)
}

fn severities(files: &[File]) -> Vec<Severity> {
    audit(files).iter().map(|finding| finding.severity).collect()
}

#[test]
fn a_failure_that_only_the_count_has() {
    for counts in [tallylog(b"203.0.113.80", 600), faillog(b"ssh", 1, 600)] {
        let found = audit(&[btmp(&[0, 1200]), counts]);
        let [finding] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(finding.severity, Severity::Medium);
        assert_eq!(finding.time.map(|time| time.tv_sec), Some(NOON + 600));
        let user = finding.subject.as_ref().and_then(|subject| subject.user.as_deref());
        assert_eq!(user, Some(&b"carol"[..]));
        assert!(finding.message.contains("2024-03-05T12:10:00Z"), "{}", finding.message);
    }
}

#[test]
fn what_has_another_reason() {
    // The btmp has it; two programs need not read the same second.
    for near in [598, 600, 609] {
        assert_eq!(severities(&[btmp(&[0, near]), tallylog(b"203.0.113.80", 600)]), []);
    }
    // Its clock was at 1970 once, and the other records are years later.
    assert_eq!(severities(&[btmp(&[-NOON + 40, 90_000_000]), tallylog(b"203.0.113.80", 600)]), []);
    // The btmp begins later: it was rotated. Or there is none.
    assert_eq!(severities(&[btmp(&[700]), tallylog(b"203.0.113.80", 600)]), []);
    assert_eq!(severities(&[tallylog(b"203.0.113.80", 600)]), []);
    // The count was reset by a login.
    assert_eq!(severities(&[btmp(&[0, 1200]), faillog(b"ssh", 0, 600)]), []);
    // The password was right.
    let (login, _) = session(3, "pts/1", 4000, NOON + 603);
    let wtmp = Record { user: "carol", ..login }.bytes().to_vec();
    let files = [btmp(&[0, 1200]), ("wtmp", L384, wtmp), tallylog(b"203.0.113.80", 600)];
    assert_eq!(severities(&files), []);
}

/// Ten seconds are the limit, wherever they lie.
#[test]
fn another_failure_a_while_later_explains_nothing() {
    for after in [589, 611, 619] {
        let files = [btmp(&[0, after]), tallylog(b"203.0.113.80", 600)];
        assert_eq!(severities(&files), [Severity::Medium], "{after}");
    }
}

/// su counts through PAM and writes no btmp.
#[test]
fn failures_on_a_terminal_are_low() {
    for counts in [tallylog(b"pts/3", 600), faillog(b"tty1", 1, 600)] {
        assert_eq!(severities(&[btmp(&[0, 1200]), counts]), [Severity::Low]);
    }
}
