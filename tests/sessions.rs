//! Logins, their ends, and boots, on every kind of platform.

use loginrec::formats::by_name;
use loginrec::session::{BootTracker, End, SessionTracker, boots, sessions};
use loginrec::{Entry, Event, Layout, LogFile, Record, Text, UtType};
use loginrec_testing::shared;

/// An event to be written as a record.
#[derive(Clone, Copy)]
enum Do {
    Boot,
    Down,
    /// user, line, pid
    In(&'static str, &'static str, i64),
    /// line, pid
    Out(&'static str, i64),
    /// The clock is set forward by this many seconds.
    Clock(i64),
}
use Do::*;

/// The records that the platform writes for these events, a minute apart, from second 1000000000.
fn write(layout: &Layout, happenings: &[Do]) -> Vec<u8> {
    let mut now = 1_000_000_000;
    let mut file = Vec::new();
    for happening in happenings {
        match *happening {
            Clock(by) => {
                file.extend(record(layout, now, Event::ClockOld, "", "", 0));
                now += by;
                file.extend(record(layout, now, Event::ClockNew, "", "", 0));
            }
            Boot => file.extend(record(layout, now, Event::Boot, "", "", 0)),
            Down => file.extend(record(layout, now, Event::Shutdown, "", "", 0)),
            In(user, line, pid) => file.extend(record(layout, now, Event::Login, user, line, pid)),
            Out(line, pid) => file.extend(record(layout, now, Event::Logout, "", line, pid)),
        }
        now += 60;
    }
    file
}

fn record(layout: &Layout, now: i64, event: Event, user: &str, line: &str, pid: i64) -> Vec<u8> {
    let mut entry = Entry::new(layout.platform);
    entry.ut_tv.tv_sec = now;
    let number = |t| layout.platform.raw_type(t);
    let name = layout.name;
    let (ut_type, line, user) = match event {
        Event::Login => (UtType::UserProcess, line, user),
        Event::Logout => (UtType::DeadProcess, line, ""),
        Event::Boot if name.starts_with("netbsd-utmpx") => (UtType::InitProcess, "~", "reboot"),
        Event::Boot => (UtType::BootTime, "~", "reboot"),
        Event::Shutdown if name.starts_with("linux") => (UtType::RunLvl, "~", "shutdown"),
        Event::Shutdown if name.starts_with("netbsd-utmpx") => {
            (UtType::InitProcess, "~", "shutdown")
        }
        Event::Shutdown if name.starts_with("svr4") => (UtType::DownTime, "system down", ""),
        Event::Shutdown => (UtType::ShutdownTime, "~", "shutdown"),
        Event::ClockOld => (UtType::OldTime, "|", "date"),
        _ => (UtType::NewTime, "{", "date"),
    };
    let futx = name.starts_with("freebsd-utx");
    entry.raw_type = number(ut_type);
    if futx {
        // Boots say nothing but when; logouts only who, by id.
        if matches!(event, Event::Login | Event::Logout) {
            entry.ut_id = Text::new(line.as_bytes());
            entry.ut_pid = Some(pid);
        }
        if event == Event::Login {
            entry.ut_line = Text::new(line.as_bytes());
            entry.ut_user = Text::new(user.as_bytes());
        }
    } else {
        entry.ut_line = Text::new(line.as_bytes());
        entry.ut_user = Text::new(user.as_bytes());
        if !layout.platform.ut_types.is_empty() {
            entry.ut_pid = Some(pid);
        }
    }
    layout.encode(&entry).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// user, end, minutes, disputed; in the order in which they ended.
fn read(layout: &'static Layout, file: &[u8]) -> Vec<(String, End, Option<i64>, bool)> {
    let records = layout.records(file).map(|r| (0, r.unwrap()));
    sessions(records)
        .map(|s| {
            let minutes = s.micros().map(|m| (m / 60_000_000) as i64);
            (s.login.entry().ut_user.to_string(), s.end, minutes, s.disputed)
        })
        .collect()
}

const KINDS: &[&str] = &[
    "linux-glibc-384-le",
    "linux-glibc-400-be",
    "netbsd-utmpx-520-le",
    "openbsd-utmp-304-le",
    "bsd-utmp-36-be",
    "freebsd-utx-log",
    "svr4-utmpx-372-be",
];

fn check(happenings: &[Do], want: &[(&str, End, Option<i64>, bool)]) {
    for name in KINDS {
        let layout = by_name(name).unwrap();
        let got = read(layout, &write(layout, happenings));
        let got: Vec<_> = got.iter().map(|(u, e, m, d)| (u.as_str(), *e, *m, *d)).collect();
        assert_eq!(got, want, "{name}");
    }
}

#[test]
fn a_logout_ends_a_session() {
    check(
        &[Boot, In("alice", "tty1", 10), In("bob", "tty2", 20), Out("tty1", 10), Out("tty2", 20)],
        &[("alice", End::Logout, Some(2), false), ("bob", End::Logout, Some(2), false)],
    );
}

#[test]
fn a_shutdown_ends_all_and_its_late_logouts_end_nothing() {
    check(
        &[Boot, In("alice", "tty1", 10), Down, Out("tty1", 10), Boot, In("bob", "tty1", 5)],
        &[("alice", End::Shutdown, Some(1), false), ("bob", End::Open, None, false)],
    );
}

#[test]
fn a_boot_without_a_shutdown_is_a_crash() {
    check(
        &[Boot, In("alice", "tty1", 10), In("bob", "tty2", 20), Boot],
        &[("alice", End::Crash, Some(2), false), ("bob", End::Crash, Some(1), false)],
    );
}

#[test]
fn the_next_login_on_a_line_replaces() {
    check(
        &[In("alice", "tty1", 10), In("bob", "tty1", 20), Out("tty1", 20), Out("tty1", 20)],
        &[("alice", End::Replaced, Some(1), false), ("bob", End::Logout, Some(1), false)],
    );
}

#[test]
fn open_sessions_come_last_in_the_order_of_their_logins() {
    let mut happenings = Vec::new();
    let lines = ["tty9", "tty3", "tty7", "tty1", "tty5"];
    happenings.extend(lines.map(|line| In("alice", line, 0)));
    happenings.push(In("bob", "tty2", 0));
    happenings.push(Out("tty2", 0));
    for name in KINDS {
        let layout = by_name(name).unwrap();
        let file = write(layout, &happenings);
        let records = layout.records(&file).map(|r| (0, r.unwrap()));
        let got: Vec<_> = sessions(records).map(|s| s.login.entry().ut_line.to_string()).collect();
        assert_eq!(got, ["tty2", "tty9", "tty3", "tty7", "tty1", "tty5"], "{name}");
    }
}

#[test]
fn clock_changes_are_taken_out_on_request() {
    for name in KINDS.iter().filter(|n| !n.starts_with("svr4")) {
        let layout = by_name(name).unwrap();
        let file = write(layout, &[In("alice", "tty1", 1), Clock(-3600), Out("tty1", 1)]);
        let minutes = |correct| {
            let records = layout.records(&file).map(|r| (0, r.unwrap()));
            let session = sessions(records).correct_clock(correct).next().unwrap();
            session.micros().unwrap() / 60_000_000
        };
        assert_eq!((minutes(false), minutes(true)), (-58, 2), "{name}");
    }
}

/// The process decides where it contradicts the line, if it is known elsewhere.
#[test]
fn processes_that_contradict_the_line() {
    let linux = by_name("linux-glibc-384-le").unwrap();
    let both = [In("alice", "pts/1", 10), In("bob", "pts/2", 20)];
    let read = |end| read(linux, &write(linux, &[both[0], both[1], end]));
    let names = |got: Vec<(String, End, Option<i64>, bool)>| {
        got.into_iter().map(|(user, end, _, disputed)| (user, end, disputed)).collect::<Vec<_>>()
    };
    let row = |user: &str, end, disputed| (user.to_owned(), end, disputed);
    // The logout of pts/1 comes from bob's process: bob it is.
    assert_eq!(
        names(read(Out("pts/1", 20))),
        [row("bob", End::Logout, true), row("alice", End::Open, false)]
    );
    // A process nobody logged in with, as sshd's are: the line decides.
    assert_eq!(
        names(read(Out("pts/1", 99))),
        [row("alice", End::Logout, false), row("bob", End::Open, false)]
    );
    // Display managers store no process at logout.
    assert_eq!(
        names(read(Out("pts/1", 0))),
        [row("alice", End::Logout, false), row("bob", End::Open, false)]
    );
    // A logout without a line is found by its process.
    assert_eq!(
        names(read(Out("", 20))),
        [row("bob", End::Logout, false), row("alice", End::Open, false)]
    );
}

/// Logins without a line have nothing in common: each ends with a logout of its process.
#[test]
fn records_without_a_line() {
    let linux = by_name("linux-glibc-384-le").unwrap();
    let logins = [In("alice", "", 10), In("bob", "", 20), In("carol", "", 30)];
    let ends = |more: &[Do]| {
        let rows = read(linux, &write(linux, &[&logins, more].concat()));
        rows.into_iter().map(|(user, end, ..)| (user, end)).collect::<Vec<_>>()
    };
    let row = |user: &str, end| (user.to_owned(), end);
    assert_eq!(
        ends(&[Out("", 20)]),
        [row("bob", End::Logout), row("alice", End::Open), row("carol", End::Open)]
    );
    let open = [row("alice", End::Open), row("bob", End::Open), row("carol", End::Open)];
    assert_eq!(ends(&[Out("", 0)]), open);
    assert_eq!(ends(&[Out("", 99)]), open);
    // A logout of another user does not end the login.
    let mut file = write(linux, &logins);
    let mut logout = record(linux, 1_000_000_500, Event::Logout, "", "", 20);
    logout[44..47].copy_from_slice(b"eve");
    file.extend(logout);
    assert!(read(linux, &file).iter().all(|(_, end, ..)| *end == End::Open));
}

/// A run level 6 after a boot that had none before is the one the system came up with.
#[test]
fn the_first_run_level_is_no_shutdown() {
    let level = |layout: &Layout, now, level: u8, before: u8| {
        let mut entry = Entry::new(layout.platform);
        entry.raw_type = layout.platform.raw_type(UtType::RunLvl);
        entry.ut_tv.tv_sec = now;
        entry.ut_line = Text::new(b"~");
        entry.ut_user = Text::new(b"runlevel");
        entry.ut_pid = Some(i64::from(level) | i64::from(before) << 8);
        layout.encode(&entry).unwrap()
    };
    let start = 1_000_000_000;
    for name in ["linux-libc5-56-le", "linux-glibc-384-le"] {
        let layout = by_name(name).unwrap();
        let ends = |levels: &[(i64, u8, u8)]| {
            let mut file = record(layout, start, Event::Boot, "", "", 0);
            for (after, to, before) in levels {
                file.extend(level(layout, start + after, *to, *before));
            }
            file.extend(record(layout, start + 5000, Event::Boot, "", "", 0));
            let records = layout.records(&file).map(|r| (0, r.unwrap()));
            boots(records).map(|boot| boot.end).collect::<Vec<_>>()
        };
        let crash = [End::Crash, End::Open];
        let down = [End::Shutdown, End::Open];
        assert_eq!(ends(&[(6, b'6', b'N')]), crash, "{name}");
        assert_eq!(ends(&[(6, b'6', 0)]), crash, "{name}");
        assert_eq!(ends(&[(6, b'6', b'N'), (4000, b'0', b'6')]), down, "{name}");
        assert_eq!(ends(&[(6, b'5', b'N'), (20, b'6', b'5')]), down, "{name}");
        assert_eq!(ends(&[(4000, b'6', b'N')]), down, "{name}");
    }
}

#[test]
fn up_times() {
    for name in KINDS {
        let layout = by_name(name).unwrap();
        let file = write(layout, &[Boot, Down, Boot, In("alice", "tty1", 1), Boot]);
        let records = layout.records(&file).map(|r| (0, r.unwrap()));
        let got: Vec<_> = boots(records)
            .map(|b| {
                let at = |mark: loginrec::session::RecordRef| mark.time.tv_sec - 1_000_000_000;
                assert_eq!(
                    b.micros(),
                    b.closing.map(|c| ((at(c) - at(b.boot.at())) * 1_000_000).into())
                );
                (at(b.boot.at()), b.closing.map(at), b.end)
            })
            .collect();
        assert_eq!(
            got,
            [(0, Some(60), End::Shutdown), (120, Some(240), End::Crash), (240, None, End::Open)],
            "{name}"
        );
    }
}

#[test]
fn sessions_go_on_across_rotated_files() {
    let linux = by_name("linux-glibc-384-le").unwrap();
    let whole =
        write(linux, &[Boot, In("alice", "pts/1", 10), In("bob", "pts/2", 11), Out("pts/1", 10)]);
    let (older, newer) = whole.split_at(3 * 384);
    fn tagged<'a>(
        layout: &'static Layout,
        file: u32,
        data: &'a [u8],
    ) -> impl Iterator<Item = (u32, Record<'a>)> {
        layout.records(data).map(move |r| (file, r.unwrap()))
    }
    let chained = tagged(linux, 1, older).chain(tagged(linux, 0, newer));
    let alice = sessions(chained).next().unwrap();
    assert_eq!(alice.end, End::Logout);
    let (login, logout) = (alice.login.at().location, alice.closing.unwrap().location);
    assert_eq!((login.file, login.offset), (1, 384));
    assert_eq!((logout.file, logout.offset), (0, 0));
    assert_eq!(alice.boot.unwrap().location.offset, 0);
}

/// A record may be gone when the next one comes, and the same sessions come out.
#[test]
fn records_that_do_not_last() {
    let happenings = [
        Boot,
        In("alice", "tty1", 10),
        In("bob", "pts/2", 20),
        In("carol", "pts/2", 21),
        Out("tty1", 10),
        Down,
        Boot,
        In("dave", "tty1", 5),
    ];
    for name in KINDS {
        let layout = by_name(name).unwrap();
        let file = write(layout, &happenings);
        let whole = read(layout, &file);
        let (mut pairing, mut up) = (SessionTracker::new(), BootTracker::new());
        let (mut rows, mut boots) = (Vec::new(), Vec::new());
        let row = |s: loginrec::session::Session<'_>| {
            let minutes = s.micros().map(|m| (m / 60_000_000) as i64);
            (s.login.entry().ut_user.to_string(), s.end, minutes, s.disputed)
        };
        let mut begin = 0;
        for record in layout.records(&file) {
            let end = record.unwrap().offset() as usize;
            let mut piece = file[begin..end.max(begin)].to_vec();
            begin = end;
            push(layout, &mut piece, |record| {
                rows.extend(pairing.push(0, record, &record.entry()).map(row));
                boots.extend(up.push(0, record, &record.entry()).map(|boot| boot.end));
            });
        }
        push(layout, &mut file[begin..].to_vec(), |record| {
            rows.extend(pairing.push(0, record, &record.entry()).map(row));
            boots.extend(up.push(0, record, &record.entry()).map(|boot| boot.end));
        });
        rows.extend(pairing.finish().map(row));
        boots.extend(up.finish().map(|boot| boot.end));
        assert_eq!(rows, whole, "{name}");
        assert_eq!(boots, [End::Shutdown, End::Open], "{name}");
        assert_eq!(pairing.finish().count(), 0);
    }
}

