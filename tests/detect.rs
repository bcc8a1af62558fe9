//! Detection of files whose layout is known, under neutral names.

use std::collections::BTreeMap;

use loginrec::detect::{Detection, Hints, Verdict, detect, detect_with};
use loginrec::{Container, Layout, formats};
use loginrec_testing::generate::synthesize;
use loginrec_testing::{KnownFile, Rng, corpus_files, fixture, fixtures, skip};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Answer {
    Right,
    Ambiguous,
    Refused,
    Wrong,
}

/// A layout that reads the file just as the true one does is right.
fn judge(found: &Detection, truth: &str) -> Answer {
    let named = |name: &str| found.candidates().iter().find(|c| c.layout.name == name).copied();
    match found.verdict() {
        Verdict::Recognized => {
            let right = found.layout().unwrap().name == truth
                || named(truth).is_some_and(|candidate| candidate.same_reading);
            if right { Answer::Right } else { Answer::Wrong }
        }
        Verdict::Ambiguous if found.ties().iter().any(|c| c.layout.name == truth) => {
            Answer::Ambiguous
        }
        Verdict::Ambiguous if named(truth).is_some_and(|c| c.same_reading) => Answer::Ambiguous,
        Verdict::Ambiguous => Answer::Wrong,
        _ => Answer::Refused,
    }
}

/// The layout detection is to name: damaged records lie in files of proper ones.
fn file_layout(name: &str) -> &str {
    match name {
        "linux-time64a8-384-le" | "linux-time64a4-384-le" => "linux-glibc-384-le",
        "linux-time64a8-384-be" | "linux-time64a4-384-be" => "linux-glibc-384-be",
        name => name,
    }
}

fn explain(found: &Detection) -> String {
    let candidates = found.candidates().iter().take(4);
    let names: Vec<String> =
        candidates.map(|c| format!("{} {} {}", c.layout.name, c.score, c.same_reading)).collect();
    format!("{:?}: {} {:?}", found.verdict(), names.join(", "), found.reasons().first())
}

fn known_files(samples: Vec<KnownFile>) -> BTreeMap<Answer, u32> {
    let mut table = BTreeMap::new();
    for sample in samples {
        let data = sample.bytes();
        let found = detect(&data);
        let answer = judge(&found, file_layout(sample.layout));
        if answer != Answer::Right {
            println!(
                "{answer:?}: {} is {}: {}",
                sample.path.display(),
                sample.layout,
                explain(&found)
            );
        }
        *table.entry(answer).or_default() += 1;
    }
    table
}

#[test]
fn corpus_and_fixtures() {
    for (what, samples) in [("corpus", corpus_files()), ("fixtures", fixtures())] {
        let table = known_files(samples);
        println!("{what}: {table:?}");
        assert_eq!(table.get(&Answer::Wrong), None, "{what}");
        assert_eq!(table.get(&Answer::Refused), None, "{what}");
    }
}

/// A year in which the platform lived, or a clock that stood at 1970.
fn start(layout: &Layout, rng: &mut Rng) -> i64 {
    let year = |from: u64, years: u64, rng: &mut Rng| {
        ((from - 1970) * 31_557_600 + rng.below(years * 31_557_600)) as i64
    };
    match layout.platform.system {
        // The accident happened from 2021 to 2024; earlier times cannot be told apart.
        _ if layout.name.contains("time64") => year(2015, 10, rng),
        // A time in one integer is 1970 plus a few bytes: no layout of its own.
        "FreeBSD" if layout.has_microseconds() => year(2012, 20, rng),
        "V7" => year(1979, 10, rng),
        "IRIX" => year(1988, 20, rng),
        // A number of few digits is no date: such a file needs its name.
        _ if layout.is_failures() => year(1990, 43, rng),
        _ if rng.below(20) == 0 => 1 + rng.below(100) as i64,
        // Later times are rather earlier ones in the other byte order.
        _ => year(1990, 43, rng),
    }
}

/// Damage a file can have that must not change the answer.
#[derive(Clone, Copy, Debug)]
enum Damage {
    None,
    /// Bytes of a next record that was not written to its end.
    Tail,
    /// Up to a quarter of the records, at least one of four, are noise.
    Noise,
}

fn damage(kind: Damage, layout: &Layout, data: &mut Vec<u8>, rng: &mut Rng) {
    match kind {
        Damage::None => {}
        Damage::Tail => {
            let next = synthesize(layout, 1, 1_400_000_000, rng);
            let keep = 1 + rng.below(next.len() as u64 - 1) as usize;
            data.extend_from_slice(&next[..keep]);
        }
        Damage::Noise => {
            let records = data.len() / layout.size;
            // Fragmented, or the beginning of the file in one piece.
            let fragmented = rng.below(2) == 0;
            for i in 0..records / 4 {
                let index = if fragmented { rng.below(records as u64) as usize } else { i };
                rng.fill(&mut data[index * layout.size..][..layout.size]);
            }
        }
    }
}

