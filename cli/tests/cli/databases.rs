//! wtmp.db and lastlog2.db: the rows that SQLite reads from the samples, and evidence that stays
//! as it is.

use std::fs;
use std::path::{Path, PathBuf};

use loginrec_testing::{Scratch, corpus, json_lines, run, text};
use serde_json::{Value, json};

/// Samples of which SQLite itself reads every row.
fn sound() -> Vec<(PathBuf, Value)> {
    let Some(folder) = corpus("sqlite") else { return Vec::new() };
    let mut folders: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    let samples = folders.into_iter().filter_map(|folder| {
        let expected = fs::read(folder.join("expected.json")).ok()?;
        let expected: Value = serde_json::from_slice(&expected).unwrap();
        let is_sound = expected["rows_of_the_sound_database"].is_null();
        let database = folder.join(expected["database"].as_str()?);
        is_sound.then_some((database, expected))
    });
    samples.collect()
}

/// The table that is read: of a file with several, the history.
fn table(expected: &Value) -> Option<(&str, &Value)> {
    let tables = expected["tables"].as_object()?;
    let find = |name: &str| tables.iter().find(|(table, _)| table.eq_ignore_ascii_case(name));
    let found = ["wtmp", "lastlog2", "lastlog"].iter().find_map(|name| find(name))?;
    Some((found.0.as_str(), found.1))
}

/// Microseconds since the epoch, of a text such as 2026-01-01T08:00:12.345678Z.
pub(crate) fn micros(time: &Value) -> Option<i64> {
    let (date, time) = time.as_str()?.trim_end_matches('Z').split_once('T')?;
    let number = |text: &str| text.parse::<i64>().ok();
    let mut date = date.split('-').map(number);
    let (year, month, day) = (date.next()??, date.next()??, date.next()??);
    let (clock, fraction) = time.split_once('.')?;
    let seconds = clock.split(':').try_fold(0, |sum, part| Some(sum * 60 + number(part)?))?;
    // Days from the civil calendar, after Howard Hinnant.
    let year = if month <= 2 { year - 1 } else { year };
    let (era, shifted) = (year.div_euclid(400), (month + 9) % 12);
    let of_year = (153 * shifted + 2) / 5 + day - 1;
    let of_era = year.rem_euclid(400) * 365 + year.rem_euclid(400) / 4 - year.rem_euclid(400) / 100;
    let days = era * 146_097 + of_era + of_year - 719_468;
    Some((days * 86_400 + seconds) * 1_000_000 + number(fraction)?)
}

/// A row as `dump` prints it has what SQLite reads: what it prints of text is the shown part.
fn same(row: &Value, columns: &[Value], stored: &[Value], is_micros: bool) -> bool {
    let column = |name: &str| {
        let at = columns.iter().position(|c| c.as_str().unwrap().eq_ignore_ascii_case(name))?;
        stored.get(at + 1)
    };
    let is_text = |key: &str, name: &str| match column(name) {
        Some(Value::String(text))
            if text.is_ascii() && !text.contains(|c: char| c.is_control()) =>
        {
            row[key] == json!(text)
        }
        _ => true,
    };
    let is_time = |key: &str, name: &str| match (column(name).and_then(Value::as_i64), &row[key]) {
        // Time 0 stands for never, in a lastlog and in an empty record.
        (Some(0), shown) => shown.is_null() || micros(shown) == Some(0),
        (Some(time), shown) => {
            let micros_of = if is_micros { Some(time) } else { time.checked_mul(1_000_000) };
            // Years of four digits; others are in no calendar.
            let has_year = |t: &i64| (-60_000_000_000_000_000..200_000_000_000_000_000).contains(t);
            match micros_of.filter(has_year) {
                Some(time) => micros(shown) == Some(time),
                None => true,
            }
        }
        // No number stands for a time that there is not.
        (_, shown) => shown.is_null() && row.get("raw_sec").is_none(),
    };
    let (user, time) = if is_micros { ("User", "Login") } else { ("Name", "Time") };
    row["rowid"] == stored[0]
        && is_text("user", user)
        && is_text("line", "TTY")
        && is_text("host", "RemoteHost")
        && is_text("service", "Service")
        && is_time("time", time)
        && is_time("logout", "Logout")
}

