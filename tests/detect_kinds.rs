//! The kind of a file, by its content and by its name.

use loginrec::detect::{FoundKind, Hints, KindBasis, Sample, detect};
use loginrec::{Container, Entry, Event, FileKind, Layout, Text, formats};
use loginrec_testing::{Rng, corpus_files, fixtures};

fn kind(data: &[u8], layout: &'static Layout, name: &str) -> FoundKind {
    let hints = Hints::new().file_name(name);
    Sample::whole(data).kind(layout, &hints)
}

fn events(data: &[u8], layout: &'static Layout, kind: Option<FileKind>) -> Vec<Event> {
    layout.records(data).flatten().map(|record| record.entry().event_in(kind)).collect()
}

#[test]
fn words_of_names() {
    use FileKind::{Btmp, Lastlog, Utmp, Wtmp};
    for (name, kind) in [
        ("web01_btmp", Some(Btmp)),
        ("BTMP.1", Some(Btmp)),
        ("var_log_wtmp", Some(Wtmp)),
        ("host1.btmp.gz", Some(Btmp)),
        ("wtmpx.0", Some(Wtmp)),
        ("utx.log.3.bz2", Some(Wtmp)),
        ("utx.active", Some(Utmp)),
        ("utx.lastlogin", Some(Lastlog)),
        ("failedlogin", Some(Btmp)),
        ("db-lastlog", Some(Lastlog)),
        ("wtmp-20240101", Some(Wtmp)),
        ("utmp_corrupted", Some(Utmp)),
        ("evidence.bin", None),
        ("subtmpfs", None),
        ("utx", None),
        ("", None),
    ] {
        assert_eq!(FileKind::from_file_name(name), kind, "{name}");
    }
}

/// No failed login of a real file becomes a login, and no login a failed one, because the file
/// has another name.
#[test]
fn neutral_names_change_nothing() {
    let (mut failed, mut changed, mut open) = (0, 0, 0);
    for sample in corpus_files().into_iter().chain(fixtures()) {
        let data = sample.bytes();
        let Some(layout) = detect(&data).layout() else { continue };
        let name = sample.path.file_name().unwrap().to_str().unwrap();
        let named = events(&data, layout, kind(&data, layout, name).kind);
        let found = kind(&data, layout, "evidence.bin");
        let neutral = events(&data, layout, found.kind);
        let is_failed = |event: &&Event| **event == Event::FailedLogin;
        failed += named.iter().filter(is_failed).count();
        let differ = named.iter().zip(&neutral).filter(|(a, b)| a != b).count();
        if differ > 0 {
            println!("{}: {found:?}, {differ} of {}", sample.path.display(), named.len());
        }
        open += usize::from(found.basis == KindBasis::Open);
        changed += differ;
    }
    println!("{failed} failed logins, {changed} change under a neutral name, {open} files open");
    assert!(failed > 90, "{failed}");
    assert_eq!(changed, 0);
}

struct Row<'a> {
    ut_type: i32,
    user: &'a str,
    line: &'a str,
    id: &'a str,
}

fn file(layout: &Layout, start: i64, rows: &[Row<'_>]) -> Vec<u8> {
    let record = |(at, row): (usize, &Row<'_>)| {
        let mut entry = Entry::new(layout.platform);
        entry.raw_type = Some(row.ut_type);
        entry.ut_user = Text::new(row.user.as_bytes());
        entry.ut_line = Text::new(row.line.as_bytes());
        entry.ut_id = Text::new(row.id.as_bytes());
        entry.ut_pid = Some(1000 + at as i64);
        entry.ut_tv.tv_sec = start + 40 * at as i64;
        layout.encode(&entry).unwrap()
    };
    rows.iter().enumerate().flat_map(record).collect()
}

const USERS: [&str; 6] = ["root", "alice", "bob", "admin", "oracle", "test"];
const LINES: [(&str, &str); 4] =
    [("pts/0", "ts/0"), ("pts/1", "ts/1"), ("tty1", "1"), ("tty2", "2")];

fn row<'a>(ut_type: i32, user: &'a str, (line, id): (&'a str, &'a str)) -> Row<'a> {
    Row { ut_type, user, line, id }
}

