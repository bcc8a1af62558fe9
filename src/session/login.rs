//! One login, in few bytes.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::facts::{AddressForm, Facts, is_by_id};
use super::index::NONE;
use crate::endian::{I32, I64, LE, U16, U32};
use crate::entry::Exit;
use crate::layout::Layout;
use crate::text::Text;
use crate::timestamp::Timestamp;

/// What every login has. Its numbers are behind it, then its texts.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
struct Head {
    hash: U32<LE>,
    /// The login before it that the same process made.
    same_pid: U32<LE>,
    file: U32<LE>,
    raw_type: I32<LE>,
    lens: [U16<LE>; 5],
    layout: u8,
    flags: u8,
}

/// Index, offset, seconds, microseconds, process, session, exit status, clock.
const NUMBERS: usize = 8;
type Narrow = [I32<LE>; NUMBERS];
type Wide = [I64<LE>; NUMBERS];

const ENDED: u8 = 1 << 0;
/// Not all numbers are of 32 bits.
const WIDE: u8 = 1 << 1;
const HAS_TYPE: u8 = 1 << 2;
const HAS_PID: u8 = 1 << 3;
const HAS_SESSION: u8 = 1 << 4;
const HAS_EXIT: u8 = 1 << 5;
/// The form of the address is above.
const ADDRESS: u32 = 6;

/// A login to be kept.
pub(super) struct Packed<'a> {
    head: Head,
    numbers: [i64; NUMBERS],
    texts: [&'a [u8]; 5],
}

impl<'a> Packed<'a> {
    /// `layout` is the number that stands for the layout of `facts`, `clock` what the clock
    /// had been set by.
    #[inline(always)]
    pub(super) fn new(
        facts: &Facts,
        texts: [&'a [u8]; 5],
        (layout, clock, hash): (u8, i64, u32),
    ) -> Packed<'a> {
        let flag = |has: bool, flag: u8| if has { flag } else { 0 };
        let Exit { e_termination, e_exit } = facts.exit;
        let numbers = [
            facts.index.cast_signed(),
            facts.offset.cast_signed(),
            facts.time.tv_sec,
            facts.time.tv_usec,
            facts.pid,
            facts.session,
            i64::from(e_termination) << 32 | i64::from(e_exit.cast_unsigned()),
            clock,
        ];
        let lost = numbers.iter().fold(0, |lost, &number| lost | number ^ i64::from(number as i32));
        let [line, id, user, host, address] = facts.lens;
        let head = Head {
            hash: hash.into(),
            same_pid: NONE.into(),
            file: facts.file.into(),
            raw_type: facts.raw_type.into(),
            lens: [line.into(), id.into(), user.into(), host.into(), address.into()],
            layout,
            flags: flag(lost != 0, WIDE)
                | flag(facts.has_type, HAS_TYPE)
                | flag(facts.has_pid, HAS_PID)
                | flag(facts.has_session, HAS_SESSION)
                | flag(facts.has_exit, HAS_EXIT)
                | (facts.address as u8) << ADDRESS,
        };
        Packed { head, numbers, texts }
    }

    /// How many bytes it takes.
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.head.len()
    }

    /// Writes it. Bytes behind it, which have no meaning yet, may be written as well.
    #[inline(always)]
    pub(super) fn write(&self, to: &mut [u8]) {
        let Ok((head, rest)) = Head::mut_from_prefix(to) else { return };
        *head = self.head;
        let mut rest = if self.head.is_wide() {
            let Ok((wide, rest)) = Wide::mut_from_prefix(rest) else { return };
            wide.iter_mut().zip(self.numbers).for_each(|(to, number)| to.set(number));
            rest
        } else {
            let Ok((narrow, rest)) = Narrow::mut_from_prefix(rest) else { return };
            narrow.iter_mut().zip(self.numbers).for_each(|(to, number)| to.set(number as i32));
            rest
        };
        for (text, len) in self.texts.into_iter().zip(self.head.lens) {
            let len = usize::from(len.get());
            let copied = match len {
                0 => Some(()),
                1..=4 => copy_head::<4>(text, rest),
                5..=8 => copy_head::<8>(text, rest),
                9..=32 => copy_head::<32>(text, rest),
                _ => None,
            };
            let Some((begin, behind)) = rest.split_at_mut_checked(len) else { return };
            if copied.is_none()
                && let Some(text) = text.get(..len)
            {
                begin.copy_from_slice(text);
            }
            rest = behind;
        }
    }
}

