//! Columns of names, such as those of files, as Arrow dictionaries.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{Array as _, ArrayRef, DictionaryArray, Int32Array, StringArray};
use arrow_schema::ArrowError;

use crate::nulls::Nulls;
use crate::text::TextColumn;

/// The names of all files of a table. The batches share them as the dictionary of their `file`.
#[derive(Clone, Debug)]
pub struct FileNames(ArrayRef);

impl FileNames {
    /// Numbers the names from 0.
    pub fn new<T: AsRef<str>>(names: impl IntoIterator<Item = T>) -> FileNames {
        FileNames(Arc::new(StringArray::from_iter_values(names)))
    }

    /// Makes a column with the same name in every row; null if there is no such name.
    pub(crate) fn column(&self, number: i32, rows: usize) -> Result<ArrayRef, ArrowError> {
        let is_known = usize::try_from(number).is_ok_and(|number| number < self.0.len());
        let keys = match is_known {
            true => Int32Array::from_value(number, rows),
            false => Int32Array::new_null(rows),
        };
        Ok(Arc::new(DictionaryArray::<Int32Type>::try_new(keys, Arc::clone(&self.0))?))
    }
}

/// Names as keys into a dictionary of the names seen so far.
#[derive(Debug)]
pub(crate) struct NameColumn {
    keys: Vec<i32>,
    nulls: Nulls,
    names: TextColumn,
    known: HashMap<Box<[u8]>, i32>,
    /// The name in the row before.
    last: Option<(Box<[u8]>, i32)>,
}

impl NameColumn {
    /// Makes a column whose first `nulls` rows have no name.
    pub(crate) fn new(nulls: usize) -> NameColumn {
        NameColumn {
            keys: vec![0; nulls],
            nulls: Nulls::leading(nulls),
            names: TextColumn::new(0, 0),
            known: HashMap::new(),
            last: None,
        }
    }

    pub(crate) fn push(&mut self, name: &[u8]) {
        if let Some((last, key)) = &self.last
            && **last == *name
        {
            return self.keys.push(*key);
        }
        let next = self.known.len() as i32;
        let key = *self.known.entry(name.into()).or_insert(next);
        if key == next {
            self.names.push(name);
        }
        self.keys.push(key);
        self.last = Some((name.into(), key));
    }

    pub(crate) fn push_null(&mut self) {
        self.nulls.push(self.keys.len());
        self.keys.push(0);
    }

    pub(crate) fn finish(self) -> Result<ArrayRef, ArrowError> {
        let nulls = self.nulls.finish(self.keys.len());
        let keys = Int32Array::new(self.keys.into(), nulls);
        Ok(Arc::new(DictionaryArray::<Int32Type>::try_new(keys, self.names.finish()?)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_is_stored_once() {
        let mut column = NameColumn::new(1);
        ["a", "a", "b"].iter().for_each(|name| column.push(name.as_bytes()));
        column.push_null();
        column.push(b"a");
        let column = column.finish().unwrap();
        let column = column.as_any().downcast_ref::<DictionaryArray<Int32Type>>().unwrap();
        assert_eq!(column.values().len(), 2);
        let texts = column.downcast_dict::<StringArray>().unwrap();
        let shown: Vec<_> = texts.into_iter().collect();
        assert_eq!(shown, [None, Some("a"), Some("a"), Some("b"), None, Some("a")]);
    }
}
