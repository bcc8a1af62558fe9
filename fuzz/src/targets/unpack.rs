//! Compressed files: never more than was allowed, never a word that steers a terminal.

use std::fs;
use std::io::Read as _;
use std::sync::LazyLock;

use loginrec_sources::Compression;

use super::records;
use super::undump_text::plain;
use crate::Target;

const LIMIT: u64 = 1 << 20;

pub(crate) const TARGET: Target = Target {
    name: "unpack",
    run,
    seeds: || SEEDS.clone(),
    made_up: |rng| {
        let mut input = SEEDS[rng.index(SEEDS.len())].clone();
        // Several members, of one format or not.
        if rng.one_in(3) {
            input.extend(&SEEDS[rng.index(SEEDS.len())]);
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
    let Some(compression) = Compression::detect(data) else { return };
    let mut bytes = Vec::new();
    let read = compression.decompress(data, LIMIT).read_to_end(&mut bytes);
    assert!(bytes.len() as u64 <= LIMIT);
    if let Err(error) = read {
        plain(&error.to_string());
    }
}
