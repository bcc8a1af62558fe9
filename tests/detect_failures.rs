//! Detection of files that count failed logins.
//!
//! `LOGINREC_FILES=1000` makes a thousand of each layout.

use loginrec::detect::{Detection, Hints, Verdict, detect, detect_with};
use loginrec::layout::Role;
use loginrec::{Entry, Failures, FileKind, Layout, Text, formats};
use loginrec_testing::{Rng, shared};

/// A faillog with slots of `size` bytes, some of which are used.
fn a_faillog(rng: &mut Rng, size: usize, is_big: bool) -> Vec<u8> {
    let mut data = vec![0; size * (200 + rng.index(2000))];
    let number = |slot: &mut [u8], at: usize, len: usize, number: u64| {
        let bytes = number.to_be_bytes();
        slot[at..at + len].copy_from_slice(&bytes[8 - len..]);
        if !is_big {
            slot[at..at + len].reverse();
        }
    };
    let slots = data.len() / size;
    for used in 0..1 + rng.index(8) {
        let uid = if used == 0 { 0 } else { rng.index(slots) };
        let slot = &mut data[uid * size..][..size];
        let count = match rng.below(4) {
            0 => 0x7fff, // where the counter stops
            1 => rng.below(2000),
            _ => 1 + rng.below(9),
        };
        number(slot, 0, 2, count);
        number(slot, 2, 2, [0, 5][rng.index(2)]);
        let line = ["tty1", "pts/2", "/dev/pts/14", "ssh", "192.0.2.77"][rng.index(5)];
        slot[4..4 + line.len()].copy_from_slice(line.as_bytes());
        let time_len = if size >= 28 { 8 } else { 4 };
        number(slot, 16, time_len, 1_200_000_000 + rng.below(500_000_000));
        if size > 20 {
            number(slot, 16 + time_len, size - 16 - time_len, [0, 600][rng.index(2)]);
        }
    }
    data
}

/// The layout of such a file.
fn faillog_of(size: usize, is_big: bool) -> &'static Layout {
    let order = if is_big { "be" } else { "le" };
    formats::by_name(&format!("linux-faillog-{size}-{order}")).unwrap()
}

fn reads_as(found: &Detection, layout: &Layout) -> bool {
    let same = |c: &loginrec::detect::Candidate| c.layout == layout && c.same_reading;
    found.layout() == Some(layout) || found.candidates().iter().any(same)
}

fn explain(found: &Detection) -> String {
    let candidates = found.candidates().iter().take(4);
    let names: Vec<String> =
        candidates.map(|c| format!("{} {} {}", c.layout.name, c.score, c.same_reading)).collect();
    format!("{:?}: {}", found.verdict(), names.join(", "))
}

/// Without a telling name their times would be read as lines of a lastlog.
#[test]
fn a_faillog_is_one_under_any_name() {
    let files: u64 = std::env::var("LOGINREC_FILES").map_or(50, |n| n.parse().unwrap());
    let mut open = 0;
    for (size, is_big) in
        [(20, false), (20, true), (24, false), (24, true), (28, false), (32, false), (32, true)]
    {
        let layout = faillog_of(size, is_big);
        for seed in 0..files {
            let data = a_faillog(&mut Rng::new(seed * 31 + size as u64), size, is_big);
            for name in ["x.bin", "faillog"] {
                let found = detect_with(&data, &Hints::new().file_name(name));
                let at = format!("{} seed {seed} {name}: {}", layout.name, explain(&found));
                assert!(found.layout().is_some_and(Layout::is_failures), "{at}");
                match found.verdict() {
                    Verdict::Recognized => assert!(reads_as(&found, layout), "{at}"),
                    _ => {
                        // Slots whose places are multiples of two sizes fit both.
                        assert!(found.ties().iter().any(|c| c.layout == layout), "{at}");
                        open += 1;
                    }
                }
            }
        }
    }
    // One used record, whose time is a date in both byte orders.
    println!("of {}, the byte order of {open} is open", files * 14);
    assert!(open <= files, "{open}");
}

