//! Tables for people.

use std::io::{self, Write};

use loginrec::Text;

use crate::output::Output;
use crate::plain::Field;

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
    let mut line = String::with_capacity(widths.iter().fold(1, |sum, width| sum + width + 2));
    for ((cell, width), (_, number)) in cells.iter().zip(widths).zip(columns) {
        let blanks = width.saturating_sub(cell.chars().count());
        let (before, behind) = if *number { (blanks, 0) } else { (0, blanks) };
        line.extend(std::iter::repeat_n(' ', before));
        line.push_str(cell);
        line.extend(std::iter::repeat_n(' ', behind + 2));
    }
    line.truncate(line.trim_end().len());
    line.push('\n');
    out.write_all(line.as_bytes())
}

/// Columns wider than this are not lined up: one long host must not push all others away.
const WIDEST: usize = 32;
/// As many columns as a table has at most, and room behind them.
const LINE: usize = 10 * (WIDEST + 2);
/// Rows that are in order already wait for one another until they are so many.
const WAITING: usize = 2048;
/// In front of a cell that is not short and of ASCII only; others have their length there.
const LONG: u8 = 255;
/// Behind a long cell, none of which has it in it.
const END: u8 = 0;

/// Rows that are kept until their order and widths are known, all in one string of bytes.
#[derive(Debug)]
pub(crate) struct Grid<K, const N: usize> {
    columns: &'static [Column; N],
    widths: [usize; N],
    cells: Vec<u8>,
    /// What the rows are in the order of, and where each begins.
    rows: Vec<(K, usize)>,
    column: usize,
    has_headings: bool,
}

impl<K: Ord + Copy, const N: usize> Grid<K, N> {
    pub(crate) fn new(columns: &'static [Column; N]) -> Grid<K, N> {
        let widths = columns.map(|(heading, _)| heading.len());
        Grid {
            columns,
            widths,
            cells: Vec::new(),
            rows: Vec::new(),
            column: 0,
            has_headings: false,
        }
    }

    /// Begins a row.
    pub(crate) fn row(&mut self, key: K) {
        self.rows.push((key, self.cells.len()));
        self.column = 0;
    }

    /// The next cell of the row; `-` if nothing is written.
    #[inline]
    pub(crate) fn cell(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        let begun = self.cells.len();
        self.cells.push(LONG);
        write(&mut self.cells);
        if self.cells.len() == begun + 1 {
            self.cells.push(b'-');
        }
        let width = match self.cells.get_mut(begun..) {
            Some([head, cell @ ..]) if cell.len() < LONG.into() && cell.is_ascii() => {
                *head = cell.len() as u8;
                cell.len()
            }
            Some([_, cell @ ..]) => {
                let width = width(cell);
                self.cells.push(END);
                width
            }
            _ => 0,
        };
        if let Some(widest) = self.widths.get_mut(self.column) {
            *widest = width.min(WIDEST).max(*widest);
        }
        self.column += 1;
    }

    /// The next cell, of text from a record.
    #[inline]
    pub(crate) fn text(&mut self, text: Text<'_>) {
        self.cell(|out| match Field::of::<0, 0>(text.raw()) {
            Field { text, is_plain: true } => out.extend_from_slice(text),
            // A Vec takes everything.
            _ => drop(write!(out, "{text}")),
        });
    }

    /// Writes all rows in their order, under the headings.
    pub(crate) fn write(mut self, out: &mut Output) -> io::Result<()> {
        self.rows.sort_unstable_by_key(|&(key, _)| key);
        self.put(out)
    }

    /// Writes the rows there are if they are many, for those that come in their order: the
    /// first thousands say how wide the columns are, later ones only make them wider.
    #[inline]
    pub(crate) fn settle(&mut self, out: &mut Output) -> io::Result<()> {
        if self.rows.len() < WAITING { Ok(()) } else { self.put(out) }
    }

    fn put(&mut self, out: &mut Output) -> io::Result<()> {
        if !std::mem::replace(&mut self.has_headings, true) {
            let headings = self.columns.iter().map(|(heading, _)| heading.as_bytes());
            self.line(out.lines(), headings.map(|heading| (heading, heading.len())));
        }
        for &(_, begin) in &self.rows {
            let cells = self.cells.get(begin..).unwrap_or_default();
            if self.short_line(out.lines(), cells).is_none() {
                self.line(out.lines(), Cells(cells));
            }
            out.settle()?;
        }
        self.rows.clear();
        self.cells.clear();
        Ok(())
    }

