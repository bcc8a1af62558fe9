//! A folder of many small files, as collected from many machines: logs of several layouts,
//! lastlogs, empty files, and files of other kinds.

use std::fs;
use std::io;
use std::path::Path;

use loginrec::Layout;
use loginrec::formats::by_name;

use super::background::{Background, Filler};
use super::guesses::guesses;
use super::machine::Machine;
use super::{bytes, lastlog};
use crate::rng::Rng;

/// The layouts of each machine's log and lastlog, repeated as often as they occur.
const MACHINES: &[(&str, &str)] = &[
    ("linux-glibc-384-le", "linux-lastlog-292-le"),
    ("linux-glibc-384-le", "linux-lastlog-292-le"),
    ("linux-glibc-384-le", "linux-lastlog-292-le"),
    ("linux-glibc-384-le", "linux-lastlog-292-le"),
    ("linux-glibc-384-le", "linux-lastlog-292-le"),
    ("linux-glibc-384-be", "linux-lastlog-292-be"),
    ("linux-glibc-400-le", "linux-lastlog-296-le"),
    ("netbsd-utmpx-520-le", "netbsd-lastlog-32-le"),
    ("freebsd-utx-log", "bsd-lastlog-28-le"),
    ("openbsd-utmp-304-le", "openbsd-lastlog-272-le"),
];

/// Writes `files` files, a hundred to a folder. Returns how many of them have records.
pub fn write(folder: &Path, files: u64, seed: u64) -> io::Result<u64> {
    let mut rng = Rng::new(seed ^ 0xd14);
    let mut logs = 0;
    for number in 0..files {
        let folder = folder.join(format!("host{:03}", number / 100));
        if number % 100 == 0 {
            fs::create_dir_all(&folder)?;
        }
        let (log, slots) = MACHINES[rng.below(MACHINES.len() as u64) as usize];
        let records = 1 + rng.waiting(24) as usize;
        let (name, bytes) = one(&mut rng, by(log), by(slots), records)?;
        fs::write(folder.join(format!("{:02}-{name}.{}", number % 100, rng.below(9))), &bytes)?;
        logs += u64::from(!matches!(name, "text" | "random" | "empty"));
    }
    Ok(logs)
}

fn by(name: &str) -> &'static Layout {
    by_name(name).unwrap_or_else(|| panic!("no layout {name}"))
}

fn one(
    rng: &mut Rng,
    log: &Layout,
    slots: &Layout,
    records: usize,
) -> io::Result<(&'static str, Vec<u8>)> {
    let seed = rng.any();
    let is_typed = log.field(loginrec::layout::Role::Type).is_some();
    Ok(match rng.below(10) {
        4 | 5 if is_typed && log.holds(loginrec::FileKind::Btmp) => {
            ("btmp", bytes(guesses(seed, 30), log, records))
        }
        0..6 => ("wtmp", bytes(Machine::new(seed, 240), log, records)),
        6 => {
            let mut file = io::Cursor::new(Vec::new());
            lastlog::write(slots, records as u64, 1000 + records as u64, seed, &mut file)?;
            ("lastlog", file.into_inner())
        }
        7 => ("text", background(Background::Text, seed, records * 180)),
        8 => ("random", background(Background::Random, seed, records * 200)),
        _ => ("empty", Vec::new()),
    })
}

fn background(kind: Background, seed: u64, len: usize) -> Vec<u8> {
    Filler::new(kind, seed).map_or(Vec::new(), |mut filler| filler.take(len))
}
