//! Rows that databases no longer have, against all versions that the samples ever had.

use std::collections::BTreeMap;
use std::string::String;
use std::{format, println, vec::Vec};

use loginrec_testing::Rng;
use serde_json::{Value as Json, json};

use super::{Sample, listed, samples, text};
use crate::container::sqlite::database::Database;
use crate::container::sqlite::ddl::{Column, Definition};
use crate::container::sqlite::header::Encoding;
use crate::container::sqlite::residue::shape::{Expected, Shape};
use crate::container::sqlite::residue::{Found, find};
use crate::container::sqlite::schema::Table;
use crate::container::sqlite::text::utf8;
use crate::container::sqlite::value::Value;

fn expected(column: &Column) -> Option<Expected> {
    Some(match column.name.to_ascii_lowercase().as_slice() {
        b"type" => Expected::Type,
        b"user" | b"name" => Expected::Name,
        b"login" | b"time" => Expected::Time,
        b"logout" => Expected::Logout,
        b"tty" | b"remotehost" | b"service" => Expected::Text,
        _ => return None,
    })
}

/// The columns of a row in the order of the definition; nothing for those that are lost.
fn columns(found: &Found, definition: &Definition, encoding: Encoding) -> Vec<Option<Json>> {
    let column = |column: &Column| {
        if column.is_rowid {
            return found.rowid.map(|rowid| json!(rowid));
        }
        let position = column.position?;
        if position >= found.values.len() {
            return None;
        }
        Some(match found.value(position)? {
            Value::Null => Json::Null,
            Value::Int(value) => json!(value),
            Value::Real(value) => json!(value),
            Value::Text(value) => text(&utf8(value, encoding)),
            Value::Blob(value) => text(value),
        })
    };
    definition.columns.iter().map(column).collect()
}

fn is_of(columns: &[Option<Json>], row: &Json) -> bool {
    let row = row.as_array().unwrap();
    let same = |(ours, theirs): (&Option<Json>, &Json)| ours.as_ref().is_none_or(|o| o == theirs);
    columns.iter().zip(&row[1..]).all(same)
}

/// Every version of a row that the sample ever had.
fn known(sample: &Sample, name: &str) -> Vec<Json> {
    let lower = name.to_ascii_lowercase();
    let mut all: Vec<Json> = listed(&sample.expected["gone"], &lower).collect();
    all.extend(listed(&sample.expected["rows_of_the_sound_database"], &lower));
    for tables in [&sample.expected["tables"], &sample.expected["main_file_alone"]] {
        for (table, rows) in tables.as_object().into_iter().flatten() {
            if table.eq_ignore_ascii_case(name) {
                all.extend(rows["rows"].as_array().into_iter().flatten().cloned());
            }
        }
    }
    all
}

/// Finds the gone rows of a sample: rows with their table's definition.
fn found(sample: &Sample, name: &str) -> Option<(Vec<Found>, Table, Encoding)> {
    let mut faults = Vec::new();
    let mut database = Database::open(sample.files(), &mut faults)?;
    let usual = || Definition::parse(super::WTMP.as_bytes()).unwrap();
    let table = match database.schema.table(name.as_bytes()) {
        Some(table) if name == "wtmp" && table.definition.column("Login").is_none() => {
            Table { definition: usual(), ..table }
        }
        Some(table) => table,
        None if name == "wtmp" => Table { root: None, definition: usual() },
        None => return None,
    };
    let encoding = database.pager.header.encoding.unwrap_or(Encoding::Utf8);
    let shape = Shape::new(&table.definition, encoding, name == "wtmp", expected);
    let rows = find(&mut database, sample.files(), &table, &shape);
    Some((rows, table, encoding))
}

