//! Holes of a file. Their records are counted, not listed.

use loginrec::read::Hole;

use crate::diagnostics::Diagnostics;
use crate::file_name::FileName;

/// The most holes named per file; the others are counted.
const NAMED: usize = 20;

/// The long holes of one file.
#[derive(Debug, Default)]
pub(crate) struct Holes {
    named: Vec<Hole>,
    others: u64,
    records: u64,
}

impl Holes {
    pub(crate) fn push(&mut self, hole: Hole) {
        match self.named.len() < NAMED {
            true => self.named.push(hole),
            false => {
                self.others += 1;
                self.records = self.records.saturating_add(hole.records);
            }
        }
    }

    /// Says what a list of the records leaves out.
    pub(crate) fn tell(&self, name: &FileName<'_>, report: &Diagnostics) {
        for Hole { offset, records, len, .. } in &self.named {
            report.warn(name, passed_over(*offset, *len, *records));
        }
        if self.others > 0 {
            let Holes { others, records, .. } = self;
            let what = format!("{others} more holes: {records} empty records, not listed");
            report.warn(name, what);
        }
    }
}

/// Returns the message about a hole whose records are not listed.
pub(crate) fn passed_over(offset: u64, len: u64, records: u64) -> String {
    let last = offset.saturating_add(len).saturating_sub(1);
    format!("bytes {offset} to {last} are a hole of the file: {records} empty records, not listed")
}
