//! One login in few bytes.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::endian::{I32, I64, LE, U16, U32};
use crate::entry::Exit;
use crate::layout::Layout;
use crate::platform::SessionKey;
use crate::session::numbers::{AddressForm, StoredNumbers};
use crate::session::table::index::NONE;
use crate::value::text::Text;
use crate::value::timestamp::Timestamp;

/// The fixed part of a login. Its numbers follow, then its texts.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
struct Head {
    hash: U32<LE>,
    /// The place of the login before it by the same process.
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
/// Whether some numbers need more than 32 bits.
const WIDE: u8 = 1 << 1;
const HAS_TYPE: u8 = 1 << 2;
const HAS_PID: u8 = 1 << 3;
const HAS_SESSION: u8 = 1 << 4;
const HAS_EXIT: u8 = 1 << 5;
/// The form of the address is in the bits above this one.
const ADDRESS: u32 = 6;

/// A login to be stored.
pub(in crate::session) struct PackedLogin<'a> {
    head: Head,
    numbers: [i64; NUMBERS],
    texts: [&'a [u8]; 5],
}

impl<'a> PackedLogin<'a> {
    /// Packs a login. `layout` is the number of its layout, `clock` the correction of the clock at
    /// that time.
    #[inline(always)]
    pub(in crate::session) fn new(
        stored: &StoredNumbers,
        texts: [&'a [u8]; 5],
        (layout, clock, hash): (u8, i64, u32),
    ) -> PackedLogin<'a> {
        let flag = |has: bool, flag: u8| if has { flag } else { 0 };
        let Exit { e_termination, e_exit } = stored.exit;
        let numbers = [
            stored.index.cast_signed(),
            stored.offset.cast_signed(),
            stored.time.tv_sec,
            stored.time.tv_usec,
            stored.pid,
            stored.session,
            i64::from(e_termination) << 32 | i64::from(e_exit.cast_unsigned()),
            clock,
        ];
        let lost = numbers.iter().fold(0, |lost, &number| lost | number ^ i64::from(number as i32));
        let [line, id, user, host, address] = stored.lens;
        let head = Head {
            hash: hash.into(),
            same_pid: NONE.into(),
            file: stored.file.into(),
            raw_type: stored.raw_type.into(),
            lens: [line.into(), id.into(), user.into(), host.into(), address.into()],
            layout,
            flags: flag(lost != 0, WIDE)
                | flag(stored.has_type, HAS_TYPE)
                | flag(stored.has_pid, HAS_PID)
                | flag(stored.has_session, HAS_SESSION)
                | flag(stored.has_exit, HAS_EXIT)
                | (stored.address as u8) << ADDRESS,
        };
        PackedLogin { head, numbers, texts }
    }

    /// Returns its length in bytes.
    #[inline]
    pub(in crate::session) fn len(&self) -> usize {
        self.head.len()
    }

    /// Writes it. May overwrite bytes after it, which have no meaning yet.
    #[inline(always)]
    pub(in crate::session) fn write(&self, to: &mut [u8]) {
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

/// Copies a fixed number of bytes, which needs no function call, if there is room.
#[inline(always)]
fn copy_head<const N: usize>(from: &[u8], to: &mut [u8]) -> Option<()> {
    *to.first_chunk_mut::<N>()? = *from.first_chunk()?;
    Some(())
}

/// A stored login.
#[derive(Clone, Copy, Debug)]
pub(in crate::session) struct Login<'a> {
    head: &'a Head,
    behind: &'a [u8],
}

impl<'a> Login<'a> {
    /// Reads the login at the beginning of `bytes`.
    #[inline]
    pub(in crate::session) fn of(bytes: &'a [u8]) -> Option<Login<'a>> {
        let (head, behind) = Head::ref_from_prefix(bytes).ok()?;
        Some(Login { head, behind })
    }

    /// Returns its length in bytes.
    #[inline]
    pub(in crate::session) fn len(self) -> usize {
        self.head.len()
    }

    /// Returns the hash of its key.
    pub(in crate::session) fn hash(self) -> u32 {
        self.head.hash.get()
    }

    pub(in crate::session) fn has_ended(self) -> bool {
        self.head.has(ENDED)
    }

    /// Returns the number of its layout.
    pub(in crate::session) fn layout(self) -> u8 {
        self.head.layout
    }

    /// Returns the place of the login before it by the same process.
    pub(in crate::session) fn same_pid(self) -> u32 {
        self.head.same_pid.get()
    }

    /// Returns the process id if it can identify a session.
    pub(in crate::session) fn pid(self) -> Option<i64> {
        let [.., pid, _, _, _] = self.numbers();
        (self.head.has(HAS_PID) && pid > 0).then_some(pid)
    }

    /// Returns the session id if it can identify a session.
    pub(in crate::session) fn session(self) -> Option<i64> {
        let [.., session, _, _] = self.numbers();
        (self.head.has(HAS_SESSION) && session > 0).then_some(session)
    }

    /// Returns the bytes that a logout shares with it, see
    /// [`Entry::session_key`](crate::Entry::session_key).
    #[inline]
    pub(in crate::session) fn key(self, layout: &Layout) -> &'a [u8] {
        let [line, id, ..] = self.head.lens;
        let texts = self.behind.get(self.head.numbers_len()..).unwrap_or_default();
        let (line, rest) = texts.split_at_checked(line.get().into()).unwrap_or_default();
        match layout.platform.session_key == SessionKey::Id {
            true => rest.get(..usize::from(id.get())).unwrap_or(rest),
            false => Text::new(line).as_bytes(),
        }
    }

