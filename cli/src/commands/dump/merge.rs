//! `dump --merge`.

use std::io;

use crate::commands::dump::args::DumpArgs;
use crate::commands::dump::print::Printer;
use crate::diagnostics::Diagnostics;
use crate::input::ordered::Order;

pub(crate) fn run(
    args: &DumpArgs,
    mut printer: Printer<'_>,
    report: &mut Diagnostics,
) -> io::Result<()> {
    // A row that holds its logout is one record.
    let order = Order::of(&args.reading, report, |ordered, _, _| !ordered.is_end)?;
    printer.begin_merged()?;
    order.each(report, |ordered, origin| printer.record(ordered.record, origin))?;
    printer.finish(report)
}
