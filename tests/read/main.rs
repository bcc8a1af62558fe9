//! Chunks of a file give what an iterator over the whole gives, whatever is read and however:
//! from a pipe, forwards, backwards, in parts, by index.

mod resync;
mod sparse;

use std::cell::Cell;
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::sync::Arc;

use loginrec::formats::{LAYOUTS, by_name};
use loginrec::read::{Chunks, ChunksRev, ReadAt, ReadError, RecordStream};
use loginrec::read::{read_full, read_full_at};
use loginrec::{Container, Error, Layout, LogFile, LogReader, OpenOptions, Record};
use loginrec_testing::{Rng, corpus_files, fixtures};

const CHUNKS: [usize; 8] = [1, 7, 300, 384, 1000, 4096, 65_536, 262_144];

/// A record as it can be compared.
type Seen = Result<(u64, u64, Option<u64>, &'static str, Vec<u8>), Error>;

fn seen(record: Result<Record<'_>, Error>) -> Seen {
    record.map(|r| (r.index(), r.offset(), r.uid(), r.layout().name, r.bytes().to_vec()))
}

/// Reads the whole at once, which all other ways are compared with.
fn whole(layout: &'static Layout, data: &[u8]) -> Vec<Seen> {
    let log = LogFile::options().layout(layout).from_slice(data).unwrap();
    log.records().map(seen).collect()
}

fn drain<R: Read>(mut stream: RecordStream<R>) -> (Vec<Seen>, Option<ReadError>) {
    let mut all = Vec::new();
    loop {
        match stream.next_chunk() {
            Ok(Some(records)) => all.extend(records.map(seen)),
            Ok(None) => {
                // The bytes of the record that the walk says is cut short, if it does.
                let cut = match all.last() {
                    Some(Err(Error::Truncated { offset, have, .. })) => Some((*offset, *have)),
                    _ => None,
                };
                let (offset, tail) = stream.tail();
                let tail = Some((offset, tail.len() as u64)).filter(|(_, len)| *len > 0);
                assert_eq!(tail, cut);
                return (all, None);
            }
            Err(error) => {
                assert!(stream.next_chunk().unwrap().is_none(), "goes on behind an error");
                return (all, Some(error));
            }
        }
    }
}

/// Gives a few bytes at a time, is interrupted, and breaks where it is told to.
struct Rough<'a> {
    data: &'a [u8],
    at: usize,
    breaks: Option<usize>,
    random: Rng,
}

impl Read for Rough<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.random.below(5) == 0 {
            return Err(ErrorKind::Interrupted.into());
        }
        let end = self.breaks.unwrap_or(self.data.len());
        if self.breaks == Some(self.at) {
            return Err(io::Error::other("input/output error"));
        }
        let len = (1 + self.random.below(3000) as usize).min(buffer.len()).min(end - self.at);
        buffer[..len].copy_from_slice(&self.data[self.at..self.at + len]);
        self.at += len;
        Ok(len)
    }
}

/// Files of a layout: as they should be, cut, with holes, and damaged.
fn files(layout: &'static Layout) -> Vec<Vec<u8>> {
    let whole: Vec<Vec<u8>> = fixtures()
        .iter()
        .filter(|sample| sample.layout == layout.name)
        .map(|sample| sample.bytes())
        .collect();
    let mut random = Rng::new(layout.name.bytes().map(u64::from).sum());
    let mut all = vec![Vec::new(), vec![0; 1], vec![0; 100_000]];
    let mut noise = vec![0; 5000];
    noise.iter_mut().for_each(|byte| *byte = random.below(256) as u8);
    all.push(noise);
    for data in whole {
        all.push(data[..data.len() * 2 / 3 + 1].to_vec());
        let mut damaged = data.clone();
        for _ in 0..8 {
            let at = random.below(damaged.len() as u64) as usize;
            let end = (at + random.below(600) as usize).min(damaged.len());
            let with = [0, 0, random.below(256) as u8][random.below(3) as usize];
            damaged[at..end].fill(with);
        }
        if layout.container != Container::BerkeleyHash {
            let zeros = vec![0; random.below(200_000) as usize];
            all.push([&data[..], &zeros, &damaged, &data].concat());
            all.push([&zeros[..], &data].concat());
            all.push(data.repeat(1 + 100_000 / data.len()));
        }
        all.push(damaged);
        all.push(data);
    }
    all
}

