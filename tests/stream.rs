//! Windows of a file give what a walk over the whole gives, whatever is read and however.

mod common;

use std::io::{self, Cursor, ErrorKind, Read, Seek, SeekFrom};
use std::ops::Range;

use loginrec::platform::{LAYOUTS, by_name};
use loginrec::{Backwards, Error, Framing, Layout, LogFile, Record, Stream, StreamError};

use crate::common::{Rng, corpus, fixtures};

const WINDOWS: [usize; 8] = [1, 7, 300, 384, 1000, 4096, 65_536, 262_144];

/// A record as it can be compared.
type Seen = Result<(u64, u64, Option<u64>, &'static str, Vec<u8>), Error>;

fn seen(record: Result<Record<'_>, Error>) -> Seen {
    record.map(|r| (r.index(), r.offset(), r.uid(), r.layout().name, r.bytes().to_vec()))
}

/// What the walk over the whole gives: the answer to all questions here.
fn whole(layout: &'static Layout, data: &[u8]) -> Vec<Seen> {
    let log = LogFile::options().layout(layout).bytes(data).unwrap();
    log.records().map(seen).collect()
}

fn drain<R: Read>(mut stream: Stream<R>) -> (Vec<Seen>, Option<StreamError>) {
    let mut all = Vec::new();
    loop {
        match stream.next_window() {
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
                assert!(stream.next_window().unwrap().is_none(), "goes on behind an error");
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
        if layout.framing != Framing::Database {
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
fn every_layout_every_window() {
    for layout in LAYOUTS {
        for data in files(layout) {
            let expected = whole(layout, &data);
            for window in WINDOWS {
                let at = format!("{} of {} bytes by {window}", layout.name, data.len());
                let (found, error) = drain(Stream::new(layout, &data[..]).window(window));
                assert!(error.is_none() && found == expected, "{at}");
                if window >= 300 {
                    let random = Rng::new(window as u64);
                    let rough = Rough { data: &data, at: 0, breaks: None, random };
                    let (found, error) = drain(Stream::new(layout, rough).window(window));
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
            let log = LogFile::options().layout(layout).bytes(&data).unwrap();
            let mut expected = Vec::new();
            log.entries().for_each(|entry| expected.push(format!("{entry:?}")));
            let mut found = Vec::new();
            let stream = Stream::new(layout, &data[..]).window(1000);
            stream.for_each(|entry| found.push(format!("{entry:?}"))).unwrap();
            assert!(found == expected, "{}", layout.name);
        }
    }
}

#[test]
fn backwards() {
    for layout in LAYOUTS {
        for data in files(layout) {
            let log = LogFile::options().layout(layout).bytes(&data).unwrap();
            let expected: Vec<Seen> = log.records().rev().map(seen).collect();
            for window in WINDOWS {
                let windows = Backwards::new(layout, Cursor::new(&data)).unwrap();
                let mut windows = windows.window(window);
                let mut found = Vec::new();
                while let Some(records) = windows.next_window().unwrap() {
                    found.extend(records.rev().map(seen));
                }
                assert!(found == expected, "{} by {window}", layout.name);
            }
        }
    }
}

#[test]
fn what_is_whole_before_an_error_is_given() {
    for layout in LAYOUTS.iter().filter(|layout| layout.framing != Framing::Database) {
        let mut random = Rng::new(3);
        for data in files(layout).iter().filter(|data| data.len() > 300) {
            let breaks = random.below(data.len() as u64) as usize;
            let rough = Rough { data, at: 0, breaks: Some(breaks), random: Rng::new(1) };
            let (found, error) = drain(Stream::new(layout, rough).window(1000));
            let error = error.unwrap();
            assert_eq!(error.offset(), breaks as u64, "{}", layout.name);
            assert_eq!(error.to_string(), format!("byte {breaks}: input/output error"));
            let all = whole(layout, data);
            assert!(all.starts_with(&found), "{}", layout.name);
            // No whole record is missing.
            let end = |item: &Seen| match item {
                Ok((_, offset, .., bytes)) => {
                    let prefix = if layout.framing == Framing::LengthPrefixed { 2 } else { 0 };
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
    for window in WINDOWS {
        let (found, _) = drain(Stream::new(layout, &zeros[..]).window(window));
        assert_eq!(found, [Err(Error::ZeroLength { offset: 0, skipped: 1_000_000 })]);
    }
    let between = [b"\0\x01a", &zeros[..], b"\0\x01b"].concat();
    let (found, _) = drain(Stream::new(layout, &between[..]));
    assert_eq!(found[1], Err(Error::ZeroLength { offset: 3, skipped: 1_000_000 }));
    assert_eq!(found[2].as_ref().unwrap().1, 1_000_003);
    assert_eq!(found.len(), 3);
}

/// A file of mostly holes, as a file system has it: what is not listed reads as zeros.
struct Sparse {
    len: u64,
    data: Vec<(u64, Vec<u8>)>,
    /// The file system says so of more than the data, by blocks of this size.
    block: u64,
    at: u64,
    read: u64,
}

impl Sparse {
    fn next_data(&mut self, at: u64) -> io::Result<Option<Range<u64>>> {
        let blocks = self.data.iter().map(|(start, bytes)| {
            let end = (start + bytes.len() as u64).next_multiple_of(self.block);
            start - start % self.block..end.min(self.len)
        });
        let next = blocks.filter(|part| at < part.end).min_by_key(|part| part.start);
        Ok(next.map(|part| part.start.max(at)..part.end))
    }
}

impl Read for Sparse {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = (self.len.saturating_sub(self.at)).min(buffer.len() as u64) as usize;
        buffer[..len].fill(0);
        for (start, bytes) in &self.data {
            for (i, byte) in bytes.iter().enumerate() {
                let at = (start + i as u64).checked_sub(self.at);
                if let Some(to) = at.and_then(|at| buffer[..len].get_mut(at as usize)) {
                    *to = *byte;
                }
            }
        }
        self.at += len as u64;
        self.read += len as u64;
        Ok(len)
    }
}

impl Seek for Sparse {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.at = match to {
            SeekFrom::Start(at) => at,
            SeekFrom::End(0) => self.len,
            _ => unreachable!(),
        };
        Ok(self.at)
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
    let sparse = Sparse { len, data: data.into(), block: 4096, at: 0, read: 0 };
    let mut stream = Stream::sparse(layout, sparse, Sparse::next_data);
    let mut found = Vec::new();
    while let Some(records) = stream.next_window().unwrap() {
        found.extend(records.map(|record| {
            let record = record.unwrap();
            assert_eq!(record.bytes(), slot);
            (record.uid().unwrap(), record.offset())
        }));
    }
    assert_eq!(found, uids.map(|uid| (uid, uid * 292)));
    assert!(stream.get_ref().read < 64 << 10, "{} bytes read", stream.get_ref().read);
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
            let mut sparse = Sparse { len, data, block, at: 0, read: 0 };
            let mut dense = Vec::new();
            sparse.read_to_end(&mut dense).unwrap();
            sparse.at = 0;
            let window = WINDOWS[random.below(8) as usize];
            let (found, error) =
                drain(Stream::sparse(layout, sparse, Sparse::next_data).window(window));
            assert!(error.is_none() && found == whole(layout, &dense), "{name} {round}");
        }
    }
}

/// Real files, those of the system's own C library among them.
#[test]
fn the_corpus() {
    for sample in corpus() {
        let data = sample.bytes();
        let layout = by_name(sample.layout).unwrap();
        let (found, error) = drain(Stream::new(layout, &data[..]).window(10_000));
        assert!(error.is_none() && found == whole(layout, &data), "{}", sample.path.display());
    }
}
