//! The table of rules, and what it promises.
#![cfg(feature = "std")]

mod common;

use std::collections::HashSet;
use std::fs;

use loginrec::audit::{About, Audit, RULES, rule};
use loginrec::platform::LAYOUTS;
use loginrec::{FileKind, LogFile};

use common::{Rng, synthesize};

#[test]
fn ids_are_short_and_stand_once() {
    let mut ids = HashSet::new();
    for rule in RULES {
        assert!(ids.insert(rule.id), "{} stands twice", rule.id);
        assert!(rule.id.len() <= 24, "{}", rule.id);
        let ok = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        assert!(rule.id.chars().all(ok), "{}", rule.id);
        assert_eq!(loginrec::audit::rule(rule.id), Some(*rule));
    }
    assert!(RULES.len() >= 35, "{}", RULES.len());
    assert_eq!(rule("no-such-rule"), None);
}

#[test]
fn every_rule_has_words() {
    for rule in RULES {
        let id = rule.id;
        assert!(!rule.title.is_empty() && !rule.expected.is_empty(), "{id}");
        assert!(rule.meaning.ends_with('.'), "{id}");
        assert!(!rule.innocent.is_empty(), "{id}: everything has an innocent explanation");
        let technique =
            |t: &str| t.starts_with('T') && t[1..].chars().all(|c| c == '.' || c.is_ascii_digit());
        assert!(rule.technique.is_none_or(technique), "{id}");
        for words in [rule.title, rule.meaning, rule.expected].iter().chain(rule.innocent) {
            assert!(!words.contains("  ") && !words.contains("proved"), "{id}: {words}");
        }
    }
}

/// The table in the documentation of the module is the table of the code.
#[test]
fn documentation_has_every_rule() {
    let source = fs::read_to_string("src/audit/mod.rs").unwrap();
    let rows: Vec<&str> = source.lines().filter_map(|line| line.strip_prefix("//! | `")).collect();
    let expected: Vec<String> = RULES
        .iter()
        .map(|rule| {
            let technique = rule.technique.unwrap_or_default();
            format!("{}` | {} | {technique} | {} |", rule.id, rule.severity, rule.title)
        })
        .collect();
    assert_eq!(rows, expected);
    let readme = fs::read_to_string("README.md").unwrap();
    assert!(readme.contains(&format!("catalogue of {} rules", RULES.len())));
}

/// Noise and damage of every kind: no panic, and no more findings than a reader can take in.
#[test]
fn any_bytes_of_any_layout() {
    let mut rng = Rng::new(7);
    let kinds = [
        None,
        Some(FileKind::Utmp),
        Some(FileKind::Wtmp),
        Some(FileKind::Btmp),
        Some(FileKind::Lastlog),
    ];
    for layout in LAYOUTS {
        let mut audit = Audit::new();
        audit.name_user(0, b"root");
        for round in 0..8 {
            let count = 1 + rng.below(200) as usize;
            let mut bytes = synthesize(layout, count, 1_600_000_000, &mut rng);
            let len = bytes.len() as u64;
            match round % 4 {
                0 => rng.fill(&mut bytes),
                1 => {
                    for _ in 0..rng.below(400) {
                        let at = rng.below(len.max(1)) as usize;
                        if let Some(byte) = bytes.get_mut(at) {
                            *byte = (rng.next() >> 40) as u8;
                        }
                    }
                }
                2 => {
                    let at = rng.below(len.max(1)) as usize;
                    let more = vec![0xa5; rng.below(1000) as usize];
                    bytes.splice(at..at, more);
                }
                _ => bytes.truncate(rng.below(len.max(1)) as usize),
            }
            let log = LogFile::options().layout(layout).bytes(&bytes).unwrap();
            let mut about = About::of(&log);
            about.kind = kinds[rng.below(5) as usize];
            about.modified = Some(1_600_000_000);
            about.allocated = about.len;
            audit.unsigned_time(round > 4);
            audit.read(&log, about);
        }
        let findings = audit.finish();
        // Twenty of a rule and file, and whole lastlogs of users who logged in.
        let most = 8 * RULES.len() * 20;
        assert!(findings.len() <= most, "{}: {}", layout.name, findings.len());
        for finding in &findings {
            assert!(finding.bytes.len() <= 1024, "{}", layout.name);
            assert!(finding.message.len() < 4096, "{}", finding.message);
            assert!(!finding.message.chars().any(loginrec::is_deceptive), "{}", finding.message);
        }
    }
}

/// The same files give the same findings, in the same order.
#[test]
fn findings_do_not_depend_on_hashing() {
    let layout = loginrec::platform::by_name("linux-glibc-384-le").unwrap();
    let mut bytes = synthesize(layout, 400, 1_600_000_000, &mut Rng::new(3));
    Rng::new(4).fill(&mut bytes[50_000..60_000]);
    let run = || {
        let mut audit = Audit::new();
        for kind in [FileKind::Utmp, FileKind::Btmp, FileKind::Wtmp] {
            let log = LogFile::options().layout(layout).bytes(&bytes).unwrap();
            let mut about = About::of(&log);
            about.kind = Some(kind);
            audit.read(&log, about);
        }
        audit.finish()
    };
    let first = run();
    assert!(first.len() > 20);
    for _ in 0..4 {
        assert_eq!(run(), first);
    }
}
