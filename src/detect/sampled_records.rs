use crate::detect::sample::Sample;

/// The records at some places of a file. Most layouts share their size with others.
pub(super) struct SampledRecords<'a, const N: usize> {
    sample: &'a Sample<'a>,
    head: &'a [u8],
    places: [u64; N],
    size: usize,
    records: [&'a [u8]; N],
}

impl<'a, const N: usize> SampledRecords<'a, N> {
    pub(super) fn new(sample: &'a Sample<'a>, places: [u64; N]) -> SampledRecords<'a, N> {
        let head = sample.head(usize::MAX);
        SampledRecords { sample, head, places, size: 0, records: [&[]; N] }
    }

    /// Returns the records of this size that contain the places, each once.
    #[inline]
    pub(super) fn of(&mut self, size: usize) -> &[&'a [u8]; N] {
        if self.size != size {
            self.turn_to(size);
        }
        &self.records
    }

    #[inline(never)]
    fn turn_to(&mut self, size: usize) {
        self.size = size;
        let mut last = u64::MAX;
        for (record, &place) in self.records.iter_mut().zip(&self.places) {
            let start = place.wrapping_sub(place.checked_rem(size as u64).unwrap_or(0));
            let head = usize::try_from(start).ok().and_then(|at| self.head.get(at..));
            *record = match head.and_then(|bytes| bytes.get(..size)) {
                _ if start == last => &[],
                Some(record) => record,
                None => self.sample.get(start, size).unwrap_or_default(),
            };
            last = start;
        }
    }
}
