//! Appends numbers and addresses to a line of bytes, without the machinery of `write!`, which takes
//! most of the time of printing a record.

use std::fmt::Display;
use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use itoa::Integer;

use crate::output::ascii::hex;

/// An integer that can be written.
pub(crate) trait Number: Integer + Copy + TryInto<u64> {}

impl<T: Integer + Copy + TryInto<u64>> Number for T {}

/// Numbers of at most eight digits are less than this.
const EIGHT: u64 = 100_000_000;
/// Numbers of at most seven digits are less than this: a word then has room for another character.
const SEVEN: u64 = 10_000_000;

/// Appends the first `len` of `bytes`. Copying a length known at compile time is a move or two; any
/// other copy is a call.
#[inline(always)]
pub(crate) fn push<const N: usize>(line: &mut Vec<u8>, bytes: &[u8; N], len: usize) {
    let end = line.len().wrapping_add(len);
    line.extend_from_slice(bytes);
    line.truncate(end);
}

/// Appends blanks after `len` bytes.
#[inline]
pub(crate) fn pad<const WIDTH: usize>(line: &mut Vec<u8>, len: usize) {
    push(line, &[b' '; WIDTH], WIDTH.saturating_sub(len));
}

/// Appends the first `len` bytes of a field. Most are short.
#[inline(always)]
pub(crate) fn copy(line: &mut Vec<u8>, field: &[u8], len: usize) {
    match (field.first_chunk::<32>(), field.first_chunk::<4>()) {
        (Some(head), _) if len <= 32 => push(line, head, len),
        (_, Some(head)) if len <= 4 => push(line, head, len),
        _ => line.extend_from_slice(field.get(..len).unwrap_or(field)),
    }
}

/// Does the same as [`copy`], with a character after it: one append for both.
#[inline(always)]
pub(crate) fn copy_and(line: &mut Vec<u8>, field: &[u8], len: usize, after: u8) {
    let end = line.len().wrapping_add(len);
    match (field.first_chunk::<32>(), field.first_chunk::<4>()) {
        (Some(head), _) if len < 32 => {
            line.extend_from_slice(head);
            if let Some(place) = line.get_mut(end) {
                *place = after;
            }
            line.truncate(end.wrapping_add(1));
        }
        // An id: a word has room for both.
        (None, Some(head)) if len <= 4 => {
            let text = u64::from(u32::from_le_bytes(*head)) & !(!0 << (8 * len));
            let text = text | u64::from(after) << (8 * len);
            push(line, &text.to_le_bytes(), len.wrapping_add(1));
        }
        _ => {
            copy(line, field, len);
            line.push(after);
        }
    }
}

/// Does the same as [`decimal`], with a character after it: one append for both if the number is
/// short.
#[inline(always)]
pub(crate) fn decimal_and(line: &mut Vec<u8>, number: impl Number, after: u8) {
    match number.try_into() {
        Ok(number) if number < 10 => line.extend_from_slice(&[b'0' + number as u8, after]),
        Ok(number) if number < SEVEN => {
            let (text, len) = short_text(number as u32);
            let text = text | u64::from(after) << (8 * len);
            push(line, &text.to_le_bytes(), len.wrapping_add(1));
        }
        _ => {
            decimal(line, number);
            line.push(after);
        }
    }
}

/// Appends `{number}`.
#[inline(always)]
pub(crate) fn decimal(line: &mut Vec<u8>, number: impl Number) {
    match number.try_into() {
        Ok(number) if number < 10 => line.push(b'0' + number as u8),
        Ok(number) if number < EIGHT => short(line, number as u32),
        _ => long(line, number),
    }
}

#[inline(never)]
fn long(line: &mut Vec<u8>, number: impl Number) {
    match number.try_into() {
        Ok(number) if number < EIGHT * EIGHT => {
            short(line, (number / EIGHT) as u32);
            line.extend_from_slice(&ascii((number % EIGHT) as u32).to_le_bytes());
        }
        _ => line.extend_from_slice(itoa::Buffer::new().format(number).as_bytes()),
    }
}

/// Appends a number of at most eight digits.
#[inline(always)]
fn short(line: &mut Vec<u8>, number: u32) {
    let (text, len) = short_text(number);
    push(line, &text.to_le_bytes(), len);
}

/// Returns a number of at most eight digits, the first in the lowest byte, zeros after the last;
/// and the number of digits.
#[inline(always)]
fn short_text(number: u32) -> (u64, usize) {
    let digits = eight(number);
    // The last digit is written even if it is zero.
    let zeros = (digits | 1 << 56).trailing_zeros() & !7;
    ((digits | each(b'0')) >> zeros, 8 - zeros as usize / 8)
}

