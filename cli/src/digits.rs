//! Numbers and addresses at the end of a line of bytes, without the machinery of `write!`,
//! which takes most of the time of printing a record.

use std::fmt::Display;
use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use itoa::Integer;

use crate::hex;

/// As `{number}`.
#[inline]
pub(crate) fn decimal(line: &mut Vec<u8>, number: impl Integer) {
    line.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// As `{number:0WIDTH$}`; a number that is longer, or negative, takes the room it needs.
#[inline]
pub(crate) fn zero_padded<const WIDTH: usize>(
    line: &mut Vec<u8>,
    number: impl Integer + Copy + Display + TryInto<u32>,
) {
    match number.try_into() {
        Ok(small) if small < 10u32.pow(const { WIDTH as u32 }) => {
            line.extend_from_slice(&digits::<WIDTH>(small));
        }
        Ok(_) => decimal(line, number),
        Err(_) => {
            // A Vec takes everything.
            let _ = write!(line, "{number:0WIDTH$}");
        }
    }
}

/// The last `WIDTH` digits.
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

/// `192.0.2.17`
#[inline]
pub(crate) fn dotted(line: &mut Vec<u8>, address: Ipv4Addr) {
    let mut digits = [b'.'; 16];
    let mut len = 0;
    for octet in address.octets() {
        let [hundreds, tens, ones] = self::digits(octet.into());
        let skip = usize::from(octet < 100) + usize::from(octet < 10);
        let number = u32::from_le_bytes([hundreds, tens, ones, b'.']) >> (8 * skip);
        if let Some(place) = digits.get_mut(len..).and_then(|rest| rest.first_chunk_mut()) {
            *place = number.to_le_bytes();
        }
        len += 4 - skip;
    }
    line.extend_from_slice(digits.get(..len - 1).unwrap_or_default());
}

/// `2001:db8::1`: groups without leading zeros, the first longest run of two and more that
/// are zero left out, IPv4-mapped ones with dotted digits (RFC 5952).
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

/// One to four hexadecimal digits.
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

    /// The standard library is the other opinion.
    #[test]
    fn digits_are_those_of_the_standard_library() {
        let edges = [0, 1, 9, 10, 99_999, 100_000, 999_999, 1_000_000, u32::MAX.into()];
        for number in edges.into_iter().flat_map(|n: i64| [n, -n]).chain([i64::MAX, i64::MIN]) {
            let mut line = Vec::new();
            zero_padded::<5>(&mut line, number);
            line.push(b' ');
            zero_padded::<6>(&mut line, number);
            line.push(b' ');
            decimal(&mut line, number);
            let line = String::from_utf8(line).unwrap();
            assert_eq!(line, format!("{number:05} {number:06} {number}"));
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
        // Every choice of groups that are zero, with groups of every length between.
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
