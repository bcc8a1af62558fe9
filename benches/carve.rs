//! Looking for records in bytes that have none, programs of this machine among them, and in an
//! image that has some: all layouts, those with a type, Linux's; on one thread and on two.
#![allow(missing_docs)]

use std::hint::black_box;
use std::ops::Range;
use std::thread;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use loginrec::Layout;
use loginrec::carve::{Candidates, RowFinder, RunResolver, Scanner, Window};
use loginrec::formats::LAYOUTS;
use loginrec::layout::Role;
use loginrec_testing::generate::background::{Background, Filler};
use loginrec_testing::generate::image;

const BYTES: usize = 16 << 20;
/// Bytes that are scanned together, as the command line does.
const CORE: usize = 1 << 20;

fn windows(data: &[u8]) -> Vec<Window<'_>> {
    let window = |start: usize| {
        let end = data.len().min(start + CORE);
        let (first, last) =
            (start.saturating_sub(Window::BEFORE), data.len().min(end + Window::AFTER));
        let core: Range<usize> = start - first..end - first;
        Window::new(first as u64, &data[first..last], core)
    };
    (0..data.len()).step_by(CORE).map(window).collect()
}

/// How many records there are.
fn carve(scanner: &Scanner, data: &[u8], threads: usize) -> usize {
    let windows = windows(data);
    let share = windows.len().div_ceil(threads);
    let scan = |windows: &[Window<'_>]| -> Vec<Candidates> {
        windows.iter().map(|window| scanner.scan(window)).collect()
    };
    let candidates: Vec<Candidates> = thread::scope(|scope| {
        let parts: Vec<_> =
            windows.chunks(share).map(|part| scope.spawn(move || scan(part))).collect();
        parts.into_iter().flat_map(|part| part.join().unwrap()).collect()
    });
    let (mut runs, mut found) = (RunResolver::new(scanner), 0);
    let mut rows = RowFinder::new(scanner);
    for (window, candidates) in windows.iter().zip(&candidates) {
        rows.push(window, candidates, |_| found += 1);
        runs.push(window, candidates, |_| found += 1);
    }
    if let Some(last) = windows.last() {
        runs.finish(&last.clone().end(), |_| found += 1);
    }
    found
}

fn carving(c: &mut Criterion) {
    let typed = |layout: &&Layout| layout.field(Role::Type).is_some();
    let linux = |layout: &&Layout| layout.name.starts_with("linux-") && !layout.is_lastlog();
    let scanners = [
        ("all layouts", Scanner::default()),
        ("typed", Scanner::new(LAYOUTS.iter().filter(typed))),
        ("linux", Scanner::new(LAYOUTS.iter().filter(linux))),
    ];
    let mut group = c.benchmark_group("carve");
    group.sample_size(10);
    group.throughput(Throughput::Bytes(BYTES as u64));
    for (name, ground) in [
        ("random", Background::Random),
        ("text", Background::Text),
        ("zeros", Background::Zeros),
        ("programs", Background::Programs),
    ] {
        let Some(mut filler) = Filler::new(ground, 1) else { continue };
        let data = filler.take(BYTES);
        for (layouts, scanner) in &scanners {
            assert_eq!(carve(scanner, &data, 1), 0, "{layouts} in {name}");
            group.bench_with_input(BenchmarkId::new(*layouts, name), &data, |b, data| {
                b.iter(|| carve(scanner, black_box(data), 1));
            });
        }
    }
    let layouts: Vec<&Layout> = LAYOUTS.iter().filter(linux).collect();
    let mut data = Vec::new();
    let grounds = [Background::Random, Background::Text, Background::Zeros];
    let hidden = image::write(&grounds, &layouts, BYTES as u64, 1, &mut data).unwrap();
    for threads in [1, 2] {
        let scanner = &scanners[0].1;
        assert!(carve(scanner, &data, threads) as u64 > hidden * 9 / 10);
        group.bench_with_input(BenchmarkId::new("image, threads", threads), &data, |b, data| {
            b.iter(|| carve(scanner, black_box(data), threads));
        });
    }
    group.finish();
}

criterion_group!(benches, carving);
criterion_main!(benches);