    /// Returns the numbers of its record.
    #[inline(always)]
    pub(in crate::session) fn stored(self, layout: &'static Layout) -> StoredNumbers {
        let Head { file, raw_type, lens: [line, id, user, host, address], .. } = *self.head;
        let [index, offset, tv_sec, tv_usec, pid, session, exit, _] = self.numbers();
        StoredNumbers {
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

    /// Returns the correction of the clock at that time.
    pub(in crate::session) fn clock(self) -> i64 {
        let [.., clock] = self.numbers();
        clock
    }

    /// Returns line, id, user, host and address, one after another.
    #[inline]
    pub(in crate::session) fn texts(self) -> &'a [u8] {
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

/// Marks a login as ended. Returns its length.
pub(in crate::session) fn set_ended(bytes: &mut [u8]) -> usize {
    let Ok((head, _)) = Head::mut_from_prefix(bytes) else { return 0 };
    head.flags |= ENDED;
    head.len()
}

/// Stores the place of the login before it by the same process.
pub(in crate::session) fn set_same_pid(bytes: &mut [u8], before: u32) {
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

    use crate::container::Container;
    use crate::entry::Entry;
    use crate::formats::LAYOUTS;
    use crate::scan::trim_zeros;
    use crate::session::numbers::pid;
    use crate::session::record_ref::{Location, RecordRef};
    use crate::session::stored::StoredRecord;

    fn texts(entry: &Entry<'_>) -> [Vec<u8>; 4] {
        [entry.ut_user, entry.ut_line, entry.ut_host, entry.ut_id]
            .map(|text| trim_zeros(text.raw()).to_vec())
    }

    fn assert_same(copy: &Entry<'_>, entry: &Entry<'_>, name: &str) {
        assert_eq!(texts(copy), texts(entry), "{name}");
        let numbers = |e: &Entry<'_>| {
            (e.raw_type, e.ut_tv, e.ut_pid, e.ut_session, e.ut_exit, e.addr(), e.event())
        };
        assert_eq!(numbers(copy), numbers(entry), "{name}");
    }

    /// A copy has the values of the record, whatever its bytes, and so does a packed one.
    #[test]
    fn copies_are_whole() {
        let mut rng = loginrec_testing::Rng::new(7);
        for layout in LAYOUTS.iter().filter(|layout| layout.container == Container::Array) {
            for n in 0..50_u8 {
                // Mostly zeros, so that some numbers are small.
                let zeros = if n < 25 { 100 } else { 250 };
                let bytes: Vec<u8> = (0..layout.size)
                    .map(|_| {
                        let byte = rng.below(256) as u8;
                        if byte < zeros { 0 } else { byte }
                    })
                    .collect();
                let record = layout.records(&bytes).next().unwrap().unwrap();
                let layout = record.layout();
                let entry = record.entry();
                let record_ref = RecordRef::new(3, &record, &entry);
                let copy = StoredRecord::copy(record_ref, &entry);
                assert_eq!(copy.at().location, Location { file: 3, index: 0, offset: 0 });
                assert_same(&copy.entry(), &entry, layout.name);

                let (stored, texts) = StoredNumbers::of(record_ref, &entry);
                let clock = if n % 2 == 0 { -5 } else { i64::MIN };
                let packed = PackedLogin::new(&stored, texts, (n, clock, 7));
                // Works with little room, and with much.
                let mut bytes = std::vec![0xff; packed.len() + usize::from(n % 48)];
                packed.write(&mut bytes);
                let login = Login::of(&bytes).unwrap();
                assert_eq!(login.len(), packed.len());
                assert_eq!((login.layout(), login.clock(), login.hash()), (n, clock, 7));
                assert_eq!(login.key(layout), entry.session_key());
                assert_eq!((login.pid(), login.has_ended()), (pid(&entry), false));
                let kept = login.stored(layout);
                assert_eq!(kept.at(), record_ref);
                assert_same(&kept.entry(login.texts()), &entry, layout.name);
            }
        }
    }

    /// The number of a login's layout is one byte.
    #[test]
    fn layouts_are_few() {
        assert!(LAYOUTS.len() < 256);
    }
}
