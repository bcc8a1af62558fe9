//! The Apple System Log in every command. What must be printed is in the fixtures and in the
//! corpus, both written without the reader.

use std::fs;
use std::path::Path;

use loginrec_testing::{
    Scratch, clean, corpus, fixture, json_lines, root, run, run_with, text, told,
};
use serde_json::Value;

const FILES: [&str; 3] = ["BB.2027.03.31.G80.asl", "BB.2013.10.31.G80.asl", "asl.db"];

fn name(file: &str) -> String {
    format!("fixtures/asl/{file}")
}

#[test]
fn rows_are_the_contract() {
    for file in FILES {
        let (name, wanted) = (name(file), text(&fixture(&format!("asl/{file}.jsonl"))));
        assert_eq!(text(&clean(&["dump", "--format", "jsonl", &name], b"")), wanted);
        // From a pipe, under no name.
        let piped = run_with(&["dump", "--format", "jsonl", "-"], &fixture(&format!("asl/{file}")));
        let rows = json_lines(&piped.stdout);
        assert_eq!(rows.len(), wanted.lines().count(), "{}", text(&piped.stderr));
        // Nothing can be rebuilt from rows without their texts.
        let output = run_with(&["undump"], &fixture(&format!("asl/{file}.jsonl")));
        let (status, stderr) = told(&output);
        assert!(status != 0 && stderr.contains("copy the file itself"), "{stderr}");
    }
}

/// Microseconds of `log_time`, which has nine digits.
fn logged(row: &Value) -> (i64, i64) {
    let (sec, nano) = row["log_time"].as_str().unwrap().split_once('.').unwrap();
    (sec.parse().unwrap(), nano.parse::<i64>().unwrap() / 1000)
}

/// Every sample of the corpus, under its own name and under one that says nothing.
#[test]
fn samples_of_the_corpus() {
    let Some(folder) = corpus("more/asl") else { return };
    let scratch = Scratch::new();
    let (mut samples, mut rows) = (0, 0);
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "jsonl") {
            continue;
        }
        let wanted = json_lines(&fs::read(format!("{}.jsonl", path.display())).unwrap());
        let neutral = scratch.file("x", &fs::read(&path).unwrap());
        for file in [path.to_str().unwrap(), &neutral] {
            let output = run(&["dump", "--format", "jsonl", file]);
            let found = json_lines(&output.stdout);
            assert_eq!(found.len(), wanted.len(), "{file}: {}", text(&output.stderr));
            for (found, wanted) in found.iter().zip(&wanted) {
                for key in ["offset", "type", "raw_type", "user", "line", "host"] {
                    assert_eq!(found[key], wanted[key], "{file} {key}");
                }
                assert_eq!(found["rowid"], wanted["mid"], "{file}");
                assert_eq!(found["service"], wanted["sender"], "{file}");
                assert_eq!(found["pid"].as_i64().unwrap_or(0), wanted["pid"].as_i64().unwrap());
                let id = found["id_hex"].as_str().unwrap_or("00000000");
                assert_eq!(id, wanted["id_hex"].as_str().unwrap(), "{file}");
                let (sec, usec) = match wanted["type"] == "DEAD_PROCESS" {
                    true => logged(wanted),
                    false => (wanted["sec"].as_i64().unwrap(), wanted["usec"].as_i64().unwrap()),
                };
                let time = loginrec::Timestamp { tv_sec: sec, tv_usec: usec };
                assert_eq!(found["time"], time.to_string(), "{file}");
                rows += 1;
            }
            // Damage is said with its place; the rest is read.
            let is_damaged = ["badstring.asl", "cut.asl"].iter().any(|name| path.ends_with(name));
            let (status, stderr) = told(&output);
            assert_eq!(status, if is_damaged { 4 } else { 0 }, "{file}: {stderr}");
            assert_eq!(stderr.contains("byte "), is_damaged, "{stderr}");
        }
        samples += 1;
    }
    assert!(samples == 9 && rows > 100, "{samples} {rows}");
}

/// The commands that answer questions: a closed window ends with its message.
#[test]
fn sessions_and_last() {
    let file = name(FILES[0]);
    let sessions = json_lines(&clean(&["sessions", "--format", "jsonl", &file], b""));
    let how: Vec<(&str, &str, i64)> = sessions
        .iter()
        .map(|row| {
            let text = |key: &str| row[key].as_str().unwrap();
            (text("line"), text("how"), row["seconds"].as_i64().unwrap())
        })
        .collect();
    assert_eq!(
        how,
        [
            ("ttys000", "logout", 1800),
            ("ttys001", "logout", 700),
            ("console", "shutdown", 8959),
            ("ttys002", "shutdown", 4000),
        ]
    );
    let boots = json_lines(&clean(&["boots", "--format", "jsonl", &file], b""));
    assert_eq!(boots.len(), 2);
    let last = text(&clean(&["last", "-f", &file], b""));
    assert!(
        last.contains("alice    ttys000                       Mon Mar  2 07:50 - 08:20  (00:30)")
    );
    assert_eq!(
        clean(&["timeline", "--format", "jsonl", &file], b"").split(|b| *b == b'\n').count(),
        10
    );
    let audit = text(&clean(&["audit", &file], b""));
    assert!(audit.contains("nothing found"), "{audit}");
}

/// All files of a machine's store are one history, in the order of their months.
#[test]
fn a_machine_below_a_root() {
    let scratch = Scratch::new();
    let mac = scratch.path("mac");
    let put = |place: &str, bytes: &[u8]| {
        let path = Path::new(&mac).join(place);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    };
    for file in &FILES[..2] {
        put(&format!("private/var/log/asl/{file}"), &fixture(&format!("asl/{file}")));
    }
    put("private/var/run/utmpx", &fixture("macos-utmpx-628-le/utmpx"));
    put("private/var/log/asl/StoreData", &[0; 12]);
    let rows = json_lines(&clean(&["timeline", "--format", "jsonl", "--root", &mac], b""));
    let times: Vec<&str> = rows.iter().map(|row| row["time"].as_str().unwrap()).collect();
    assert!(times.is_sorted() && rows.len() >= 18, "{}", rows.len());
    let sessions = json_lines(&clean(&["sessions", "--format", "jsonl", "--root", &mac], b""));
    assert_eq!(sessions.len(), 8);
    let last = text(&clean(&["last", "--root", &mac], b""));
    let place = |what: &str| last.find(what).unwrap_or_else(|| panic!("{what}: {last}"));
    assert!(place("Mar  2 09:08") < place("Oct  5 09:23"), "{last}");
    let who = text(&clean(&["who", "--root", &mac], b""));
    assert!(who.contains("console"), "{who}");
    assert!(root().join(name(FILES[0])).exists());
}
