//! The samples of `../shared/corpus/sqlite` and random databases, whose rows SQLite itself has
//! read; and what is no database any more.

mod residue;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::string::{String, ToString as _};
use std::{format, fs, println, vec::Vec};

use loginrec_testing::{Rng, Scratch, corpus, skip};
use serde_json::{Value as Json, json};

use super::database::Database;
use super::ddl::{Column, Default, Definition};
use super::header::Encoding;
use super::rows::Rows;
use super::schema::{ObjectKind, Table};
use super::source::Files;
use super::text::utf8;
use super::tree::Cell;
use super::value::{Columns, Value};
use crate::container::source::Source;
use crate::error::Error;

/// The files of a sample.
struct Sample {
    name: String,
    expected: Json,
    main: Vec<u8>,
    wal: Option<Vec<u8>>,
    journal: Option<Vec<u8>>,
}

/// The rows read from a database.
#[derive(Default)]
struct Found {
    /// Tables with their rows: the number, then the columns.
    tables: Vec<(String, Vec<Json>)>,
    faults: Vec<Error>,
}

impl Found {
    fn rows(&self, table: &str) -> &[Json] {
        let table = self.tables.iter().find(|(name, _)| name.eq_ignore_ascii_case(table));
        table.map_or(&[], |(_, rows)| rows)
    }
}

impl Sample {
    fn read(folder: &Path) -> Option<Sample> {
        let expected = fs::read(folder.join("expected.json")).ok()?;
        let expected: Json = serde_json::from_slice(&expected).unwrap();
        let database = expected["database"].as_str()?;
        let file = |beside| fs::read(folder.join(format!("{database}{beside}"))).ok();
        Some(Sample {
            name: folder.file_name()?.to_str()?.into(),
            main: file("")?,
            wal: file("-wal"),
            journal: file("-journal"),
            expected,
        })
    }

    fn files(&self) -> Files<'_> {
        Files {
            main: &self.main,
            wal: self.wal.as_ref().map(|wal| wal as &dyn Source),
            journal: self.journal.as_ref().map(|journal| journal as &dyn Source),
        }
    }
}

