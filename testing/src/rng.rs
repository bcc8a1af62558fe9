//! Numbers without a pattern, the same in every run and on every host.

/// A generator of such numbers: xorshift64*.
#[derive(Clone, Debug)]
pub struct Rng(u64);

impl Rng {
    /// Makes the generator of a seed.
    pub fn new(seed: u64) -> Rng {
        Rng(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// Returns any number.
    pub fn any(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// Returns a number below `n`.
    pub fn below(&mut self, n: u64) -> u64 {
        (self.any() >> 16) % n
    }

    /// Returns an index of `len` things, or 0 if there are none.
    pub fn index(&mut self, len: usize) -> usize {
        self.below(len.max(1) as u64) as usize
    }

    /// Returns a number from `first` to `last`, both included.
    pub fn range(&mut self, first: u64, last: u64) -> u64 {
        first + self.below(last - first + 1)
    }

    /// Returns `true` `per_mille` times in a thousand.
    pub fn chance(&mut self, per_mille: u64) -> bool {
        self.below(1000) < per_mille
    }

    /// Returns `true` once in `n` times.
    pub fn one_in(&mut self, n: usize) -> bool {
        self.index(n) == 0
    }

    /// Returns a number below `n`, small ones far more often: few users log in often, most
    /// seldom.
    pub fn skewed(&mut self, n: u64) -> u64 {
        self.below(n) * self.below(n) / n
    }

    /// Returns a waiting time: roughly exponential about `mean`. In integers, because hosts
    /// differ in their logarithms.
    pub fn waiting(&mut self, mean: u64) -> u64 {
        let bits = self.any() | 1;
        let halvings = u64::from(bits.leading_zeros());
        let fraction = (bits << halvings) >> 48; // from 1 to 2, in units of 1/32768
        let binary = (halvings + 2) * 32_768 - fraction;
        // 45,426 / 65,536 is ln 2.
        ((u128::from(binary) * 45_426 * u128::from(mean)) >> 31) as u64
    }

    /// Returns one of these.
    pub fn pick<'a, T: ?Sized>(&mut self, among: &[&'a T]) -> &'a T {
        among[self.index(among.len())]
    }

    /// Overwrites all bytes.
    pub fn fill(&mut self, bytes: &mut [u8]) {
        bytes.iter_mut().for_each(|b| *b = (self.any() >> 32) as u8);
    }

    /// Returns a number of a kind at which code goes wrong, three times in four: near a power
    /// of two, or negative.
    pub fn edge(&mut self) -> u64 {
        const EDGES: [u64; 12] = [
            0,
            1,
            2,
            0x7f,
            0xff,
            0x7fff,
            0xffff,
            0x7fff_ffff,
            0x8000_0000,
            0xffff_ffff,
            i64::MAX as u64,
            u64::MAX,
        ];
        let edge = EDGES[self.index(EDGES.len())];
        match self.below(4) {
            0 => self.any(),
            1 => edge.wrapping_add(1),
            2 => edge.wrapping_neg(),
            _ => edge,
        }
    }
}
