//! Records as the rows of util-linux' utmpdump, whatever their platform.

use std::net::{IpAddr, Ipv4Addr};
use std::ptr;

use loginrec::platform::glibc;
use loginrec::{Entry, Text, Timestamp, UtType};

use crate::calendar::Clock;
use crate::digits::{self, decimal, dotted, push, six, zero_padded};
use crate::plain::Field;

/// The least widths of the columns, as in utmpdump.
const ID: usize = 4;
const USER: usize = 8;
const LINE: usize = 12;
const HOST: usize = 20;
const ADDRESS: usize = 15;

/// One row: `[type] [pid] [id] [user] [line] [host] [address] [time]`, for a lastlog
/// `[uid] [line] [host] [address] [time]`.
#[inline]
pub(crate) fn row(line: &mut Vec<u8>, uid: Option<u64>, entry: &Entry<'_>, clock: &mut Clock) {
    match uid {
        Some(uid) => {
            line.push(b'[');
            zero_padded::<5>(line, uid);
            column::<LINE, 2>(line, entry.ut_line);
        }
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

/// Id, user and line, if they have their least widths: then they are one piece of a known
/// length. It is filled in where it stands, for what is put together elsewhere by small pieces
/// and copied by large ones makes the processor wait.
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

/// The type in Linux's numbering, so that rows read the same everywhere. What Linux has
/// no number for is 0; going down is a run level record there.
#[inline]
fn linux_number(entry: &Entry<'_>) -> i32 {
    match entry.raw_type {
        Some(raw) if ptr::eq(entry.dialect.ut_types, glibc::UTMP.ut_types) => raw,
        _ => foreign_number(entry),
    }
}

#[inline(never)]
fn foreign_number(entry: &Entry<'_>) -> i32 {
    match (entry.raw_type, entry.ut_type()) {
        (Some(raw), _) if entry.dialect.ut_types == glibc::UTMP.ut_types => raw,
        (_, UtType::ShutdownTime | UtType::DownTime) => 1,
        (_, ut_type) => glibc::UTMP.raw_type(ut_type).unwrap_or(0),
    }
}

/// A text that is printed as it stands, with blanks up to `WIDTH`, which is less than
/// `WORDS` of eight bytes; `None` if it is longer or something else.
#[inline(always)]
fn cell<const WIDTH: usize, const WORDS: usize>(text: Text<'_>) -> Option<[u8; WIDTH]> {
    let (cell, len) = Field::padded::<WORDS, b'[', b']'>(text.raw())?;
    let cell = cell.as_flattened().first_chunk::<WIDTH>();
    cell.copied().filter(|_| len <= WIDTH)
}

/// Closes the column before and opens `[text` with blanks up to `WIDTH`. utmpdump shows every
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

/// Blanks behind what is `len` long.
#[inline]
pub(crate) fn pad<const WIDTH: usize>(line: &mut Vec<u8>, len: usize) {
    push(line, &[b' '; WIDTH], WIDTH.saturating_sub(len));
}

fn address(line: &mut Vec<u8>, entry: &Entry<'_>) {
    let start = line.len();
    match entry.addr() {
        None => return line.extend_from_slice(b"0.0.0.0        "),
        // inet_ntop() ends an address of the deprecated IPv4-compatible form in dotted
        // digits; Rust does not.
        Some(IpAddr::V6(v6)) if matches!(v6.segments(), [0, 0, 0, 0, 0, 0, 1..=u16::MAX, _]) => {
            let [.., a, b, c, d] = v6.octets();
            line.extend_from_slice(b"::");
            dotted(line, Ipv4Addr::new(a, b, c, d));
        }
        Some(address) => digits::address(line, address),
    }
    pad::<ADDRESS>(line, line.len() - start);
}

/// Closes the address and the row with `YYYY-MM-DDThh:mm:ss,uuuuuu+00:00`, the microseconds
/// as stored, in range or not.
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
