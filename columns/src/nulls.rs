//! The rows of a column that are null.

use arrow_buffer::{BooleanBufferBuilder, NullBuffer};

/// The rows without a value. Columns without nulls, which most are, cost nothing.
#[derive(Debug, Default)]
pub(crate) struct Nulls {
    rows: Vec<usize>,
}

impl Nulls {
    /// Returns the nulls of a column whose first `rows` rows have no value.
    pub(crate) fn leading(rows: usize) -> Nulls {
        Nulls { rows: (0..rows).collect() }
    }

    #[inline]
    pub(crate) fn push(&mut self, row: usize) {
        self.rows.push(row);
    }

    /// Makes the validity bits of a column with `rows` rows; `None` if no row is null.
    pub(crate) fn finish(self, rows: usize) -> Option<NullBuffer> {
        if self.rows.is_empty() {
            return None;
        }
        let mut valid = BooleanBufferBuilder::new(rows);
        valid.append_n(rows, true);
        self.rows.iter().filter(|&&row| row < rows).for_each(|&row| valid.set_bit(row, false));
        Some(NullBuffer::new(valid.finish()))
    }
}
