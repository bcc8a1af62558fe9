//! The table of rules, and what it promises.
#![cfg(feature = "std")]

use std::collections::HashSet;
use std::fs;

use loginrec::audit::{Audit, FileInfo, RULES, Rule, rule};
use loginrec::formats::LAYOUTS;
use loginrec::{FileKind, LogFile};
use loginrec_testing::generate::synthesize;
use loginrec_testing::{Rng, root};

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

/// The table in the documentation of the module is the table of the code; with
/// `LOGINREC_BLESS` set, it is written.
#[test]
fn documentation_has_every_rule() {
    let path = root().join("src/audit/mod.rs");
    let source = fs::read_to_string(&path).unwrap();
    let row = |rule: &&Rule| {
        let technique = rule.technique.unwrap_or_default();
        format!("//! | `{}` | {} | {technique} | {} |\n", rule.id, rule.severity, rule.title)
    };
    let is_row = |line: &str| line.starts_with("//! | `");
    let lines: Vec<&str> = source.split_inclusive('\n').collect();
    let first = lines.iter().position(|line| is_row(line)).unwrap();
    let (before, rest) = lines.split_at(first);
    let after = rest.iter().filter(|line| !is_row(line)).copied();
    let expected = before.concat() + &RULES.iter().map(row).collect::<String>();
    let expected = expected + &after.collect::<String>();
    if std::env::var_os("LOGINREC_BLESS").is_some() {
        fs::write(&path, &expected).unwrap();
        return;
    }
    assert!(source == expected, "src/audit/mod.rs: run again with LOGINREC_BLESS=1");
}

/// The README may promise less than there is, not more.
#[test]
fn the_readme_counts_no_rule_too_many() {
    let counts = loginrec_testing::readme_counts("rules");
    assert!(!counts.is_empty() && counts.iter().all(|&count| count <= RULES.len()), "{counts:?}");
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
                            *byte = (rng.any() >> 40) as u8;
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
            let options = LogFile::options().layout(layout).unsigned_seconds(round > 4);
            let log = options.from_slice(&bytes).unwrap();
            let mut about = FileInfo::of(&log);
            about.kind = kinds[rng.below(5) as usize];
            about.modified = Some(1_600_000_000);
            about.allocated = about.len;
            audit.read(&log, about);
        }
        let findings = audit.finish();
        // Twenty of a rule and file, and whole lastlogs of users who logged in.
        let most = 8 * RULES.len() * 20;
        assert!(findings.len() <= most, "{}: {}", layout.name, findings.len());
        for finding in &findings {
            assert!(finding.bytes.len() <= 1024, "{}", layout.name);
            assert!(finding.message.len() < 4096, "{}", finding.message);
            assert!(
                !finding.message.chars().any(loginrec::Text::is_deceptive),
                "{}",
                finding.message
            );
        }
    }
}

/// The same files give the same findings, in the same order.
#[test]
fn findings_do_not_depend_on_hashing() {
    let layout = loginrec::formats::by_name("linux-glibc-384-le").unwrap();
    let mut bytes = synthesize(layout, 400, 1_600_000_000, &mut Rng::new(3));
    Rng::new(4).fill(&mut bytes[50_000..60_000]);
    let run = || {
        let mut audit = Audit::new();
        for kind in [FileKind::Utmp, FileKind::Btmp, FileKind::Wtmp] {
            let log = LogFile::options().layout(layout).from_slice(&bytes).unwrap();
            let mut about = FileInfo::of(&log);
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