/// Failures as the platform writes them, by role.
fn made(layout: &Layout, rng: &mut Rng) -> Vec<u8> {
    let by_uid = layout.container == loginrec::Container::Slots;
    let mut data = Vec::new();
    for _ in 0..1 + rng.below(8) {
        if by_uid {
            data.resize(data.len() + layout.size * rng.index(300), 0);
        }
        let mut entry = Entry::new(layout.platform);
        entry.ut_tv.tv_sec = 946_684_800 + rng.below(836_315_200) as i64;
        let lines = ["tty1", "ttyC0", "ttyp3", "pts/7"];
        let hosts = ["192.0.2.7", "gw.example.com", "2001:db8::12"];
        let is_remote = rng.below(2) == 0;
        let text = if is_remote { rng.pick(&hosts) } else { rng.pick(&lines) };
        let mut failures = Failures { count: 1 + rng.below(9) as i64, ..Failures::default() };
        if layout.has(Role::Status) {
            failures.count = 0;
            failures.status = 1 | if is_remote { 2 } else { 4 };
        }
        if layout.has(Role::Limit) {
            failures.max = [0, 5][rng.index(2)];
        }
        match layout.field(Role::Source).is_some() && is_remote {
            true => entry.ut_host = Text::new(text.as_bytes()),
            false => entry.ut_line = Text::new(rng.pick(&lines).as_bytes()),
        }
        if layout.field(Role::Host).is_some() && is_remote {
            entry.ut_host = Text::new(text.as_bytes());
        }
        entry.failures = Some(failures);
        data.extend(layout.encode(&entry).unwrap());
    }
    data
}

/// The rows of the table in docs/detection.md about failures.
#[test]
fn every_layout_of_failures() {
    let files: u64 = std::env::var("LOGINREC_FILES").map_or(60, |n| n.parse().unwrap());
    for named in [true, false] {
        let (mut right, mut ambiguous) = (0u32, 0u32);
        for layout in formats::LAYOUTS.iter().filter(|layout| layout.is_failures()) {
            let (_, path) = layout.paths().next().unwrap();
            let own = path.rsplit('/').next().unwrap().replace('*', "alice");
            for seed in 0..files {
                let data = made(layout, &mut Rng::new(seed * 131 + layout.size as u64));
                let name = if named { &own } else { "evidence.bin" };
                let found = detect_with(&data, &Hints::new().file_name(name));
                let at = format!("{} seed {seed} {name}: {}", layout.name, explain(&found));
                match found.verdict() {
                    Verdict::Recognized if reads_as(&found, layout) => right += 1,
                    Verdict::Ambiguous if found.ties().iter().any(|c| c.layout == layout) => {
                        ambiguous += 1;
                    }
                    _ => panic!("{at}"),
                }
            }
        }
        println!("named {named}: right {right}, ambiguous {ambiguous}");
        assert!(ambiguous * 10 <= right, "{ambiguous} of {right}");
    }
}

/// Files of our corpus under neutral names and their own, as the atlas calls them.
#[test]
fn files_of_failures_are_recognized() {
    let Some(folder) = shared("corpus/more") else { return };
    let index = std::fs::read_to_string(folder.join("INDEX.tsv")).unwrap();
    let mut files = 0;
    for row in index.lines().skip(1) {
        let mut cells = row.split('\t');
        let (file, atlas) = (cells.next().unwrap(), cells.next().unwrap());
        let data = std::fs::read(folder.join(file)).unwrap();
        let is_counted = ["faillo", "tallylog", "failedlogin"].iter().any(|w| atlas.contains(w));
        if !is_counted || data.iter().all(|&byte| byte == 0) {
            continue;
        }
        let (atlas, order) = atlas.rsplit_once('-').unwrap();
        let order = if order == "le" { "little" } else { "big" };
        let layout = formats::by_name(loginrec_testing::layout_of(atlas, order)).unwrap();
        for name in [file.rsplit('/').next().unwrap(), "x.bin"] {
            let found = detect_with(&data, &Hints::new().file_name(name));
            assert!(reads_as(&found, layout), "{file} {name}: {}", explain(&found));
        }
        files += 1;
    }
    assert!(files >= 20, "{files}");
}

/// A failedlogin of 32-bit OpenBSD without counts is a utmp byte for byte: the name decides.
#[test]
fn counts_of_zero_leave_a_log() {
    let failures = formats::by_name("openbsd-failedlogin-304-le").unwrap();
    let mut entry = Entry::new(failures.platform);
    entry.ut_line = Text::new(b"tty00");
    entry.ut_tv.tv_sec = 1_415_261_634;
    entry.failures = Some(Failures::default());
    let data = failures.encode(&entry).unwrap();
    let found = detect_with(&data, &Hints::new().file_name("failedlogin"));
    assert_eq!(found.layout(), Some(failures), "{}", explain(&found));
    for name in ["utmp", "wtmp.0", "x.bin"] {
        let found = detect_with(&data, &Hints::new().file_name(name));
        assert_eq!(found.layout().unwrap().name, "openbsd-utmp-304-le", "{name}");
    }
}

#[test]
fn the_kind_is_that_of_the_layout() {
    let data = a_faillog(&mut Rng::new(7), 32, false);
    let sample = loginrec::detect::Sample::whole(&data);
    let layout = detect(&data).layout().unwrap();
    assert_eq!(sample.kind(layout, &Hints::new()).kind, Some(FileKind::Failures));
    assert_eq!(FileKind::from_file_name("host7_faillog.1"), Some(FileKind::Failures));
    assert_eq!("failures".parse(), Ok(FileKind::Failures));
}