#[test]
fn every_layout_every_chunk_size() {
    for layout in LAYOUTS {
        for data in files(layout) {
            let expected = whole(layout, &data);
            for size in CHUNKS {
                let at = format!("{} of {} bytes by {size}", layout.name, data.len());
                let (found, error) = drain(RecordStream::new(layout, &data[..]).chunk_size(size));
                assert!(error.is_none() && found == expected, "{at}");
                if size >= 300 {
                    let random = Rng::new(size as u64);
                    let rough = Rough { data: &data, at: 0, breaks: None, random };
                    let (found, error) = drain(RecordStream::new(layout, rough).chunk_size(size));
                    assert!(error.is_none() && found == expected, "{at}, rough");
                }
            }
        }
    }
}

/// The fold over entries sees the same.
#[test]
fn for_each_is_the_same() {
    for layout in LAYOUTS {
        for data in files(layout) {
            let log = LogFile::options().layout(layout).from_slice(&data).unwrap();
            let mut expected = Vec::new();
            log.records().entries().for_each(|entry| expected.push(format!("{entry:?}")));
            let mut found = Vec::new();
            let stream = RecordStream::new(layout, &data[..]).chunk_size(1000);
            stream.for_each(|entry| found.push(format!("{entry:?}"))).unwrap();
            assert!(found == expected, "{}", layout.name);
        }
    }
}

/// All records of a source, forwards.
fn all<S: ReadAt>(mut chunks: Chunks<S>) -> Vec<Seen> {
    let mut all = Vec::new();
    while let Some(records) = chunks.next_chunk().unwrap() {
        all.extend(records.map(seen));
    }
    all
}

/// All records of a source, the last one first.
fn all_rev<S: ReadAt>(mut chunks: ChunksRev<S>) -> Vec<Seen> {
    let mut all = Vec::new();
    while let Some(records) = chunks.next_chunk().unwrap() {
        all.extend(records.rev().map(seen));
    }
    all
}

/// Bytes that are not known to be in memory, a few at a time and with interruptions.
struct ByOffset<'a>(&'a [u8], Cell<usize>);

impl ByOffset<'_> {
    fn new(data: &[u8]) -> ByOffset<'_> {
        ByOffset(data, Cell::new(0))
    }
}

impl ReadAt for ByOffset<'_> {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.1.set(self.1.get() + 1);
        if self.1.get().is_multiple_of(5) {
            return Err(ErrorKind::Interrupted.into());
        }
        let len = buffer.len().min(1 + self.1.get() * 700 % 3000);
        self.0.read_at(&mut buffer[..len], offset)
    }

    fn size(&self) -> io::Result<u64> {
        self.0.size()
    }
}

#[test]
fn at_any_offset_forwards_and_backwards() {
    for layout in LAYOUTS {
        for data in files(layout) {
            let expected = whole(layout, &data);
            let mut reversed: Vec<Seen> = expected.clone();
            reversed.reverse();
            for size in CHUNKS.into_iter().step_by(2) {
                let at = format!("{} of {} bytes by {size}", layout.name, data.len());
                let chunks = Chunks::new(layout, &data[..]).chunk_size(size);
                assert!(all(chunks) == expected, "{at}, in memory");
                let chunks = ChunksRev::new(layout, &data[..]).chunk_size(size);
                assert!(all_rev(chunks) == reversed, "{at}, in memory, backwards");
                if size >= 300 {
                    let chunks = Chunks::new(layout, ByOffset::new(&data)).chunk_size(size);
                    assert!(all(chunks) == expected, "{at}");
                    let chunks = ChunksRev::new(layout, ByOffset::new(&data)).chunk_size(size);
                    assert!(all_rev(chunks) == reversed, "{at}, backwards");
                }
            }
        }
    }
}

