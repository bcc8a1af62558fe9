//! Files made up from a layout: what its platform would write over some time.

use loginrec::layout::Role;
use loginrec::{Entry, Exit, Framing, Layout, Text, UtType};

/// xorshift64*: the same numbers on every run and every host.
pub struct Rng(u64);

impl Rng {
    pub fn new(seed: u64) -> Rng {
        Rng(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// Below `n`.
    pub fn below(&mut self, n: u64) -> u64 {
        (self.next() >> 16) % n
    }

    pub fn pick<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.below(of.len() as u64) as usize]
    }

    pub fn fill(&mut self, bytes: &mut [u8]) {
        bytes.iter_mut().for_each(|b| *b = (self.next() >> 32) as u8);
    }
}

/// A file of `n` used records; `start` is the time of the first.
pub fn synthesize(layout: &Layout, n: usize, start: i64, rng: &mut Rng) -> Vec<u8> {
    let mut file = Vec::new();
    let mut now = start;
    for _ in 0..n {
        now += 1 + rng.below(5 * 86_400) as i64;
        if layout.is_lastlog() {
            // Holes: users who never logged in.
            let hole = rng.below(4) as usize * layout.size;
            file.resize(file.len() + hole, 0);
            now = start + rng.below(400 * 86_400) as i64;
        }
        file.extend(record(layout, now, rng));
    }
    if layout.framing == Framing::Database {
        return database(layout, &file);
    }
    file
}

/// One record of something that happens on the platform.
fn record(layout: &Layout, now: i64, rng: &mut Rng) -> Vec<u8> {
    let room = |role| layout.field(role).map_or(0, |f| f.len);
    let mut entry = Entry::new(layout.dialect);
    entry.ut_tv.tv_sec = now;
    if layout.has_microseconds() && rng.below(4) > 0 {
        entry.ut_tv.tv_usec = rng.below(1_000_000) as i64;
    }
    let typed = layout.field(Role::Type).is_some();
    let known = |t: UtType| !typed || layout.dialect.raw_type(t).is_some();
    let kind = match rng.below(12) {
        0 if known(UtType::BootTime) && !layout.is_lastlog() => UtType::BootTime,
        1..=3 if known(UtType::DeadProcess) && !layout.is_lastlog() => UtType::DeadProcess,
        4 if typed && known(UtType::LoginProcess) => UtType::LoginProcess,
        _ => UtType::UserProcess,
    };
    let futx = room(Role::Micros) > 0;
    let tty = match rng.below(3) {
        0 => format!("tty{}", rng.below(8)),
        1 => format!("ttyp{}", rng.below(10)),
        _ => format!("pts/{}", rng.below(40)),
    };
    let (line, user): (&str, &str) = match kind {
        UtType::BootTime if futx => ("", ""),
        UtType::BootTime if !typed => ("~", "reboot"),
        UtType::BootTime if layout.dialect.system == "Linux" => ("~", "reboot"),
        UtType::BootTime => ("system boot", ""),
        UtType::DeadProcess if futx => ("", ""),
        UtType::DeadProcess => (&tty, ""),
        UtType::LoginProcess => (&tty, "LOGIN"),
        _ => (&tty, rng.pick(&["root", "alice", "bob", "carol", "daemon", "jsmith", "web01"])),
    };
    entry.ut_line = Text::new(line.as_bytes());
    if room(Role::User) > 0 {
        entry.ut_user = Text::new(user.as_bytes());
    }
    let remote = kind == UtType::UserProcess && rng.below(2) == 0;
    let net = rng.below(254);
    let address = [192, 0, 2, 1 + net as u8];
    let host = match rng.below(3) {
        0 => format!("192.0.2.{}", 1 + net),
        1 => format!("host{net}.ex.org"),
        _ => ":0".to_owned(),
    };
    if remote && room(Role::Host) > 0 {
        entry.ut_host = Text::new(host.as_bytes());
    }
    let mut stored = [0u8; 128];
    if remote && room(Role::SocketAddress) > 0 {
        stored[..4].copy_from_slice(&[16, 2, 0, 0]);
        stored[4..8].copy_from_slice(&address);
        entry.ut_addr = loginrec::Address::Socket(&stored);
    } else if remote && room(Role::AddrV6) + room(Role::AddrV4) > 0 {
        stored[..4].copy_from_slice(&address);
        entry.ut_addr = loginrec::Address::V4(&stored[..4]);
    }
    if typed {
        entry.raw_type = layout.dialect.raw_type(kind);
    }
    let process = 300 + rng.below(30_000) as i64;
    if room(Role::Pid) > 0 && kind != UtType::BootTime {
        entry.ut_pid = Some(process);
    }
    let id = tty.len().saturating_sub(room(Role::Id));
    if room(Role::Id) > 0 && kind != UtType::BootTime {
        entry.ut_id = Text::new(&tty.as_bytes()[id..]);
    }
    if room(Role::Session) > 2 && kind == UtType::LoginProcess {
        entry.ut_session = Some(process);
    }
    if room(Role::ExitStatus) > 0 && kind == UtType::DeadProcess {
        entry.ut_exit = Some(Exit { e_termination: 0, e_exit: rng.below(2) as i32 });
    }
    layout.encode(&entry).unwrap_or_else(|e| panic!("{}: {e}: {entry:?}", layout.name))
}

/// A hash database with one bucket after another of one page each, keys from 0.
fn database(layout: &Layout, values: &[u8]) -> Vec<u8> {
    const PAGE: usize = 1024;
    let big = layout.endian == loginrec::endian::Endian::Big;
    let u16s = |n: usize| if big { (n as u16).to_be_bytes() } else { (n as u16).to_le_bytes() };
    let mut header = vec![0u8; PAGE];
    let values: Vec<&[u8]> = values.chunks(layout.size).collect();
    let buckets = values.len() as u32;
    for (at, word) in [
        (0, 0x0006_1561),
        (4, 2),
        (8, if big { 4321 } else { 1234 }),
        (12, PAGE as u32),
        (16, 10),
        (20, 256),
        (24, 256),
        (28, 8),
        (40, buckets - 1),
        (56, buckets),
        (60, 1),
        (64, 0x956e_7de3),
    ] {
        header[at..at + 4].copy_from_slice(&word.to_be_bytes());
    }
    let mut file = header;
    for (uid, value) in values.iter().enumerate() {
        let mut page = vec![0u8; PAGE];
        let key = if big { (uid as u32).to_be_bytes() } else { (uid as u32).to_le_bytes() };
        let (key_at, value_at) = (PAGE - 4, PAGE - 4 - value.len());
        page[key_at..].copy_from_slice(&key);
        page[value_at..key_at].copy_from_slice(value);
        for (i, n) in [2, key_at, value_at, value_at - 10, value_at].into_iter().enumerate() {
            page[2 * i..2 * i + 2].copy_from_slice(&u16s(n));
        }
        if value.iter().any(|&b| b != 0) {
            file.extend(page);
        }
    }
    file
}
