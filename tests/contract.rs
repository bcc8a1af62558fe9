//! Every row writes the columns that its table has, in that order, each by a call that fits
//! its kind.

use std::collections::HashSet;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use loginrec::audit::{Audit, FileInfo, RULES};
use loginrec::carve::{Carver, Scanner};
use loginrec::contract::*;
use loginrec::formats::LAYOUTS;
use loginrec::session::{boots, sessions};
use loginrec::{Exit, LogFile, Text, Timestamp};

/// Records which columns were written.
#[derive(Default)]
struct Written(Vec<Column>);

impl Written {
    fn take(&mut self, column: Column, kinds: &[ValueKind]) {
        assert!(kinds.contains(&column.kind()), "{column}: {kinds:?}");
        self.0.push(column);
    }
}

impl Sink for Written {
    fn absent(&mut self, column: Column) {
        self.0.push(column);
    }
    fn null(&mut self, column: Column) {
        self.0.push(column);
    }
    fn text(&mut self, column: Column, _: Text<'_>) {
        self.take(column, &[ValueKind::Text]);
    }
    fn word(&mut self, column: Column, word: &'static str) {
        assert!(word.is_ascii() && !word.contains(' '), "{column}: {word}");
        self.take(column, &[ValueKind::Word, ValueKind::Text]);
    }
    fn integer(&mut self, column: Column, _: Integer) {
        self.take(column, &[ValueKind::Integer]);
    }
    fn time(&mut self, column: Column, time: Timestamp) {
        assert!(time.has_calendar_form());
        self.take(column, &[ValueKind::Time]);
    }
    fn address(&mut self, column: Column, _: IpAddr) {
        self.take(column, &[ValueKind::Address]);
    }
    fn bytes(&mut self, column: Column, _: &[u8]) {
        self.take(column, &[ValueKind::Bytes]);
    }
    fn flag(&mut self, column: Column, _: bool) {
        self.take(column, &[ValueKind::Flag]);
    }
    fn exit(&mut self, column: Column, _: Exit) {
        self.take(column, &[ValueKind::Exit]);
    }
    fn token(&mut self, column: Column, _: Token<'_>) {
        self.take(column, &[ValueKind::Text]);
    }
    fn list(&mut self, column: Column, _: &mut dyn Iterator<Item = &str>) {
        self.take(column, &[ValueKind::List]);
    }
}

fn check<R: Row>(row: &R) {
    let mut written = Written::default();
    row.write(&mut written);
    assert_eq!(written.0, R::COLUMNS);
}

fn fixtures() -> Vec<PathBuf> {
    let mut all = Vec::new();
    let mut folders = vec![PathBuf::from("fixtures")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let list = if path.is_dir() { &mut folders } else { &mut all };
            list.push(path);
        }
    }
    all.sort();
    all
}

