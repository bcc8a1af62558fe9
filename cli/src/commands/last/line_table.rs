//! Lines, with the time at which each was next in use.

use std::collections::HashMap;
use std::hash::BuildHasher as _;
use std::mem;

use foldhash::fast::RandomState;

use crate::commands::last::line_key::{LineKey, ShortKey};

/// Size of the first table, a power of two. Few machines fill a quarter of it: searches are short,
/// whatever the seed of the hash.
const FEW: usize = 256;
/// Largest table that is cleared at the end of a run.
const SMALL: usize = 1024;
/// Reserved number of lines: unused room costs nothing, moving does.
const MANY: usize = 1 << 17;
/// Largest number of lines.
const MOST: usize = 1 << 30;

/// The lines used during one run of the system, by name.
///
/// There may be as many lines as records, and then most of the time goes into touching new memory.
/// So little is stored for each.
#[derive(Debug)]
pub(super) struct LineTable {
    lines: Vec<Line>,
    /// An open-addressing table. A slot contains the number of a line, from one, in its low bits,
    /// and other bits of the hash above it. A slot is free if its number is not that of a current
    /// line. So the end of a run need not clear a large table: its slots are free until there are as
    /// many lines again, and then lead to lines with other names.
    table: Vec<u32>,
    /// Number of slots that were ever used.
    taken: usize,
    /// Random for each run of the program, so that a file cannot be made to cause collisions.
    state: RandomState,
    /// Lines whose name is too long, or whose time is too distant, for a [`Line`].
    odd: HashMap<Box<[u8]>, i64>,
    /// The most lines in this run: fewer than [`MOST`] once there was no memory for another.
    most: usize,
    /// Whether an earlier run had more lines than memory.
    was_full: bool,
}

impl Default for LineTable {
    fn default() -> LineTable {
        LineTable {
            lines: Vec::new(),
            table: Vec::new(),
            taken: 0,
            state: RandomState::default(),
            odd: HashMap::new(),
            most: MOST,
            was_full: false,
        }
    }
}

/// The name, with the time in the bits above it.
#[derive(Clone, Copy, Debug)]
struct Line(u128);

impl Line {
    /// Times from here on, 17,000 years away, are too distant.
    const FAR: i64 = 1 << (u128::BITS - ShortKey::BITS - 1);

    #[inline(always)]
    fn new(name: ShortKey, time: i64) -> Line {
        Line((time as u128) << ShortKey::BITS | name.number())
    }

    #[inline]
    fn has(self, name: ShortKey) -> bool {
        (self.0 ^ name.number()) << (u128::BITS - ShortKey::BITS) == 0
    }

    #[inline]
    fn name(self) -> u128 {
        self.0 & ((1 << ShortKey::BITS) - 1)
    }

    /// Returns the time; `None` if it is too distant.
    #[inline(always)]
    fn time(self) -> Option<i64> {
        let time = (self.0 as i128 >> ShortKey::BITS) as i64;
        (time != -Line::FAR).then_some(time)
    }
}

impl LineTable {
    /// Records that a line was in use, and returns when it was next in use.
    #[inline(always)]
    pub(super) fn put(&mut self, name: ShortKey, time: i64) -> Option<i64> {
        if !(1 - Line::FAR..Line::FAR).contains(&time) {
            return self.put_far(name, time);
        }
        let next = self.put_line(name, Line::new(name, time))?;
        next.time().or_else(|| self.put_odd(&name.number().to_le_bytes(), time))
    }

    /// Does the same as [`LineTable::put`], for a line with any name.
    #[inline(never)]
    pub(super) fn put_any(&mut self, name: LineKey<'_>, time: i64) -> Option<i64> {
        match name {
            LineKey::ShortKey(name) => self.put(name, time),
            LineKey::Long(name) => self.put_odd(name, time),
        }
    }

