//! The overview: `summary` without `--by`.

use std::io;

use loginrec::audit::{Finding, Severity};

use crate::commands::summary::args::SummaryArgs;
use crate::commands::summary::by::{By, minute};
use crate::commands::summary::count::Count;
use crate::commands::summary::counter::Counter;
use crate::commands::summary::print::list;
use crate::diagnostics::Diagnostics;
use crate::input::inputs::Inputs;
use crate::input::machine_audit::{AuditOptions, MachineAudit, can_read_again};
use crate::output::small_table::SmallTable;
use crate::output::writer::Output;

/// Rows of a list, unless `--top` sets the number.
const ROWS: usize = 10;

/// The order of the lists. The machine is first, because the numbers of boots go with it.
pub(super) const LISTS: [By; 3] = [By::Machine, By::Source, By::User];

/// Writes the overview.
pub(super) fn write(
    args: &SummaryArgs,
    count: &mut Count<'_>,
    report: &mut Diagnostics,
    mut out: Output,
) -> io::Result<()> {
    if count.machines.iter().all(|machine| machine.files.is_empty()) {
        return Ok(());
    }
    files(count, &mut out);
    machines(count, &mut out);
    let counters = std::mem::take(&mut count.counters);
    for counter in counters.iter().filter(|counter| !counter.is_empty()) {
        let by = counter.by.first().copied();
        if by != Some(By::Machine) {
            out.lines().push(b'\n');
            let rows = counter.rows(&count.names, by == Some(By::Source));
            list(counter, rows, args.top.unwrap_or(ROWS), false, count, &mut out);
        }
    }
    findings(args, count, report, &mut out)?;
    io::Write::flush(&mut out)
}

fn files(count: &mut Count<'_>, out: &mut Output) {
    let mut table = SmallTable::new().left("FILE").left("KIND").left("LAYOUT");
    table = table.right("RECORDS").left("FIRST").left("LAST");
    for file in count.machines.iter().flat_map(|machine| &machine.files) {
        let (first, last) = file.times.unzip();
        table.row(vec![
            file.shown.clone(),
            file.kind.map_or("", loginrec::FileKind::name).to_owned(),
            file.layout.map_or("", |layout| layout.name).to_owned(),
            file.records.to_string(),
            minute(first, &mut count.clock),
            minute(last, &mut count.clock),
        ]);
    }
    table.write(out.lines());
}

fn machines(count: &Count<'_>, out: &mut Output) {
    let counter = count.counters.first().filter(|counter| counter.by == [By::Machine]);
    let rows = counter.map(|counter| counter.rows(&count.names, false)).unwrap_or_default();
    let mut table = SmallTable::new().left("MACHINE").right("BOOTS").right("CRASHES");
    table = table.right("LOGINS").right("FAILED").right("USERS").right("SOURCES");
    for (number, machine) in (0_i64..).zip(&count.machines) {
        if machine.files.is_empty() {
            continue;
        }
        let row = rows.iter().find(|([of, _], _)| *of == number).map(|(_, counts)| *counts);
        let (users, sources) = row.map(|counts| counts.different(&count.names)).unwrap_or_default();
        let (logins, failed) = row.map(|counts| (counts.logins, counts.failed)).unwrap_or_default();
        let numbers = [machine.boots, machine.crashes, logins, failed, users, sources];
        let mut cells = vec![By::Machine.shown(number, &count.names)];
        cells.extend(numbers.map(|number| number.to_string()));
        table.row(cells);
    }
    out.lines().push(b'\n');
    table.write(out.lines());
}

/// Appends the numbers of findings by severity, for each machine.
fn findings(
    args: &SummaryArgs,
    count: &Count<'_>,
    report: &mut Diagnostics,
    out: &mut Output,
) -> io::Result<()> {
    let machines = &args.reading.sources.machines;
    let levels = || Severity::ALL.iter().rev().copied();
    let mut table = SmallTable::new().left("FINDINGS");
    table = levels().fold(table, |table, level| table.right(level.name().to_uppercase()));
    if !can_read_again(&args.reading.sources, report) {
        report.note("findings are not counted: a pipe can be read only once");
        table.row(vec![String::new(); 5]);
        out.lines().push(b'\n');
        table.write(out.lines());
        return Ok(());
    }
    let options = AuditOptions {
        kind: args.reading.options.kind,
        passwd: args.passwd.as_deref(),
        ..AuditOptions::default()
    };
    let mut inputs = Inputs::reading(&args.reading);
    for (number, machine) in (0..).zip(machines) {
        let audited = report.quietly(|report| options.audit(machine, &mut inputs, report));
        let MachineAudit { sources, findings } = audited?;
        if sources.is_empty() {
            continue;
        }
        let of = |level: Severity| {
            let own = findings.iter().filter(|finding| finding.severity == level);
            own.map(|Finding { more, .. }| more.saturating_add(1)).sum::<u64>()
        };
        let mut cells = vec![By::Machine.shown(number, &count.names)];
        cells.extend(levels().map(|level| of(level).to_string()));
        table.row(cells);
    }
    out.lines().push(b'\n');
    table.write(out.lines());
    Ok(())
}

/// Returns the counters of the overview.
pub(super) fn counters() -> Vec<Counter> {
    LISTS.iter().map(|by| Counter::new(&[*by])).collect()
}
