//! Finding open sessions by name and by process, whatever names a file was made to hold.

use std::hash::{BuildHasher as _, RandomState};
use std::vec::Vec;

/// No number.
pub(super) const NONE: u32 = u32::MAX;

/// The prime 2^61 - 1.
const PRIME: u64 = (1 << 61) - 1;
/// Bytes that are less than the prime, whatever they are.
const WORD: usize = 7;

/// Hashes names under a key that is drawn when the program runs.
///
/// A name is the polynomial whose coefficients are its length and its words, the hash is its
/// value at the key, modulo a prime. Two polynomials of `n` words agree at no more than `n`
/// of 2^61 keys: whoever writes a file before the key is drawn cannot make more names share
/// a bucket than chance would, up to that small factor. `SipHash`, which would withstand
/// even those who see the hashes, takes several times as long for names so short.
#[derive(Clone)]
pub(super) struct Hasher {
    key: u64,
}

impl Hasher {
    pub(super) fn new() -> Hasher {
        // The one source of randomness in std.
        let drawn = RandomState::new().hash_one(0_u64);
        Hasher { key: (drawn % (PRIME - 1)).wrapping_add(1) }
    }

    #[inline]
    pub(super) fn hash(&self, name: &[u8]) -> u32 {
        let mut value = name.len() as u64;
        let (words, rest) = name.as_chunks::<WORD>();
        for &[a, b, c, d, e, f, g] in words {
            value = self.step(value, u64::from_le_bytes([a, b, c, d, e, f, g, 0]));
        }
        let rest = rest.iter().fold(0, |word, &byte| word << 8 | u64::from(byte));
        self.step(value, rest) as u32
    }

    /// `(value + word) * key`, modulo the prime, for a value below it.
    #[inline]
    fn step(&self, value: u64, word: u64) -> u64 {
        let product = u128::from(value.wrapping_add(word)).wrapping_mul(self.key.into()); // 125 bits
        // 2^61 is 1 here: what lies above 61 bits is added to what lies below.
        let sum = (product as u64 & PRIME).wrapping_add((product >> 61) as u64);
        if sum >= PRIME { sum.wrapping_sub(PRIME) } else { sum }
    }
}

/// The key stays unknown.
impl core::fmt::Debug for Hasher {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Hasher")
    }
}

/// Numbers of open sessions by hash. What they stand for only the caller knows.
///
/// Buckets are chains through the numbers themselves, linked both ways: adding and taking
/// away costs the same however many share a bucket, no room is taken for each entry anew,
/// and emptying a bucket leaves no marks that later searches would have to pass.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// The first number of each bucket; a power of two of them, or none.
    heads: Vec<u32>,
    links: Vec<Link>,
    len: usize,
    /// Numbers looked at by searches.
    #[cfg(test)]
    pub(super) looks: core::cell::Cell<u64>,
}

#[derive(Clone, Copy, Debug)]
struct Link {
    hash: u32,
    before: u32,
    after: u32,
}

impl Index {
    const LEAST: usize = 64;
    const GROWTH: usize = 4;

    /// Adds a number, to be found before those that have the same name.
    pub(super) fn insert(&mut self, at: u32, hash: u32) {
        if self.len >= self.heads.len() {
            self.grow();
        }
        let Ok(i) = usize::try_from(at) else { return };
        if self.links.len() <= i {
            self.links.resize(i.saturating_add(1), Link { hash: 0, before: NONE, after: NONE });
        }
        self.len = self.len.saturating_add(1);
        self.push(at, hash);
    }

    /// Takes a number out that is in.
    pub(super) fn remove(&mut self, at: u32) {
        let Some(&Link { hash, before, after }) = self.link(at) else { return };
        match before {
            NONE => self.set_head(hash, after),
            before => self.change(before, |link| link.after = after),
        }
        self.change(after, |link| link.before = before);
        self.len = self.len.saturating_sub(1);
    }

    /// Takes all numbers out, in a time that is in proportion to them: buckets that are many
    /// more are given back.
    pub(super) fn clear(&mut self) {
        let few = self.len.max(Self::LEAST).saturating_mul(Self::GROWTH * Self::GROWTH);
        match self.heads.len() > few {
            true => self.heads = Vec::new(),
            false => self.heads.fill(NONE),
        }
        self.links.clear();
        self.len = 0;
    }

