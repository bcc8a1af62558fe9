//! Streams in windows of any size, forwards and backwards: what they give is what a walk over
//! the whole gives.

use std::io::{self, ErrorKind, Read};
use std::ops::Range;

use loginrec::read::{Chunks, ChunksRev, ReadAt, RecordStream};
use loginrec::{Error, Record};

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
    let size = 1 + usize::from(how) * usize::from(how % 16);

    let rough = Rough { data, most: 1 + usize::from(how) * 5, reads: 0 };
    let mut stream = RecordStream::new(layout, rough).chunk_size(size);
    let mut found = Vec::new();
    while let Some(records) = stream.next_chunk().unwrap() {
        found.extend(records.map(seen));
    }
    assert!(found == whole, "{}: chunks of {size}", layout.name);
    let (offset, tail) = stream.tail();
    assert!(offset as usize + tail.len() <= data.len() && data.ends_with(tail));

    let sparse = Sparse(data, 1 + u64::from(how) * 7);
    let mut chunks = Chunks::new(layout, &sparse).chunk_size(size);
    let mut found = Vec::new();
    while let Some(records) = chunks.next_chunk().unwrap() {
        found.extend(records.map(seen));
    }
    assert!(found == whole, "{}: chunks of {size}, with holes", layout.name);

    backwards(ChunksRev::new(layout, data).chunk_size(size), &whole);
    backwards(ChunksRev::new(layout, &sparse).chunk_size(size), &whole);
}

fn backwards<S: ReadAt>(mut chunks: ChunksRev<S>, whole: &[Seen]) {
    let mut found = Vec::new();
    while let Some(records) = chunks.next_chunk().unwrap() {
        found.extend(records.rev().map(seen));
    }
    found.reverse();
    assert!(found == whole, "{chunks:?}, backwards");
}

/// Knows of its holes, as a file system does: by blocks.
struct Sparse<'a>(&'a [u8], u64);

impl ReadAt for Sparse<'_> {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.0.read_at(buffer, offset)
    }

    fn size(&self) -> io::Result<u64> {
        self.0.size()
    }

    fn data_after(&self, at: u64) -> io::Result<Option<Range<u64>>> {
        let rest = self.0.get(at as usize..).unwrap_or_default();
        let Some(hole) = rest.iter().position(|&byte| byte != 0) else { return Ok(None) };
        let data = at + hole as u64;
        let block = data - data % self.1;
        Ok(Some(block.max(at)..block + self.1))
    }
}