#[test]
fn dump_has_the_rows_that_sqlite_reads() {
    let mut rows = 0;
    for (path, expected) in sound() {
        let Some((name, table)) = table(&expected) else { continue };
        let output = run(&["dump", "--format", "jsonl", path.to_str().unwrap()]);
        let shown = json_lines(&output.stdout);
        let wanted = table["rows"].as_array().unwrap();
        assert_eq!(shown.len(), wanted.len(), "{}: {}", path.display(), text(&output.stderr));
        let columns = table["columns"].as_array().unwrap();
        for (row, stored) in shown.iter().zip(wanted) {
            let is_micros = name.eq_ignore_ascii_case("wtmp");
            let stored = stored.as_array().unwrap();
            assert!(same(row, columns, stored, is_micros), "{}: {row} {stored:?}", path.display());
        }
        // Faults of a log are reported, where SQLite is silent.
        let is_damaged = path.to_str().unwrap().contains("v-wal-bad-");
        let code = if is_damaged { 4 } else { 0 };
        assert_eq!(
            output.status.code(),
            Some(code),
            "{}: {}",
            path.display(),
            text(&output.stderr)
        );
        rows += wanted.len();
    }
    eprintln!("{rows} rows");
}

/// Rows of damaged samples that `dump` gives at least; SQLite itself reads less, or nothing.
#[test]
fn damaged_databases_are_read() {
    for (name, least) in [
        ("d-bad-count", 100),
        ("d-count-wrong", 100),
        ("d-cut", 44),
        ("d-cycle", 100),
        ("d-noise-40", 81),
        ("d-noise-halves", 88),
        ("d-page-size-wrong", 100),
        ("d-zero-header", 100),
    ] {
        let Some(folder) = corpus(&format!("sqlite/{name}")) else { return };
        let path = folder.join("wtmp.db");
        let output = run(&["dump", "--format", "jsonl", path.to_str().unwrap()]);
        let rows = json_lines(&output.stdout).len();
        assert!(rows >= least, "{name}: {rows}");
        assert_eq!(output.status.code(), Some(4), "{name}");
        assert!(text(&output.stderr).contains("byte "), "{name}: {}", text(&output.stderr));
    }
}

fn files_of(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let mut files: Vec<_> = names
        .map(|file| (file.file_name().into_string().unwrap(), fs::read(file.path()).unwrap()))
        .collect();
    files.sort();
    files
}

/// SQLite would write the log into the database, undo the transaction, and remove both files.
#[test]
fn evidence_stays_as_it_is() {
    for name in ["t-wtmpdb-wal", "t-wtmpdb-hot-journal", "v-wal-grown", "v-journal-hot"] {
        let Some(folder) = corpus(&format!("sqlite/{name}")) else { return };
        let scratch = Scratch::new();
        for (name, bytes) in files_of(&folder) {
            scratch.file(&name, &bytes);
        }
        let before = files_of(scratch.folder());
        let path = scratch.path("wtmp.db");
        for command in ["dump", "sessions", "boots", "timeline", "audit", "detect", "last"] {
            let output = match command {
                "last" => run(&["last", "-f", &path]),
                _ => run(&[command, &path]),
            };
            assert_eq!(output.status.code(), Some(0), "{name} {command}: {}", text(&output.stderr));
        }
        assert!(before == files_of(scratch.folder()), "{name}");
    }
}

/// No command changes evidence or leaves a file beside it, whatever it makes of the database.
#[test]
fn no_command_writes_beside_evidence() {
    const COMMANDS: &[&[&str]] = &[
        &["dump", "--deleted"],
        &["dump", "--merge", "--format", "jsonl"],
        &["describe"],
        &["report"],
        &["summary"],
        &["lastb", "-f"],
        &["lastlog"],
        &["who"],
        &["ac"],
        &["failures"],
        &["wtmpdb", "last", "-f"],
        &["wtmpdb", "boottime", "-f"],
        &["lastlog2", "-d"],
        &["carve"],
        &["audit", "--min-severity", "info", "--format", "jsonl"],
        &["timeline", "--format", "timesketch"],
        &["undump"],
        &["dump", "--root"],
        &["audit", "--root"],
        &["carve", "--layout", "linux", "--format", "jsonl"],
    ];
    for (sample, file) in [
        ("t-wtmpdb-wal", "wtmp.db"),
        ("v-journal-hot", "wtmp.db"),
        ("t-lastlog2-wal", "lastlog2.db"),
        ("v-wal-no-shm", "wtmp.db"),
        ("d-cut", "wtmp.db"),
    ] {
        let Some(folder) = corpus(&format!("sqlite/{sample}")) else { return };
        let scratch = Scratch::new();
        for (name, bytes) in files_of(&folder) {
            scratch.file(&name, &bytes);
        }
        let before = files_of(scratch.folder());
        for command in COMMANDS {
            let path = match command.last() {
                Some(&"--root") => scratch.folder().to_str().unwrap().to_owned(),
                _ => scratch.path(file),
            };
            let output = run(&[command, &[path.as_str()][..]].concat());
            assert!(output.status.code().is_some_and(|code| code <= 4), "{sample} {command:?}");
            assert!(before == files_of(scratch.folder()), "{sample} {command:?}");
        }
    }
}