/// Returns the digits of a number of at most eight, the first in the lowest byte: all at once, in
/// halves, quarters and eighths of a word, none of which overflows.
#[inline(always)]
fn eight(number: u32) -> u64 {
    let halves = u64::from(number / 10_000) | u64::from(number % 10_000) << 32;
    let hundreds = halves.wrapping_mul(10_486) >> 20 & 0x7f_0000_007f;
    let pairs = hundreds | halves.wrapping_sub(hundreds.wrapping_mul(100)) << 16;
    let tens = pairs.wrapping_mul(103) >> 10 & 0x000f_000f_000f_000f;
    tens | pairs.wrapping_sub(tens.wrapping_mul(10)) << 8
}

#[inline]
fn ascii(number: u32) -> u64 {
    eight(number) | each(b'0')
}

const fn each(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

/// Appends `{number:0WIDTH$}`, with at most eight digits; a longer or negative number takes the
/// room it needs.
#[inline(always)]
pub(crate) fn zero_padded<const WIDTH: usize>(
    line: &mut Vec<u8>,
    number: impl Number + Display + TryInto<u32>,
) {
    match TryInto::<u32>::try_into(number) {
        Ok(small) if small < 10u32.pow(const { WIDTH as u32 }) => {
            let text = ascii(small) >> (8 * (8 - WIDTH));
            push(line, &text.to_le_bytes(), WIDTH);
        }
        Ok(_) => decimal(line, number),
        Err(_) => {
            // Writing to a Vec cannot fail.
            let _ = write!(line, "{number:0WIDTH$}");
        }
    }
}

/// Appends six digits between two characters, as in `,123456+`. The number has no more digits.
#[inline(always)]
pub(crate) fn six(before: u8, number: u32, after: u8) -> [u8; 8] {
    let digits = ascii(number) >> 8 & 0x00ff_ffff_ffff_ff00;
    (digits | u64::from_le_bytes([before, 0, 0, 0, 0, 0, 0, after])).to_le_bytes()
}

/// Returns `hh:mm:ss` for a second of the day.
#[inline(always)]
pub(crate) fn time_of_day(second: u32) -> [u8; 8] {
    let (hours, minutes) = (second / 3600, second / 60);
    let parts = [hours, minutes % 60, second % 60].map(u64::from);
    let [hours, minutes, seconds] = parts;
    let pairs = hours | minutes << 16 | seconds << 32;
    let tens = pairs.wrapping_mul(103) >> 10 & 0x000f_000f_000f;
    let digits = tens | pairs.wrapping_sub(tens.wrapping_mul(10)) << 8;
    // Makes room for the colons.
    let spread = digits & 0xffff | (digits & 0xffff_0000) << 8 | (digits & 0xffff_0000_0000) << 16;
    (spread | const { u64::from_le_bytes(*b"00:00:00") }).to_le_bytes()
}

/// Returns the last `WIDTH` digits.
#[inline]
pub(crate) fn digits<const WIDTH: usize>(number: u32) -> [u8; WIDTH] {
    let mut rest = number;
    let mut digits = [b'0'; WIDTH];
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    digits
}

#[inline]
pub(crate) fn address(line: &mut Vec<u8>, address: IpAddr) {
    match address {
        IpAddr::V4(v4) => dotted(line, v4),
        IpAddr::V6(v6) => colons(line, v6),
    }
}

/// Appends an address such as `192.0.2.17`.
#[inline]
pub(crate) fn dotted(line: &mut Vec<u8>, address: Ipv4Addr) {
    let mut digits = [b'.'; 16];
    let mut len = 0_usize;
    for octet in address.octets() {
        let text = OCTETS.get(usize::from(octet)).copied().unwrap_or_default();
        if let Some(place) = digits.get_mut(len..).and_then(|rest| rest.first_chunk_mut()) {
            *place = text;
        }
        len = len.wrapping_add(4 - usize::from(octet < 100) - usize::from(octet < 10));
    }
    push(line, &digits, len.wrapping_sub(1));
}

/// Every number below 256, with a dot after it.
static OCTETS: [[u8; 4]; 256] = {
    let mut octets = [[b'.'; 4]; 256];
    let (mut rest, mut octet): (&mut [[u8; 4]], u8) = (&mut octets, 0);
    while let [first, tail @ ..] = rest {
        let (hundreds, tens, ones) = (octet / 100, octet / 10 % 10, octet % 10);
        *first = match octet {
            100.. => [b'0' + hundreds, b'0' + tens, b'0' + ones, b'.'],
            10.. => [b'0' + tens, b'0' + ones, b'.', b'.'],
            _ => [b'0' + ones, b'.', b'.', b'.'],
        };
        octet = octet.wrapping_add(1);
        rest = tail;
    }
    octets
};

/// Appends an address such as `2001:db8::1`: groups without leading zeros, the first longest run of
/// two or more zero groups omitted, IPv4-mapped addresses with dotted digits (RFC 5952).
fn colons(line: &mut Vec<u8>, address: Ipv6Addr) {
    if let Some(v4) = address.to_ipv4_mapped() {
        line.extend_from_slice(b"::ffff:");
        return dotted(line, v4);
    }
    let groups = address.segments();
    let (mut run, mut gap) = (0..0, 0..1);
    for (at, group) in groups.into_iter().enumerate() {
        run = if group == 0 { run.start..at + 1 } else { at + 1..at + 1 };
        if run.len() > gap.len() {
            gap = run.clone();
        }
    }
    for (at, group) in groups.into_iter().enumerate() {
        match gap.len() > 1 && gap.contains(&at) {
            false => {
                if at > 0 && (at != gap.end || gap.len() < 2) {
                    line.push(b':');
                }
                hex_group(line, group);
            }
            true if at == gap.start => line.extend_from_slice(b"::"),
            true => {}
        }
    }
}

/// Appends one to four hexadecimal digits.
fn hex_group(line: &mut Vec<u8>, group: u16) {
    let zeros = (group.leading_zeros() / 4).min(3);
    for digit in zeros..4 {
        let nibble = u8::try_from(group >> (4 * (3 - digit)) & 0xf).unwrap_or_default();
        line.push(hex::digit(nibble));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Compares with the standard library.
    #[test]
    fn digits_are_those_of_the_standard_library() {
        let powers = (0..19).map(|power| 10_i64.pow(power));
        let edges = powers.flat_map(|n| [n - 1, n, n + 1, n * 7 / 3, u32::MAX.into()]);
        let some = (0..20_000).map(|n: i64| n * n * n * 7_919);
        let all = edges.chain(some).flat_map(|n| [n, -n]).chain([i64::MAX, i64::MIN]);
        for number in all {
            let mut line = Vec::new();
            zero_padded::<5>(&mut line, number);
            line.push(b' ');
            zero_padded::<6>(&mut line, number);
            line.push(b' ');
            decimal(&mut line, number);
            line.push(b' ');
            decimal_and(&mut line, number, b',');
            let line = String::from_utf8(line).unwrap();
            assert_eq!(line, format!("{number:05} {number:06} {number} {number},"));
        }
    }

    #[test]
    fn a_copied_text_ends_before_the_character_after_it() {
        let field = [b'x'; 40];
        for (room, len) in (0..=40).flat_map(|room| (0..=room).map(move |len| (room, len))) {
            let mut line = b"-".to_vec();
            copy_and(&mut line, &field[..room], len, b',');
            assert_eq!(line, [b"-", &field[..len], b","].concat());
        }
    }

    #[test]
    fn every_time_of_day_and_fraction() {
        for second in 0..86_400 {
            let (hours, minutes, seconds) = (second / 3600, second / 60 % 60, second % 60);
            let text = format!("{hours:02}:{minutes:02}:{seconds:02}");
            assert_eq!(time_of_day(second), text.as_bytes());
        }
        for number in (0..1_000_000).step_by(7).chain([9, 99, 999_999]) {
            assert_eq!(six(b'.', number, b'Z'), format!(".{number:06}Z").as_bytes());
        }
    }

    #[test]
    fn addresses_are_those_of_the_standard_library() {
        let written = |address| {
            let mut line = Vec::new();
            super::address(&mut line, address);
            String::from_utf8(line).unwrap()
        };
        for octet in 0..=u8::MAX {
            for octets in [[octet, 0, 9, 10], [99, 100, 255, octet]] {
                assert_eq!(written(octets.into()), Ipv4Addr::from(octets).to_string());
            }
        }
        // Every choice of zero groups, with groups of every length between.
        for zeros in 0..=u8::MAX {
            for first in [1, 0x12, 0x123, 0xffff] {
                let groups = [0, 1, 2, 3, 4, 5, 6, 7].map(|at| {
                    let group = 0x1000u16.wrapping_mul(at).wrapping_add(first);
                    if zeros >> at & 1 == 1 { 0 } else { group }
                });
                assert_eq!(written(groups.into()), Ipv6Addr::from(groups).to_string());
            }
        }
        for address in ["::", "::1", "::ffff:192.0.2.1", "::192.0.2.1", "1::", "::ffff:0:0"] {
            let address: Ipv6Addr = address.parse().unwrap();
            assert_eq!(written(address.into()), address.to_string());
        }
    }
}
