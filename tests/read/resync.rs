//! Records that do not stand where they should.

use loginrec::formats::by_name;
use loginrec::{Error, Layout, LogFile, LogReader, OpenOptions};
use loginrec_testing::generate::synthesize;
use loginrec_testing::{Rng, fixtures};

use crate::{ByOffset, Seen, all, all_rev, reader};

const L384: &str = "linux-glibc-384-le";

fn wtmp() -> Vec<u8> {
    let whole = fixtures()
        .into_iter()
        .find(|file| file.layout == L384 && file.path.ends_with("glibc-x86_64/wtmp"));
    whole.unwrap().bytes()
}

/// A file without its head: a reader finds the records, and a slice of records is refused.
#[test]
fn a_file_without_its_head() {
    let data = wtmp();
    let cut = &data[100..];
    let error = LogFile::from_slice(cut).unwrap_err();
    assert!(error.to_string().contains("records are not at multiples of their size"), "{error}");
    let log = OpenOptions::new().from_reader(cut).unwrap();
    let (mut chunks, mut offsets, mut skipped) = (log.chunks(), Vec::new(), 0);
    while let Some(records) = chunks.next_chunk().unwrap() {
        for record in records {
            match record {
                Ok(record) => offsets.push(record.offset()),
                Err(Error::Skipped { offset: 0, len: 284 }) => skipped += 1,
                Err(error) => panic!("{error}"),
            }
        }
    }
    let expected: Vec<u64> = (1..data.len() as u64 / 384).map(|n| n * 384 - 100).collect();
    assert_eq!((offsets, skipped), (expected, 1));
    assert_eq!(log.get(3, |record| record.offset()).unwrap(), Some(3 * 384 + 284));
    assert!(log.range(0..3).is_none());
}

/// Offsets of whole records.
fn offsets(seen: &[Seen]) -> Vec<u64> {
    seen.iter().flatten().map(|record| record.1).collect()
}

/// A layout that is given does not change what is read: bytes in the middle that belong to no
/// record are named, and every other record is there, forwards and backwards.
#[test]
fn a_given_layout_is_read_on_as_a_detected_one() {
    let layout: &'static Layout = by_name(L384).unwrap();
    let count = 46;
    let whole = synthesize(layout, count, 1_500_000_000, &mut Rng::new(5));
    for (at, inserted) in [(3, 1), (count / 2, 7), (count - 2, 100)] {
        let mut data = whole.clone();
        let place = at * layout.size;
        data.splice(place..place, (0..inserted).map(|n| (n * 31 + 7) as u8));
        let expected: Vec<u64> = (0..count)
            .map(|n| (n * layout.size + if n < at { 0 } else { inserted }) as u64)
            .collect();
        let detected = OpenOptions::new().from_reader(&data[..]).unwrap();
        assert_eq!(detected.layout(), Some(layout));
        let forwards = all(detected.chunks());
        assert_eq!(offsets(&forwards), expected, "{inserted} at {at}");
        let skipped = Error::Skipped { offset: place as u64, len: inserted as u64 };
        assert!(forwards.contains(&Err(skipped)), "{inserted} at {at}");
        let given: LogReader<_> = reader(layout, ByOffset::new(&data));
        assert!(all(given.chunks()) == forwards, "{inserted} at {at}");
        let mut backwards = all_rev(given.chunks_rev());
        backwards.reverse();
        assert_eq!(offsets(&backwards), expected, "{inserted} at {at}");
    }
}

/// A foreign block longer than a chunk, as a lost file system leaves one: it is named, none of it is
/// a row, and the records after it are there.
#[test]
fn a_block_longer_than_a_chunk() {
    let layout: &'static Layout = by_name(L384).unwrap();
    let mut random = Rng::new(8);
    let count = 60;
    let whole = synthesize(layout, count, 1_500_000_000, &mut Rng::new(5));
    let noise: Vec<u8> = (0..1_500_001).map(|_| random.below(256) as u8).collect();
    let line = b"Nov 30 12:26:01 gw sshd[33]: Failed password for root from 192.0.2.7\n";
    for block in [&noise[..], &line.repeat(20_000)[1..]] {
        let at = 40;
        let mut data = whole.clone();
        data.splice(at * 384..at * 384, block.iter().copied());
        let expected: Vec<u64> =
            (0..count).map(|n| (n * 384 + if n < at { 0 } else { block.len() }) as u64).collect();
        let given: LogReader<_> = reader(layout, ByOffset::new(&data));
        let forwards = all(given.chunks());
        let stream = OpenOptions::new().layout(layout).from_reader(&data[..]).unwrap();
        assert!(all(stream.chunks()) == forwards);
        let skipped = forwards.iter().map(|seen| match seen {
            Err(Error::Skipped { len, .. }) => *len,
            _ => 0,
        });
        assert_eq!(skipped.sum::<u64>(), block.len() as u64);
        assert_eq!(offsets(&forwards), expected);
        let mut backwards = all_rev(given.chunks_rev());
        backwards.reverse();
        assert_eq!(offsets(&backwards), expected);
    }
}
