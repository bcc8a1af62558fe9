//! A lastlog: a slot for every user id up to the highest, most of them holes.

use std::io::{self, Seek, SeekFrom, Write};

use loginrec::{Layout, UtType};

use super::event::Event;
use super::people::remote;
use crate::rng::Rng;

const BEGIN: i64 = 1_600_000_000;

/// Writes the slots of about 70 % of `users` users, and of the id `highest`; skips all others.
/// Returns the number of slots written.
pub fn write(
    layout: &Layout,
    users: u64,
    highest: u64,
    seed: u64,
    out: &mut (impl Write + Seek),
) -> io::Result<u64> {
    let mut rng = Rng::new(seed ^ 0x1a57);
    // Ids are given from 1000 on; of those who have one, some never log in.
    let mut uids: Vec<u64> = (0..users).filter(|_| rng.chance(700)).map(|n| 1000 + n).collect();
    uids.insert(0, 0);
    uids.retain(|uid| *uid < highest);
    uids.push(highest);
    for uid in &uids {
        let (host, _) = remote(&mut rng);
        let slot = Event {
            line: format!("pts/{}", rng.skewed(40)).into(),
            host: host.into(),
            ..Event::new(UtType::UserProcess, (BEGIN + rng.below(90_000_000) as i64, 0))
        };
        if let Some(slot) = slot.encode(layout) {
            out.seek(SeekFrom::Start(uid * layout.size as u64))?;
            out.write_all(&slot)?;
        }
    }
    Ok(uids.len() as u64)
}
