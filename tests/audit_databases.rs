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

/// What wtmpdb, lastlog2 and util-linux wrote themselves.
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
