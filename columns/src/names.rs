//! Columns of names, such as those of files.

use std::collections::HashMap;
use std::iter;
use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::{Array as _, ArrayRef, StringArray, new_null_array};
use arrow_schema::{ArrowError, DataType};

use crate::nulls::Nulls;
use crate::text::TextColumn;
use crate::words::gathered;

/// The names of all files of a table, by number.
#[derive(Clone, Debug)]
pub struct FileNames(ArrayRef);

impl FileNames {
    /// Numbers the names from 0.
    pub fn new<T: AsRef<str>>(names: impl IntoIterator<Item = T>) -> FileNames {
        FileNames(Arc::new(StringArray::from_iter_values(names)))
    }

    /// Makes a column with the same name in every row; null if there is no such name.
    pub(crate) fn column(&self, number: i32, rows: usize) -> Result<ArrayRef, ArrowError> {
        let names = self.0.as_string::<i32>();
        match usize::try_from(number).ok().filter(|&number| number < names.len()) {
            Some(number) => gathered(iter::repeat_n(names.value(number), rows), rows, None),
            None => Ok(new_null_array(&DataType::Utf8, rows)),
        }
    }
}

/// Names as numbers of the names seen so far, until the column is finished.
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
        let names = self.names.finish()?;
        let names = names.as_string::<i32>();
        let name = |&key: &i32| match usize::try_from(key).ok().filter(|&key| key < names.len()) {
            Some(key) => names.value(key),
            None => "",
        };
        gathered(self.keys.iter().map(name), self.keys.len(), nulls)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_rows() {
        let mut column = NameColumn::new(1);
        ["a", "a", "b"].iter().for_each(|name| column.push(name.as_bytes()));
        column.push_null();
        column.push(b"a");
        let column = column.finish().unwrap();
        let shown: Vec<_> = column.as_string::<i32>().iter().collect();
        assert_eq!(shown, [None, Some("a"), Some("a"), Some("b"), None, Some("a")]);
    }
}
