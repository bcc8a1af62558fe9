//! Records of any platform as rows of util-linux' utmpdump.

use std::net::{IpAddr, Ipv4Addr};

use loginrec::formats::glibc;
use loginrec::{Entry, Text, Timestamp, UtType};

use crate::output::ascii::datetime::Clock;
use crate::output::ascii::number::{self, decimal, dotted, pad, six, zero_padded};
use crate::output::ascii::scan::Field;

/// The minimum widths of the columns, as in utmpdump.
const ID: usize = 4;
const USER: usize = 8;
const LINE: usize = 12;
const HOST: usize = 20;
const ADDRESS: usize = 15;

/// Appends one row: `[type] [pid] [id] [user] [line] [host] [address] [time]`, or for a lastlog
/// `[uid] [line] [host] [address] [time]`. Files of failures have their number after the uid.
#[inline]
pub(crate) fn row(line: &mut Vec<u8>, uid: Option<u64>, entry: &Entry<'_>, clock: &mut Clock) {
    match uid {
        _ if entry.failures.is_some() => failures(line, uid, entry),
        Some(uid) => slot(line, uid, entry),
        None => {
            line.push(b'[');
            decimal(line, linux_number(entry));
            line.extend_from_slice(b"] [");
            zero_padded::<5>(line, entry.ut_pid.unwrap_or(0));
            if !names(line, entry) {
                column::<ID, 1>(line, entry.ut_id);
                column::<USER, 2>(line, entry.ut_user);
                column::<LINE, 2>(line, entry.ut_line);
            }
        }
    }
    column::<HOST, 3>(line, entry.ut_host);
    line.extend_from_slice(b"] [");
    address(line, entry);
    time(line, entry.ut_tv, clock);
}

/// Appends the beginning of a row of a lastlog: `[uid] [line]`.
#[inline(never)]
fn slot(line: &mut Vec<u8>, uid: u64, entry: &Entry<'_>) {
    line.push(b'[');
    zero_padded::<5>(line, uid);
    column::<LINE, 2>(line, entry.ut_line);
}

/// Appends the beginning of a row of failures: `[uid] [failures] [line]`, of pam_faillock
/// `[status] [line]`.
#[inline(never)]
fn failures(line: &mut Vec<u8>, uid: Option<u64>, entry: &Entry<'_>) {
    let numbers = entry.failures.unwrap_or_default();
    line.push(b'[');
    match uid {
        Some(uid) => {
            zero_padded::<5>(line, uid);
            line.extend_from_slice(b"] [");
            zero_padded::<5>(line, numbers.count);
        }
        None => decimal(line, numbers.status),
    }
    column::<LINE, 2>(line, entry.ut_line);
}

/// Returns id, user and line if they have their minimum widths, as one piece of known length. It is
/// filled in place: the processor would have to wait if it were built from small pieces and copied
/// in large ones.
#[inline]
fn names(line: &mut Vec<u8>, entry: &Entry<'_>) -> bool {
    let id = cell::<ID, 1>(entry.ut_id);
    let (user, place) = (cell::<USER, 2>(entry.ut_user), cell::<LINE, 2>(entry.ut_line));
    let (Some(id), Some(user), Some(place)) = (id, user, place) else { return false };
    line.extend_from_slice(b"] [    ] [        ] [            ");
    if let Some(names) = line.last_chunk_mut::<33>() {
        names[3..7].copy_from_slice(&id);
        names[10..18].copy_from_slice(&user);
        names[21..33].copy_from_slice(&place);
    }
    true
}

/// Returns the type in Linux's numbering, so that rows look the same for all platforms. Types
/// without a Linux number are 0; a shutdown is a run level record there.
#[inline]
fn linux_number(entry: &Entry<'_>) -> i32 {
    match entry.raw_type {
        Some(raw) if entry.platform.numbers_types_as(&glibc::UTMP) => raw,
        _ => foreign_number(entry),
    }
}

#[inline(never)]
fn foreign_number(entry: &Entry<'_>) -> i32 {
    match entry.ut_type() {
        UtType::ShutdownTime | UtType::DownTime => 1,
        ut_type => glibc::UTMP.raw_type(ut_type).unwrap_or(0),
    }
}

/// Returns a text that is printed unchanged, with blanks up to `WIDTH`, which is less than `WORDS`
/// times eight bytes; `None` if it is longer or needs escaping.
#[inline(always)]
fn cell<const WIDTH: usize, const WORDS: usize>(text: Text<'_>) -> Option<[u8; WIDTH]> {
    let (cell, len) = Field::padded::<WORDS, b'[', b']'>(text.raw())?;
    let cell = cell.as_flattened().first_chunk::<WIDTH>();
    cell.copied().filter(|_| len <= WIDTH)
}

/// Closes the previous column and appends `[text` with blanks up to `WIDTH`. utmpdump shows every
/// byte that is not printable ASCII, and brackets, as `?`.
#[inline]
fn column<const WIDTH: usize, const WORDS: usize>(line: &mut Vec<u8>, text: Text<'_>) {
    line.extend_from_slice(b"] [");
    match cell::<WIDTH, WORDS>(text) {
        Some(cell) => line.extend_from_slice(&cell),
        None => odd_column::<WIDTH>(line, text),
    }
}

#[inline(never)]
fn odd_column<const WIDTH: usize>(line: &mut Vec<u8>, text: Text<'_>) {
    let text = text.as_bytes();
    line.extend(text.iter().map(|&byte| match byte {
        b'[' | b']' => b'?',
        b' '..=b'~' => byte,
        _ => b'?',
    }));
    pad::<WIDTH>(line, text.len());
}

fn address(line: &mut Vec<u8>, entry: &Entry<'_>) {
    let start = line.len();
    match entry.addr() {
        None => return line.extend_from_slice(b"0.0.0.0        "),
        // inet_ntop() ends an address of the deprecated IPv4-compatible form in dotted digits; Rust
        // does not.
        Some(IpAddr::V6(v6)) if matches!(v6.segments(), [0, 0, 0, 0, 0, 0, 1..=u16::MAX, _]) => {
            let [.., a, b, c, d] = v6.octets();
            line.extend_from_slice(b"::");
            dotted(line, Ipv4Addr::new(a, b, c, d));
        }
        Some(address) => number::address(line, address),
    }
    pad::<ADDRESS>(line, line.len() - start);
}

/// Closes the address and the row with `YYYY-MM-DDThh:mm:ss,uuuuuu+00:00`. The microseconds are
/// printed as stored, even out of range.
#[inline]
fn time(line: &mut Vec<u8>, tv: Timestamp, clock: &mut Clock) {
    let usec = u32::try_from(tv.tv_usec).ok().filter(|&usec| usec < 1_000_000);
    let (Some(usec), Some((date, time))) = (usec, clock.date_and_time(tv.tv_sec)) else {
        return odd_time(line, tv, clock);
    };
    line.extend_from_slice(b"] [0000-00-00T00:00:00,000000+00:00]\n");
    if let Some(end) = line.last_chunk_mut::<37>() {
        end[3..14].copy_from_slice(date);
        end[14..22].copy_from_slice(&time);
        end[22..30].copy_from_slice(&six(b',', usec, b'+'));
    }
}

#[cold]
fn odd_time(line: &mut Vec<u8>, tv: Timestamp, clock: &mut Clock) {
    line.extend_from_slice(b"] [");
    clock.write(line, tv.tv_sec);
    line.push(b',');
    zero_padded::<6>(line, tv.tv_usec);
    line.extend_from_slice(b"+00:00]\n");
}
