//! `--format timesketch`, `ecs` and `ocsf`: each tool's rules, written down from its own sources, and
//! the rows of the study that was made before the program could write them.

use std::process::Command;

use loginrec_testing::{Scratch, corpus_files, json_lines, run, shared, skip, text};
use serde_json::Value;

const FILES: [&str; 7] = [
    "fixtures/glibc-x86_64/wtmp",
    "fixtures/glibc-x86_64/btmp",
    "fixtures/aix-utmp-648-be/wtmp",
    "fixtures/freebsd-utx-log/utx.log",
    "fixtures/openbsd-utmp-304-le/wtmp",
    "fixtures/linux-lastlog-292-le/lastlog",
    "fixtures/linux-faillog-24-le/faillog",
];

/// The rows of all commands over the fixtures and the corpus.
fn rows(format: &str) -> Vec<Value> {
    let mut files: Vec<String> = FILES.iter().map(|&file| file.to_owned()).collect();
    files.extend(corpus_files().iter().map(|file| file.path.to_str().unwrap().to_owned()));
    let mut rows = Vec::new();
    for file in &files {
        for command in
            [&["timeline", "--all"][..], &["sessions"], &["audit", "--min-severity", "info"]]
        {
            // The machine's name is no host name.
            let more = ["--machine", "web 01", "--format", format, file];
            let output = run(&[command, &more].concat());
            assert!(output.stdout.is_empty() || output.stdout.ends_with(b"\n"), "{file}");
            rows.extend(json_lines(&output.stdout));
        }
    }
    assert!(rows.len() > 500, "{}", rows.len());
    rows
}

/// Whether `row` has all of `part`. Lists are compared as a whole.
fn has(row: &Value, part: &Value) -> bool {
    match (row, part) {
        (Value::Object(row), Value::Object(part)) => {
            part.iter().all(|(key, part)| row.get(key).is_some_and(|value| has(value, part)))
        }
        _ => row == part,
    }
}

/// The rows that were worked out by hand and by another program.
#[test]
fn rows_are_those_of_the_study() {
    let Some(path) = shared("design/export/examples.json") else { return };
    let examples: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    for format in ["timesketch", "ecs", "ocsf"] {
        let files = ["--format", format, FILES[0], FILES[1]];
        let output = run(&[&["timeline", "--machine", "web01"][..], &files].concat());
        let rows = json_lines(&output.stdout);
        for event in ["login", "failed-login", "boot"] {
            let example = &examples[format!("{format} {event}")];
            if example.is_null() {
                continue; // OCSF has no class for boots.
            }
            let found = rows.iter().any(|row| has(row, example));
            assert!(found, "{format} {event}: {example}\n{}", text(&output.stdout));
        }
    }
    // A session, but for the keys that the study had other names for.
    let sessions = ["sessions", "--machine", "web01", "--format", "ecs", FILES[0]];
    let mut example = examples["ecs session"].clone();
    example.as_object_mut().unwrap().remove("message");
    example["loginrec"].as_object_mut().unwrap().remove("closing_offset");
    example["host"].as_object_mut().unwrap().remove("os");
    let output = run(&sessions);
    assert!(json_lines(&output.stdout).iter().any(|row| has(row, &example)), "{example}");
}

/// A logout names the user and the address of its session.
#[test]
fn logouts_name_the_user() {
    let logout = |format: &str, is_one: &dyn Fn(&Value) -> bool| {
        let output = run(&["timeline", "--format", format, FILES[0]]);
        let rows = json_lines(&output.stdout);
        rows.into_iter().find(is_one).unwrap()
    };
    let row = logout("timesketch", &|row| row["source_offset"] == 7296);
    assert_eq!([&row["username"], &row["ip_address"]], ["bob", "203.0.113.7"]);
    assert_eq!(row["login_offset"], 2304);
    let row = logout("ecs", &|row| row["loginrec"]["offset"] == 7296);
    assert_eq!([&row["user"]["name"], &row["source"]["ip"]], ["bob", "203.0.113.7"]);
    let row = logout("ocsf", &|row| row["unmapped"]["offset"] == 7296);
    assert_eq!([&row["user"]["name"], &row["src_endpoint"]["ip"]], ["bob", "203.0.113.7"]);
    assert_eq!(row["session"]["uid"], "fixtures/glibc-x86_64/wtmp:2304");
}

