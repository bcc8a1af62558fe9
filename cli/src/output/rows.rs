//! Rows in an output format.

use std::io::{self, Write as _};

use loginrec::contract::Row;

use crate::args::format::{FormulaGuard, RowFormat};
use crate::diagnostics::Diagnostics;
#[cfg(feature = "parquet")]
use crate::output::columns::{About, ColumnEncoder};
use crate::output::csv::Csv;
use crate::output::export::Exporter;
use crate::output::jsonl::Jsonl;
#[cfg(feature = "parquet")]
use crate::output::manifest;
use crate::output::writer::Output;

/// Converts rows to bytes. The only place that knows all formats of rows.
#[derive(Debug)]
pub(crate) enum RowEncoder {
    Jsonl(Jsonl),
    Csv(Csv),
    Export(Box<Exporter>),
    #[cfg(feature = "parquet")]
    Columns(Box<ColumnEncoder>),
}

impl RowEncoder {
    /// Begins rows of kind `R`.
    pub(crate) fn new<R: Row>(format: RowFormat, guard: FormulaGuard) -> RowEncoder {
        RowEncoder::with_raw::<R>(format, guard, false)
    }

    /// Begins rows of kind `R`, with a column for their bytes if those are wanted.
    pub(crate) fn with_raw<R: Row>(
        format: RowFormat,
        guard: FormulaGuard,
        raw: bool,
    ) -> RowEncoder {
        let _ = raw; // Lines show what they have.
        match format {
            RowFormat::Jsonl => RowEncoder::Jsonl(Jsonl::new()),
            RowFormat::Csv => RowEncoder::Csv(Csv::new(guard)),
            RowFormat::Export(standard) => {
                RowEncoder::Export(Box::new(Exporter::new::<R>(standard)))
            }
            #[cfg(feature = "parquet")]
            RowFormat::Columns(format) => {
                RowEncoder::Columns(Box::new(ColumnEncoder::new::<R>(format, raw)))
            }
        }
    }

    /// Appends the header before the first row.
    pub(crate) fn headings<R: Row>(&self, lines: &mut Vec<u8>) {
        if let RowEncoder::Csv(_) = self {
            Csv::headings::<R>(lines);
        }
    }

    /// Appends a row.
    #[inline]
    pub(crate) fn row(&mut self, lines: &mut Vec<u8>, row: &impl Row) {
        match self {
            RowEncoder::Jsonl(jsonl) => jsonl.row(lines, row),
            RowEncoder::Csv(csv) => csv.row(lines, row),
            RowEncoder::Export(export) => export.row(lines, row),
            #[cfg(feature = "parquet")]
            RowEncoder::Columns(columns) => columns.row(lines, row),
        }
    }

    /// Appends a row of another kind than the others.
    pub(crate) fn other_row(&mut self, lines: &mut Vec<u8>, row: &impl Row) {
        match self {
            #[cfg(feature = "parquet")]
            RowEncoder::Columns(columns) => columns.other_row(lines, row),
            _ => self.row(lines, row),
        }
    }

    /// Ends the rows. Files of columns have what could not be read, and the sources.
    pub(crate) fn finish(
        &mut self,
        lines: &mut Vec<u8>,
        report: &mut Diagnostics,
    ) -> io::Result<()> {
        let _ = (&lines, &report); // Lines are whole as they are.
        match self {
            #[cfg(feature = "parquet")]
            RowEncoder::Columns(columns) => {
                let about = About { sources: manifest::sources(report) };
                columns.finish(lines, &report.faults, about)
            }
            RowEncoder::Export(_) | RowEncoder::Jsonl(_) | RowEncoder::Csv(_) => Ok(()),
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
        let encoder = RowEncoder::new::<R>(format, guard);
        encoder.headings::<R>(out.lines());
        RowWriter { encoder, out }
    }

    #[inline]
    pub(crate) fn row(&mut self, row: &impl Row) -> io::Result<()> {
        self.encoder.row(self.out.lines(), row);
        self.out.settle()
    }

    /// Writes what has been added so far.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    /// Ends the list.
    pub(crate) fn finish(&mut self, report: &mut Diagnostics) -> io::Result<()> {
        self.encoder.finish(self.out.lines(), report)?;
        self.out.flush()?;
        if let RowEncoder::Export(export) = &self.encoder {
            export.say_omitted(report);
        }
        Ok(())
    }
}
