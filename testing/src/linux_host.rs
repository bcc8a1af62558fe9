//! A made-up Linux host: two weeks of logins, as its programs would log them.

use loginrec::formats::by_name;
use loginrec::{Address, Entry, Layout, Text, UtType};

/// The time of its first record: 2023-11-14T22:13:20Z.
pub const BEGIN: i64 = 1_700_000_000;
/// Bytes of a record of utmp, wtmp and btmp.
pub const SIZE: usize = 384;
/// Bytes of a slot of lastlog.
pub const SLOT: usize = 292;
/// Names and ids of those who log in.
pub const USERS: [(&str, u64); 4] =
    [("root", 0), ("alice", 1000), ("bob", 1001), ("mallory", 1002)];
const KERNEL: &str = "6.1.0-13-amd64";

/// Its files.
#[derive(Clone, Debug)]
pub struct LinuxHost {
    /// Two users are logged in.
    pub utmp: Vec<u8>,
    /// Two boots, 42 logins.
    pub wtmp: Vec<u8>,
    /// Three failed logins.
    pub btmp: Vec<u8>,
    /// The last login of each of [`USERS`].
    pub lastlog: Vec<u8>,
}

/// The values of a record, by the names of `struct utmp` without `ut_`.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "utmp(5) describes them")]
pub struct Record<'a> {
    pub ut_type: UtType,
    pub pid: i64,
    pub line: &'a str,
    pub id: &'a str,
    pub user: &'a str,
    pub host: &'a str,
    pub address: [u8; 4],
    pub session: i64,
    pub sec: i64,
    pub usec: i64,
}

/// The layout of its utmp, wtmp and btmp.
pub fn layout() -> &'static Layout {
    by_name("linux-glibc-384-le").unwrap()
}

impl Record<'_> {
    /// The stored form.
    pub fn bytes(&self) -> Vec<u8> {
        let layout = layout();
        let mut entry = Entry::new(layout.platform);
        entry.raw_type = layout.platform.raw_type(self.ut_type);
        entry.ut_pid = Some(self.pid);
        entry.ut_line = Text::new(self.line.as_bytes());
        entry.ut_id = Text::new(self.id.as_bytes());
        entry.ut_user = Text::new(self.user.as_bytes());
        entry.ut_host = Text::new(self.host.as_bytes());
        entry.ut_session = Some(self.session);
        (entry.ut_tv.tv_sec, entry.ut_tv.tv_usec) = (self.sec, self.usec);
        let mut address = [0; 16];
        address[..4].copy_from_slice(&self.address);
        if self.address != [0; 4] {
            entry.ut_addr = Address::V6(&address);
        }
        layout.encode(&entry).unwrap()
    }
}

