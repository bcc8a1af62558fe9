//! A long file of records of one size, which several threads decode and print.

use std::io;
use std::mem;

use loginrec::{Error, Layout};

use crate::input::{Tail, shrunk, unread};
use crate::printer::{Origin, Printer};
use crate::report::Report;
use crate::source::{Source, read_full};
use crate::workers::{Flow, in_order};

/// Bytes that one thread works on at a time. With --raw the lines are four times as long, and
/// eight threads have ten windows between them.
const WINDOW: usize = 192 << 10;

/// The file, window by window. The same records, in the same places, as a `Stream` gives.
pub(crate) struct Windows {
    layout: &'static Layout,
    source: Source,
    /// Where the next begins.
    offset: u64,
    index: u64,
    ended: bool,
    tail: Tail,
    /// Why the file could not be read to its end.
    why: Option<String>,
}

/// Whole records, and where they lie. Behind those of the last window stands what is left.
#[derive(Debug)]
struct Window {
    bytes: Vec<u8>,
    offset: u64,
    index: u64,
}

/// A window's records as they are printed.
#[derive(Debug, Default)]
struct Printed {
    /// To be used again, as are the lines.
    bytes: Vec<u8>,
    lines: Vec<u8>,
    any: bool,
    /// Records of one size can only be damaged at their end.
    damage: Option<Error>,
}

impl Windows {
    /// Of a layout whose records have one size and follow one another.
    pub(crate) fn new(layout: &'static Layout, source: Source) -> Windows {
        let tail = Tail::default();
        Windows { layout, source, offset: 0, index: 0, ended: false, tail, why: None }
    }

    /// Prints them all on so many threads, in the order of the file. Damage and how the file
    /// fared go to `report`, as with `Input::each`.
    pub(crate) fn print(
        self,
        threads: usize,
        origin: &Origin<'_>,
        printer: &mut Printer<'_>,
        report: &mut Report,
    ) -> io::Result<Tail> {
        let (layout, rows) = (self.layout, printer.rows());
        let (any, damaged, spare) = (false, false, Vec::new());
        let mut printing = Printing { windows: self, origin, printer, report, any, damaged, spare };
        in_order(threads, &mut printing, || {
            let mut rows = rows.clone();
            move |(window, mut lines): (Window, Vec<u8>)| {
                let Window { bytes, offset, index } = window;
                let (mut any, mut damage) = (false, None);
                lines.clear();
                for item in layout.records_at(&bytes, offset, index) {
                    any |= item.is_ok();
                    match item {
                        Ok(record) => rows.write(&mut lines, &record, origin),
                        Err(error) => damage = Some(error),
                    }
                }
                Printed { bytes, lines, any, damage }
            }
        })?;
        printing.end()
    }

    /// Reads the next one into `bytes`.
    fn next(&mut self, mut bytes: Vec<u8>) -> Option<Window> {
        if self.ended {
            return None;
        }
        let size = self.layout.size.max(1);
        bytes.resize((WINDOW / size).max(1) * size, 0);
        let (read, error) = read_full(&mut self.source, &mut bytes);
        let whole = read - read % size;
        let (offset, index) = (self.offset, self.index);
        self.offset += read as u64;
        self.index += (read / size) as u64;
        self.ended = read < bytes.len();
        if self.ended {
            let behind = bytes.get(whole..read).unwrap_or_default().to_vec();
            self.tail = Tail { offset: offset + whole as u64, bytes: behind };
        }
        self.why = error.as_ref().map(|error| unread(self.offset, error));
        // A record that cannot be read further is not one that is cut short.
        bytes.truncate(if error.is_some() { whole } else { read });
        (!bytes.is_empty()).then_some(Window { bytes, offset, index })
    }
}

/// The thread that reads and writes.
struct Printing<'p, 'a> {
    windows: Windows,
    origin: &'p Origin<'p>,
    printer: &'p mut Printer<'a>,
    report: &'p mut Report,
    any: bool,
    damaged: bool,
    /// What has been written.
    spare: Vec<Printed>,
}

impl Flow for Printing<'_, '_> {
    type Work = (Window, Vec<u8>);
    type Done = Printed;

    fn next(&mut self) -> Option<Self::Work> {
        let Printed { bytes, lines, .. } = self.spare.pop().unwrap_or_default();
        Some((self.windows.next(bytes)?, lines))
    }

    fn take(&mut self, mut done: Printed) -> io::Result<()> {
        self.any |= done.any;
        self.printer.lines(&done.lines)?;
        if let Some(error) = done.damage.take() {
            self.damaged(error)?;
        }
        self.spare.push(done);
        Ok(())
    }
}

impl Printing<'_, '_> {
    fn damaged(&mut self, what: impl std::fmt::Display) -> io::Result<()> {
        // On a terminal the message stands where the damage is.
        if !mem::replace(&mut self.damaged, true) {
            self.printer.flush()?;
        }
        self.report.damaged(self.origin.name, what);
        Ok(())
    }

    fn end(mut self) -> io::Result<Tail> {
        let why = self.windows.why.take().or_else(|| shrunk(&self.windows.source));
        if let Some(why) = why {
            self.damaged = true;
            self.report.damaged(self.origin.name, why);
        }
        match self.any || !self.damaged {
            true => self.report.read(),
            false => self.report.failed_quietly(),
        }
        Ok(self.windows.tail)
    }
}
