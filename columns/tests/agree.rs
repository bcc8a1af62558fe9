//! Arrow columns hold what the fixtures' own JSON says, cell by cell.

use arrow_array::cast::AsArray as _;
use arrow_array::types::{Int32Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use loginrec::contract::{Column, RecordRow};
use loginrec::{OpenOptions, Timestamp};
use loginrec_columns::{BatchBuilder, FileNames, Selection};
use loginrec_testing::fixtures;
use serde_json::Value;

/// A cell as JSON.
fn cell(array: &dyn Array, row: usize) -> Value {
    if array.is_null(row) {
        return Value::Null;
    }
    match array.data_type() {
        DataType::Utf8 => array.as_string::<i32>().value(row).into(),
        DataType::Boolean => array.as_boolean().value(row).into(),
        DataType::Int32 => array.as_primitive::<Int32Type>().value(row).into(),
        DataType::Int64 => array.as_primitive::<Int64Type>().value(row).into(),
        DataType::Timestamp(..) => {
            let micros = array.as_primitive::<TimestampMicrosecondType>().value(row);
            let (tv_sec, tv_usec) = (micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000));
            Timestamp { tv_sec, tv_usec }.to_string().into()
        }
        other => panic!("no cell of {other}"),
    }
}

/// Returns the value of an Arrow column in the JSON of a record.
fn wanted(line: &Value, name: &str) -> Value {
    match name {
        "exit_termination" => line["exit"]["termination"].clone(),
        "exit_exit" => line["exit"]["exit"].clone(),
        name => line[name].clone(),
    }
}

fn batch(selection: &Selection, log: &loginrec::LogFile<'_>) -> Option<RecordBatch> {
    let names = FileNames::new(["log"]);
    let mut batch = BatchBuilder::new(selection, 0).of_file(&names, 0);
    let layout = log.layout()?;
    if layout.platform.is_named_by_user {
        batch = batch.of_user(b"alice");
    }
    batch.extend(layout, log.records(), log.kind());
    Some(batch.finish().unwrap())
}

#[test]
fn every_cell_of_every_fixture() {
    let all = Selection::everything::<RecordRow<'_>>(false);
    let six = Selection::named::<RecordRow<'_>>(["time", "type", "user", "line", "host", "pid"]);
    let six = six.unwrap();
    let mut compared = 0;
    for file in fixtures() {
        // The damaged records lie in files of proper ones.
        let own = file.layout.replace("time64a8", "glibc").replace("time64a4", "glibc");
        let layout = loginrec::formats::by_name(&own).unwrap();
        let options = OpenOptions::new().layout(layout).file_name(file.name());
        let log = options.from_vec(file.bytes()).unwrap();
        let expected = String::from_utf8(file.expected()).unwrap();
        let lines = expected.lines().map(|line| serde_json::from_str(line).unwrap());
        let lines: Vec<Value> = lines.collect();
        for selection in [&all, &six] {
            let Some(batch) = batch(selection, &log) else { continue };
            assert_eq!(batch.num_rows(), lines.len(), "{}", file.name());
            for (row, line) in lines.iter().enumerate() {
                for (at, field) in batch.schema().fields().iter().enumerate() {
                    if field.name() == Column::File.name() {
                        continue;
                    }
                    let (name, cell) = (field.name(), cell(batch.column(at), row));
                    assert_eq!(cell, wanted(line, name), "{}: {name}: {line}", file.name());
                    compared += usize::from(!cell.is_null());
                }
            }
        }
    }
    assert!(compared > 20_000, "{compared}");
}
