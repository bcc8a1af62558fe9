//! Finding open sessions by name and by process, whatever names a file was made to hold.

use crate::memory::Memory;

/// No place.
pub(super) const NONE: u32 = u32::MAX;

/// Places of logins by hash. What they stand for only the caller knows.
///
/// A table with open addressing: a slot has the hash and the place, and is searched for from
/// where its hash belongs up to the next empty one. All that is looked at for a name lies in
/// one line of the processor's cache mostly. The hashes rise with the places they belong to,
/// so that a table grows from its front to its end. Slots are emptied by moving back what
/// follows: no marks are left that later searches would have to pass.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// Words of [`pack`], a power of two of them or none.
    slots: Memory,
    len: usize,
    /// Slots looked at by searches.
    #[cfg(test)]
    pub(super) looks: core::cell::Cell<u64>,
}

const WORD: usize = 8;
const EMPTY: u64 = 0;
const LEAST: usize = 64;
const GROWTH: usize = 4;

/// Not [`EMPTY`], as no place is [`NONE`].
fn pack(hash: u32, at: u32) -> u64 {
    u64::from(hash) << 32 | u64::from(!at)
}

fn unpack(slot: u64) -> (u32, u32) {
    ((slot >> 32) as u32, !(slot as u32))
}

impl Index {
    /// Puts a place in, instead of the one with that hash that `is` the same, which it gives.
    #[inline]
    pub(super) fn put(&mut self, hash: u32, at: u32, is: impl FnMut(u32) -> bool) -> Option<u32> {
        if self.len >= self.count().saturating_sub(self.count() / 4) {
            self.grow();
        }
        let (i, known) = self.search(hash, is);
        self.set(i, pack(hash, at));
        if known.is_none() {
            self.len = self.len.saturating_add(1);
        }
        known
    }

    /// The place with that hash that `is` what is looked for.
    #[inline]
    pub(super) fn find(&self, hash: u32, is: impl FnMut(u32) -> bool) -> Option<u32> {
        self.search(hash, is).1
    }

    /// Takes a place out that is in with that hash.
    pub(super) fn remove(&mut self, hash: u32, at: u32) {
        let (mut hole, known) = self.search(hash, |known| known == at);
        if known.is_none() {
            return;
        }
        self.len = self.len.saturating_sub(1);
        let slots = self.slots.as_chunks_mut::<WORD>().0;
        let mask = slots.len().wrapping_sub(1);
        let mut i = hole;
        loop {
            i = i.wrapping_add(1) & mask;
            let slot = slots.get(i).copied().unwrap_or_default();
            let (hash, _) = unpack(u64::from_ne_bytes(slot));
            let is_empty = slot == EMPTY.to_ne_bytes();
            // What belongs behind the hole stays there.
            let way = i.wrapping_sub(home(hash, slots.len())) & mask;
            if (is_empty || way >= i.wrapping_sub(hole) & mask)
                && let Some(hole) = slots.get_mut(core::mem::replace(&mut hole, i))
            {
                *hole = slot;
            }
            if is_empty {
                return;
            }
        }
    }

    /// Takes all places out, in a time that is in proportion to them: a table for many more
    /// is given back.
    pub(super) fn clear(&mut self) {
        match self.count() > self.len.max(LEAST).saturating_mul(GROWTH * GROWTH) {
            true => self.slots = Memory::default(),
            false => self.slots.fill(0),
        }
        self.len = 0;
    }

    /// The slot with a place that `is` what is looked for and that place, or the empty slot
    /// to put it into. One of four slots is empty, unless there are none.
    #[inline]
    fn search(&self, hash: u32, mut is: impl FnMut(u32) -> bool) -> (usize, Option<u32>) {
        let slots = self.words();
        let mask = slots.len().wrapping_sub(1);
        let mut i = home(hash, slots.len());
        loop {
            #[cfg(test)]
            self.looks.set(self.looks.get() + 1);
            let slot = slots.get(i).map_or(EMPTY, |slot| u64::from_ne_bytes(*slot));
            let (known, at) = unpack(slot);
            if slot == EMPTY {
                return (i, None);
            }
            if known == hash && is(at) {
                return (i, Some(at));
            }
            i = i.wrapping_add(1) & mask;
        }
    }

    #[cold]
    fn grow(&mut self) {
        let more = self.count().saturating_mul(GROWTH).max(LEAST);
        let slots = Memory::new(more.saturating_mul(WORD));
        let old = core::mem::replace(&mut self.slots, slots);
        for slot in old.as_chunks().0.iter().map(|slot| u64::from_ne_bytes(*slot)) {
            if slot != EMPTY {
                let (i, _) = self.search(unpack(slot).0, |_| false);
                self.set(i, slot);
            }
        }
    }

    #[inline]
    fn set(&mut self, i: usize, slot: u64) {
        if let Some(place) = self.slots.as_chunks_mut::<WORD>().0.get_mut(i) {
            *place = slot.to_ne_bytes();
        }
    }

    #[inline]
    fn words(&self) -> &[[u8; WORD]] {
        self.slots.as_chunks().0
    }

    #[inline]
    fn count(&self) -> usize {
        self.slots.len() / WORD
    }
}

/// The slot a hash belongs to: of its bits as many of the highest as there are of slots.
#[inline]
fn home(hash: u32, slots: usize) -> usize {
    (u64::from(hash).wrapping_mul(slots as u64) >> 32) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    /// Against a list that is searched.
    #[test]
    fn as_a_list_would() {
        let mut index = Index::default();
        let mut list: Vec<(u32, u32)> = Vec::new();
        let mut state = 1_u64;
        let mut below = |limit: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) % limit
        };
        for at in 0..40_000 {
            // Close together, around the end of the table, where it goes on at its front.
            let hash = |n: u64| (n as u32).wrapping_mul(0x0010_0101).wrapping_sub(0x0400_0000);
            let (new, wanted) = (hash(below(300)), hash(below(300)));
            let alike = |a: u32, b: u32| a % 3 == b % 3;
            let known = |list: &[(u32, u32)], hash, at| {
                list.iter().position(|&(place, known)| known == hash && alike(place, at))
            };
            match below(3) {
                0 if !list.is_empty() => {
                    let (at, hash) = list.swap_remove(below(list.len() as u64) as usize);
                    index.remove(hash, at);
                }
                _ => {
                    let former = known(&list, new, at).map(|i| list.swap_remove(i).0);
                    list.push((at, new));
                    assert_eq!(index.put(new, at, |place| alike(place, at)), former);
                }
            }
            let found = known(&list, wanted, at).map(|i| list[i].0);
            assert_eq!(index.find(wanted, |place| alike(place, at)), found);
            assert_eq!(index.len, list.len());
            if at % 10_000 == 9_999 {
                index.clear();
                list.clear();
            }
        }
    }
}
