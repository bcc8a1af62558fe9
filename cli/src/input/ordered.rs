//! The records of all files, sorted by time: `dump --merge`, `timeline`.

use std::io;
use std::ops::Range;

use loginrec::read::{Lookup, OwnedRecord, ReadError};
use loginrec::{Container, Entry, Layout, LogFile, Record, Timestamp};

use crate::args::reading::Reading;
use crate::args::time::within;
use crate::diagnostics::{Diagnostics, reason};
use crate::file_name::FileName;
use crate::input::file::{Input, Item, Origin};
use crate::input::holes::Holes;
use crate::input::input_bytes::{Access, InputBytes};
use crate::input::inputs::Inputs;
use crate::input::unopened::Unopened;

/// The sort key of a record, 24 bytes: there may be many millions, and a single file may be out of
/// order too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    sec: i64,
    usec: i32,
    file: u32,
    at: Moment,
}

/// The number of a record in its file, from 0, in all bits but the lowest. That one is set for the
/// end that the record holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Moment(u64);

impl Moment {
    fn new(number: u64, is_end: bool) -> Moment {
        Moment(number << 1 | u64::from(is_end))
    }

    fn number(self) -> u64 {
        self.0 >> 1
    }

    fn is_end(self) -> bool {
        self.0 & 1 != 0
    }
}

/// A record in its place in the order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ordered<'a> {
    pub(crate) record: &'a Record<'a>,
    /// Whether it is here for the time of the [end](Entry::logout) that it holds.
    pub(crate) is_end: bool,
}

/// A file whose records can be read in any order.
struct OrderedFile {
    input: Input,
    /// The offset of each record, if it does not follow from its number.
    places: Vec<u64>,
    /// The records of an array that are not where their numbers put them.
    runs: Vec<Run>,
}

/// Files that have been read once, and the order of their records. Records of the same time keep
/// the order of the files, then of the records.
pub(crate) struct Order<'a> {
    names: Vec<FileName<'a>>,
    sources: Vec<OrderedFile>,
    /// A database is in memory, and its records can only be found by reading it from the beginning.
    databases: Vec<Option<LogFile<'static>>>,
    keys: Vec<Key>,
}

impl<'a> Order<'a> {
    /// Reads the files. `takes` decides which records are included, and which of the ends that they
    /// hold.
    pub(crate) fn of(
        reading: &'a Reading,
        report: &mut Diagnostics,
        mut takes: impl FnMut(Ordered<'_>, &Entry<'_>, &Origin<'_>) -> bool,
    ) -> io::Result<Order<'a>> {
        let mut inputs = Inputs::reading(reading).asking_kind();
        let (mut names, mut sources, mut databases) = (Vec::new(), Vec::new(), Vec::new());
        for file in reading.sources.files() {
            let name = file.name();
            match inputs.open(&name, report).and_then(|input| keep(input, &name, reading, report)) {
                Ok((input, database)) => {
                    names.push(name);
                    sources.push(OrderedFile::new(input));
                    databases.push(database);
                }
                Err(why) => report.failed(&name, why),
            }
        }
        let (mut keys, mut full) = (Vec::new(), None);
        for ((file, name), source) in (0..).zip(&names).zip(&mut sources) {
            let origin = Origin::file(name, source.input.kind());
            source.index(&origin, report, |record, at| {
                let entry = record.entry();
                let end = entry.logout.map(|time| (time, true));
                for (time, is_end) in [(entry.ut_tv, false)].into_iter().chain(end) {
                    if takes(Ordered { record, is_end }, &entry, &origin) {
                        match keys.try_reserve(1) {
                            Ok(()) => keys.push(Key::new(time, file, Moment::new(at, is_end))),
                            Err(error) => full = Some(error),
                        }
                    }
                }
            })?;
        }
        full.map_or(Ok(()), |error| Err(io::Error::from(error)))?;
        keys.sort_unstable();
        Ok(Order { names, sources, databases, keys })
    }

