//! Ways of tampering done to three made-up machines, and the table of what is found in
//! `docs/audit.md`. The newest login is the attacker's.
#![cfg(feature = "std")]

use std::collections::BTreeSet;
use std::fs;

use loginrec::audit::{Audit, FileInfo, Finding, Severity};
use loginrec::formats::by_name;
use loginrec::{Address, Entry, FileKind, Layout, LogFile, Text, UtType};
use loginrec_testing::{Rng, root};

/// A login, logout, boot or shutdown.
#[derive(Clone, Copy, Debug)]
struct Row {
    ut_type: UtType,
    user: &'static str,
    line: usize,
    host: &'static str,
    address: [u8; 4],
    pid: i64,
    sec: i64,
}

/// The system that writes the files.
#[derive(Debug)]
struct System {
    name: &'static str,
    log: &'static str,
    lastlog: &'static str,
    lines: [&'static str; 3],
}

const SYSTEMS: [System; 3] = [
    System {
        name: "Linux",
        log: "linux-glibc-384-le",
        lastlog: "linux-lastlog-292-le",
        lines: ["pts/0", "pts/1", "pts/2"],
    },
    System {
        name: "NetBSD",
        log: "netbsd-utmpx-520-be",
        lastlog: "netbsd-lastlog-32-be",
        lines: ["pts/0", "pts/1", "pts/2"],
    },
    System {
        name: "OpenBSD",
        log: "openbsd-utmp-304-le",
        lastlog: "openbsd-lastlog-272-le",
        lines: ["ttyp0", "ttyp1", "ttyp2"],
    },
];

const USERS: [(&str, u64); 4] = [("root", 0), ("alice", 1000), ("bob", 1001), ("carol", 1002)];
const BEGIN: i64 = 1_700_000_000;
const HOUR: i64 = 3600;

/// The files of one machine. Histories and the utmp are lists of records.
#[derive(Clone, Debug)]
struct Machine {
    system: &'static System,
    utmp: Vec<Vec<u8>>,
    wtmp: Option<Vec<Vec<u8>>>,
    /// In place of the records of the wtmp.
    overwritten: Option<Vec<u8>>,
    btmp: Vec<Vec<u8>>,
    lastlog: Option<Vec<u8>>,
    rows: Vec<Row>,
}

fn layout(name: &str) -> &'static Layout {
    by_name(name).unwrap()
}