/// Gone versions in all samples: those whose bytes are whole, those found, and rows that never existed.
#[test]
fn gone_versions() {
    let (mut whole, mut of_them, mut invented, mut rows) = (0, 0, 0, 0);
    let samples = samples();
    for sample in &samples {
        let mut tables: BTreeMap<String, Vec<&Json>> = BTreeMap::new();
        for name in ["wtmp", "Lastlog2", "Lastlog"] {
            tables.insert(name.into(), Vec::new());
        }
        for gone in sample.expected["gone"].as_array().into_iter().flatten() {
            let name = gone["table"].as_str().unwrap();
            let (_, list) =
                tables.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(name)).unwrap();
            list.push(gone);
        }
        for (name, gone) in tables {
            let Some((found, table, encoding)) = found(sample, &name) else { continue };
            let live = super::read(sample.files(), false);
            let is_live = |row: &Json| live.rows(&name).contains(row);
            let ours: Vec<Vec<Option<Json>>> =
                found.iter().map(|row| columns(row, &table.definition, encoding)).collect();
            let is_whole = |gone: &&&Json| {
                let places = gone["found"].as_array().unwrap();
                places.iter().any(|place| place["how"] != "part")
            };
            let here: Vec<&&Json> = gone.iter().filter(is_whole).collect();
            let missing: Vec<&Json> = here
                .iter()
                .filter(|gone| {
                    let mut row = std::vec![gone["rowid"].clone()];
                    row.extend(gone["values"].as_array().unwrap().iter().cloned());
                    let row = Json::Array(row);
                    !is_live(&row) && !ours.iter().any(|columns| is_of(columns, &row))
                })
                .map(|gone| **gone)
                .collect();
            let (all, lost) = (known(sample, &name), json!("(lost)"));
            let wrong: Vec<String> = (found.iter().zip(&ours))
                .filter(|(_, columns)| !all.iter().any(|row| is_of(columns, row)))
                .map(|(row, columns)| {
                    let shown: Vec<&Json> =
                        columns.iter().map(|c| c.as_ref().unwrap_or(&lost)).collect();
                    format!("{:?} {} {:?} {shown:?}", row.part, row.offset, row.found_as)
                })
                .collect();
            if !here.is_empty() || !found.is_empty() {
                println!(
                    "{} {name}: {} of {} gone versions, {} rows, {} invented",
                    sample.name,
                    here.len() - missing.len(),
                    here.len(),
                    found.len(),
                    wrong.len(),
                );
            }
            missing.iter().for_each(|gone| println!("    missing {gone}"));
            wrong.iter().for_each(|row| println!("    invented {row}"));
            whole += here.len();
            of_them += here.len() - missing.len();
            // Where bytes within rows were changed, nobody can tell.
            if !super::CHANGED.contains(&sample.name.as_str()) {
                invented += wrong.len();
            }
            rows += found.len();
        }
    }
    println!("{of_them} of {whole} gone versions, {rows} rows, {invented} invented");
    assert!(samples.is_empty() || whole > 3000 && of_them * 100 >= whole * 99);
    assert_eq!(invented, 0);
}

/// Whatever bytes are changed, the search ends, and finds no more rows than there is room for.
#[test]
fn residue_of_hostile_files() {
    let mut rng = Rng::new(0x0d1e);
    for mut sample in samples() {
        for _ in 0..3 {
            let parts = [Some(&mut sample.main), sample.wal.as_mut(), sample.journal.as_mut()];
            for bytes in parts.into_iter().flatten() {
                for _ in 0..rng.range(1, 40) {
                    let at = rng.index(bytes.len().max(1));
                    if let Some(byte) = bytes.get_mut(at) {
                        *byte = rng.edge() as u8;
                    }
                }
            }
            for name in ["wtmp", "Lastlog2"] {
                let rows = found(&sample, name).map_or(0, |(rows, ..)| rows.len());
                let logs = [&sample.wal, &sample.journal].into_iter().flatten();
                let room = sample.main.len() + logs.map(Vec::len).sum::<usize>();
                assert!(rows <= room / 8, "{}", sample.name);
            }
        }
    }
}
