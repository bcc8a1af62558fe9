//! Expected places are computed from how the data was built, not from what is read.

use std::vec::Vec;
use std::{format, fs, println};

use super::{Segment, Segments};
use crate::container::Container;
use crate::formats::{LAYOUTS, by_name};
use crate::layout::Layout;

fn fixture(layout: &str) -> Option<Vec<u8>> {
    let folder = format!("fixtures/{layout}");
    ["wtmp", "wtmpx", "utx.log"].iter().find_map(|name| fs::read(format!("{folder}/{name}")).ok())
}

/// Returns where records begin, and of which layout.
fn starts(layout: &'static Layout, data: &[u8]) -> Vec<(usize, &'static str)> {
    let mut all = Vec::new();
    for segment in Segments::new(layout, layout, data) {
        if let Segment::Records { layout, range } = segment {
            all.extend(range.step_by(layout.size).map(|at| (at, layout.name)));
        }
    }
    all
}

fn typed() -> impl Iterator<Item = (&'static Layout, Vec<u8>)> {
    let typed = |layout: &&Layout| {
        layout.container == Container::Array
            && !layout.platform.ut_types.is_empty()
            && !layout.is_variant
    };
    LAYOUTS.iter().filter(typed).filter_map(|layout| Some((layout, fixture(layout.name)?)))
}

#[test]
fn whole_files_are_one_run() {
    let mut files = 0;
    for (layout, data) in typed() {
        let whole = data.len() / layout.size * layout.size;
        let found: Vec<_> = Segments::new(layout, layout, &data).collect();
        assert_eq!(found, [Segment::Records { layout, range: 0..whole }], "{}", layout.name);
        files += 1;
    }
    assert!(files > 30, "{files}");
}

#[test]
fn inserted_bytes_cost_no_record() {
    let (mut wanted, mut seen) = (0, 0);
    for (layout, data) in typed() {
        let count = data.len() / layout.size;
        for (at, bytes) in [(1, 1), (count / 2, 7), (count / 3, 513), (count - 2, 30)] {
            let mut damaged = data.clone();
            let place = at * layout.size;
            damaged.splice(place..place, (0..bytes).map(|i| (i * 37 + 5) as u8));
            let expected: Vec<_> = (0..count)
                .map(|i| (i * layout.size + if i >= at { bytes } else { 0 }, layout.name))
                .collect();
            let found = starts(layout, &damaged);
            wanted += expected.len();
            let hits = expected.iter().filter(|start| found.contains(start)).count();
            seen += hits;
            if hits < expected.len() || found.len() > expected.len() {
                println!("{} +{bytes} at {at}/{count}: {hits}, {} found", layout.name, found.len());
            }
        }
    }
    println!("inserted: {seen} of {wanted}");
    assert!(wanted > 1500 && seen * 100 >= wanted * 98, "{seen} of {wanted}");
}

#[test]
fn lost_bytes_cost_one_record() {
    let (mut wanted, mut seen) = (0, 0);
    for (layout, data) in typed() {
        let count = data.len() / layout.size;
        for (at, bytes) in [(1, 1), (count / 2, 30), (count / 3, 200), (0, 57)] {
            let mut damaged = data.clone();
            let place = at * layout.size + layout.size / 3;
            damaged.drain(place..place + bytes.min(layout.size * 2 / 3));
            let expected: Vec<_> = (0..count)
                .filter(|i| *i != at)
                .map(|i| {
                    (
                        i * layout.size - if i > at { bytes.min(layout.size * 2 / 3) } else { 0 },
                        layout.name,
                    )
                })
                .collect();
            let found = starts(layout, &damaged);
            wanted += expected.len();
            let hits = expected.iter().filter(|start| found.contains(start)).count();
            seen += hits;
            if hits < expected.len() {
                println!("{} -{bytes} at {at}/{count}: {hits}, {} found", layout.name, found.len());
            }
        }
    }
    println!("lost: {seen} of {wanted}");
    assert!(wanted > 1500 && seen * 100 >= wanted * 98, "{seen} of {wanted}");
}

#[test]
fn two_platforms_in_one_file() {
    let all: Vec<_> = typed().collect();
    let (mut wanted, mut seen) = (0, 0);
    for (i, (one, first)) in all.iter().enumerate() {
        let (two, second) = &all[(i * 7 + 11) % all.len()];
        let data = [&first[..], &second[..]].concat();
        let found = starts(one, &data);
        let expected = (0..first.len() / one.size)
            .map(|i| (i * one.size, one.name))
            .chain((0..second.len() / two.size).map(|i| (first.len() + i * two.size, two.name)));
        let expected: Vec<_> = expected.collect();
        let hits = expected.iter().filter(|start| found.contains(start)).count();
        wanted += expected.len();
        seen += hits;
        if hits < expected.len() {
            println!("{} then {}: {hits} of {}", one.name, two.name, expected.len());
        }
    }
    println!("two platforms: {seen} of {wanted}");
    assert!(wanted > 800 && seen * 100 >= wanted * 94, "{seen} of {wanted}");
}

