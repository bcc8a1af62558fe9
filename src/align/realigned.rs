//! Records of a file whose head is missing.

use alloc::vec::Vec;

use crate::align::score::{is_plausible, strength, typed};
use crate::align::{Segment, Segments};

/// Bytes that [`realigned`] examines.
const LOOKED_AT: usize = 64 << 10;
/// Number of certain records of one layout that [`realigned`] requires.
const ENOUGH: usize = 3;

/// The records of a file in which they are not at multiples of their size.
#[derive(Debug)]
pub(crate) struct Realigned {
    /// Offset of the longest run.
    pub(crate) start: usize,
    /// The plausible records of all runs of its layout, back to back.
    pub(crate) records: Vec<u8>,
}

/// Returns the records of a file in which they are not at multiples of their size, for instance
/// because its head was cut off. `None` if fewer than three records are certain, or if most of the
/// data is not records, unless the file's name is that of a log.
pub(crate) fn realigned(data: &[u8], is_log: bool) -> Option<Realigned> {
    let data = data.get(..LOOKED_AT).unwrap_or(data);
    // The layout does not matter: it only has to fail at the beginning of the data.
    let any = typed().next()?;
    let (mut runs, mut covered) = (Vec::new(), 0usize);
    for segment in Segments::new(any, any, data) {
        let Segment::Records { layout, range } = segment else { continue };
        let run = data.get(range.clone()).unwrap_or_default();
        // Bytes after the last record of a run count as odd records if no others follow.
        let plausible = |record: &&[u8]| is_plausible(layout, record);
        let records: Vec<&[u8]> = run.chunks_exact(layout.size).filter(plausible).collect();
        let is_strong = |record: &&&[u8]| strength(layout, record).is_some();
        let strong = records.iter().filter(is_strong).count();
        if strong > 0 {
            covered = covered.saturating_add(records.len().saturating_mul(layout.size));
            runs.push((strong, layout, range.start, records));
        }
    }
    let &(_, best, start, _) = runs.iter().max_by_key(|(strong, _, start, _)| (*strong, *start))?;
    let of_best = || runs.iter().filter(|(_, layout, ..)| *layout == best);
    let is_enough = of_best().map(|(strong, ..)| strong).sum::<usize>() >= ENOUGH;
    if !is_enough || !is_log && covered.saturating_mul(2) <= data.len() {
        return None;
    }
    let records = of_best().flat_map(|(.., records)| records.iter().copied().flatten().copied());
    Some(Realigned { start, records: records.collect() })
}
