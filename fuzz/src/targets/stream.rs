//! Streams in windows of any size, forwards and backwards: what they give is what a walk over
//! the whole gives.

use std::io::{self, Cursor, ErrorKind, Read};

use loginrec::{Backwards, Error, Record, Stream};

use super::records::{self, chosen};
use crate::Target;

pub(crate) const TARGET: Target = Target {
    name: "stream",
    run,
    // Behind a byte that says how it is read.
    seeds: || {
        let numbered = records::numbered(None).into_iter();
        numbered.map(|input| [&[29], input.as_slice()].concat()).collect()
    },
    made_up: |rng| [&[rng.any() as u8], records::made_up(rng).as_slice()].concat(),
    words: records::WORDS,
};

type Seen = Result<(u64, u64, Option<u64>, &'static str, Vec<u8>), Error>;

fn seen(record: Result<Record<'_>, Error>) -> Seen {
    record.map(|r| (r.index(), r.offset(), r.uid(), r.layout().name, r.bytes().to_vec()))
}

/// Gives few bytes at a time and is interrupted now and then.
struct Rough<'a> {
    data: &'a [u8],
    most: usize,
    reads: usize,
}

impl Read for Rough<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.reads += 1;
        if self.reads.is_multiple_of(5) {
            return Err(ErrorKind::Interrupted.into());
        }
        let len = self.most.min(buffer.len());
        self.data.read(&mut buffer[..len])
    }
}

fn run(input: &[u8]) {
    let Some((&how, input)) = input.split_first() else { return };
    let Some((layout, data)) = chosen(input) else { return };
    let whole: Vec<Seen> = layout.records(data).map(seen).collect();
    let window = 1 + usize::from(how) * usize::from(how % 16);

    let rough = Rough { data, most: 1 + usize::from(how) * 5, reads: 0 };
    let mut stream = Stream::new(layout, rough).window(window);
    let mut found = Vec::new();
    while let Some(records) = stream.next_window().unwrap() {
        found.extend(records.map(seen));
    }
    assert!(found == whole, "{}: windows of {window}", layout.name);
    let (offset, tail) = stream.tail();
    assert!(offset as usize + tail.len() <= data.len() && data.ends_with(tail));

    let mut windows = Backwards::new(layout, Cursor::new(data)).unwrap().window(window);
    let mut found = Vec::new();
    while let Some(records) = windows.next_window().unwrap() {
        found.extend(records.rev().map(seen));
    }
    found.reverse();
    assert!(found == whole, "{}: windows of {window}, backwards", layout.name);
}
