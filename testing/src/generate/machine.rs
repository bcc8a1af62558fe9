//! A machine over the years: boots and crashes, gettys, logins from everywhere on as few
//! terminals as are free, logouts of which some are missing, a clock that is set now and then.

use std::collections::{BTreeSet, VecDeque};
use std::net::IpAddr;

use loginrec::UtType;

use super::event::Event;
use super::people::{remote, users};
use crate::rng::Rng;

const SECOND: u64 = 1_000_000;
const DAY: u64 = 86_400 * SECOND;
/// 2012-01-01T00:00:00Z.
const BEGIN: u64 = 1_325_376_000 * SECOND;
/// Seconds that must not be passed: types of 32 bits end in 2038.
const YEARS: u64 = 24 * 365 * 86_400;
/// Users besides those of services.
const PEOPLE: u64 = 180;
/// Hosts that come again.
const HOSTS: u64 = 600;
const TERMINALS: u64 = 400;
const LAST_PID: i64 = 4_194_303;
const KERNELS: &[&str] = &[
    "3.16.0-4-amd64",
    "4.9.0-8-amd64",
    "4.19.0-18-amd64",
    "5.4.0-84-generic",
    "5.10.0-21-amd64",
    "5.15.0-91-generic",
    "6.1.0-13-amd64",
    "6.8.0-45-generic",
    "6.12.9+deb13-amd64",
];

/// Gives its events, without end.
#[derive(Debug)]
pub struct Machine {
    rng: Rng,
    /// Microseconds since 1970.
    now: u64,
    /// Microseconds between two logins, on average.
    pause: u64,
    users: Vec<String>,
    hosts: Vec<(String, IpAddr)>,
    free: BTreeSet<u64>,
    open: Vec<Session>,
    pid: i64,
    kernel: usize,
    up_until: u64,
    /// Events not yet returned.
    queue: VecDeque<Event>,
}

#[derive(Debug)]
struct Session {
    end: u64,
    line: String,
    /// The number of a pseudo-terminal.
    terminal: Option<u64>,
    pid: i64,
    /// Its logout is not logged.
    silent: bool,
}

impl Machine {
    /// Makes one with `pause` seconds between two logins, on average.
    pub fn new(seed: u64, pause: u64) -> Machine {
        let mut rng = Rng::new(seed);
        let mut machine = Machine {
            users: users(&mut rng, PEOPLE),
            hosts: (0..HOSTS).map(|_| remote(&mut rng)).collect(),
            rng,
            now: BEGIN,
            pause: pause * SECOND,
            free: BTreeSet::new(),
            open: Vec::new(),
            pid: 400,
            kernel: 0,
            up_until: 0,
            queue: VecDeque::new(),
        };
        machine.boot();
        machine
    }

    /// Returns the `pause` with which `records` records end before 2038.
    pub const fn pause(records: u64) -> u64 {
        let most = YEARS / (records / 2 + 1);
        if most < 240 { most } else { 240 }
    }

    fn event(&self, kind: UtType) -> Event {
        Event::new(kind, ((self.now / SECOND) as i64, (self.now % SECOND) as i64))
    }

    /// Logs an event of the system.
    fn note(&mut self, kind: UtType, pid: i64) {
        let host = KERNELS[self.kernel].into();
        self.queue.push_back(Event { pid, host, ..self.event(kind) });
    }

    /// Lets from `least` to `most` microseconds pass.
    fn pass(&mut self, least: u64, most: u64) {
        self.now += self.rng.range(least, most);
    }

    fn next_pid(&mut self) -> i64 {
        self.pid += 1 + self.rng.skewed(60) as i64;
        if self.pid > LAST_PID {
            self.pid = 301;
        }
        self.pid
    }

    fn boot(&mut self) {
        if self.rng.chance(150) {
            self.kernel = (self.kernel + 1) % KERNELS.len();
        }
        self.pid = 300 + self.rng.below(400) as i64;
        self.open.clear();
        self.free = (0..TERMINALS).collect();
        self.note(UtType::BootTime, 0);
        for line in ["ttyS0", "tty1"] {
            self.pass(SECOND / 5, 4 * SECOND);
            let pid = self.next_pid();
            for kind in [UtType::InitProcess, UtType::LoginProcess] {
                let getty = Event { pid, session: pid, line: line.into(), ..self.event(kind) };
                self.queue.push_back(getty);
                self.pass(1_000, 90_000);
            }
        }
        self.pass(SECOND / 2, 9 * SECOND);
        self.note(UtType::RunLvl, 53); // '5'
        let days = 1 + self.rng.waiting(18);
        self.up_until = self.now + days * DAY + self.rng.below(DAY);
    }

