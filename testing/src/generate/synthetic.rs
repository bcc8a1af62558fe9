//! Files with records of any layout, with random values that its platform could write.

use std::net::Ipv4Addr;

use loginrec::layout::Role;
use loginrec::{Container, Layout, UtType};

use super::event::{Event, stored};
use crate::rng::Rng;

/// Returns a file of `n` used records. `start` is the time of the first, in seconds.
pub fn synthesize(layout: &Layout, n: usize, start: i64, rng: &mut Rng) -> Vec<u8> {
    let mut file = Vec::new();
    let mut now = start;
    for _ in 0..n {
        now += 1 + rng.below(5 * 86_400) as i64;
        let is_by_uid = layout.is_lastlog() && !layout.platform.is_named_by_user;
        if is_by_uid || layout.container == Container::Slots {
            // Holes: users who never logged in.
            let hole = rng.below(4) as usize * layout.size;
            file.resize(file.len() + hole, 0);
            now = start + rng.below(400 * 86_400) as i64;
        }
        file.extend(record(layout, now, rng));
    }
    if layout.container == Container::BerkeleyHash {
        return database(layout, &file);
    }
    file
}

/// Returns the record of a random event.
fn record(layout: &Layout, now: i64, rng: &mut Rng) -> Vec<u8> {
    let has = |role| layout.field(role).is_some();
    let usec = match layout.has_microseconds() && rng.below(4) > 0 {
        true => rng.below(1_000_000) as i64,
        false => 0,
    };
    let known = |kind| stored(layout, kind).is_some();
    let kind = match rng.below(12) {
        0 if known(UtType::BootTime) => UtType::BootTime,
        1..=3 if known(UtType::DeadProcess) => UtType::DeadProcess,
        4 if known(UtType::LoginProcess) => UtType::LoginProcess,
        _ => UtType::UserProcess,
    };
    let mut event = Event::new(kind, (now, usec));
    event.line = match rng.below(3) {
        0 => format!("tty{}", rng.below(8)),
        1 => format!("ttyp{}", rng.below(10)),
        _ => format!("pts/{}", rng.below(40)),
    }
    .into();
    if kind == UtType::UserProcess {
        let users = ["root", "alice", "bob", "carol", "daemon", "jsmith", "web01"];
        event.user = rng.pick(&users).into();
    }
    let remote = kind == UtType::UserProcess && rng.below(2) == 0;
    let net = rng.below(254);
    let host = match rng.below(3) {
        0 => format!("192.0.2.{}", 1 + net),
        1 => format!("host{net}.ex.org"),
        _ => ":0".to_owned(),
    };
    if remote {
        event.host = host.into();
        event.address = Some(Ipv4Addr::new(192, 0, 2, 1 + net as u8).into());
    }
    let process = 300 + rng.below(30_000) as i64;
    if kind != UtType::BootTime {
        event.pid = process;
    }
    if kind == UtType::LoginProcess {
        event.session = process;
    }
    if has(Role::ExitStatus) && kind == UtType::DeadProcess {
        event.exit = Some(rng.below(2) as i32);
    }
    event.encode(layout).expect("what the platform logs")
}

/// Returns a hash database with one page a bucket, keys from 0.
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
