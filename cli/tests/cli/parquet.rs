//! `--format parquet` and `--format arrow`: every value of the fixtures, through the crates of
//! Apache Arrow and through pyarrow, DuckDB and polars.
#![cfg(feature = "parquet")]

use std::fs;
use std::io::Cursor;
use std::process::Command;

use arrow_array::cast::AsArray as _;
use arrow_array::types::{Int32Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use loginrec::Timestamp;
use loginrec_testing::{
    KnownFile, Scratch, clean, corpus_files, fixtures, json_lines, root, run, run_with, skip, text,
    told,
};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::Value;

/// Rows with their columns, and the keys of the file.
fn parquet(bytes: Vec<u8>) -> (Vec<RecordBatch>, Vec<(String, String)>) {
    let file = ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(bytes)).unwrap();
    let keys = file.metadata().file_metadata().key_value_metadata().unwrap();
    let keys = keys.iter().map(|pair| (pair.key.clone(), pair.value.clone().unwrap()));
    let keys = keys.collect();
    (file.build().unwrap().map(Result::unwrap).collect(), keys)
}

fn arrow(bytes: Vec<u8>) -> Vec<RecordBatch> {
    let stream = arrow_ipc::reader::StreamReader::try_new(Cursor::new(bytes), None).unwrap();
    stream.map(Result::unwrap).collect()
}

/// A cell as JSON.
fn cell(array: &dyn Array, row: usize) -> Value {
    if array.is_null(row) {
        return Value::Null;
    }
    match array.data_type() {
        DataType::Utf8 => array.as_string::<i32>().value(row).into(),
        DataType::Boolean => array.as_boolean().value(row).into(),
        DataType::Int32 => array.as_primitive::<Int32Type>().value(row).into(),
        DataType::Int64 => array.as_primitive::<Int64Type>().value(row).into(),
        DataType::Binary => {
            let bytes = array.as_binary::<i32>().value(row);
            bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into()
        }
        DataType::Timestamp(_, zone) => {
            assert_eq!(zone.as_deref(), Some("UTC"));
            let micros = array.as_primitive::<TimestampMicrosecondType>().value(row);
            let (tv_sec, tv_usec) = (micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000));
            Timestamp { tv_sec, tv_usec }.to_string().into()
        }
        DataType::List(_) => {
            let items = array.as_list::<i32>().value(row);
            (0..items.len()).map(|item| cell(&*items, item)).collect()
        }
        other => panic!("no cell of {other}"),
    }
}

/// Returns the value that a column must have for a line.
fn wanted(line: &Value, name: &str) -> Value {
    match name {
        "exit_termination" => line["exit"]["termination"].clone(),
        "exit_exit" => line["exit"]["exit"].clone(),
        name => line[name].clone(),
    }
}

/// Compares rows with lines, and returns how many values there are.
fn compare(batches: &[RecordBatch], lines: &[Value], what: &str) -> usize {
    let mut cells = 0;
    let mut lines_left = lines.iter();
    for batch in batches {
        let schema = batch.schema();
        for row in 0..batch.num_rows() {
            let line = lines_left.next().unwrap_or_else(|| panic!("{what}: too many rows"));
            let mut seen = 0;
            for (at, field) in schema.fields().iter().enumerate() {
                let (name, cell) = (field.name(), cell(batch.column(at), row));
                assert_eq!(cell, wanted(line, name), "{what}: {name}: {line}");
                seen += usize::from(!cell.is_null());
            }
            // Nothing is lost but what stands after a NUL, which --raw has.
            let of_line = |(key, value): (&String, &Value)| match (key.as_str(), value) {
                ("exit", _) => 2,
                (key, _) if key.ends_with("_residue") => 0,
                (_, value) => usize::from(!value.is_null()),
            };
            let all: usize = line.as_object().unwrap().iter().map(of_line).sum();
            assert_eq!(seen, all, "{what}: {line}");
            cells += seen;
        }
    }
    assert!(lines_left.next().is_none(), "{what}: too few rows");
    cells
}

