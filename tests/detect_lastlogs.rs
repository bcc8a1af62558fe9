//! Detection of lastlogs: few slots in use, with little in them.
//!
//! `LOGINREC_FILES=1000` makes a thousand of each layout.

use loginrec::detect::{Detection, Hints, Verdict, detect, detect_with};
use loginrec::{Container, Entry, Layout, Text, formats};
use loginrec_testing::Rng;

/// Lines as login programs of many systems wrote them.
const LINES: &[&str] = &[
    "tty1", "tty7", "ttyS0", "ttyp0", "ttyv0", "ttyC0", "console", "hvc0", "pts/0", "pts/12",
    "pts/0",
];
const ODD_LINES: &[&str] =
    &[":0", "ssh", "cron", "xvc0", "gdm", "lxc/tty1", "tts/0", "web console", "0", "sclp_line0"];
const HOSTS: &[&str] = &["", "192.0.2.7", "gw.example.com", "2001:db8::12", "localhost"];

fn layouts() -> impl Iterator<Item = &'static Layout> {
    let slots = |layout: &&Layout| layout.is_lastlog() && layout.container == Container::Slots;
    formats::LAYOUTS.iter().filter(slots)
}

/// A lastlog and the times in it.
struct Made {
    data: Vec<u8>,
    times: Vec<i64>,
    has_lines: bool,
}

fn pick<'a>(list: &[&'a str], rng: &mut Rng) -> &'a str {
    list[rng.below(list.len() as u64) as usize]
}

fn slot(layout: &Layout, time: i64, line: &str, host: &str) -> Vec<u8> {
    let mut entry = Entry::new(layout.platform);
    let fit = |text: &str, role| {
        let most = layout.field(role).map_or(0, |field| field.len);
        text.as_bytes()[..text.len().min(most)].to_vec()
    };
    let line = fit(line, loginrec::layout::Role::Line);
    let host = fit(host, loginrec::layout::Role::Host);
    entry.ut_line = Text::new(&line);
    entry.ut_host = Text::new(&host);
    entry.ut_tv.tv_sec = time;
    layout.encode(&entry).unwrap()
}

fn made(layout: &Layout, rng: &mut Rng) -> Made {
    let used = 1 + rng.below(5);
    let era = rng.below(7);
    let lines = rng.below(6);
    let mut made = Made { data: Vec::new(), times: Vec::new(), has_lines: false };
    for _ in 0..used {
        let uid = match rng.below(8) {
            0..5 => [0, 1000, 1001, 500, 33, 100, 1, 2, 1002, 501][rng.below(10) as usize],
            5 | 6 => rng.below(3000),
            _ => rng.below(30_000),
        } as usize;
        if made.data.chunks(layout.size).nth(uid).is_some_and(|slot| slot.iter().any(|b| *b != 0)) {
            continue; // has logged in already
        }
        let time = match era {
            0 => 1 + rng.below(400),
            1 => 1 + rng.below(86_400),
            2 => 1 + rng.below(946_684_800),
            _ => 946_684_800 + rng.below(836_315_200),
        } as i64;
        let line = match lines {
            0 => "",
            1 => pick(ODD_LINES, rng),
            _ => pick(LINES, rng),
        };
        let bare = line.is_empty() || rng.below(8) == 0;
        let (line, host) =
            if bare && rng.below(2) == 0 { ("", "") } else { (line, pick(HOSTS, rng)) };
        made.times.push(time);
        made.has_lines |= !line.is_empty();
        let (start, end) = (uid * layout.size, (uid + 1) * layout.size);
        if made.data.len() < end {
            made.data.resize(end, 0);
        }
        made.data[start..end].copy_from_slice(&slot(layout, time, line, host));
    }
    made
}

/// Whether every time is a date in both byte orders. Without lines, 64-bit times of NetBSD look like
/// 32-bit ones of Linux libc5.
fn is_tie(layout: &Layout, made: &Made) -> bool {
    let swapped = |time: &i64| i64::from((*time as i32).swap_bytes());
    (layout.has_32bit_time() || layout.size == 32)
        && made.times.iter().all(|time| (1..2_000_000_000).contains(&swapped(time)))
}

fn named(name: &str) -> Hints<'_> {
    Hints::new().file_name(name)
}

fn reads_as(found: &Detection, layout: &Layout) -> bool {
    let same = |c: &&loginrec::detect::Candidate| c.layout == layout && c.same_reading;
    found.layout() == Some(layout) || found.candidates().iter().any(|c| same(&c))
}

#[derive(Default, Debug)]
struct Count {
    right: u32,
    ambiguous: u32,
    refused: u32,
    wrong: u32,
}

impl Count {
    fn add(&mut self, found: &Detection, layout: &Layout) {
        let count = match found.verdict() {
            Verdict::Recognized if reads_as(found, layout) => &mut self.right,
            Verdict::Recognized => &mut self.wrong,
            Verdict::Ambiguous if found.ties().iter().any(|tie| tie.layout == layout) => {
                &mut self.ambiguous
            }
            // A layout that reads the same stands for it, as Linux for Tru64.
            Verdict::Ambiguous if reads_as(found, layout) => &mut self.ambiguous,
            Verdict::Ambiguous => &mut self.wrong,
            _ => &mut self.refused,
        };
        *count += 1;
    }
}

fn explain(found: &Detection) -> String {
    let candidates = found.candidates().iter().take(4);
    let names: Vec<String> =
        candidates.map(|c| format!("{} {} {}", c.layout.name, c.score, c.same_reading)).collect();
    format!("{:?}: {}", found.verdict(), names.join(", "))
}