    /// The number last added with this hash that `is` what is looked for.
    #[inline]
    pub(super) fn find(&self, hash: u32, mut is: impl FnMut(u32) -> bool) -> Option<u32> {
        let mut at = self.head(hash);
        while let Some(link) = self.link(at) {
            #[cfg(test)]
            self.looks.set(self.looks.get() + 1);
            if link.hash == hash && is(at) {
                return Some(at);
            }
            at = link.after;
        }
        None
    }

    /// More buckets. What shares a bucket keeps its order.
    #[cold]
    fn grow(&mut self) {
        let more = self.heads.len().saturating_mul(Self::GROWTH).max(Self::LEAST);
        let old = core::mem::replace(&mut self.heads, std::vec![NONE; more]);
        self.links.reserve_exact(more.saturating_sub(self.links.len()));
        for head in old {
            let mut last = head;
            while let Some(link) = self.link(last).filter(|link| link.after != NONE) {
                last = link.after;
            }
            while let Some(&Link { hash, before, .. }) = self.link(last) {
                self.push(last, hash);
                last = before;
            }
        }
    }

    /// Puts a number first in its bucket.
    fn push(&mut self, at: u32, hash: u32) {
        let first = self.head(hash);
        self.change(at, |link| *link = Link { hash, before: NONE, after: first });
        self.change(first, |link| link.before = at);
        self.set_head(hash, at);
    }

    fn head(&self, hash: u32) -> u32 {
        self.heads.get(self.bucket(hash)).copied().unwrap_or(NONE)
    }

    fn set_head(&mut self, hash: u32, at: u32) {
        let bucket = self.bucket(hash);
        if let Some(head) = self.heads.get_mut(bucket) {
            *head = at;
        }
    }

    fn bucket(&self, hash: u32) -> usize {
        hash as usize & self.heads.len().wrapping_sub(1)
    }

    fn link(&self, at: u32) -> Option<&Link> {
        self.links.get(usize::try_from(at).ok()?)
    }

    fn change(&mut self, at: u32, change: impl FnOnce(&mut Link)) {
        if let Some(link) = usize::try_from(at).ok().and_then(|at| self.links.get_mut(at)) {
            change(link);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against a list that is searched from its end.
    #[test]
    fn as_a_list_would() {
        let mut index = Index::default();
        let mut list: Vec<(u32, u32)> = Vec::new();
        let mut state = 1_u64;
        let mut below = |limit: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) % limit
        };
        for _ in 0..20_000 {
            let hash = below(300) as u32 * 0x0010_0101;
            match below(3) {
                0 if !list.is_empty() => {
                    let (at, _) = list.remove(below(list.len() as u64) as usize);
                    index.remove(at);
                }
                _ => {
                    let at = (0..).find(|at| list.iter().all(|(used, _)| used != at)).unwrap();
                    if list.len() < 700 {
                        list.push((at, hash));
                        index.insert(at, hash);
                    }
                }
            }
            let hash = below(300) as u32 * 0x0010_0101;
            let even = |at: u32| at.is_multiple_of(2);
            let newest = list.iter().rev().find(|(at, known)| *known == hash && even(*at));
            assert_eq!(index.find(hash, even), newest.map(|(at, _)| *at));
        }
    }

    /// By 128-bit arithmetic from the highest power down, without the shortcuts.
    #[test]
    fn the_hash_is_the_polynomial() {
        let hasher = Hasher::new();
        let (key, prime) = (u128::from(hasher.key), u128::from(PRIME));
        for name in [&b""[..], b"pts/0", b"pts/123", b"pts/1234", &[0xff; 32], &[0xff; 7]] {
            let mut coefficients: Vec<u128> = std::vec![];
            for chunk in name.chunks_exact(7) {
                coefficients.push(chunk.iter().rev().fold(0, |n, &b| n * 256 + u128::from(b)));
            }
            let rest = name.chunks_exact(7).remainder();
            coefficients.push(rest.iter().fold(0, |n, &b| n * 256 + u128::from(b)));
            let mut value = name.len() as u128 % prime;
            for coefficient in coefficients {
                value = (value + coefficient) % prime * key % prime;
            }
            assert_eq!(hasher.hash(name), value as u32);
        }
        assert_ne!(Hasher::new().key, Hasher::new().key);
    }
}