    /// Or a crash, which is not logged.
    fn shutdown(&mut self) {
        if self.rng.chance(120) {
            self.pass(60 * SECOND, 7200 * SECOND);
            return self.boot();
        }
        for session in std::mem::take(&mut self.open) {
            if !session.silent && self.rng.chance(500) {
                self.pass(100, 30_000);
                self.logout(&session);
            }
        }
        if self.rng.chance(300) {
            self.note(UtType::RunLvl, 54);
        }
        self.pass(10_000, 2 * SECOND);
        self.note(UtType::ShutdownTime, 0);
        self.pass(20 * SECOND, 600 * SECOND);
        self.boot();
    }

    fn login(&mut self) {
        let user = self.rng.skewed(self.users.len() as u64) as usize;
        let pid = self.next_pid();
        let seconds = match self.rng.below(10) {
            0..=4 => self.rng.waiting(420),
            5..=8 => self.rng.waiting(5_400),
            _ => self.rng.waiting(60_000),
        };
        let end = self.now + seconds * SECOND + self.rng.below(SECOND);
        let silent = self.rng.chance(15);
        let kind = self.rng.below(1000);
        let console = match kind {
            0..6 => Some("tty1"),
            6..10 => Some(":0"),
            _ => None,
        };
        let (line, terminal) = match console {
            Some(line) if self.open.iter().any(|session| session.line == line) => return,
            Some(line) => (line.to_owned(), None),
            None => {
                let Some(number) = self.free.pop_first() else { return };
                (format!("pts/{number}"), Some(number))
            }
        };
        let (host, address) = match kind {
            0..6 => (String::new(), None),
            6..10 => (":0".to_owned(), None),
            10..40 => (format!("tmux({}).%{}", self.pid, self.rng.below(12)), None),
            40..60 => (":pts/0:S.0".to_owned(), None),
            _ => {
                let again = self.rng.skewed(HOSTS) as usize;
                let known = self.rng.chance(700).then(|| self.hosts[again].clone());
                let (host, address) = known.unwrap_or_else(|| remote(&mut self.rng));
                (host, Some(address))
            }
        };
        self.queue.push_back(Event {
            line: line.clone().into(),
            user: self.users[user].clone().into(),
            host: host.into(),
            address,
            pid,
            session: if terminal.is_none() { pid } else { 0 },
            ..self.event(UtType::UserProcess)
        });
        self.open.push(Session { end, line, terminal, pid, silent });
    }

    fn logout(&mut self, session: &Session) {
        let (line, pid) = (session.line.clone().into(), session.pid);
        let mut event = Event { line, pid, ..self.event(UtType::DeadProcess) };
        if session.terminal.is_none() {
            event.session = pid;
            event.exit = Some(self.rng.chance(30).into());
        }
        self.queue.push_back(event);
    }

    fn set_clock(&mut self) {
        self.queue.push_back(self.event(UtType::OldTime));
        self.pass(1, 120 * SECOND);
        self.queue.push_back(self.event(UtType::NewTime));
    }

    /// Advances to the next login, and logs it and all before it.
    fn step(&mut self) {
        let at = self.now + self.rng.waiting(self.pause) + 1;
        loop {
            let ended = self.open.iter().enumerate().filter(|(_, session)| session.end <= at);
            let Some((first, _)) = ended.min_by_key(|(_, session)| session.end) else { break };
            let session = self.open.swap_remove(first);
            self.now = self.now.max(session.end);
            self.free.extend(session.terminal);
            if !session.silent {
                self.logout(&session);
            }
        }
        self.now = self.now.max(at);
        if self.now >= self.up_until {
            self.shutdown();
        } else if self.rng.below(20_000) == 0 {
            self.set_clock();
        } else {
            self.login();
        }
    }
}

impl Iterator for Machine {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        while self.queue.is_empty() {
            self.step();
        }
        self.queue.pop_front()
    }
}
