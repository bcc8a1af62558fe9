//! A disk image: stretches of other bytes with runs of records between them, at odd offsets.

use std::io::{self, Write};

use loginrec::Layout;

use super::background::{Background, Filler};
use super::machine::Machine;
use crate::rng::Rng;

/// Records of a run, on average.
const RUN: u64 = 60;
const BLOCK: u64 = 64 << 10;

/// Writes an image of about `size` bytes with runs of these layouts in turn. Returns the number
/// of records in it.
pub fn write(
    backgrounds: &[Background],
    layouts: &[&'static Layout],
    size: u64,
    seed: u64,
    out: &mut impl Write,
) -> io::Result<u64> {
    let mut rng = Rng::new(seed ^ 0x10a6e);
    let mut fillers: Vec<Filler> =
        backgrounds.iter().filter_map(|kind| Filler::new(*kind, seed)).collect();
    let mut machine = Machine::new(seed, 240);
    let (mut at, mut records) = (0, 0);
    for number in 0.. {
        let stretch = rng.range(256 << 10, 8 << 20).min(size - at);
        let filler = rng.below(fillers.len() as u64) as usize;
        let mut left = stretch;
        while left > 0 {
            let block = fillers[filler].take(left.min(BLOCK) as usize);
            out.write_all(&block)?;
            left -= block.len() as u64;
        }
        at += stretch;
        if at >= size {
            break;
        }
        if layouts.is_empty() {
            continue;
        }
        let align = rng.pick(&[&1, &4, &512, &4096]);
        let gap = at.next_multiple_of(*align) - at;
        out.write_all(&vec![0; gap as usize])?;
        let layout = layouts[number % layouts.len()];
        let length = 1 + rng.waiting(RUN) as usize;
        let run = super::bytes(&mut machine, layout, length);
        out.write_all(&run)?;
        records += length as u64;
        at = size.min(at + gap + run.len() as u64);
    }
    Ok(records)
}
