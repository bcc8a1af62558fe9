//! Tables of few rows, whose columns are not known before.

/// Rows that are kept until the widths of their columns are known. Cells are safe to print.
#[derive(Debug)]
pub(crate) struct SmallTable {
    /// The headings, and whether cells are right-aligned.
    columns: Vec<(String, bool)>,
    rows: Vec<Vec<String>>,
}

impl SmallTable {
    pub(crate) fn new() -> SmallTable {
        SmallTable { columns: Vec::new(), rows: Vec::new() }
    }

    /// Appends a left-aligned column.
    pub(crate) fn left(mut self, heading: impl Into<String>) -> SmallTable {
        self.columns.push((heading.into(), false));
        self
    }

    /// Appends a right-aligned column.
    pub(crate) fn right(mut self, heading: impl Into<String>) -> SmallTable {
        self.columns.push((heading.into(), true));
        self
    }

    /// Appends a row. An empty cell is shown as `-`.
    pub(crate) fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// Appends the lines of the table.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        let headings: Vec<&str> = self.columns.iter().map(|(heading, _)| &**heading).collect();
        let width = |cell: &str| cell.chars().count().max(1);
        let widths: Vec<usize> = (0..self.columns.len())
            .map(|at| {
                let cells = self.rows.iter().filter_map(|row| row.get(at));
                let own = headings.get(at).map_or(0, |heading| width(heading));
                cells.map(|cell| width(cell)).fold(own, usize::max)
            })
            .collect();
        let mut line = |cells: &mut dyn Iterator<Item = &str>| {
            let mut text = String::new();
            for ((cell, (_, is_number)), &widest) in cells.zip(&self.columns).zip(&widths) {
                let cell = if cell.is_empty() { "-" } else { cell };
                let blanks = " ".repeat(widest.saturating_sub(width(cell)));
                let (before, after) = if *is_number { (&*blanks, "") } else { ("", &*blanks) };
                text.extend([before, cell, after, "  "]);
            }
            out.extend_from_slice(text.trim_end().as_bytes());
            out.push(b'\n');
        };
        line(&mut headings.iter().copied());
        for row in &self.rows {
            line(&mut row.iter().map(String::as_str));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_cells() {
        let mut table = SmallTable::new().left("NAME").right("N");
        table.row(vec!["größe".to_owned(), "7".to_owned()]);
        table.row(vec![String::new(), "123".to_owned()]);
        let mut out = Vec::new();
        table.write(&mut out);
        assert_eq!(str::from_utf8(&out), Ok("NAME     N\ngröße    7\n-      123\n"));
    }
}
