//! Hashes that the author of a file cannot predict.

use std::hash::{BuildHasher as _, RandomState};

/// The prime 2^61 - 1.
const PRIME: u64 = (1 << 61) - 1;
/// Bytes whose value is always less than the prime.
const WORD: usize = 7;

/// Hashes names with a key that is drawn when the program runs.
///
/// A name is the polynomial whose coefficients are its length and its words; the hash is its value
/// at the key, modulo a prime. Two polynomials of `n` words agree for no more than `n` of 2^61
/// keys, so a file written before the key is drawn cannot make more names share a bucket than
/// chance would, up to that small factor. `SipHash`, which would withstand even attackers who see
/// the hashes, takes several times as long for names this short.
#[derive(Clone)]
pub(in crate::session) struct Hasher {
    key: u64,
}

impl Hasher {
    pub(in crate::session) fn new() -> Hasher {
        // The one source of randomness in std.
        let drawn = RandomState::new().hash_one(0_u64);
        Hasher { key: (drawn % (PRIME - 1)).wrapping_add(1) }
    }

    #[inline]
    pub(in crate::session) fn hash(&self, name: &[u8]) -> u32 {
        let mut value = name.len() as u64;
        let (words, rest) = name.as_chunks::<WORD>();
        for &[a, b, c, d, e, f, g] in words {
            value = self.step(value, u64::from_le_bytes([a, b, c, d, e, f, g, 0]));
        }
        let rest = rest.iter().fold(0, |word, &byte| word << 8 | u64::from(byte));
        mix(self.step(value, rest))
    }

    /// Returns `(value + word) * key`, modulo the prime, for a value below it.
    #[inline]
    fn step(&self, value: u64, word: u64) -> u64 {
        let product = u128::from(value.wrapping_add(word)).wrapping_mul(self.key.into()); // 125 bits
        // 2^61 is congruent to 1: the bits above 61 are added to those below.
        let sum = (product as u64 & PRIME).wrapping_add((product >> 61) as u64);
        if sum >= PRIME { sum.wrapping_sub(PRIME) } else { sum }
    }
}

/// Spreads values. Numbered names have values at equal distances; the upper half of a product
/// removes that pattern.
#[inline]
fn mix(value: u64) -> u32 {
    let folded = value ^ value >> 29;
    (folded.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as u32 // the golden ratio
}

/// Hides the key.
impl core::fmt::Debug for Hasher {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Hasher")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    /// Computes the polynomial with 128-bit arithmetic from the highest power down, without
    /// shortcuts.
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
            assert_eq!(hasher.hash(name), mix(value as u64));
        }
        assert_ne!(Hasher::new().key, Hasher::new().key);
    }
}
