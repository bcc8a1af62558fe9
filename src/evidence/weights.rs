//! Evidence of single fields for or against a layout, in bits; `None` if no record of the layout
//! can have such a field.

use crate::scan::is_zero;
use crate::value::address::is_socket_address;
use crate::value::text::Text;
use crate::value::ut_type::UtType;

/// Bits for a record that cannot be one.
pub(crate) const CONTRADICTION: i32 = -10;
/// Bits for a time before 1975: a clock that was at 1970.
pub(crate) const BEFORE_1975: i32 = -3;

pub(crate) fn ut_type(ut_type: UtType, len: usize) -> Option<i32> {
    match ut_type {
        UtType::Unknown => None,
        UtType::Empty => Some(-2),
        _ => Some(if len == 1 { 4 } else { 6 }),
    }
}

/// Returns the bits for seconds. 1980 to 2037 is usual. In the wrong byte order nearly half of all
/// 32-bit times still fall there, so single records remain ambiguous.
pub(crate) fn seconds(sec: i64, len: usize, lastlog: bool) -> Option<i32> {
    match sec {
        // A used lastlog slot has a time.
        0 if lastlog => Some(-8),
        0 => Some(-2),
        315_532_800..2_145_916_800 => Some(if len > 4 { 3 } else { 1 }),
        // Clocks that were at 1970, and the first years of Unix.
        1..157_766_400 => Some(BEFORE_1975),
        157_766_400..315_532_800 => Some(0),
        2_145_916_800..4_294_967_296 => Some(-6),
        // 2038 to 2106 where seconds are signed, or before 1970.
        -0x8000_0000..0 => Some(-8),
        _ => None,
    }
}

/// Returns the bits for a time that is stored as microseconds.
pub(crate) fn micros(sec: i64) -> Option<i32> {
    match sec {
        0 => Some(-8),
        1_230_768_000..4_294_967_296 => Some(5), // FreeBSD 9 was released in 2012
        1..10_000_000 => Some(-4),
        _ => None,
    }
}

pub(crate) fn microseconds(usec: i64) -> Option<i32> {
    match usec {
        0 => Some(0),
        1..1_000_000 => Some(set(usec, 20)),
        _ => None,
    }
}

pub(crate) fn process(pid: i64) -> Option<i32> {
    match pid {
        0 => Some(0),
        1..=32_768 => Some(set(pid, 15).max(-6)),
        32_769..=4_194_304 => Some(set(pid, 22).max(-6)),
        -1 => Some(-6),
        // Only AIX and clusters have larger ones; in the wrong byte order nearly all are.
        4_194_305..=0x7fff_ffff => Some(CONTRADICTION + 1),
        _ => None,
    }
}

pub(crate) fn session(session: i64) -> i32 {
    match session {
        0 => 0,
        1..=65_535 => set(session, 16).max(-4),
        65_536..=4_194_304 => set(session, 22).max(-4),
        -65_536..0 => -4,
        _ => -16,
    }
}

pub(crate) fn exit(status: i32) -> i32 {
    match status {
        0 => 0,
        1..=255 => -1,
        _ => -4,
    }
}

pub(crate) fn socket(bytes: &[u8]) -> Option<i32> {
    match bytes {
        _ if is_zero(bytes) => Some(0),
        // No family, but an address: fields of a record that begins elsewhere.
        [0, 0, ..] => Some(-8),
        _ => is_socket_address(bytes).then_some(10),
    }
}

pub(crate) fn address(bytes: &[u8]) -> i32 {
    // An IPv4 address, or an IPv6 address with a global or local prefix.
    match bytes {
        [_, _, _, _, rest @ ..] if is_zero(rest) => 0,
        [0x20..=0x3f | 0xfc..=0xfe, ..] => -1,
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, ..] | [0, 0, 0, 0, 0, 0, 0, 0, ..] => -2,
        _ => -8,
    }
}

pub(crate) fn id(bytes: &[u8]) -> i32 {
    let control = bytes.iter().filter(|b| b.is_ascii_control() && **b != 0).count();
    each(-4, control.min(3))
}

pub(crate) fn host_length(host: Text<'_>, stored: i64) -> i32 {
    let len = host.as_bytes().len() as i64;
    match stored {
        0 if len == 0 => 0,
        0 => -2,
        _ if len > 0 && (stored == len || stored == len.saturating_add(1)) => 8,
        _ => -12,
    }
}

/// Returns `bits` times `count`.
pub(crate) fn each(bits: i32, count: usize) -> i32 {
    bits.saturating_mul(i32::try_from(count).unwrap_or(i32::MAX))
}

/// Returns eight bits for each nonzero byte of a number, less the number's usual bits.
fn set(number: i64, by_chance: i32) -> i32 {
    let set = number.to_ne_bytes().map(|byte| usize::from(byte != 0)).iter().sum();
    each(8, set).saturating_sub(by_chance)
}

/// Returns whether a line is well known: a terminal, a display, a mark, a message.
pub(crate) fn is_line(line: &[u8]) -> bool {
    let heads: &[&[u8]] = match line {
        [b'~' | b'|' | b'{' | b'}'] | b"~~" => return true,
        [b':', b'0'..=b'9', ..] => return true,
        [b't', ..] => &[b"tty", b"term/"],
        [b'p', ..] => &[b"pts/", b"pty"],
        [b'c', ..] => &[b"cons"],
        [b's', ..] => &[b"ssh", b"system ", b"seat"],
        [b'v', ..] => &[b"vc/", b"vsftpd:"],
        [b'h', ..] => &[b"hvc"],
        [b'f', ..] => &[b"ftp"],
        [b'u', ..] => &[b"uucp"],
        [b'd', ..] => &[b"dtremote", b"dtlocal"],
        [b'r', ..] => &[b"run-level "],
        [b'o', ..] => &[b"old time"],
        [b'n', ..] => &[b"new time"],
        [b'l', ..] => &[b"lft"],
        _ => &[],
    };
    heads.iter().any(|head| line.starts_with(head))
}

/// Returns whether a user is a name that the system itself writes.
pub(crate) fn is_mark(user: &[u8]) -> bool {
    matches!(
        user,
        b"reboot" | b"shutdown" | b"runlevel" | b"LOGIN" | b"root" | b"date" | b"rc" | b"getty"
    ) || user.starts_with(b"utmpx-")
}
