//! Rows of a wtmp.db of 200,000, made by SQLite itself: decoding them, with the entries' times and
//! texts.
#![allow(missing_docs)]

use std::fs::File;
use std::hint::black_box;
use std::process::Command;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use loginrec::formats::by_name;
use loginrec::read::Chunks;

const ROWS: u64 = 200_000;

fn decode(c: &mut Criterion) {
    let scratch = loginrec_testing::Scratch::new();
    let path = scratch.path("wtmp.db");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/compare/big_database.py");
    let made = Command::new("python3").args([script, &path, &ROWS.to_string()]).status();
    if !made.is_ok_and(|made| made.success()) {
        return loginrec_testing::skip("there is no python3 with sqlite3");
    }
    let (file, layout) = (File::open(&path).unwrap(), by_name("linux-wtmpdb").unwrap());
    let read = || {
        let (mut rows, mut sum) = (0, 0);
        let mut chunks = Chunks::new(layout, &file);
        while let Some(records) = chunks.next_chunk().unwrap() {
            records.entries().for_each(|item| {
                let (_, entry) = item.unwrap();
                rows += 1;
                sum += entry.ut_tv.tv_sec + entry.logout.map_or(0, |time| time.tv_sec);
                sum += (entry.ut_user.as_bytes().len() + entry.ut_host.as_bytes().len()) as i64;
            });
        }
        assert_eq!(rows, ROWS);
        sum
    };
    let mut group = c.benchmark_group("databases");
    group.sample_size(10);
    group.throughput(Throughput::Elements(ROWS));
    group.bench_function("decode", |b| b.iter(|| black_box(read())));
    group.finish();
}

criterion_group!(benches, decode);
criterion_main!(benches);
