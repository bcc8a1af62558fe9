//! Databases with their logs and journals: pages that lie, trees that loop, frames out of order, and
//! rows that are gone.

use std::io;

use loginrec::formats::DATABASES;
use loginrec::open::Identity;
use loginrec::read::{Chunks, FoundAs, Part, ReadAt, RowPlace, RowState};
use loginrec::{Layout, LogFile, LogReader, OpenOptions};
use loginrec_testing::Rng;

use super::records;
use crate::Target;

pub(crate) const TARGET: Target = Target {
    name: "sqlite",
    run,
    seeds,
    made_up,
    words: &[
        b"SQLite format 3\0",
        b"\x37\x7f\x06\x82",
        b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7",
        b"\x0d\0\0\0\x01",
        b"\x05\0\0\0\x01",
        b"\x0a\0\0\0\x01",
        b"\0\0\0\x02",
        b"\xff\xff\xff\xff",
        b"CREATE TABLE wtmp(ID INTEGER PRIMARY KEY,",
        b"WITHOUT ROWID",
    ],
};

/// A database and its log and journal.
struct Files<'a> {
    main: &'a [u8],
    wal: &'a [u8],
    journal: &'a [u8],
}

impl<'a> Files<'a> {
    /// Two bytes say how many kilobytes the log and the journal have, which stand at the end.
    fn of(input: &'a [u8]) -> Option<Files<'a>> {
        let (&[wal, journal], rest) = input.split_first_chunk()?;
        let (rest, journal) = rest.split_at(rest.len().saturating_sub(usize::from(journal) << 10));
        let (main, wal) = rest.split_at(rest.len().saturating_sub(usize::from(wal) << 10));
        Some(Files { main, wal, journal })
    }
}

impl ReadAt for Files<'_> {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.main.read_at(buffer, offset)
    }

    fn size(&self) -> io::Result<u64> {
        self.main.size()
    }

    fn beside(&self, part: Part) -> Option<&dyn ReadAt> {
        match part {
            Part::Wal if !self.wal.is_empty() => Some(&self.wal),
            Part::Journal if !self.journal.is_empty() => Some(&self.journal),
            _ => None,
        }
    }
}

impl Files<'_> {
    /// Returns the file that the offset of a row counts in.
    fn file_of(&self, place: &RowPlace) -> &[u8] {
        // A log or a journal that is read alone is the file itself.
        let is_alone = place.state == RowState::Unknown;
        match place.part {
            Some(Part::Wal) if !is_alone => self.wal,
            Some(Part::Journal) if !is_alone => self.journal,
            _ => self.main,
        }
    }
}

/// Rows have an order and an end, from whichever end they are read, and lie where they say.
fn run(input: &[u8]) {
    let Some(files) = Files::of(input) else { return };
    let identity = |layout| OpenOptions::new().layout(layout).identify(|| unreachable!());
    for layout in DATABASES {
        let Ok(identity): Result<Identity, _> = identity(layout) else { continue };
        let log = LogFile::read(&files, identity.clone()).unwrap();
        let all: Vec<_> = log.records().collect();
        assert!(all.len() <= 2 * input.len() + 64, "does not end");
        for (index, record) in (0..).zip(all.iter().flatten()) {
            assert_eq!(record.index(), index);
            let place = record.row_place().unwrap();
            let file = files.file_of(&place);
            assert!(record.offset() < file.len() as u64, "a row behind the end");
            let _ = (records::said(&record.entry()), record.key(), record.bytes());
        }
        let reader = LogReader::with_identity(&files, identity);
        let mut chunks = reader.chunks().chunk_size(500);
        let mut forwards = Vec::new();
        while let Some(records) = chunks.next_chunk().unwrap() {
            forwards.extend(records.map(|r| r.map(|record| (record.index(), record.offset()))));
        }
        let places = all.iter().map(|r| r.map(|record| (record.index(), record.offset())));
        assert!(places.eq(forwards), "chunks are not the whole");
        gone(layout, &files, all.iter().flatten().count(), input.len());
    }
}

