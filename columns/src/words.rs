//! Columns of words from a short list, such as layouts and events, as Arrow dictionaries.

use std::sync::Arc;

use arrow_array::types::ArrowDictionaryKeyType;
use arrow_array::{ArrayRef, DictionaryArray, PrimitiveArray, StringArray};
use arrow_schema::ArrowError;

use crate::nulls::Nulls;

/// Number of cached words. A column has few different ones, which recur.
const RECENT: usize = 32;

/// A list of words and the array that holds them: the dictionary of many columns.
#[derive(Debug)]
pub(crate) struct WordList {
    words: Vec<&'static str>,
    array: ArrayRef,
}

impl WordList {
    pub(crate) fn new(words: impl IntoIterator<Item = &'static str>) -> Arc<WordList> {
        let words: Vec<_> = words.into_iter().collect();
        let array = Arc::new(StringArray::from_iter_values(&words));
        Arc::new(WordList { words, array })
    }
}

/// Words as keys into a dictionary.
#[derive(Debug)]
pub(crate) struct WordColumn<K: ArrowDictionaryKeyType> {
    keys: Vec<K::Native>,
    nulls: Nulls,
    /// The dictionary. It is longer than the original list if other words were added.
    list: Arc<WordList>,
    recent: Box<[(&'static str, K::Native); RECENT]>,
    /// Whether there are more words than the key type can number.
    is_full: bool,
}

impl<K> WordColumn<K>
where
    K: ArrowDictionaryKeyType,
    K::Native: TryFrom<usize>,
{
    /// Makes room for `capacity` words, after `nulls` rows without one.
    pub(crate) fn new(list: &Arc<WordList>, nulls: usize, capacity: usize) -> WordColumn<K> {
        let mut keys = Vec::with_capacity(capacity.max(nulls));
        keys.resize(nulls, K::Native::default());
        WordColumn {
            keys,
            nulls: Nulls::leading(nulls),
            list: Arc::clone(list),
            recent: Box::new([("", K::Native::default()); RECENT]),
            is_full: false,
        }
    }

    /// Adds a word by its number in the list.
    #[inline]
    pub(crate) fn push_key(&mut self, key: K::Native) {
        self.keys.push(key);
    }

    #[inline]
    pub(crate) fn push_null(&mut self) {
        self.nulls.push(self.keys.len());
        self.keys.push(K::Native::default());
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
        let Ok(key) = K::Native::try_from(number) else {
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
    /// [`ArrowError::DictionaryKeyOverflowError`] if there are more words than keys.
    pub(crate) fn finish(self) -> Result<ArrayRef, ArrowError> {
        if self.is_full {
            return Err(ArrowError::DictionaryKeyOverflowError);
        }
        let nulls = self.nulls.finish(self.keys.len());
        let keys = PrimitiveArray::<K>::new(self.keys.into(), nulls);
        Ok(Arc::new(DictionaryArray::<K>::try_new(keys, Arc::clone(&self.list.array))?))
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::cast::AsArray as _;
    use arrow_array::types::{Int8Type, Int16Type};

    use super::*;

    fn made_up(count: usize) -> Vec<&'static str> {
        (0..count).map(|number| &*Box::leak(format!("layout-{number}").into_boxed_str())).collect()
    }

    #[test]
    fn long_lists_do_not_wrap() {
        let words = made_up(300);
        let mut column = WordColumn::<Int16Type>::new(&WordList::new(words.clone()), 0, 0);
        words.iter().for_each(|word| column.push(word));
        words.iter().rev().for_each(|word| column.push(word));
        let column = column.finish().unwrap();
        let texts = column.as_dictionary::<Int16Type>().downcast_dict::<StringArray>().unwrap();
        let shown: Vec<_> = texts.into_iter().flatten().collect();
        assert_eq!(shown, [words.clone(), words.into_iter().rev().collect()].concat());
    }

    #[test]
    fn more_words_than_keys_are_an_error() {
        let words = made_up(129);
        let mut column = WordColumn::<Int8Type>::new(&WordList::new([]), 0, 0);
        words.iter().take(128).for_each(|word| column.push(word));
        assert!(column.finish().is_ok());
        let mut column = WordColumn::<Int8Type>::new(&WordList::new(words.clone()), 0, 0);
        words.iter().for_each(|word| column.push(word));
        assert!(matches!(column.finish(), Err(ArrowError::DictionaryKeyOverflowError)));
    }
}
