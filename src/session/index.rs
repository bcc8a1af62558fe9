//! Finding open sessions by name and by process, whatever names a file was made to hold.

use std::vec::Vec;

/// No place.
pub(super) const NONE: u32 = u32::MAX;

/// Places of logins by hash. What they stand for only the caller knows, and what their hashes
/// are: those lie in the logins, which leaves the table so small that caches hold it. (To wait
/// for memory once for each login was a fifth of all the time.)
///
/// The table has open addressing: a place is searched for from the slot where its hash belongs
/// up to the next empty one. A byte of each hash tells names apart that meet. Slots are emptied
/// by moving back what follows: no marks are left that later searches would have to pass.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// What [`tag`] says of each slot, 0 of those that are empty; a power of two or none.
    tags: Vec<u8>,
    /// As many places.
    places: Vec<u32>,
    len: usize,
    /// Slots looked at by searches.
    #[cfg(test)]
    pub(super) looks: core::cell::Cell<u64>,
}

const LEAST: usize = 64;
/// Tables that are larger than what was in them by so much are not kept.
const TOO_LARGE: usize = 16;

/// Of the bits that do not say where a hash belongs; never 0.
fn tag(hash: u32) -> u8 {
    hash as u8 | 1
}

impl Index {
    /// Puts a place in, instead of the one under that hash that `is` the same, which it gives.
    #[inline]
    pub(super) fn put(
        &mut self,
        hash: u32,
        at: u32,
        is: impl FnMut(u32) -> bool,
        hash_of: impl Fn(u32) -> u32,
    ) -> Option<u32> {
        if self.len >= self.tags.len().saturating_sub(self.tags.len() / 4) {
            self.grow(hash_of);
        }
        let (i, known) = self.search(hash, is);
        self.set(i, (tag(hash), at));
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
    pub(super) fn remove(&mut self, hash: u32, at: u32, hash_of: impl Fn(u32) -> u32) {
        let (mut hole, known) = self.search(hash, |known| known == at);
        if known.is_none() {
            return;
        }
        self.len = self.len.saturating_sub(1);
        let mask = self.tags.len().wrapping_sub(1);
        let mut i = hole;
        loop {
            i = i.wrapping_add(1) & mask;
            let slot = self.get(i);
            if slot.0 == 0 {
                break;
            }
            // What belongs behind the hole stays there.
            let way = i.wrapping_sub(home(hash_of(slot.1), self.tags.len())) & mask;
            if way >= i.wrapping_sub(hole) & mask {
                self.set(core::mem::replace(&mut hole, i), slot);
            }
        }
        self.set(hole, (0, NONE));
    }

    /// Takes all places out, in a time that is in proportion to them: a table for many more
    /// is given back.
    pub(super) fn clear(&mut self) {
        match self.tags.len() > self.len.max(LEAST).saturating_mul(TOO_LARGE) {
            true => (self.tags, self.places) = Default::default(),
            false => self.tags.fill(0),
        }
        self.len = 0;
    }

    /// The slot with a place that `is` what is looked for and that place, or the empty slot
    /// to put it into. One of four slots is empty, unless there are none.
    #[inline]
    fn search(&self, hash: u32, mut is: impl FnMut(u32) -> bool) -> (usize, Option<u32>) {
        let (tags, wanted) = (self.tags.as_slice(), tag(hash));
        let mask = tags.len().wrapping_sub(1);
        let mut i = home(hash, tags.len());
        loop {
            #[cfg(test)]
            self.looks.set(self.looks.get() + 1);
            let tag = tags.get(i).copied().unwrap_or_default();
            if tag == 0 {
                return (i, None);
            }
            if tag == wanted
                && let (_, at) = self.get(i)
                && is(at)
            {
                return (i, Some(at));
            }
            i = i.wrapping_add(1) & mask;
        }
    }

    #[cold]
    fn grow(&mut self, hash_of: impl Fn(u32) -> u32) {
        let more = self.tags.len().saturating_mul(2).max(LEAST);
        let tags = core::mem::replace(&mut self.tags, std::vec![0; more]);
        let places = core::mem::replace(&mut self.places, std::vec![NONE; more]);
        for (tag, at) in tags.into_iter().zip(places).filter(|(tag, _)| *tag != 0) {
            let (to, _) = self.search(hash_of(at), |_| false);
            self.set(to, (tag, at));
        }
    }

    /// The tag and the place of a slot.
    #[inline]
    fn get(&self, i: usize) -> (u8, u32) {
        let tag = self.tags.get(i).copied().unwrap_or_default();
        (tag, self.places.get(i).copied().unwrap_or(NONE))
    }

    #[inline]
    fn set(&mut self, i: usize, (tag, at): (u8, u32)) {
        if let (Some(to), Some(place)) = (self.tags.get_mut(i), self.places.get_mut(i)) {
            (*to, *place) = (tag, at);
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
                    index.remove(hash, at, |at| hashes[at as usize]);
                }
                _ => {
                    let former = known(&list, new, at).map(|i| list.swap_remove(i).0);
                    list.push((at, new));
                    let is = |place| hashes[place as usize] == new && alike(place, at);
                    assert_eq!(index.put(new, at, is, |at| hashes[at as usize]), former);
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