/// The table of docs/detection.md. `LOGINREC_FILES=1000` makes the full run.
#[test]
fn made_up_files_of_every_layout() {
    let files: u64 = std::env::var("LOGINREC_FILES").map_or(60, |n| n.parse().unwrap());
    let mut total = [0u32; 4];
    println!("{:28} {:>8} {:>9} {:>8} {:>6}", "layout", "right", "ambiguous", "refused", "wrong");
    for layout in formats::LAYOUTS {
        let mut counts = [0u32; 4];
        for seed in 0..files {
            let rng = &mut Rng::new(seed * 1000 + 17);
            // A file of one user has one record, which is whole.
            let is_one = layout.is_lastlog() && layout.platform.is_named_by_user;
            let kind = match seed % 4 {
                _ if is_one => Damage::None,
                0 if layout.container == Container::Array => Damage::Noise,
                1 if layout.container != Container::BerkeleyHash => Damage::Tail,
                _ => Damage::None,
            };
            let n = if is_one { 1 } else { 1 + rng.below(50) as usize };
            let start = start(layout, rng);
            let mut data = synthesize(layout, n, start, rng);
            damage(kind, layout, &mut data, rng);
            let found = detect(&data);
            let answer = judge(&found, file_layout(layout.name));
            if answer >= Answer::Refused {
                println!(
                    "{answer:?}: {} seed {seed}, {n} records from {start}, {kind:?}: {}",
                    layout.name,
                    explain(&found)
                );
            }
            counts[answer as usize] += 1;
            total[answer as usize] += 1;
        }
        print_row(layout.name, counts);
    }
    print_row("all", total);
    assert_eq!(total[Answer::Wrong as usize], 0, "wrong");
    assert_eq!(total[Answer::Refused as usize], 0, "refused");
    let sum: u32 = total.iter().sum();
    assert!(total[Answer::Right as usize] > sum / 100 * 95, "right");
}

fn print_row(name: &str, [right, ambiguous, refused, wrong]: [u32; 4]) {
    println!("{name:28} {right:8} {ambiguous:9} {refused:8} {wrong:6}");
}

/// One record decides, apart from the byte order of records without a type.
#[test]
fn one_record_is_enough() {
    let mut total = [0u32; 4];
    for layout in formats::LAYOUTS {
        let mut counts = [0u32; 4];
        for seed in 0..40 {
            let rng = &mut Rng::new(seed + 7);
            let start = start(layout, rng);
            let data = synthesize(layout, 1, start, rng);
            let found = detect(&data);
            let answer = judge(&found, file_layout(layout.name));
            if answer >= Answer::Refused {
                println!("{answer:?}: {} seed {seed} {start}: {}", layout.name, explain(&found));
            }
            counts[answer as usize] += 1;
            total[answer as usize] += 1;
        }
        print_row(layout.name, counts);
        let typed = !layout.platform.ut_types.is_empty();
        assert!(!typed || counts[Answer::Ambiguous as usize] <= 2, "{}: {counts:?}", layout.name);
    }
    print_row("all", total);
    assert_eq!(total[Answer::Wrong as usize], 0, "wrong");
}

/// A lastlog of one user, far from the start, with garbage after the host as old
/// login programs left it.
#[test]
fn sparse_lastlogs() {
    let mut total = [0u32; 4];
    let slots = |l: &&Layout| l.is_lastlog() && l.container == Container::Slots;
    for layout in formats::LAYOUTS.iter().filter(slots) {
        for seed in 0..40 {
            let rng = &mut Rng::new(seed + 99);
            let mut slot = Vec::new();
            while slot.is_empty() {
                let start = start(layout, rng);
                slot = synthesize(layout, 1, start, rng);
                slot.drain(..slot.len() - layout.size);
            }
            let uid = rng.below(70_000) as usize;
            let mut data = vec![0; uid * layout.size];
            data.extend_from_slice(&slot);
            let host = layout.fields.last().unwrap();
            if seed % 2 == 0 && host.len > 100 {
                let behind = data.len() - host.len + 40;
                rng.fill(&mut data[behind..behind + 20]);
            }
            let found = detect(&data);
            let answer = judge(&found, layout.name);
            if answer >= Answer::Ambiguous {
                println!("{answer:?}: {} uid {uid}: {}", layout.name, explain(&found));
            }
            total[answer as usize] += 1;
        }
    }
    print_row("all", total);
    assert_eq!(total[Answer::Wrong as usize] + total[Answer::Refused as usize], 0);
}