/// Rows that the database no longer has come after those that it has, lie in its files, and name the
/// columns that are lost.
fn gone(layout: &'static Layout, files: &Files<'_>, live: usize, len: usize) {
    let mut chunks = Chunks::new(layout, files).deleted(true).chunk_size(500);
    let mut count = 0;
    while let Some(records) = chunks.next_chunk().unwrap() {
        for record in records.flatten() {
            let place = record.row_place().unwrap();
            // The row of a log or journal that is read alone.
            let is_alone = place.state == RowState::Unknown;
            let is_live = place.state == RowState::Live;
            assert_eq!(is_live || is_alone, count < live, "rows that are gone among the others");
            assert_eq!(is_live, place.found_as.is_none());
            assert!(is_live || place.copies > 0);
            let is_whole = place.lost(layout).next().is_none();
            assert!(is_whole || place.found_as != Some(FoundAs::Cell), "a whole row in parts");
            let file = files.file_of(&place);
            assert!(record.offset() < file.len() as u64, "a row behind the end");
            let _ = (records::said(&record.entry()), record.key(), record.bytes());
            count += 1;
        }
    }
    assert!(count <= 4 * len + 64, "does not end");
}

/// The samples of the corpus, where they are.
fn seeds() -> Vec<Vec<u8>> {
    let Some(folder) = loginrec_testing::corpus("sqlite") else { return Vec::new() };
    let mut seeds = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let folder = entry.unwrap().path();
        for name in ["wtmp.db", "lastlog2.db"] {
            let read = |end: &str| std::fs::read(folder.join(format!("{name}{end}"))).ok();
            let Some(main) = read("").filter(|main| main.len() < 64 << 10) else { continue };
            let mut seed = vec![0, 0];
            seed.extend_from_slice(&main);
            for (at, end) in [(0, "-wal"), (1, "-journal")] {
                let Some(mut file) = read(end).filter(|file| file.len() < 200 << 10) else {
                    continue;
                };
                file.resize(file.len().next_multiple_of(1 << 10), 0);
                seed[at] = (file.len() >> 10) as u8;
                seed.extend_from_slice(&file);
            }
            seeds.push(seed);
        }
    }
    seeds
}

/// Two pages or more: the definition of a table, and leaves with cells that make some sense.
fn made_up(rng: &mut Rng) -> Vec<u8> {
    const SIZE: usize = 512;
    let pages = 2 + rng.index(5);
    let mut file = vec![0; pages * SIZE];
    file[..16].copy_from_slice(b"SQLite format 3\0");
    file[16..24].copy_from_slice(&[2, 0, 1, 1, 0, 64, 32, 32]);
    file[56..60].copy_from_slice(&(1 + rng.index(3) as u32).to_be_bytes());
    let sql = b"CREATE TABLE wtmp(ID INTEGER PRIMARY KEY, Type INTEGER, User TEXT, Login INTEGER)";
    let mut row = vec![7, 23, 21, 21, 1];
    let len = 13 + 2 * sql.len();
    row.extend_from_slice(&[0x80 | (len >> 7) as u8, len as u8 & 0x7f]);
    row[0] = row.len() as u8;
    row.extend_from_slice(b"tablewtmpwtmp\x02");
    row.extend_from_slice(sql);
    leaf(&mut file[..SIZE], 100, &[(1, row)]);
    for page in file.chunks_mut(SIZE).skip(1) {
        let rows = (0..rng.index(8)).map(|n| {
            let text = 13 + 2 * rng.index(12);
            let mut row = vec![5, 0, 1, text as u8, 6, rng.index(5) as u8];
            row.resize(row.len() + (text - 13) / 2, b'a');
            row.extend_from_slice(&rng.any().to_be_bytes());
            (n as u8 + 1, row)
        });
        leaf(page, 0, &rows.collect::<Vec<_>>());
    }
    [&[0, 0], file.as_slice()].concat()
}

/// Writes a leaf of a table, cells from the end on.
fn leaf(page: &mut [u8], base: usize, rows: &[(u8, Vec<u8>)]) {
    let mut end = page.len();
    page[base] = 13;
    page[base + 4] = rows.len() as u8;
    for (n, (rowid, row)) in rows.iter().enumerate() {
        let cell = [&[row.len() as u8, *rowid], row.as_slice()].concat();
        let Some(start) = end.checked_sub(cell.len()).filter(|start| *start > base + 40) else {
            page[base + 4] = n as u8;
            return;
        };
        page[start..end].copy_from_slice(&cell);
        page[base + 8 + 2 * n..][..2].copy_from_slice(&(start as u16).to_be_bytes());
        end = start;
    }
}
