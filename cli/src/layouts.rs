//! `loginrec layouts`: what can be read and written.

use std::io::{self, Write as _};

use loginrec::endian::Endian;
use loginrec::layout::Role;
use loginrec::platform::{LAYOUTS, freebsd};
use loginrec::{Framing, Layout};
use serde::Serialize;

use crate::args::{Layouts, TableFormat};
use crate::json;
use crate::output::stdout;
use crate::table::{self, Column};

const COLUMNS: [Column; 7] = [
    ("LAYOUT", false),
    ("SIZE", true),
    ("ORDER", false),
    ("FRAMING", false),
    ("SYSTEM", false),
    ("TIME", false),
    ("PATHS", false),
];

/// A layout as people tell it from others.
#[derive(Debug, Serialize)]
struct Listed {
    name: &'static str,
    size: usize,
    byte_order: &'static str,
    framing: &'static str,
    system: &'static str,
    time_bits: usize,
    microseconds: bool,
    paths: Vec<&'static str>,
}

impl Listed {
    fn new(layout: &'static Layout) -> Listed {
        let seconds = layout.field(Role::Sec).or_else(|| layout.field(Role::Micros));
        Listed {
            name: layout.name,
            size: layout.size,
            byte_order: match layout.endian {
                Endian::Little => "little",
                Endian::Big => "big",
                Endian::Pdp => "pdp",
            },
            framing: match layout.framing {
                Framing::Fixed => "fixed",
                Framing::LengthPrefixed => "length-prefixed",
                Framing::Indexed => "indexed",
                Framing::Database => "database",
                _ => "other",
            },
            system: layout.dialect.system,
            time_bits: seconds.map_or(0, |field| field.len * 8),
            microseconds: layout.has_microseconds(),
            paths: paths(layout),
        }
    }

    fn cells(&self) -> [String; 7] {
        let time = format!("{}-bit", self.time_bits);
        let cells = [self.byte_order, self.framing, self.system, &time, &self.paths.join(" ")];
        let [order, framing, system, time, paths] = cells.map(str::to_owned);
        [self.name.to_owned(), self.size.to_string(), order, framing, system, time, paths]
    }
}

/// Where the platform keeps files of a layout. FreeBSD's two layouts share one list.
fn paths(layout: &Layout) -> Vec<&'static str> {
    let paths = layout.dialect.paths.iter().map(|(_, path)| *path);
    let log = layout.framing == Framing::LengthPrefixed;
    let shared = std::ptr::eq(layout.dialect, &freebsd::UTX);
    paths.filter(|path| !shared || path.ends_with("utx.log") == log).collect()
}

pub(crate) fn run(args: &Layouts) -> io::Result<()> {
    let mut out = stdout();
    let listed: Vec<Listed> = LAYOUTS.iter().map(Listed::new).collect();
    match args.format {
        TableFormat::Jsonl => {
            listed.iter().try_for_each(|layout| json::write_line(&mut out, layout))?;
        }
        TableFormat::Text => {
            let rows: Vec<_> = listed.iter().map(Listed::cells).collect();
            let widths = table::widths(&COLUMNS, &rows);
            table::write_line(&mut out, &COLUMNS, &widths, COLUMNS.map(|(heading, _)| heading))?;
            for row in &rows {
                table::write_line(&mut out, &COLUMNS, &widths, row.each_ref().map(String::as_str))?;
            }
        }
    }
    out.flush()
}