/// Copies a fixed number of bytes, which takes no call, if there is room for as many.
#[inline(always)]
fn copy_head<const N: usize>(from: &[u8], to: &mut [u8]) -> Option<()> {
    *to.first_chunk_mut::<N>()? = *from.first_chunk()?;
    Some(())
}

/// One that has been kept.
#[derive(Clone, Copy, Debug)]
pub(super) struct Login<'a> {
    head: &'a Head,
    behind: &'a [u8],
}

impl<'a> Login<'a> {
    /// The bytes may go on behind it.
    #[inline]
    pub(super) fn of(bytes: &'a [u8]) -> Option<Login<'a>> {
        let (head, behind) = Head::ref_from_prefix(bytes).ok()?;
        Some(Login { head, behind })
    }

    /// How many bytes it takes.
    #[inline]
    pub(super) fn len(self) -> usize {
        self.head.len()
    }

    /// The hash of its key.
    pub(super) fn hash(self) -> u32 {
        self.head.hash.get()
    }

    pub(super) fn has_ended(self) -> bool {
        self.head.has(ENDED)
    }

    /// The number that stands for its layout.
    pub(super) fn layout(self) -> u8 {
        self.head.layout
    }

    /// The place of the login before it that the same process made.
    pub(super) fn same_pid(self) -> u32 {
        self.head.same_pid.get()
    }

    /// The process id where it can identify.
    pub(super) fn pid(self) -> Option<i64> {
        let [.., pid, _, _, _] = self.numbers();
        (self.head.has(HAS_PID) && pid > 0).then_some(pid)
    }

    /// The session id where it can identify.
    pub(super) fn session(self) -> Option<i64> {
        let [.., session, _, _] = self.numbers();
        (self.head.has(HAS_SESSION) && session > 0).then_some(session)
    }

    /// What a logout has in common with it, see [`key`](super::facts::key).
    #[inline]
    pub(super) fn key(self, layout: &Layout) -> &'a [u8] {
        let [line, id, ..] = self.head.lens;
        let texts = self.behind.get(self.head.numbers_len()..).unwrap_or_default();
        let (line, rest) = texts.split_at_checked(line.get().into()).unwrap_or_default();
        match is_by_id(layout) {
            true => rest.get(..usize::from(id.get())).unwrap_or(rest),
            false => Text::new(line).as_bytes(),
        }
    }

    /// What its record said.
    #[inline(always)]
    pub(super) fn facts(self, layout: &'static Layout) -> Facts {
        let Head { file, raw_type, lens: [line, id, user, host, address], .. } = *self.head;
        let [index, offset, tv_sec, tv_usec, pid, session, exit, _] = self.numbers();
        Facts {
            layout,
            index: index.cast_unsigned(),
            offset: offset.cast_unsigned(),
            time: Timestamp { tv_sec, tv_usec },
            pid,
            session,
            exit: Exit { e_termination: (exit >> 32) as i32, e_exit: exit as i32 },
            raw_type: raw_type.get(),
            file: file.get(),
            lens: [line.get(), id.get(), user.get(), host.get(), address.get()],
            address: match self.head.flags >> ADDRESS {
                0 => AddressForm::Absent,
                1 => AddressForm::V4,
                2 => AddressForm::V6,
                _ => AddressForm::Socket,
            },
            has_type: self.head.has(HAS_TYPE),
            has_pid: self.head.has(HAS_PID),
            has_session: self.head.has(HAS_SESSION),
            has_exit: self.head.has(HAS_EXIT),
        }
    }

    /// What the clock had been set by.
    pub(super) fn clock(self) -> i64 {
        let [.., clock] = self.numbers();
        clock
    }

    /// Line, id, user, host and address behind one another.
    #[inline]
    pub(super) fn texts(self) -> &'a [u8] {
        let texts = self.behind.get(self.head.numbers_len()..).unwrap_or_default();
        texts.get(..self.head.texts_len()).unwrap_or(texts)
    }

    #[inline]
    fn numbers(self) -> [i64; NUMBERS] {
        if self.head.is_wide() {
            let wide = Wide::read_from_prefix(self.behind);
            wide.map(|(wide, _)| wide.map(I64::get)).unwrap_or_default()
        } else {
            let Ok((narrow, _)) = Narrow::ref_from_prefix(self.behind) else { return [0; NUMBERS] };
            let [a, b, c, d, e, f, g, h] = narrow.map(I32::get);
            [a.into(), b.into(), c.into(), d.into(), e.into(), f.into(), g.into(), h.into()]
        }
    }
}

