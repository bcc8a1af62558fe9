//! The rules about databases, on files that the real libraries and SQLite wrote. The numbers are
//! those that were deleted when the samples were made.
#![cfg(feature = "std")]

use std::path::Path;
use std::process::Command;

use loginrec::LogFile;
use loginrec::audit::{Audit, FileInfo, Finding, Severity};
use loginrec_testing::{Scratch, corpus, skip};

fn audit(folder: &Path, names: &[&str]) -> Vec<Finding> {
    let mut audit = Audit::new();
    for name in names {
        let log = LogFile::open(folder.join(name)).unwrap();
        audit.read(&log, FileInfo::of(&log));
    }
    audit.finish()
}

fn found<'f>(findings: &'f [Finding], rule: &str) -> Option<&'f Finding> {
    findings.iter().find(|finding| finding.rule.id == rule)
}

/// Databases written by wtmpdb, lastlog2 and util-linux themselves.
#[test]
fn genuine_databases() {
    let Some(samples) = corpus("sqlite") else { return };
    let mut read = 0;
    for folder in std::fs::read_dir(&samples).unwrap().map(|entry| entry.unwrap().path()) {
        let sample = folder.file_name().unwrap().to_str().unwrap();
        if !sample.starts_with("t-") {
            continue;
        }
        let names = ["wtmp_20260131.db", "wtmp.db", "lastlog2.db"];
        let names: Vec<&str> =
            names.into_iter().filter(|name| folder.join(name).exists()).collect();
        let findings = audit(&folder, &names);
        let heavy = findings.iter().find(|finding| finding.severity > Severity::Low);
        assert!(heavy.is_none(), "{sample}: {heavy:?}");
        if sample.starts_with("t-wtmpdb") {
            assert_eq!(found(&findings, "writes-unexplained"), None, "{sample}");
        }
        read += names.len();
    }
    assert!(read > 15, "{read}");
}

/// Deleted rows, with and without secure_delete and VACUUM.
#[test]
fn deleted_rows_were_written() {
    let Some(samples) = corpus("sqlite") else { return };
    let cases = [
        ("v-deleted-some", "8 without a row", Severity::Medium),
        ("v-deleted-some-secure", "8 without a row", Severity::Medium),
        ("v-vacuumed", "8 without a row", Severity::Medium),
        ("v-deleted-all", "188 without a row", Severity::High),
        ("v-deleted-all-secure", "188 without a row", Severity::High),
        ("v-last-deleted", "5 without a row", Severity::Medium),
        // The oldest ones, as after a rotation.
        ("v-deleted-range-secure", "169 without a row", Severity::Low),
    ];
    for (sample, words, severity) in cases {
        let findings = audit(&samples.join(sample), &["wtmp.db"]);
        let finding = found(&findings, "writes-unexplained").unwrap();
        assert!(finding.message.contains(words), "{sample}: {}", finding.message);
        assert_eq!((finding.severity, finding.offset), (severity, 24), "{sample}");
    }
    for (sample, gaps) in [("v-deleted-some-secure", 8), ("v-vacuumed", 8), ("v-normal", 0)] {
        let findings = audit(&samples.join(sample), &["wtmp.db"]);
        let of = findings.iter().filter(|finding| finding.rule.id == "rowid-gap").count();
        assert_eq!(of, gaps, "{sample}");
    }
}

/// A rotation is explained by its archive.
#[test]
fn archives_explain_writes() {
    let Some(samples) = corpus("sqlite") else { return };
    let folder = samples.join("t-wtmpdb-rotate");
    let alone = audit(&folder, &["wtmp.db"]);
    assert_eq!(found(&alone, "writes-unexplained").unwrap().severity, Severity::Low);
    let both = audit(&folder, &["wtmp_20260131.db", "wtmp.db"]);
    assert_eq!(found(&both, "writes-unexplained"), None);
}

