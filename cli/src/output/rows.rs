//! Rows as lines of an output format.

use std::io::{self, Write as _};

use loginrec::contract::Row;

use crate::args::format::{FormulaGuard, RowFormat};
use crate::output::csv::Csv;
use crate::output::jsonl::Jsonl;
use crate::output::writer::Output;

/// Converts rows to lines. The only place that knows all formats of rows.
#[derive(Clone, Debug)]
pub(crate) enum RowEncoder {
    Jsonl(Jsonl),
    Csv(Csv),
}

impl RowEncoder {
    pub(crate) fn new(format: RowFormat, guard: FormulaGuard) -> RowEncoder {
        match format {
            RowFormat::Jsonl => RowEncoder::Jsonl(Jsonl::new()),
            RowFormat::Csv => RowEncoder::Csv(Csv::new(guard)),
        }
    }

    /// Appends the header before the first row.
    pub(crate) fn headings<R: Row>(&self, lines: &mut Vec<u8>) {
        match self {
            RowEncoder::Jsonl(_) => {}
            RowEncoder::Csv(_) => Csv::headings::<R>(lines),
        }
    }

    /// Appends a row.
    #[inline]
    pub(crate) fn row(&mut self, lines: &mut Vec<u8>, row: &impl Row) {
        match self {
            RowEncoder::Jsonl(jsonl) => jsonl.row(lines, row),
            RowEncoder::Csv(csv) => csv.row(lines, row),
        }
    }
}

/// Writes rows to an output.
#[derive(Debug)]
pub(crate) struct RowWriter {
    encoder: RowEncoder,
    out: Output,
}

impl RowWriter {
    /// Begins a list of rows of one kind.
    pub(crate) fn begin<R: Row>(
        format: RowFormat,
        guard: FormulaGuard,
        mut out: Output,
    ) -> RowWriter {
        let encoder = RowEncoder::new(format, guard);
        encoder.headings::<R>(out.lines());
        RowWriter { encoder, out }
    }

    #[inline]
    pub(crate) fn row(&mut self, row: &impl Row) -> io::Result<()> {
        self.encoder.row(self.out.lines(), row);
        self.out.settle()
    }

    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