fn system(ut_type: UtType, user: &'static str, pid: i64, sec: i64) -> Record<'static> {
    Record {
        ut_type,
        pid,
        line: "~",
        id: "~~",
        user,
        host: KERNEL,
        address: [0; 4],
        session: 0,
        sec,
        usec: 250_000 + sec % 1000,
    }
}

/// Boot, run level, and the getty of the console.
fn boot(sec: i64, getty: i64) -> Vec<u8> {
    let init = Record {
        ut_type: UtType::InitProcess,
        line: "tty1",
        id: "tty1",
        host: "",
        user: "",
        session: getty,
        ..system(UtType::BootTime, "", getty, sec + 21)
    };
    let prompt = Record { ut_type: UtType::LoginProcess, user: "LOGIN", usec: 0, ..init };
    [
        system(UtType::BootTime, "reboot", 0, sec),
        system(UtType::RunLvl, "runlevel", 53 + 256 * 78, sec + 20),
        init,
        prompt,
    ]
    .iter()
    .flat_map(Record::bytes)
    .collect()
}

/// A login by ssh of `USERS[user]`, and the logout half an hour later.
pub fn session(
    user: usize,
    pts: &'static str,
    pid: i64,
    sec: i64,
) -> (Record<'static>, Record<'static>) {
    const HOSTS: [(&str, [u8; 4]); 4] = [
        ("192.0.2.10", [192, 0, 2, 10]),
        ("192.0.2.21", [192, 0, 2, 21]),
        ("198.51.100.32", [198, 51, 100, 32]),
        ("203.0.113.66", [203, 0, 113, 66]),
    ];
    let (host, address) = HOSTS[user];
    let login = Record {
        ut_type: UtType::UserProcess,
        pid,
        line: pts,
        id: &pts[1..],
        user: USERS[user].0,
        host,
        address,
        session: 0,
        sec,
        usec: 100_003 + pid,
    };
    let logout = Record {
        ut_type: UtType::DeadProcess,
        id: "",
        user: "",
        host: "",
        address: [0; 4],
        sec: sec + 1800,
        ..login
    };
    (login, logout)
}

/// A slot of the lastlog as sshd writes it.
pub fn slot(login: &Record<'_>) -> Vec<u8> {
    let mut slot = vec![0; SLOT];
    slot[..4].copy_from_slice(&(login.sec as u32).to_le_bytes());
    slot[4..4 + login.line.len()].copy_from_slice(login.line.as_bytes());
    slot[36..36 + login.host.len()].copy_from_slice(login.host.as_bytes());
    slot
}

const PTS: [&str; 3] = ["pts/0", "pts/1", "pts/2"];

impl LinuxHost {
    /// Makes the files; they are the same each time.
    #[expect(clippy::new_without_default, reason = "no file is a default")]
    pub fn new() -> LinuxHost {
        let (mut wtmp, mut newest) = (boot(BEGIN, 701), [None; 4]);
        let (mut sec, mut booted) = (BEGIN + 400, BEGIN);
        for i in 0..40_i64 {
            if i == 20 {
                wtmp.extend(system(UtType::RunLvl, "shutdown", 0, sec + 60).bytes());
                booted = sec + 120;
                wtmp.extend(boot(booted, 698));
                sec += 600;
            }
            // mallory is there in the middle only, and not as the last before the shutdown.
            let user = [0, 1, 2, if (6..34).contains(&i) { 3 } else { 1 }][i as usize % 4];
            let pts = PTS[i as usize % 3];
            let (login, logout) = session(user, pts, 1000 + 37 * i, sec);
            wtmp.extend([login.bytes(), logout.bytes()].concat());
            newest[user] = Some(login);
            sec += 28_000 + 61 * i;
        }
        let mut utmp = boot(booted, 698);
        utmp.drain(SIZE..3 * SIZE);
        for (user, pts) in [(1, "pts/0"), (2, "pts/1")] {
            let (login, _) = session(user, pts, 9000 + user as i64, sec + 50 * user as i64);
            wtmp.extend(login.bytes());
            utmp.extend(login.bytes());
            newest[user] = Some(login);
        }
        let mut lastlog = vec![0; (1002 + 1) * SLOT];
        for (login, (_, uid)) in newest.iter().zip(USERS) {
            let at = uid as usize * SLOT;
            lastlog[at..at + SLOT].copy_from_slice(&slot(&login.unwrap()));
        }
        let btmp = (0..3).flat_map(|i| {
            let (login, _) = session(0, "ssh:notty", 2000 + i, BEGIN + 9_000 * i);
            Record { ut_type: UtType::LoginProcess, id: "", usec: 0, ..login }.bytes()
        });
        LinuxHost { utmp, btmp: btmp.collect(), wtmp, lastlog }
    }

    /// Its `/etc/passwd`.
    pub fn passwd() -> String {
        let line = |(name, uid): &(&str, u64)| format!("{name}:x:{uid}:{uid}::/:/bin/sh\n");
        USERS.iter().map(line).collect()
    }

    /// Indexes of the records of the wtmp that have this user.
    pub fn records_of(&self, user: &str) -> Vec<usize> {
        let records = self.wtmp.chunks_exact(SIZE).enumerate();
        let named = |record: &[u8]| Text::new(&record[44..76]) == user;
        records.filter(|(_, record)| named(record)).map(|(at, _)| at).collect()
    }
}
