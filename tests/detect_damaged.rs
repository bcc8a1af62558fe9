//! Files in which bytes were inserted, lost or edited, and files put together from others: every
//! whole record is read as what it is.
//!
//! `LOGINREC_FILES=1000` makes a thousand of each.
#![cfg(feature = "std")]

use std::collections::HashMap;

use loginrec::formats::{LAYOUTS, by_name};
use loginrec::open::OnAmbiguous;
use loginrec::{Container, Layout, OpenOptions};
use loginrec_testing::Rng;
use loginrec_testing::generate::synthesize;

#[derive(Clone, Copy, Debug)]
enum Damage {
    OneByteInserted,
    BytesInserted,
    BytesLost,
    Edited,
    ForeignBlock,
    SizesMixed,
    SizesInAnyOrder,
    TwoPlatforms,
}
use Damage::*;

/// A file and its whole records.
struct Damaged {
    layout: &'static str,
    data: Vec<u8>,
    whole: Vec<Vec<u8>>,
}

fn typed() -> Vec<&'static Layout> {
    let typed = |layout: &&Layout| {
        layout.container == Container::Array
            && !layout.platform.ut_types.is_empty()
            && !layout.name.contains("time64")
    };
    LAYOUTS.iter().filter(typed).collect()
}

fn records(layout: &Layout, n: usize, rng: &mut Rng) -> Vec<Vec<u8>> {
    // utmpx came to FreeBSD in 2010.
    let first = if layout.name.starts_with("freebsd-utx") { 1_300_000_000 } else { 1_100_000_000 };
    let start = first + rng.below(1_800_000_000 - first as u64) as i64;
    let file = synthesize(layout, n, start, rng);
    file.chunks_exact(layout.size).map(<[u8]>::to_vec).collect()
}

fn noise(len: usize, rng: &mut Rng) -> Vec<u8> {
    let mut bytes = vec![0; len];
    rng.fill(&mut bytes);
    bytes
}

fn damaged(damage: Damage, rng: &mut Rng) -> Damaged {
    let all = typed();
    let layout = match damage {
        SizesMixed | SizesInAnyOrder => {
            by_name(rng.pick(&["linux-glibc-384-le", "linux-glibc-384-be"])).unwrap()
        }
        _ => all[rng.index(all.len())],
    };
    let n = 10 + rng.index(50);
    let mut whole = records(layout, n, rng);
    let at = rng.index(n);
    let place = at * layout.size;
    let mut data = whole.concat();
    match damage {
        OneByteInserted | BytesInserted => {
            let most = if matches!(damage, OneByteInserted) { 1 } else { 40 };
            let len = 1 + rng.index(most);
            data.splice(place..place, noise(len, rng));
        }
        BytesLost => {
            let first = rng.index(layout.size);
            let len = 1 + rng.index(layout.size - first);
            data.drain(place + first..place + first + len);
            whole.remove(at);
        }
        Edited => {
            let edits = [(&b"alice"[..], &b"mallory"[..]), (b"jsmith", b"js")];
            let (old, new) = edits[rng.index(2)];
            let has = |record: &[u8]| record.windows(old.len()).any(|text| text == old);
            data = whole.iter().flat_map(|record| replaced(record, old, new)).collect();
            whole.retain(|record| !has(record));
        }
        ForeignBlock => {
            // If a file is mostly something else, only its name says that it is a log.
            let len = [512, 1024, 4096][rng.index(3)].min(data.len() / 2);
            let text = b"the quick brown fox jumps over the lazy dog\n".repeat(100);
            let block = if rng.below(2) == 0 { noise(len, rng) } else { text[..len].to_vec() };
            data.splice(place..place, block);
        }
        SizesMixed => {
            let wide = layout.name.replace("384", "400");
            let more = records(by_name(&wide).unwrap(), 1 + rng.index(n), rng);
            data.splice(place..place, more.concat());
            whole.extend(more);
        }
        SizesInAnyOrder => {
            let wide = layout.name.replace("384", "400");
            for record in records(by_name(&wide).unwrap(), 1 + rng.index(n), rng) {
                whole.insert(rng.index(whole.len() + 1), record);
            }
            data = whole.concat();
        }
        TwoPlatforms => {
            let other = |layout: &&&Layout| {
                layout.container == Container::Array
                    && layout.is_log()
                    && !layout.name.contains("time64")
            };
            let others: Vec<&Layout> = LAYOUTS.iter().filter(|l| other(&l)).collect();
            let other = others[rng.index(others.len())];
            let more = records(other, 10 + rng.index(40), rng);
            data.extend(more.concat());
            whole.extend(more);
        }
    }
    Damaged { layout: layout.name, data, whole }
}

/// Returns a record after `sed s/old/new/g`.
fn replaced(record: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = record;
    while let Some(at) = rest.windows(old.len()).position(|text| text == old) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(new);
        rest = &rest[at + old.len()..];
    }
    out.extend_from_slice(rest);
    out
}

/// The records that are read; `None` if the file is refused.
fn read(data: &[u8]) -> Option<Vec<Vec<u8>>> {
    let options = OpenOptions::new().on_ambiguous(OnAmbiguous::BestGuess);
    let log = options.from_reader(data).ok()?;
    let mut chunks = log.chunks();
    let mut found = Vec::new();
    while let Some(records) = chunks.next_chunk().unwrap() {
        found.extend(records.flatten().map(|record| record.bytes().to_vec()));
    }
    Some(found)
}

/// The rows of the table in docs/detection.md about damaged files.
#[test]
fn whole_records_of_damaged_files() {
    let files: u64 = std::env::var("LOGINREC_FILES").map_or(60, |n| n.parse().unwrap());
    let mut all_right = true;
    println!("{:16} {:>8} {:>8} {:>8} {:>8}", "damage", "records", "read", "others", "refused");
    for damage in [
        OneByteInserted,
        BytesInserted,
        BytesLost,
        Edited,
        ForeignBlock,
        SizesMixed,
        SizesInAnyOrder,
        TwoPlatforms,
    ] {
        let (mut wanted, mut seen, mut others, mut refused) = (0usize, 0usize, 0usize, 0u32);
        for seed in 0..files {
            let rng = &mut Rng::new(seed * 7 + 3);
            let Damaged { layout, data, whole } = damaged(damage, rng);
            wanted += whole.len();
            let Some(found) = read(&data) else {
                println!("{damage:?} seed {seed}: {layout} refused, {} bytes", data.len());
                refused += 1;
                continue;
            };
            let mut left: HashMap<Vec<u8>, usize> = HashMap::new();
            whole.into_iter().for_each(|record| *left.entry(record).or_default() += 1);
            for record in &found {
                match left.get_mut(record).filter(|count| **count > 0) {
                    Some(count) => {
                        *count -= 1;
                        seen += 1;
                    }
                    None => others += 1,
                }
            }
            let missing: usize = left.values().sum();
            if missing > 0 && files < 100 {
                println!("{damage:?} seed {seed}: {layout}, {missing} missing");
            }
        }
        let name = format!("{damage:?}");
        println!("{name:16} {wanted:8} {seen:8} {others:8} {refused:8}");
        // A file of few records in which damage stands in the middle may look like none.
        let (most_refused, least_seen) = if matches!(damage, Edited) { (1, 94) } else { (1, 97) };
        all_right &= u64::from(refused) * 100 <= files * most_refused;
        all_right &= seen * 100 >= wanted * least_seen;
    }
    assert!(all_right);
}
