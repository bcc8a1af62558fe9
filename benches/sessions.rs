//! Pairing logins with logouts: a history in which everybody logs out, one in which nobody
//! ever does, one in which every logout names another process than its line.
//!
//! Each has the same number of records, so that the throughputs can be compared: sessions that
//! stay open must cost what those cost that end.
#![allow(missing_docs)]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use loginrec::Layout;
use loginrec::formats::by_name;
use loginrec::session::SessionTracker;
use loginrec_testing::generate::{bytes, hostile};

/// Some 8 MiB: more than the caches hold, as files are.
const RECORDS: usize = 20_000;
/// Terminals in use at once.
const LINES: u64 = 40;

fn sessions(layout: &'static Layout, data: &[u8]) -> usize {
    let mut pairing = SessionTracker::new();
    let entries = layout.records(data).entries().flatten();
    let ended: usize =
        entries.map(|(record, entry)| pairing.push(0, &record, &entry).count()).sum();
    ended + pairing.finish().count()
}

fn pairing(c: &mut Criterion) {
    let layout = by_name("linux-glibc-384-le").unwrap();
    let mut group = c.benchmark_group("pairing");
    group.throughput(Throughput::Elements(RECORDS as u64));
    for (name, data, expected) in [
        ("all log out", bytes(hostile::paired(LINES, 0), layout, RECORDS), RECORDS / 2),
        ("nobody logs out", bytes(hostile::endless(), layout, RECORDS), RECORDS),
        ("other processes", bytes(hostile::paired(LINES, LINES), layout, RECORDS), RECORDS / 2),
    ] {
        assert_eq!(sessions(layout, &data), expected, "{name}");
        group.bench_with_input(BenchmarkId::from_parameter(name), &data, |b, data| {
            b.iter(|| sessions(layout, black_box(data)));
        });
    }
    group.finish();
}

criterion_group!(benches, pairing);
criterion_main!(benches);