#[test]
fn findings_have_times_severities_and_techniques() {
    let scratch = Scratch::new();
    let mut wtmp = loginrec_testing::fixture("linux-glibc-400-le/wtmp");
    wtmp[800..1200].fill(0);
    let path = scratch.file("wtmp", &wtmp);
    let finding = |format: &str| {
        let output = run(&["audit", "--format", format, &path]);
        json_lines(&output.stdout).into_iter().next().unwrap()
    };
    // The record before the zeros, by `dump` of the fixture: 2024-02-17T20:10:19.582159Z.
    let row = finding("timesketch");
    assert_eq!(row["timestamp"], 1_708_200_619_582_159_i64);
    assert_eq!(row["tag"], serde_json::json!(["loginrec-medium", "T1070.002"]));
    let row = finding("ecs");
    assert_eq!(row["event"]["severity"], 47);
    assert_eq!(row["threat"]["technique"]["subtechnique"]["id"][0], "T1070.002");
    let row = finding("ocsf");
    assert_eq!((&row["class_uid"], &row["severity_id"]), (&2004.into(), &3.into()));
    assert_eq!(row["finding_info"]["attacks"][0]["sub_technique"]["uid"], "T1070.002");
}

/// The checks of Timesketch's `read_and_validate_jsonl`, and the keys that it removes.
#[test]
fn timesketch_takes_every_row() {
    for row in rows("timesketch") {
        let object = row.as_object().unwrap();
        for key in ["message", "datetime", "timestamp_desc", "data_type"] {
            assert!(row[key].as_str().is_some_and(|text| !text.is_empty()), "{key}: {row}");
        }
        let time = row["datetime"].as_str().unwrap();
        assert!(time.ends_with("+00:00"), "{row}");
        let time: jiff::Timestamp = time.parse().unwrap();
        assert_eq!(row["timestamp"], time.as_microsecond(), "{row}");
        for key in ["_id", "_type", "_index", "_source", "__ts_timeline_id"] {
            assert!(!object.contains_key(key), "{row}");
        }
        let is_text = |tags: &Value| tags.as_array().unwrap().iter().all(Value::is_string);
        assert!(row.get("tag").is_none_or(is_text), "{row}");
        assert!(object.values().all(|value| !value.is_object() && !value.is_null()), "{row}");
        assert_eq!((&row["hostname"], &row["computer_name"]), (&"web 01".into(), &"web 01".into()));
    }
}

/// Fields of ECS 9.4.0 (`generated/ecs/ecs_flat.yml`) with their types; `[]` are lists.
const ECS: &[(&str, &str)] = &[
    ("@timestamp", "date"),
    ("ecs.version", "keyword"),
    ("event.action", "keyword"),
    ("event.category[]", "keyword"),
    ("event.dataset", "keyword"),
    ("event.duration", "long"),
    ("event.end", "date"),
    ("event.kind", "keyword"),
    ("event.module", "keyword"),
    ("event.outcome", "keyword"),
    ("event.provider", "keyword"),
    ("event.reason", "keyword"),
    ("event.severity", "long"),
    ("event.start", "date"),
    ("event.type[]", "keyword"),
    ("host.hostname", "keyword"),
    ("host.id", "keyword"),
    ("host.name", "keyword"),
    ("host.os.type", "keyword"),
    ("log.file.path", "keyword"),
    ("message", "keyword"),
    ("process.pid", "long"),
    ("related.ip[]", "ip"),
    ("related.user[]", "keyword"),
    ("rule.description", "keyword"),
    ("rule.id", "keyword"),
    ("rule.name", "keyword"),
    ("source.domain", "keyword"),
    ("source.ip", "ip"),
    ("threat.framework", "keyword"),
    ("threat.technique.id[]", "keyword"),
    ("threat.technique.subtechnique.id[]", "keyword"),
    ("user.id", "keyword"),
    ("user.name", "keyword"),
];

/// `expected_event_types` of each category.
const CATEGORIES: &[(&str, &[&str])] = &[
    ("authentication", &["start", "end", "info"]),
    ("session", &["start", "end", "info"]),
    ("host", &["access", "change", "end", "info", "start"]),
    ("file", &["access", "change", "creation", "deletion", "info"]),
];