#[test]
fn rows_have_the_columns_of_their_tables() {
    let source = Source { machine: None, file: Some("x") };
    let (mut records, mut sessions_seen, mut findings_seen, mut boots_seen) = (0, 0, 0, 0);
    for path in fixtures() {
        let Ok(log) = LogFile::open(&path) else { continue };
        let kind = log.kind();
        for record in log.records().flatten() {
            let (record, entry) = (&record, &record.entry());
            let event = entry.event_in(kind);
            let raw = Some(record.bytes());
            let row = RecordRow { raw, ..RecordRow::new(source, record, entry, event) };
            check(&row);
            check(&CarvedRow { record: row, run: 0, confidence: 3, alternative: None });
            check(&TimelineRow {
                source,
                kind,
                record,
                entry,
                is_end: false,
                user: None,
                login: None,
            });
            let (layout, offset, uid) = (record.layout(), record.offset(), record.uid());
            for (ended, how) in [(None, None), (Some(entry.ut_tv), Some("logout"))] {
                let event = entry.event();
                check(&LastRow { source, layout, offset, entry, event, ended, how });
            }
            check(&FailuresRow { source, layout, offset, uid, user: Some(b"bob"), entry });
            let login = Some((record.layout(), record.offset(), entry));
            check(&LastlogRow { source, uid: record.uid(), name: Some(b"bob"), login });
            records += 1;
        }
        for session in sessions(log.records().flatten().map(|record| (0, record))) {
            let entry = &session.login.entry();
            let logout_file = session.closing.map(|_| "x");
            check(&SessionRow { source, logout_file, session: &session, entry, seconds: 1 });
            sessions_seen += 1;
        }
        for boot in boots(log.records().flatten().map(|record| (0, record))) {
            check(&BootRow { source, down_file: Some("x"), boot: &boot, seconds: 1 });
            boots_seen += 1;
        }
        let mut audit = Audit::new();
        audit.read(&log, FileInfo::of(&log));
        for finding in audit.finish() {
            check(&FindingRow { source, layout: log.layout(), finding: &finding });
            findings_seen += 1;
        }
        let detection = loginrec::detect::detect(log.bytes());
        check(&DetectionRow {
            source,
            layout: log.layout(),
            kind,
            records: Some(1),
            times: Some((Timestamp::default(), Timestamp { tv_sec: i64::MAX, tv_usec: 0 })),
            verdict: detection.verdict(),
            margin: Some(detection.margin()),
            runner_up: detection.runner_up().map(|next| next.layout),
            reasons: &["one".to_owned()],
        });
        let layout = log.layout();
        check(&TailRow { source, layout, offset: 3, bytes: b"abc", stray: Stray::Skipped });
    }
    assert!(records > 1000 && sessions_seen > 100 && boots_seen > 10 && findings_seen > 50);
    check(&LastlogRow::default());
    let text = Text::new(b"alice");
    for keys in [
        &[][..],
        &[SummaryKey::User(text), SummaryKey::Source(text)],
        &[SummaryKey::Line(text), SummaryKey::Machine(Some("web01"))],
        &[SummaryKey::Machine(None), SummaryKey::Day(Some("2024-02-17"))],
        &[SummaryKey::Day(None), SummaryKey::Hour(Some(23))],
        &[SummaryKey::Hour(None), SummaryKey::Weekday(Some("monday"))],
        &[SummaryKey::Weekday(None)],
    ] {
        let times = Some((Timestamp::default(), Timestamp { tv_sec: i64::MAX, tv_usec: 0 }));
        let (logins, failed, seconds, users, sources) = (1, u64::MAX, i64::MAX, 1, 0);
        check(&SummaryRow { keys, logins, failed, seconds, times, users, sources });
    }
    check(&TailRow { source, layout: None, offset: 0, bytes: &[], stray: Stray::End });
    RULES.iter().for_each(|rule| check(&RuleRow(rule)));
    for layout in LAYOUTS {
        check(&LayoutRow { layout });
    }
}

/// Carved records have the columns of a record too.
#[test]
fn carved_records_are_records() {
    let image = std::fs::read(Path::new("fixtures/glibc-x86_64/wtmp")).unwrap();
    let machine = Machine { name: "web01", archive: Some("case.zip") };
    let source = Source { machine: Some(machine), file: Some("image") };
    let mut hits = 0;
    let mut carver = Carver::new(Scanner::new(LAYOUTS));
    let mut row = |hit: loginrec::carve::Hit<'_>| {
        let entry = &hit.record.entry();
        let record = RecordRow::new(source, &hit.record, entry, entry.event());
        let (run, confidence, alternative) = (hit.run, hit.confidence, hit.alternative);
        check(&CarvedRow { record, run, confidence, alternative });
        hits += 1;
    };
    carver.push(&image, &mut row);
    carver.finish(&mut row);
    assert!(hits > 10);
}

#[test]
fn columns_are_told_apart_by_their_names() {
    let mut names = HashSet::new();
    for &column in Column::ALL {
        let name = column.name();
        assert!(names.insert(name), "{name}");
        assert_eq!(name.parse(), Ok(column));
        let is_snake = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
        assert!(name.bytes().all(is_snake), "{name}");
        assert!(column.about().ends_with('.'), "{name}");
        if let Some(raw) = column.raw_time() {
            assert_eq!(column.kind(), ValueKind::Time);
            assert!(raw.iter().all(|raw| raw.kind() == ValueKind::Integer));
        }
    }
    for column in Column::ALL {
        if column.kind() == ValueKind::Exit {
            assert!(column.flat_names().iter().all(|name| names.insert(name)));
        }
    }
    assert!("ut_user".parse::<Column>().is_err());
}

/// Texts, their bytes and what is left after the NUL.
#[test]
fn texts_and_tokens_in_parts() {
    let parts = TextParts::new(Text::new(b"J\xf6\0old\0\0"));
    assert_eq!(parts.shown.to_string(), r"J\xf6");
    assert_eq!((parts.hex, parts.residue), (Some(&b"J\xf6"[..]), Some(&b"old"[..])));
    let plain = TextParts::new(Text::new(b"bob\0\0"));
    assert_eq!((plain.shown.to_str(), plain.hex, plain.residue), (Some("bob"), None, None));
    let token = Token::new(Text::new(b"\x01\0\x02\0"), 8);
    assert_eq!((token.text(), token.whole()), (None, b"\x01\0\x02\0\0\0\0\0".to_vec()));
    let token = Token::new(Text::new(b"ts/0\0\0\0\0"), 8);
    assert_eq!((token.text().unwrap() == "ts/0", token.is_unset()), (true, false));
}
