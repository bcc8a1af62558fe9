//! Columns of words from a short list, such as layouts and events.

use std::sync::Arc;

use arrow_array::builder::StringBuilder;
use arrow_array::{ArrayRef, StringArray};
use arrow_buffer::NullBuffer;
use arrow_schema::ArrowError;

use crate::nulls::Nulls;

/// Number of cached words. A column has few different ones, which recur.
const RECENT: usize = 32;

/// A list of words, which many columns share.
#[derive(Debug)]
pub(crate) struct WordList {
    words: Vec<&'static str>,
}

impl WordList {
    pub(crate) fn new(words: impl IntoIterator<Item = &'static str>) -> Arc<WordList> {
        Arc::new(WordList { words: words.into_iter().collect() })
    }
}

/// Words as numbers of a list, until the column is finished.
#[derive(Debug)]
pub(crate) struct WordColumn {
    keys: Vec<u16>,
    nulls: Nulls,
    /// The words. There are more than in the original list if others were added.
    list: Arc<WordList>,
    recent: Box<[(&'static str, u16); RECENT]>,
    /// Whether there are more words than numbers.
    is_full: bool,
}

impl WordColumn {
    /// Makes room for `capacity` words, after `nulls` rows without one.
    pub(crate) fn new(list: &Arc<WordList>, nulls: usize, capacity: usize) -> WordColumn {
        let mut keys = Vec::with_capacity(capacity.max(nulls));
        keys.resize(nulls, 0);
        WordColumn {
            keys,
            nulls: Nulls::leading(nulls),
            list: Arc::clone(list),
            recent: Box::new([("", 0); RECENT]),
            is_full: false,
        }
    }

    /// Adds a word by its number in the list.
    #[inline]
    pub(crate) fn push_key(&mut self, key: u8) {
        self.keys.push(key.into());
    }

    #[inline]
    pub(crate) fn push_null(&mut self) {
        self.nulls.push(self.keys.len());
        self.keys.push(0);
    }

    /// Adds a word.
    #[inline]
    pub(crate) fn push(&mut self, word: &'static str) {
        // The address suffices: it identifies a static text, or the cache misses.
        let place = (word.as_ptr() as usize >> 2) % RECENT;
        match self.recent.get(place) {
            Some((known, key)) if std::ptr::eq(*known, word) => self.keys.push(*key),
            _ => self.look_up(word, place),
        }
    }

    #[cold]
    #[inline(never)]
    fn look_up(&mut self, word: &'static str, place: usize) {
        let number = self.list.words.iter().position(|known| *known == word);
        let number = number.unwrap_or_else(|| {
            let words = self.list.words.iter().copied().chain([word]);
            self.list = WordList::new(words);
            self.list.words.len() - 1
        });
        // A number that wrapped would select another word.
        let Ok(key) = u16::try_from(number) else {
            self.is_full = true;
            return self.push_null();
        };
        if let Some(recent) = self.recent.get_mut(place) {
            *recent = (word, key);
        }
        self.keys.push(key);
    }

    /// Makes the column.
    ///
    /// # Errors
    ///
    /// [`ArrowError::DictionaryKeyOverflowError`] if there are more words than numbers.
    pub(crate) fn finish(self) -> Result<ArrayRef, ArrowError> {
        if self.is_full {
            return Err(ArrowError::DictionaryKeyOverflowError);
        }
        let nulls = self.nulls.finish(self.keys.len());
        let words = self.keys.iter().map(|&key| self.list.words.get(usize::from(key)));
        gathered(words.map(|word| word.map_or("", |word| word)), self.keys.len(), nulls)
    }
}

/// Makes a column of texts from one for each row.
pub(crate) fn gathered<'a>(
    texts: impl Iterator<Item = &'a str>,
    rows: usize,
    nulls: Option<NullBuffer>,
) -> Result<ArrayRef, ArrowError> {
    let mut column = StringBuilder::with_capacity(rows, rows * 16);
    texts.for_each(|text| column.append_value(text));
    let (ends, bytes, _) = column.finish().into_parts();
    Ok(Arc::new(StringArray::try_new(ends, bytes, nulls)?))
}

#[cfg(test)]
mod tests {
    use arrow_array::cast::AsArray as _;

    use super::*;

    fn made_up(count: usize) -> Vec<&'static str> {
        (0..count).map(|number| &*Box::leak(format!("layout-{number}").into_boxed_str())).collect()
    }

    #[test]
    fn long_lists_do_not_wrap() {
        let words = made_up(300);
        let mut column = WordColumn::new(&WordList::new(words.clone()), 1, 0);
        words.iter().for_each(|word| column.push(word));
        column.push_null();
        words.iter().rev().for_each(|word| column.push(word));
        let column = column.finish().unwrap();
        let shown: Vec<_> = column.as_string::<i32>().iter().flatten().collect();
        assert_eq!(shown, [words.clone(), words.into_iter().rev().collect()].concat());
        assert!(column.is_null(0) && column.is_null(301) && column.null_count() == 2);
    }
}
