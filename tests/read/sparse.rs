//! Files with holes, of which only the data is read.

use std::cell::Cell;
use std::io;
use std::ops::Range;

use loginrec::LogReader;
use loginrec::formats::by_name;
use loginrec::read::{Chunks, ChunksRev, ReadAt, read_full_at};
use loginrec_testing::{Rng, fixtures};

use crate::{CHUNKS, Seen, all, all_rev, reader, whole};

/// A file of mostly holes: bytes that are not listed read as zeros.
struct Sparse {
    len: u64,
    data: Vec<(u64, Vec<u8>)>,
    /// The file system says so of more than the data, by blocks of this size.
    block: u64,
    read: Cell<u64>,
}

impl ReadAt for Sparse {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let len = self.len.saturating_sub(offset).min(buffer.len() as u64) as usize;
        buffer[..len].fill(0);
        for (start, bytes) in &self.data {
            for (i, byte) in bytes.iter().enumerate() {
                let at = (start + i as u64).checked_sub(offset);
                if let Some(to) = at.and_then(|at| buffer[..len].get_mut(at as usize)) {
                    *to = *byte;
                }
            }
        }
        self.read.set(self.read.get() + len as u64);
        Ok(len)
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.len)
    }

    fn data_after(&self, at: u64) -> io::Result<Option<Range<u64>>> {
        let blocks = self.data.iter().map(|(start, bytes)| {
            let end = (start + bytes.len() as u64).next_multiple_of(self.block);
            start - start % self.block..end.min(self.len)
        });
        let next = blocks.filter(|part| at < part.end).min_by_key(|part| part.start);
        Ok(next.map(|part| part.start.max(at)..part.end))
    }
}

/// Three users of which the last has the highest id there is: 1.25 TB, of which next to
/// nothing is read.
#[test]
fn a_lastlog_to_the_last_uid() {
    let layout = by_name("linux-lastlog-292-le").unwrap();
    let fixture = fixtures().into_iter().find(|f| f.layout == layout.name).unwrap().bytes();
    let slot = fixture.chunks(292).find(|slot| slot.iter().any(|&b| b != 0)).unwrap();
    let uids = [0, 1000, 4_294_967_294];
    let data = uids.map(|uid| (uid * 292, slot.to_vec()));
    let len = 4_294_967_295 * 292;
    let sparse = Sparse { len, data: data.into(), block: 4096, read: Cell::new(0) };
    let log = reader(layout, sparse);
    let places = |all: Vec<Seen>| -> Vec<(u64, u64)> {
        let places = all.into_iter().map(|item| {
            let (_, offset, uid, _, bytes) = item.unwrap();
            assert_eq!(bytes, slot);
            (uid.unwrap(), offset)
        });
        places.collect()
    };
    assert_eq!(places(all(log.chunks())), uids.map(|uid| (uid, uid * 292)));
    let mut backwards = places(all_rev(log.chunks_rev()));
    backwards.reverse();
    assert_eq!(backwards, uids.map(|uid| (uid, uid * 292)));
    assert_eq!(log.get(4_294_967_294, |record| record.uid()).unwrap(), Some(Some(4_294_967_294)));
    assert_eq!(log.record_count().unwrap(), Some(4_294_967_295));
    let last = log.range(4_294_967_290..u64::MAX).unwrap();
    assert_eq!(places(all(last)).len(), 1);
    let read = log.get_ref().read.get();
    assert!(read < 256 << 10, "{read} bytes read");
    let found = LogReader::new(log.into_inner()).unwrap();
    assert_eq!(found.layout(), Some(layout));
    let read = found.get_ref().read.get();
    assert!(read < 4 << 20, "{read} bytes read");
}

#[test]
fn holes_anywhere() {
    for name in ["linux-lastlog-292-le", "netbsd-lastlog-32-le", "openbsd-lastlog-272-be"] {
        let layout = by_name(name).unwrap();
        let mut random = Rng::new(9);
        for round in 0..300 {
            let block = [16, 512, 4096][random.below(3) as usize];
            let len = 1 + random.below(200_000);
            let mut data = Vec::new();
            for _ in 0..random.below(6) {
                let start = random.below(len);
                let bytes = vec![b'x'; 1 + random.below((len - start).min(900)) as usize];
                data.push((start, bytes));
            }
            let sparse = Sparse { len, data, block, read: Cell::new(0) };
            let mut dense = vec![0; len as usize];
            assert_eq!(read_full_at(&sparse, &mut dense, 0).0, dense.len());
            let size = CHUNKS[random.below(8) as usize];
            let mut expected = whole(layout, &dense);
            let found = all(Chunks::new(layout, &sparse).chunk_size(size));
            assert!(found == expected, "{name} {round}");
            let log = reader(layout, &sparse);
            let found: Vec<Seen> =
                (0..5).flat_map(|n| all(log.part(n, 5).unwrap().unwrap())).collect();
            assert!(found == expected, "{name} {round} in parts");
            expected.reverse();
            let found = all_rev(ChunksRev::new(layout, &sparse).chunk_size(size));
            assert!(found == expected, "{name} {round} backwards");
        }
    }
}
