//! `detect`.

use loginrec_testing::{Rng, Scratch, clean, fixtures, json_lines, root, run, text, told};
use serde_json::Value;

fn detect(args: &[&str]) -> Vec<Value> {
    json_lines(&run(&[&["detect", "--format", "jsonl"], args].concat()).stdout)
}

#[test]
fn fixtures_are_what_they_are() {
    for fixture in fixtures() {
        let found = &detect(&[fixture.name()])[0];
        let lines = json_lines(&fixture.expected());
        assert_eq!(found["records"], lines.len(), "{}", fixture.name());
        assert_eq!(found["verdict"], "recognised", "{}", fixture.name());
        let times = lines.iter().filter_map(|line| line["time"].as_str());
        // Forms of one length sort as the times they are; 1970 to the second is time 0.
        let mut times: Vec<&str> =
            times.filter(|time| *time != "1970-01-01T00:00:00.000000Z").collect();
        times.sort_unstable();
        let of = |time: Option<&&str>| time.map_or(Value::Null, |time| Value::from(*time));
        assert_eq!(found["first"], of(times.first()), "{}", fixture.name());
        assert_eq!(found["last"], of(times.last()), "{}", fixture.name());
        if fixture.options().is_empty() {
            let layouts: Vec<&Value> = lines.iter().map(|line| &line["layout"]).collect();
            let named = layouts.contains(&&found["layout"]);
            assert!(named, "{}: {}", fixture.name(), found["layout"]);
        }
    }
}

#[test]
fn a_table_for_people() {
    let table = text(&clean(&["detect", "-v", "fixtures/openbsd-utmp-304-le/wtmp"], b""));
    let mut lines = table.lines();
    let heading: Vec<&str> = lines.next().unwrap().split_whitespace().collect();
    let columns = ["FILE", "LAYOUT", "RECORDS", "FIRST", "LAST", "CONFIDENCE", "RUNNER-UP"];
    assert_eq!(heading, columns);
    let row: Vec<&str> = lines.next().unwrap().split_whitespace().collect();
    assert_eq!(
        row[..6],
        [
            "fixtures/openbsd-utmp-304-le/wtmp",
            "openbsd-utmp-304-le",
            "13",
            "2021-10-14T11:57:48.000000Z",
            "2021-10-15T17:17:43.000000Z",
            "certain",
        ]
    );
    assert!(lines.next().unwrap().contains("13 records of 304 bytes"), "{table}");
    assert!(!table.lines().any(|line| line.ends_with(' ')));
}

#[test]
fn what_is_not_recognised_is_a_row() {
    let wtmp = "fixtures/glibc-x86_64/wtmp";
    let output = run(&["detect", wtmp, "Cargo.toml"]);
    assert_eq!(told(&output), (4, String::new()));
    assert!(text(&output.stdout).contains("not recognised: "));
    let output = run(&["detect", "--format", "jsonl", "Cargo.toml"]);
    assert_eq!(told(&output), (3, String::new()));
    let found = &json_lines(&output.stdout)[0];
    assert_eq!((&found["layout"], &found["records"]), (&Value::Null, &Value::Null));
    assert_eq!(found["verdict"], "not-recognised");
    assert!(!found["reasons"].as_array().unwrap().is_empty());
    assert_eq!(told(&run(&["detect", "nowhere", "Cargo.toml"])).0, 3);
}

#[test]
fn empty_given_and_ambiguous_files() {
    let scratch = Scratch::new();
    let empty = scratch.file("wtmp", b"");
    let found = &detect(&[&empty])[0];
    assert_eq!((&found["verdict"], &found["records"]), (&"recognised".into(), &0.into()));
    assert!(text(&clean(&["detect", &empty], b"")).contains("  empty"));

    let mut record = [0; 36];
    record[..5].copy_from_slice(b"ttyp0");
    record[8..12].copy_from_slice(b"root");
    record[32..].copy_from_slice(&[0x30, 0, 0, 0x32]);
    let either = scratch.file("x", &record.repeat(2));
    let found = &detect(&[&either])[0];
    assert_eq!((&found["verdict"], &found["margin"]), (&"ambiguous".into(), &0.into()));
    let both = [&found["layout"], &found["runner_up"]].map(|name| name.as_str().unwrap());
    assert!(both.contains(&"bsd-utmp-36-le") && both.contains(&"bsd-utmp-36-be"), "{both:?}");
    assert_eq!(told(&run(&["detect", &either])).0, 0);

    let found = &detect(&["--layout", "bsd-utmp-36-be", &either])[0];
    assert_eq!(
        (&found["verdict"], &found["first"]),
        (&"recognised".into(), &"1995-07-09T16:13:38.000000Z".into())
    );
}

#[test]
fn corpus_files_are_recognised() {
    for (file, layout) in [
        ("centos7-x86_64/wtmp", "linux-glibc-384-le"),
        ("debian11-aarch64/wtmp", "linux-glibc-400-le"),
        ("freebsd14-amd64/utx.log", "freebsd-utx-log"),
        ("netbsd93-amd64/wtmpx", "netbsd-utmpx-520-le"),
        ("openbsd74-amd64/lastlog", "openbsd-lastlog-272-le"),
        ("macos/utmpx", "macos-utmpx-628-le"),
    ] {
        let Some(path) = loginrec_testing::corpus(file) else { continue };
        assert_eq!(detect(&[path.to_str().unwrap()])[0]["layout"], layout, "{file}");
    }
    assert!(root().exists());
}

/// Files of machines of every kind in one folder: none decides what another one is, whatever the
/// order and the names, and each is what it is alone.
#[test]
fn a_folder_of_all_machines() {
    let fixtures = fixtures();
    let scratch = Scratch::new();
    let mut rng = Rng::new(1);
    for neutral in [false, true] {
        let mut names: Vec<(String, Vec<Value>)> = Vec::new();
        for (n, fixture) in fixtures.iter().enumerate() {
            let own = fixture.path.file_name().and_then(|name| name.to_str()).unwrap();
            let name = if neutral { format!("{n:03}.bin") } else { format!("{n:03}_{own}") };
            let mut layouts = vec![Value::from(fixture.layout)];
            layouts.extend(
                json_lines(&fixture.expected()).into_iter().map(|row| row["layout"].clone()),
            );
            names.push((scratch.file(&name, &fixture.bytes()), layouts));
        }
        for _ in 0..3 {
            for last in (1..names.len()).rev() {
                names.swap(last, rng.index(last + 1));
            }
            let args: Vec<&str> = names.iter().map(|(name, _)| name.as_str()).collect();
            let rows = detect(&args);
            assert_eq!(rows.len(), names.len());
            for ((name, layouts), row) in names.iter().zip(&rows) {
                let reads_the_same =
                    format!("{} decodes them identically", layouts[0].as_str().unwrap());
                let same = row["reasons"].as_array().is_some_and(|reasons| {
                    reasons.iter().any(|reason| *reason == reads_the_same.as_str())
                });
                assert!(layouts.contains(&row["layout"]) || same, "{name}: {layouts:?}: {row}");
            }
        }
    }
}
