//! Finding open sessions by name and by process, whatever names a file was made to hold.

use std::vec::Vec;

/// No place.
pub(super) const NONE: u32 = u32::MAX;

/// Places of logins by hash. What they stand for only the caller knows.
///
/// The table has open addressing: a place is searched for from the slot where its hash belongs
/// up to the next empty one. Slots are emptied by moving back what follows: no marks are left
/// that later searches would have to pass. To grow, it is read and written from its front to
/// its back, for each slot has its hash: asking the logins for theirs would mean waiting for
/// memory once for each of them.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// A power of two of them, or none.
    slots: Vec<Slot>,
    len: usize,
    /// Slots looked at by searches.
    #[cfg(test)]
    pub(super) looks: core::cell::Cell<u64>,
}

/// A hash made by [`odd`] and a place; zeros if it is empty.
type Slot = (u32, u32);
const EMPTY: Slot = (0, 0);

const LEAST: usize = 64;
/// Tables that are larger than what was in them by so much are not kept.
const TOO_LARGE: usize = 16;

/// A hash that is not 0; its lowest bit is the last to say where it belongs.
fn odd(hash: u32) -> u32 {
    hash | 1
}

impl Index {
    /// Puts a place in, instead of the one under that hash that `is` the same, which it gives.
    #[inline]
    pub(super) fn put(&mut self, hash: u32, at: u32, is: impl FnMut(u32) -> bool) -> Option<u32> {
        if self.len >= self.slots.len().saturating_sub(self.slots.len() / 4) {
            self.grow();
        }
        let (i, known) = self.search(hash, is);
        self.set(i, (odd(hash), at));
        if known.is_none() {
            self.len = self.len.saturating_add(1);
        }
        known
    }

    /// The place that `is` what is looked for under that hash.
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
        let mask = self.slots.len().wrapping_sub(1);
        let mut i = hole;
        loop {
            i = i.wrapping_add(1) & mask;
            let slot = self.get(i);
            if slot == EMPTY {
                break;
            }
            // What belongs behind the hole stays there.
            let way = i.wrapping_sub(home(slot.0, self.slots.len())) & mask;
            if way >= i.wrapping_sub(hole) & mask {
                self.set(core::mem::replace(&mut hole, i), slot);
            }
        }
        self.set(hole, EMPTY);
    }

    /// Takes all places out, in a time that is in proportion to them: a table for many more
    /// is given back.
    pub(super) fn clear(&mut self) {
        match self.slots.len() > self.len.max(LEAST).saturating_mul(TOO_LARGE) {
            true => self.slots = Vec::new(),
            false => self.slots.fill(EMPTY),
        }
        self.len = 0;
    }

    /// The slot with a place that `is` what is looked for and that place, or the empty slot
    /// to put it into. One of four slots is empty, unless there are none.
    #[inline]
    fn search(&self, hash: u32, mut is: impl FnMut(u32) -> bool) -> (usize, Option<u32>) {
        let (slots, wanted) = (self.slots.as_slice(), odd(hash));
        let mask = slots.len().wrapping_sub(1);
        let mut i = home(wanted, slots.len());
        loop {
            #[cfg(test)]
            self.looks.set(self.looks.get() + 1);
            let (hash, at) = slots.get(i).copied().unwrap_or(EMPTY);
            if hash == 0 {
                return (i, None);
            }
            if hash == wanted && is(at) {
                return (i, Some(at));
            }
            i = i.wrapping_add(1) & mask;
        }
    }

    #[cold]
    fn grow(&mut self) {
        let more = self.slots.len().saturating_mul(2).max(LEAST);
        let slots = core::mem::replace(&mut self.slots, std::vec![EMPTY; more]);
        for slot in slots.into_iter().filter(|&slot| slot != EMPTY) {
            let (to, _) = self.search(slot.0, |_| false);
            self.set(to, slot);
        }
    }

    #[inline]
    fn get(&self, i: usize) -> Slot {
        self.slots.get(i).copied().unwrap_or(EMPTY)
    }

    #[inline]
    fn set(&mut self, i: usize, slot: Slot) {
        if let Some(to) = self.slots.get_mut(i) {
            *to = slot;
        }
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

    /// Against a list that is searched.
    #[test]
    fn as_a_list_would() {
        let mut index = Index::default();
        let mut list: Vec<(u32, u32)> = Vec::new();
        let mut hashes = Vec::new();
        let mut state = 1_u64;
        let mut below = |limit: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) % limit
        };
        for at in 0..40_000 {
            // Close together, around the end of the table, where it goes on at its front.
            let hash = |n: u64| (n as u32).wrapping_mul(0x0010_0101).wrapping_sub(0x0400_0000);
            let (new, wanted) = (hash(below(300)), hash(below(300)));
            hashes.push(new);
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
                    let is = |place| hashes[place as usize] == new && alike(place, at);
                    assert_eq!(index.put(new, at, is), former);
                }
            }
            let found = known(&list, wanted, at).map(|i| list[i].0);
            let is = |place| hashes[place as usize] == wanted && alike(place, at);
            assert_eq!(index.find(wanted, is), found);
            assert_eq!(index.len, list.len());
            if at % 10_000 == 9_999 {
                index.clear();
                list.clear();
            }
        }
    }
}