    /// A line whose cells, but for the last, are no wider than their columns: a copy of a
    /// fixed length each, and blanks over what that is too much. `None`, and nothing is
    /// written, where one is wider or they are the last there are.
    fn short_line(&self, out: &mut Vec<u8>, mut cells: &[u8]) -> Option<()> {
        let mut line = [b' '; LINE];
        let mut at = 0;
        let [columns @ .., (_, false)] = self.columns.as_slice() else { return None };
        for ((_, is_number), &widest) in columns.iter().zip(&self.widths) {
            let (&head, behind) = cells.split_first()?;
            let len = usize::from(head);
            let blanks = widest.checked_sub(len)?;
            let (before, after) = if *is_number { (blanks, 0) } else { (0, blanks) };
            at += before;
            *line.get_mut(at..)?.first_chunk_mut::<WIDEST>()? = *behind.first_chunk()?;
            at += len;
            *line.get_mut(at..)?.first_chunk_mut::<WIDEST>()? = [b' '; WIDEST];
            at += after + 2;
            cells = behind.get(len..)?;
        }
        let (&head, last) = cells.split_first().filter(|(head, _)| **head != LONG)?;
        let last = last.get(..head.into())?;
        out.extend_from_slice(line.get(..at)?);
        out.extend_from_slice(last);
        end_line(out);
        Some(())
    }

    fn line<'c>(&self, out: &mut Vec<u8>, mut cells: impl Iterator<Item = (&'c [u8], usize)>) {
        for (at, ((_, is_number), &widest)) in self.columns.iter().zip(&self.widths).enumerate() {
            let (cell, width) = cells.next().unwrap_or_default();
            let blanks = widest.saturating_sub(width);
            if *is_number {
                out.resize(out.len() + blanks, b' ');
            }
            out.extend_from_slice(cell);
            if at + 1 < N {
                out.resize(out.len() + if *is_number { 2 } else { blanks + 2 }, b' ');
            }
        }
        end_line(out);
    }
}

/// There are no blanks at the end of a line.
fn end_line(out: &mut Vec<u8>) {
    while out.last() == Some(&b' ') {
        out.pop();
    }
    out.push(b'\n');
}

/// Cells, each with its width, as [`Grid::cell`] has put them behind one another.
struct Cells<'c>(&'c [u8]);

impl<'c> Iterator for Cells<'c> {
    type Item = (&'c [u8], usize);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let (&head, behind) = self.0.split_first()?;
        if head != LONG {
            let (cell, rest) = behind.split_at_checked(head.into())?;
            self.0 = rest;
            return Some((cell, cell.len()));
        }
        let mut parts = behind.splitn(2, |&byte| byte == END);
        let cell = parts.next()?;
        self.0 = parts.next().unwrap_or_default();
        Some((cell, width(cell)))
    }
}

/// Characters of UTF-8: bytes that do not go on with one.
#[inline]
fn width(cell: &[u8]) -> usize {
    cell.iter().filter(|&&byte| byte & 0xc0 != 0x80).count()
}

/// Padded as printf(3) does it, by bytes.
pub(crate) fn padded(cell: &str, width: usize) -> String {
    let blanks = width.saturating_sub(cell.len());
    format!("{cell}{:blanks$}", "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_come_back_with_their_widths() {
        let long = [b'x'; 300];
        let cells: [&[u8]; 7] =
            [b"a", b"", &long[..254], &long[..255], "größe".as_bytes(), &long, b"z"];
        let widths = [1, 1, 254, 255, 5, 300, 1];
        let mut grid: Grid<(), 7> = Grid::new(&[("", false); 7]);
        grid.row(());
        cells.iter().for_each(|cell| grid.cell(|out| out.extend_from_slice(cell)));
        let shown = cells.map(|cell| if cell.is_empty() { b"-" } else { cell });
        let expected: Vec<_> = shown.into_iter().zip(widths).collect();
        assert_eq!(Cells(&grid.cells).collect::<Vec<_>>(), expected);
        assert_eq!(grid.widths, widths.map(|width| width.min(WIDEST)));
    }

    #[test]
    fn short_lines_are_as_others() {
        const COLUMNS: [Column; 3] = [("A", false), ("NUMBER", true), ("LAST", false)];
        let mut grid: Grid<usize, 3> = Grid::new(&COLUMNS);
        let cells = ["", "x", "a name with a blank ", "größe", &"w".repeat(32), &"l".repeat(33)];
        for n in 0..cells.len().pow(3) {
            grid.row(n);
            for i in [n, n / cells.len(), n / cells.len().pow(2)] {
                grid.cell(|out| out.extend_from_slice(cells[i % cells.len()].as_bytes()));
            }
        }
        let mut short = 0;
        for &(_, begin) in &grid.rows {
            let (mut expected, mut line) = (Vec::new(), Vec::new());
            grid.line(&mut expected, Cells(&grid.cells[begin..]));
            if grid.short_line(&mut line, &grid.cells[begin..]).is_some() {
                short += 1;
                assert_eq!(line, expected);
            }
        }
        // Four of the cells are short; at the end, one that is not too wide is short enough.
        assert_eq!(short, 4 * 4 * 5);
    }
}
