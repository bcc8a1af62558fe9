//! Iterating, decoding and encoding, over files made up here.
//!
//! Every reader of one group must give the same sum, so that none can be fast by
//! reading less. The yardstick is a cast and a loop over the struct's fields by hand.
#![allow(missing_docs)]

use std::fs::File;
use std::hint::black_box;
use std::io::Read as _;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use loginrec::formats::by_name;
use loginrec::read::Chunks;
use loginrec::{Entry, Layout};
use loginrec_testing::generate::{history, system_log};
use loginrec_testing::yardstick::{self, six_fields};

/// Layouts that differ in width, order and framing.
const LAYOUTS: &[&str] = &[
    "linux-glibc-384-le",
    "linux-glibc-384-be",
    "linux-glibc-400-le",
    "netbsd-utmpx-520-le",
    "freebsd-utx-log",
];

/// About 4 MiB: a cache's worth, so that the code shows and not the memory.
fn file(layout: &'static Layout) -> Vec<u8> {
    let some = history(layout, 2_000, 1);
    some.repeat((4 << 20) / some.len())
}

fn both(layout: &'static Layout, data: &[u8]) -> Throughput {
    let elements = layout.records(data).flatten().count() as u64;
    Throughput::ElementsAndBytes { elements, bytes: data.len() as u64 }
}

type Reader<'a> = &'a dyn Fn(&[u8]) -> u64;

fn decode(c: &mut Criterion) {
    let mut group = c.benchmark_group("decode");
    group.sample_size(20);
    for name in LAYOUTS {
        let layout = by_name(name).unwrap();
        let data = file(layout);
        group.throughput(both(layout, &data));
        let by_fold = |data: &[u8]| {
            let mut sum = 0u64;
            layout.records(data).entries().for_each(|item| {
                sum = sum.wrapping_add(item.as_ref().map_or(0, |(_, entry)| six_fields(entry)));
            });
            sum
        };
        let by_entries = |data: &[u8]| {
            let mut sum = 0u64;
            for item in layout.records(data).entries() {
                sum = sum.wrapping_add(item.as_ref().map_or(0, |(_, entry)| six_fields(entry)));
            }
            sum
        };
        let by_records = |data: &[u8]| {
            let mut sum = 0u64;
            for record in layout.records(data) {
                sum = sum.wrapping_add(record.map_or(0, |r| six_fields(&r.entry())));
            }
            sum
        };
        let by_hand = yardstick::of(name);
        let readers: [(&str, Reader<'_>); 4] = [
            ("yardstick", &by_hand),
            ("for_each", &by_fold),
            ("entries loop", &by_entries),
            ("records loop", &by_records),
        ];
        for (reader, read) in readers {
            assert_eq!(read(&data), by_hand(&data), "{reader} {name}");
            group.bench_with_input(BenchmarkId::new(reader, name), &data, |b, data| {
                b.iter(|| read(black_box(data)));
            });
        }
    }
    group.finish();
}

fn encode(c: &mut Criterion) {
    let mut group = c.benchmark_group("encode");
    group.sample_size(20);
    for name in LAYOUTS {
        let layout = by_name(name).unwrap();
        let data = history(layout, 2_000, 1);
        let entries: Vec<Entry<'_>> =
            layout.records(&data).flatten().map(|record| record.entry()).collect();
        group.throughput(both(layout, &data));
        group.bench_with_input(BenchmarkId::new("encode", name), &entries, |b, entries| {
            b.iter(|| {
                let bytes = |entry| layout.encode(black_box(entry)).map_or(0, |r| r.len());
                entries.iter().map(bytes).sum::<usize>()
            });
        });
    }
    group.finish();
}

fn iterate(c: &mut Criterion) {
    let mut group = c.benchmark_group("iterate");
    group.sample_size(20);
    for name in LAYOUTS {
        let layout = by_name(name).unwrap();
        let data = file(layout);
        group.throughput(both(layout, &data));
        group.bench_with_input(BenchmarkId::new("records", name), &data, |b, data| {
            b.iter(|| layout.records(black_box(data)).flatten().fold(0, |n, r| n ^ r.offset()));
        });
    }
    group.finish();
}

/// 100,000 messages of the Apple System Log, and as a yardstick only the reading of the file, in
/// pieces as `cat` reads it.
fn messages(c: &mut Criterion) {
    const MESSAGES: usize = 100_000;
    let layout = by_name("macos-asl").unwrap();
    let data = system_log(MESSAGES, 1);
    let path = std::env::temp_dir().join("loginrec-bench.asl");
    std::fs::write(&path, &data).unwrap();
    let mut group = c.benchmark_group("messages");
    group.sample_size(10);
    group.throughput(Throughput::ElementsAndBytes {
        elements: MESSAGES as u64,
        bytes: data.len() as u64,
    });
    group.bench_function("cat", |b| {
        b.iter(|| {
            let mut file = File::open(&path).unwrap();
            let (mut buffer, mut sum) = (vec![0; 128 << 10], 0);
            loop {
                match file.read(&mut buffer).unwrap() {
                    0 => return sum,
                    read => sum += read,
                }
            }
        });
    });
    group.bench_function("entries", |b| {
        b.iter(|| {
            let mut chunks = Chunks::new(layout, File::open(&path).unwrap());
            let (mut sum, mut read) = (0u64, 0);
            while let Some(records) = chunks.next_chunk().unwrap() {
                records.entries().for_each(|item| {
                    sum = sum.wrapping_add(six_fields(&item.unwrap().1));
                    read += 1;
                });
            }
            assert_eq!(read, MESSAGES);
            sum
        });
    });
    group.finish();
    std::fs::remove_file(&path).unwrap();
}

criterion_group!(benches, iterate, decode, encode, messages);
criterion_main!(benches);
