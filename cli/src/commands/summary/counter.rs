//! Counts of logins by one or two of their values.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use loginrec::Timestamp;

use crate::args::zone::Offsets;
use crate::commands::summary::by::{By, Logins, Number};
use crate::commands::summary::names::Names;

/// The counts of one value, or of one pair of values.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) logins: u64,
    pub(crate) failed: u64,
    pub(crate) micros: i128,
    pub(crate) times: Option<(Timestamp, Timestamp)>,
    users: HashSet<u32>,
    sources: HashSet<u32>,
}

impl Counts {
    fn add(&mut self, logins: &Logins) {
        self.logins = self.logins.saturating_add(logins.logins);
        self.failed = self.failed.saturating_add(logins.failed);
        self.micros = self.micros.saturating_add(logins.micros);
        self.users.insert(logins.user);
        self.sources.insert(logins.source);
        if let Some(time) = logins.time {
            let (first, last) = self.times.unwrap_or((time, time));
            self.times = Some((first.min(time), last.max(time)));
        }
    }

    /// Adds the counts of other values.
    pub(crate) fn merge(&mut self, other: &Counts) {
        self.logins = self.logins.saturating_add(other.logins);
        self.failed = self.failed.saturating_add(other.failed);
    }

    /// Logins and failed logins.
    pub(crate) fn all(&self) -> u64 {
        self.logins.saturating_add(self.failed)
    }

    /// The numbers of different users and sources that have names.
    pub(crate) fn different(&self, names: &Names) -> (u64, u64) {
        let is_named = |text: &[u8]| u64::from(!text.is_empty());
        let users = self.users.iter().map(|&user| is_named(names.users.get(user.into())));
        let sources = self.sources.iter().map(|&from| is_named(names.sources.get(from.into())));
        (users.sum(), sources.sum())
    }

    /// The time that users were logged in, in whole seconds.
    pub(crate) fn seconds(&self) -> i64 {
        i64::try_from(self.micros / 1_000_000).unwrap_or(i64::MAX)
    }
}

/// Counts by one or two values. The memory is bounded by the number of different ones.
#[derive(Debug)]
pub(crate) struct Counter {
    pub(crate) by: Vec<By>,
    counts: HashMap<[Number; 2], Counts>,
}

/// Values with their counts.
pub(crate) type Row<'a> = ([Number; 2], &'a Counts);

impl Counter {
    pub(crate) fn new(by: &[By]) -> Counter {
        Counter { by: by.to_vec(), counts: HashMap::new() }
    }

    pub(crate) fn add(&mut self, logins: &Logins, clock: &mut Offsets) {
        let mut key = [0; 2];
        for (number, by) in key.iter_mut().zip(&self.by) {
            *number = by.number(logins, clock);
        }
        self.counts.entry(key).or_default().add(logins);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// Returns the rows in their order: days, hours and weekdays as in the calendar; others that
    /// have both logins and failed logins first if `both_first`, then by their numbers, then by
    /// name.
    pub(crate) fn rows(&self, names: &Names, both_first: bool) -> Vec<Row<'_>> {
        let mut totals: [HashMap<Number, u64>; 2] = Default::default();
        for (key, counts) in &self.counts {
            for (total, number) in totals.iter_mut().zip(key) {
                *total.entry(*number).or_default() += counts.all();
            }
        }
        let rank = |key: [Number; 2]| {
            let parts = self.by.iter().zip(key).zip(&totals).map(|((by, number), totals)| match by
                .is_calendar()
            {
                true => (Reverse(0), number, String::new()),
                false => {
                    let total = totals.get(&number).copied().unwrap_or_default();
                    (Reverse(total), 0, by.shown(number, names))
                }
            });
            (parts.collect::<Vec<_>>(), key)
        };
        let mut rows: Vec<Row<'_>> = self.counts.iter().map(|(&key, count)| (key, count)).collect();
        rows.sort_by_cached_key(|&(key, counts)| {
            let has_both = both_first && counts.logins > 0 && counts.failed > 0;
            (!has_both, rank(key))
        });
        rows
    }
}
