//! Failed logins of the page.

use std::collections::{BTreeMap, HashMap};

/// The most that are kept one by one.
const SINGLE: usize = 200_000;
/// The most different texts of a column; rare ones are one beyond that.
const DIFFERENT: usize = 20_000;

/// Failed logins, one by one, or by minute and source if there are many.
#[derive(Debug, Default)]
pub(super) struct Failed {
    /// Time, user, source, count.
    single: Vec<(i64, u32, u32, u64)>,
    /// Beyond [`SINGLE`].
    counted: BTreeMap<(i64, u32), u64>,
    is_counted: bool,
}

/// The columns of the page, in the order of time.
#[derive(Debug, Default, serde::Serialize)]
pub(super) struct Columns {
    /// Seconds since the one before.
    time: Vec<i64>,
    /// Empty if they are counted.
    pub(super) user: Vec<u32>,
    pub(super) source: Vec<u32>,
    /// Empty if each is one.
    count: Vec<u64>,
}

impl Failed {
    pub(super) fn add(&mut self, time: i64, user: u32, source: u32, count: u64) {
        match self.is_counted {
            false => self.single.push((time, user, source, count)),
            true => self.count(time, source, count),
        }
        if self.single.len() > SINGLE {
            self.count_all();
        }
    }

    fn count(&mut self, time: i64, source: u32, count: u64) {
        let minute = time.div_euclid(60).saturating_mul(60);
        let all = self.counted.entry((minute, source)).or_default();
        *all = all.saturating_add(count);
    }

    fn count_all(&mut self) {
        self.is_counted = true;
        for (time, _, source, count) in std::mem::take(&mut self.single) {
            self.count(time, source, count);
        }
    }

    pub(super) fn is_counted(&self) -> bool {
        self.is_counted
    }

    /// Returns the columns. Rare users and sources become `other`, if there are very many.
    pub(super) fn columns(&self, other: u32, keep: &dyn Fn(u32) -> bool) -> Columns {
        let mut single = self.single.clone();
        single.sort_unstable();
        let users = frequent(single.iter().map(|(_, user, _, count)| (*user, *count)));
        let sources = frequent(
            single
                .iter()
                .map(|(_, _, source, count)| (*source, *count))
                .chain(self.counted.iter().map(|((_, source), count)| (*source, *count))),
        );
        let known = |number: u32, kept: &Option<HashMap<u32, u64>>| {
            let is_kept = kept.as_ref().is_none_or(|kept| kept.contains_key(&number));
            if is_kept || keep(number) { number } else { other }
        };
        let mut columns = Columns::default();
        let mut before = 0;
        let mut step = |time: i64| time.saturating_sub(std::mem::replace(&mut before, time));
        let is_one = single.iter().all(|(.., count)| *count == 1);
        for (time, user, source, count) in single {
            columns.time.push(step(time));
            columns.user.push(known(user, &users));
            columns.source.push(known(source, &sources));
            columns.count.extend((!is_one).then_some(count));
        }
        for (&(time, source), &count) in &self.counted {
            columns.time.push(step(time));
            columns.source.push(known(source, &sources));
            columns.count.push(count);
        }
        columns
    }
}

/// Returns the most frequent numbers; `None` if all may stay.
fn frequent(numbers: impl Iterator<Item = (u32, u64)>) -> Option<HashMap<u32, u64>> {
    let mut counts: HashMap<u32, u64> = HashMap::new();
    for (number, count) in numbers {
        let all = counts.entry(number).or_default();
        *all = all.saturating_add(count);
    }
    if counts.len() <= DIFFERENT {
        return None;
    }
    let mut order: Vec<(u32, u64)> = counts.into_iter().collect();
    order.sort_unstable_by_key(|&(number, count)| (std::cmp::Reverse(count), number));
    order.truncate(DIFFERENT);
    Some(order.into_iter().collect())
}