#[test]
fn other_traces() {
    let Some(samples) = corpus("sqlite") else { return };
    let cases = [
        ("v-deep", "rows-in-one-write", true),
        ("v-wal", "rows-in-one-write", false),
        ("v-deleted-some", "foreign-writer", true),
        ("v-deleted-some-secure", "foreign-writer", false),
        ("v-vacuumed", "schema-changed", true),
        ("v-normal", "schema-changed", false),
        ("v-journal-hot", "hot-journal", true),
        ("v-wal", "log-not-checkpointed", true),
        ("v-wal-zeros", "log-not-checkpointed", false),
        ("d-cycle", "database-damage", true),
        // A user was renamed: an old time under a new number.
        ("t-lastlog2-1.3.1", "id-order", true),
        ("t-lastlog2-import", "id-order", false),
    ];
    for (sample, rule, wanted) in cases {
        let name = if sample.contains("lastlog2") { "lastlog2.db" } else { "wtmp.db" };
        let findings = audit(&samples.join(sample), &[name]);
        assert_eq!(found(&findings, rule).is_some(), wanted, "{sample}: {rule}");
    }
}

const MADE: &str = "
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute('PRAGMA secure_delete=ON')
db.execute('CREATE TABLE wtmp(ID INTEGER PRIMARY KEY, Type INTEGER, User TEXT NOT NULL, Login '
           'INTEGER, Logout INTEGER, TTY TEXT, RemoteHost TEXT, Service TEXT)')
def row(time, tty, service):
    db.execute('INSERT INTO wtmp(Type,User,Login,TTY,RemoteHost,Service) VALUES (3,?,?,?,?,?)',
               ('alice', time, tty, '192.0.2.7', service))
row(1767350593000000, 'ssh', 'sshd')
row(1767350593500000, 'pts/0', None)
db.execute('CREATE TRIGGER t AFTER INSERT ON wtmp BEGIN DELETE FROM wtmp WHERE User=1; END')
";

/// A trigger, and a login that sshd and PAM both recorded.
#[test]
fn triggers_and_twins() {
    let scratch = Scratch::new();
    let path = scratch.folder().join("wtmp.db");
    match Command::new("python3").args(["-c", MADE]).arg(&path).status() {
        Ok(status) if status.success() => {}
        _ => return skip("there is no python3 with sqlite3"),
    }
    let findings = audit(scratch.folder(), &["wtmp.db"]);
    let trigger = found(&findings, "schema-changed").unwrap();
    assert!(trigger.severity == Severity::High && trigger.message.contains("a trigger"));
    assert!(found(&findings, "service-missing").is_some());
    assert_eq!(found(&findings, "writes-unexplained"), None);
}

/// Rows that are gone, where SQLite did not clear them.
#[test]
fn gone_rows() {
    let Some(samples) = corpus("sqlite") else { return };
    let cases = [
        ("v-deleted-some", Some(Severity::Medium)),
        ("v-last-deleted", Some(Severity::Medium)),
        ("v-deleted-all", Some(Severity::Medium)),
        // The oldest ones, as after a rotation.
        ("v-deleted-range", Some(Severity::Low)),
        ("v-deleted-some-secure", None),
        ("v-vacuumed", None),
        // Older versions without a logout.
        ("v-normal", None),
        ("v-wal-no-shm", None),
    ];
    for (sample, severity) in cases {
        let findings = audit(&samples.join(sample), &["wtmp.db"]);
        let heaviest = findings.iter().filter(|finding| finding.rule.id == "row-deleted");
        let heaviest = heaviest.map(|finding| finding.severity).max();
        assert_eq!(heaviest, severity, "{sample}");
        let edited = found(&findings, "row-edited");
        assert!(edited.is_none(), "{sample}: {edited:?}");
    }
}

/// A log that keeps every version: `sys.argv[2:]` are changes of a table of five logins.
const CHANGED: &str = "
import os, sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute('PRAGMA journal_mode=WAL')
db.execute('PRAGMA wal_autocheckpoint=0')
db.execute('CREATE TABLE wtmp(ID INTEGER PRIMARY KEY, Type INTEGER, User TEXT NOT NULL, Login '
           'INTEGER, Logout INTEGER, TTY TEXT, RemoteHost TEXT, Service TEXT)')
for n, user in enumerate(['alice', 'bob', 'carol', 'dave', 'erin']):
    time = 1767350593000123 + n * 3600000000
    db.execute('INSERT INTO wtmp(Type,User,Login,TTY,RemoteHost,Service) VALUES (3,?,?,?,?,?)',
               (user, time, 'ssh', '192.0.2.7', 'sshd'))
    db.execute('UPDATE wtmp SET Logout=? WHERE ID=?', (time + 1000000, n + 1))
