//! Text tables.

use std::io::{self, Write as _};

use loginrec::Text;
use loginrec::contract::Column;
use loginrec::read::read_full_at;
use loginrec_sources::Spool;

use crate::output::ascii::scan::Field;
use crate::output::writer::Output;

/// The heading of a column, and whether its cells are right-aligned.
pub(crate) type Heading = (&'static str, bool);

/// A left-aligned column.
pub(crate) const fn left(column: Column) -> Heading {
    (column.heading(), false)
}

/// A right-aligned column of numbers.
pub(crate) const fn right(column: Column) -> Heading {
    (column.heading(), true)
}

/// The place of the records: file, offset, and those of the record that ended it.
pub(crate) const RECORDS: Heading = ("RECORDS", false);

/// Wider columns are not aligned: one long host must not push all others away.
const WIDEST: usize = 32;
/// The largest number of columns of a table, plus one.
const LINE: usize = 11 * (WIDEST + 2);
/// Number of rows that are buffered if they arrive in order.
const WAITING: usize = 2048;
/// Precedes a cell that is long or not ASCII; other cells have their length there.
const LONG: u8 = 255;
/// Follows a long cell. No cell contains it.
const END: u8 = 0;

/// Bytes of cells that stay in memory.
const IN_MEMORY: usize = if cfg!(test) { 1 << 20 } else { 8 << 20 };
/// Bytes that no row of a record exceeds.
const LONGEST_ROW: usize = 64 << 10;
/// Bytes of a spool that are read for a row: most are shorter.
const ROW: usize = 512;

/// Rows that are kept until their order and widths are known, all in one string of bytes.
#[derive(Debug)]
pub(crate) struct Grid<K, const N: usize> {
    columns: &'static [Heading; N],
    widths: [usize; N],
    /// The cells of the last rows; those of rows before them are in a spool.
    cells: Vec<u8>,
    spool: Spool,
    /// Bytes in the spool.
    spooled: usize,
    /// The sort key of each row, and the offset of its cells.
    rows: Vec<(K, usize)>,
    /// Why there are no more rows.
    failed: Option<io::Error>,
    column: usize,
    /// Columns at the beginning that the table does not have.
    left_out: usize,
    has_headings: bool,
    /// Columns are as wide as their widest cell, up to this limit.
    widest: usize,
    /// Lines below rows, in the order of the rows.
    notes: Vec<(usize, String)>,
}

impl<K: Ord + Copy, const N: usize> Grid<K, N> {
    pub(crate) fn new(columns: &'static [Heading; N]) -> Grid<K, N> {
        let widths = columns.map(|(heading, _)| heading.len());
        let mut cells = Vec::new();
        // Requested before others take the memory. None of it is used before it is written.
        let failed = cells.try_reserve_exact(IN_MEMORY + LONGEST_ROW).err().map(io::Error::from);
        Grid {
            columns,
            widths,
            cells,
            spool: Spool::new(),
            spooled: 0,
            rows: Vec::new(),
            failed,
            column: 0,
            left_out: 0,
            has_headings: false,
            widest: WIDEST,
            notes: Vec::new(),
        }
    }

    /// Aligns all columns, however wide their cells are.
    pub(crate) fn all_lined_up(self) -> Grid<K, N> {
        Grid { widest: usize::MAX, ..self }
    }

    /// Shows the first column, or leaves it out.
    pub(crate) fn with_first(self, yes: bool) -> Grid<K, N> {
        Grid { left_out: usize::from(!yes), ..self }
    }

    /// Appends the cell of the first column, if the table has it.
    pub(crate) fn first(&mut self, text: &str) {
        if self.left_out == 0 {
            self.str(text);
        }
    }

    /// Returns the columns that the table has.
    fn columns(&self) -> &'static [Heading] {
        self.columns.get(self.left_out..).unwrap_or_default()
    }

    /// Returns the widths of these columns.
    fn widths(&self) -> &[usize] {
        self.widths.get(self.left_out..).unwrap_or_default()
    }

    /// Begins a row.
    #[inline]
    pub(crate) fn row(&mut self, key: K) {
        self.column = self.left_out;
        if self.cells.len() >= IN_MEMORY || self.rows.len() == self.rows.capacity() {
            self.make_room();
        }
        if self.failed.is_none() {
            self.rows.push((key, self.spooled + self.cells.len()));
        }
    }

    #[cold]
    fn make_room(&mut self) {
        if self.failed.is_some() {
            return self.cells.clear();
        }
        let mut room = self.rows.try_reserve(1).map_err(io::Error::from);
        if self.cells.len() >= IN_MEMORY {
            room = room.and_then(|()| self.spool.write_all(&self.cells));
            self.spooled = self.spooled.saturating_add(self.cells.len());
            self.cells.clear();
        }
        self.failed = room.err();
    }

    /// Appends the next cell of the row; `-` if nothing is written.
    #[inline]
    pub(crate) fn cell(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        let begun = self.cells.len();
        self.cells.push(LONG);
        write(&mut self.cells);
        if self.cells.len() == begun + 1 {
            self.cells.push(b'-');
        }
        let width = match self.cells.get_mut(begun..) {
            Some([head, cell @ ..]) if cell.len() < usize::from(LONG) && cell.is_ascii() => {
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
        self.widen(width);
    }

    /// Makes the column of the last cell wide enough for it.
    #[inline]
    fn widen(&mut self, width: usize) {
        if let Some(widest) = self.widths.get_mut(self.column) {
            *widest = width.min(self.widest).max(*widest);
        }
        self.column += 1;
    }

    /// Appends the next cell, with text that is safe to print.
    pub(crate) fn str(&mut self, text: &str) {
        self.cell(|out| out.extend_from_slice(text.as_bytes()));
    }

    /// Appends a line below the row, for rows that arrive in order.
    pub(crate) fn note(&mut self, note: &str) {
        self.notes.push((self.rows.len(), format!("    {note}\n")));
    }

    /// Appends the next cell, with text from a record.
    #[inline]
    pub(crate) fn text(&mut self, text: Text<'_>) {
        match Field::of::<0, 0>(text.raw()) {
            Field { text: plain @ [_, ..], is_plain: true } if plain.len() < usize::from(LONG) => {
                self.cells.push(plain.len() as u8);
                self.cells.extend_from_slice(plain);
                self.widen(plain.len());
            }
            // Writing to a Vec cannot fail.
            _ => self.cell(|out| drop(write!(out, "{text}"))),
        }
    }

    /// Writes all rows in their order, below the headings.
    pub(crate) fn write(mut self, out: &mut Output) -> io::Result<()> {
        self.rows.sort_unstable_by_key(|&(key, _)| key);
        self.put(out)
    }

    /// Writes the pending rows if they are many, for rows that arrive in order. The first thousands
    /// determine the widths of the columns; later rows can only make them wider.
    #[inline]
    pub(crate) fn settle(&mut self, out: &mut Output) -> io::Result<()> {
        if self.rows.len() < WAITING { Ok(()) } else { self.put(out) }
    }

    /// Writes the pending rows, for rows that arrive in order.
    pub(crate) fn flush(&mut self, out: &mut Output) -> io::Result<()> {
        if self.rows.is_empty() { Ok(()) } else { self.put(out) }
    }

    fn put(&mut self, out: &mut Output) -> io::Result<()> {
        if !std::mem::replace(&mut self.has_headings, true) {
            let headings = self.columns().iter().map(|(heading, _)| heading.as_bytes());
            self.line(out.lines(), headings.map(|heading| (heading, heading.len())));
        }
        self.failed.take().map_or(Ok(()), Err)?;
        let (mut notes, mut row, spooled) =
            (self.notes.iter().peekable(), Vec::new(), self.spooled);
        for (number, &(_, begin)) in self.rows.iter().enumerate() {
            let cells = match begin.checked_sub(spooled) {
                Some(begin) => self.cells.get(begin..).unwrap_or_default(),
                None => {
                    self.unspool(begin, &mut row)?;
                    &row
                }
            };
            if self.short_line(out.lines(), cells).is_none() {
                self.line(out.lines(), Cells(cells));
            }
            while let Some((_, note)) = notes.next_if(|(row, _)| *row == number + 1) {
                out.lines().extend_from_slice(note.as_bytes());
            }
            out.settle()?;
        }
        self.rows.clear();
        self.cells.clear();
        self.notes.clear();
        Ok(())
    }

    /// Reads a row back.
    fn unspool(&self, begin: usize, row: &mut Vec<u8>) -> io::Result<()> {
        let mut len = ROW;
        loop {
            row.resize(len, 0);
            match read_full_at(&self.spool, row, begin as u64) {
                (_, Some(error)) => return Err(error),
                (read, None) => row.truncate(read),
            }
            if row.len() < len || has_cells(row, self.columns().len()) {
                return Ok(());
            }
            len *= 2;
        }
    }

    /// A line whose cells, but for the last, are no wider than their columns: a copy of a
    /// fixed length each, and blanks over what that is too much. `None`, and nothing is
    /// written, where one is wider or they are the last there are.
    fn short_line(&self, out: &mut Vec<u8>, mut cells: &[u8]) -> Option<()> {
        let mut line = [b' '; LINE];
        let mut at = 0;
        let [columns @ .., (_, false)] = self.columns() else { return None };
        if self.widest > WIDEST {
            return None;
        }
        for ((_, is_number), &widest) in columns.iter().zip(self.widths()) {
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
        for (at, ((_, is_number), &widest)) in self.columns().iter().zip(self.widths()).enumerate()
        {
            let (cell, width) = cells.next().unwrap_or_default();
            let blanks = widest.saturating_sub(width);
            if *is_number {
                out.resize(out.len() + blanks, b' ');
            }
            out.extend_from_slice(cell);
            if at + 1 < self.columns().len() {
                out.resize(out.len() + if *is_number { 2 } else { blanks + 2 }, b' ');
            }
        }
        end_line(out);
    }
}

/// Lines have no trailing blanks.
fn end_line(out: &mut Vec<u8>) {
    while out.last() == Some(&b' ') {
        out.pop();
    }
    out.push(b'\n');
}

/// Returns whether `cells` begins with `count` whole cells.
fn has_cells(mut cells: &[u8], count: usize) -> bool {
    (0..count).all(|_| {
        let rest = match cells.split_first() {
            Some((&LONG, long)) => long.iter().position(|&byte| byte == END).map(|end| end + 1),
            Some((&len, _)) => Some(usize::from(len)),
            None => None,
        };
        let rest = rest.and_then(|len| cells.get(len + 1..));
        cells = rest.unwrap_or_default();
        rest.is_some()
    })
}

/// Iterates over the cells that [`Grid::cell`] has stored one after another, with their widths.
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

/// Returns the number of characters of UTF-8: bytes that are not continuation bytes.
#[inline]
fn width(cell: &[u8]) -> usize {
    cell.iter().filter(|&&byte| byte & 0xc0 != 0x80).count()
}

/// Pads like printf(3), by bytes.
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

    /// Rows in an order of their own, some of them long, that do not stay in memory.
    #[test]
    fn many_rows_come_back_from_the_spool() {
        const COLUMNS: [Heading; 2] = [("A", false), ("B", false)];
        let mut rng = loginrec_testing::Rng::new(1);
        let rows: Vec<(u64, String)> = (0..40_000)
            .map(|n| {
                (rng.below(1 << 40), "x".repeat(rng.index(90)) + &"y".repeat(n % 400 / 399 * 3000))
            })
            .collect();
        let mut grid: Grid<u64, 2> = Grid::new(&COLUMNS);
        for (key, text) in &rows {
            grid.row(*key);
            grid.str(&key.to_string());
            grid.str(text);
        }
        assert!(grid.spooled > IN_MEMORY && grid.cells.len() <= IN_MEMORY + 10_000);
        let mut sorted = rows.clone();
        sorted.sort_by_key(|(key, _)| *key);
        grid.rows.sort_unstable_by_key(|&(key, _)| key);
        let mut row = Vec::new();
        for ((key, text), &(_, begin)) in sorted.iter().zip(&grid.rows) {
            let cells = match begin.checked_sub(grid.spooled) {
                Some(begin) => &grid.cells[begin..],
                None => {
                    grid.unspool(begin, &mut row).unwrap();
                    &row
                }
            };
            let mut cells = Cells(cells).map(|(cell, _)| cell.to_vec());
            assert_eq!(cells.next().unwrap(), key.to_string().as_bytes());
            let text = if text.is_empty() { "-" } else { text };
            assert_eq!(cells.next().unwrap(), text.as_bytes());
        }
    }

    #[test]
    fn short_lines_are_as_others() {
        const COLUMNS: [Heading; 3] = [("A", false), ("NUMBER", true), ("LAST", false)];
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
