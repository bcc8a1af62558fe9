//! The rows of databases that were found in an image, each version once.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io;

use loginrec::carve::Hit;
use loginrec::read::{FoundAs, OwnedRecord, RowPlace, RowState};
use loginrec::{Layout, Record, Timestamp};

use crate::commands::carve::print::Found;

/// Versions that wait in memory: some 20 MiB.
const MOST: usize = 50_000;

/// Bytes of a row, with its layout and number.
type Version = (&'static str, Option<i64>, Vec<u8>);
/// The key of a session: its number and its login, or the user of a lastlog.
type Session = (&'static str, Option<i64>, Option<Timestamp>, Vec<u8>);

#[derive(Debug)]
struct Kept {
    record: OwnedRecord,
    confidence: i32,
    run: u64,
    copies: u32,
    state: RowState,
}

/// Rows that were found. What became of them shows when all are known.
#[derive(Debug, Default)]
pub(crate) struct Versions {
    found: HashMap<Version, Kept>,
    /// Number of rows printed, and of the places where they lie.
    pub(crate) printed: u64,
    places: u64,
}

impl Versions {
    pub(crate) fn add(&mut self, hit: &Hit<'_>) {
        let Some(place) = hit.record.row_place() else { return };
        let record = &hit.record;
        let version = (record.layout().name, place.rowid, record.bytes().to_vec());
        self.places += 1;
        match self.found.get_mut(&version) {
            Some(kept) => {
                kept.copies = kept.copies.saturating_add(1);
                if place.state == RowState::Live && kept.state != RowState::Live {
                    // The page that has it says most.
                    let (record, run) = ((*record).into(), hit.run);
                    *kept = Kept { record, run, state: place.state, ..*kept };
                }
            }
            None => {
                let Hit { confidence, run, .. } = *hit;
                let kept = Kept {
                    record: (*record).into(),
                    confidence,
                    run,
                    copies: 1,
                    state: place.state,
                };
                self.found.insert(version, kept);
            }
        }
    }

    /// Returns whether no more should wait.
    pub(crate) fn is_full(&self) -> bool {
        self.found.len() >= MOST
    }

    /// Prints all in the order of their offsets.
    pub(crate) fn drain(
        &mut self,
        print: &mut impl FnMut(Found<'_>) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut all: Vec<Kept> = std::mem::take(&mut self.found).into_values().collect();
        all.sort_by_key(|kept| (kept.record.record().offset(), kept.record.record().layout().name));
        let (mut live, mut tables) = (BTreeSet::new(), BTreeSet::new());
        let mut whole: BTreeMap<Login, Vec<Option<Timestamp>>> = BTreeMap::new();
        for kept in &all {
            let record = kept.record.record();
            if kept.state == RowState::Live {
                live.insert(session(&record));
                tables.insert(record.layout().name);
            }
            if is_whole(&record) {
                let entry = record.entry();
                whole.entry(login(&record)).or_default().push(entry.logout);
            }
        }
        for kept in &all {
            let record = kept.record.record();
            let Some(mut place) = record.row_place() else { continue };
            // The rest of a row that also exists as a whole elsewhere.
            if !is_whole(&record)
                && let Some(logouts) = whole.get(&login(&record))
                && (has_lost_logout(&place, record.layout())
                    || logouts.contains(&record.entry().logout))
            {
                continue;
            }
            place.state = match kept.state {
                RowState::Live => RowState::Live,
                _ if live.contains(&session(&record)) => RowState::Superseded,
                _ if tables.contains(record.layout().name) => RowState::Deleted,
                state => state,
            };
            place.copies = kept.copies;
            place.found_as = place.found_as.or(Some(FoundAs::Cell));
            self.printed += 1;
            let Kept { confidence, run, .. } = *kept;
            print(Found { record, confidence, run, alternative: None, place: Some(place) })?;
        }
        Ok(())
    }

    /// Returns what was found, for the closing line.
    pub(crate) fn summary(&self) -> String {
        let many = |count: u64, one: &str, more: &str| match count {
            1 => format!("1 {one}"),
            count => format!("{count} {more}"),
        };
        match self.printed {
            0 => String::new(),
            printed => format!(
                "; {} of a database in {}",
                many(printed, "row", "rows"),
                many(self.places, "place", "places")
            ),
        }
    }
}

fn is_whole(record: &Record<'_>) -> bool {
    let found_as = record.row_place().and_then(|place| place.found_as);
    found_as.is_none_or(|found_as| found_as == FoundAs::Cell)
}

fn has_lost_logout(place: &RowPlace, layout: &'static Layout) -> bool {
    place.lost(layout).any(|name| name == "Logout")
}

fn session(record: &Record<'_>) -> Session {
    let (name, entry) = (record.layout().name, record.entry());
    match record.layout().is_lastlog() {
        true => (name, None, None, entry.ut_user.as_bytes().to_vec()),
        false => {
            let rowid = record.row_place().and_then(|place| place.rowid);
            (name, rowid, Some(entry.ut_tv), Vec::new())
        }
    }
}

/// The layout, the time and the user of a login.
type Login = (&'static str, Timestamp, Vec<u8>);

fn login(record: &Record<'_>) -> Login {
    let entry = record.entry();
    (record.layout().name, entry.ut_tv, entry.ut_user.as_bytes().to_vec())
}
