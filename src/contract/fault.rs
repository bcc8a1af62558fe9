//! Rows of what could not be read.

use crate::contract::column::Column;
use crate::contract::sink::{Row, Sink, Source};
use crate::contract::write::name;

/// A file, or a part of one, that was not read: in outputs of columns, which have no messages
/// beside them, a row with an `error` and no record.
#[derive(Clone, Copy, Debug)]
pub struct FaultRow<'a> {
    /// The machine and the file.
    pub source: Source<'a>,
    /// The reason, in words.
    pub error: &'a str,
}

impl Row for FaultRow<'_> {
    const COLUMNS: &'static [Column] =
        &[Column::Machine, Column::Source, Column::File, Column::Error];

    fn write(&self, to: &mut impl Sink) {
        self.source.write_machine(to);
        name(to, Column::File, self.source.file);
        name(to, Column::Error, Some(self.error));
    }
}