impl Source for Vec<u8> {
    fn len(&self) -> u64 {
        self.as_slice().len() as u64
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> usize {
        Source::read_at(self.as_slice(), buffer, offset)
    }
}

fn samples() -> Vec<Sample> {
    corpus("sqlite").map(|folder| samples_in(&folder)).unwrap_or_default()
}

fn samples_in(folder: &Path) -> Vec<Sample> {
    let mut folders: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    folders.iter().filter_map(|folder| Sample::read(folder)).collect()
}

fn text(bytes: &[u8]) -> Json {
    match str::from_utf8(bytes) {
        Ok(text) => json!(text),
        Err(_) => {
            json!({ "hex": bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>() })
        }
    }
}

fn column(column: &Column, cell: &Cell<'_>, encoding: Encoding) -> Json {
    if column.is_rowid {
        return json!(cell.rowid);
    }
    let stored = Columns::new(cell.payload).unwrap().nth(column.position.unwrap());
    match stored.map(Option::unwrap) {
        None => match &column.default {
            Default::Null => Json::Null,
            Default::Int(value) => json!(value),
            Default::Text(value) => text(value),
        },
        Some(Value::Null) => Json::Null,
        Some(Value::Int(value)) => json!(value),
        Some(Value::Real(value)) => json!(value),
        Some(Value::Text(value)) => text(&utf8(value, encoding)),
        Some(Value::Blob(value)) => text(value),
    }
}

fn row(table: &Table, cell: &Cell<'_>, encoding: Encoding) -> Json {
    let mut row = std::vec![json!(cell.rowid)];
    row.extend(table.definition.columns.iter().map(|c| column(c, cell, encoding)));
    Json::Array(row)
}

const WTMP: &str = "CREATE TABLE wtmp(ID INTEGER PRIMARY KEY, Type INTEGER, User TEXT NOT NULL, \
    Login INTEGER, Logout INTEGER, TTY TEXT, RemoteHost TEXT, Service TEXT) STRICT";

/// Reads all tables of a database; without any, what looks like rows of wtmpdb.
fn read(files: Files<'_>, is_backwards: bool) -> Found {
    let mut found = Found::default();
    let Some(mut database) = Database::open(files, &mut found.faults) else { return found };
    let encoding = database.pager.header.encoding.unwrap_or(Encoding::Utf8);
    let is_table = |object: &&super::schema::Object| object.kind == ObjectKind::Table;
    let names = database.schema.objects.iter().filter(is_table).map(|object| object.name.clone());
    let names: Vec<Vec<u8>> = names.collect();
    let mut tables: Vec<(Vec<u8>, Table)> = names
        .into_iter()
        .filter_map(|name| Some((name.clone(), database.schema.table(&name)?)))
        .collect();
    if tables.is_empty() {
        let definition = Definition::parse(WTMP.as_bytes()).unwrap();
        tables.push((b"wtmp".to_vec(), Table { root: None, definition }));
    }
    for (name, table) in tables {
        let name = String::from_utf8_lossy(&name).into_owned();
        let mut rows = Rows::new(table, &database, is_backwards);
        let mut all = Vec::new();
        while let Some(next) = rows.advance(&mut database, files) {
            match next {
                Ok(()) => all.push(row(rows.table(), &rows.row(), encoding)),
                Err(fault) => found.faults.push(fault),
            }
        }
        if is_backwards {
            all.reverse();
        }
        found.tables.push((name, all));
    }
    found
}

/// Rows of a list of expected.json: of one table, number and columns.
fn listed<'a>(list: &'a Json, table: &'a str) -> impl Iterator<Item = Json> + 'a {
    let of_table = move |row: &&Json| row["table"].as_str().unwrap().eq_ignore_ascii_case(table);
    list.as_array().into_iter().flatten().filter(of_table).map(|row| {
        let mut all = std::vec![row["rowid"].clone()];
        all.extend(row["values"].as_array().unwrap().iter().cloned());
        Json::Array(all)
    })
}

/// Rows of damaged samples whose bytes are whole, and how many of them are given. The others lie on
/// free pages only, as deleted rows do, were deleted before the journal was lost, or have a changed
/// copy in the table: the rows that a database no longer has include them.
const DAMAGED: (usize, usize) = (1920, 1899);

/// Samples in which bytes within rows were changed, which no reader can detect.
const CHANGED: [&str; 3] = ["d-noise-40", "v-journal-bad-page", "v-journal-unseen-flip"];

/// Sound databases give the rows that SQLite reads, in its order and backwards; damaged ones those
/// of the sound database whose bytes are there, and nothing that never was a row.
#[test]
fn every_sample() {
    let (mut sound, mut damaged, mut of_them) = (0, 0, 0);
    let samples = samples();
    for sample in &samples {
        let Sample { name, expected, .. } = &sample;
        let found = read(sample.files(), false);
        let was = &expected["rows_of_the_sound_database"];
        if was.is_null() {
            sound += same_rows(sample);
            continue;
        }
        let whole =
            |row: &&Json| row["found"].as_array().unwrap().iter().any(|at| at["how"] == "cell");
        let here: Vec<Json> = was.as_array().unwrap().iter().filter(whole).cloned().collect();
        let here: Vec<Json> = listed(&Json::Array(here), "wtmp").collect();
        let ours: BTreeSet<String> = found.rows("wtmp").iter().map(Json::to_string).collect();
        let of_here = here.iter().filter(|row| ours.contains(&row.to_string())).count();
        let mut known: BTreeSet<String> = listed(was, "wtmp").map(|row| row.to_string()).collect();
        known.extend(listed(&expected["gone"], "wtmp").map(|row| row.to_string()));
        let wrong = found.rows("wtmp").iter().filter(|row| !known.contains(&row.to_string()));
        let wrong: Vec<&Json> = wrong.collect();
        // Nothing is made up: such a row is stored, and one of its values was changed.
        let real: Vec<Json> =
            listed(was, "wtmp").chain(listed(&expected["gone"], "wtmp")).collect();
        for row in &wrong {
            let changed = |real: &Json| {
                let pairs = row.as_array().unwrap().iter().zip(real.as_array().unwrap());
                pairs.filter(|(now, was)| now != was).count()
            };
            // A rowid is also the column ID.
            assert!(real.iter().any(|real| changed(real) <= 2), "{name}: {row}");
        }
        let wrong = wrong.len();
        assert!(wrong == 0 || CHANGED.contains(&name.as_str()), "{name}: {wrong} wrong");
        println!("{name}: {of_here} of {} rows, {wrong} wrong, {:?}", here.len(), found.faults);
        damaged += here.len();
        of_them += of_here;
    }
    println!("{sound} rows of sound databases, {of_them} of {damaged} rows of damaged ones");
    assert!(samples.is_empty() || damaged == DAMAGED.0 && of_them >= DAMAGED.1);
}

/// Compares all tables with what SQLite read. Returns the number of rows.
fn same_rows(sample: &Sample) -> usize {
    let Sample { name, expected, .. } = sample;
    let (found, backwards) = (read(sample.files(), false), read(sample.files(), true));
    let mut rows = 0;
    for (table, wanted) in expected["tables"].as_object().unwrap() {
        let wanted = wanted["rows"].as_array().unwrap();
        let differs = found.rows(table).iter().zip(wanted).find(|(ours, wanted)| ours != wanted);
        assert_eq!(differs, None, "{name}, {table}: {:?}", found.faults);
        assert_eq!(found.rows(table).len(), wanted.len(), "{name}, {table}: {:?}", found.faults);
        assert!(backwards.rows(table) == wanted, "{name}, {table} backwards");
        rows += wanted.len();
    }
    rows
}

/// SQLite's own random databases: page sizes, encodings, logs, journals that must be undone, long
/// rows, deleted rows.
#[test]
fn random_databases() {
    let scratch = Scratch::new();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/src/container/sqlite/tests/random.py");
    let made = Command::new("python3")
        .args([script, scratch.folder().to_str().unwrap(), "7", "40"])
        .output();
    match made {
        Err(_) => return skip("there is no python3"),
        Ok(made) if !made.status.success() => {
            let why = String::from_utf8_lossy(&made.stderr).into_owned();
            assert!(why.contains("No module named"), "{why}");
            return skip("python3 has no sqlite3");
        }
        Ok(_) => {}
    }
    let samples = samples_in(scratch.folder());
    assert_eq!(samples.len(), 40);
    let hot = samples.iter().filter(|sample| {
        sample.journal.as_ref().is_some_and(|journal| journal.starts_with(super::source::MAGIC))
    });
    let (hot, logs) = (hot.count(), samples.iter().filter(|sample| sample.wal.is_some()).count());
    let rows: usize = samples.iter().map(same_rows).sum();
    println!("{rows} rows, {hot} hot journals, {logs} logs");
    assert!(rows > 1000 && hot > 1 && logs > 5);
}

/// Whatever bytes are changed and wherever a file ends, reading ends, and gives no more rows than
/// pages have room for.
#[test]
fn hostile_files() {
    let mut rng = Rng::new(0x5e1f);
    for sample in samples() {
        for _ in 0..12 {
            let mut changed = |bytes: &Vec<u8>| {
                let mut bytes = bytes.clone();
                for _ in 0..rng.range(1, 40) {
                    let at = rng.index(bytes.len().max(1));
                    if let Some(byte) = bytes.get_mut(at) {
                        *byte = rng.edge() as u8;
                    }
                }
                if rng.one_in(4) {
                    bytes.truncate(rng.index(bytes.len() + 1));
                }
                bytes
            };
            let main = changed(&sample.main);
            let (wal, journal) =
                (sample.wal.as_ref().map(&mut changed), sample.journal.as_ref().map(&mut changed));
            let files = Files {
                main: &main,
                wal: wal.as_ref().map(|wal| wal as &dyn Source),
                journal: journal.as_ref().map(|journal| journal as &dyn Source),
            };
            let room = [Some(&main), wal.as_ref(), journal.as_ref()];
            let room: usize = room.into_iter().flatten().map(Vec::len).sum();
            for is_backwards in [false, true] {
                let found = read(files, is_backwards);
                let rows: usize = found.tables.iter().map(|(_, rows)| rows.len()).sum();
                // A row takes a pointer and three bytes in its page; each table may read them all.
                assert!(rows <= room * found.tables.len().max(1), "{}", sample.name);
            }
        }
    }
}