/// The records of a piece of a file, which is overwritten afterwards.
fn push(layout: &'static Layout, piece: &mut [u8], mut take: impl FnMut(&Record<'_>)) {
    layout.records(piece).for_each(|record| take(&record.unwrap()));
    piece.fill(0xff);
}

/// A file does not say whether its 32-bit seconds are signed.
#[test]
fn seconds_without_a_sign() {
    let seconds = |name: &str, unsigned| {
        let layout = by_name(name).unwrap();
        let mut login = record(layout, 0, Event::Login, "alice", "tty1", 1);
        let at = layout.fields.iter().find(|f| f.name.ends_with("tv_sec")).unwrap();
        login[at.offset..at.offset + at.len].fill(0xff);
        let records = layout.records(&login).unsigned_seconds(unsigned);
        let session = sessions(records.map(|r| (0, r.unwrap()))).next().unwrap();
        assert_eq!(session.login.entry().ut_tv, session.login.at().time);
        session.login.at().time.tv_sec
    };
    assert_eq!(seconds("linux-glibc-384-le", false), -1);
    assert_eq!(seconds("linux-glibc-384-le", true), i64::from(u32::MAX));
    assert_eq!(seconds("linux-glibc-400-le", true), -1);
}

/// The output of the platform's own `last`, stored beside these files.
#[test]
fn sessions_of_real_machines() {
    let Some(corpus) = shared("corpus") else { return };
    let list = |name: &str| {
        let file = LogFile::open(corpus.join(name)).unwrap();
        let records = file.records().map(|r| (0, r.unwrap()));
        let rows: Vec<_> = sessions(records)
            .map(|s| {
                let minutes = s.micros().map(|m| m.div_euclid(60_000_000));
                (s.login.entry().ut_line.to_string(), s.end, minutes)
            })
            .collect();
        rows
    };
    let row = |line: &str, end, minutes| (line.to_owned(), end, minutes);
    assert_eq!(
        list("openbsd74-amd64/wtmp"),
        [
            row("ttyC0", End::Logout, Some(4)),
            row("ttyC0", End::Open, None),
            row("ttyp0", End::Open, None)
        ]
    );
    assert_eq!(
        list("freebsd14-amd64/utx.log"),
        [
            row("ttyv0", End::Logout, Some(8 * 60)),
            row("ttyv0", End::Open, None),
            row("pts/0", End::Open, None)
        ]
    );
    assert_eq!(list("netbsd93-amd64/wtmpx"), [row("pts/2", End::Open, None)]);
}
