//! Records hidden in other data are found again, and nothing else is.
//!
//! For every layout the records of its fixtures and made-up ones lie at odd places of an
//! image: as runs, cut at blocks of 4096 bytes, and alone, among random bytes, text, zeros
//! and parts of this machine's programs. The hidden places are the expected values.

use std::collections::BTreeMap;

use loginrec::carve::{Carver, Scanner};
use loginrec::formats::{LAYOUTS, by_name};
use loginrec::layout::Role;
use loginrec::{Container, Entry, Layout, UtType};
use loginrec_testing::generate::background::{Background, Filler};
use loginrec_testing::generate::synthesize;
use loginrec_testing::{KnownFile, Rng, fixtures};

/// The data in which records are hidden.
const GROUNDS: [Background; 4] =
    [Background::Random, Background::Text, Background::Zeros, Background::Programs];

/// How they lie there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Lie {
    Run,
    Blocks,
    Single,
}

const LIES: [Lie; 3] = [Lie::Run, Lie::Blocks, Lie::Single];

/// A hidden record.
#[derive(Clone, Copy, Debug)]
struct Hidden {
    offset: u64,
    len: usize,
    lie: Lie,
}

/// An image and what is in it.
struct Image {
    bytes: Vec<u8>,
    hidden: Vec<Hidden>,
    /// The ranges in which records were hidden.
    regions: Vec<(u64, u64)>,
}

/// The records of a file with where they lie: place and length, with the length prefix.
/// Unused ones are not counted, nor what the fixtures have of damage: types that do not
/// exist, times no calendar has.
fn places(layout: &'static Layout, file: &[u8]) -> Vec<(usize, usize)> {
    let prefix = if layout.container == Container::LengthPrefixed { 2 } else { 0 };
    let sane = |entry: Entry<'_>| {
        let unknown =
            is_typed(layout) && matches!(entry.ut_type(), UtType::Unknown | UtType::Empty);
        !entry.is_unset() && !unknown && entry.time().is_some()
    };
    let used = layout.records(file).flatten().filter(|r| sane(r.entry()));
    used.map(|r| (r.offset() as usize, prefix + r.bytes().len())).collect()
}

/// Hides `files` of one layout.
fn hide(layout: &'static Layout, files: &[Vec<u8>], filler: &mut Filler, rng: &mut Rng) -> Image {
    let mut image = Image { bytes: Vec::new(), hidden: Vec::new(), regions: Vec::new() };
    for file in files {
        let places = places(layout, file);
        for lie in LIES {
            // Something before that ends anywhere.
            let gap = 701 + rng.below(3000) as usize;
            image.bytes.extend(filler.take(gap));
            match lie {
                Lie::Run => image.put(file, &places, lie, 0, file.len()),
                // Blocks of a file system, anywhere on the disk, whole records and halves.
                Lie::Blocks => {
                    for start in (0..file.len()).step_by(4096) {
                        let to_block = image.bytes.len().next_multiple_of(512);
                        let gap = to_block - image.bytes.len() + 1024;
                        image.bytes.extend(filler.take(gap));
                        image.put(file, &places, lie, start, (start + 4096).min(file.len()));
                    }
                }
                Lie::Single => {
                    for &(at, len) in &places {
                        if rng.below(4) > 0 {
                            continue;
                        }
                        image.put(file, &places, lie, at, at + len);
                        let gap = 1 + rng.below(1500) as usize;
                        image.bytes.extend(filler.take(gap));
                    }
                }
            }
        }
    }
    image.bytes.extend(filler.take(3000));
    image
}

impl Image {
    /// Puts a part of a file in; records that are whole in it are hidden there.
    fn put(&mut self, file: &[u8], places: &[(usize, usize)], lie: Lie, from: usize, to: usize) {
        let base = self.bytes.len();
        for &(at, len) in places.iter().filter(|(at, len)| *at >= from && at + len <= to) {
            self.hidden.push(Hidden { offset: (base + at - from) as u64, len, lie });
        }
        self.regions.push((base as u64, (base + to - from) as u64));
        self.bytes.extend(&file[from..to]);
    }
}

