//! Copies of what records say, which outlive the bytes they were read from.

use std::borrow::Cow;
use std::vec::Vec;

use crate::address::Address;
use crate::entry::{Entry, Exit};
use crate::layout::Layout;
use crate::record::Record;
use crate::text::Text;
use crate::timestamp::Timestamp;

/// Where a record was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Place {
    /// Which file, in the caller's own numbering.
    pub file: u32,
    /// [`Record::index`].
    pub index: u64,
    /// [`Record::offset`].
    pub offset: u64,
}

/// A record that begins or ends something: where it lies and when it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mark {
    /// Where it lies.
    pub place: Place,
    /// Its time; read as unsigned if that was asked for.
    pub time: Timestamp,
    /// Its layout, which says how precise the time is.
    pub layout: &'static Layout,
}

impl Mark {
    pub(super) fn new(file: u32, record: &Record<'_>, entry: &Entry<'_>) -> Mark {
        let place = Place { file, index: record.index(), offset: record.offset() };
        Mark { place, time: entry.ut_tv, layout: record.layout() }
    }
}

/// A record that begins something, with all it says: a copy, which needs the file no more.
#[derive(Clone, Debug)]
pub struct Opening<'a> {
    facts: Facts,
    texts: Cow<'a, [u8]>,
}

impl<'a> Opening<'a> {
    pub(super) fn new(facts: Facts, texts: &'a [u8]) -> Opening<'a> {
        Opening { facts, texts: Cow::Borrowed(texts) }
    }

    pub(super) fn copy(mark: Mark, entry: &Entry<'_>) -> Opening<'static> {
        let (facts, texts) = Facts::of(mark, entry);
        let mut copy = Vec::with_capacity(facts.len());
        copy.extend(texts.iter().copied().flatten());
        Opening { facts, texts: Cow::Owned(copy) }
    }

    /// Where the record lies, and when it was written.
    #[inline]
    pub fn mark(&self) -> Mark {
        self.facts.mark()
    }

    /// What the record says. Zeros at the end of a text are not kept, nor is an address of
    /// nothing but zeros.
    pub fn entry(&self) -> Entry<'_> {
        self.facts.entry(&self.texts)
    }

    /// The same with texts of its own.
    pub fn into_owned(self) -> Opening<'static> {
        Opening { facts: self.facts, texts: Cow::Owned(self.texts.into_owned()) }
    }
}

/// What a login says besides its texts. One is kept of each that is open, so it is small.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts {
    layout: &'static Layout,
    index: u64,
    offset: u64,
    time: Timestamp,
    pid: i64,
    session: i64,
    exit: Exit,
    raw_type: i32,
    file: u32,
    /// Of line, id, user, host and address.
    lens: [u16; 5],
    address: AddressForm,
    has_type: bool,
    has_pid: bool,
    has_session: bool,
    has_exit: bool,
}

#[derive(Clone, Copy, Debug)]
enum AddressForm {
    Absent,
    V4,
    V6,
    Socket,
}

/// What of a `struct sockaddr_storage` a reader of addresses may ask for.
const SOCKET: usize = 28;

impl Facts {
    /// Also the texts, in the order in which they are to be kept.
    #[inline]
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
        let text = |text: Text<'e>| {
            let used = without_zeros(text.raw());
            used.get(..usize::from(u16::MAX)).unwrap_or(used)
        };
        let texts = [
            text(entry.ut_line),
            text(entry.ut_id),
            text(entry.ut_user),
            text(entry.ut_host),
            bytes,
        ];
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
            lens: texts.map(|text| text.len() as u16),
        };
        (facts, texts)
    }

    fn mark(&self) -> Mark {
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

    /// The process id where it can identify; see [`pid`].
    pub(super) fn pid(&self) -> Option<i64> {
        (self.has_pid && self.pid > 0).then_some(self.pid)
    }

    /// The session id where it can identify.
    pub(super) fn session(&self) -> Option<i64> {
        (self.has_session && self.session > 0).then_some(self.session)
    }

    /// The [`key`] of what was copied, given its texts.
    pub(super) fn key<'t>(&self, texts: &'t [u8]) -> &'t [u8] {
        let [line, id, ..] = self.lens.map(usize::from);
        let (line, rest) = texts.split_at_checked(line).unwrap_or((texts, &[]));
        match is_by_id(self.layout) {
            true => rest.get(..id).unwrap_or(rest),
            false => Text::new(line).as_bytes(),
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
fn is_by_id(layout: &Layout) -> bool {
    layout.dialect.binary_id && layout.dialect.system == "FreeBSD"
}

fn unless_zero(bytes: &[u8]) -> &[u8] {
    if bytes.iter().all(|&byte| byte == 0) { &[] } else { bytes }
}

/// All up to the last byte that is not zero.
#[inline]
pub(super) fn without_zeros(field: &[u8]) -> &[u8] {
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
    use crate::frame::Framing;
    use crate::platform::LAYOUTS;

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

    /// Whatever the bytes, a copy says what the record says.
    #[test]
    fn copies_are_whole() {
        let mut state = 7_u64;
        for layout in LAYOUTS.iter().filter(|layout| layout.framing == Framing::Fixed) {
            for _ in 0..50 {
                let bytes: Vec<u8> = (0..layout.size)
                    .map(|_| {
                        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                        let byte = (state >> 56) as u8;
                        if byte < 100 { 0 } else { byte }
                    })
                    .collect();
                let record = layout.records(&bytes).next().unwrap().unwrap();
                let entry = record.entry();
                let copy = Opening::copy(Mark::new(3, &record, &entry), &entry);
                assert_eq!(copy.mark().place, Place { file: 3, index: 0, offset: 0 });
                let same = copy.entry();
                let texts = |e: &Entry<'_>| {
                    [e.ut_user, e.ut_line, e.ut_host, e.ut_id]
                        .map(|text| without_zeros(text.raw()).to_vec())
                };
                assert_eq!(texts(&same), texts(&entry), "{}", layout.name);
                let numbers = |e: &Entry<'_>| {
                    (e.raw_type, e.ut_tv, e.ut_pid, e.ut_session, e.ut_exit, e.addr(), e.event())
                };
                assert_eq!(numbers(&same), numbers(&entry), "{}", layout.name);
                let owned = key(record.layout(), &entry).to_vec();
                assert_eq!(copy.facts.key(&copy.texts), owned);
            }
        }
    }
}