for change in sys.argv[2:]:
    db.execute(change)
os._exit(0)
";

fn made(script: &str, arguments: &[&str]) -> Option<Scratch> {
    let scratch = Scratch::new();
    let path = scratch.folder().join("wtmp.db");
    let made = Command::new("python3").args(["-c", script]).arg(&path).args(arguments).status();
    match made {
        Ok(status) if status.success() => Some(scratch),
        _ => {
            skip("there is no python3 with sqlite3");
            None
        }
    }
}

#[test]
fn edited_rows() {
    let cases = [
        ("UPDATE wtmp SET User='mallory' WHERE ID=3", "row-edited", Severity::High, "the user"),
        ("UPDATE wtmp SET RemoteHost='' WHERE ID=3", "row-edited", Severity::High, "the host"),
        (
            "UPDATE wtmp SET Login=Login-7200000000 WHERE ID=3",
            "row-edited",
            Severity::High,
            "the login",
        ),
        ("UPDATE wtmp SET Logout=Logout+5 WHERE ID=3", "row-edited", Severity::Low, "the logout"),
        (
            "DELETE FROM wtmp WHERE ID=3",
            "row-deleted",
            Severity::Medium,
            "carol on ssh from 192.0.2.7",
        ),
        ("DELETE FROM wtmp WHERE ID=1", "row-deleted", Severity::Low, "a rotation"),
    ];
    for (change, rule, severity, words) in cases {
        let Some(scratch) = made(CHANGED, &[change]) else { return };
        let findings = audit(scratch.folder(), &["wtmp.db"]);
        let of = |rule: &str| findings.iter().filter(|f| f.rule.id == rule).collect::<Vec<_>>();
        let other = if rule == "row-edited" { "row-deleted" } else { "row-edited" };
        assert!(of(other).is_empty(), "{change}: {:?}", of(other));
        let found = of(rule);
        assert!(found.iter().all(|finding| finding.severity == severity), "{change}: {found:?}");
        assert!(!found.is_empty() && found[0].message.contains(words), "{change}: {found:?}");
    }
    let Some(scratch) = made(CHANGED, &[]) else { return };
    let findings = audit(scratch.folder(), &["wtmp.db"]);
    assert!(!findings.iter().any(|finding| finding.rule.id.starts_with("row-")), "{findings:?}");
    // A number that is given again.
    let again = "INSERT INTO wtmp VALUES (5,3,'frank',1767400000000001,NULL,'tty2','','login')";
    let Some(scratch) = made(CHANGED, &["DELETE FROM wtmp WHERE ID=5", again]) else { return };
    let findings = audit(scratch.folder(), &["wtmp.db"]);
    assert_eq!(found(&findings, "row-edited").map(|f| &f.message), None);
    assert!(found(&findings, "row-deleted").unwrap().message.starts_with("erin on ssh"));
}

/// A wtmp.db and a lastlog2.db of one machine.
const BOTH: &str = "
import sqlite3, sys
wtmp = sqlite3.connect(sys.argv[1], isolation_level=None)
last = sqlite3.connect(sys.argv[1].replace('wtmp.db', 'lastlog2.db'), isolation_level=None)
wtmp.execute('CREATE TABLE wtmp(ID INTEGER PRIMARY KEY, Type INTEGER, User TEXT NOT NULL, Login '
             'INTEGER, Logout INTEGER, TTY TEXT, RemoteHost TEXT, Service TEXT)')
last.execute('CREATE TABLE Lastlog2(Name TEXT PRIMARY KEY, Time INTEGER, TTY TEXT, RemoteHost TEXT, '
             'Service TEXT)')
def row(user, time, tty, host, service):
    wtmp.execute('INSERT INTO wtmp(Type,User,Login,TTY,RemoteHost,Service) VALUES (3,?,?,?,?,?)',
                 (user, time * 1000000 + 123, tty, host, service))
def seen(user, time, tty, host, service):
    last.execute('REPLACE INTO Lastlog2 VALUES (?,?,?,?,?)', (user, time, tty, host, service))
