//! Loops by hand over the records of one layout, in safe Rust: the sum of type, pid, time, and
//! the lengths of user, line and host. The width of each field is known to the compiler, which
//! unrolls the search for a NUL.

use loginrec::endian::{ByteOrder, LE};
use loginrec::formats::glibc::{Utmp384, Utmp400};
use loginrec::formats::netbsd::Utmpx520;
use loginrec::layout::RawRecord;
use loginrec::{Entry, Text};

/// Returns the sum of these six fields of an entry.
#[inline]
pub fn six_fields(entry: &Entry<'_>) -> u64 {
    let len = |text: Text<'_>| text.as_bytes().len() as u64;
    sum([
        entry.raw_type.unwrap_or(0).into(),
        entry.ut_pid.unwrap_or(0),
        entry.ut_tv.tv_sec,
        entry.ut_tv.tv_usec,
    ])
    .wrapping_add(len(entry.ut_user) + len(entry.ut_line) + len(entry.ut_host))
}

/// Returns the loop for the layout called `name`.
pub fn of(name: &str) -> fn(&[u8]) -> u64 {
    match name {
        "linux-glibc-384-le" => utmp384::<LE>,
        "linux-glibc-384-be" => utmp384::<loginrec::endian::BE>,
        "linux-glibc-400-le" => utmp400,
        "netbsd-utmpx-520-le" => utmpx520,
        "freebsd-utx-log" => utx_log,
        _ => panic!("{name} has no yardstick"),
    }
}

fn utmp384<O: ByteOrder + 'static>(data: &[u8]) -> u64 {
    let (records, _) = Utmp384::<O>::slice_from(data);
    records.iter().fold(0, |total, r| {
        let numbers = [
            r.ut_type.get().into(),
            r.ut_pid.get().into(),
            r.tv_sec.get().into(),
            r.tv_usec.get().into(),
        ];
        total
            .wrapping_add(sum(numbers))
            .wrapping_add(until_nul(&r.ut_user) + until_nul(&r.ut_line) + until_nul(&r.ut_host))
    })
}

fn utmp400(data: &[u8]) -> u64 {
    let (records, _) = Utmp400::<LE>::slice_from(data);
    records.iter().fold(0, |total, r| {
        let numbers =
            [r.ut_type.get().into(), r.ut_pid.get().into(), r.tv_sec.get(), r.tv_usec.get()];
        total
            .wrapping_add(sum(numbers))
            .wrapping_add(until_nul(&r.ut_user) + until_nul(&r.ut_line) + until_nul(&r.ut_host))
    })
}

fn utmpx520(data: &[u8]) -> u64 {
    let (records, _) = Utmpx520::<LE>::slice_from(data);
    records.iter().fold(0, |total, r| {
        let numbers =
            [r.ut_type.get().into(), r.ut_pid.get().into(), r.tv_sec.get(), r.tv_usec.get().into()];
        total
            .wrapping_add(sum(numbers))
            .wrapping_add(until_nul(&r.ut_name) + until_nul(&r.ut_line) + until_nul(&r.ut_host))
    })
}

/// Each record follows its length; its zero tail is not stored.
fn utx_log(mut data: &[u8]) -> u64 {
    let mut total = 0u64;
    while let Some((len, behind)) = data.split_first_chunk() {
        let Some((r, rest)) = behind.split_at_checked(u16::from_be_bytes(*len).into()) else {
            break;
        };
        data = rest;
        let part = |from: usize, to: usize| r.get(from..r.len().min(to)).unwrap_or(&[]);
        let long = |bytes: &[u8]| bytes.iter().fold(0u64, |n, b| n << 8 | u64::from(*b));
        let micros = match r.get(1..9).and_then(|b| b.first_chunk()) {
            Some(whole) => u64::from_be_bytes(*whole),
            None => long(part(1, 9)) << (8 * (8 - part(1, 9).len() as u32)).min(63),
        };
        let pid = match r.get(17..21).and_then(|b| b.first_chunk()) {
            Some(whole) => u32::from_be_bytes(*whole).into(),
            None => long(part(17, 21)) << (8 * (4 - part(17, 21).len() as u32)),
        };
        let ut_type = r.first().copied().unwrap_or(0).into();
        let time = [(micros / 1_000_000) as i64, (micros % 1_000_000) as i64];
        total = total
            .wrapping_add(sum([ut_type, pid as i64, time[0], time[1]]))
            .wrapping_add(until_nul_in(part(21, 53)))
            .wrapping_add(until_nul_in(part(53, 69)))
            .wrapping_add(until_nul_in(part(69, 197)));
    }
    total
}

#[inline]
fn sum(numbers: [i64; 4]) -> u64 {
    numbers.iter().fold(0, |sum, &n| sum.wrapping_add(n as u64))
}

fn until_nul<const N: usize>(field: &[u8; N]) -> u64 {
    until_nul_in(field)
}

/// Sixteen bytes at a time, in one integer.
#[inline(always)]
fn until_nul_in(field: &[u8]) -> u64 {
    const ONES: u128 = u128::from_le_bytes([1; 16]);
    let (chunks, rest) = field.as_chunks::<16>();
    for (i, chunk) in chunks.iter().enumerate() {
        let word = u128::from_le_bytes(*chunk);
        let nuls = word.wrapping_sub(ONES) & !word & (ONES << 7);
        if nuls != 0 {
            return i as u64 * 16 + u64::from(nuls.trailing_zeros() / 8);
        }
    }
    let behind = chunks.len() * 16;
    (behind + rest.iter().position(|&b| b == 0).unwrap_or(rest.len())) as u64
}
