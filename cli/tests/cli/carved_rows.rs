//! `carve`: rows of login databases in images, and none where there are none.

use std::collections::BTreeMap;
use std::fs;

use loginrec_testing::generate::background::{Background, Filler};
use loginrec_testing::{Scratch, corpus, json_lines, run, text};
use serde_json::{Value, json};

use crate::databases::micros;

/// The columns of a row of wtmpdb, as the lists of the samples have them.
fn columns(row: &Value) -> String {
    let (login, logout) = (micros(&row["time"]), micros(&row["logout"]));
    let texts = ["line", "host", "service"].map(|key| row[key].clone());
    let [line, host, service] = texts;
    json!([row["rowid"], row["raw_type"], row["user"], login, logout, line, host, service])
        .to_string()
}

fn carve(image: &str) -> (Vec<Value>, String) {
    let output = run(&["carve", "--layout", "linux", "--format", "jsonl", image]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    (json_lines(&output.stdout), text(&output.stderr))
}

/// The journals that were deleted on a file system have every version of every row, those among
/// them that the database, which overwrites what it deletes, no longer has.
#[test]
fn deleted_journals_have_every_version() {
    let Some(folder) = corpus("sqlite/t-image-ext4") else { return };
    let expected = fs::read(folder.join("expected.json")).unwrap();
    let expected: Value = serde_json::from_slice(&expected).unwrap();
    let (rows, closing) = carve(folder.join("image.ext4.gz").to_str().unwrap());
    let mut found: BTreeMap<String, &Value> = BTreeMap::new();
    for row in &rows {
        assert_eq!(found.insert(columns(row), row), None, "printed twice: {row}");
    }
    let versions = expected["versions"].as_array().unwrap();
    let mut places = 0;
    for version in versions {
        let row = found.remove(&version["values"].to_string());
        let row = row.unwrap_or_else(|| panic!("missing: {version}"));
        assert_eq!(row["state"], version["state"], "{version}");
        assert_eq!(row["copies"], version["places"], "{version}");
        assert_eq!((&row["found_as"], &row["lost"]), (&json!("cell"), &json!([])));
        if row["state"] == "live" {
            assert_eq!((&row["part"], &row["page"]), (&json!("db"), &Value::Null));
        } else {
            // The list has the first four places.
            assert!(version["first"].as_array().unwrap().contains(&row["offset"]), "{version}");
            assert_eq!((&row["part"], &row["page"]), (&json!("journal"), &json!(2)), "{version}");
        }
        places += version["places"].as_u64().unwrap();
    }
    assert!(found.is_empty(), "invented: {found:?}");
    let end = format!("; {} rows of a database in {places} places\n", versions.len());
    assert!(closing.ends_with(&end), "{closing}");
}

/// A database and its log on a disk, at sectors: the rows in the database are live, those that only
/// the log has are older versions. The list of the sample has both.
#[test]
fn rows_of_lastlog2() {
    let Some(folder) = corpus("sqlite/t-lastlog2-wal") else { return };
    let file = |name: &str| fs::read(folder.join(name)).unwrap();
    let mut image = Filler::new(Background::Text, 1).unwrap().take(512 * 77);
    for bytes in [file("lastlog2.db"), file("lastlog2.db-wal")] {
        image.extend(bytes);
        image.extend(Filler::new(Background::Random, 2).unwrap().take(4096));
        image.resize(image.len().next_multiple_of(512), 0);
    }
    let scratch = Scratch::new();
    let (rows, _) = carve(&scratch.file("disk.img", &image));
    let expected: Value = serde_json::from_slice(&file("expected.json")).unwrap();
    let mut known: Vec<Value> = expected["main_file_alone"]
        .as_object()
        .into_iter()
        .chain(expected["tables"].as_object())
        .flatten()
        .flat_map(|(_, table)| table["rows"].as_array().unwrap().clone())
        .collect();
    known.extend(expected["gone"].as_array().unwrap().iter().map(|gone| {
        let mut row = vec![gone["rowid"].clone()];
        row.extend(gone["values"].as_array().unwrap().iter().cloned());
        json!(row)
    }));
    for row in &rows {
        let time = micros(&row["time"]).unwrap() / 1_000_000;
        let keys = ["line", "host", "service"].map(|key| row[key].clone());
        let [line, host, service] = keys;
        let columns = json!([row["rowid"], row["user"], time, line, host, service]);
        assert!(known.contains(&columns), "invented: {row}");
    }
    let of = |state: &str| rows.iter().filter(|row| row["state"] == state).count();
    assert_eq!(of("live") + of("superseded") + of("deleted"), rows.len());
    assert!(of("live") >= 6 && of("superseded") >= 11, "{} {}", of("live"), of("superseded"));
}

/// Programs, text and random bytes have no rows, whatever the evidence asked for.
#[test]
fn other_bytes_have_no_rows() {
    let scratch = Scratch::new();
    for ground in [Background::Programs, Background::Text, Background::Random] {
        let Some(mut filler) = Filler::new(ground, 3) else { continue };
        let image = scratch.file("ground.img", &filler.take(8 << 20));
        for layout in ["linux-wtmpdb", "linux-lastlog2", "linux-lastlog2-05"] {
            let output = run(&["carve", "--layout", layout, "--min-confidence", "-99", &image]);
            assert_eq!(text(&output.stdout), "", "{ground:?}");
        }
    }
}

/// Text names the state before the row.
#[test]
fn text_has_the_state() {
    let Some(folder) = corpus("sqlite/t-image-ext4") else { return };
    let image = folder.join("image.ext4.gz");
    let shown = text(&run(&["carve", "--layout", "linux-wtmpdb", image.to_str().unwrap()]).stdout);
    assert_eq!(shown.matches(" deleted    cell ").count(), 13, "{shown}");
    assert_eq!(shown.matches(" superseded cell ").count(), 52);
    assert_eq!(shown.matches(" live       cell ").count(), 60);
}