#[test]
fn records_of_400_among_384() {
    let (small, large) =
        (by_name("linux-glibc-384-le").unwrap(), by_name("linux-glibc-400-le").unwrap());
    let (a, b) = (fixture(small.name).unwrap(), fixture(large.name).unwrap());
    for (before, among) in [(1, 1), (2, 2), (5, 1), (7, 3), (9, 5)] {
        let (cut, more) = (before * 384, among * 400);
        let data = [&a[..cut], &b[..more], &a[cut..]].concat();
        let expected: Vec<_> = (0..before)
            .map(|i| (i * 384, small.name))
            .chain((0..among).map(|i| (cut + i * 400, large.name)))
            .chain((before..a.len() / 384).map(|i| (i * 384 + more, small.name)))
            .collect();
        assert_eq!(starts(small, &data), expected, "{before} {among}");
    }
}

#[test]
fn files_without_their_head() {
    let mut all = 0;
    for (layout, data) in typed() {
        for cut in [1, 57, layout.size / 2, layout.size - 1] {
            all += 1;
            let run = super::realigned(&data[cut..], false).unwrap();
            // Some records of the fixtures are odd; the rest is at its predicted offsets.
            let cut_off = layout.size - (cut % layout.size);
            assert_eq!(run.start % layout.size, cut_off % layout.size, "{} {cut}", layout.name);
        }
    }
    assert!(all > 100, "{all}");
}

#[test]
fn noise_has_no_runs() {
    let mut random = loginrec_testing::Rng::new(7);
    let mut next = || random.below(256) as u8;
    for kind in 0..6 {
        let mut noise: Vec<u8> = (0..100_000).map(|_| next()).collect();
        // Half of it zeros, as in programs.
        if kind % 2 == 0 {
            noise.iter_mut().filter(|byte| **byte < 160).for_each(|byte| *byte = 0);
        }
        assert!(super::realigned(&noise, false).is_none(), "{kind}");
        assert!(super::realigned(&noise, true).is_none(), "{kind}, called wtmp");
    }
}

/// The records of a log before a long text are found, and nothing of the text is taken for one.
#[test]
fn text_after_records_is_not_records() {
    for (layout, log) in typed().filter(|(layout, _)| layout.size > 100) {
        let line = b"Nov 30 12:26:01 gw sshd[33]: Failed password for root from 192.0.2.7\n";
        let data = [&log[..], &line.repeat(900)].concat();
        let found = super::realigned(&data, true).expect(layout.name);
        assert!(found.records.len() <= log.len() + layout.size, "{}", layout.name);
        assert!(found.records.windows(9).all(|part| part != b" password"), "{}", layout.name);
    }
}

/// A foreign block that is longer than the search for records reaches: none of it is a record.
#[test]
fn long_foreign_blocks_are_not_records() {
    let mut random = loginrec_testing::Rng::new(3);
    let noise: Vec<u8> = (0..150_001).map(|_| random.below(256) as u8).collect();
    let line = b"Nov 30 12:26:01 gw sshd[33]: Failed password for root from 192.0.2.7\n";
    let (mut wanted, mut seen) = (0, 0);
    for (layout, log) in typed() {
        let count = log.len() / layout.size;
        // Their lengths are no multiple of a record's: odd records in place would be kept.
        for block in [&noise[..], &line.repeat(1500)[1..]] {
            let place = count / 2 * layout.size;
            let mut damaged = log.clone();
            damaged.splice(place..place, block.iter().copied());
            let expected: Vec<_> = (0..count)
                .map(|i| i * layout.size + if i >= count / 2 { block.len() } else { 0 })
                .collect();
            let found: Vec<_> = starts(layout, &damaged).into_iter().map(|(at, _)| at).collect();
            let hits = expected.iter().filter(|start| found.contains(start)).count();
            wanted += expected.len();
            seen += hits;
            let rows = found.len() - hits;
            assert!(rows <= 1, "{}: {rows} rows of a block", layout.name);
        }
    }
    println!("long blocks: {seen} of {wanted}");
    assert!(wanted > 700 && seen * 100 >= wanted * 98, "{seen} of {wanted}");
}

/// Odd records at their predicted offsets are evidence, however many there are.
#[test]
fn odd_records_in_place_are_kept() {
    let files = [
        "glibc-x86_64/wtmp",
        "linux-glibc-384-le/wtmp",
        "linux-glibc-400-be/wtmp",
        "svr4-utmpx-372-be/wtmpx",
    ];
    for file in files {
        let Ok(data) = fs::read(format!("fixtures/{file}")) else { continue };
        let found = crate::detect::detect(&data);
        let layout = found.layout().unwrap();
        let data = data[..data.len() / layout.size * layout.size].repeat(40);
        let records = starts(layout, &data).len();
        assert_eq!(records, data.len() / layout.size, "{file}");
        let skipped = Segments::new(layout, layout, &data)
            .filter(|segment| matches!(segment, Segment::Skipped(_)));
        assert_eq!(skipped.count(), 0, "{file}");
    }
}
