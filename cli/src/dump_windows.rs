//! A long file of records of one size, which several threads decode and print.

use std::io::{self, Read};
use std::mem;

use loginrec::{Error, Layout};

use crate::buffer::Buffer;
use crate::input::{Tail, shrunk, unread};
use crate::positioned::Positioned;
use crate::printer::{Origin, Printer, Rows};
use crate::report::Report;
use crate::source::Source;
use crate::workers::{Flow, in_order};

/// Bytes that one thread works on at a time: with the lines made of them they stay in the
/// cache of a processor. With --raw the lines are four times as long, and eight threads have
/// sixteen windows between them.
const WINDOW: usize = 128 << 10;

/// The file, window by window. The same records, in the same places, as a `Stream` gives.
pub(crate) struct Windows {
    layout: &'static Layout,
    source: Source,
    /// Where the next begins.
    offset: u64,
    index: u64,
}

/// Whole records, and where they lie. Behind those of the last window stands what is left.
#[derive(Debug, Default)]
struct Window {
    offset: u64,
    index: u64,
    bytes: Buffer,
    /// Whether nothing lies behind it, and why not if something should.
    is_last: bool,
    error: Option<io::Error>,
    /// Its records as they are printed.
    lines: Vec<u8>,
    any: bool,
    /// Records of one size can only be damaged at their end.
    damage: Option<Error>,
}

impl Windows {
    /// Of a layout whose records have one size and follow one another.
    pub(crate) fn new(layout: &'static Layout, source: Source) -> Windows {
        Windows { layout, source, offset: 0, index: 0 }
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
        // Of an ordinary file each thread reads what it works on.
        let file = self.source.share();
        let mut printing = Printing {
            windows: self,
            is_shared: file.is_some(),
            origin,
            printer,
            report,
            away: 0,
            ended: false,
            any: false,
            damaged: false,
            tail: None,
            spare: Vec::new(),
        };
        in_order(threads, &mut printing, || {
            let (mut rows, file) = (rows.clone(), file.as_ref());
            move |mut window: Window| {
                if let Some(file) = file {
                    window.read(layout, &mut Positioned::new(file, window.offset));
                }
                window.print(layout, &mut rows, origin);
                window
            }
        })?;
        Ok(printing.end())
    }
}

impl Window {
    fn read(&mut self, layout: &Layout, input: &mut dyn Read) {
        let wanted = len(layout);
        self.bytes.truncate(0);
        self.error = self.bytes.read(input, wanted);
        self.is_last = self.bytes.bytes().len() < wanted;
    }

    fn print(&mut self, layout: &'static Layout, rows: &mut Rows<'_>, origin: &Origin<'_>) {
        (self.any, self.damage) = (false, None);
        self.lines.clear();
        let (whole, _) = split(self.bytes.bytes(), layout);
        // A record that cannot be read further is not one that is cut short.
        let bytes = if self.error.is_some() { whole } else { self.bytes.bytes() };
        for item in layout.records_at(bytes, self.offset, self.index) {
            self.any |= item.is_ok();
            match item {
                Ok(record) => rows.write(&mut self.lines, &record, origin),
                Err(error) => self.damage = Some(error),
            }
        }
    }
}

/// Whole records, and what lies behind them.
fn split<'b>(bytes: &'b [u8], layout: &Layout) -> (&'b [u8], &'b [u8]) {
    bytes.split_at(bytes.len() - bytes.len() % layout.size.max(1))
}

/// How long a window is.
fn len(layout: &Layout) -> usize {
    let size = layout.size.max(1);
    (WINDOW / size).max(1) * size
}

/// The thread that writes, and reads what only one can.
struct Printing<'p, 'a> {
    windows: Windows,
    /// Whether each thread reads for itself.
    is_shared: bool,
    origin: &'p Origin<'p>,
    printer: &'p mut Printer<'a>,
    report: &'p mut Report,
    /// Windows that have not come back.
    away: usize,
    /// Whether the last one has been read.
    ended: bool,
    any: bool,
    damaged: bool,
    /// What lies behind the last record, when it is known.
    tail: Option<Tail>,
    /// What has been written.
    spare: Vec<Window>,
}

impl Flow for Printing<'_, '_> {
    type Work = Window;
    type Done = Window;

    fn next(&mut self) -> Option<Window> {
        let Windows { layout, ref mut source, offset, index } = self.windows;
        // A file may have become longer, which whoever reads there sees.
        let is_behind = source.len().is_none_or(|len| offset >= len);
        if self.ended || (self.is_shared && is_behind && self.away > 0) {
            return None;
        }
        let mut window = Window { offset, index, ..self.spare.pop().unwrap_or_default() };
        if !self.is_shared {
            window.read(layout, source);
            self.ended = window.is_last;
        }
        self.windows.offset += len(layout) as u64;
        self.windows.index += (len(layout) / layout.size.max(1)) as u64;
        self.away += 1;
        Some(window)
    }

    fn take(&mut self, mut window: Window) -> io::Result<()> {
        self.away -= 1;
        // Others may have read where the file had ended.
        if self.tail.is_none() {
            self.any |= window.any;
            self.printer.lines(&window.lines)?;
            if let Some(error) = window.damage.take() {
                self.damaged(error)?;
            }
            if window.is_last {
                self.last(&mut window);
            }
        }
        self.spare.push(window);
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

    fn last(&mut self, window: &mut Window) {
        let Windows { layout, source, .. } = &mut self.windows;
        let (whole, rest) = split(window.bytes.bytes(), layout);
        let offset = window.offset + whole.len() as u64;
        let end = offset + rest.len() as u64;
        self.ended = true;
        self.tail = Some(Tail { offset, bytes: rest.to_vec() });
        source.pass_to(end);
        let error = window.error.take().map(|error| unread(end, &error));
        if let Some(why) = error.or_else(|| shrunk(source)) {
            self.damaged = true;
            self.report.damaged(self.origin.name, why);
        }
    }

    fn end(self) -> Tail {
        match self.any || !self.damaged {
            true => self.report.read(),
            false => self.report.failed_quietly(),
        }
        self.tail.unwrap_or_default()
    }
}
