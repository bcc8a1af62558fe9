//! Lists that are printed as a text table or as rows.

use std::io::{self, Write as _};

use loginrec::contract::Row;

use crate::args::format::{FormulaGuard, OutputFormat};
use crate::args::zone::Zone;
use crate::diagnostics::Diagnostics;
use crate::output::interval::Times;
use crate::output::rows::RowWriter;
use crate::output::table::{Grid, Heading};
use crate::output::writer::Output;

/// The destination of a list's rows.
#[expect(clippy::large_enum_variant, reason = "there is one of them")]
pub(crate) enum Listing<K, const N: usize> {
    Table(Table<K, N>),
    Rows(RowWriter),
}

/// A table with times in one zone.
pub(crate) struct Table<K, const N: usize> {
    pub(crate) grid: Grid<K, N>,
    pub(crate) times: Times,
    out: Output,
}

impl<K: Ord + Copy, const N: usize> Listing<K, N> {
    /// Begins a list of rows of kind `R`. A table has the first column only if asked to.
    pub(crate) fn begin<R: Row>(
        format: OutputFormat,
        guard: FormulaGuard,
        columns: &'static [Heading; N],
        with_first: bool,
        zone: &Zone,
        out: Output,
    ) -> Listing<K, N> {
        match format.rows() {
            Some(format) => Listing::Rows(RowWriter::begin::<R>(format, guard, out)),
            None => {
                let grid = Grid::new(columns).with_first(with_first);
                Listing::Table(Table { grid, times: Times::new(zone), out })
            }
        }
    }

    /// Writes the rows so far, for rows that arrive in order.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        match self {
            Listing::Table(Table { grid, out, .. }) => {
                grid.flush(out)?;
                out.flush()
            }
            Listing::Rows(rows) => rows.flush(),
        }
    }

    pub(crate) fn end(self, report: &mut Diagnostics) -> io::Result<()> {
        match self {
            Listing::Table(Table { grid, mut out, .. }) => {
                grid.write(&mut out)?;
                out.flush()
            }
            Listing::Rows(mut rows) => rows.finish(report),
        }
    }
}

impl<K: Ord + Copy, const N: usize> Table<K, N> {
    /// Writes the pending rows if they are many; see [`Grid::settle`].
    pub(crate) fn settle(&mut self) -> io::Result<()> {
        self.grid.settle(&mut self.out)
    }
}