/// A row without its logout lasts until the next boot, whatever is on the same line.
#[test]
fn sessions_are_rows() {
    let Some(folder) = corpus("sqlite/t-wtmpdb-0.75.0") else { return };
    let path = folder.join("wtmp.db");
    let rows = json_lines(&run(&["dump", "--format", "jsonl", path.to_str().unwrap()]).stdout);
    let logins = rows.iter().filter(|row| row["event"] == "login").count();
    let sessions =
        json_lines(&run(&["sessions", "--format", "jsonl", path.to_str().unwrap()]).stdout);
    assert_eq!(sessions.len(), logins);
    for session in &sessions {
        let row = rows.iter().find(|row| row["offset"] == session["offset"]).unwrap();
        match row["logout"].is_null() {
            true => assert!(["crash", "open"].contains(&session["how"].as_str().unwrap())),
            false => assert_eq!(session["logout"], row["logout"]),
        }
    }
}

/// A row is a login and, with its logout, a second event; a boot with its shutdown as well.
#[test]
fn timeline_has_both_ends_of_a_row() {
    let (mut logouts, mut shutdowns) = (0, 0);
    for (path, expected) in sound() {
        let Some((name, table)) = table(&expected) else { continue };
        if !name.eq_ignore_ascii_case("wtmp") {
            continue;
        }
        let columns: Vec<String> = serde_json::from_value(table["columns"].clone()).unwrap();
        let place = |name| 1 + columns.iter().position(|c| c.eq_ignore_ascii_case(name)).unwrap();
        let (kind, login, logout) = (place("Type"), place("Login"), place("Logout"));
        // Time 0 and NULL are no time, and only counted. Only boots (1) end with a shutdown: what is of
        // a type that wtmpdb does not have still has a logout.
        let count = |is_of: fn(&Value) -> bool, time: usize| {
            let is_there = |row: &&Value| row[time] != 0 && row[time].is_i64();
            let rows = table["rows"].as_array().unwrap().iter();
            rows.filter(|row| is_of(&row[kind])).filter(is_there).count()
        };
        let path = path.to_str().unwrap();
        let rows = json_lines(&run(&["timeline", "--format", "jsonl", path]).stdout);
        let shown = |event: &str| rows.iter().filter(|row| row["event"] == event).count();
        for (event, expected) in [
            ("login", count(|kind| kind == 3, login)),
            ("logout", count(|kind| kind != 0 && kind != 1, logout)),
            ("boot", count(|kind| kind == 1, login)),
            ("shutdown", count(|kind| kind == 1, logout)),
        ] {
            assert_eq!(shown(event), expected, "{path}: {event}");
        }
        let times: Vec<_> = rows.iter().filter_map(|row| row["time"].as_str()).collect();
        assert!(times.is_sorted(), "{path}");
        logouts += shown("logout");
        shutdowns += shown("shutdown");
    }
    assert!(
        corpus("sqlite").is_none() || logouts > 1000 && shutdowns > 100,
        "{logouts} {shutdowns}"
    );
}

/// The logout has the user, the host and the place of the row, and the row's other time.
#[test]
fn a_logout_is_that_of_its_row() {
    let Some(folder) = corpus("sqlite/t-wtmpdb-0.75.0") else { return };
    let path = folder.join("wtmp.db");
    let path = path.to_str().unwrap();
    let rows = json_lines(&run(&["dump", "--format", "jsonl", path]).stdout);
    let events = json_lines(&run(&["timeline", "--format", "jsonl", path]).stdout);
    let mut ends = 0;
    for end in
        events.iter().filter(|row| ["logout", "shutdown"].contains(&row["event"].as_str().unwrap()))
    {
        let row = rows.iter().find(|row| row["offset"] == end["offset"]).unwrap();
        assert_eq!(end["time"], row["logout"]);
        for key in ["user", "line", "host", "file", "index"] {
            assert_eq!(end[key], row[key], "{key}");
        }
        let is_logout = row["event"] == "login";
        assert_eq!(
            end["login_offset"],
            if is_logout { row["offset"].clone() } else { Value::Null }
        );
        assert_eq!(end["login_file"], if is_logout { row["file"].clone() } else { Value::Null });
        ends += 1;
    }
    assert_eq!(ends, rows.iter().filter(|row| !row["logout"].is_null()).count());
    // A range has the end of a row that begins before it.
    let late = [
        "timeline",
        "--format",
        "jsonl",
        "--since",
        "2026-01-01 16:00",
        "--until",
        "2026-01-01 17:30",
        path,
    ];
    let late = json_lines(&run(&late).stdout);
    let late: Vec<_> = late.iter().map(|row| (&row["event"], &row["user"])).collect();
    assert_eq!(json!(late), json!([["logout", "bob"], ["logout", "heidi"]]));
}

