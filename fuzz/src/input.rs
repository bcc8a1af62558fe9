//! Inputs made up from seeds, and what is done to them.

use loginrec_testing::Rng;

use crate::Target;

/// No target needs more.
const LONGEST: usize = 16 << 10;

/// The inputs of a target, one after the other.
#[derive(Debug)]
pub struct Inputs {
    target: &'static Target,
    seeds: Vec<Vec<u8>>,
    rng: Rng,
}

impl Inputs {
    /// Those that follow from `seed`.
    pub fn new(target: &'static Target, seed: u64) -> Inputs {
        let mut seeds = (target.seeds)();
        seeds.iter_mut().for_each(|bytes| bytes.truncate(LONGEST));
        let mut rng = Rng::new(seed);
        // The first numbers of neighboring seeds are alike.
        (0..4).for_each(|_| _ = rng.any());
        Inputs { target, seeds, rng }
    }

    /// The next input: a seed or one of the right structure, and then usually changed.
    #[expect(clippy::should_implement_trait, reason = "it does not end")]
    pub fn next(&mut self) -> Vec<u8> {
        let mut bytes = match self.rng.one_in(3) {
            true => self.seeds[self.rng.index(self.seeds.len())].clone(),
            false => (self.target.made_up)(&mut self.rng),
        };
        for _ in 0..self.rng.index(5) {
            let other = &self.seeds[self.rng.index(self.seeds.len())];
            change(&mut bytes, other, self.target.words, &mut self.rng);
        }
        bytes.truncate(LONGEST);
        bytes
    }
}

/// One change: bits, bytes, runs, numbers, words, pieces moved, cut off or taken from
/// another input.
fn change(bytes: &mut Vec<u8>, other: &[u8], words: &[&[u8]], rng: &mut Rng) {
    let at = rng.index(bytes.len());
    let len = rng.index(rng.clone().index(64).min(bytes.len() - at) + 1);
    match rng.index(10) {
        0 => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1 << rng.index(8)),
        1 => rng.fill(&mut bytes[at..at + len]),
        2 => bytes[at..at + len].fill(*rng.pick(&[&0, &0xff, &b'0', &b'[', &0x80, &1])),
        3 => {
            let number = rng.edge();
            let width = [1, 2, 4, 8][rng.index(4)];
            let big = rng.one_in(2);
            let all = if big { number.to_be_bytes() } else { number.to_le_bytes() };
            let kept = if big { &all[8 - width..] } else { &all[..width] };
            bytes.iter_mut().skip(at).zip(kept).for_each(|(to, from)| *to = *from);
        }
        4 => bytes.truncate(at),
        5 => drop(bytes.drain(at..at + len)),
        6 => {
            let again = bytes[at..at + len].to_vec();
            bytes.splice(at..at, again);
        }
        7 => {
            let from = rng.index(other.len());
            let piece = &other[from..other.len().min(from + 1 + rng.index(512))];
            bytes.splice(at..at, piece.iter().copied());
        }
        8 => {
            let from = rng.index(other.len());
            let piece = &other[from..];
            bytes.iter_mut().skip(at).take(len).zip(piece).for_each(|(to, from)| *to = *from);
        }
        _ if words.is_empty() => bytes.insert(at, rng.any() as u8),
        _ => {
            let word = rng.pick(words);
            let over = rng.index(2) * len;
            bytes.splice(at..at + over, word.iter().copied());
        }
    }
}