    #[inline(always)]
    fn put_line(&mut self, name: ShortKey, line: Line) -> Option<Line> {
        let hash = self.hash(name.number());
        let mask = self.mask();
        let mut place = hash & mask;
        loop {
            let known = self.table.get(place as usize).copied().unwrap_or(0);
            // Zero is not the number of a line.
            let at = (known & mask).wrapping_sub(1) as usize;
            if at >= self.lines.len() {
                break;
            }
            if (known ^ hash) & !mask == 0
                && let Some(known) = self.lines.get_mut(at).filter(|known| known.has(name))
            {
                return Some(mem::replace(known, line));
            }
            place = place.wrapping_add(1) & mask;
        }
        self.add(line, hash, place);
        None
    }

    #[inline]
    fn hash(&self, name: u128) -> u32 {
        self.state.hash_one(name) as u32
    }

    /// Returns the mask of the bits for slots and numbers.
    #[inline]
    fn mask(&self) -> u32 {
        (self.table.len() as u32).wrapping_sub(1)
    }

    #[cold]
    fn put_odd(&mut self, name: &[u8], time: i64) -> Option<i64> {
        match self.odd.get_mut(name) {
            Some(known) => Some(mem::replace(known, time)),
            None => {
                match self.room_for_odd(name) {
                    Some(copy) => _ = self.odd.insert(copy, time),
                    None => self.stop(),
                }
                None
            }
        }
    }

    /// Copies a name, for which there is then a place.
    fn room_for_odd(&mut self, name: &[u8]) -> Option<Box<[u8]>> {
        let mut copy = Vec::new();
        copy.try_reserve_exact(name.len()).ok()?;
        copy.extend_from_slice(name);
        if self.is_full() || self.odd.try_reserve(1).is_err() {
            return None;
        }
        Some(copy.into_boxed_slice())
    }

    /// Returns whether this run has lines for which there was no memory.
    #[inline]
    pub(super) fn is_full(&self) -> bool {
        self.most < MOST
    }

    /// Returns whether any run so far had.
    pub(super) fn was_full(&self) -> bool {
        self.was_full || self.is_full()
    }

    /// Takes no more lines in this run.
    #[cold]
    fn stop(&mut self) {
        self.most = self.most.min(self.lines.len());
    }

    /// Marks the time as stored elsewhere.
    #[cold]
    fn put_far(&mut self, name: ShortKey, time: i64) -> Option<i64> {
        let odd = self.put_odd(&name.number().to_le_bytes(), time);
        let next = self.put_line(name, Line::new(name, -Line::FAR))?;
        next.time().or(odd)
    }

    /// Forgets all lines.
    pub(super) fn end_run(&mut self) {
        self.lines.clear();
        if self.table.len() <= SMALL {
            self.table.fill(0);
            self.taken = 0;
        }
        self.odd = HashMap::new();
        self.was_full = self.was_full();
        self.most = MOST;
    }

    /// Adds a new line at a free slot.
    #[inline(never)]
    fn add(&mut self, line: Line, hash: u32, place: u32) {
        if self.lines.len() >= self.most {
            return self.stop();
        }
        if self.lines.len() == self.lines.capacity() {
            let many = if self.lines.is_empty() { FEW } else { self.lines.len().max(MANY) };
            if self.lines.try_reserve_exact(many).is_err() {
                return self.stop();
            }
        }
        self.lines.push(line);
        let number = self.lines.len() as u32;
        let mask = self.mask();
        if let Some(free) = self.table.get_mut(place as usize) {
            self.taken += usize::from(*free == 0);
            *free = hash & !mask | number;
        }
        // Three of eight slots stay free, or searches become long.
        if self.taken >= self.table.len() / 8 * 5 {
            self.arrange();
        }
    }

