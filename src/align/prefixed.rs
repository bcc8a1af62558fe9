//! Finds records with a length before them (`utx.log`), after the chain of lengths broke.

use super::score::{is_plausible, strength};
use super::{REACH, Segment, Segments};

/// Size of the length before a record.
const PREFIX: usize = 2;

impl Segments<'_> {
    /// Returns the record at `at` with its prefix, if it is whole.
    fn prefixed(&self, at: usize) -> Option<(&[u8], usize)> {
        let rest = self.data.get(at..)?;
        let (prefix, rest) = rest.split_first_chunk()?;
        let len = usize::from(u16::from_be_bytes(*prefix));
        let record = rest.get(..len).filter(|_| (1..=self.layout.size).contains(&len))?;
        Some((record, at.saturating_add(PREFIX).saturating_add(len)))
    }

    /// Returns whether records begin at `at`: two in a row, or one and the end of the data.
    fn chain_begins(&self, at: usize) -> bool {
        let Some((record, next)) = self.prefixed(at) else { return false };
        strength(self.layout, record).is_some()
            && (next >= self.data.len()
                || self.prefixed(next).is_some_and(|(record, _)| is_plausible(self.layout, record)))
    }

    pub(super) fn next_prefixed(&mut self) -> Option<Segment> {
        let start = self.at;
        let mut at = start;
        while let Some((record, next)) = self.prefixed(at) {
            if !is_plausible(self.layout, record) {
                break;
            }
            at = next;
        }
        let end = self.data.len().min(at.saturating_add(REACH));
        let landing = (at.saturating_add(1)..end).find(|&at| self.chain_begins(at));
        self.at = landing.unwrap_or(self.data.len());
        let skipped = landing.map(|landing| Segment::Skipped(at..landing));
        if at == start {
            return skipped;
        }
        self.next = skipped;
        Some(Segment::Records { layout: self.layout, range: start..at })
    }
}
