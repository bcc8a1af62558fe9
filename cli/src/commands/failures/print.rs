//! Counted failures as text, JSON and CSV.

use std::io::{self, Write as _};

use loginrec::contract::FailuresRow;
use loginrec::layout::Role;
use loginrec::{Failures, Layout, Text};

use crate::args::format::{FormulaGuard, OutputFormat};
use crate::args::zone::{Offsets, Zone};
use crate::diagnostics::Diagnostics;
use crate::file_name::FileName;
use crate::output::ascii::datetime::Civil;
use crate::output::rows::RowEncoder;
use crate::output::writer::Output;

/// The tool whose text a file is printed as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Faillog,
    Tally,
    Faillock,
}

impl Style {
    pub(super) fn of(layout: &'static Layout) -> Style {
        match (layout.has(Role::Limit), layout.has(Role::Status)) {
            (true, _) => Style::Faillog,
            (_, true) => Style::Faillock,
            _ => Style::Tally,
        }
    }
}

/// Prints counted failures in one of the three formats.
pub(super) struct Printer {
    form: Form,
    out: Output,
    offsets: Offsets,
    style: Option<Style>,
    now: Option<i64>,
    /// Whether there are several machines, and the number of the last one.
    machines: bool,
    machine: Option<usize>,
    /// Number of files begun.
    files: u32,
}

#[expect(clippy::large_enum_variant, reason = "there is one of them")]
enum Form {
    Text,
    Rows(RowEncoder),
}

impl Printer {
    pub(super) fn new(
        format: OutputFormat,
        guard: FormulaGuard,
        zone: Zone,
        machines: bool,
        out: Output,
    ) -> Printer {
        let form = match format.rows() {
            None => Form::Text,
            Some(format) => Form::Rows(RowEncoder::new::<FailuresRow<'_>>(format, guard)),
        };
        Printer {
            form,
            out,
            offsets: zone.offsets(),
            style: None,
            now: None,
            machines,
            machine: None,
            files: 0,
        }
    }

    /// Begins a file. Locks are counted up to `now`, if that is given.
    pub(super) fn begin(
        &mut self,
        name: &FileName<'_>,
        style: Option<Style>,
        now: Option<i64>,
    ) -> io::Result<()> {
        self.files += 1;
        self.now = now;
        match &self.form {
            Form::Rows(encoder) if self.files == 1 => {
                encoder.headings::<FailuresRow<'_>>(self.out.lines());
            }
            Form::Rows(_) => {}
            Form::Text => {
                let machine = Some(name.machine_number()).filter(|_| self.machines);
                let is_other = self.machine != machine;
                let is_new = self.style != style || is_other;
                (self.style, self.machine) = (style, machine);
                let out = self.out.lines();
                if is_other {
                    let gap = if self.files > 1 { "\n" } else { "" };
                    writeln!(out, "{gap}==> {} <==", Text::new(name.machine_name().as_bytes()))?;
                }
                match style {
                    // faillock has a list for each user.
                    Some(Style::Faillock) => {
                        let user = name.base().unwrap_or_default();
                        writeln!(out, "{}:", Text::new(user))?;
                        writeln!(out, "When                Type  {:<48} Valid", "Source")?;
                    }
                    Some(Style::Faillog) if is_new => {
                        writeln!(out, "Login       Failures Maximum Latest                   On\n")?
                    }
                    Some(Style::Tally) if is_new => {
                        writeln!(out, "Login           Failures Latest failure     From")?;
                    }
                    _ => {}
                }
            }
        }
        self.out.settle()
    }

    pub(super) fn row(&mut self, row: &FailuresRow<'_>) -> io::Result<()> {
        match &mut self.form {
            Form::Rows(encoder) => encoder.row(self.out.lines(), row),
            Form::Text => {
                let style = Style::of(row.layout);
                text(self.out.lines(), style, row, self.now, &mut self.offsets)?;
            }
        }
        self.out.settle()
    }

    /// Ends the list.
    pub(super) fn finish(&mut self, report: &mut Diagnostics) -> io::Result<()> {
        if let Form::Rows(encoder) = &mut self.form {
            encoder.finish(self.out.lines(), report)?;
        }
        self.out.flush()
    }
}

/// Appends one line of text.
fn text(
    out: &mut Vec<u8>,
    style: Style,
    row: &FailuresRow<'_>,
    now: Option<i64>,
    offsets: &mut Offsets,
) -> io::Result<()> {
    let FailuresRow { entry, .. } = row;
    let user = match (row.user, row.uid) {
        (Some(user), _) => Text::new(user).to_string(),
        (None, Some(uid)) => uid.to_string(),
        (None, None) => String::new(),
    };
    let Failures { count, max, status, lock_seconds } = entry.failures.unwrap_or_default();
    let time = entry.ut_tv.tv_sec;
    let line = entry.ut_line.to_string();
    match style {
        Style::Faillog => {
            let when = clock(time, offsets, Clock::WithZone);
            write!(out, "{user:<9}   {count:>5}    {max:>5}   {when}  {line}")?;
            if lock_seconds != 0 {
                let left = now.map(|now| time.saturating_add(lock_seconds).saturating_sub(now));
                match left.filter(|left| *left > 0 && count != 0) {
                    Some(left) => write!(out, " [{left}s left]")?,
                    None => write!(out, " [{lock_seconds}s lock]")?,
                }
            }
        }
        Style::Tally => {
            let user: String = user.chars().take(15).collect();
            write!(out, "{user:<15} {count:>5}    ")?;
            if time != 0 {
                let when = clock(time, offsets, Clock::Short);
                let host = entry.ut_host.to_string();
                let gap = if line.is_empty() || host.is_empty() { "" } else { " " };
                write!(out, "{when:<17}  {line}{gap}{host}")?;
            }
        }
        Style::Faillock => {
            let when = clock(time, offsets, Clock::Iso);
            let kind = match status {
                status if status & Failures::REMOTE != 0 => "RHOST",
                status if status & Failures::TERMINAL != 0 => "TTY",
                _ => "SVC",
            };
            let source = if entry.ut_host.is_empty() { entry.ut_line } else { entry.ut_host };
            let valid = if status & Failures::VALID == 0 { "I" } else { "V" };
            write!(out, "{when:<19} {kind:<5} {:<52} {valid}", source.to_string())?;
        }
    }
    out.push(b'\n');
    Ok(())
}

/// The tools' forms of a time.
#[derive(Clone, Copy)]
enum Clock {
    /// `03/05/25 09:01:22 +0000`.
    WithZone,
    /// `03/05/25 09:01:22`.
    Short,
    /// `2025-03-05 09:01:22`.
    Iso,
}

fn clock(seconds: i64, offsets: &mut Offsets, form: Clock) -> String {
    let Some(east) = offsets.east(seconds) else { return format!("@{seconds}") };
    let Civil { year, month, day, hour, minute, second } =
        Civil::of(seconds.saturating_add(east.into()));
    let time = format!("{hour:02}:{minute:02}:{second:02}");
    let short = || format!("{month:02}/{day:02}/{:02} {time}", year.rem_euclid(100));
    match form {
        Clock::Short => short(),
        Clock::Iso => format!("{year:04}-{month:02}-{day:02} {time}"),
        Clock::WithZone => {
            let sign = if east < 0 { '-' } else { '+' };
            let minutes = east.unsigned_abs() / 60;
            format!("{} {sign}{:02}{:02}", short(), minutes / 60, minutes % 60)
        }
    }
}
