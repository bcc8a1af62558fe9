//! Records as the rows of util-linux' utmpdump, whatever their platform.

use std::net::{IpAddr, Ipv4Addr};

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
pub(crate) fn row(line: &mut Vec<u8>, uid: Option<u64>, entry: &Entry<'_>, clock: &mut Clock) {
    line.push(b'[');
    match uid {
        Some(uid) => zero_padded::<5>(line, uid),
        None => {
            decimal(line, linux_number(entry));
            line.extend_from_slice(b"] [");
            zero_padded::<5>(line, entry.ut_pid.unwrap_or(0));
            column::<ID, 1>(line, entry.ut_id);
            column::<USER, 2>(line, entry.ut_user);
        }
    }
    column::<LINE, 2>(line, entry.ut_line);
    column::<HOST, 3>(line, entry.ut_host);
    line.extend_from_slice(b"] [");
    address(line, entry);
    line.extend_from_slice(b"] [");
    time(line, entry.ut_tv, clock);
    line.extend_from_slice(b"]\n");
}

/// The type in Linux's numbering, so that rows read the same everywhere. What Linux has
/// no number for is 0; going down is a run level record there.
fn linux_number(entry: &Entry<'_>) -> i32 {
    match (entry.raw_type, entry.ut_type()) {
        (Some(raw), _) if entry.dialect.ut_types == glibc::UTMP.ut_types => raw,
        (_, UtType::ShutdownTime | UtType::DownTime) => 1,
        (_, ut_type) => glibc::UTMP.raw_type(ut_type).unwrap_or(0),
    }
}

/// Closes the column before and opens `[text` with blanks up to `WIDTH`, which is less than
/// `WORDS` of eight bytes. utmpdump shows every byte that is not printable ASCII, and
/// brackets, as `?`.
#[inline]
fn column<const WIDTH: usize, const WORDS: usize>(line: &mut Vec<u8>, text: Text<'_>) {
    line.extend_from_slice(b"] [");
    let field = Field::padded::<WORDS, b'[', b']'>(text.raw());
    if let Some((cell, len)) = field
        && len <= WIDTH
        && let Some(cell) = cell.as_flattened().first_chunk::<WIDTH>()
    {
        return line.extend_from_slice(cell);
    }
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
fn pad<const WIDTH: usize>(line: &mut Vec<u8>, len: usize) {
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

/// `YYYY-MM-DDThh:mm:ss,uuuuuu+00:00` with the microseconds as stored, in range or not.
fn time(line: &mut Vec<u8>, tv: Timestamp, clock: &mut Clock) {
    clock.write(line, tv.tv_sec);
    match u32::try_from(tv.tv_usec) {
        Ok(usec) if usec < 1_000_000 => line.extend_from_slice(&six(b',', usec, b'+')),
        _ => {
            line.push(b',');
            zero_padded::<6>(line, tv.tv_usec);
            line.push(b'+');
        }
    }
    line.extend_from_slice(b"00:00");
}
