//! `last --follow`: rows for what is appended, as it comes.

use std::io;
use std::mem;
use std::path::{Path, PathBuf};

use loginrec::{Entry, Layout, Record};

use super::Listing;
use super::pair::{DOWN, End, Pairing, Row};
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
    /// Records whose row has no end yet, in the order of the file.
    open: Vec<Kept>,
    /// Whether a part of the file that is there now has been read.
    begun: bool,
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
        Kept { layout: record.layout(), bytes: record.bytes().to_vec(), seconds: row.time }
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
        End::Change(end) => end.is_none() && row.line.as_bytes() == DOWN,
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
    pub(super) fn listed(&mut self, record: &Record<'_>, row: Option<&Row<'_>>) {
        let Some(state) = self.states.last_mut() else { return };
        state.listed.get_or_insert(record.offset());
        state.open.extend(row.filter(|row| is_open(row)).map(|row| Kept::new(record, row)));
    }

    /// All records of the file were listed.
    pub(super) fn turn(&mut self) {
        if let Some(state) = self.states.last_mut() {
            state.open.reverse();
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
        let mut pairing = Pairing::default();
        // Paired from the newest, as the listing is.
        let own = listing.row(&entry, &mut pairing);
        let open = mem::take(&mut self.open);
        let mut ended = Vec::new();
        let mut kept: Vec<bool> = Vec::with_capacity(open.len());
        for before in open.iter().rev() {
            let row = pairing.record(&before.entry()).filter(|row| !is_open(row));
            kept.push(row.is_none());
            ended.extend(row);
        }
        for row in ended.iter().rev().chain(&own) {
            if listing.wants(row) {
                listing.format.row(listing.out.lines(), row);
            }
        }
        let own = own.filter(is_open).map(|row| Kept::new(record, &row));
        let kept = kept.into_iter().rev();
        self.open =
            open.into_iter().zip(kept).filter_map(|(open, kept)| kept.then_some(open)).collect();
        self.open.extend(own);
    }
}