/// A row has no struct that could be written.
#[test]
fn undump_refuses_rows() {
    let Some(folder) = corpus("sqlite/t-wtmpdb-0.75.0") else { return };
    let scratch = Scratch::new();
    let path = folder.join("wtmp.db");
    let rows = run(&["dump", "--format", "jsonl", "--raw", path.to_str().unwrap()]).stdout;
    scratch.file("rows.jsonl", &rows);
    let output = run(&["undump", &scratch.path("rows.jsonl"), "-o", &scratch.path("wtmp")]);
    assert_eq!(output.status.code(), Some(3));
    let said = text(&output.stderr);
    assert!(said.contains("linux-wtmpdb is a database"), "{said}");
    assert!(!fs::exists(scratch.path("wtmp")).unwrap());
}

/// `--deleted` prints what the database has as without it, then what it no longer has.
#[test]
fn rows_that_are_gone() {
    let Some(samples) = corpus("sqlite") else { return };
    // By the samples' own lists: versions of rows whose bytes are whole.
    for (sample, at_least) in [
        ("v-deleted-some", [2, 7, 0, 0]),
        ("v-deleted-some-secure", [0, 0, 0, 0]),
        ("v-journal-hot", [2, 0, 300, 0]),
        ("v-wal-uncommitted", [1, 0, 0, 400]),
        ("v-vacuumed", [0, 0, 0, 0]),
    ] {
        let path = samples.join(sample).join("wtmp.db");
        let path = path.to_str().unwrap();
        let live = text(&run(&["dump", "--format", "jsonl", path]).stdout);
        let all = text(&run(&["dump", "--deleted", "--format", "jsonl", path]).stdout);
        let gone = all.strip_prefix(&*live).unwrap();
        let rows: Vec<Value> = gone.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        for (state, least) in
            ["superseded", "deleted", "undone", "uncommitted"].iter().zip(at_least)
        {
            let of = rows.iter().filter(|row| row["state"] == *state && row["found_as"] == "cell");
            let of = of.count();
            assert!(of >= least && (least > 0 || of == 0), "{sample}: {of} {state}");
        }
        for row in &rows {
            let (lost, has_host) = (row["lost"].as_array().unwrap(), !row["host"].is_null());
            assert!(lost.is_empty() || row["found_as"] != "cell", "{row}");
            assert_eq!(lost.iter().any(|name| name == "RemoteHost"), !has_host, "{row}");
            assert_ne!(row["copies"], 0);
        }
    }
}

/// The table of boots is in the order of time, although rows lie in a page from its end.
#[test]
fn boots_are_in_order() {
    let Some(folder) = corpus("sqlite/t-wtmpdb-0.75.0") else { return };
    let path = folder.join("wtmp.db");
    let shown = text(&run(&["boots", path.to_str().unwrap()]).stdout);
    let times: Vec<&str> = shown.lines().skip(1).map(|line| &line[..20]).collect();
    assert_eq!(times.len(), 9, "{shown}");
    assert!(times.is_sorted(), "{shown}");
}

/// A session has the service of its row.
#[test]
fn sessions_have_services() {
    let Some(folder) = corpus("sqlite/t-wtmpdb-0.75.0") else { return };
    let path = folder.join("wtmp.db");
    let path = path.to_str().unwrap();
    let of = |command: &str| {
        let rows = json_lines(&run(&[command, "--format", "jsonl", path]).stdout);
        let logins = rows.into_iter().filter(|row| row["user"] != "reboot");
        let services = logins.filter(|row| row["event"].is_null() || row["event"] == "login");
        let mut services: Vec<String> = services.map(|row| row["service"].to_string()).collect();
        services.sort();
        services
    };
    let services = of("sessions");
    assert!(services.contains(&"\"sshd\"".to_owned()), "{services:?}");
    let of_boots = |services: &Vec<String>| services.iter().filter(|name| *name != "null").count();
    assert_eq!(of_boots(&services), of_boots(&of("dump")));
}