fn dump(fixture: &KnownFile, format: &[&str]) -> Vec<u8> {
    clean(&[&["dump"], format, fixture.options(), &[fixture.name()]].concat(), b"")
}

#[test]
fn every_value_of_every_fixture() {
    let mut cells = 0;
    for fixture in fixtures() {
        let lines = json_lines(&fixture.expected());
        let (rows, _) = parquet(dump(&fixture, &["--format", "parquet"]));
        cells += compare(&rows, &lines, fixture.name());
        if cells % 3 == 0 {
            let rows = arrow(dump(&fixture, &["--format", "arrow"]));
            compare(&rows, &lines, fixture.name());
        }
    }
    assert!(cells > 20_000, "{cells}");
}

/// The other kinds of rows have what their lines have.
#[test]
fn every_kind_of_row() {
    let wtmp = "fixtures/glibc-x86_64/wtmp";
    let utx = "fixtures/freebsd-utx-log/utx.log";
    for command in [
        &["dump", "--raw", "--merge", wtmp, utx][..],
        &["sessions", wtmp, utx],
        &["sessions", "--root", "web01=fixtures/aix-utmp-648-be"],
        &["boots", wtmp, utx],
        &["timeline", "--all", wtmp, utx, "fixtures/glibc-x86_64/btmp"],
        &["audit", "--min-severity", "info", wtmp],
        &["lastlog", "fixtures/linux-lastlog-292-le/lastlog"],
        &["failures", "fixtures/linux-faillog-24-le/faillog"],
        &["summary", "--by", "user", wtmp],
        &["detect", wtmp, utx],
    ] {
        let lines = run(&[command, &["--format", "jsonl"]].concat());
        let rows = run(&[command, &["--format", "parquet"]].concat());
        let lines = json_lines(&lines.stdout);
        assert!(compare(&parquet(rows.stdout).0, &lines, &command.join(" ")) > 10);
    }
}

#[test]
fn what_is_not_read_is_a_row() {
    let scratch = Scratch::new();
    let wtmp = fs::read(root().join("fixtures/glibc-x86_64/wtmp")).unwrap();
    let cut = scratch.file("wtmp", &wtmp[..384 * 3 + 100]);
    let poem = scratch.file("poem", b"Two roads diverged in a yellow wood");
    for command in ["dump", "timeline", "sessions"] {
        let output = run(&[command, "--machine", "web01", &cut, &poem, "--format", "parquet"]);
        assert_eq!(told(&output).0, 4);
        let (batches, _) = parquet(output.stdout);
        let faults: Vec<_> = batches
            .iter()
            .flat_map(|batch| (0..batch.num_rows()).map(move |row| (batch, row)))
            .map(|(batch, row)| {
                ["machine", "file", "error"].map(|n| cell(batch.column_by_name(n).unwrap(), row))
            })
            .filter(|[.., error]| !error.is_null())
            .collect();
        let files: Vec<&str> = faults.iter().filter_map(|[_, file, _]| file.as_str()).collect();
        assert_eq!(files.len(), 2, "{command}: {faults:?}");
        assert!(files.contains(&&*cut) && files.contains(&&*poem), "{command}: {faults:?}");
        assert!(faults.iter().all(|[machine, ..]| machine == "web01"), "{command}: {faults:?}");
    }
}

#[test]
fn usage() {
    let wtmp = "fixtures/glibc-x86_64/wtmp";
    for args in [
        &["dump", "--follow", "--format", "parquet", wtmp][..],
        &["dump", "--raw", "--format", "csv", wtmp],
        &["layouts", "--format", "parquet"],
    ] {
        assert_eq!(told(&run(args)).0, 2, "{args:?}");
    }
}

