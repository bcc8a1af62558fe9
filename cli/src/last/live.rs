//! `last --follow`: rows for what is appended, as it comes.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::mem;
use std::path::{Path, PathBuf};

use loginrec::{Entry, FileKind, Layout, Record};

use super::kind::{Habits, Kind};
use super::pair::{End, Pairing, Reach, Row};
use super::{Listing, row};
use crate::filename::FileName;
use crate::follow::{How, follow};
use crate::follower::Batch;
use crate::report::Report;

/// The files to follow.
#[derive(Debug, Default)]
pub(super) struct Live {
    paths: Vec<PathBuf>,
    states: Vec<State>,
}

/// What is known of one file.
#[derive(Debug, Default)]
struct State {
    /// Where the last record listed begins. It and those before it are not printed again.
    listed: Option<u64>,
    open: Open,
    /// Whether a part of the file that is there now has been read.
    begun: bool,
}

/// Records whose row has no end yet.
#[derive(Debug, Default)]
struct Open {
    /// In the order of the file.
    records: BTreeMap<i64, Kept>,
    /// The logins among them, by their lines. There is one at most of each.
    lines: HashMap<Box<[u8]>, i64>,
}

impl Open {
    /// One that is older than all.
    fn push_front(&mut self, kept: Kept) {
        let at = self.records.first_key_value().map_or(0, |(at, _)| at - 1);
        self.insert(at, kept);
    }

    /// One that is newer than all.
    fn push_back(&mut self, kept: Kept) {
        let at = self.records.last_key_value().map_or(0, |(at, _)| at + 1);
        self.insert(at, kept);
    }

    fn insert(&mut self, at: i64, kept: Kept) {
        if let Reach::Line(name) = Reach::of(&kept.entry()) {
            self.lines.insert(name.to_bytes(), at);
        }
        self.records.insert(at, kept);
    }

    /// Those that a record may end, the newest first.
    fn within(&self, reach: Reach<'_>) -> Vec<(i64, Entry<'_>)> {
        match reach {
            Reach::Nothing => Vec::new(),
            Reach::Line(name) => {
                let at = self.lines.get(&name.to_bytes());
                let found = at.and_then(|at| self.records.get_key_value(at));
                found.into_iter().map(|(at, kept)| (*at, kept.entry())).collect()
            }
            Reach::System => {
                self.records.iter().rev().map(|(at, kept)| (*at, kept.entry())).collect()
            }
        }
    }

    fn remove(&mut self, all: &[i64]) {
        for at in all {
            let Some(kept) = self.records.remove(at) else { continue };
            if let Reach::Line(name) = Reach::of(&kept.entry()) {
                self.lines.remove(&name.to_bytes());
            }
        }
    }
}

/// A record that outlives its file.
#[derive(Debug)]
struct Kept {
    layout: &'static Layout,
    bytes: Vec<u8>,
    /// As the command line wants it read.
    seconds: i64,
}

impl Kept {
    fn new(record: &Record<'_>, row: &Row<'_>) -> Kept {
        Kept { layout: record.layout(), bytes: record.bytes().to_vec(), seconds: row.time() }
    }

    fn entry(&self) -> Entry<'_> {
        let mut entry = self.layout.entry(&self.bytes);
        entry.ut_tv.tv_sec = self.seconds;
        entry
    }
}

/// Whether a later record may give the row an end.
fn is_open(row: &Row<'_>) -> bool {
    match row.end {
        End::LoggedIn | End::Running => true,
        End::Change(end) => end.is_none() && row.kind == Kind::Shutdown,
        End::At(_) | End::Down(_) | End::Crash(_) => false,
    }
}

impl Live {
    /// One more file, which may be listed now.
    pub(super) fn add(&mut self, path: &Path) {
        self.paths.push(path.to_owned());
        self.states.push(State::default());
    }

    /// The newest record of a file, then the one before it, and so on.
    pub(super) fn listed(&mut self, record: &Record<'_>, row: Option<Row<'_>>) {
        let Some(state) = self.states.last_mut() else { return };
        state.listed.get_or_insert(record.offset());
        if let Some(row) = row.filter(is_open) {
            state.open.push_front(Kept::new(record, &row));
        }
    }

    /// Prints what comes until nothing can come any more.
    pub(super) fn follow(self, listing: &mut Listing<'_>, report: &mut Report) -> io::Result<()> {
        let Live { paths, mut states } = self;
        let args = listing.args;
        let how = How { layout: args.layout, max_size: args.max_size, interval: args.interval };
        follow(&paths, how, report, |name, batch, report| {
            let at = paths.iter().position(|path| Some(path.as_path()) == name.path());
            match at.and_then(|at| states.get_mut(at)) {
                Some(state) => state.batch(name, batch, listing, report),
                None => Ok(()),
            }
        })
    }
}

impl State {
    fn batch(
        &mut self,
        name: &FileName<'_>,
        batch: &Batch,
        listing: &mut Listing<'_>,
        report: &mut Report,
    ) -> io::Result<()> {
        if batch.offset == 0 && mem::replace(&mut self.begun, true) {
            self.listed = None; // another file, or from its start
        }
        for record in batch.records() {
            let record = match record {
                Ok(record) => record,
                Err(error) => {
                    report.damaged(name, error);
                    continue;
                }
            };
            if self.listed.is_none_or(|listed| listed < record.offset()) {
                self.record(&record, listing);
            }
        }
        io::Write::flush(&mut listing.out)
    }

    /// Prints the rows that the record ends, and its own.
    fn record(&mut self, record: &Record<'_>, listing: &mut Listing<'_>) {
        let entry = listing.entry(record);
        let mut pairing = Pairing::new(Habits::of(entry.dialect));
        // Paired from the newest, as the listing is.
        let own = row(&entry, listing.kind == FileKind::Btmp, &mut pairing);
        let before = self.open.within(Reach::of(&entry));
        let mut ended = Vec::new();
        for (at, entry) in &before {
            let row = pairing.record(entry).filter(|row| !is_open(row));
            ended.extend(row.map(|row| (*at, row)));
        }
        for row in ended.iter().rev().map(|(_, row)| *row).chain(own) {
            if listing.wants(row) {
                listing.format.row(listing.out.lines(), row);
            }
        }
        let ended: Vec<i64> = ended.into_iter().map(|(at, _)| at).collect();
        self.open.remove(&ended);
        if let Some(row) = own.filter(is_open) {
            self.open.push_back(Kept::new(record, &row));
        }
    }
}
