//! `table`: every reader over mapped files, one after another in turns, best of many. `once` does
//! the same over files that stay mapped, so that no page fault is in it.
//! `sum READER LAYOUT PATH TIMES` is for `instructions.sh` and `compare.sh`; `check` does the same,
//! compares the sum with that of `for_each` and prints how many records there are.

use std::error::Error;
use std::fs::File;
use std::hint::black_box;
use std::time::Duration;

use cpu_time::ThreadTime;
use loginrec::endian::LE;
use loginrec::layout::RawRecord as _;
use loginrec::formats::by_name;
use loginrec::formats::glibc::Utmp384;
use loginrec::{Layout, LogFile};
use loginrec_testing::yardstick::{self, six_fields};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const LAYOUTS: [&str; 5] = [
    "linux-glibc-384-le",
    "linux-glibc-384-be",
    "linux-glibc-400-le",
    "netbsd-utmpx-520-le",
    "freebsd-utx-log",
];
const READERS: [&str; 6] = ["yardstick", "for_each", "entries", "records", "memchr", "utmp-rs"];

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args[..] {
        ["sum", reader, layout, path, times] => {
            let (layout, map) = (known(layout)?, map(path)?);
            for _ in 0..times.parse()? {
                println!("{}", read(reader, layout, black_box(&map)));
            }
            Ok(())
        }
        ["check", reader, layout, path] => check(reader, known(layout)?, &map(path)?),
        ["table", folder, mib, rounds] => table(folder, mib.parse()?, rounds.parse()?, Map::Anew),
        ["once", folder, mib, rounds] => table(folder, mib.parse()?, rounds.parse()?, Map::Once),
        _ => Err("usage: table|once FOLDER MIB ROUNDS | sum READER LAYOUT PATH TIMES | check READER LAYOUT PATH".into()),
    }
}

fn known(name: &str) -> Result<&'static Layout> {
    by_name(name).ok_or_else(|| format!("no layout {name}").into())
}

fn map(path: &str) -> Result<memmap2::Mmap> {
    // SAFETY: the file is our own, and no other process writes it.
    Ok(unsafe { memmap2::Mmap::map(&File::open(path)?)? })
}

fn check(reader: &str, layout: &'static Layout, data: &[u8]) -> Result<()> {
    let records = match reader {
        "utmp-rs" => utmp_rs::Utmp32Parser::from_reader(data).filter(|r| r.is_ok()).count(),
        _ if read(reader, layout, data) != read("for_each", layout, data) => {
            return Err("not the same sum".into());
        }
        _ => layout.records(data).flatten().count(),
    };
    println!("{records}");
    Ok(())
}

#[inline(never)]
fn read(reader: &str, layout: &'static Layout, data: &[u8]) -> u64 {
    let mut sum = 0u64;
    match reader {
        "yardstick" => sum = yardstick::of(layout.name)(data),
        "for_each" => layout.records(data).entries().for_each(|item| {
            sum = sum.wrapping_add(item.as_ref().map_or(0, |(_, entry)| six_fields(entry)));
        }),
        "entries" => {
            for item in layout.records(data).entries() {
                sum = sum.wrapping_add(item.as_ref().map_or(0, |(_, entry)| six_fields(entry)));
            }
        }
        "records" => {
            for record in layout.records(data) {
                sum = sum.wrapping_add(record.map_or(0, |record| six_fields(&record.entry())));
            }
        }
        "memchr" => sum = memchr_loop(data),
        "utmp-rs" => sum = utmp_rs(data),
        _ => {}
    }
    sum
}

/// The yardstick with memchr for the NULs.
fn memchr_loop(data: &[u8]) -> u64 {
    let until_nul = |field: &[u8]| memchr::memchr(0, field).unwrap_or(field.len()) as u64;
    let (records, _) = Utmp384::<LE>::slice_from(data);
    records.iter().fold(0u64, |sum, r| {
        sum.wrapping_add(r.ut_type.get() as u64)
            .wrapping_add(r.ut_pid.get() as u64)
            .wrapping_add(i64::from(r.tv_sec.get()) as u64)
            .wrapping_add(i64::from(r.tv_usec.get()) as u64)
            .wrapping_add(until_nul(&r.ut_user) + until_nul(&r.ut_line) + until_nul(&r.ut_host))
    })
}

/// As many of the six fields as utmp-rs has.
fn utmp_rs(data: &[u8]) -> u64 {
    use utmp_rs::UtmpEntry::{DeadProcess, UserProcess};
    utmp_rs::Utmp32Parser::from_reader(data).fold(0, |sum: u64, entry| {
        sum.wrapping_add(match entry {
            Ok(UserProcess { pid, line, user, host, time, .. }) => {
                pid as u64
                    + (line.len() + user.len() + host.len()) as u64
                    + time.unix_timestamp() as u64
            }
            Ok(DeadProcess { pid, line, .. }) => pid as u64 + line.len() as u64,
            _ => 1,
        })
    })
}

/// Whether each round maps the file again: what a page fault costs then belongs to reading it.
#[derive(Clone, Copy, Debug)]
enum Map {
    Anew,
    Once,
}

fn table(folder: &str, mib: usize, rounds: u32, how: Map) -> Result<()> {
    println!(
        "{mib} MiB of each layout, mapped {how:?}; multiples of the yardstick, CPU time, best of {rounds} rounds"
    );
    print!("{:20} {:>10} {:>9}", "layout", "records", "ns/record");
    READERS[1..].iter().for_each(|reader| print!(" {reader:>9}"));
    println!();
    for name in LAYOUTS {
        let layout = known(name)?;
        let path = format!("{folder}/{name}");
        let block = loginrec_testing::generate::history(layout, 20_000, 1);
        std::fs::write(&path, block.repeat((mib << 20).div_ceil(block.len())))?;
        measure(layout, &path, rounds, how)?;
        std::fs::remove_file(&path)?;
    }
    println!("detect: {:.1} us for a file of 40 records", detect_one(rounds)?);
    Ok(())
}

fn measure(layout: &'static Layout, path: &str, rounds: u32, how: Map) -> Result<()> {
    let peers = layout.name == "linux-glibc-384-le";
    let readers = &READERS[..if peers { READERS.len() } else { 4 }];
    let mut best = vec![Duration::MAX; readers.len()];
    let whole = std::fs::read(path)?;
    let records = layout.records(&whole).count();
    for reader in &readers[1..4] {
        assert_eq!(read(reader, layout, &whole), read("yardstick", layout, &whole), "{reader}");
    }
    drop(whole);
    let mut mapped = map(path)?;
    black_box(read("yardstick", layout, &mapped));
    for _ in 0..rounds {
        for (best, reader) in best.iter_mut().zip(readers) {
            if let Map::Anew = how {
                mapped = map(path)?;
            }
            let start = ThreadTime::now();
            black_box(read(reader, layout, &mapped));
            *best = (*best).min(start.elapsed());
        }
    }
    let ns = best[0].as_nanos() as f64;
    print!("{:20} {records:10} {:9.1}", layout.name, ns / records as f64);
    best[1..].iter().for_each(|time| print!(" {:8.2}x", time.as_nanos() as f64 / ns));
    println!();
    Ok(())
}

fn detect_one(rounds: u32) -> Result<f64> {
    let data = loginrec_testing::generate::history(known("linux-glibc-384-le")?, 40, 1);
    let mut best = Duration::MAX;
    for _ in 0..rounds * 20 {
        let start = ThreadTime::now();
        black_box(LogFile::from_slice(&data)?);
        best = best.min(start.elapsed());
    }
    Ok(best.as_nanos() as f64 / 1000.0)
}
