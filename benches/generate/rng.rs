//! Numbers that look random and are the same on every run and every host.

/// xorshift64*.
#[derive(Clone, Debug)]
pub struct Rng(u64);

impl Rng {
    pub fn new(seed: u64) -> Rng {
        Rng(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// Below `n`.
    pub fn below(&mut self, n: u64) -> u64 {
        (self.next() >> 16) % n
    }

    pub fn range(&mut self, first: u64, last: u64) -> u64 {
        first + self.below(last - first + 1)
    }

    /// So many times in a thousand.
    pub fn chance(&mut self, per_mille: u64) -> bool {
        self.below(1000) < per_mille
    }

    /// Below `n`, small numbers far more often: few users log in often, most seldom.
    pub fn skewed(&mut self, n: u64) -> u64 {
        self.below(n) * self.below(n) / n
    }

    /// Roughly exponential about `mean`, as waiting times are. In integers, because hosts
    /// differ in their logarithms.
    pub fn waiting(&mut self, mean: u64) -> u64 {
        let bits = self.next() | 1;
        let halvings = u64::from(bits.leading_zeros());
        let fraction = (bits << halvings) >> 48; // from 1 to 2, in units of 1/32768
        let binary = (halvings + 2) * 32_768 - fraction;
        // 45,426 / 65,536 is ln 2.
        ((u128::from(binary) * 45_426 * u128::from(mean)) >> 31) as u64
    }

    pub fn pick<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.below(of.len() as u64) as usize]
    }

    pub fn fill(&mut self, bytes: &mut [u8]) {
        bytes.iter_mut().for_each(|b| *b = (self.next() >> 32) as u8);
    }
}