#[test]
fn what_is_no_login_record_is_refused() {
    let mut noise = vec![0; 1 << 20];
    Rng::new(5).fill(&mut noise);
    let text = b"Nov 14 22:13:20 host sshd[812]: Accepted password for root\n".repeat(400);
    let words = b"alice bob carol dave erin frank grace heidi ivan judy ".repeat(300);
    let letters: Vec<u8> = noise.iter().map(|b| b'A' + b % 26).collect();
    let png = [&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x02\0"[..], &noise[..9000]].concat();
    let gzip = [&b"\x1f\x8b\x08\0\0\0\0\0\0\x03"[..], &noise[..5000]].concat();
    let mut sqlite = b"SQLite format 3\0\x10\0\x01\x01\0\x40\x20\x20".to_vec();
    sqlite.resize(8192, 0);
    sqlite.extend_from_slice(&words[..4096]);
    let program = std::fs::read(std::env::current_exe().unwrap()).unwrap();
    let mut refused = 0;
    for (what, data) in [
        ("zeros", &vec![0; 4096][..]),
        ("ones", &vec![0xff; 4096][..]),
        ("text", &text),
        ("words", &words),
        ("letters", &letters),
        ("a PNG", &png),
        ("gzip", &gzip),
        ("SQLite", &sqlite),
        ("a program", &program),
        ("noise", &noise),
    ] {
        for len in [data.len(), 4096, 3840, 1970, 400, 384, 300, 36, 20] {
            let data = &data[..len.min(data.len())];
            let found = detect(data);
            assert_eq!(
                found.verdict(),
                Verdict::NotRecognized,
                "{what} {len}: {}",
                explain(&found)
            );
            assert!(found.layout().is_none());
            refused += 1;
        }
    }
    for seed in 0..2000 {
        let rng = &mut Rng::new(seed);
        let len = 1 + rng.below(2000) as usize;
        let mut data = vec![0; len];
        rng.fill(&mut data);
        assert_eq!(detect(&data).verdict(), Verdict::NotRecognized, "seed {seed}");
        refused += 1;
    }
    println!("refused: {refused}");
    assert_eq!(detect(b"").verdict(), Verdict::Empty);
}

/// Programs, libraries and data of this machine: none is a login record.
#[test]
fn files_of_this_machine_are_refused() {
    let mut seen = 0;
    for folder in ["/usr/bin", "/usr/lib", "/etc"] {
        let Ok(entries) = std::fs::read_dir(folder) else { continue };
        for path in entries.flatten().map(|e| e.path()).filter(|p| p.is_file()).take(400) {
            let Ok(data) = std::fs::read(&path) else { continue };
            let found = detect(&data);
            assert!(
                matches!(found.verdict(), Verdict::NotRecognized | Verdict::Empty),
                "{}: {}",
                path.display(),
                explain(&found)
            );
            seen += 1;
        }
    }
    if seen == 0 {
        skip("this machine has no /usr/bin, /usr/lib or /etc");
    }
    println!("refused: {seen}");
}

#[test]
fn hints_decide_ties_only() {
    // A reboot of 1999: read in the other byte order it is one of 2001.
    let layout = formats::by_name("bsd-utmp-36-be").unwrap();
    let mut entry = loginrec::Entry::new(layout.platform);
    entry.ut_line = loginrec::Text::new(b"ttyp0");
    entry.ut_user = loginrec::Text::new(b"carol");
    entry.ut_tv.tv_sec = 0x3a5b_0c3a;
    let record = layout.encode(&entry).unwrap();
    let found = detect(&record);
    assert_eq!(found.verdict(), Verdict::Ambiguous);
    let names: Vec<_> = found.ties().iter().map(|c| c.layout.name).collect();
    assert_eq!(names, ["bsd-utmp-36-le", "bsd-utmp-36-be"]);

    let sibling = formats::by_name("bsd-lastlog-28-be");
    let hints = sibling.map_or(Hints::new(), |layout| Hints::new().sibling(layout));
    let found = detect_with(&record, &hints);
    assert_eq!(found.verdict(), Verdict::Recognized);
    assert_eq!(found.layout(), Some(layout));

    // Bytes that are clear are not overruled.
    let wtmp = fixture("glibc-x86_64/wtmp");
    let hints = hints.file_name("utx.log");
    assert_eq!(detect_with(&wtmp, &hints).layout().unwrap().name, "linux-glibc-384-le");
}

/// Records of an untyped layout, with these lines and users, a minute apart.
fn untyped(layout: &str, start: i64, step: i64, rows: &[(&str, &str)]) -> Vec<u8> {
    let layout = formats::by_name(layout).unwrap();
    let record = |(i, (line, user)): (usize, &(&str, &str))| {
        let mut entry = loginrec::Entry::new(layout.platform);
        entry.ut_line = loginrec::Text::new(line.as_bytes());
        entry.ut_user = loginrec::Text::new(user.as_bytes());
        entry.ut_tv.tv_sec = start + step * i as i64;
        layout.encode(&entry).unwrap()
    };
    rows.iter().enumerate().flat_map(record).collect()
}

/// The year is one fact, however many records say it: it cannot decide the byte order.
#[test]
fn clocks_at_1970_leave_the_byte_order_open() {
    for n in [1, 2, 8, 60] {
        let data = untyped("bsd-utmp-36-be", 25, 0, &vec![("~", "reboot"); n]);
        let found = detect(&data);
        assert_eq!(judge(&found, "bsd-utmp-36-be"), Answer::Ambiguous, "{n}: {}", explain(&found));
    }
}

/// With unknown lines no layout is named, and no other is taken instead.
#[test]
fn strange_lines_are_not_explained_away() {
    let lines = [("X1", "alice"), ("lp0", "bob"), ("dialup", "carol"), ("u7", "dave")];
    for order in ["be", "le"] {
        let name = format!("bsd-utmp-36-{order}");
        let found = detect(&untyped(&name, 800_000_000, 60, &lines.repeat(5)));
        assert_eq!(found.verdict(), Verdict::NotRecognized, "{}", explain(&found));
        assert!(found.reasons()[0].to_string().starts_with(&name), "{:?}", found.reasons());
        assert_eq!(found.candidates()[0].layout.name, name);
    }
}

#[test]
fn what_lies_beside_login_records_is_refused() {
    // shadow's faillog: failures, limit, line, time, lock time.
    let mut faillog = vec![0u8; 32 * 1003];
    for (uid, line) in [(0, "tty1"), (1000, "tty2"), (1001, "pts/0"), (1002, "tty1")] {
        let slot = &mut faillog[uid * 32..][..32];
        slot[0] = 3;
        slot[4..4 + line.len()].copy_from_slice(line.as_bytes());
        slot[16..20].copy_from_slice(&(1_700_000_000 + uid as u32).to_le_bytes());
    }
    assert_eq!(detect(&faillog).layout().unwrap().name, "linux-faillog-32-le");
    // Tables of text whose rows happen to be as long as records.
    for width in [20, 28, 36, 40, 44, 60] {
        let row = format!("{:<8}{:<8}{:<w$}", "ttyp0", "alice", "192.0.2.1", w = width - 17);
        let table = format!("{}\n", &row[..width - 1]).repeat(40);
        let found = detect(table.as_bytes());
        assert_eq!(found.verdict(), Verdict::NotRecognized, "{width}: {}", explain(&found));
    }
}

#[test]
fn large_process_ids_are_allowed() {
    let layout = formats::by_name("aix-utmp-648-be").unwrap();
    let mut data = Vec::new();
    for i in 0..20 {
        let mut entry = loginrec::Entry::new(layout.platform);
        entry.raw_type = Some(7);
        entry.ut_line = loginrec::Text::new(b"pts/3");
        entry.ut_user = loginrec::Text::new(b"alice");
        entry.ut_tv.tv_sec = 1_500_000_000 + 60 * i;
        entry.ut_pid = Some(7_340_268 + i);
        data.extend(layout.encode(&entry).unwrap());
    }
    assert_eq!(detect(&data).layout(), Some(layout));
}

#[test]
fn a_name_that_says_nothing_decides_nothing() {
    let data = untyped("bsd-utmp-36-be", 25, 0, &[("~", "reboot"); 3]);
    for name in ["evidence.bin", "001", "file.dat"] {
        let hints = Hints::new().file_name(name);
        assert_eq!(detect_with(&data, &hints).verdict(), Verdict::Ambiguous, "{name}");
    }
}

/// A layout that all the evidence is against is not called near.
#[test]
fn nothing_is_near_random_bytes() {
    let mut bytes = [0; 5000];
    for seed in 0..50 {
        Rng::new(seed).fill(&mut bytes);
        let found = detect(&bytes);
        assert!(found.layout().is_none());
        let reasons: Vec<String> = found.reasons().iter().map(ToString::to_string).collect();
        assert!(!reasons.iter().any(|reason| reason.contains("nearest")), "{seed}: {reasons:?}");
    }
}