/// The rows of the table in docs/detection.md about lastlogs.
#[test]
fn few_slots_in_use() {
    let files: u64 = std::env::var("LOGINREC_FILES").map_or(60, |n| n.parse().unwrap());
    let (mut alone, mut beside, mut neutral) =
        (Count::default(), Count::default(), Count::default());
    let (mut sizes, mut widths) = (0, 0);
    for layout in layouts() {
        for seed in 0..files {
            let rng = &mut Rng::new(seed * 7919 + layout.size as u64);
            let made = made(layout, rng);
            let found = detect_with(&made.data, &named("lastlog"));
            alone.add(&found, layout);
            let at = format!("{} seed {seed} {:?}", layout.name, made.times);
            if found.verdict() == Verdict::Ambiguous {
                let ties = found.ties();
                let other = |is: fn(&Layout, &Layout) -> bool| {
                    ties.iter().any(|tie| is(tie.layout, layout))
                };
                // User 73 of a slot of 292 bytes is 72 of one of 296.
                let is_size = other(|tie, layout| tie.size != layout.size);
                // A slot of NetBSD is one of Linux libc5 if it has no line.
                let is_width = other(|tie, layout| tie.has_32bit_time() != layout.has_32bit_time());
                sizes += u32::from(is_size);
                widths += u32::from(is_width);
                assert!(!is_width || is_size || !made.has_lines, "{at}: {}", explain(&found));
                assert!(is_tie(layout, &made) || is_size || is_width, "{at}: {}", explain(&found));
                let is_little = |l: &Layout| l.name.ends_with("-le");
                let both = ties.iter().any(|tie| is_little(tie.layout));
                assert!(
                    is_size || is_width || !both || is_little(found.layout().unwrap()),
                    "{at}: {}",
                    explain(&found)
                );
            } else if !reads_as(&found, layout) {
                println!("{at}: {}", explain(&found));
            }
            // A log with a type of the same machine.
            let sibling = formats::LAYOUTS.iter().find(|other| {
                other.container != Container::Slots
                    && other.platform.system == layout.platform.system
                    && other.endian == layout.endian
                    && other.has_32bit_time() == layout.has_32bit_time()
            });
            if sibling.is_some() {
                let hints =
                    sibling.map_or(named("lastlog"), |layout| named("lastlog").sibling(layout));
                let found = detect_with(&made.data, &hints);
                beside.add(&found, layout);
                if !reads_as(&found, layout) {
                    println!("beside {at}: {}", explain(&found));
                }
            }
            let found = detect_with(&made.data, &named("evidence.bin"));
            let wrong = neutral.wrong;
            neutral.add(&found, layout);
            if neutral.wrong > wrong {
                println!("neutral {at}: {}", explain(&found));
            }
        }
    }
    println!("called lastlog, alone:         {alone:?}");
    println!("called lastlog, beside a wtmp: {beside:?}");
    println!("under a neutral name:          {neutral:?}");
    println!("of the ambiguous, by size:     {sizes}");
    println!("by the width of the time:      {widths}");
    assert!(sizes <= alone.right / 200 + 1, "{sizes} of {}", alone.right);
    assert!(widths <= alone.right / 30, "{widths} of {}", alone.right);
    assert_eq!((alone.refused, alone.wrong), (0, 0));
    assert_eq!((beside.refused, beside.wrong), (0, 0));
    assert_eq!(neutral.wrong, 0);
}

/// Slots that a cleaner wiped, that a disk filled with ones, or that have a line nobody knows.
#[test]
fn odd_slots() {
    for layout in layouts() {
        let size = layout.size;
        let host = layout.field(loginrec::layout::Role::Host).unwrap().offset;
        let line = layout.field(loginrec::layout::Role::Line).unwrap().offset;
        let mut data = vec![0; size * 60];
        let login = slot(layout, 1_682_861_823, "pts/2", "192.0.2.1");
        data[3 * size..4 * size].copy_from_slice(&login);
        let mut wiped = login.clone();
        wiped[..line].fill(0);
        (wiped[line], wiped[host]) = (0, 0);
        for other in [wiped, vec![0xff; size]] {
            data[59 * size..60 * size].copy_from_slice(&other);
            let found = detect_with(&data, &named("lastlog"));
            assert!(reads_as(&found, layout), "{}: {}", layout.name, explain(&found));
        }
    }
}

#[test]
fn nobody_has_logged_in() {
    let zeros = vec![0; 292 * 120];
    for name in ["lastlog", "host7.lastlog.1", "LASTLOG", "faillog", "tallylog"] {
        let found = detect_with(&zeros, &named(name));
        assert_eq!(found.verdict(), Verdict::Empty, "{name}");
    }
    for name in ["wtmp", "x.bin"] {
        assert_eq!(detect_with(&zeros, &named(name)).verdict(), Verdict::NotRecognized, "{name}");
    }
    assert_eq!(detect(&zeros).verdict(), Verdict::NotRecognized);
}

/// FreeBSD's list of last logins has no slots: a piece shorter than a record of it is not read as
/// slots because of its name.
#[test]
fn a_cut_list_of_last_logins() {
    // Both files have the same records.
    let whole = std::fs::read("fixtures/freebsd-utx/utx.active").unwrap();
    for len in 1..197 {
        let found = detect_with(&whole[..len], &named("utx.lastlogin"));
        assert!(found.layout().is_none(), "{len} bytes: {}", explain(&found));
    }
}