impl System {
    fn record(&self, row: &Row) -> Vec<u8> {
        let layout = layout(self.log);
        let mut entry = Entry::new(layout.platform);
        entry.raw_type = layout.platform.raw_type(row.ut_type);
        let is_mark = !matches!(row.ut_type, UtType::UserProcess | UtType::DeadProcess);
        let line = if is_mark { "~" } else { self.lines[row.line] };
        let is_login = row.ut_type == UtType::UserProcess;
        entry.ut_line = Text::new(line.as_bytes());
        if is_mark || is_login {
            entry.ut_user = Text::new(row.user.as_bytes());
        }
        if layout.platform.raw_type(UtType::UserProcess).is_some() {
            entry.ut_pid = Some(row.pid);
            let id = if is_mark { "" } else { &line[1..] };
            entry.ut_id = Text::new(id.as_bytes());
            entry.ut_tv.tv_usec = 100_003 + row.pid;
        }
        entry.ut_tv.tv_sec = row.sec;
        if is_login {
            entry.ut_host = Text::new(row.host.as_bytes());
        }
        let [a, b, c, d] = row.address;
        let v6 = [a, b, c, d, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        if is_login && self.name == "Linux" {
            entry.ut_addr = Address::V6(&v6);
        }
        layout.encode(&entry).unwrap()
    }

    fn slot(&self, row: &Row) -> Vec<u8> {
        let layout = layout(self.lastlog);
        let mut entry = Entry::new(layout.platform);
        entry.ut_tv.tv_sec = row.sec;
        entry.ut_line = Text::new(self.lines[row.line].as_bytes());
        entry.ut_host = Text::new(row.host.as_bytes());
        layout.encode(&entry).unwrap()
    }
}

fn rows() -> Vec<Row> {
    const NONE: Row = Row {
        ut_type: UtType::BootTime,
        user: "reboot",
        line: 0,
        host: "",
        address: [0; 4],
        pid: 0,
        sec: 0,
    };
    let mut rows = Vec::new();
    let mut pid = 700;
    let mut session = |rows: &mut Vec<Row>, who: usize, line, from: i64, until: Option<i64>| {
        const HOSTS: [(&str, [u8; 4]); 4] = [
            ("192.0.2.21", [192, 0, 2, 21]),
            ("192.0.2.22", [192, 0, 2, 22]),
            ("192.0.2.40", [192, 0, 2, 40]),
            ("198.51.100.66", [198, 51, 100, 66]),
        ];
        pid += 131;
        let (user, host) =
            if who == 3 { ("carol", HOSTS[3]) } else { (USERS[who + 1].0, HOSTS[who]) };
        let login = Row {
            ut_type: UtType::UserProcess,
            user,
            line,
            host: host.0,
            address: host.1,
            pid,
            sec: from,
        };
        rows.push(login);
        let logout = |sec| Row { ut_type: UtType::DeadProcess, sec, ..login };
        rows.extend(until.map(logout));
    };
    for day in 0..2 {
        let at = BEGIN + day * 24 * HOUR;
        rows.push(Row { sec: at, ..NONE });
        session(&mut rows, 0, 0, at + HOUR, Some(at + 9 * HOUR));
        session(&mut rows, 1, 1, at + 2 * HOUR, Some(at + 3 * HOUR));
        session(&mut rows, 2, 2, at + 4 * HOUR + 700, Some(at + 5 * HOUR));
        if day == 0 {
            let ut_type = UtType::RunLvl;
            rows.push(Row { ut_type, user: "shutdown", sec: at + 10 * HOUR, ..NONE });
        }
    }
    // Alice is still there when the attacker comes as carol, from elsewhere.
    let at = BEGIN + 34 * HOUR;
    session(&mut rows, 0, 1, at, None);
    session(&mut rows, 3, 0, at + 6 * HOUR, None);
    rows.sort_by_key(|row| row.sec);
    rows
}

impl Machine {
    fn new(system: &'static System) -> Machine {
        let rows = rows();
        let wtmp: Vec<Vec<u8>> = rows.iter().map(|row| system.record(row)).collect();
        let boot = rows.iter().rposition(|row| row.user == "reboot").unwrap();
        let mut utmp = Vec::new();
        if system.name != "OpenBSD" {
            utmp.push(wtmp[boot].clone());
        }
        for line in 0..3 {
            let of_line = |row: &Row| {
                row.line == line && matches!(row.ut_type, UtType::UserProcess | UtType::DeadProcess)
            };
            let newest = (boot..rows.len()).rev().find(|&at| of_line(&rows[at])).unwrap();
            // OpenBSD clears the slot of a terminal at the logout.
            if system.name != "OpenBSD" || rows[newest].ut_type == UtType::UserProcess {
                utmp.push(wtmp[newest].clone());
            }
        }
        let failed = |i: i64| {
            let row = Row { host: "203.0.113.80", address: [203, 0, 113, 80], ..rows[1] };
            let mut record = system.record(&Row { sec: BEGIN + 2000 * i, pid: 900 + i, ..row });
            if system.name == "Linux" {
                record[0] = 6;
                record[8..40].fill(0);
                record[8..17].copy_from_slice(b"ssh:notty");
                record[40..44].fill(0);
            }
            record
        };
        let btmp = if system.name == "Linux" { (0..4).map(failed).collect() } else { Vec::new() };
        let mut machine = Machine {
            system,
            utmp,
            wtmp: Some(wtmp),
            overwritten: None,
            btmp,
            lastlog: Some(Vec::new()),
            rows,
        };
        for row in machine.rows.clone() {
            if row.ut_type == UtType::UserProcess {
                machine.set_slot(row.user, &system.slot(&row));
            }
        }
        machine
    }

    fn set_slot(&mut self, user: &str, slot: &[u8]) {
        let (_, uid) = USERS.iter().find(|(name, _)| *name == user).unwrap();
        let (at, lastlog) = (*uid as usize * slot.len(), self.lastlog.as_mut().unwrap());
        lastlog.resize(lastlog.len().max(at + slot.len()), 0);
        lastlog[at..at + slot.len()].copy_from_slice(slot);
    }

    fn wtmp(&mut self) -> &mut Vec<Vec<u8>> {
        self.wtmp.as_mut().unwrap()
    }

    /// The attacker's login: its number in the wtmp.
    fn newest(&self) -> usize {
        self.rows.len() - 1
    }

    /// Changes the record of the newest login in the wtmp, and in the utmp if `both`.
    fn change(&mut self, both: bool, change: impl Fn(&mut Row)) {
        let at = self.newest();
        let old = self.system.record(&self.rows[at]);
        let mut row = self.rows[at];
        change(&mut row);
        let new = self.system.record(&row);
        self.wtmp()[at] = new.clone();
        if both {
            self.utmp.iter_mut().filter(|record| **record == old).for_each(|r| *r = new.clone());
        }
    }

