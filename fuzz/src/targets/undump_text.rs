//! Rows of utmpdump, by anybody.

use loginrec::{Container, Text};
use loginrec_cli::fuzzing::undump_text;
use loginrec_testing::Rng;

use super::records;
use crate::Target;

const ROW: &[u8] = b"\x00[7] [01302] [ts/1] [carol   ] [pts/1       ] [2001:db8::dead:beef ] \
    [2001:db8::dead:beef] [2023-11-14T22:16:20,000007+00:00]\n";
const OLD: &[u8] = b"\x00[2] [00000] [~~  ] [reboot  ] [~           ] [2.6.32              ] \
    [0.0.0.0        ] [Wed Aug 28 03:00:00 2013 GMT]\n";

pub(crate) const TARGET: Target = Target {
    name: "undump_text",
    run,
    seeds: || vec![ROW.to_vec(), OLD.to_vec(), [ROW, OLD].concat()],
    made_up,
    words: &[
        b"] [",
        b"[",
        b"]",
        b" ",
        b"\n",
        b"Utmp dump of ",
        b"==> ",
        b"-1",
        b"2147483648",
        b"::1.2.3.4",
        b"1969-12-31T23:59:59,999999+00:00",
        b"9999-12-31T23:59:59,-00001+00:00",
        b"\xef\xbb\xbf",
        b"Thu Jan 01 00:00:00 1970 UTC",
        b"+24:00",
        b"-9999",
        b"\xc3\xa9",
    ],
};

fn run(input: &[u8]) {
    let Some((layout, rows)) = records::chosen(input) else { return };
    match undump_text(layout, rows) {
        Ok(pieces) => {
            assert!(pieces.len() <= rows.len());
            for (offset, bytes) in pieces {
                assert_eq!(offset.is_some(), layout.container == Container::Slots);
                assert!(
                    bytes.len() == layout.size || layout.container == Container::LengthPrefixed
                );
            }
        }
        Err(why) => plain(&why),
    }
}

/// A message for a terminal.
pub(crate) fn plain(why: &str) {
    let shown = Text::new(why.as_bytes()).to_string();
    assert!(!why.is_empty() && *why == *shown, "{why:?}");
}

fn made_up(rng: &mut Rng) -> Vec<u8> {
    let mut input = vec![rng.index(256) as u8];
    for _ in 0..rng.index(4) {
        let text = |rng: &mut Rng| String::from_utf8_lossy(rng.pick(records::WORDS)).into_owned();
        let fields = [
            rng.index(12).to_string(),
            (rng.edge() as i32).to_string(),
            text(rng),
            text(rng),
            text(rng),
            text(rng),
            ["0.0.0.0", "::1", "::ffff:1.2.3.4", "x", ""][rng.index(5)].to_owned(),
            time(rng),
        ];
        let from = if rng.one_in(4) { 3 } else { 0 };
        let row: Vec<String> = fields[from..].iter().map(|field| format!("[{field}]")).collect();
        input.extend(row.join(" ").bytes());
        input.push(b'\n');
    }
    input
}

fn time(rng: &mut Rng) -> String {
    let (year, month, day) = (rng.index(12_000) as i64 - 1000, rng.index(14), rng.index(33));
    let (hour, minute, second) = (rng.index(25), rng.index(61), rng.index(62));
    let usec = if rng.one_in(2) { rng.index(1_000_000) as i64 } else { rng.edge() as i64 };
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02},{usec:06}+00:00")
}
