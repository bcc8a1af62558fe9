//! Genuine files have nothing that weighs more than `low`, alone and as a machine's.
#![cfg(feature = "std")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use loginrec::audit::{Audit, FileInfo, Finding, Severity};
use loginrec::formats::{LAYOUTS, by_name};
use loginrec::{Container, FileKind, LogFile};
use loginrec_testing::generate::synthesize;
use loginrec_testing::{KnownFile, Rng, corpus_files, fixtures, shared};

fn open(sample: &KnownFile) -> LogFile<'static> {
    let layout = by_name(sample.layout).unwrap();
    LogFile::options().layout(layout).open(&sample.path).unwrap()
}

fn audit(files: &mut [(FileInfo, LogFile<'static>)]) -> Vec<Finding> {
    files.sort_by_key(|(about, log)| (about.rank(), log.layout().map(|layout| layout.name)));
    let mut audit = Audit::new();
    for (about, log) in files.iter() {
        audit.read(log, *about);
    }
    audit.finish()
}

fn alone(sample: &KnownFile, kind: Option<FileKind>) -> Vec<Finding> {
    let log = open(sample);
    let mut about = FileInfo::of(&log);
    // Made-up utmps hold more than a utmp can: their names say what they are meant to be.
    let named = sample.path.file_name().and_then(|name| FileKind::from_file_name(name.to_str()?));
    about.kind = kind.or(named).or(about.kind);
    audit(&mut [(about, log)])
}

fn heavy(findings: &[Finding]) -> Vec<String> {
    let heavy = findings.iter().filter(|finding| finding.severity > Severity::Low);
    heavy.map(|f| format!("{} {:?} {}: {}", f.rule.id, f.index, f.offset, f.message)).collect()
}

/// Files that, according to the corpus, were damaged on purpose or written back from text.
fn is_damaged(path: &Path) -> bool {
    let name = path.file_name().unwrap().to_str().unwrap();
    name == "utmp_corrupted" || name == "utmpdump-r-roundtrip.wtmp"
}

/// The files of real machines and of the original 1.85 database library.
fn genuine() -> Vec<KnownFile> {
    let all = corpus_files().into_iter();
    let real = |path: &Path| !path.components().any(|part| part.as_os_str() == "generated");
    all.filter(|s| real(&s.path) && !is_damaged(&s.path)).collect()
}

#[test]
fn each_genuine_file() {
    let mut read = 0;
    for sample in genuine() {
        let found = heavy(&alone(&sample, None));
        assert!(found.is_empty(), "{}: {found:#?}", sample.path.display());
        read += 1;
    }
    eprintln!("{read} genuine files");
    assert!(read == 0 || read > 30);
}

#[test]
fn each_genuine_machine() {
    let mut machines: BTreeMap<String, Vec<KnownFile>> = BTreeMap::new();
    for sample in genuine() {
        let machine = sample.path.parent().unwrap().file_name().unwrap().to_str().unwrap();
        // Not one machine, but files from many.
        if machine != "linux-misc" && machine != "netbsd-lastlogx-synthetic" {
            machines.entry(machine.to_owned()).or_default().push(sample);
        }
    }
    for (machine, samples) in machines {
        let open = |sample: &KnownFile| {
            let log = open(sample);
            (FileInfo::of(&log), log)
        };
        let mut files: Vec<_> = samples.iter().map(open).collect();
        let found = heavy(&audit(&mut files));
        assert!(found.is_empty(), "{machine}: {found:#?}");
    }
}

/// Whether a fixture's expected row has no record, or bytes after a NUL.
fn is_on_purpose(row: &serde_json::Value) -> bool {
    let residue = row.as_object().unwrap().keys().any(|key| key.ends_with("_residue"));
    row["event"] == "empty" || residue
}

/// The fixtures hold wiped records, residue and a login of type 0 on purpose, as their truth says:
/// nothing else in them weighs anything.
#[test]
fn fixtures_have_what_was_put_there() {
    let (mut wiped, mut residue) = (0, 0);
    for sample in fixtures() {
        let truth = format!("{}.jsonl", sample.path.display());
        let truth: Vec<serde_json::Value> = fs::read_to_string(truth)
            .unwrap()
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        for finding in alone(&sample, None) {
            if finding.severity <= Severity::Low {
                continue;
            }
            let row = truth.iter().find(|row| row["index"].as_u64() == finding.index);
            let hidden = row.is_some_and(|row| row["raw_type"] == 0 && row["user"] != "");
            let meant = match finding.rule.id {
                "zeroed-record" | "residue" => row.is_some_and(is_on_purpose),
                "type-erased" => hidden,
                _ => false,
            };
            let path = sample.path.display();
            assert!(meant, "{path}: {}", heavy(std::slice::from_ref(&finding))[0]);
            wiped += u32::from(finding.rule.id == "zeroed-record");
            residue += u32::from(finding.rule.id == "residue");
        }
    }
    assert!(wiped > 10 && residue > 5, "{wiped} wiped, {residue} with residue");
}

/// The generated sets of the corpus hold every oddity a reader should survive; their zero
/// records and their residue weigh, and nothing else.
#[test]
fn generated_files() {
    let Some(folder) = shared("corpus") else { return };
    for sample in corpus_files() {
        let generated = sample.path.starts_with(folder.join("generated"));
        if !generated || is_damaged(&sample.path) {
            continue;
        }
        let log = open(&sample);
        for finding in alone(&sample, None) {
            if finding.severity <= Severity::Low {
                continue;
            }
            let record = finding.index.and_then(|index| log.get(index)).unwrap();
            let stale = record.bytes().windows(5).any(|bytes| bytes == b"STALE");
            let zero = record.bytes().iter().all(|&byte| byte == 0);
            let meant = match finding.rule.id {
                "zeroed-record" => zero,
                "residue" => stale,
                "type-erased" => record.entry().raw_type == Some(0),
                _ => false,
            };
            let path = sample.path.display();
            assert!(meant, "{path}: {}", heavy(std::slice::from_ref(&finding))[0]);
        }
    }
}

/// Files made up from every layout, under every kind, weigh nothing. Their sessions are
/// random, so the rules about those are left out.
#[test]
fn made_up_files() {
    let mut rng = Rng::new(20_261_122);
    for layout in LAYOUTS {
        for _ in 0..20 {
            let n = 1 + rng.below(60) as usize;
            let bytes = synthesize(layout, n, 1_600_000_000, &mut rng);
            if bytes.is_empty() || layout.name.starts_with("linux-time64") {
                continue;
            }
            let kinds: &[FileKind] = match layout.container {
                Container::Slots | Container::BerkeleyHash => &[FileKind::Lastlog],
                _ if layout.is_lastlog() => &[FileKind::Lastlog],
                _ => &[FileKind::Utmp, FileKind::Wtmp, FileKind::Btmp],
            };
            for &kind in kinds {
                let log = LogFile::options().layout(layout).from_slice(&bytes).unwrap();
                let mut about = FileInfo::of(&log);
                about.kind = Some(kind);
                let mut audit = Audit::new();
                audit.read(&log, about);
                let mut found = audit.finish();
                let random = |id: &str| {
                    id.starts_with("log") || ["source-erased", "no-logouts"].contains(&id)
                };
                found.retain(|f| !random(f.rule.id));
                let found = heavy(&found);
                assert!(found.is_empty(), "{} as {kind:?}: {found:#?}", layout.name);
            }
        }
    }
}
