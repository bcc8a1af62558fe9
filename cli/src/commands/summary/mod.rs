//! `loginrec summary`: numbers of logins and failed logins.

pub(crate) mod args;
mod by;
mod count;
mod counter;
mod fold;
mod names;
mod overview;
mod print;

use loginrec::FileKind;
use loginrec::contract::SummaryRow;

use crate::args::reading::Reading;
use crate::args::zone::Zone;
use crate::commands::summary::args::SummaryArgs;
use crate::commands::summary::count::Count;
use crate::commands::summary::counter::Counter;
use crate::diagnostics::{Diagnostics, Stop};
use crate::input::inputs::Inputs;
use crate::output::rows::RowWriter;
use crate::output::writer::Output;
use crate::run::{NamedFiles, Run};

impl Run for SummaryArgs {
    fn reading(&mut self) -> Option<(&mut Reading, &'static [FileKind])> {
        Some((&mut self.reading, &[]))
    }

    fn check(&self) -> Result<(), &'static str> {
        match self.by[..] {
            [one, other] if one == other => Err("--by: give two different values"),
            [_, _, _, ..] => Err("--by: give one or two values"),
            _ => Ok(()),
        }
    }

    fn files(&self) -> NamedFiles<'_> {
        NamedFiles::of(&self.reading)
            .passwd(self.passwd.as_ref())
            .written_to(&self.output)
            .in_format(self.format)
    }

    fn run(&self, out: Output, report: &mut Diagnostics) -> Result<(), Stop> {
        run(self, out, report)
    }
}

fn run(args: &SummaryArgs, out: Output, report: &mut Diagnostics) -> Result<(), Stop> {
    let zone = args.tz.clone().unwrap_or_else(Zone::utc);
    let counters = match args.by[..] {
        [] => overview::counters(),
        ref by => vec![Counter::new(by)],
    };
    let mut count = Count::new(args, &zone, counters);
    let mut inputs = Inputs::reading(&args.reading).asking_kind();
    for machine in &args.reading.sources.machines {
        count.machine(machine, &mut inputs, report)?;
    }
    let is_nothing = count.counters.iter().all(Counter::is_empty);
    match args.format.rows() {
        Some(format) => {
            let rows = RowWriter::begin::<SummaryRow<'_>>(format, args.guard, out);
            print::rows(args, &count, rows, report)?;
        }
        None if args.by.is_empty() => overview::write(args, &mut count, report, out)?,
        None if is_nothing => {}
        None => print::table(args, &mut count, out)?,
    }
    if count.is_full {
        report.out_of_memory("sessions are missing");
    } else if is_nothing && !report.has_failed() {
        match args.selection().is_given() {
            true => count.missed.explain(&args.selection(), "login", report),
            false => report.note("these files have no logins and no failed logins"),
        }
    }
    Ok(())
}
