//! Counts as text and as rows.

use std::collections::BTreeMap;
use std::io;

use loginrec::contract::{SummaryKey, SummaryRow};

use crate::commands::summary::args::SummaryArgs;
use crate::commands::summary::by::{By, Number, minute};
use crate::commands::summary::count::Count;
use crate::commands::summary::counter::{Counter, Counts, Row};
use crate::diagnostics::Diagnostics;
use crate::output::duration::Length;
use crate::output::rows::RowWriter;
use crate::output::small_table::SmallTable;
use crate::output::writer::Output;

/// The most columns of a table by two values, besides days, hours and weekdays.
const COLUMNS: usize = 10;

/// Writes all rows of all counters.
pub(super) fn rows(
    args: &SummaryArgs,
    count: &Count<'_>,
    mut to: RowWriter,
    report: &mut Diagnostics,
) -> io::Result<()> {
    for counter in &count.counters {
        let rows = counter.rows(&count.names, false);
        let most = args.top.unwrap_or(usize::MAX);
        for (numbers, counts) in rows.into_iter().take(most) {
            let mut days = [const { String::new() }; 2];
            let keys = counter.by.iter().zip(numbers).zip(&mut days);
            let keys: Vec<SummaryKey<'_>> =
                keys.map(|((by, number), day)| by.key(number, &count.names, day)).collect();
            let (users, sources) = counts.different(&count.names);
            to.row(&SummaryRow {
                keys: &keys,
                logins: counts.logins,
                failed: counts.failed,
                seconds: counts.seconds(),
                times: counts.times,
                users,
                sources,
            })?;
        }
    }
    to.finish(report)
}

/// Writes the table of `--by`.
pub(super) fn table(args: &SummaryArgs, count: &mut Count<'_>, mut out: Output) -> io::Result<()> {
    let counters = std::mem::take(&mut count.counters);
    for counter in &counters {
        let rows = counter.rows(&count.names, false);
        match counter.by[..] {
            [one, other] => crossed(one, other, &rows, args.top, count, &mut out),
            _ => {
                let most = args.top.unwrap_or(usize::MAX);
                list(counter, rows, most, true, count, &mut out);
            }
        }
        out.settle()?;
    }
    io::Write::flush(&mut out)
}

/// Appends the rows of one value.
pub(super) fn list(
    counter: &Counter,
    rows: Vec<Row<'_>>,
    most: usize,
    with_different: bool,
    count: &mut Count<'_>,
    out: &mut Output,
) {
    let Some(&by) = counter.by.first() else { return };
    let mut table = SmallTable::new().left(by.column().heading());
    table = table.right("LOGINS").right("FAILED").right("DURATION").left("FIRST").left("LAST");
    let (with_users, with_sources) = (by != By::User, by != By::Source);
    if with_different && with_users {
        table = table.right("USERS");
    }
    if with_different && with_sources {
        table = table.right("SOURCES");
    }
    let left = rows.len().saturating_sub(most);
    for ([number, _], counts) in rows.into_iter().take(most) {
        let (first, last) = counts.times.unzip();
        let mut cells = vec![
            by.shown(number, &count.names),
            counts.logins.to_string(),
            counts.failed.to_string(),
            Length(counts.micros).to_string(),
            minute(first, &mut count.clock),
            minute(last, &mut count.clock),
        ];
        let (users, sources) = counts.different(&count.names);
        if with_different && with_users {
            cells.push(users.to_string());
        }
        if with_different && with_sources {
            cells.push(sources.to_string());
        }
        table.row(cells);
    }
    table.write(out.lines());
    if left > 0 {
        let line = format!("... {left} more; --top {} lists them\n", most.saturating_add(left));
        out.lines().extend_from_slice(line.as_bytes());
    }
}

/// Appends a table with a row for each of the one values and a column for each of the other.
fn crossed(
    one: By,
    other: By,
    rows: &[Row<'_>],
    top: Option<usize>,
    count: &Count<'_>,
    out: &mut Output,
) {
    let names = &count.names;
    // In the order of the rows.
    let in_order = |place: usize| {
        let mut order: Vec<Number> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        let numbers = rows.iter().filter_map(|(key, _)| key.get(place));
        numbers.filter(|number| seen.insert(**number)).for_each(|number| order.push(*number));
        order
    };
    let mut columns = in_order(1);
    match other.is_calendar() {
        true => columns.sort_unstable(),
        false => {
            let mut totals: BTreeMap<Number, u64> = BTreeMap::new();
            rows.iter().for_each(|([_, column], counts)| {
                *totals.entry(*column).or_default() += counts.all();
            });
            columns.sort_by_key(|column| {
                (std::cmp::Reverse(totals.get(column)), other.shown(*column, names))
            });
        }
    }
    let most = if other.is_calendar() { usize::MAX } else { top.unwrap_or(COLUMNS) };
    let rest = columns.split_off(columns.len().min(most));
    let mut table = SmallTable::new().left(one.column().heading());
    for &column in &columns {
        let heading = other.shown(column, names);
        table = table.right(if heading.is_empty() { "-".to_owned() } else { heading });
    }
    if !rest.is_empty() {
        table = table.right("OTHER");
    }
    table = table.right("ALL");
    let mut cells: BTreeMap<(Number, Number), u64> = BTreeMap::new();
    let mut totals: BTreeMap<Number, Counts> = BTreeMap::new();
    for &([row, column], counts) in rows {
        *cells.entry((row, column)).or_default() += counts.all();
        totals.entry(row).or_default().merge(counts);
    }
    let lines = in_order(0);
    let most = top.unwrap_or(usize::MAX);
    for &line in lines.iter().take(most) {
        let cell = |column: &Number| cells.get(&(line, *column)).copied().unwrap_or_default();
        let shown = |number: u64| if number == 0 { ".".to_owned() } else { number.to_string() };
        let mut row = vec![one.shown(line, names)];
        row.extend(columns.iter().map(|column| shown(cell(column))));
        if !rest.is_empty() {
            row.push(shown(rest.iter().map(cell).sum()));
        }
        row.push(totals.get(&line).map_or(0, Counts::all).to_string());
        table.row(row);
    }
    table.write(out.lines());
    let left = lines.len().saturating_sub(most);
    if left > 0 {
        out.lines().extend_from_slice(format!("... {left} more\n").as_bytes());
    }
}
