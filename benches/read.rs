//! Iterating, decoding and detecting, over files made up here.
//!
//! Every reader of one group must give the same sum, so that none can be fast by
//! reading less. `plain struct` is the yardstick: a cast and a loop over fields.
#![allow(missing_docs)]

#[allow(dead_code, unreachable_pub)] // shared with the tests
#[path = "../tests/common/synth.rs"]
mod synth;

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use loginrec::detect::detect;
use loginrec::endian::LE;
use loginrec::platform::by_name;
use loginrec::platform::glibc::Utmp384;
use loginrec::{Entry, Layout};

/// Layouts that differ in width, order and framing.
const LAYOUTS: &[&str] = &[
    "linux-glibc-384-le",
    "linux-glibc-384-be",
    "linux-glibc-400-le",
    "netbsd-utmpx-520-le",
    "freebsd-utx-log",
    "openbsd-utmp-304-le",
];

/// About 4 MiB: a cache's worth, so that the code shows and not the memory.
fn file(layout: &'static Layout) -> Vec<u8> {
    let some = synth::synthesize(layout, 500, 1_600_000_000, &mut synth::Rng::new(1));
    some.repeat((4 << 20) / some.len())
}

fn len(text: loginrec::Text<'_>) -> u64 {
    text.as_bytes().len() as u64
}

/// Type, pid, user, line, host, time.
fn six_fields(entry: &Entry<'_>) -> u64 {
    (entry.raw_type.unwrap_or(0) as u64)
        .wrapping_add(entry.ut_pid.unwrap_or(0) as u64)
        .wrapping_add(entry.ut_tv.tv_sec as u64)
        .wrapping_add(entry.ut_tv.tv_usec as u64)
        .wrapping_add(len(entry.ut_user) + len(entry.ut_line) + len(entry.ut_host))
}

fn until_nul(field: &[u8]) -> u64 {
    field.iter().position(|&b| b == 0).unwrap_or(field.len()) as u64
}

/// What a loop by hand does with the same bytes, for one layout.
fn plain_struct(data: &[u8]) -> u64 {
    let layout = by_name("linux-glibc-384-le").unwrap();
    let (records, _) = layout.raw_slice::<Utmp384<LE>>(data).unwrap();
    records.iter().fold(0, |sum: u64, r| {
        sum.wrapping_add(r.ut_type.get() as u64)
            .wrapping_add(r.ut_pid.get() as u64)
            .wrapping_add(i64::from(r.tv_sec.get()) as u64)
            .wrapping_add(i64::from(r.tv_usec.get()) as u64)
            .wrapping_add(until_nul(&r.ut_user) + until_nul(&r.ut_line) + until_nul(&r.ut_host))
    })
}

fn decode(c: &mut Criterion) {
    let mut group = c.benchmark_group("decode");
    group.sample_size(20);
    for name in LAYOUTS {
        let layout = by_name(name).unwrap();
        let data = file(layout);
        let records = layout.records(&data).flatten().count();
        group.throughput(Throughput::Elements(records as u64));
        let by_fold = |data: &[u8]| {
            let mut sum = 0u64;
            layout.entries(data).for_each(|entry| {
                sum = sum.wrapping_add(entry.as_ref().map_or(0, six_fields));
            });
            sum
        };
        let by_loop = |data: &[u8]| {
            let mut sum = 0u64;
            for record in layout.records(data) {
                sum = sum.wrapping_add(record.map_or(0, |r| six_fields(&r.entry())));
            }
            sum
        };
        assert_eq!(by_fold(&data), by_loop(&data), "{name}");
        group.bench_with_input(BenchmarkId::new("for_each", name), &data, |b, data| {
            b.iter(|| by_fold(black_box(data)));
        });
        group.bench_with_input(BenchmarkId::new("for loop", name), &data, |b, data| {
            b.iter(|| by_loop(black_box(data)));
        });
        if *name == "linux-glibc-384-le" {
            assert_eq!(plain_struct(&data), by_fold(&data));
            group.bench_with_input(BenchmarkId::new("plain struct", name), &data, |b, data| {
                b.iter(|| plain_struct(black_box(data)));
            });
        }
    }
    group.finish();
}

fn iterate(c: &mut Criterion) {
    let mut group = c.benchmark_group("iterate");
    group.sample_size(20);
    for name in LAYOUTS {
        let layout = by_name(name).unwrap();
        let data = file(layout);
        group.throughput(Throughput::Bytes(data.len() as u64));
        group.bench_with_input(BenchmarkId::new("records", name), &data, |b, data| {
            b.iter(|| layout.records(black_box(data)).flatten().fold(0, |n, r| n ^ r.offset()));
        });
    }
    group.finish();
}

fn detection(c: &mut Criterion) {
    let mut group = c.benchmark_group("detect");
    group.sample_size(20);
    for name in LAYOUTS {
        let data = file(by_name(name).unwrap());
        assert_eq!(detect(&data).layout().unwrap().name, *name);
        for len in [64 << 10, data.len()] {
            let id = BenchmarkId::new(*name, len);
            group.bench_with_input(id, &data[..len], |b, data| b.iter(|| detect(black_box(data))));
        }
    }
    let noise: Vec<u8> =
        (0..64u32 << 10).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    group.bench_function("noise/65536", |b| b.iter(|| detect(black_box(&noise))));
    group.finish();
}

criterion_group!(benches, iterate, decode, detection);
criterion_main!(benches);
