//! Rows of `--format jsonl` and `csv`.

use std::io;
use std::ops::ControlFlow;

use loginrec::contract::LastRow;
use loginrec::session::End as Ended;
use loginrec::{Event, FileKind, Record, Timestamp};

use crate::commands::last::args::{ListOptions, TimeFormat};
use crate::commands::last::classify::Kind;
use crate::commands::last::listing::{Listing, row};
use crate::commands::last::pairing::{End, Pairing, Row};
use crate::diagnostics::Diagnostics;
use crate::file_name::FileName;
use crate::input::file::Input;
use crate::output::rows::RowEncoder;

impl ListOptions {
    /// Returns the encoder of rows, unless the output is text.
    pub(super) fn encoder(&self) -> Option<RowEncoder> {
        self.format.rows().map(|format| RowEncoder::new::<LastRow<'_>>(format, self.guard))
    }

    /// Returns what is wrong if options for the columns of text are given for rows.
    pub(super) fn check_rows(&self) -> Result<(), &'static str> {
        let is_for_text = self.hostlast
            || self.dns
            || self.fulltimes
            || self.ip
            || self.nohostname
            || self.tab_separated
            || self.fullnames
            || self.time_format != TimeFormat::default();
        match self.format.rows() {
            Some(_) if is_for_text => Err(
                "-a, -d, -F, -i, -R, -T, -w and --time-format are for text: jsonl and csv have all of it",
            ),
            Some(_) if self.follow => Err("--follow needs --format text"),
            _ => Ok(()),
        }
    }
}

impl Listing<'_> {
    /// Lists one file from its end as rows.
    pub(super) fn file_rows(
        &mut self,
        input: &mut Input,
        name: &FileName<'_>,
        pairing: &mut Pairing,
        report: &mut Diagnostics,
    ) -> io::Result<()> {
        let is_btmp = self.kind == FileKind::Btmp;
        let as_of = self.as_of.unwrap_or(i64::MAX);
        input.backwards(name, report, |record| {
            let entry = record.entry();
            if as_of < entry.ut_tv.tv_sec {
                return Ok(ControlFlow::Continue(()));
            }
            match row(&entry, is_btmp, pairing).filter(|row| self.wants(*row)) {
                Some(row) => self.write(record, &row, name),
                None => Ok(ControlFlow::Continue(())),
            }
        })
    }

    fn write(
        &mut self,
        record: &Record<'_>,
        row: &Row<'_>,
        name: &FileName<'_>,
    ) -> io::Result<ControlFlow<()>> {
        let event = match row.kind {
            _ if self.kind == FileKind::Btmp => Event::FailedLogin,
            Kind::Boot => Event::Boot,
            Kind::Shutdown => Event::Shutdown,
            Kind::RunLevel(_) => Event::RunLevel,
            Kind::OldTime => Event::ClockOld,
            Kind::NewTime => Event::ClockNew,
            _ => Event::Login,
        };
        let (ended, how) = match row.end {
            _ if event == Event::FailedLogin => (None, None),
            End::At(end) => (Some(end), Some(Ended::Logout)),
            End::Down(end) => (Some(end), Some(Ended::Shutdown)),
            End::Crash(end) => (Some(end), Some(Ended::Crash)),
            End::LoggedIn | End::Running => (None, Some(Ended::Open)),
            End::Change(_) => (None, None),
        };
        let row = LastRow {
            source: name.source(),
            layout: record.layout(),
            offset: record.offset(),
            entry: row.entry,
            event,
            ended: ended.map(|tv_sec| Timestamp { tv_sec, tv_usec: 0 }),
            how: how.map(Ended::name),
        };
        if let Some(encoder) = &mut self.rows {
            encoder.row(self.out.lines(), &row);
        }
        self.out.settle()?;
        self.left = self.left.saturating_sub(1);
        Ok(if self.left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    }
}
