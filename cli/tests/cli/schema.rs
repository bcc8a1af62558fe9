//! `loginrec schema`: with the printed types, engines read every value of JSON lines. Without, DuckDB
//! fails at a key that comes late, and polars and ClickHouse drop it.

use std::process::Command;

use loginrec::contract::RowKind;
use loginrec_testing::{Scratch, clean, json_lines, root, run, skip, text, told};

/// Counts the values of each key with an engine, and compares with the lines.
const ENGINES: &str = r#"
import json, sys
engine, path, schema = sys.argv[1:]
with open(path) as lines:
    rows = [json.loads(line) for line in lines]
keys = sorted({key for row in rows for key in row if row[key] is not None})
wanted = {key: sum(1 for row in rows if row.get(key) is not None) for key in keys}
users = sorted({row["user"] for row in rows if row.get("user")})
times = sorted(row["time"] for row in rows if row.get("time"))
if engine == "duckdb":
    import duckdb
    source = f"read_json('{path}', format = 'newline_delimited', columns = {schema})"
    counts = ", ".join(f'count("{key}")' for key in keys)
    counted = duckdb.sql(f"select {counts} from {source}").fetchall()[0]
    found = duckdb.sql(f"""select list_sort(list(distinct "user") filter (where "user" <> '')),
        max(epoch_us(time)) from {source}""").fetchall()[0]
    found = [found[0], found[1]]
elif engine == "polars":
    import polars as pl
    table = pl.read_ndjson(path, schema=eval(schema))
    counted = [len(table) - table[key].null_count() for key in keys]
    found = [sorted(u for u in set(table["user"]) if u), table["time"].dt.timestamp("us").max()]
elif engine == "chdb":
    import chdb
    source = f"file('{path}', JSONEachRow, $${schema}$$) settings date_time_input_format = 'best_effort'"
    # ClickHouse has no null for a tuple, but for what is in it.
    counts = ", ".join("count(exit.termination)" if key == "exit" else f"count(`{key}`)" for key in keys)
    def ask(what):
        return json.loads(str(chdb.query(f"select {what} from {source}", "JSONCompactEachRow")))
    counted = map(int, ask(counts))
    found = ask("arraySort(groupUniqArrayIf(user, user <> '')), toUnixTimestamp64Micro(max(time))")
    found = [found[0], int(found[1])]
elif engine == "jsonschema":
    import jsonschema
    validator = jsonschema.Draft202012Validator(json.loads(schema))
    faults = [error.message for row in rows for error in validator.iter_errors(row)]
    assert not faults, faults
    counted, found = wanted.values(), None
assert dict(zip(keys, counted)) == wanted, (dict(zip(keys, counted)), wanted)
if found is not None:
    import datetime
    last = datetime.datetime.fromisoformat(times[-1].replace("Z", "+00:00"))
    epoch = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
    assert found == [users, (last - epoch) // datetime.timedelta(microseconds=1)], found
"#;

/// Files of five platforms: keys that only the last ones have come late.
const FILES: [&str; 6] = [
    "fixtures/glibc-x86_64/wtmp",
    "fixtures/aix-utmp-648-be/wtmp",
    "fixtures/freebsd-utx-log/utx.log",
    "fixtures/openbsd-utmp-304-le/wtmp",
    "fixtures/linux-lastlog-292-le/lastlog",
    "fixtures/linux-faillog-24-le/faillog",
];

#[test]
fn engines_read_every_value() {
    let scratch = Scratch::new();
    let mut lines = Vec::new();
    // More lines of one platform than polars looks at.
    for _ in 0..4 {
        lines.extend(clean(&["dump", "--format", "jsonl", FILES[0]], b""));
    }
    lines.extend(clean(&[&["dump", "--format", "jsonl", "--raw"], &FILES[..]].concat(), b""));
    let records = scratch.file("records.jsonl", &lines);
    let timeline = run(&[&["timeline", "--all", "--format", "jsonl"], &FILES[..]].concat()).stdout;
    let timeline = scratch.file("timeline.jsonl", &timeline);
    let python = std::env::var("LOGINREC_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    for (module, engine) in
        [("duckdb", "duckdb"), ("polars", "polars"), ("chdb", "clickhouse"), ("jsonschema", "json")]
    {
        let has = Command::new(&python).args(["-c", &format!("import {module}")]).output();
        if !has.is_ok_and(|has| has.status.success()) {
            skip(&format!("no {module} in {python}; LOGINREC_PYTHON names another Python"));
            continue;
        }
        for (rows, path) in [("records", &records), ("timeline", &timeline)] {
            let schema = text(&clean(&["schema", rows, "--for", engine], b""));
            let mut command = Command::new(&python);
            command.args(["-c", ENGINES, module, path, schema.trim_end()]).current_dir(root());
            let output = command.output().unwrap();
            let stderr = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{module}: {rows}: {stderr}");
        }
    }
}

/// No line has a key that the schema lacks.
#[test]
fn every_key_has_a_type() {
    for (rows, command) in [
        ("records", &["dump", "--raw"][..]),
        ("timeline", &["timeline", "--all"]),
        ("sessions", &["sessions"]),
        ("boots", &["boots"]),
        ("findings", &["audit", "--min-severity", "info"]),
        ("detections", &["detect"]),
        ("carved", &["carve"]),
    ] {
        let schema = clean(&["schema", rows, "--for", "json"], b"");
        let schema: serde_json::Value = serde_json::from_slice(&schema).unwrap();
        let keys = schema["properties"].as_object().unwrap();
        for file in FILES {
            let lines = run(&[command, &["--format", "jsonl", file]].concat()).stdout;
            for line in json_lines(&lines) {
                let unknown = line.as_object().unwrap().keys().find(|key| !keys.contains_key(*key));
                assert_eq!(unknown, None, "{rows}: {line}");
            }
        }
    }
}

#[test]
fn every_kind_for_every_engine() {
    for kind in RowKind::ALL {
        for engine in ["duckdb", "polars", "clickhouse", "spark", "json"] {
            let schema = clean(&["schema", kind.name(), "--for", engine], b"");
            let of_command = clean(&["schema", kind.command(), "--for", engine], b"");
            assert_eq!(schema, of_command);
            assert!(text(&schema).contains("machine"), "{kind} {engine}");
        }
    }
    let spark = text(&clean(&["schema", "boots", "--for", "spark"], b""));
    assert!(spark.starts_with("`machine` STRING, `source` STRING, `boot` TIMESTAMP, "), "{spark}");
    assert_eq!(told(&run(&["schema", "cats", "--for", "spark"])).0, 2);
    assert_eq!(told(&run(&["schema", "boots"])).0, 2);
}
