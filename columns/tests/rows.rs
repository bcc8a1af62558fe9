//! Rows as Arrow columns, over every fixture.

use arrow_array::cast::AsArray as _;
use arrow_array::types::Int64Type;
use arrow_array::{Array as _, RecordBatch};
use loginrec::contract::{Column, EscapedUtf8, Machine, RecordRow, SessionRow, Source};
use loginrec::session::SessionTracker;
use loginrec::{Entry, FileKind, Layout, LogFile, OpenOptions, Record};
use loginrec_columns::{BatchBuilder, FileNames, Selection, SelectionError};
use loginrec_testing::{fixture, fixtures};

fn opened() -> Vec<(String, LogFile<'static>)> {
    let mut files = Vec::new();
    for file in fixtures() {
        let options = OpenOptions::new().file_name(file.name());
        if let Ok(log) = options.from_vec(file.bytes())
            && log.layout().is_some()
        {
            files.push((format!("{}/{}", file.folder(), file.name()), log));
        }
    }
    assert!(files.len() > 100, "{}", files.len());
    files
}

fn row<'a>(
    record: &'a Record<'a>,
    entry: &'a Entry<'a>,
    kind: Option<FileKind>,
    file: &'a str,
) -> RecordRow<'a> {
    let source = Source { machine: None, file: Some(file) };
    RecordRow {
        source,
        layout: record.layout(),
        index: record.index(),
        offset: record.offset(),
        uid: record.uid(),
        place: record.row_place(),
        entry,
        event: entry.event_in(kind),
        user: None,
        raw: Some(record.bytes()),
    }
}

fn extended(selection: &Selection, layout: &'static Layout, log: &LogFile<'_>) -> RecordBatch {
    let names = FileNames::new(["log"]);
    let mut batch = BatchBuilder::new(selection, 0).of_file(&names, 0);
    batch.extend(layout, log.records(), Some(FileKind::Wtmp));
    batch.finish().unwrap()
}

/// The short ways of [`BatchBuilder::extend`] give what rows give that are pushed one by one.
#[test]
fn all_ways_are_one() {
    let all = Selection::all::<RecordRow<'_>>().with(Column::Raw);
    let decoded = ["type", "event", "time", "user", "line", "host", "id", "pid", "exit_exit"];
    let stored = ["uid", "raw", "layout", "file", "offset", "index"];
    let mut records = 0;
    for (name, log) in opened() {
        let layout = log.layout().unwrap();
        let mut pushed = BatchBuilder::new(&all, 0);
        for record in log.records().flatten() {
            let entry = record.entry();
            pushed.push(&row(&record, &entry, Some(FileKind::Wtmp), "log"));
        }
        let pushed = pushed.finish().unwrap();
        let whole = extended(&all, layout, &log);
        assert_eq!(pushed, whole, "{name}");
        for names in [&decoded[..], &stored[..], &[]] {
            let selection = Selection::named::<RecordRow<'_>>(names).unwrap();
            let some = extended(&selection, layout, &log);
            assert_eq!(some.num_rows(), whole.num_rows(), "{name}");
            for column in names {
                assert_eq!(some.column_by_name(column), whole.column_by_name(column), "{name}");
            }
        }
        records += whole.num_rows();
    }
    assert!(records > 1000, "{records}");
}

#[test]
fn columns_are_those_of_the_contract() {
    let all = Selection::all::<RecordRow<'_>>();
    let names: Vec<&str> =
        all.schema().fields().iter().map(|field| field.name().as_str()).collect();
    assert_eq!(
        names.join(" "),
        "machine source file layout index offset part page rowid state found_as lost uid type raw_type \
         event time raw_sec raw_usec logout user line host id pid session exit_termination exit_exit addr service \
         count max lock_seconds status valid"
    );
    assert!(all.schema().fields().iter().all(|field| field.is_nullable()));
    let exit = Selection::named::<RecordRow<'_>>(["exit_exit", "raw"]).unwrap();
    assert_eq!(exit.schema().fields().len(), 2);
    let unknown = Selection::named::<RecordRow<'_>>(["login"]).unwrap_err();
    assert!(unknown.to_string().starts_with("unknown column 'login': machine, source, file, "));
    assert!(unknown.to_string().ends_with(", raw"));
    assert_eq!(
        Selection::named::<RecordRow<'_>>(["user", "user"]).unwrap_err(),
        SelectionError::Twice { name: "user".to_owned() }
    );
}

/// A time that is not a date is null, and its numbers are in two other columns.
#[test]
fn times_in_no_calendar() {
    let mut data = fixture("openbsd-utmp-304-le/wtmp");
    data.truncate(304);
    let layout = loginrec::formats::by_name("openbsd-utmp-304-le").unwrap();
    let time = layout.field(loginrec::layout::Role::Sec).unwrap();
    data[time.offset..][..8].copy_from_slice(&i64::MAX.to_le_bytes());
    let log = OpenOptions::new().layout(layout).from_vec(data).unwrap();
    let selection = Selection::named::<RecordRow<'_>>(["time", "raw_sec", "raw_usec"]).unwrap();
    let batch = extended(&selection, layout, &log);
    assert!(batch.column(0).is_null(0));
    assert_eq!(batch.column(1).as_primitive::<Int64Type>().value(0), i64::MAX);
}

#[test]
fn sessions() {
    let log = OpenOptions::new().from_vec(fixture("glibc-x86_64/wtmp")).unwrap();
    let selection = Selection::all::<SessionRow<'_>>();
    let mut batch = BatchBuilder::new(&selection, 0);
    let mut sessions = Vec::new();
    let mut tracker = SessionTracker::new();
    for record in log.records().flatten() {
        let ended = tracker.push(0, &record, &record.entry());
        sessions.extend(ended.map(|session| session.into_owned()));
    }
    sessions.extend(tracker.finish().map(|session| session.into_owned()));
    assert!(sessions.len() > 2);
    for session in &sessions {
        let machine = Machine { name: "web01", archive: Some("case.zip") };
        let source = Source { machine: Some(machine), file: Some("wtmp") };
        let entry = session.login.entry();
        let logout_file = session.closing.map(|_| "wtmp");
        batch.push(&SessionRow { source, logout_file, session, entry: &entry, seconds: 7 });
    }
    let batch = batch.finish().unwrap();
    assert_eq!(batch.num_rows(), sessions.len());
    let texts = |name| batch.column_by_name(name).unwrap().as_string::<i32>().clone();
    for (row, session) in sessions.iter().enumerate() {
        let user = EscapedUtf8(session.login.entry().ut_user.as_bytes()).to_string();
        assert_eq!(texts("user").value(row), user);
        assert_eq!(texts("how").value(row), session.end.name());
        assert_eq!(texts("machine").value(row), "web01");
        assert_eq!(texts("source").value(row), "case.zip");
        let logout = batch.column_by_name("logout").unwrap();
        assert_eq!(logout.is_null(row), session.closing.is_none());
    }
}
