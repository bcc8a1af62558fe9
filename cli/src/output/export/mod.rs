//! Rows as other tools want them: Timesketch, the Elastic Common Schema, OCSF. The columns are those
//! of the contract, and one table (`mapping`) says where each goes.

mod collected;
mod ecs;
mod json;
mod kind;
mod mapping;
mod ocsf;
mod timesketch;

use loginrec::contract::Row;

use crate::args::format::Standard;
use crate::diagnostics::Diagnostics;
use crate::output::export::collected::Collected;
use crate::output::export::kind::Kind;

/// Converts rows to lines of a standard.
#[derive(Debug)]
pub(crate) struct Exporter {
    standard: Standard,
    kind: Kind,
    row: Collected,
    /// Rows without a time, which none of the standards can place.
    timeless: u64,
}

impl Exporter {
    /// Begins rows of kind `R`.
    pub(crate) fn new<R: Row>(standard: Standard) -> Exporter {
        let kind = Kind::of(R::COLUMNS);
        Exporter { standard, kind, row: Collected::default(), timeless: 0 }
    }

    /// Appends a row, if the standard has a place for it.
    pub(crate) fn row(&mut self, line: &mut Vec<u8>, row: &impl Row) {
        self.row.clear();
        row.write(&mut self.row);
        let Some(time) = self.row.time(self.kind.time()) else {
            self.timeless += 1;
            return;
        };
        let (row, kind) = (&self.row, self.kind);
        let object = match self.standard {
            Standard::Timesketch => Some(timesketch::object(row, kind, time)),
            Standard::Ecs => Some(ecs::object(row, kind, time)),
            Standard::Ocsf => ocsf::object(row, kind, time),
        };
        if let Some(object) = object {
            json::write_object(line, &object);
            line.push(b'\n');
        }
    }

    /// Reports the number of rows that are left out because they have no time.
    pub(crate) fn say_omitted(&self, report: &Diagnostics) {
        match self.timeless {
            0 => {}
            1 => report.note("1 row without a time is omitted"),
            rows => report.note(format_args!("{rows} rows without a time are omitted")),
        }
    }
}
