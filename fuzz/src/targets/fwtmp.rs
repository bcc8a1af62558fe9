//! What fwtmp prints, by anybody.

use loginrec::LogFile;
use loginrec_cli::fuzzing::undump_fwtmp;
use loginrec_testing::Rng;

use super::undump_text::plain;
use crate::Target;

const SVR4: &[u8] = b"alba     co   console            312  7 0000 0000 1741160100 \
    Wed Mar  5 07:35:00 2025\n";
const AIX: &[u8] = b"alba     co             console       7   312 0000 0000 1741160100 \
    client.example.net               Wed Mar  5 07:35:00 2025\n";

pub(crate) const TARGET: Target = Target {
    name: "fwtmp",
    run,
    seeds: || vec![SVR4.to_vec(), AIX.to_vec(), [SVR4, SVR4].concat()],
    made_up,
    words: &[
        b" ",
        b"\n",
        b"0000 0000 ",
        b"177777 ",
        b"-1 ",
        b"1741160100 ",
        b"9223372036854775808 ",
        b"Wed Mar  5 07:35:00 2025",
        b"\xc3\xa9",
    ],
};

/// Each line is a record of the form of the first one, or a message says why it is not.
fn run(input: &[u8]) {
    match undump_fwtmp(input) {
        Some(Ok((layout, pieces))) => {
            let wtmp: Vec<u8> = pieces.into_iter().flat_map(|(_, bytes)| bytes).collect();
            let log = LogFile::options().layout(layout).from_slice(&wtmp).unwrap();
            assert_eq!(log.records().flatten().count() * layout.size, wtmp.len());
        }
        Some(Err(why)) => plain(&why),
        None => {}
    }
}

fn made_up(rng: &mut Rng) -> Vec<u8> {
    let mut text = Vec::new();
    for _ in 0..1 + rng.index(4) {
        text.extend_from_slice(if rng.any() & 1 == 0 { SVR4 } else { AIX });
        let at = rng.index(text.len());
        text[at] = rng.any() as u8;
    }
    text
}