/// Found: where, as what, how long.
type Found = (u64, &'static str, Vec<u8>);

fn carve(scanner: &Scanner, bytes: &[u8]) -> Vec<Found> {
    let mut found = Vec::new();
    let mut carver = Carver::new(scanner.clone());
    for piece in bytes.chunks(1 << 20) {
        carver.push(piece, |hit| found.push(of(hit)));
    }
    carver.finish(|hit| found.push(of(hit)));
    found
}

fn of(hit: loginrec::carve::Hit<'_>) -> Found {
    (hit.record.offset(), hit.record.layout().name, hit.record.bytes().to_vec())
}

/// Whether a hidden record was read as what it is: under its name, or under one that reads
/// every field the same (`linux-utmps-400-le` has the bytes of `linux-glibc-400-le`, which are
/// those of `linux-musl-396-le` and four zeros).
fn is_right(layout: &'static Layout, hidden: &[u8], (_, name, bytes): &Found) -> bool {
    let named = by_name(name).unwrap();
    let fields = |layout: &Layout, bytes: &[u8]| {
        let e = layout.decode(bytes);
        let numbers = (e.ut_type(), e.ut_tv, e.ut_pid, e.ut_session, e.addr());
        let texts = [e.ut_user, e.ut_line, e.ut_host].map(|t| t.as_bytes().to_vec());
        (numbers, texts)
    };
    let same_name = *name == layout.name && bytes == hidden;
    // The damaged forms of glibc's records lie among proper ones of the same size.
    let damaged = name.contains("time64") && bytes == hidden;
    same_name || damaged || fields(named, bytes) == fields(layout, hidden)
}

/// How one layout fared.
#[derive(Clone, Copy, Debug, Default)]
struct Score {
    hidden: u32,
    found: u32,
}

impl Score {
    fn percent(self) -> f64 {
        100.0 * f64::from(self.found) / f64::from(self.hidden.max(1))
    }

    fn add(&mut self, other: Score) {
        self.hidden += other.hidden;
        self.found += other.found;
    }
}

fn is_typed(layout: &Layout) -> bool {
    layout.field(Role::Type).is_some()
}

/// Its fixtures and three made-up files.
fn files(layout: &'static Layout) -> Vec<Vec<u8>> {
    let named = |sample: &&KnownFile| sample.layout == layout.name;
    let mut files: Vec<Vec<u8>> = fixtures().iter().filter(named).map(|s| s.bytes()).collect();
    for (seed, start) in [(1, 1_400_000_000), (2, 1_700_000_000)] {
        files.push(synthesize(layout, 60, start, &mut Rng::new(seed)));
    }
    files
}

/// Every record of every layout with every ground; prints the table of docs/carve.md.
#[test]
fn hidden_records_are_found() {
    // A test of each layout against all others at once: nothing is told of what is there.
    let all = Scanner::default();
    let mut table: BTreeMap<&str, BTreeMap<Lie, Score>> = BTreeMap::new();
    let mut false_hits: BTreeMap<&str, u32> = BTreeMap::new();
    for layout in LAYOUTS.iter().filter(|l| !l.is_lastlog() && !l.name.contains("time64")) {
        let files = files(layout);
        for (number, ground) in (0..).zip(GROUNDS) {
            let Some(mut filler) = Filler::new(ground, 77 + number) else { continue };
            let mut rng = Rng::new(number + 1);
            let image = hide(layout, &files, &mut filler, &mut rng);
            let found = carve(&all, &image.bytes);
            assert!(found.is_sorted_by_key(|(offset, ..)| *offset), "{}", layout.name);
            let prefix = if layout.container == Container::LengthPrefixed { 2 } else { 0 };
            let scores = table.entry(layout.name).or_default();
            for hidden in &image.hidden {
                let from = hidden.offset as usize;
                let record = &image.bytes[from + prefix..from + hidden.len];
                let here = found.partition_point(|(offset, ..)| *offset < hidden.offset);
                let here = found.get(here).filter(|(offset, ..)| *offset == hidden.offset);
                let found = here.is_some_and(|found| is_right(layout, record, found));
                let score = Score { hidden: 1, found: u32::from(found) };
                if !found && std::env::var_os("LOGINREC_SHOW").is_some() {
                    let name = here.map(|(_, name, _)| *name);
                    eprintln!(
                        "{}: {ground:?}: missed {hidden:?} {name:?} {:?}",
                        layout.name,
                        layout.decode(record)
                    );
                }
                scores.entry(hidden.lie).or_default().add(score);
            }
            for (offset, name, bytes) in &found {
                // Pieces of records were hidden too, at the ends of blocks.
                let end = offset + bytes.len() as u64;
                let touches = |(from, to): &(u64, u64)| *offset < *to && end > *from;
                // An unused record between used ones was not hidden.
                if !image.regions.iter().any(touches) && bytes.iter().any(|b| *b != 0) {
                    *false_hits.entry(layout.name).or_default() += 1;
                    if std::env::var_os("LOGINREC_SHOW").is_some() {
                        let near = image.hidden.iter().rev().find(|h| h.offset <= *offset);
                        eprintln!(
                            "{}: {ground:?}: false {name} at {offset}; {near:?}",
                            layout.name
                        );
                    }
                }
            }
        }
    }
    print(&table, &false_hits);
    let mut every = Score::default();
    for (name, scores) in table.iter().filter(|(name, _)| is_typed(by_name(name).unwrap())) {
        let mut in_runs = scores[&Lie::Run];
        in_runs.add(scores[&Lie::Blocks]);
        assert!(in_runs.percent() >= 99.0, "{name}: {:.2} % in runs", in_runs.percent());
        let alone = scores[&Lie::Single];
        assert!(alone.percent() >= 75.0, "{name}: {:.2} % alone", alone.percent());
        every.add(in_runs);
        every.add(alone);
    }
    println!("typed layouts: {:.2} % of {} records", every.percent(), every.hidden);
    assert!(every.percent() >= 99.0, "{:.2} %", every.percent());
}

fn print(table: &BTreeMap<&str, BTreeMap<Lie, Score>>, false_hits: &BTreeMap<&str, u32>) {
    println!(
        "{:<24} {:>8} {:>8} {:>8} {:>8} {:>6}",
        "layout", "hidden", "runs", "blocks", "alone", "false"
    );
    for (name, scores) in table {
        let hidden: u32 = scores.values().map(|score| score.hidden).sum();
        let percent = |lie| scores.get(&lie).map_or(0.0, |s: &Score| s.percent());
        println!(
            "{name:<24} {hidden:>8} {:>7.2}% {:>7.2}% {:>7.2}% {:>6}",
            percent(Lie::Run),
            percent(Lie::Blocks),
            percent(Lie::Single),
            false_hits.get(name).copied().unwrap_or(0),
        );
    }
}

/// Nothing is found where nothing was hidden. `LOGINREC_GIB` says how much of each ground
/// to look at, in GiB; without it 24 MiB.
#[test]
fn nothing_is_found_in_other_data() {
    let gib: f64 = std::env::var("LOGINREC_GIB").map_or(24.0 / 1024.0, |n| n.parse().unwrap());
    let total = (gib * f64::from(1 << 30)) as usize;
    let typed = Scanner::new(LAYOUTS.iter().filter(|l| is_typed(l)));
    let all = Scanner::default();
    for ground in GROUNDS {
        let Some(mut filler) = Filler::new(ground, 99) else { continue };
        let mut carvers = [Carver::new(typed.clone()), Carver::new(all.clone())];
        let mut hits = [0, 0];
        for _ in 0..total.div_ceil(4 << 20) {
            let piece = filler.take(4 << 20);
            for (carver, hits) in carvers.iter_mut().zip(&mut hits) {
                carver.push(&piece, |hit| {
                    eprintln!("{ground:?}: {:?}: {} bits", hit.record, hit.confidence);
                    *hits += 1;
                });
            }
        }
        let [typed, every] = hits;
        println!(
            "{ground:?}: {} MiB: {typed} false hits of typed layouts, {every} of all",
            total >> 20
        );
        assert!(f64::from(typed) <= gib.ceil(), "{ground:?}: {typed} false hits");
    }
}

/// The hits do not depend on how the image is cut into pieces.
#[test]
fn pieces_make_no_difference() {
    let layout = by_name("netbsd-utmpx-520-be").unwrap();
    let log = by_name("freebsd-utx-log").unwrap();
    let mut filler = Filler::new(Background::Random, 5).unwrap();
    let mut rng = Rng::new(5);
    let mut image = hide(layout, &files(layout), &mut filler, &mut rng).bytes;
    image.extend(hide(log, &files(log), &mut filler, &mut rng).bytes);
    let scanner = Scanner::default();
    let all = |piece: usize| {
        let mut found = Vec::new();
        let mut carver = Carver::new(scanner.clone());
        for piece in image.chunks(piece) {
            carver.push(piece, |hit| found.push((of(hit), hit.run, hit.confidence)));
        }
        carver.finish(|hit| found.push((of(hit), hit.run, hit.confidence)));
        found
    };
    let whole = all(image.len());
    assert!(whole.len() > 300, "{}", whole.len());
    for piece in [777, 4096, 65_537] {
        assert_eq!(all(piece), whole, "{piece}");
    }
}

/// Holes are skipped, and hits after them have the right offset.
#[test]
fn holes_are_zeros() {
    let layout = by_name("linux-glibc-384-le").unwrap();
    let file = synthesize(layout, 20, 1_600_000_000, &mut Rng::new(9));
    let hole: usize = 3 << 20;
    let mut carver = Carver::new(Scanner::new([layout]));
    let mut found = Vec::new();
    let mut note = |hit: loginrec::carve::Hit<'_>| found.push(hit.record.offset());
    carver.push(&file, &mut note);
    carver.skip(hole as u64, &mut note);
    carver.skip(100, &mut note);
    carver.push(&file, &mut note);
    carver.skip(1 << 40, &mut note);
    carver.push(&file, &mut note);
    carver.finish(&mut note);
    let starts = [0, file.len() + hole + 100, 2 * file.len() + hole + 100 + (1 << 40)];
    let places = starts.iter().flat_map(|start| (0..20).map(move |i| (start + 384 * i) as u64));
    assert_eq!(found, places.collect::<Vec<u64>>());
}

/// Slots of a lastlog only where they are asked for.
#[test]
fn lastlog_on_request() {
    let layout = by_name("linux-lastlog-292-le").unwrap();
    let file = synthesize(layout, 200, 1_600_000_000, &mut Rng::new(3));
    let mut filler = Filler::new(Background::Random, 8).unwrap();
    let image = [filler.take(1001), file.clone(), filler.take(999)].concat();
    assert!(carve(&Scanner::default(), &image).iter().all(|(_, name, _)| *name != layout.name));
    let found = carve(&Scanner::new([layout]), &image);
    let slots = found.iter().filter(|(offset, ..)| (offset - 1001) % 292 == 0).count();
    let used = layout.records(&file).flatten().count();
    assert!(slots * 10 >= used * 9, "{slots} of {used}");
}

/// Any bytes, any pieces: no panic, and every hit is a record that is there.
#[test]
fn hostile_bytes() {
    let mut rng = Rng::new(1);
    let scanner = Scanner::new(LAYOUTS);
    for round in 0..40 {
        let mut image = vec![0; 20_000];
        // Small numbers, letters and zeros, of which records are made, in patterns.
        let alphabet: Vec<u8> =
            (0..6).map(|_| b"\0\0\x01\x07ty~s/0\xff"[rng.below(11) as usize]).collect();
        let period = 1 + rng.below(700) as usize;
        for at in 0..image.len() {
            image[at] = match at.checked_sub(period) {
                Some(before) if round % 2 == 0 => image[before],
                _ => alphabet[rng.below(6) as usize],
            };
        }
        let mut carver = Carver::new(scanner.clone()).min_confidence(i32::MIN);
        let mut last = 0;
        let mut check = |hit: loginrec::carve::Hit<'_>| {
            let at = hit.record.offset() as usize;
            assert!(at >= last && at < image.len());
            last = at;
            let prefix =
                usize::from(hit.record.layout().container == Container::LengthPrefixed) * 2;
            assert_eq!(&image[at + prefix..][..hit.record.bytes().len()], hit.record.bytes());
        };
        for piece in image.chunks(1 + rng.below(9000) as usize) {
            carver.push(piece, &mut check);
        }
        carver.finish(&mut check);
    }
}
