//! The statements of NetBSD's utmp(5), one by one, on bytes put together by hand.
//! `docs/specification.md` lists the statements.

use loginrec::{Event, Layout, LogFile};
use loginrec_testing::root;

const T: i64 = 1_077_021_145; // 2004-02-17T12:32:25Z, the date of the page

/// A 32-bit `time_t` in both byte orders, and a 64-bit one, which NetBSD has had since 6.
const UTMP: [(&str, usize, bool); 4] = [
    ("bsd-utmp-36-le", 4, false),
    ("bsd-utmp-36-be", 4, true),
    ("netbsd-utmp-40-le", 8, false),
    ("netbsd-utmp-40-be", 8, true),
];
const LASTLOG: [(&str, usize, bool); 4] = [
    ("bsd-lastlog-28-le", 4, false),
    ("bsd-lastlog-28-be", 4, true),
    ("netbsd-lastlog-32-le", 8, false),
    ("netbsd-lastlog-32-be", 8, true),
];

fn layout(name: &str) -> &'static Layout {
    name.parse().unwrap()
}

/// A `time_t` of four or eight bytes.
fn time_t(time: i64, size: usize, big: bool) -> Vec<u8> {
    let mut bytes = time.to_le_bytes()[..size].to_vec();
    if big {
        bytes.reverse();
    }
    bytes
}

fn field<const N: usize>(text: &str) -> [u8; N] {
    let mut bytes = [0; N];
    bytes[..text.len()].copy_from_slice(text.as_bytes());
    bytes
}

/// `struct utmp`: `ut_line[8]`, `ut_name[8]`, `ut_host[16]`, `ut_time`.
fn utmp(line: &str, name: &str, host: &str, time: Vec<u8>) -> Vec<u8> {
    [&field::<8>(line)[..], &field::<8>(name), &field::<16>(host), &time].concat()
}

/// `struct lastlog`: `ll_time`, `ll_line[8]`, `ll_host[16]`.
fn lastlog(line: &str, host: &str, time: Vec<u8>) -> Vec<u8> {
    [&time[..], &field::<8>(line), &field::<16>(host)].concat()
}

/// Reads one record of the layout.
fn event(name: &'static str, bytes: &[u8]) -> Event {
    let log = LogFile::options().layout(layout(name)).from_slice(bytes).unwrap();
    log.records().next().unwrap().unwrap().entry().event()
}

#[test]
fn struct_utmp() {
    for (name, size, big) in UTMP {
        let bytes = utmp("ttyp0123", "eightlet", "sixteen.example.", time_t(T, size, big));
        assert_eq!(bytes.len(), 32 + size);
        let log = LogFile::options().layout(layout(name)).from_slice(&bytes).unwrap();
        let records: Vec<_> = log.records().map(Result::unwrap).collect();
        let entry = records[0].entry();
        // Fields that are full have no NUL.
        let texts = [entry.ut_line, entry.ut_user, entry.ut_host].map(|text| text.to_string());
        assert_eq!(texts, ["ttyp0123", "eightlet", "sixteen.example."], "{name}");
        assert_eq!(entry.ut_tv.to_string(), "2004-02-17T12:32:25.000000Z", "{name}");
        assert_eq!(records.len(), 1);
    }
}

#[test]
fn struct_lastlog_is_indexed_by_uid() {
    for (name, size, big) in LASTLOG {
        let mut bytes = vec![0; 3 * (24 + size)];
        bytes.extend(lastlog("ttyE0", "client.example", time_t(T, size, big)));
        let log = LogFile::options().layout(layout(name)).from_slice(&bytes).unwrap();
        let record = log.records().next().unwrap().unwrap();
        let entry = record.entry();
        assert_eq!((record.uid(), record.offset()), (Some(3), 3 * (24 + size as u64)), "{name}");
        let texts = [entry.ut_line, entry.ut_host].map(|text| text.to_string());
        assert_eq!(texts, ["ttyE0", "client.example"], "{name}");
        assert_eq!(entry.ut_tv.to_string(), "2004-02-17T12:32:25.000000Z", "{name}");
    }
}

#[test]
fn a_login_and_its_logout_with_cleared_user_and_host() {
    for (name, size, big) in UTMP {
        let login = utmp("ttyp0", "alice", "client.example", time_t(T, size, big));
        let logout = utmp("ttyp0", "", "", time_t(T + 60, size, big));
        assert_eq!(event(name, &login), Event::Login, "{name}");
        assert_eq!(event(name, &logout), Event::Logout, "{name}");
        let bytes = [login, logout].concat();
        let log = LogFile::options().layout(layout(name)).from_slice(&bytes).unwrap();
        let records = log.records().map(|record| (0, record.unwrap()));
        let sessions: Vec<_> = loginrec::session::sessions(records).collect();
        assert_eq!(sessions.len(), 1, "{name}");
        let ended = sessions[0].ended().unwrap().to_string();
        assert_eq!(ended, "2004-02-17T12:33:25.000000Z", "{name}");
    }
}

#[test]
fn a_reboot_and_a_shutdown_have_a_tilde_as_their_line() {
    for (name, size, big) in UTMP {
        let at = |user| utmp("~", user, "", time_t(T, size, big));
        assert_eq!(event(name, &at("reboot")), Event::Boot, "{name}");
        assert_eq!(event(name, &at("shutdown")), Event::Shutdown, "{name}");
    }
}

#[test]
fn a_change_of_the_date_has_a_bar_before_and_a_brace_after() {
    for (name, size, big) in UTMP {
        let at = |line| utmp(line, "date", "", time_t(T, size, big));
        assert_eq!(event(name, &at("|")), Event::ClockOld, "{name}");
        assert_eq!(event(name, &at("{")), Event::ClockNew, "{name}");
    }
}

#[test]
fn the_files_are_where_the_manual_has_them() {
    let paths = |name: &str| layout(name).paths().map(|(_, path)| path).collect::<Vec<_>>();
    for (name, _, _) in UTMP {
        for path in ["/var/run/utmp", "/var/log/wtmp"] {
            assert!(paths(name).contains(&path), "{name}: {path}");
        }
    }
    for (name, _, _) in LASTLOG {
        assert!(paths(name).contains(&"/var/log/lastlog"), "{name}");
    }
}

/// A statement without a test is no promise: each test that the page names is there.
#[test]
fn every_statement_has_its_test() {
    let page = std::fs::read_to_string(root().join("docs/specification.md")).unwrap();
    let mut count = 0;
    for row in page.lines().filter(|line| line.starts_with("| ") && line.contains(".")) {
        let tests = row.rsplit(" | ").next().unwrap().trim_end_matches(" |");
        for test in tests.split("`, `").filter(|test| test.contains("::")) {
            let (file, name) = test.trim_matches('`').split_once("::").unwrap();
            let source = std::fs::read_to_string(root().join(file));
            let source = source.unwrap_or_else(|error| panic!("{file}: {error}"));
            let is_there = [format!("fn {name}("), format!("def {name}(")];
            assert!(is_there.iter().any(|text| source.contains(text)), "{file}: {name}");
            count += 1;
        }
    }
    assert!(count > 25, "{count}");
}