/// The rest at the end of a file is reported alike from memory, by offset and from a pipe.
#[test]
fn tails() {
    for layout in LAYOUTS {
        for data in files(layout) {
            let mut stream = RecordStream::new(layout, &data[..]).chunk_size(1000);
            while stream.next_chunk().unwrap().is_some() {}
            let mut chunks = Chunks::new(layout, ByOffset::new(&data)).chunk_size(1000);
            while chunks.next_chunk().unwrap().is_some() {}
            let mut memory = Chunks::new(layout, &data).chunk_size(1000);
            while memory.next_chunk().unwrap().is_some() {}
            assert!(chunks.tail() == stream.tail(), "{}", layout.name);
            assert!(memory.tail() == stream.tail(), "{}", layout.name);
            let (offset, tail) = stream.tail();
            assert_eq!(offset + tail.len() as u64, data.len() as u64, "{}", layout.name);
        }
    }
}

/// A reader of a layout that is given.
fn reader<S: ReadAt>(layout: &'static Layout, source: S) -> LogReader<S> {
    OpenOptions::new().layout(layout).from_reader(source).unwrap()
}

#[test]
fn by_index_and_by_place() {
    for layout in LAYOUTS {
        for data in files(layout).iter().filter(|data| data.len() < 60_000) {
            let expected = whole(layout, data);
            let log = reader(layout, ByOffset::new(data));
            let mut lookup = log.lookup();
            for item in expected.iter().step_by(7) {
                let Ok((index, offset, ..)) = item else { continue };
                let index_of = |item: &Seen| item.as_ref().map_or(u64::MAX, |record| record.0);
                // The values of a damaged database are not numbered uniquely.
                let first = expected.iter().find(|item| index_of(item) == *index);
                let found = log.get(*index, |record| seen(Ok(*record))).unwrap();
                assert_eq!(found.as_ref(), first, "{}", layout.name);
                let found = lookup.record(*index, *offset).unwrap().map(|record| seen(Ok(record)));
                match layout.container {
                    Container::BerkeleyHash => assert!(found.is_none()),
                    _ => assert_eq!(found.as_ref(), Some(item), "{}", layout.name),
                }
            }
            assert!(log.get(u64::MAX, |_| ()).unwrap().is_none(), "{}", layout.name);
            let records = expected.iter().flatten().count() as u64;
            match log.record_count().unwrap() {
                Some(count) if layout.container == Container::Slots => assert!(count >= records),
                Some(count) => assert_eq!(count, records, "{}", layout.name),
                None => assert!(!layout.container.is_array(), "{}", layout.name),
            }
        }
    }
}

/// Every record is in one part, and so is what is cut short.
#[test]
fn parts_cover_the_file() {
    for layout in LAYOUTS {
        for data in files(layout) {
            let expected = whole(layout, &data);
            for log in [reader(layout, &data[..]).part(0, 1), reader(layout, &data[..]).part(0, 9)]
            {
                assert_eq!(log.unwrap().is_some(), layout.container.is_array(), "{}", layout.name);
            }
            for of in [1, 2, 3, 7, 64].into_iter().filter(|_| layout.container.is_array()) {
                let (log, memory) = (reader(layout, ByOffset::new(&data)), reader(layout, &data));
                let (mut found, mut found_in_memory) = (Vec::new(), Vec::new());
                for n in 0..of {
                    found.extend(all(log.part(n, of).unwrap().unwrap().chunk_size(1000)));
                    found_in_memory.extend(all(memory.part(n, of).unwrap().unwrap()));
                }
                assert!(found == expected, "{} in {of}", layout.name);
                assert!(found_in_memory == expected, "{} in {of}", layout.name);
                assert!(log.part(of, of).unwrap().is_none());
            }
        }
    }
}