fn leaves<'a>(path: &str, value: &'a Value, to: &mut Vec<(String, &'a Value)>) {
    match value {
        Value::Object(object) => {
            let dot = if path.is_empty() { "" } else { "." };
            object.iter().for_each(|(key, value)| leaves(&format!("{path}{dot}{key}"), value, to));
        }
        Value::Array(items) => items.iter().for_each(|item| leaves(&format!("{path}[]"), item, to)),
        leaf => to.push((path.to_owned(), leaf)),
    }
}

#[test]
fn ecs_has_every_field() {
    for row in rows("ecs") {
        let mut fields = Vec::new();
        leaves("", &row, &mut fields);
        for (path, value) in &fields {
            if path.starts_with("loginrec.") {
                continue; // Fields of its own are under a key of its own.
            }
            let known = ECS.iter().find(|(known, _)| known == path);
            let (_, kind) = known.unwrap_or_else(|| panic!("{path} is no field of ECS: {row}"));
            let fits = match *kind {
                "long" => value.is_i64(),
                "date" => value.as_str().is_some_and(|t| t.parse::<jiff::Timestamp>().is_ok()),
                "ip" => value.as_str().is_some_and(|ip| ip.parse::<std::net::IpAddr>().is_ok()),
                _ => value.is_string(),
            };
            assert!(fits, "{path} is no {kind}: {row}");
        }
        let category = row["event"]["category"][0].as_str().unwrap();
        let (_, types) = CATEGORIES.iter().find(|(known, _)| *known == category).unwrap();
        assert!(types.contains(&row["event"]["type"][0].as_str().unwrap()), "{row}");
        assert!(["event", "alert"].contains(&row["event"]["kind"].as_str().unwrap()), "{row}");
        let outcome = &row["event"]["outcome"];
        assert!(outcome.is_null() || ["success", "failure"].contains(&outcome.as_str().unwrap()));
        let system = row["host"]["os"]["type"].as_str();
        assert!(system.is_none_or(|system| ["linux", "macos", "unix"].contains(&system)), "{row}");
    }
}

const VALIDATE: &str = r#"
import json, sys
import jsonschema
from ocsf_json_schema import get_ocsf_schema, OcsfJsonSchemaEmbedded
schema, validators = OcsfJsonSchemaEmbedded(get_ocsf_schema(version="1.8.0")), {}
for number, line in enumerate(open(sys.argv[1])):
    event = json.loads(line)
    uid = event["class_uid"]
    if uid not in validators:
        name = schema.lookup_class_name_from_uid(class_uid=uid)
        validators[uid] = jsonschema.Draft202012Validator(schema.get_class_schema(class_name=name, profiles=[]))
    for fault in validators[uid].iter_errors(event):
        sys.exit(f"{list(fault.path)}: {fault.message[:300]}: {line}")
print(number + 1, sorted(validators))
"#;

#[test]
fn ocsf_is_valid() {
    let rows = rows("ocsf");
    for row in &rows {
        let (class, activity) = (&row["class_uid"], row["activity_id"].as_u64().unwrap());
        assert_eq!(row["type_uid"], class.as_u64().unwrap() * 100 + activity, "{row}");
        assert!(row["user"]["name"].is_string() || row["user"]["uid"].is_string() || class == 2004);
        let time: jiff::Timestamp =
            row["metadata"]["original_time"].as_str().unwrap().parse().unwrap();
        let millis = time.as_microsecond().div_euclid(1000);
        assert_eq!(row["time"], millis, "{row}");
    }
    let python = std::env::var("LOGINREC_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let has = Command::new(&python).args(["-c", "import jsonschema, ocsf_json_schema"]).output();
    if !has.is_ok_and(|has| has.status.success()) {
        return skip(&format!("no jsonschema and ocsf-json-schema in {python}"));
    }
    let scratch = Scratch::new();
    let lines: String = rows.iter().map(|row| format!("{row}\n")).collect();
    let path = scratch.file("ocsf.jsonl", lines.as_bytes());
    let output = Command::new(&python).args(["-c", VALIDATE, &path]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(text(&output.stdout), format!("{} [2004, 3002]\n", rows.len()));
}
