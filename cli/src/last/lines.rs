//! Lines, and when each was next in use.

use std::collections::HashMap;
use std::hash::BuildHasher as _;
use std::mem;

use hashbrown::{DefaultHashBuilder, HashTable};

use super::name::{Name, Short};

/// Lines of the first table.
const FEW: usize = 56;
/// How many times as large the next table is: growing costs more than room.
const GROWTH: usize = 4;

/// What is known of lines, by their names, during one run of the system.
///
/// There may be as many lines as records, and then memory used for the first time is what
/// most of the time goes into. So little is kept of each.
#[derive(Debug, Default)]
pub(super) struct Lines {
    lines: Vec<Line>,
    /// Where in `lines` each is.
    table: HashTable<u32>,
    /// Drawn when the program runs: a file cannot have been made for names to collide.
    state: DefaultHashBuilder,
    /// Lines with long names.
    long: HashMap<Box<[u8]>, i64>,
}

#[derive(Clone, Copy, Debug)]
struct Line {
    name: Short,
    time: i64,
}

impl Lines {
    /// Notes that a line was in use, and returns when it was so next. Without a name it is
    /// no line.
    #[inline]
    pub(super) fn put(&mut self, name: Name<'_>, time: i64) -> Option<i64> {
        let name = match name {
            Name::Short(Short::EMPTY) => return None,
            Name::Short(name) => name,
            Name::Long(name) => return self.put_long(name, time),
        };
        let hash = self.state.hash_one(name);
        let Lines { lines, table, .. } = self;
        let is_named = |&at: &u32| lines.get(at as usize).is_some_and(|line| line.name == name);
        match table.find(hash, is_named).and_then(|&at| lines.get_mut(at as usize)) {
            Some(line) => Some(mem::replace(&mut line.time, time)),
            None => {
                self.add(Line { name, time }, hash);
                None
            }
        }
    }

    #[cold]
    fn put_long(&mut self, name: &[u8], time: i64) -> Option<i64> {
        match self.long.get_mut(name) {
            Some(known) => Some(mem::replace(known, time)),
            None => self.long.insert(name.into(), time),
        }
    }

    /// Nothing is known any more. Takes as long as there were lines to forget: a table that
    /// is large for another run's sake is not emptied, but given back.
    pub(super) fn end_run(&mut self) {
        match self.table.capacity() > GROWTH * GROWTH * self.lines.len().max(FEW) {
            true => self.table = HashTable::new(),
            false => self.table.clear(),
        }
        self.lines.clear();
        self.long = HashMap::new();
    }

    fn add(&mut self, line: Line, hash: u64) {
        // Memory ends long before the numbers do.
        let Ok(at) = self.lines.len().try_into() else { return };
        if self.table.len() == self.table.capacity() {
            self.grow();
        }
        self.lines.push(line);
        self.table.insert_unique(hash, at, |_| hash); // there is room
    }

    #[cold]
    fn grow(&mut self) {
        let Lines { lines, table, state, .. } = self;
        *table = HashTable::with_capacity((table.capacity() * GROWTH).max(FEW));
        lines.reserve_exact(table.capacity().saturating_sub(lines.len()));
        // In the order in which they lie in memory.
        for (at, line) in (0..).zip(&*lines) {
            let hash = state.hash_one(line.name);
            table.insert_unique(hash, at, |_| hash);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(lines: &mut Lines, name: &str, time: i64) -> Option<i64> {
        lines.put(Name::of_text(name.as_bytes()), time)
    }

    #[test]
    fn the_next_use_in_the_same_run() {
        let mut lines = Lines::default();
        assert_eq!(put(&mut lines, "pts/0", 30), None);
        assert_eq!(put(&mut lines, "pts/1", 20), None);
        assert_eq!(put(&mut lines, "pts/0", 10), Some(30));
        assert_eq!(put(&mut lines, "pts/0", 5), Some(10));
        lines.end_run();
        assert_eq!(put(&mut lines, "pts/0", 3), None);
        assert_eq!(put(&mut lines, "pts/0", 2), Some(3));
        assert_eq!(put(&mut lines, "", 2), None);
        assert_eq!(put(&mut lines, "", 1), None);
    }

    /// Against a list: names that begin with one another, in runs of all lengths.
    #[test]
    fn as_a_list_would() {
        let mut lines = Lines::default();
        let mut list: Vec<(String, i64)> = Vec::new();
        let mut state = 1_u64;
        for n in 0..50_000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let name = "pts/0123456789abcdefghijklmnop"[..(state >> 40) as usize % 31].to_owned();
            let name = name + ["", "x", "yz"][(state >> 50) as usize % 3];
            let found = list.iter_mut().find(|(known, _)| *known == name);
            let expected = found.map(|(_, time)| mem::replace(time, n));
            if expected.is_none() && !name.is_empty() {
                list.push((name.clone(), n));
            }
            assert_eq!(put(&mut lines, &name, n), expected, "{n} {name}");
            if state >> 33 & 0x3ff == 0 {
                lines.end_run();
                list.clear();
            }
        }
    }

    /// As many lines as there can be in each of many runs, never the same.
    #[test]
    fn room_is_used_again() {
        let mut lines = Lines::default();
        for n in 0..200_000 {
            if n % 100 == 0 {
                lines.end_run();
            }
            let name = format!("pts/{n}");
            assert_eq!(put(&mut lines, &name, n), None);
            assert_eq!(put(&mut lines, &name, n), Some(n));
        }
        assert!(lines.table.capacity() < 1000, "{}", lines.table.capacity());
        assert!(lines.lines.capacity() < 1000, "{}", lines.lines.capacity());
    }

    /// A run of many lines does not make the runs of few that follow slow.
    #[test]
    fn a_large_table_is_given_back() {
        let mut lines = Lines::default();
        for n in 0..100_000 {
            put(&mut lines, &format!("pts/{n}"), n);
        }
        lines.end_run();
        put(&mut lines, "pts/0", 0);
        lines.end_run();
        assert!(lines.table.capacity() < 1000, "{}", lines.table.capacity());
    }
}
