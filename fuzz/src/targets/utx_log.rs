//! FreeBSD's utx.log: records and errors together cover the whole file.

use loginrec::formats::by_name;
use loginrec::{Container, Error};

use super::{layouts, records};
use crate::Target;

const LAYOUT: &str = "freebsd-utx-log";

pub(crate) const TARGET: Target = Target {
    name: "utx_log",
    run,
    seeds: || {
        let of_layout = records::numbered(Some(Container::LengthPrefixed));
        of_layout.into_iter().map(|input| input[1..].to_vec()).collect()
    },
    made_up: |rng| records::records(by_name(LAYOUT).unwrap(), rng),
    words: &[b"\0", b"\0\0", b"\0\x01", b"\xff\xff", b"\0\xc5\x04"],
};

fn run(data: &[u8]) {
    let layout = by_name(LAYOUT).unwrap();
    let all = layouts::walk(layout, data);
    layouts::both_ends(layout, data, &all);
    let (mut at, mut index) = (0, 0);
    for found in all {
        match found {
            Ok(record) => {
                assert_eq!((record.offset(), record.index()), (at, index));
                at += 2 + record.bytes().len() as u64;
                index += 1;
            }
            Err(Error::ZeroLength { offset, skipped }) => {
                assert_eq!(offset, at);
                at += skipped;
            }
            Err(Error::Truncated { offset, need, have }) => {
                assert_eq!(offset, at);
                assert!(need > have);
                at += have;
            }
            Err(error) => panic!("{error:?} in a utx.log"),
        }
    }
    assert_eq!(at, data.len() as u64);
}
