//! JSON lines and CSV say the same, cell by cell, of every kind of row.

use loginrec::Text;
use loginrec::contract::{
    BootRow, CarvedRow, Column, DetectionRow, FindingRow, LastlogRow, LayoutRow, RecordRow, Row,
    RuleRow, SessionRow, TimelineRow, ValueKind,
};
use loginrec_testing::{Scratch, fixtures, run, text};
use serde_json::{Map, Value};

/// The cells that a line of JSON stands for in a column.
fn cells(column: Column, line: &Map<String, Value>) -> Vec<String> {
    let value = line.get(column.name()).unwrap_or(&Value::Null);
    match (column.kind(), value) {
        (ValueKind::Exit, Value::Object(exit)) => {
            ["termination", "exit"].map(|key| exit[key].to_string()).to_vec()
        }
        (ValueKind::Exit, _) => vec![String::new(); 2],
        (ValueKind::Text, value) => vec![text_cell(column, line, value)],
        (ValueKind::List, Value::Array(items)) => {
            let items: Vec<&str> = items.iter().map(|item| item.as_str().unwrap()).collect();
            vec![items.join("; ")]
        }
        (_, Value::Null) => vec![String::new()],
        (_, Value::String(text)) => vec![text.clone()],
        (ValueKind::Integer | ValueKind::Flag, value) => vec![value.to_string()],
        (kind, value) => panic!("{column}: {value} is no {kind:?}"),
    }
}

/// Texts are shown as for people. An id that is not text has its digits in another key.
fn text_cell(column: Column, line: &Map<String, Value>, value: &Value) -> String {
    let digits = line.get(&format!("{column}_hex")).and_then(Value::as_str);
    match (value.as_str(), digits) {
        (Some(_), Some(digits)) => {
            let bytes: Vec<u8> = (0..digits.len())
                .step_by(2)
                .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap())
                .collect();
            Text::new(&bytes).to_string()
        }
        (Some(text), None) => Text::new(text.as_bytes()).to_string(),
        (None, digits) => digits.unwrap_or_default().to_owned(),
    }
}

/// Runs a command in both formats and compares its rows. Returns how many cells there were.
fn compare<R: Row>(command: &[&str], more: &[&str]) -> usize {
    let output = |format| text(&run(&[command, &["--format", format], more].concat()).stdout);
    compare_rows::<R>(&format!("{command:?} {more:?}"), &output("jsonl"), &output("csv"))
}

fn compare_rows<R: Row>(what: &str, jsonl: &str, csv: &str) -> usize {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let mut rows = reader.records();
    let mut compared = 0;
    for line in jsonl.lines() {
        let object: Map<String, Value> = serde_json::from_str(line).unwrap();
        let row = rows.next().unwrap_or_else(|| panic!("{what}: no row for {line}")).unwrap();
        let columns = R::COLUMNS.iter().filter(|column| column.is_flat());
        let wanted: Vec<String> = columns.flat_map(|&column| cells(column, &object)).collect();
        assert_eq!(row.iter().collect::<Vec<_>>(), wanted, "{what}: {line}");
        compared += wanted.iter().filter(|cell| !cell.is_empty()).count();
    }
    assert!(rows.next().is_none(), "{what}: more rows than lines");
    compared
}

#[test]
fn json_and_csv_agree_on_every_fixture() {
    let passwd = Scratch::new();
    let passwd = passwd.file("passwd", b"root:x:0:0::/:\nadm:x:4:4::/:\n");
    let mut compared = [0; 8];
    for fixture in fixtures() {
        let file = &[fixture.name()][..];
        let counts = [
            compare::<RecordRow<'_>>(&["dump"], file),
            compare::<CarvedRow<'_>>(&["carve", "--lastlog"], file),
            compare::<SessionRow<'_>>(&["sessions"], file),
            compare::<BootRow<'_>>(&["boots"], file),
            compare::<TimelineRow<'_>>(&["timeline", "--all", "--passwd", &passwd], file),
            compare::<FindingRow<'_>>(&["audit", "--min-severity", "info"], file),
            compare::<DetectionRow<'_>>(&["detect"], file),
            compare::<LastlogRow<'_>>(&["lastlog", "--passwd", &passwd], file),
        ];
        compared.iter_mut().zip(counts).for_each(|(all, count)| *all += count);
    }
    assert!(compared.iter().all(|&cells| cells > 100), "{compared:?}");
}

#[test]
fn json_and_csv_agree_on_lists_of_the_program() {
    assert!(compare::<LayoutRow>(&["layouts"], &[]) > 500);
    let rules = |format: &str| text(&run(&["audit", &format!("--rules={format}")]).stdout);
    let (jsonl, csv) = (rules("jsonl"), rules("csv"));
    assert!(compare_rows::<RuleRow<'_>>("rules", &jsonl, &csv) > 200);
}

/// The history of a machine: rows that need more than one file.
#[test]
fn json_and_csv_agree_on_a_history() {
    let files = ["fixtures/glibc-x86_64/wtmp", "fixtures/glibc-x86_64/btmp"];
    assert!(compare::<TimelineRow<'_>>(&["timeline"], &files) > 100);
    assert!(compare::<FindingRow<'_>>(&["audit", "--min-severity", "info"], &files) > 10);
}
