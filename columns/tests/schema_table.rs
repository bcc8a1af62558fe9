//! The types of every column, and the tables of them in `docs/schema.md`.

use std::fs;

use arrow_schema::DataType;
use loginrec::contract::{Column, RowKind};
use loginrec_columns::Selection;
use loginrec_testing::root;

const MARKS: [&str; 2] =
    ["<!-- tables of columns/tests/schema_table.rs -->\n", "<!-- end of the tables -->\n"];

/// Types that every engine reads: Spark refuses unsigned numbers and dictionaries.
fn shown(data_type: &DataType) -> String {
    match data_type {
        DataType::Utf8 => "utf8".to_owned(),
        DataType::Int32 => "int32".to_owned(),
        DataType::Int64 => "int64".to_owned(),
        DataType::Boolean => "bool".to_owned(),
        DataType::Binary => "binary".to_owned(),
        DataType::Timestamp(arrow_schema::TimeUnit::Microsecond, Some(zone))
            if &**zone == "UTC" =>
        {
            "timestamp(us, UTC)".to_owned()
        }
        DataType::List(item) if *item.data_type() == DataType::Utf8 => "list of utf8".to_owned(),
        other => panic!("{other} is not for every engine"),
    }
}

fn about(name: &str) -> String {
    if let Ok(column) = name.parse::<Column>() {
        return column.about().to_owned();
    }
    match name {
        "exit_termination" => "The exit status: the signal.".to_owned(),
        "exit_exit" => "The exit status: the number.".to_owned(),
        _ => {
            let of = name.strip_suffix("_hex").unwrap();
            format!("The bytes of `{of}` in hexadecimal digits, where it is binary or not UTF-8.")
        }
    }
}

/// The tables in the documentation are the schemas; with `LOGINREC_BLESS` set, they are written.
#[test]
fn the_tables_are_the_schemas() {
    let mut tables = String::new();
    for &kind in RowKind::ALL {
        let selection = Selection::of_kind(kind, true);
        tables += &format!(
            "\n## `{kind}`: `loginrec {}`\n\n| column | type | |\n|---|---|---|\n",
            kind.command()
        );
        for field in selection.schema().fields() {
            assert!(field.is_nullable(), "{kind}: {}", field.name());
            let (name, data_type) = (field.name(), shown(field.data_type()));
            tables += &format!("| `{name}` | {data_type} | {} |\n", about(name));
        }
    }
    tables += "\n";
    let path = root().join("docs/schema.md");
    let page = fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(MARKS[0]).unwrap();
    let (_, after) = rest.split_once(MARKS[1]).unwrap();
    let expected = [before, MARKS[0], &tables, MARKS[1], after].concat();
    if std::env::var_os("LOGINREC_BLESS").is_some() {
        fs::write(&path, expected).unwrap();
        return;
    }
    assert!(page == expected, "docs/schema.md: run again with LOGINREC_BLESS=1\n{tables}");
}

/// Engines can join tables: a column has one type in every kind of row.
#[test]
fn a_column_has_one_type() {
    let mut types = std::collections::HashMap::new();
    for &kind in RowKind::ALL {
        for field in Selection::of_kind(kind, true).schema().fields() {
            let known = types.entry(field.name().clone()).or_insert(field.data_type().clone());
            assert_eq!(known, field.data_type(), "{kind}: {}", field.name());
        }
        let names = Selection::of_kind(kind, false);
        let last = names.schema().fields().last().unwrap();
        assert_eq!(last.name(), "error", "{kind}");
        assert!(names.schema().field_with_name("raw").is_err(), "{kind}");
        assert!(names.schema().field_with_name("machine").is_ok(), "{kind}");
    }
}
