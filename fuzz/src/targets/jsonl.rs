//! JSON lines, by anybody.

use std::fs;

use loginrec::Container;
use loginrec::formats::LAYOUTS;
use loginrec_cli::fuzzing::undump_jsonl;
use loginrec_testing::Rng;

use super::records;
use super::undump_text::plain;
use crate::Target;

pub(crate) const TARGET: Target = Target {
    name: "jsonl",
    run,
    seeds: || {
        let is_expected =
            |path: &std::path::PathBuf| path.extension().is_some_and(|e| e == "jsonl");
        let files = records::files("fixtures").into_iter().filter(is_expected);
        files.map(|path| [&[255], fs::read(path).unwrap().as_slice()].concat()).collect()
    },
    made_up,
    words: &[
        b"{",
        b"}",
        b"\"",
        b"\\u0000",
        b"\\ud800",
        b"null",
        b"-1",
        b"18446744073709551615",
        b"1e999",
        b"[",
        b"\"raw\":\"00\",",
        b"\"user_hex\":\"ff\",",
        b"\"user_residue\":\"4c\",",
        b"\"raw_sec\":-9223372036854775808,",
        b"\"time\":null,",
        b"\"uid\":4294967295,",
        b"\"event\":\"end\",",
        b"\"offset\":18446744073709551615,",
        b"\"id_hex\":\"0102\",",
        b"\n",
    ],
};

/// The first byte names the layout to write; the last of them: none.
fn run(input: &[u8]) {
    let Some((number, lines)) = input.split_first() else { return };
    let layout = LAYOUTS.get(usize::from(*number));
    match undump_jsonl(layout, lines) {
        Ok(pieces) => {
            assert!(pieces.len() <= lines.len());
            let written: usize = pieces.iter().map(|(_, bytes)| bytes.len()).sum();
            assert!(written <= lines.len() * 1024, "records out of nothing");
            if let Some(layout) = layout {
                assert_ne!(layout.container, Container::BerkeleyHash);
            }
        }
        Err(why) => plain(&why),
    }
}

/// A line with some of the keys, and values of their kind or not.
fn made_up(rng: &mut Rng) -> Vec<u8> {
    const TEXTS: &[&str] = &[
        "file",
        "type",
        "event",
        "time",
        "user",
        "user_hex",
        "user_residue",
        "line",
        "host",
        "id",
        "id_hex",
        "addr",
        "raw",
    ];
    const NUMBERS: &[&str] =
        &["index", "offset", "uid", "raw_type", "raw_sec", "raw_usec", "pid", "session"];
    const VALUES: &[&str] = &[
        "USER_PROCESS",
        "BOOT_TIME",
        "EMPTY",
        "login",
        "end",
        "0000",
        "ff",
        "00ff",
        "é",
        "a\\u0000b",
        "\\u202e",
        "~",
        "192.0.2.1",
        "::1",
        "2024-02-17T21:01:23.767336Z",
        "-9999-01-01T00:00:00Z",
        "9999-12-31T23:59:59.999999Z",
    ];
    let mut input = vec![if rng.one_in(2) { 255 } else { rng.index(LAYOUTS.len()) as u8 }];
    for _ in 0..1 + rng.index(3) {
        let layout = &LAYOUTS[rng.index(LAYOUTS.len())];
        let mut line = format!("{{\"layout\":\"{}\"", layout.name);
        for key in TEXTS {
            if rng.one_in(2) {
                line += &format!(",\"{key}\":\"{}\"", rng.pick(VALUES));
            }
        }
        for key in NUMBERS {
            if rng.one_in(2) {
                let number = rng.edge();
                let small = if rng.one_in(2) { number % 3000 } else { number };
                line += &format!(",\"{key}\":{}", small as i64);
            }
        }
        line.push_str("}\n");
        input.extend(line.bytes());
    }
    input
}
