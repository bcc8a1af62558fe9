//! Every fixture in every format, there and back.

use std::fmt;

use loginrec_testing::{KnownFile, clean, fixtures, json_lines, run_with, text, told};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};

fn dump(fixture: &KnownFile, format: &[&str]) -> Vec<u8> {
    clean(&[&["dump"], format, fixture.options(), &[fixture.name()]].concat(), b"")
}

/// An object whose keys keep their order.
#[derive(Debug, PartialEq)]
struct Ordered(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Ordered {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Ordered, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = Ordered;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Ordered, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Ordered(pairs))
            }
        }
        deserializer.deserialize_map(Pairs)
    }
}

fn ordered(lines: &[u8]) -> Vec<Ordered> {
    text(lines).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn jsonl_is_the_contract() {
    for fixture in fixtures() {
        let got = ordered(&dump(&fixture, &["--format", "jsonl"]));
        let expected = ordered(&fixture.expected());
        assert_eq!(got.len(), expected.len(), "{}", fixture.name());
        for (got, expected) in got.iter().zip(&expected) {
            assert_eq!(got, expected, "{}", fixture.name());
        }
    }
}

#[test]
fn csv_has_the_values_of_the_contract() {
    for fixture in fixtures() {
        let bytes = dump(&fixture, &["--format", "csv"]);
        let mut reader = csv::Reader::from_reader(bytes.as_slice());
        let header = "machine,source,file,layout,index,offset,part,page,rowid,state,found_as,lost,\
                      uid,type,raw_type,event,time,raw_sec,raw_usec,logout,user,line,host,id,pid,session,exit_termination,exit_exit,\
                      addr,service,count,max,lock_seconds,status,valid";
        assert_eq!(reader.headers().unwrap().iter().collect::<Vec<_>>().join(","), header);
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        let expected = json_lines(&fixture.expected());
        assert_eq!(rows.len(), expected.len(), "{}", fixture.name());
        for (row, expected) in rows.iter().zip(&expected) {
            for (column, cell) in header.split(',').zip(row) {
                assert_eq!(cell, cell_of(expected, column), "{} {column}", fixture.name());
            }
        }
    }
}

/// Returns the value that a column must have for a line of the contract.
fn cell_of(line: &Value, column: &str) -> String {
    let value = match column {
        "exit_termination" | "exit_exit" => &line["exit"][&column[5..]],
        "id" if line["id"].is_null() => &line["id_hex"],
        _ => &line[column],
    };
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.chars().map(shown).collect(),
        other => other.to_string(),
    }
}

fn shown(c: char) -> String {
    match u32::from(c) {
        _ if !loginrec::Text::is_deceptive(c) => c.to_string(),
        code @ 0..=0xff => format!("\\x{code:02x}"),
        code => format!("\\u{{{code:x}}}"),
    }
}

#[test]
fn raw_jsonl_gives_the_file_back() {
    for fixture in fixtures() {
        let lines = dump(&fixture, &["--format", "jsonl", "--raw"]);
        let back = run_with(&["undump"], &lines);
        assert_eq!(told(&back), (0, String::new()), "{}", fixture.name());
        assert!(back.stdout == fixture.bytes(), "{}", fixture.name());
    }
}

/// The end line has the rest of the file, whatever the framing.
#[test]
fn the_end_line_adds_up() {
    for fixture in fixtures() {
        let lines = json_lines(&dump(&fixture, &["--format", "jsonl", "--raw"]));
        let end = lines.last().unwrap();
        assert_eq!(end["event"], "end");
        assert_eq!(end["file"], fixture.name());
        let keys: Vec<&String> = end.as_object().map(Map::keys).unwrap().collect();
        assert_eq!(keys.len(), 5, "{keys:?}");
        let rest = end["raw"].as_str().unwrap().len() / 2;
        let size = end["offset"].as_u64().unwrap() + rest as u64;
        assert_eq!(size, fixture.bytes().len() as u64, "{}", fixture.name());
    }
}

/// Without `raw`, the fields are enough for every record that has nothing else: no bytes in
/// padding, no port in a socket address, a length as undump writes it.
#[test]
fn fields_give_the_record_back() {
    let elsewhere = ["dragonfly-utmpx", "netbsd-utmpx", "svr4-utmpx"];
    for fixture in fixtures().iter().filter(|fixture| !fixture.folder().contains("lastlogx")) {
        let expected = fixture.expected(); // made by the fixtures' own generator
        let back = clean(&["undump"], &expected);
        let layout: Value = json_lines(&expected)[0]["layout"].clone();
        let layout = layout.as_str().unwrap();
        if elsewhere.iter().any(|system| fixture.folder().starts_with(system)) {
            let again = clean(&["dump", "--layout", layout, "--format", "jsonl", "-"], &back);
            let mut lines = json_lines(&expected);
            lines.iter_mut().for_each(|line| line["file"] = "-".into());
            assert_eq!(json_lines(&again), lines, "{}", fixture.name());
        } else {
            assert!(back == fixture.bytes(), "{}", fixture.name());
        }
    }
}

#[test]
fn text_there_and_back_again_is_the_same_text() {
    let is_written = |fixture: &&KnownFile| {
        let layout = loginrec::formats::by_name(fixture.layout).unwrap();
        !fixture.folder().contains("lastlogx") && !layout.is_failures()
    };
    for fixture in fixtures().iter().filter(is_written) {
        let layout = json_lines(&fixture.expected())[0]["layout"].as_str().unwrap().to_owned();
        let dumped = clean(&["dump", "--layout", &layout, fixture.name()], b"");
        let back = clean(&["undump", "--layout", &layout], &dumped);
        assert_eq!(back.len(), fixture.bytes().len(), "{}", fixture.name());
        let again = clean(&["dump", "--layout", &layout, "-"], &back);
        assert_eq!(text(&again), text(&dumped), "{}", fixture.name());
    }
}
