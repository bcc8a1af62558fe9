//! Tables for people.

use std::io::{self, Write};

/// A heading and whether the column is of numbers.
pub(crate) type Column = (&'static str, bool);

/// How wide each column must be.
pub(crate) fn widths<const N: usize>(columns: &[Column; N], rows: &[[String; N]]) -> [usize; N] {
    let mut widths = columns.map(|(heading, _)| heading.chars().count());
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    widths
}

/// One line: numbers to the right, two blanks between columns, none at the end.
pub(crate) fn write_line<const N: usize>(
    out: &mut impl Write,
    columns: &[Column; N],
    widths: &[usize; N],
    cells: [&str; N],
) -> io::Result<()> {
    let mut line = String::new();
    for ((cell, width), (_, number)) in cells.iter().zip(widths).zip(columns) {
        let padded = if *number { format!("{cell:>width$}") } else { format!("{cell:<width$}") };
        line.push_str(&padded);
        line.push_str("  ");
    }
    writeln!(out, "{}", line.trim_end())
}

/// Padded as printf(3) does it, by bytes.
pub(crate) fn padded(cell: &str, width: usize) -> String {
    let blanks = width.saturating_sub(cell.len());
    format!("{cell}{:blanks$}", "")
}