    /// Sets the lastlog back to carol's login before.
    fn set_back(&mut self) {
        let before = self.rows[..self.newest()].iter().rev();
        let is_login = |row: &&Row| row.user == "carol" && row.ut_type == UtType::UserProcess;
        let slot = self.system.slot(before.clone().find(is_login).unwrap());
        self.set_slot("carol", &slot);
    }

    fn remove_newest(&mut self, both: bool) {
        let at = self.newest();
        let record = self.wtmp().remove(at);
        if both {
            self.utmp.retain(|entry| *entry != record);
        }
    }

    fn audit(&self) -> Vec<Finding> {
        let mut audit = Audit::new();
        USERS.iter().for_each(|(name, uid)| audit.name_user(*uid, name.as_bytes()));
        let mut read = |name: &str, kind: FileKind, bytes: Vec<u8>| {
            let options = LogFile::options().layout(layout(name));
            let log = options.kind(kind).from_vec(bytes).unwrap();
            let mut about = FileInfo::of(&log);
            about.kind = Some(kind);
            about.layout = about.layout.filter(|_| !log.bytes().is_empty());
            audit.read(&log, about);
        };
        let log = self.system.log;
        read(log, FileKind::Utmp, self.utmp.concat());
        if let Some(lastlog) = &self.lastlog {
            read(self.system.lastlog, FileKind::Lastlog, lastlog.clone());
        }
        if !self.btmp.is_empty() {
            read(log, FileKind::Btmp, self.btmp.concat());
        }
        match (&self.wtmp, &self.overwritten) {
            (_, Some(bytes)) => {
                let mut about = FileInfo::default();
                (about.kind, about.len) = (Some(FileKind::Wtmp), Some(bytes.len() as u64));
                audit.unrecognized(about, bytes);
            }
            (Some(wtmp), None) => read(log, FileKind::Wtmp, wtmp.concat()),
            (None, None) => {}
        }
        audit.finish()
    }
}

/// A way of tampering: its description, the change, and whether the files can show it.
struct Way(&'static str, bool, fn(&mut Machine));

const WAYS: &[Way] = &[
    Way("zeros over the login in the wtmp (zap, wzap)", true, |m| {
        let at = m.newest();
        m.wtmp()[at].fill(0);
    }),
    Way("zeros over the login in wtmp and utmp and over the slot (zap2)", true, |m| {
        let at = m.newest();
        let record = m.wtmp()[at].clone();
        m.wtmp()[at].fill(0);
        m.utmp.iter_mut().filter(|entry| **entry == record).for_each(|entry| entry.fill(0));
        let size = layout(m.system.lastlog).size;
        m.set_slot("carol", &vec![0; size]);
    }),
    Way("the login removed from the wtmp (logtamper -m 2, hidemyass)", true, |m| {
        m.remove_newest(false);
    }),
    Way("the login removed from wtmp and utmp", true, |m| m.remove_newest(true)),
    Way("the login removed from the utmp only (logtamper -m 1)", true, |m| {
        let at = m.newest();
        let record = m.wtmp()[at].clone();
        m.utmp.retain(|entry| *entry != record);
    }),
    Way("a copy of an earlier login over the login", true, |m| {
        let at = m.newest();
        m.wtmp()[at] = m.wtmp()[at - 1].clone();
    }),
    Way("another user in the wtmp (wtmpclean)", true, |m| m.change(false, |row| row.user = "bob")),
    Way("another host and address in the wtmp", true, |m| {
        m.change(false, |row| (row.host, row.address) = ("192.0.2.99", [192, 0, 2, 99]));
    }),
    Way("another host name in wtmp and utmp (mig -R -H)", true, |m| {
        m.change(true, |row| row.host = "mail.example");
    }),
    Way("host and address emptied in the wtmp", true, |m| {
        m.change(false, |row| (row.host, row.address) = ("", [0; 4]));
    }),
    Way("the login 20 minutes earlier in the wtmp", true, |m| {
        m.change(false, |row| row.sec -= 1200);
    }),
    Way("the login 10 hours earlier in the wtmp", true, |m| {
        m.change(false, |row| row.sec -= 36_000);
    }),
    Way("all times of the wtmp one hour earlier", true, |m| {
        let earlier = |row: &Row| Row { sec: row.sec - HOUR, ..*row };
        m.wtmp = Some(m.rows.iter().map(|row| m.system.record(&earlier(row))).collect());
    }),
    Way("the last three records of the wtmp cut off", true, |m| {
        let left = m.newest() - 2;
        m.wtmp().truncate(left);
    }),
    Way("all records of the user and all without a user removed (redact -a)", true, |m| {
        let keep = |row: &&Row| row.user != "carol" && row.ut_type != UtType::DeadProcess;
        m.wtmp = Some(m.rows.iter().filter(keep).map(|row| m.system.record(row)).collect());
    }),
    Way("the wtmp emptied (> wtmp)", true, |m| m.wtmp().clear()),
    Way("one empty line in place of the wtmp (echo > wtmp)", true, |m| {
        m.overwritten = Some(b"\n".to_vec());
    }),
    Way("the wtmp overwritten with zeros (shred -z)", true, |m| {
        m.overwritten = Some(vec![0; 4096]);
    }),
    Way("the wtmp overwritten with noise (shred)", true, |m| {
        let mut noise = vec![0; 4096];
        Rng::new(3).fill(&mut noise);
        m.overwritten = Some(noise);
    }),
    Way("the wtmp removed", true, |m| m.wtmp = None),
    Way("the lastlog emptied (> lastlog)", true, |m| m.lastlog = Some(Vec::new())),
    Way("the lastlog removed", true, |m| m.lastlog = None),
    Way("the slot zeroed", true, |m| {
        let size = layout(m.system.lastlog).size;
        m.set_slot("carol", &vec![0; size]);
    }),
    Way("the slot filled with 0xff", true, |m| {
        let size = layout(m.system.lastlog).size;
        m.set_slot("carol", &vec![0xff; size]);
    }),
    Way("the slot set back to the login before", true, Machine::set_back),
    Way("the last boot removed from the wtmp", true, |m| {
        let boot = m.rows.iter().rposition(|row| row.user == "reboot").unwrap();
        m.wtmp().remove(boot);
    }),
    Way("the login removed from wtmp and utmp, the slot set back", false, |m| {
        m.remove_newest(true);
        m.set_back();
    }),
    Way("the first third of the wtmp cut off", false, |m| {
        let third = m.newest() / 3;
        m.wtmp().drain(..third);
    }),
];

fn rules(findings: &[Finding], of: impl Fn(Severity) -> bool) -> String {
    let ids: BTreeSet<&str> =
        findings.iter().filter(|f| of(f.severity)).map(|f| f.rule.id).collect();
    let ids: Vec<String> = ids.iter().map(|id| format!("`{id}`")).collect();
    ids.join(", ")
}

const MARKS: [&str; 2] =
    ["<!-- table of tests/audit_table.rs -->\n", "<!-- end of the table -->\n"];

/// The table in the documentation is what is found; with `LOGINREC_BLESS` set, it is written.
#[test]
fn the_table_is_what_is_found() {
    let machines: Vec<Machine> = SYSTEMS.iter().map(Machine::new).collect();
    for machine in &machines {
        let found = machine.audit();
        let heavy = rules(&found, |severity| severity > Severity::Low);
        assert!(heavy.is_empty(), "{}, untouched: {heavy}", machine.system.name);
    }
    let names = SYSTEMS.map(|system| system.name);
    let mut table = format!("| what is done | {} |\n|---|---|---|---|\n", names.join(" | "));
    let (mut cells, mut found) = (0, 0);
    for Way(what, is_visible, change) in WAYS {
        let cell = |machine: &Machine| {
            let mut machine = machine.clone();
            change(&mut machine);
            let findings = machine.audit();
            let heavy = rules(&findings, |severity| severity > Severity::Low);
            let low = rules(&findings, |severity| severity == Severity::Low);
            let is_found = !heavy.is_empty();
            let shown = match (is_found, low.is_empty()) {
                (true, _) => heavy,
                (false, false) => format!("low: {low}"),
                (false, true) => "nothing".to_owned(),
            };
            (is_found, shown)
        };
        let row: Vec<(bool, String)> = machines.iter().map(cell).collect();
        if *is_visible {
            cells += row.len();
            found += row.iter().filter(|(is_found, _)| *is_found).count();
            assert!(row[0].0, "{what}, on {}: {}", names[0], row[0].1);
        }
        let row: Vec<String> = row.into_iter().map(|(_, shown)| shown).collect();
        table += &format!("| {what} | {} |\n", row.join(" | "));
    }
    assert!(found * 4 >= cells * 3, "{found} of {cells}\n{table}");
    let path = root().join("docs/audit.md");
    let page = fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(MARKS[0]).unwrap();
    let (_, after) = rest.split_once(MARKS[1]).unwrap();
    let expected = [before, MARKS[0], &table, MARKS[1], after].concat();
    if std::env::var_os("LOGINREC_BLESS").is_some() {
        fs::write(&path, expected).unwrap();
        return;
    }
    assert!(page == expected, "docs/audit.md: run again with LOGINREC_BLESS=1\n{table}");
}
