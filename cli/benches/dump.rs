//! `loginrec dump` and `detect` as a user runs them: the whole process over a file made up
//! here, output thrown away.
#![allow(missing_docs)]

use std::process::{Command, Stdio};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use loginrec::formats::by_name;

const BYTES: usize = 8 << 20;

fn dump(c: &mut Criterion) {
    let layout = by_name("linux-glibc-384-le").expect("a layout of the table");
    let data = loginrec_testing::generate::history(layout, BYTES / layout.size, 1);
    let folder = tempfile::tempdir().expect("a folder for the file");
    let path = folder.path().join("wtmp");
    std::fs::write(&path, &data).expect("the file");
    let run = |args: &[&str]| {
        let status = Command::new(env!("CARGO_BIN_EXE_loginrec"))
            .args(args)
            .arg(&path)
            .stdout(Stdio::null())
            .status()
            .expect("the binary");
        assert!(status.success());
    };
    let mut group = c.benchmark_group("process");
    group.sample_size(10);
    group.throughput(Throughput::Elements((data.len() / layout.size) as u64));
    for format in ["text", "jsonl", "csv"] {
        group.bench_function(format!("dump {format}"), |b| {
            b.iter(|| run(&["dump", "--format", format]));
        });
    }
    group.bench_function("detect", |b| b.iter(|| run(&["detect"])));
    group.finish();
}

criterion_group!(benches, dump);
criterion_main!(benches);
