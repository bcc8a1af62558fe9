//! Years of logins in any layout, the same from one seed on every host: boots, logins on a
//! few dozen terminals, their logouts, most users seldom and some often.

use loginrec::layout::Role;
use loginrec::{Address, Entry, Layout, Text, UtType};

use crate::synth::Rng;

/// Records between two boots.
const UPTIME: u64 = 5_000;
/// Seconds between two records, at most.
const PAUSE: u64 = 240;
const TERMINALS: usize = 40;
const USERS: &[&str] = &[
    "root",
    "alice",
    "bob",
    "carol",
    "deploy",
    "jsmith",
    "backup",
    "mallory",
    "www-data",
    "ec2-user",
    "n.tanaka",
    "xavier.dubois",
];

/// A session that has not ended.
#[derive(Clone, Default)]
struct Open {
    user: String,
    host: String,
    address: [u8; 4],
    pid: i64,
}

/// `records` records; a login record of every platform has what its layout has room for.
pub fn history(layout: &Layout, records: usize, seed: u64) -> Vec<u8> {
    let rng = &mut Rng::new(seed);
    let mut file = Vec::with_capacity(records * layout.size);
    let mut open = vec![None; TERMINALS];
    let mut now = 1_400_000_000;
    for i in 0..records as u64 {
        now += rng.below(PAUSE) as i64;
        let time = (now, rng.below(1_000_000) as i64);
        if i % UPTIME == 0 {
            open.fill(None);
            file.extend(boot(layout, time));
            continue;
        }
        let at = rng.below(TERMINALS as u64) as usize;
        let (kind, session) = match open[at].take() {
            Some(session) => (UtType::DeadProcess, session),
            None => (UtType::UserProcess, login(rng)),
        };
        file.extend(process(layout, kind, at, &session, time));
        if kind == UtType::UserProcess {
            open[at] = Some(session);
        }
    }
    file
}

fn login(rng: &mut Rng) -> Open {
    // The product of two: the first names come far more often.
    let user = rng.below(USERS.len() as u64) * rng.below(USERS.len() as u64) / USERS.len() as u64;
    let address = [192, 0, 2, rng.below(255) as u8];
    let [a, b, c, d] = address;
    let host = match rng.below(4) {
        0 => format!("host-{d}.example.org"),
        1 => format!("dyn-{a}-{b}-{c}-{d}.pool.isp.example.net"),
        2 => String::new(),
        _ => format!("{a}.{b}.{c}.{d}"),
    };
    Open {
        user: USERS[user as usize].to_owned(),
        host,
        address,
        pid: 300 + rng.below(32_000) as i64,
    }
}

fn boot(layout: &Layout, time: (i64, i64)) -> Vec<u8> {
    let mut entry = at_time(layout, time);
    entry.raw_type = layout.dialect.raw_type(UtType::BootTime);
    let marks = layout.field(Role::Micros).is_none(); // FreeBSD writes neither
    if marks && layout.field(Role::User).is_some() {
        (entry.ut_user, entry.ut_line) = (Text::new(b"reboot"), Text::new(b"~"));
    }
    layout.encode(&entry).unwrap()
}

fn process(layout: &Layout, kind: UtType, at: usize, session: &Open, time: (i64, i64)) -> Vec<u8> {
    let room = |role| layout.field(role).map_or(0, |field| field.len);
    let short = room(Role::Line) < 12; // `ttyp3` where `pts/3` came later
    let line = if short { format!("ttyp{at}") } else { format!("pts/{at}") };
    let id = format!("{at:04}");
    let mut entry = at_time(layout, time);
    entry.raw_type = layout.dialect.raw_type(kind).filter(|_| room(Role::Type) > 0);
    entry.ut_line = Text::new(line.as_bytes());
    if room(Role::Pid) > 0 {
        entry.ut_pid = Some(session.pid);
    }
    if room(Role::Id) > 0 {
        entry.ut_id = Text::new(id.as_bytes().get(..room(Role::Id)).unwrap_or(id.as_bytes()));
    }
    let address = [16, 2, 0, 0].into_iter().chain(session.address).collect::<Vec<_>>();
    if kind == UtType::UserProcess {
        entry.ut_user =
            Text::new(&session.user.as_bytes()[..session.user.len().min(room(Role::User))]);
        entry.ut_host =
            Text::new(&session.host.as_bytes()[..session.host.len().min(room(Role::Host))]);
        if room(Role::AddrV4) + room(Role::AddrV6) > 0 && !session.host.is_empty() {
            entry.ut_addr = Address::V4(&session.address);
        } else if room(Role::SocketAddress) > 0 && !session.host.is_empty() {
            entry.ut_addr = Address::Socket(&address);
        }
    }
    layout.encode(&entry).unwrap()
}

fn at_time(layout: &Layout, (sec, usec): (i64, i64)) -> Entry<'static> {
    let mut entry = Entry::new(layout.dialect);
    entry.ut_tv.tv_sec = sec;
    entry.ut_tv.tv_usec = if layout.has_microseconds() { usec } else { 0 };
    entry
}
