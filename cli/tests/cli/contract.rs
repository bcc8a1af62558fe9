//! Output has the columns of the library's tables, and no others.

use std::collections::BTreeSet;

use loginrec::contract::{
    BootRow, CarvedRow, Column, DetectionRow, FailuresRow, FindingRow, LastRow, LastlogRow,
    LayoutRow, RecordRow, Row, RuleRow, SessionRow, SummaryRow, TailRow, TimelineRow,
};
use loginrec_testing::{fixtures, run, text};
use serde_json::{Map, Value};

/// Columns that no fixture fills yet: there is none of a database.
const LATER: &[Column] = &[
    Column::Part,
    Column::Page,
    Column::Rowid,
    Column::State,
    Column::FoundAs,
    Column::Lost,
    Column::Copies,
    Column::Machine,
    Column::Source,
    Column::Service,
    Column::Logout,
    Column::LogoutRawSec,
    Column::LogoutRawUsec,
];

/// The keys of a line in their order; those with the bytes of a text count as the text's.
fn keys(line: &str) -> Vec<String> {
    // Keys have their order in the text only.
    let object: Map<String, Value> = serde_json::from_str(line).unwrap();
    let mut keys: Vec<(usize, String)> = object
        .keys()
        .filter(|key| !key.ends_with("_hex") && !key.ends_with("_residue"))
        .map(|key| {
            let place = [format!("{{\"{key}\":"), format!(",\"{key}\":")];
            (place.iter().filter_map(|key| line.find(key.as_str())).min().unwrap(), key.clone())
        })
        .collect();
    keys.sort_unstable();
    keys.into_iter().map(|(_, key)| key).collect()
}

/// Runs a command over all fixtures and compares the keys of its lines with the table of `R`.
fn lines_have_the_columns_of<R: Row>(command: &[&str], is_of: impl Fn(&str) -> bool) {
    let mut seen = BTreeSet::new();
    for fixture in fixtures() {
        let output = run(&[command, &["--format", "jsonl", fixture.name()]].concat());
        for line in text(&output.stdout).lines().filter(|line| is_of(line)) {
            let mut columns = R::COLUMNS.iter();
            for key in keys(line) {
                let known = columns.any(|column| column.name() == key);
                assert!(known, "{command:?}: {key} is not in its place: {line}");
                seen.insert(key);
            }
        }
    }
    let is_raw_time = |column: &Column| column.name().contains("raw_");
    for column in R::COLUMNS {
        let may_miss = LATER.contains(column) || is_raw_time(column);
        assert!(may_miss || seen.contains(column.name()), "{command:?}: never a {column}");
    }
}

#[test]
fn json_has_the_columns_of_the_tables() {
    let is_tail = |line: &str| {
        [r#""event":"end""#, r#""event":"content""#].iter().any(|event| line.contains(event))
    };
    lines_have_the_columns_of::<RecordRow<'_>>(&["dump", "--raw"], |line| !is_tail(line));
    lines_have_the_columns_of::<TailRow<'_>>(&["dump", "--raw"], is_tail);
    lines_have_the_columns_of::<SessionRow<'_>>(&["sessions"], |_| true);
    lines_have_the_columns_of::<BootRow<'_>>(&["boots"], |_| true);
    lines_have_the_columns_of::<TimelineRow<'_>>(&["timeline"], |_| true);
    lines_have_the_columns_of::<FindingRow<'_>>(&["audit", "--min-severity", "info"], |_| true);
    lines_have_the_columns_of::<DetectionRow<'_>>(&["detect"], |_| true);
    let passwd = loginrec_testing::Scratch::new();
    let passwd = passwd.file("passwd", b"adm:x:4:4::/:\n");
    lines_have_the_columns_of::<FailuresRow<'_>>(&["failures", "--passwd", &passwd], |_| true);
    lines_have_the_columns_of::<LastlogRow<'_>>(&["lastlog", "--passwd", &passwd], |_| true);
}

#[test]
fn lists_of_the_program_have_the_columns_of_the_tables() {
    let lines = |args: &[&str]| text(&run(args).stdout);
    let names = |columns: &[Column]| columns.iter().map(|c| c.name()).collect::<Vec<_>>();
    for line in lines(&["layouts", "--format", "jsonl"]).lines() {
        assert_eq!(keys(line), names(LayoutRow::COLUMNS));
    }
    for line in lines(&["audit", "--rules=jsonl"]).lines() {
        assert_eq!(keys(line), names(RuleRow::COLUMNS));
    }
}

fn headings<R: Row>() -> String {
    let names = R::COLUMNS.iter().flat_map(|column| column.flat_names());
    names.copied().collect::<Vec<_>>().join(",")
}

#[test]
fn csv_has_the_headings_of_the_tables() {
    let wtmp = "fixtures/glibc-x86_64/wtmp";
    for (command, file, headings) in [
        ("dump", wtmp, headings::<RecordRow<'_>>()),
        ("carve", wtmp, headings::<CarvedRow<'_>>()),
        ("sessions", wtmp, headings::<SessionRow<'_>>()),
        ("boots", wtmp, headings::<BootRow<'_>>()),
        ("timeline", wtmp, headings::<TimelineRow<'_>>()),
        ("lastlog", "fixtures/linux-lastlog-292-le/lastlog", headings::<LastlogRow<'_>>()),
        ("audit", wtmp, headings::<FindingRow<'_>>()),
        ("detect", wtmp, headings::<DetectionRow<'_>>()),
        ("summary", wtmp, headings::<SummaryRow<'_>>()),
    ] {
        check_csv(&[command, "--format", "csv", file], &headings);
    }
    check_csv(&["last", "--format", "csv", "-f", wtmp], &headings::<LastRow<'_>>());
    check_csv(&["layouts", "--format", "csv"], &headings::<LayoutRow>());
    check_csv(&["audit", "--rules=csv"], &headings::<RuleRow<'_>>());
}

fn check_csv(command: &[&str], headings: &str) {
    let csv = text(&run(command).stdout);
    assert_eq!(csv.lines().next(), Some(headings), "{command:?}");
    let columns = headings.split(',').count();
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    assert!(reader.records().all(|row| row.unwrap().len() == columns), "{command:?}");
}