T = 1767350593
row('first', T, 'tty1', '', 'login')
seen('first', T, 'tty1', '', 'login')
# sshd writes its own row, PAM the other one.
row('alice', T + 1000, 'pts/0', '192.0.2.7', None)
seen('alice', T + 1000, 'ssh', '192.0.2.7', 'sshd')
seen('removed', T + 2000, 'ssh', '192.0.2.66', 'sshd')
seen('robot', T + 3000, 'other', '192.0.2.9', 'other-service')
row('last', T + 9000, 'tty1', '', 'login')
seen('last', T + 9000, 'tty1', '', 'login')
";

#[test]
fn last_logins_without_a_row() {
    let Some(scratch) = made(BOTH, &[]) else { return };
    let findings = audit(scratch.folder(), &["lastlog2.db", "wtmp.db"]);
    let of = findings.iter().filter(|finding| finding.rule.id == "lastlog2-without-wtmpdb");
    let mut of: Vec<(Severity, &str)> =
        of.map(|finding| (finding.severity, finding.message.as_str())).collect();
    of.sort();
    assert_eq!(of.len(), 2, "{of:?}");
    assert!(of[0].0 == Severity::Low && of[0].1.contains("robot"), "{of:?}");
    assert!(of[1].0 == Severity::Medium && of[1].1.contains("removed"), "{of:?}");
    let others = findings.iter().filter(|finding| finding.severity > Severity::Low);
    assert_eq!(others.count(), 1, "{findings:?}");
}

/// The row of a boot has its shutdown: only those without one end in a crash.
#[test]
fn boots_end_in_their_rows() {
    let Some(samples) = corpus("sqlite") else { return };
    let mut crashes = 0;
    for sample in ["t-wtmpdb-0.1.0", "t-wtmpdb-0.13.0", "t-wtmpdb-0.75.0", "v-normal"] {
        let folder = samples.join(sample);
        let expected = std::fs::read(folder.join("expected.json")).unwrap();
        let expected: serde_json::Value = serde_json::from_slice(&expected).unwrap();
        // ID, Type, User, Login, Logout.
        let rows = expected["tables"]["wtmp"]["rows"].as_array().unwrap().iter();
        let mut boots: Vec<_> = rows.filter(|row| row[2] == 1).map(|row| &row[5]).collect();
        boots.pop();
        let open = boots.into_iter().filter(|logout| logout.is_null()).count();
        let findings = audit(&folder, &["wtmp.db"]);
        let of = findings.iter().filter(|finding| finding.rule.id == "boot-without-shutdown");
        assert_eq!(of.map(|finding| 1 + finding.more).sum::<u64>(), open as u64, "{sample}");
        crashes += open;
    }
    assert!(crashes > 4, "{crashes}");
}

/// A login on a line whose last row has a logout is no login on a line in use.
#[test]
fn sessions_end_in_their_rows() {
    let Some(samples) = corpus("sqlite") else { return };
    let mut all = 0;
    for sample in ["t-wtmpdb-0.1.0", "t-wtmpdb-0.13.0", "t-wtmpdb-0.75.0", "v-normal"] {
        let folder = samples.join(sample);
        let expected = std::fs::read(folder.join("expected.json")).unwrap();
        let expected: serde_json::Value = serde_json::from_slice(&expected).unwrap();
        // rowid, ID, Type, User, Login, Logout, TTY.
        let rows = expected["tables"]["wtmp"]["rows"].as_array().unwrap();
        let logins = rows.iter().filter(|row| row[2] == 3);
        let mut open = std::collections::BTreeMap::new();
        let in_use = logins.filter(|row| {
            let earlier = open.insert(row[6].to_string(), row[5].clone());
            earlier.is_some_and(|logout| logout.is_null() || logout.as_i64() > row[4].as_i64())
        });
        let in_use = in_use.count() as u64;
        let findings = audit(&folder, &["wtmp.db"]);
        let of = findings.iter().filter(|finding| finding.rule.id == "login-twice");
        let found = of.map(|finding| 1 + finding.more).sum::<u64>();
        // A boot in between ends the earlier one.
        assert!(found <= in_use, "{sample}: {found} of {in_use}");
        all += rows.len();
    }
    assert!(all > 100, "{all}");
}
