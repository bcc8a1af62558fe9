//! Hash databases: pages that lie, chains that loop, values that overlap.

use loginrec::{Container, LogFile};
use loginrec_testing::Rng;

use super::{layouts, records};
use crate::Target;

pub(crate) const TARGET: Target = Target {
    name: "lastlogx",
    run,
    seeds: || records::numbered(Some(Container::BerkeleyHash)),
    made_up,
    words: &[
        b"\0\0",
        b"\0\x01",
        b"\x01\0",
        b"\0\x02",
        b"\x02\0",
        b"\x03\0",
        b"\xff\xff",
        b"\0\x06\x15\x61",
    ],
};

/// A database of the wrong kind is one without a header for the others.
fn run(input: &[u8]) {
    let Some((layout, data)) = records::chosen(input) else { return };
    if layout.container != Container::BerkeleyHash {
        return;
    }
    let all = layouts::walk(layout, data);
    layouts::both_ends(layout, data, &all);
    let log = LogFile::options().layout(layout).from_slice(data).unwrap();
    let bound = data.len() + 2;
    let read = log.records().take(bound).filter(Result::is_ok).count();
    assert!(read < bound, "does not end");
    // Values on several pages are put together here, and only here.
    assert!(read >= all.iter().flatten().count());
    for record in log.records().flatten() {
        let uid = record.uid().unwrap();
        assert!(u32::try_from(uid).is_ok(), "keys have 32 bits");
    }
}

/// A header of small pages, and pages of offsets that make some sense.
fn made_up(rng: &mut Rng) -> Vec<u8> {
    let seeds = b"\0\x06\x15\x61";
    let shift = 8 + rng.index(3) as u32;
    let page = 1usize << shift;
    let big = rng.one_in(2);
    let buckets = 1 + rng.index(8) as u32;
    let mut file = vec![0; page * (2 + rng.index(8))];
    file[..4].copy_from_slice(seeds);
    let order = if big { 4321 } else { 1234 };
    let header = [
        2,
        order,
        page as u32,
        shift,
        256,
        256,
        8,
        0,
        0,
        buckets - 1,
        1,
        7,
        0,
        buckets,
        1,
        0x956e_7de3,
    ];
    for (at, word) in file[4..].chunks_mut(4).zip(header) {
        at.copy_from_slice(&word.to_be_bytes());
    }
    for at in 1..file.len() / page {
        let used = 2 * rng.index(6) as u16;
        let out = &mut file[at * page..][..page];
        for (slot, out) in out.chunks_mut(2).take(usize::from(used) + 3).enumerate() {
            let word = match slot {
                0 => used,
                _ if rng.one_in(3) => rng.index(8) as u16,
                _ => rng.index(page) as u16,
            };
            out.copy_from_slice(&if big { word.to_be_bytes() } else { word.to_le_bytes() });
        }
    }
    let databases = loginrec::formats::LAYOUTS.iter().enumerate();
    let databases: Vec<usize> = databases
        .filter(|(_, layout)| layout.container == Container::BerkeleyHash)
        .map(|(number, _)| number)
        .collect();
    let number = databases[rng.index(databases.len())];
    [&[number as u8], file.as_slice()].concat()
}