/// Notes in a login's bytes that it has ended; gives their number.
pub(super) fn set_ended(bytes: &mut [u8]) -> usize {
    let Ok((head, _)) = Head::mut_from_prefix(bytes) else { return 0 };
    head.flags |= ENDED;
    head.len()
}

/// Notes in a login's bytes where the one before it is that the same process made.
pub(super) fn set_same_pid(bytes: &mut [u8], before: u32) {
    if let Ok((head, _)) = Head::mut_from_prefix(bytes) {
        head.same_pid.set(before);
    }
}

impl Head {
    fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    fn is_wide(&self) -> bool {
        self.has(WIDE)
    }

    fn numbers_len(&self) -> usize {
        if self.is_wide() { size_of::<Wide>() } else { size_of::<Narrow>() }
    }

    fn texts_len(&self) -> usize {
        self.lens.iter().map(|len| usize::from(len.get())).sum()
    }

    #[inline]
    fn len(&self) -> usize {
        size_of::<Head>().saturating_add(self.numbers_len()).saturating_add(self.texts_len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    use crate::entry::Entry;
    use crate::frame::Framing;
    use crate::platform::LAYOUTS;
    use crate::session::facts::{key, pid, without_zeros};
    use crate::session::opening::{Mark, Opening, Place};

    fn texts(entry: &Entry<'_>) -> [Vec<u8>; 4] {
        [entry.ut_user, entry.ut_line, entry.ut_host, entry.ut_id]
            .map(|text| without_zeros(text.raw()).to_vec())
    }

    fn assert_same(copy: &Entry<'_>, entry: &Entry<'_>, name: &str) {
        assert_eq!(texts(copy), texts(entry), "{name}");
        let numbers = |e: &Entry<'_>| {
            (e.raw_type, e.ut_tv, e.ut_pid, e.ut_session, e.ut_exit, e.addr(), e.event())
        };
        assert_eq!(numbers(copy), numbers(entry), "{name}");
    }

    /// Whatever the bytes, a copy says what the record says, and so does one that is packed.
    #[test]
    fn copies_are_whole() {
        let mut state = 7_u64;
        for layout in LAYOUTS.iter().filter(|layout| layout.framing == Framing::Fixed) {
            for n in 0..50_u8 {
                // Mostly zeros, so that some numbers are small.
                let zeros = if n < 25 { 100 } else { 250 };
                let bytes: Vec<u8> = (0..layout.size)
                    .map(|_| {
                        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                        let byte = (state >> 56) as u8;
                        if byte < zeros { 0 } else { byte }
                    })
                    .collect();
                let record = layout.records(&bytes).next().unwrap().unwrap();
                let layout = record.layout();
                let entry = record.entry();
                let mark = Mark::new(3, &record, &entry);
                let copy = Opening::copy(mark, &entry);
                assert_eq!(copy.mark().place, Place { file: 3, index: 0, offset: 0 });
                assert_same(&copy.entry(), &entry, layout.name);

                let (facts, texts) = Facts::of(mark, &entry);
                let clock = if n % 2 == 0 { -5 } else { i64::MIN };
                let packed = Packed::new(&facts, texts, (n, clock, 7));
                // Little room is to be enough, and much.
                let mut bytes = std::vec![0xff; packed.len() + usize::from(n % 48)];
                packed.write(&mut bytes);
                let login = Login::of(&bytes).unwrap();
                assert_eq!(login.len(), packed.len());
                assert_eq!((login.layout(), login.clock(), login.hash()), (n, clock, 7));
                assert_eq!(login.key(layout), key(layout, &entry));
                assert_eq!((login.pid(), login.has_ended()), (pid(&entry), false));
                let kept = login.facts(layout);
                assert_eq!(kept.mark(), mark);
                assert_same(&kept.entry(login.texts()), &entry, layout.name);
            }
        }
    }

    /// A login has the number of its layout in a byte.
    #[test]
    fn layouts_are_few() {
        assert!(LAYOUTS.len() < 256);
    }
}