    /// Rebuilds the table; enlarges it if it is not mainly full of slots from earlier runs.
    #[cold]
    fn arrange(&mut self) {
        let is_full = self.lines.len() > self.table.len() / 2;
        let places = if is_full { self.table.len() * 2 } else { self.table.len() };
        let places = places.max(FEW);
        if self.table.try_reserve_exact(places - self.table.len()).is_err() {
            return self.stop();
        }
        self.table.clear();
        self.table.resize(places, 0);
        let mask = self.mask();
        for (number, line) in (1..).zip(&self.lines) {
            let hash = self.hash(line.name());
            let mut place = hash & mask;
            while self.table.get(place as usize).is_some_and(|known| *known != 0) {
                place = (place + 1) & mask;
            }
            if let Some(free) = self.table.get_mut(place as usize) {
                *free = hash & !mask | number;
            }
        }
        self.taken = self.lines.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(lines: &mut LineTable, name: &str, time: i64) -> Option<i64> {
        LineKey::of_text(name.as_bytes()).and_then(|name| lines.put_any(name, time))
    }

    #[test]
    fn the_next_use_in_the_same_run() {
        let mut lines = LineTable::default();
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

    /// Compares with a list: names that are prefixes of one another, in runs of all lengths.
    #[test]
    fn as_a_list_would() {
        let mut lines = LineTable::default();
        let mut list: Vec<(String, i64)> = Vec::new();
        let mut rng = loginrec_testing::Rng::new(1);
        for n in 0..50_000 {
            let name = "pts/0123456789abcdefghijklmnop"[..rng.index(31)].to_owned();
            let name = name + rng.pick(&["", "x", "yz"]);
            let found = list.iter_mut().find(|(known, _)| *known == name);
            let expected = found.map(|(_, time)| mem::replace(time, n));
            if expected.is_none() && !name.is_empty() {
                list.push((name.clone(), n));
            }
            assert_eq!(put(&mut lines, &name, n), expected, "{n} {name}");
            if rng.one_in(1024) {
                lines.end_run();
                list.clear();
            }
        }
    }

    /// Runs of all sizes, with recurring and new names: slots of an earlier run are never taken for
    /// lines.
    #[test]
    fn runs_know_nothing_of_one_another() {
        let mut lines = LineTable::default();
        let mut known = HashMap::new();
        let mut rng = loginrec_testing::Rng::new(1);
        for n in 0..300_000_i64 {
            let names = [10, 100, 3000, 1 << 20][(n >> 14) as usize % 4];
            let name = format!("pts/{}", rng.below(names));
            assert_eq!(put(&mut lines, &name, n), known.insert(name, n));
            if rng.below(names / 4) == 0 {
                lines.end_run();
                known.clear();
            }
        }
    }

    #[test]
    fn room_is_used_again() {
        let mut lines = LineTable::default();
        for n in 0..200_000 {
            if n % 100 == 0 {
                lines.end_run();
            }
            let name = format!("pts/{n}");
            assert_eq!(put(&mut lines, &name, n), None);
            assert_eq!(put(&mut lines, &name, n), Some(n));
        }
        assert!(lines.table.len() < 1000, "{}", lines.table.len());
        assert!(lines.taken < lines.table.len());
    }

    /// Lines that are there stay, and the next run has room again.
    #[test]
    fn works_on_without_memory() {
        for more in ["pts/1000", "a name that is too long for a few bytes"] {
            let mut lines = LineTable::default();
            for n in 0..100 {
                assert_eq!(put(&mut lines, &format!("pts/{n}"), n), None);
            }
            lines.stop();
            assert_eq!(put(&mut lines, more, 1), None);
            assert_eq!(put(&mut lines, more, 2), None);
            assert_eq!(put(&mut lines, "pts/7", 8), Some(7));
            assert!(lines.is_full() && lines.was_full());
            lines.end_run();
            assert!(!lines.is_full() && lines.was_full());
            assert_eq!(put(&mut lines, more, 3), None);
            assert_eq!(put(&mut lines, more, 4), Some(3));
        }
    }

    #[test]
    fn times_far_away() {
        let mut lines = LineTable::default();
        let edge = 1 << 39;
        let far = [i64::MIN, -edge - 1, -edge, 1 - edge, 0, edge - 1, edge, i64::MAX];
        for name in ["pts/0", "lxc/console", "a name too long"] {
            assert_eq!(put(&mut lines, name, 1), None);
            let mut before = 1;
            for time in far.iter().flat_map(|&a| far.iter().flat_map(move |&b| [a, b])) {
                assert_eq!(put(&mut lines, name, time), Some(before), "{name}");
                before = time;
            }
        }
        lines.end_run();
        assert_eq!(put(&mut lines, "pts/0", i64::MAX), None);
    }
}