    /// Returns the seconds of the latest record.
    pub(crate) fn newest(&self) -> Option<i64> {
        self.keys.last().map(|key| key.sec)
    }

    /// Removes records outside a range, either end of which may be open.
    pub(crate) fn limit(&mut self, range: &Range<Option<i64>>) {
        self.keys.retain(|key| within(key.time(), range));
    }

    /// Reads the records again and passes them on.
    pub(crate) fn each(
        self,
        report: &mut Diagnostics,
        mut f: impl FnMut(Ordered<'_>, &Origin<'_>) -> io::Result<()>,
    ) -> io::Result<()> {
        let Order { names, sources, databases, keys } = self;
        let databases: Vec<Vec<Record<'_>>> = databases.iter().map(records).collect();
        let lookups = sources.iter().map(|source| source.input.lookup()).collect();
        let mut reader = Reader { sources: &sources, databases, lookups };
        let mut found = |key: Key, record: Result<Option<Record<'_>>, &ReadError>| {
            let file = usize::try_from(key.file).unwrap_or(usize::MAX);
            let (Some(name), Some(source)) = (names.get(file), sources.get(file)) else {
                return Ok(());
            };
            match record {
                Ok(Some(record)) => {
                    let ordered = Ordered { record: &record, is_end: key.at.is_end() };
                    f(ordered, &Origin::file(name, source.input.kind()))
                }
                Ok(None) => Ok(()),
                Err(error) => {
                    report.damaged(name, reason(error.io_error()));
                    Ok(())
                }
            }
        };
        for batch in keys.chunks(BATCH.max(keys.len() / SHARES)) {
            if is_forwards(batch, sources.len()) {
                for &key in batch {
                    found(key, reader.record(key).as_ref().copied())?;
                }
                continue;
            }
            // Read in the order of the files, which means going over each once.
            let mut places: Vec<usize> = (0..batch.len()).collect();
            places.sort_unstable_by_key(|&place| batch.get(place).map(|key| (key.file, key.at)));
            let mut records = Vec::new();
            records.try_reserve_exact(batch.len())?;
            records.resize_with(batch.len(), || Ok(None));
            for place in places {
                if let (Some(&key), Some(room)) = (batch.get(place), records.get_mut(place)) {
                    *room = match reader.record(key) {
                        Ok(Some(record)) => Ok(Some(record.try_to_owned()?)),
                        Ok(None) => Ok(None),
                        Err(error) => Err(error),
                    };
                }
            }
            for (&key, record) in batch.iter().zip(&records) {
                let record = record.as_ref().map(|record| record.as_ref().map(OwnedRecord::record));
                found(key, record)?;
            }
        }
        Ok(())
    }
}

/// Records decoded together if files are not in order of time. Each takes about 500 bytes.
const BATCH: usize = 8192;
/// If there are many records, a batch is one in this many of all: 64 bytes for each record.
const SHARES: usize = 8;

/// Whether the records of each file follow one another there.
fn is_forwards(batch: &[Key], files: usize) -> bool {
    let mut before = vec![0; files];
    batch.iter().all(|key| match before.get_mut(usize::try_from(key.file).unwrap_or(usize::MAX)) {
        Some(before) => std::mem::replace(before, key.at.number()) <= key.at.number(),
        None => true,
    })
}

/// The records of all files, to be had in any order.
struct Reader<'s> {
    sources: &'s [OrderedFile],
    databases: Vec<Vec<Record<'s>>>,
    lookups: Vec<Option<Lookup<&'s InputBytes>>>,
}

impl Reader<'_> {
    fn record(&mut self, key: Key) -> Result<Option<Record<'_>>, ReadError> {
        let Ok(file) = usize::try_from(key.file) else { return Ok(None) };
        let number = key.at.number();
        let of_database = self.databases.get(file).zip(usize::try_from(number).ok());
        if let Some(record) = of_database.and_then(|(records, at)| records.get(at)) {
            return Ok(Some(*record));
        }
        match (self.sources.get(file), self.lookups.get_mut(file)) {
            (Some(source), Some(Some(lookup))) => match source.place(number) {
                Some((layout, offset)) => lookup.record_at(layout, number, offset),
                None => lookup.record(number, 0),
            },
            _ => Ok(None),
        }
    }
}