/// A file that was empty when its layout was detected has no records.
#[test]
fn an_empty_source() {
    let log = LogReader::new(&b""[..]).unwrap();
    assert!(log.layout().is_none());
    assert_eq!(log.record_count().unwrap(), Some(0));
    assert!(all(log.chunks()).is_empty() && all_rev(log.chunks_rev()).is_empty());
    assert!(log.get(0, |_| ()).unwrap().is_none());
    assert!(log.part(0, 1).unwrap().is_none());
}

/// A file, bytes in memory, and what leads to either.
#[test]
fn sources_agree() {
    let path = "fixtures/linux-glibc-384-le/wtmp";
    let data = std::fs::read(path).unwrap();
    let file = File::open(path).unwrap();
    let shared: Arc<dyn ReadAt> = Arc::new(File::open(path).unwrap());
    let sources: [&dyn ReadAt; 5] = [&file, &&data[..], &data, &shared, &&file];
    for source in sources {
        assert_eq!(source.size().unwrap(), data.len() as u64);
        let mut part = vec![0; 1000];
        assert_eq!(read_full_at(source, &mut part, 100).0, 1000);
        assert!(part == data[100..1100]);
        assert_eq!(source.read_at(&mut part, data.len() as u64).unwrap(), 0);
        assert_eq!(source.read_at(&mut part, u64::MAX >> 1).unwrap(), 0);
        assert_eq!(source.data_after(7).unwrap().unwrap().start, 7);
        let log = OpenOptions::new().file_name("wtmp").from_reader(source).unwrap();
        assert_eq!(log.layout().unwrap().name, "linux-glibc-384-le");
        assert!(all(log.chunks()) == whole(log.layout().unwrap(), &data));
    }
    let mut part = vec![0; data.len() + 1];
    let (read, error) = read_full(&mut &data[..], &mut part);
    assert!(read == data.len() && error.is_none());
}

/// Several threads read one source at the same time.
#[test]
fn threads() {
    let layout = by_name("linux-glibc-384-le").unwrap();
    let path = "fixtures/linux-glibc-384-le/wtmp";
    let expected = whole(layout, &std::fs::read(path).unwrap());
    let log = reader(layout, File::open(path).unwrap());
    let parts: Vec<Vec<Seen>> = std::thread::scope(|scope| {
        let part = |n| all(log.part(n, 4).unwrap().unwrap());
        let threads: Vec<_> = (0..4).map(|n| scope.spawn(move || part(n))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(parts.concat() == expected);
}

/// Ends where it is said to, for whoever asks from then on.
#[test]
fn a_source_that_shrinks() {
    struct Shrinks<'a>(&'a [u8], Cell<usize>);
    impl ReadAt for Shrinks<'_> {
        fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
            let read = self.0[..self.1.get()].read_at(buffer, offset);
            self.1.set(700);
            read
        }

        fn size(&self) -> io::Result<u64> {
            Ok(self.0.len() as u64)
        }
    }
    let layout = by_name("linux-glibc-384-le").unwrap();
    let data = vec![1; 384 * 10];
    let source = Shrinks(&data, Cell::new(data.len()));
    let found = all(Chunks::new(layout, &source).chunk_size(384));
    assert_eq!(found.len(), 2);
    assert_eq!(found[1], Err(Error::Truncated { offset: 384, need: 384, have: 316 }));
    let found = all_rev(ChunksRev::new(layout, &source).chunk_size(384));
    assert_eq!(found.iter().flatten().count(), 1);
}

