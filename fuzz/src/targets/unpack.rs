//! Compressed files: never more than was allowed, never a word that steers a terminal.

use std::fs;
use std::sync::LazyLock;

use loginrec_cli::probe::unpack;

use super::records;
use super::undump_text::plain;
use crate::Target;

const LIMIT: u64 = 1 << 20;

pub(crate) const TARGET: Target = Target {
    name: "unpack",
    run,
    seeds: || SEEDS.clone(),
    made_up: |rng| {
        let mut input = SEEDS[rng.below(SEEDS.len())].clone();
        // Several members, of one format or not.
        if rng.one_in(3) {
            input.extend(&SEEDS[rng.below(SEEDS.len())]);
        }
        input
    },
    words: &[
        b"\x1f\x8b\x08",
        b"BZh9\x31\x41\x59\x26\x53\x59",
        b"\xfd7zXZ\0",
        b"\x28\xb5\x2f\xfd",
        b"\x04\x22\x4d\x18",
        b"\x50\x2a\x4d\x18\xff\xff\xff\xff",
        b"\0\0\0\0",
    ],
};

static SEEDS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let files = records::files("fuzz/seeds/unpack").into_iter();
    files.map(|path| fs::read(path).unwrap()).collect()
});

fn run(data: &[u8]) {
    match unpack(data, LIMIT) {
        Some(Ok((bytes, damage))) => {
            assert!(bytes.len() as u64 <= LIMIT);
            if let Some(damage) = damage {
                plain(&damage);
            }
        }
        Some(Err(error)) => plain(&error.to_string()),
        None => {}
    }
}