/// The rows of the table in docs/detection.md about kinds: files of Linux under neutral names.
#[test]
fn made_up_files() {
    let files: u64 = std::env::var("LOGINREC_FILES").map_or(60, |n| n.parse().unwrap());
    let typed = formats::LAYOUTS.iter().filter(|layout| {
        layout.container == Container::Array
            && layout.name.starts_with("linux-glibc")
            && layout.field(loginrec::layout::Role::Id).is_some()
    });
    let mut counts = [[0u32; 3]; 3];
    for layout in typed {
        for seed in 0..files {
            let rng = &mut Rng::new(seed * 31 + layout.size as u64);
            let user = |rng: &mut Rng| USERS[rng.below(6) as usize];
            let boot = || row(2, "reboot", ("~", "~~"));
            let mut history = vec![boot(), row(1, "runlevel", ("~", "~~"))];
            for at in 0..2 + rng.below(20) as usize {
                history.push(row(7, user(rng), LINES[at % 4]));
                history.push(row(8, "", LINES[at % 4]));
            }
            let mut now = vec![boot()];
            now.extend(LINES[2..].iter().map(|line| row(6, "LOGIN", *line)));
            now.extend(LINES[..2].iter().map(|line| row(7, user(rng), *line)));
            let ssh = rng.below(4) > 0;
            let refused: Vec<Row<'_>> = (0..1 + rng.below(40))
                .map(|at| match ssh || at == 0 {
                    true => row(6, user(rng), ("ssh:notty", "")),
                    false => row(6 + rng.below(2) as i32, user(rng), ("tty1", "")),
                })
                .collect();
            for (which, rows) in [history, now, refused].iter().enumerate() {
                let data = file(layout, 1_600_000_000 + 86_400 * seed as i64, rows);
                let found = kind(&data, layout, "case42.dat");
                let is_right = match which {
                    0 => found.kind == Some(FileKind::Wtmp),
                    // A utmp reads as a history does.
                    1 => found.kind != Some(FileKind::Btmp),
                    _ => found.kind == Some(FileKind::Btmp),
                };
                let is_open = found.basis == KindBasis::Open;
                counts[which][if is_right { 0 } else { 1 + usize::from(!is_open) }] += 1;
            }
        }
    }
    for (name, [right, open, wrong]) in ["wtmp", "utmp", "btmp"].iter().zip(counts) {
        println!("{name}: {right} right, {open} open, {wrong} wrong");
        assert_eq!((open, wrong), (0, 0), "{name}");
    }
}

/// Logins that may have been refused are left open, and the name decides.
#[test]
fn what_stays_open() {
    let layout = formats::by_name("linux-glibc-384-le").unwrap();
    let logins: Vec<Row<'_>> = (0..3).map(|_| row(7, "root", ("tty1", ""))).collect();
    let data = file(layout, 1_714_557_600, &logins);
    assert_eq!(kind(&data, layout, "x.bin").basis, KindBasis::Open);
    assert_eq!(kind(&data, layout, "x.bin").kind, None);
    assert_eq!(kind(&data, layout, "var_log_btmp").kind, Some(FileKind::Btmp));
    let hints = Hints::new().kind(FileKind::Btmp).file_name("wtmp");
    let given = Sample::whole(&data).kind(layout, &hints);
    assert_eq!((given.kind, given.basis), (Some(FileKind::Btmp), KindBasis::Given));
    // A history is one even when it is called btmp.
    let rows = [row(2, "reboot", ("~", "~~")), row(7, "alice", LINES[0]), row(8, "", LINES[0])];
    let data = file(layout, 1_714_557_600, &rows);
    assert_eq!(kind(&data, layout, "btmp").kind, Some(FileKind::Wtmp));
}
