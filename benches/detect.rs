//! Telling what files are: small ones of all the kinds that lie in a folder of collected
//! logs, every layout and files that have none, and long ones.
#![allow(missing_docs)]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use loginrec::Container;
use loginrec::detect::detect;
use loginrec::formats::{LAYOUTS, by_name};
use loginrec::layout::Role;
use loginrec_testing::generate::background::{Background, Filler};
use loginrec_testing::generate::guesses;
use loginrec_testing::generate::{bytes, history, lastlog};

/// Long files of layouts that differ in width, order and framing.
fn long(c: &mut Criterion) {
    let mut group = c.benchmark_group("detect");
    group.sample_size(20);
    group.throughput(Throughput::Elements(1));
    for name in [
        "linux-glibc-384-le",
        "linux-glibc-384-be",
        "linux-glibc-400-le",
        "netbsd-utmpx-520-le",
        "freebsd-utx-log",
    ] {
        let data = history(by_name(name).unwrap(), (4 << 20) / 384, 1);
        assert_eq!(detect(&data).layout().unwrap().name, name);
        for len in [64 << 10, data.len()] {
            let id = BenchmarkId::new(name, len);
            group.bench_with_input(id, &data[..len], |b, data| b.iter(|| detect(black_box(data))));
        }
    }
    group.finish();
}

/// A file of this many records for every layout except those of lastlogs.
fn logs(records: usize, typed: bool) -> Vec<Vec<u8>> {
    let wanted = LAYOUTS.iter().filter(|layout| {
        let is_typed = layout.field(Role::Type).is_some();
        !layout.is_lastlog() && !layout.name.contains("time64") && is_typed == typed
    });
    wanted.map(|layout| history(layout, records, 1)).collect()
}

fn lastlogs(users: u64) -> Vec<Vec<u8>> {
    let slots =
        LAYOUTS.iter().filter(|layout| layout.is_lastlog() && layout.container == Container::Array);
    let file = |layout| {
        let mut file = std::io::Cursor::new(Vec::new());
        lastlog::write(layout, users, 1000 + users, 1, &mut file).unwrap();
        file.into_inner()
    };
    slots.map(file).collect()
}

fn others(len: usize) -> Vec<Vec<u8>> {
    let grounds = [Background::Random, Background::Text, Background::Zeros];
    grounds.into_iter().map(|ground| Filler::new(ground, 1).unwrap().take(len)).collect()
}

fn small(c: &mut Criterion) {
    let mut group = c.benchmark_group("detect small files");
    group.sample_size(20);
    let linux = by_name("linux-glibc-384-le").unwrap();
    let kinds = [
        ("wtmp, glibc", vec![history(linux, 24, 1)]),
        ("btmp, glibc", vec![bytes(guesses(1, 30), linux, 24)]),
        ("typed, 3 records", logs(3, true)),
        ("typed, 24 records", logs(24, true)),
        ("untyped, 24 records", logs(24, false)),
        ("lastlog, 10 users", lastlogs(10)),
        ("nothing, 4 KiB", others(4 << 10)),
        ("empty", vec![Vec::new()]),
    ];
    for (name, files) in kinds {
        group.throughput(Throughput::Elements(files.len() as u64));
        group.bench_with_input(BenchmarkId::from_parameter(name), &files, |b, files| {
            let found = |file: &Vec<u8>| detect(black_box(file)).layout().is_some();
            b.iter(|| files.iter().filter(|file| found(file)).count());
        });
    }
    group.finish();
}

criterion_group!(benches, small, long);
criterion_main!(benches);