/// A terminal gets no binary data.
#[cfg(target_os = "linux")]
#[test]
fn no_terminal() {
    let program = loginrec_testing::loginrec();
    let line = format!("{} dump --format parquet fixtures/glibc-x86_64/wtmp", program.display());
    let mut script = Command::new("script");
    script.args(["-qec", &line, "/dev/null"]).current_dir(root());
    let output = match script.output() {
        Ok(output) => output,
        Err(error) => return skip(&format!("script: {error}")),
    };
    let shown = text(&output.stdout);
    assert!(shown.contains("refusing to write binary data to a terminal"), "{shown}");
    assert!(!shown.contains("PAR1"), "{shown}");
}

/// Reads a file of columns with one engine, and prints what all must agree in.
const ENGINES: &str = r#"
import hashlib, json, sys
engine, path, source = sys.argv[1:]
if engine == "pyarrow":
    import pyarrow.parquet as pq, pyarrow.compute as pc
    table = pq.read_table(path)
    keys = pq.ParquetFile(path).metadata.metadata
    sources = json.loads(keys[b"loginrec.sources"])
    with open(source, "rb") as file:
        data = file.read()
    assert sources == [{"path": source, "sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}], sources
    assert all(str(f.type) in ("string", "int64", "int32", "bool", "timestamp[us, tz=UTC]", "list<item: string>")
               for f in table.schema), table.schema
    group = pq.ParquetFile(path).metadata.row_group(0)
    columns = {group.column(i).path_in_schema: group.column(i) for i in range(group.num_columns)}
    for name in ("index", "offset", "time", "uid"):
        assert "DELTA_BINARY_PACKED" in columns[name].encodings, name
        assert "RLE_DICTIONARY" not in columns[name].encodings, name
    assert "RLE_DICTIONARY" in columns["user"].encodings
    assert all(column.compression == "SNAPPY" for column in columns.values())
    logins = table.filter(pc.equal(table["event"], "login"))
    micros = pc.sum(pc.cast(logins["time"], "int64")).as_py()
    users = sorted(set(logins["user"].to_pylist()))
    print(json.dumps([table.num_rows, logins.num_rows, pc.sum(table["offset"]).as_py(), micros, users]))
elif engine == "duckdb":
    import duckdb
    query = """select (select count(*) from t), count(*), (select sum("offset") from t)::bigint,
        sum(epoch_us(time))::bigint, list_sort(list(distinct "user")) from t where event = 'login'"""
    print(json.dumps(list(duckdb.sql(f"with t as (from '{path}') {query}").fetchall()[0])))
elif engine == "polars":
    import polars as pl
    table = pl.read_parquet(path)
    logins = table.filter(pl.col("event") == "login")
    micros = logins["time"].dt.timestamp("us").sum()
    print(json.dumps([len(table), len(logins), table["offset"].sum(), micros, sorted(set(logins["user"]))]))
"#;

#[test]
fn engines_agree() {
    let scratch = Scratch::new();
    let python = std::env::var("LOGINREC_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    for name in ["fixtures/glibc-x86_64/wtmp", "fixtures/aix-utmp-648-be/wtmp"] {
        let path = scratch.path("rows.parquet");
        clean(&["dump", "--format", "parquet", "-o", &path, name], b"");
        let lines = json_lines(&fs::read(root().join(format!("{name}.jsonl"))).unwrap());
        let logins: Vec<&Value> = lines.iter().filter(|line| line["event"] == "login").collect();
        let micros = |line: &&Value| {
            let time: jiff::Timestamp = line["time"].as_str()?.parse().ok()?;
            Some(time.as_microsecond())
        };
        let micros: i64 = logins.iter().filter_map(micros).sum();
        let offsets: i64 = lines.iter().filter_map(|line| line["offset"].as_i64()).sum();
        let mut users: Vec<&str> = logins.iter().filter_map(|line| line["user"].as_str()).collect();
        users.sort_unstable();
        users.dedup();
        let expected = serde_json::json!([lines.len(), logins.len(), offsets, micros, users]);
        for engine in ["pyarrow", "duckdb", "polars"] {
            let has = Command::new(&python).args(["-c", &format!("import {engine}")]).output();
            if !has.is_ok_and(|has| has.status.success()) {
                skip(&format!("no {engine} in {python}; LOGINREC_PYTHON names another Python"));
                continue;
            }
            let mut command = Command::new(&python);
            command.args(["-c", ENGINES, engine, &path, name]).current_dir(root());
            let output = command.output().unwrap();
            let stderr = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{engine}: {stderr}");
            let told: Value = serde_json::from_slice(&output.stdout).unwrap();
            assert_eq!(told, expected, "{engine}: {name}");
        }
    }
}

/// Every file of records comes back bit for bit, tails and databases of lastlogx included.
#[test]
fn raw_gives_the_file_back() {
    let scratch = Scratch::new();
    let mut restored = 0;
    for file in fixtures().into_iter().chain(corpus_files()) {
        let path = scratch.path("raw.parquet");
        let args = ["dump", "--raw", "--format", "parquet", "-o", &path];
        let layout = ["--layout", file.layout];
        let layout = if file.options().is_empty() { &[][..] } else { &layout };
        let dumped = run(&[&args[..], layout, &[file.path.to_str().unwrap()]].concat());
        let by_file = run(&["undump", &path]);
        if !matches!(told(&dumped).0, 0 | 4) {
            continue; // Ambiguous without its name or its machine.
        }
        assert_eq!(told(&by_file).0, 0, "{}: {}", file.path.display(), told(&by_file).1);
        assert!(by_file.stdout == file.bytes(), "{}", file.path.display());
        restored += 1;
        if restored % 9 == 0 {
            let by_pipe = run_with(&["undump"], &fs::read(&path).unwrap());
            assert!(by_pipe.stdout == file.bytes(), "{}", file.path.display());
        }
    }
    assert!(restored > 150, "{restored}");
}

/// Damage does not matter: what was skipped is in rows as well.
#[test]
fn damaged_files_come_back() {
    let scratch = Scratch::new();
    let wtmp = fs::read(root().join("fixtures/glibc-x86_64/wtmp")).unwrap();
    let lastlogx = fs::read(root().join("fixtures/netbsd-lastlogx-432-le/lastlogx")).unwrap();
    let inserted = [&wtmp[..3840], b"twenty bytes of text", &wtmp[3840..]].concat();
    let cases = [
        ("wtmp", [&wtmp[..], b"tail"].concat()),
        ("wtmp.1", inserted),
        ("lastlogx", lastlogx[..lastlogx.len() - 100].to_vec()),
    ];
    for (name, bytes) in cases {
        let path = scratch.file(name, &bytes);
        for format in ["parquet", "jsonl"] {
            let dumped = run(&["dump", "--raw", "--format", format, &path]);
            assert_eq!(told(&dumped).0, 4, "{name}");
            let back = run_with(&["undump"], &dumped.stdout);
            assert_eq!(told(&back), (0, String::new()), "{name} {format}");
            assert!(back.stdout == bytes, "{name} {format}");
        }
    }
}

#[test]
fn what_cannot_be_restored() {
    let scratch = Scratch::new();
    let wtmp = "fixtures/glibc-x86_64/wtmp";
    let refusal = |args: &[&str]| {
        let path = scratch.path("rows.parquet");
        clean(&[args, &["--format", "parquet", "-o", &path]].concat(), b"");
        let output = run(&["undump", &path]);
        assert_eq!(told(&output).0, 3, "{args:?}");
        told(&output).1
    };
    assert!(refusal(&["dump", wtmp]).contains("row 1: no `raw`: write the file with dump --raw"));
    let two = refusal(&["dump", "--raw", wtmp, "fixtures/glibc-x86_64/btmp"]);
    assert!(two.contains("undump writes one file"), "{two}");
    let mut cut = clean(&["dump", "--raw", "--format", "parquet", wtmp], b"");
    for len in [4, 100, cut.len() - 1] {
        cut.truncate(len.max(4));
        assert_eq!(told(&run_with(&["undump"], &cut)).0, 3, "{len}");
    }
}
