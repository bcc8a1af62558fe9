//! A set of pages.

use alloc::vec::Vec;

/// Page numbers, one bit for each. Contains numbers up to `limit` only, so that it is never larger
/// than the file.
#[derive(Clone, Debug)]
pub(super) struct PageSet {
    words: Vec<u64>,
    limit: u32,
}

impl PageSet {
    pub(super) fn new(limit: u32) -> PageSet {
        PageSet { words: Vec::new(), limit }
    }

    /// Adds a page. Returns whether it is new and within the limit.
    pub(super) fn insert(&mut self, page: u32) -> bool {
        if page > self.limit {
            return false;
        }
        let (word, bit) = place(page);
        if word >= self.words.len() {
            self.words.resize(word.saturating_add(1), 0);
        }
        let Some(word) = self.words.get_mut(word) else { return false };
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }

    /// Adds the pages of another set.
    pub(super) fn insert_all(&mut self, other: &PageSet) {
        if other.words.len() > self.words.len() {
            self.words.resize(other.words.len(), 0);
        }
        self.words.iter_mut().zip(&other.words).for_each(|(word, other)| *word |= other);
    }

    pub(super) fn contains(&self, page: u32) -> bool {
        let (word, bit) = place(page);
        self.words.get(word).is_some_and(|word| word & bit != 0)
    }
}

fn place(page: u32) -> (usize, u64) {
    (page as usize >> 6, 1u64.rotate_left(page & 63))
}

#[cfg(test)]
mod tests {
    use super::PageSet;

    #[test]
    fn pages_are_new_once() {
        let mut pages = PageSet::new(130);
        for page in [0, 1, 63, 64, 130] {
            assert!(!pages.contains(page));
            assert!(pages.insert(page) && !pages.insert(page), "{page}");
            assert!(pages.contains(page));
        }
        assert!(!pages.insert(131) && !pages.contains(131) && !pages.contains(u32::MAX));
    }
}