/// Reading options hold for entries from every kind of iterator.
#[test]
fn unsigned_seconds() {
    let layout = by_name("linux-glibc-384-le").unwrap();
    let mut data = vec![0; 384 * 3];
    data.chunks_mut(384).for_each(|record| record[340..344].fill(0xff));
    let options = OpenOptions::new().layout(layout).unsigned_seconds(true);
    let in_2106 = i64::from(u32::MAX);
    let log = options.clone().from_slice(&data).unwrap();
    assert!(log.records().all(|record| record.unwrap().entry().ut_tv.tv_sec == in_2106));
    let mut folded = 0;
    log.records().entries().for_each(|item| folded += item.unwrap().1.ut_tv.tv_sec);
    assert_eq!(folded, 3 * in_2106);
    assert_eq!(log.get(1).unwrap().entry().ut_tv.tv_sec, in_2106);
    let log = options.from_reader(&data).unwrap();
    let time = |record: &Record<'_>| record.entry().ut_tv.tv_sec;
    assert_eq!(log.get(1, time).unwrap(), Some(in_2106));
    let mut chunks = log.chunks();
    let records = chunks.next_chunk().unwrap().unwrap();
    assert!(records.entries().all(|item| item.unwrap().1.ut_tv.tv_sec == in_2106));
    let mut chunks = log.chunks_rev();
    let records = chunks.next_chunk().unwrap().unwrap();
    assert!(records.entries().all(|item| item.unwrap().1.ut_tv.tv_sec == in_2106));
    let signed = LogFile::options().layout(layout).from_slice(&data).unwrap();
    assert_eq!(signed.get(1).unwrap().entry().ut_tv.tv_sec, -1);
}

#[test]
fn what_is_whole_before_an_error_is_given() {
    for layout in LAYOUTS.iter().filter(|layout| layout.container != Container::BerkeleyHash) {
        let mut random = Rng::new(3);
        for data in files(layout).iter().filter(|data| data.len() > 300) {
            let breaks = random.below(data.len() as u64) as usize;
            let rough = Rough { data, at: 0, breaks: Some(breaks), random: Rng::new(1) };
            let (found, error) = drain(RecordStream::new(layout, rough).chunk_size(1000));
            let error = error.unwrap();
            assert_eq!(error.offset(), breaks as u64, "{}", layout.name);
            assert_eq!(error.to_string(), format!("byte {breaks}: input/output error"));
            let all = whole(layout, data);
            assert!(all.starts_with(&found), "{}", layout.name);
            // No whole record is missing.
            let end = |item: &Seen| match item {
                Ok((_, offset, .., bytes)) => {
                    let prefix = if layout.container == Container::LengthPrefixed { 2 } else { 0 };
                    offset + prefix + bytes.len() as u64
                }
                Err(_) => u64::MAX,
            };
            let behind = &all[found.len()..];
            assert!(behind.iter().all(|item| end(item) > breaks as u64), "{}", layout.name);
        }
    }
}

/// Told in one piece, however many windows it covers.
#[test]
fn a_million_zeros() {
    let layout = by_name("freebsd-utx-log").unwrap();
    let zeros = vec![0; 1_000_000];
    for size in CHUNKS {
        let (found, _) = drain(RecordStream::new(layout, &zeros[..]).chunk_size(size));
        assert_eq!(found, [Err(Error::ZeroLength { offset: 0, skipped: 1_000_000 })]);
    }
    let between = [b"\0\x01a", &zeros[..], b"\0\x01b"].concat();
    let (found, _) = drain(RecordStream::new(layout, &between[..]));
    assert_eq!(found[1], Err(Error::ZeroLength { offset: 3, skipped: 1_000_000 }));
    assert_eq!(found[2].as_ref().unwrap().1, 1_000_003);
    assert_eq!(found.len(), 3);
}

/// Real files, those of the system's own C library among them.
#[test]
fn the_corpus() {
    for sample in corpus_files() {
        let data = sample.bytes();
        let layout = by_name(sample.layout).unwrap();
        let (found, error) = drain(RecordStream::new(layout, &data[..]).chunk_size(10_000));
        assert!(error.is_none() && found == whole(layout, &data), "{}", sample.path.display());
    }
}
