//! Finds open sessions by name and by process, even for hostile names.

use std::vec::Vec;

/// Stands for no place.
pub(in crate::session) const NONE: u32 = u32::MAX;

/// Places of logins by hash. Only the caller knows the logins.
///
/// The table has open addressing: a search goes from the slot of the hash to the next empty one.
/// Removing a place moves later ones back, so that no markers are left for searches to skip. Slots
/// store their hashes, so that the table can grow without reading each login, which would mean
/// waiting for memory each time.
#[derive(Debug, Default)]
pub(in crate::session) struct Index {
    /// The slots: a power of two of them, or none.
    slots: Vec<Slot>,
    len: usize,
    /// Whether there was no memory to grow. It is not requested again for each place.
    is_denied: bool,
    /// Number of slots examined by searches.
    #[cfg(test)]
    pub(in crate::session) looks: core::cell::Cell<u64>,
}

/// A hash made by [`odd`] and a place; zeros if it is empty.
type Slot = (u32, u32);
const EMPTY: Slot = (0, 0);

const LEAST: usize = 64;
/// Tables that are this many times too large for their content are freed.
const TOO_LARGE: usize = 16;

/// There is no memory for a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::session) struct Full;

/// Returns a hash that is not 0. Its lowest bit has the least influence on the slot.
fn odd(hash: u32) -> u32 {
    hash | 1
}

impl Index {
    /// Adds a place. Replaces and returns the place with this hash for which `is` is true. Only the
    /// latter works if there is no memory.
    #[inline]
    pub(in crate::session) fn put(
        &mut self,
        hash: u32,
        at: u32,
        is: impl FnMut(u32) -> bool,
    ) -> Result<Option<u32>, Full> {
        if self.len >= self.slots.len().saturating_sub(self.slots.len() / 4)
            && let Err(full) = self.grow()
        {
            let (i, Some(known)) = self.search(hash, is) else { return Err(full) };
            self.set(i, (odd(hash), at));
            return Ok(Some(known));
        }
        let (i, known) = self.search(hash, is);
        self.set(i, (odd(hash), at));
        if known.is_none() {
            self.len = self.len.saturating_add(1);
        }
        Ok(known)
    }

    /// Returns the place with this hash for which `is` is true.
    #[inline]
    pub(in crate::session) fn find(&self, hash: u32, is: impl FnMut(u32) -> bool) -> Option<u32> {
        self.search(hash, is).1
    }

    /// Removes a place that was added with this hash.
    pub(in crate::session) fn remove(&mut self, hash: u32, at: u32) {
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
            // An entry whose home slot is after the hole stays.
            let way = i.wrapping_sub(home(slot.0, self.slots.len())) & mask;
            if way >= i.wrapping_sub(hole) & mask {
                self.set(core::mem::replace(&mut hole, i), slot);
            }
        }
        self.set(hole, EMPTY);
    }

    /// Removes all places in time proportional to their number: an oversized table is freed.
    pub(in crate::session) fn clear(&mut self) {
        match self.slots.len() > self.len.max(LEAST).saturating_mul(TOO_LARGE) {
            true => self.slots = Vec::new(),
            false => self.slots.fill(EMPTY),
        }
        (self.len, self.is_denied) = (0, false);
    }

    /// Returns the slot and the place for which `is` is true, or the empty slot to put it into. One
    /// of four slots is empty, unless there are none.
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
    fn grow(&mut self) -> Result<(), Full> {
        let more = self.slots.len().saturating_mul(2).max(LEAST);
        let mut slots = Vec::new();
        if self.is_denied || slots.try_reserve_exact(more).is_err() {
            self.is_denied = true;
            return Err(Full);
        }
        slots.resize(more, EMPTY);
        let slots = core::mem::replace(&mut self.slots, slots);
        for slot in slots.into_iter().filter(|&slot| slot != EMPTY) {
            let (to, _) = self.search(slot.0, |_| false);
            self.set(to, slot);
        }
        Ok(())
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

/// Returns the home slot of a hash: its highest bits.
#[inline]
fn home(hash: u32, slots: usize) -> usize {
    (u64::from(hash).wrapping_mul(slots as u64) >> 32) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Compares with a linear search.
    #[test]
    fn as_a_list_would() {
        let mut index = Index::default();
        let mut list: Vec<(u32, u32)> = Vec::new();
        let mut hashes = Vec::new();
        let mut rng = loginrec_testing::Rng::new(1);
        let mut below = |limit| rng.below(limit);
        for at in 0..40_000 {
            // Close together, around the end of the table, where it continues at its front.
            let hash = |n: u64| (n as u32).wrapping_mul(0x0010_0101).wrapping_sub(0x0400_0000);
            let (new, wanted) = (hash(below(300)), hash(below(300)));
            hashes.push(new);
            let alike = |a: u32, b: u32| a % 3 == b % 3;
            let known = |list: &[(u32, u32)], hash, at| {
                list.iter().position(|&(location, known)| known == hash && alike(location, at))
            };
            match below(3) {
                0 if !list.is_empty() => {
                    let (at, hash) = list.swap_remove(below(list.len() as u64) as usize);
                    index.remove(hash, at);
                }
                _ => {
                    let former = known(&list, new, at).map(|i| list.swap_remove(i).0);
                    list.push((at, new));
                    let is = |location| hashes[location as usize] == new && alike(location, at);
                    assert_eq!(index.put(new, at, is), Ok(former));
                }
            }
            let found = known(&list, wanted, at).map(|i| list[i].0);
            let is = |location| hashes[location as usize] == wanted && alike(location, at);
            assert_eq!(index.find(wanted, is), found);
            assert_eq!(index.len, list.len());
            if at % 10_000 == 9_999 {
                index.clear();
                list.clear();
            }
        }
    }

    /// Entries that are stored can be found, replaced and removed.
    #[test]
    fn works_on_without_memory() {
        let hash = |at: u32| at.wrapping_mul(0x9e37_79b9);
        let mut index = Index { is_denied: true, ..Index::default() };
        assert_eq!(index.put(hash(1), 1, |_| true), Err(Full));
        assert_eq!(index.find(hash(1), |_| true), None);
        index.clear();
        let most = LEAST as u32 / 4 * 3;
        assert!((0..most).all(|at| index.put(hash(at), at, |_| false) == Ok(None)));
        index.is_denied = true;
        assert_eq!(index.put(hash(most), most, |_| false), Err(Full));
        assert_eq!(index.put(hash(7), most, |at| at == 7), Ok(Some(7)));
        assert_eq!(index.find(hash(7), |_| true), Some(most));
        index.remove(hash(8), 8);
        assert_eq!(index.put(hash(8), 8, |_| false), Ok(None));
        assert_eq!(index.slots.len(), LEAST);
    }
}
