//! What a record says besides its texts.

use super::opening::{Mark, Place};
use crate::address::Address;
use crate::entry::{Entry, Exit};
use crate::layout::Layout;
use crate::text::Text;
use crate::timestamp::Timestamp;

/// What a record says, except its texts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts {
    pub(super) layout: &'static Layout,
    pub(super) index: u64,
    pub(super) offset: u64,
    pub(super) time: Timestamp,
    pub(super) pid: i64,
    pub(super) session: i64,
    pub(super) exit: Exit,
    pub(super) raw_type: i32,
    pub(super) file: u32,
    /// Of line, id, user, host and address.
    pub(super) lens: [u16; 5],
    pub(super) address: AddressForm,
    pub(super) has_type: bool,
    pub(super) has_pid: bool,
    pub(super) has_session: bool,
    pub(super) has_exit: bool,
}

/// How an address is stored; the numbers are for [`Packed`](super::login::Packed).
#[derive(Clone, Copy, Debug)]
pub(super) enum AddressForm {
    Absent,
    V4,
    V6,
    Socket,
}

/// What of a `struct sockaddr_storage` a reader of addresses may ask for.
const SOCKET: usize = 28;

impl Facts {
    /// Also the fields of the texts, in the order in which they are to be kept. Of each as
    /// much is to be kept as `lens` says.
    #[inline(always)]
    pub(super) fn of<'e>(mark: Mark, entry: &Entry<'e>) -> (Facts, [&'e [u8]; 5]) {
        let (address, bytes): (_, &[u8]) = match entry.ut_addr {
            Address::Absent => (AddressForm::Absent, &[]),
            // Of all zeros nothing is kept: they mean none, as no bytes do.
            Address::V4(bytes) => (AddressForm::V4, unless_zero(bytes)),
            Address::V6(bytes) => (AddressForm::V6, unless_zero(bytes)),
            Address::Socket(bytes) => {
                let used = without_zeros(bytes).len().max(SOCKET);
                (AddressForm::Socket, bytes.get(..used).unwrap_or(bytes))
            }
        };
        let short = |len: usize| len.min(u16::MAX.into()) as u16;
        let len = |field| short(without_zeros(field).len());
        let texts = [entry.ut_line, entry.ut_id, entry.ut_user, entry.ut_host].map(Text::raw);
        let [line, id, user, host] = texts;
        let Mark { place: Place { file, index, offset }, time, layout } = mark;
        let facts = Facts {
            layout,
            index,
            offset,
            time,
            file,
            pid: entry.ut_pid.unwrap_or_default(),
            session: entry.ut_session.unwrap_or_default(),
            exit: entry.ut_exit.unwrap_or_default(),
            raw_type: entry.raw_type.unwrap_or_default(),
            has_type: entry.raw_type.is_some(),
            has_pid: entry.ut_pid.is_some(),
            has_session: entry.ut_session.is_some(),
            has_exit: entry.ut_exit.is_some(),
            address,
            lens: [len(line), len(id), len(user), len(host), short(bytes.len())],
        };
        (facts, [line, id, user, host, bytes])
    }

    #[inline]
    pub(super) fn mark(&self) -> Mark {
        let Facts { file, index, offset, time, layout, .. } = *self;
        Mark { place: Place { file, index, offset }, time, layout }
    }

    /// Bytes of text.
    pub(super) fn len(&self) -> usize {
        self.lens.iter().copied().map(usize::from).sum()
    }

    /// What was copied, given its texts.
    pub(super) fn entry<'t>(&self, mut texts: &'t [u8]) -> Entry<'t> {
        let mut next = |len: u16| {
            let (text, rest) = texts.split_at_checked(len.into()).unwrap_or((texts, &[]));
            texts = rest;
            text
        };
        let [line, id, user, host, address] = self.lens.map(&mut next);
        Entry {
            raw_type: self.has_type.then_some(self.raw_type),
            ut_tv: self.time,
            ut_user: Text::new(user),
            ut_line: Text::new(line),
            ut_host: Text::new(host),
            ut_id: Text::new(id),
            ut_pid: self.has_pid.then_some(self.pid),
            ut_session: self.has_session.then_some(self.session),
            ut_exit: self.has_exit.then_some(self.exit),
            ut_addr: match self.address {
                AddressForm::Absent => Address::Absent,
                AddressForm::V4 => Address::V4(address),
                AddressForm::V6 => Address::V6(address),
                AddressForm::Socket => Address::Socket(address),
            },
            ..Entry::new(self.layout.dialect)
        }
    }
}

/// The process id where it can identify: display managers leave it zero.
pub(super) fn pid(entry: &Entry<'_>) -> Option<i64> {
    entry.ut_pid.filter(|&pid| pid > 0)
}

/// What a logout has in common with its login: the line, on FreeBSD the identifier.
#[inline]
pub(super) fn key<'a>(layout: &Layout, entry: &Entry<'a>) -> &'a [u8] {
    match is_by_id(layout) {
        // The zero tail of an identifier may not be stored.
        true => without_zeros(entry.ut_id.raw()),
        false => entry.ut_line.as_bytes(),
    }
}

/// Of those with binary identifiers macOS puts nothing in them that a logout repeats.
pub(super) fn is_by_id(layout: &Layout) -> bool {
    layout.dialect.binary_id && layout.dialect.system == "FreeBSD"
}

fn unless_zero(bytes: &[u8]) -> &[u8] {
    if without_zeros(bytes).is_empty() { &[] } else { bytes }
}

/// All up to the last byte that is not zero.
#[inline(always)]
pub(super) fn without_zeros(field: &[u8]) -> &[u8] {
    let word = |word: &[u8; 8]| u64::from_le_bytes(*word);
    let two = |a, b| u128::from(word(b)) << 64 | u128::from(word(a));
    // What lines, users, ids and addresses mostly are.
    let zeros = match field.as_chunks() {
        ([a, b, c, d], []) if two(c, d) == 0 => (two(a, b).leading_zeros() / 8).saturating_add(16),
        ([a, b], []) => two(a, b).leading_zeros() / 8,
        ([], &[a, b, c, d]) => u32::from_le_bytes([a, b, c, d]).leading_zeros() / 8,
        _ => return without_many_zeros(field),
    };
    field.get(..field.len().saturating_sub(zeros as usize)).unwrap_or(field)
}

#[inline(never)]
fn without_many_zeros(field: &[u8]) -> &[u8] {
    let mut rest = field;
    // Fields are long and mostly zero.
    while let Some((before, block)) = rest.split_last_chunk::<64>() {
        let (words, _) = block.as_chunks::<8>();
        if words.iter().fold(0, |all, &word| all | u64::from_ne_bytes(word)) != 0 {
            break;
        }
        rest = before;
    }
    while let Some((before, &word)) = rest.split_last_chunk::<8>() {
        let zeros = u64::from_le_bytes(word).leading_zeros() / 8;
        if zeros < 8 {
            return rest.get(..rest.len().saturating_sub(zeros as usize)).unwrap_or(rest);
        }
        rest = before;
    }
    while let [before @ .., 0] = rest {
        rest = before;
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_at_the_end_are_left_out() {
        for len in 0..70 {
            for used in 0..=len {
                let mut field = std::vec![0; len];
                field.iter_mut().take(used).step_by(3).for_each(|byte| *byte = 7);
                if let Some(last) = used.checked_sub(1) {
                    field[last] = 1;
                }
                assert_eq!(without_zeros(&field).len(), used);
            }
        }
    }
}