/// A log or a journal without its database: the rows on its pages are those that the sample had at
/// some time, their state is unknown, and it is said that the database is missing. With the
/// database beside it, it is still named only.
#[test]
fn logs_and_journals_alone() {
    for (sample, end, least) in [
        ("v-wal", "-wal", 20),
        ("v-wal-only", "-wal", 10),
        ("t-wtmpdb-wal", "-wal", 10),
        ("v-wal-big-endian", "-wal", 20),
        ("v-journal-hot", "-journal", 30),
        ("t-wtmpdb-hot-journal", "-journal", 20),
    ] {
        let Some(folder) = corpus(&format!("sqlite/{sample}")) else { return };
        let bytes = fs::read(folder.join(format!("wtmp.db{end}"))).unwrap();
        let expected = fs::read(folder.join("expected.json")).unwrap();
        let expected: Value = serde_json::from_slice(&expected).unwrap();
        let scratch = Scratch::new();
        let path = scratch.file(&format!("wtmp.db{end}"), &bytes);
        let output = run(&["dump", "--format", "jsonl", &path]);
        let rows = json_lines(&output.stdout);
        assert!(rows.len() >= least, "{sample}: {} {}", rows.len(), text(&output.stderr));
        assert_eq!(output.status.code(), Some(4), "{sample}");
        let said = text(&output.stderr);
        assert!(said.contains("the database itself is not there"), "{sample}: {said}");
        let mut known: Vec<Value> = Vec::new();
        for tables in [&expected["tables"], &expected["main_file_alone"]] {
            for (_, table) in tables.as_object().into_iter().flatten() {
                known.extend(table["rows"].as_array().into_iter().flatten().cloned());
            }
        }
        known.extend(expected["gone"].as_array().unwrap().iter().map(|gone| {
            let mut row = vec![gone["rowid"].clone()];
            row.extend(gone["values"].as_array().unwrap().iter().cloned());
            json!(row)
        }));
        let columns = table(&expected).unwrap().1["columns"].as_array().unwrap();
        for row in &rows {
            let is_it = |stored: &Value| same(row, columns, stored.as_array().unwrap(), true);
            assert!(known.iter().any(is_it), "{sample}: {row}");
            assert_eq!((&row["state"], &row["part"]), (&json!("unknown"), &json!(&end[1..])));
        }
        scratch.file("wtmp.db", &fs::read(folder.join("wtmp.db")).unwrap());
        let output = run(&["dump", &path]);
        assert_eq!(output.status.code(), Some(3), "{sample}");
        let said = text(&output.stderr);
        assert!(said.contains("name the database itself"), "{sample}: {said}");
    }
}

/// `wtmpdb import` of the project's own wtmp: beside it, its rows are no further sessions.
#[test]
fn imported_rows_are_counted_once() {
    let Some(folder) = corpus("sqlite/t-wtmpdb-import") else { return };
    let wtmp = loginrec_testing::root().join("fixtures/glibc-x86_64/wtmp");
    let (wtmp, database) = (wtmp.to_str().unwrap(), folder.join("wtmp.db"));
    let database = database.to_str().unwrap();
    let lines = |command: &str, files: &[&str]| {
        let output = run(&[&[command, "--format", "jsonl"], files].concat());
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        (json_lines(&output.stdout), text(&output.stderr))
    };
    for command in ["sessions", "boots"] {
        let (alone, _) = lines(command, &[wtmp]);
        assert!(alone.len() > 1);
        let (both, said) = lines(command, &[wtmp, database]);
        assert_eq!(both, alone, "{command}: {said}");
        assert!(said.contains("28 rows are also in a wtmp that is read: counted once"), "{said}");
        assert!(lines(command, &[database]).0.len() > 1, "{command}");
    }
    let last = |files: &[&str]| {
        let files = files.iter().flat_map(|file| ["-f", file]);
        let options: Vec<&str> = ["last", "--format", "jsonl"].into_iter().chain(files).collect();
        json_lines(&run(&options).stdout).len()
    };
    assert_eq!(last(&[wtmp, database]), last(&[wtmp]));
    let dumped = lines("dump", &[wtmp, database]).0;
    assert_eq!(dumped.len(), lines("dump", &[wtmp]).0.len() + 28, "dump lists every record");
}
