//! `loginrec layouts`: the layouts that can be read and written.

use std::io::{self, Write as _};

use clap::Args;
use loginrec::contract::{Column, LayoutRow};
use loginrec::formats::all;

use crate::args::format::{FormulaGuard, OutputFormat};
use crate::args::output::OutputOptions;
use crate::diagnostics::{Diagnostics, Stop};
use crate::output::ascii::number::decimal;
use crate::output::rows::RowWriter;
use crate::output::table::{Grid, Heading, left, right};
use crate::output::writer::Output;
use crate::run::{NamedFiles, Run};

/// List every layout that can be read and written
#[derive(Debug, Args)]
#[command(after_help = "\
Columns: SIZE is the length of a whole record in bytes; TIME is the width of the seconds; PATHS
are the platform's usual places for such files.

Examples:
  loginrec layouts | grep Solaris
  loginrec layouts --format jsonl | jq -r 'select(.size == 384).name'")]
pub(crate) struct LayoutsArgs {
    /// Output format
    #[arg(long, value_parser = OutputFormat::one_of(OutputFormat::LINES), default_value = "text")]
    pub(crate) format: OutputFormat,

    #[command(flatten)]
    output: OutputOptions,
}

const COLUMNS: [Heading; 7] = [
    left(Column::Name),
    right(Column::Size),
    left(Column::ByteOrder),
    left(Column::Framing),
    left(Column::System),
    left(Column::TimeBits),
    left(Column::Paths),
];

impl Run for LayoutsArgs {
    fn files(&self) -> NamedFiles<'_> {
        NamedFiles::default().written_to(&self.output)
    }

    fn run(&self, out: Output, report: &mut Diagnostics) -> Result<(), Stop> {
        Ok(run(self, out, report)?)
    }
}

fn run(args: &LayoutsArgs, mut out: Output, report: &mut Diagnostics) -> io::Result<()> {
    match args.format.rows() {
        Some(format) => {
            let guard = FormulaGuard::default();
            let mut rows = RowWriter::begin::<LayoutRow>(format, guard, out);
            for layout in all() {
                rows.row(&LayoutRow { layout })?;
            }
            rows.finish(report)
        }
        None => {
            let mut grid = Grid::new(&COLUMNS).all_lined_up();
            for (number, layout) in all().enumerate() {
                let row = LayoutRow { layout };
                let paths: Vec<_> = layout.paths().map(|(_, path)| path).collect();
                grid.row(number);
                grid.str(layout.name);
                grid.cell(|out| decimal(out, layout.size as u64));
                grid.str(row.byte_order());
                grid.str(row.layout.container.name());
                grid.str(layout.platform.system);
                grid.str(&format!("{}-bit", row.time_bits()));
                // A blank, so that the cell stays empty without paths.
                grid.str(&if paths.is_empty() { " ".to_owned() } else { paths.join(" ") });
            }
            grid.write(&mut out)?;
            out.flush()
        }
    }
}
