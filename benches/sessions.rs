//! Pairing logins with their ends: a history in which everybody logs out, one in which nobody
//! ever does, one in which every logout names another process than its line.
//!
//! The records are as many in each, so that the throughputs can be compared: sessions that
//! stay open must cost what those cost that end.
#![allow(missing_docs)]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use loginrec::platform::by_name;
use loginrec::session::Pairing;
use loginrec::{Entry, Layout, Text, UtType};

/// Some 8 MiB: more than the caches hold, as files are.
const RECORDS: u32 = 20_000;
/// Terminals in use at once.
const LINES: u32 = 40;

fn record(layout: &Layout, ut_type: UtType, line: u32, pid: u32, second: u32) -> Vec<u8> {
    let line = format!("pts/{line}");
    let mut entry = Entry::new(layout.dialect);
    entry.raw_type = layout.dialect.raw_type(ut_type);
    entry.ut_tv.tv_sec = 1_700_000_000 + i64::from(second);
    entry.ut_line = Text::new(line.as_bytes());
    entry.ut_id = Text::new(line.as_bytes().get(1..5).unwrap_or_default());
    entry.ut_pid = Some(pid.into());
    if ut_type == UtType::UserProcess {
        entry.ut_user = Text::new(b"operator");
        entry.ut_host = Text::new(b"client.example.org");
    }
    layout.encode(&entry).unwrap()
}

/// `wrong` is added to the process of logouts.
fn normal(layout: &Layout, wrong: u32) -> Vec<u8> {
    let records = (0..RECORDS / 2).flat_map(|n| {
        let (line, pid) = (n % LINES, 1000 + n % LINES);
        [
            record(layout, UtType::UserProcess, line, pid, 2 * n),
            record(layout, UtType::DeadProcess, line, pid + wrong, 2 * n + 1),
        ]
    });
    records.flatten().collect()
}

fn endless(layout: &Layout) -> Vec<u8> {
    let login = |n| record(layout, UtType::UserProcess, n, 1000 + n, n);
    (0..RECORDS).flat_map(login).collect()
}

fn sessions(layout: &'static Layout, data: &[u8]) -> usize {
    let mut pairing = Pairing::new();
    let records = layout.records(data).flatten();
    let ended: usize = records.map(|record| pairing.push(0, &record).count()).sum();
    ended + pairing.finish().count()
}

fn pairing(c: &mut Criterion) {
    let layout = by_name("linux-glibc-384-le").unwrap();
    let mut group = c.benchmark_group("pairing");
    group.throughput(Throughput::Elements(RECORDS.into()));
    for (name, data, expected) in [
        ("all log out", normal(layout, 0), RECORDS / 2),
        ("nobody logs out", endless(layout), RECORDS),
        ("other processes", normal(layout, LINES), RECORDS / 2),
    ] {
        assert_eq!(sessions(layout, &data), expected as usize, "{name}");
        group.bench_with_input(BenchmarkId::from_parameter(name), &data, |b, data| {
            b.iter(|| sessions(layout, black_box(data)));
        });
    }
    group.finish();
}

criterion_group!(benches, pairing);
criterion_main!(benches);
