//! `loginrec report`: one page of HTML.

pub(crate) mod args;
mod collect;
mod failed;
mod names;
mod page;

use loginrec::FileKind;

use crate::args::reading::Reading;
use crate::commands::report::args::ReportArgs;
use crate::commands::report::collect::Collected;
use crate::diagnostics::{Diagnostics, Stop};
use crate::input::inputs::Inputs;
use crate::input::machine_audit::{AuditOptions, MachineAudit, can_read_again};
use crate::input::stored;
use crate::output::writer::Output;
use crate::run::{NamedFiles, Run};

impl Run for ReportArgs {
    fn reading(&mut self) -> Option<(&mut Reading, &'static [FileKind])> {
        Some((&mut self.reading, &[]))
    }

    fn files(&self) -> NamedFiles<'_> {
        NamedFiles::of(&self.reading).passwd(self.passwd.as_ref()).written_to(&self.output)
    }

    fn run(&self, out: Output, report: &mut Diagnostics) -> Result<(), Stop> {
        run(self, out, report)
    }
}

fn run(args: &ReportArgs, mut out: Output, report: &mut Diagnostics) -> Result<(), Stop> {
    let machines = &args.reading.sources.machines;
    if report.ledger.want_sources() {
        stored::list_archives(report);
    }
    let mut inputs = Inputs::reading(&args.reading).asking_kind();
    let mut collected = Collected::default();
    for machine in machines {
        collected.machine(machine, args.passwd.as_deref(), &mut inputs, report)?;
    }
    if collected.is_empty() {
        return Ok(());
    }
    let is_audited = can_read_again(&args.reading.sources, report);
    if is_audited {
        let options = AuditOptions {
            kind: args.reading.options.kind,
            passwd: args.passwd.as_deref(),
            ..AuditOptions::default()
        };
        let mut inputs = Inputs::reading(&args.reading);
        for machine in machines {
            let audited = report.quietly(|report| options.audit(machine, &mut inputs, report));
            let MachineAudit { sources, findings } = audited?;
            collected.findings(&sources, &findings);
        }
    }
    let hashes = report.ledger.known_sums();
    page::write(&collected.into_data(is_audited, &hashes), &mut out)?;
    Ok(())
}
