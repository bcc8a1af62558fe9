//! `last --follow`: prints rows for new records as they arrive.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::mem;
use std::path::{Path, PathBuf};

use loginrec::read::OwnedRecord;
use loginrec::{Entry, FileKind, Record};

use crate::commands::last::classify::{Kind, TypeConvention};
use crate::commands::last::listing::{Listing, row};
use crate::commands::last::pairing::{End, Ends, Pairing, Row};
use crate::diagnostics::Diagnostics;
use crate::file_name::FileName;
use crate::input::follow::{Batch, How, follow};

/// The files to follow.
#[derive(Debug, Default)]
pub(super) struct FollowedFiles {
    paths: Vec<PathBuf>,
    states: Vec<State>,
}

/// The state of one file.
#[derive(Debug, Default)]
struct State {
    /// Offset of the last listed record. It and those before it are not printed again.
    listed: Option<u64>,
    open: Open,
    /// Whether part of the current file has been read.
    begun: bool,
}

/// The most records that are kept for their ends: more than any machine has lines. Of older ones
/// the end is not printed; a hostile file must not take all memory.
const MOST: usize = 1 << 15;

/// Records whose row has no end yet.
#[derive(Debug, Default)]
struct Open {
    /// In file order.
    records: BTreeMap<i64, OwnedRecord>,
    /// The logins among them by line: at most one for each line.
    lines: HashMap<Box<[u8]>, i64>,
}

impl Open {
    /// Adds a record that is older than all.
    fn push_front(&mut self, kept: OwnedRecord) {
        if self.records.len() >= MOST {
            return;
        }
        let at = self.records.first_key_value().map_or(0, |(at, _)| at - 1);
        self.insert(at, kept);
    }

    /// Adds a record that is newer than all.
    fn push_back(&mut self, kept: OwnedRecord) {
        if self.records.len() >= MOST
            && let Some((&oldest, _)) = self.records.first_key_value()
        {
            self.remove(&[oldest]);
        }
        let at = self.records.last_key_value().map_or(0, |(at, _)| at + 1);
        self.insert(at, kept);
    }

    fn insert(&mut self, at: i64, kept: OwnedRecord) {
        if let Ends::Line(name) = Ends::of(&kept.record().entry()) {
            self.lines.insert(name.to_bytes(), at);
        }
        self.records.insert(at, kept);
    }

    /// Returns the records that this one may end, the newest first.
    fn within(&self, reach: Ends<'_>) -> Vec<(i64, Entry<'_>)> {
        match reach {
            Ends::Nothing => Vec::new(),
            Ends::Line(name) => {
                let at = self.lines.get(&name.to_bytes());
                let found = at.and_then(|at| self.records.get_key_value(at));
                found.into_iter().map(|(at, kept)| (*at, kept.record().entry())).collect()
            }
            Ends::System => {
                self.records.iter().rev().map(|(at, kept)| (*at, kept.record().entry())).collect()
            }
        }
    }

    fn remove(&mut self, all: &[i64]) {
        for at in all {
            let Some(kept) = self.records.remove(at) else { continue };
            if let Ends::Line(name) = Ends::of(&kept.record().entry()) {
                self.lines.remove(&name.to_bytes());
            }
        }
    }
}

/// Returns whether a later record may end the row.
fn is_open(row: &Row<'_>) -> bool {
    match row.end {
        End::LoggedIn | End::Running => true,
        End::Change(end) => end.is_none() && row.kind == Kind::Shutdown,
        End::At(_) | End::Down(_) | End::Crash(_) => false,
    }
}

impl FollowedFiles {
    /// Adds a file, which will be listed next.
    pub(super) fn add(&mut self, path: &Path) {
        self.paths.push(path.to_owned());
        self.states.push(State::default());
    }

    /// Adds the newest record of a file, then the one before it, and so on.
    pub(super) fn listed(&mut self, record: &Record<'_>, row: Option<Row<'_>>) {
        let Some(state) = self.states.last_mut() else { return };
        state.listed.get_or_insert(record.offset());
        if row.as_ref().is_some_and(is_open) {
            state.open.push_front(OwnedRecord::from(*record));
        }
    }

    /// Prints new rows until no more can come.
    pub(super) fn follow(
        self,
        listing: &mut Listing<'_>,
        report: &mut Diagnostics,
    ) -> io::Result<()> {
        let FollowedFiles { paths, mut states } = self;
        let args = listing.args;
        let how = How {
            layout: args.options.layout,
            unsigned_seconds: args.options.unsigned_time,
            kind: args.options.kind,
            max_size: args.options.max_size,
            interval: args.interval,
            is_once: false,
            new_only: false,
            replays: false,
            is_lenient: false,
        };
        let names = paths.iter().map(|path| FileName::new(path));
        follow(names, how, None, report, |name, batch, report| {
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
        report: &mut Diagnostics,
    ) -> io::Result<()> {
        if batch.is_first && mem::replace(&mut self.begun, true) {
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
        let entry = record.entry();
        let mut pairing = Pairing::new(TypeConvention::of(entry.platform));
        // Paired from the newest, like the listing.
        let own = row(&entry, listing.kind == FileKind::Btmp, &mut pairing);
        let before = self.open.within(Ends::of(&entry));
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
        if own.as_ref().is_some_and(is_open) {
            self.open.push_back(OwnedRecord::from(*record));
        }
    }
}