/// All records of a database.
fn records<'a>(database: &'a Option<LogFile<'static>>) -> Vec<Record<'a>> {
    database.iter().flat_map(|database| database.records().flatten()).collect()
}

impl Key {
    fn new(tv: Timestamp, file: u32, at: Moment) -> Key {
        let usec = tv.tv_usec.clamp(i32::MIN.into(), i32::MAX.into());
        Key { sec: tv.tv_sec, usec: i32::try_from(usec).unwrap_or_default(), file, at }
    }

    fn time(&self) -> Timestamp {
        Timestamp { tv_sec: self.sec, tv_usec: self.usec.into() }
    }
}

/// Makes the file readable again.
fn keep(
    mut input: Input,
    name: &FileName<'_>,
    reading: &Reading,
    report: &mut Diagnostics,
) -> Result<(Input, Option<LogFile<'static>>), Unopened> {
    input.keep(Access::Random, reading.options.max_size, name, report)?;
    let database = match input.container() {
        Some(container) if container.is_database() => Some(input.log()?),
        _ => None,
    };
    Ok((input, database))
}

impl OrderedFile {
    fn new(input: Input) -> OrderedFile {
        OrderedFile { input, places: Vec::new(), runs: Vec::new() }
    }

    /// Passes on the records, each with its number.
    fn index(
        &mut self,
        origin: &Origin<'_>,
        report: &mut Diagnostics,
        mut f: impl FnMut(&Record<'_>, u64),
    ) -> io::Result<()> {
        let OrderedFile { input, places, runs } = self;
        let (container, home) = (input.container(), input.layout());
        let (mut number, mut holes) = (0_u64.., Holes::default());
        input.each(origin.name, report, |item| {
            let record = match item {
                Item::Record(record) => record,
                Item::Hole(hole) => {
                    holes.push(hole);
                    return Ok(());
                }
                Item::Damage(_) => return Ok(()),
            };
            let at = match container {
                Some(container) if container.is_database() => number.next().unwrap_or_default(),
                _ => record.index(),
            };
            match container {
                Some(Container::LengthPrefixed) => places.push(record.offset()),
                Some(Container::Array) => {
                    let layout = record.layout().home();
                    let expected = runs.last().copied().or(home.map(Run::whole_file));
                    if expected.is_none_or(|run| run.place(at) != (layout, record.offset())) {
                        runs.push(Run { first: at, offset: record.offset(), layout });
                    }
                }
                _ => {}
            }
            f(&record, at);
            Ok(())
        })?;
        holes.tell(origin.name, report);
        Ok(())
    }

    /// Returns the layout and offset of the record with this number, if they do not follow from the
    /// number.
    fn place(&self, at: u64) -> Option<(&'static Layout, u64)> {
        let run = self.runs.partition_point(|run| run.first <= at).checked_sub(1);
        if let Some(run) = run.and_then(|run| self.runs.get(run)) {
            return Some(run.place(at));
        }
        let offset = self.places.get(usize::try_from(at).ok()?)?;
        Some((self.input.layout()?, *offset))
    }
}

/// Records of one layout back to back, up to the next run.
#[derive(Clone, Copy, Debug)]
struct Run {
    /// The number of the first of them, and where it begins.
    first: u64,
    offset: u64,
    layout: &'static Layout,
}

impl Run {
    fn whole_file(layout: &'static Layout) -> Run {
        Run { first: 0, offset: 0, layout }
    }

    fn place(&self, at: u64) -> (&'static Layout, u64) {
        let before = at.saturating_sub(self.first).saturating_mul(self.layout.size as u64);
        (self.layout, self.offset.saturating_add(before))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_small() {
        assert_eq!(size_of::<Key>(), 24);
    }
}
