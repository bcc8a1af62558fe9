//! Lines, and when each was next in use.

use std::collections::HashMap;
use std::hash::BuildHasher as _;
use std::mem;

use foldhash::fast::RandomState;

use super::name::{Name, Short};

/// Places of the first table; a power of two.
const FEW: usize = 64;
/// Lines there is room for behind the first: what is not used costs nothing, to move does.
const MANY: usize = 1 << 17;
/// Lines there can be.
const MOST: u32 = 1 << 30;

/// What is known of lines, by their names, during one run of the system.
///
/// There may be as many lines as records, and then memory used for the first time is what
/// most of the time goes into. So little is kept of each.
#[derive(Debug, Default)]
pub(super) struct Lines {
    lines: Vec<Line>,
    /// Of each line the number, from one, at the place that the low bits of its hash tell or
    /// the next that is free; above the number the other bits of the hash. Free is what has
    /// the number of no line. So the end of a run clears nothing: what it leaves is free until
    /// there are as many lines again, and then leads to another line than the one that is
    /// looked for.
    table: Vec<u32>,
    /// Places of the table that were ever taken.
    taken: usize,
    /// Drawn when the program runs: a file cannot have been made for names to collide.
    state: RandomState,
    /// Lines that are too long, or whose time is too far away, for a [`Line`].
    odd: HashMap<Box<[u8]>, i64>,
}

/// The name, above it the time.
#[derive(Clone, Copy, Debug)]
struct Line(u128);

impl Line {
    /// Times from here on are too far away, 17,000 years.
    const FAR: i64 = 1 << (u128::BITS - Short::BITS - 1);

    #[inline(always)]
    fn new(name: Short, time: i64) -> Line {
        Line((time as u128) << Short::BITS | name.number())
    }

    #[inline]
    fn has(self, name: Short) -> bool {
        (self.0 ^ name.number()) << (u128::BITS - Short::BITS) == 0
    }

    #[inline]
    fn name(self) -> u128 {
        self.0 & ((1 << Short::BITS) - 1)
    }

    /// `None` if it is too far away.
    #[inline(always)]
    fn time(self) -> Option<i64> {
        let time = (self.0 as i128 >> Short::BITS) as i64;
        (time != -Line::FAR).then_some(time)
    }
}

impl Lines {
    /// Notes that a line was in use, and returns when it was so next.
    #[inline(always)]
    pub(super) fn put(&mut self, name: Short, time: i64) -> Option<i64> {
        if !(1 - Line::FAR..Line::FAR).contains(&time) {
            return self.put_far(name, time);
        }
        let next = self.put_line(name, Line::new(name, time))?;
        next.time().or_else(|| self.put_odd(&name.number().to_le_bytes(), time))
    }

    /// As [`Lines::put`], of a line with any name.
    #[inline(never)]
    pub(super) fn put_any(&mut self, name: Name<'_>, time: i64) -> Option<i64> {
        match name {
            Name::Short(name) => self.put(name, time),
            Name::Long(name) => self.put_odd(name, time),
        }
    }

    #[inline(always)]
    fn put_line(&mut self, name: Short, line: Line) -> Option<Line> {
        let hash = self.hash(name.number());
        let mask = self.mask();
        let mut place = hash & mask;
        loop {
            let known = self.table.get(place as usize).copied().unwrap_or(0);
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

    /// The bits that places and numbers have.
    #[inline]
    fn mask(&self) -> u32 {
        (self.table.len() as u32).wrapping_sub(1)
    }

    #[cold]
    fn put_odd(&mut self, name: &[u8], time: i64) -> Option<i64> {
        match self.odd.get_mut(name) {
            Some(known) => Some(mem::replace(known, time)),
            None => self.odd.insert(name.into(), time),
        }
    }

    /// Notes that the time is elsewhere.
    #[cold]
    fn put_far(&mut self, name: Short, time: i64) -> Option<i64> {
        let odd = self.put_odd(&name.number().to_le_bytes(), time);
        let next = self.put_line(name, Line::new(name, -Line::FAR))?;
        next.time().or(odd)
    }

    /// Nothing is known any more.
    pub(super) fn end_run(&mut self) {
        self.lines.clear();
        self.odd = HashMap::new();
    }

    /// A line that is not known yet, at a place that is free.
    #[inline(never)]
    fn add(&mut self, line: Line, hash: u32, place: u32) {
        // Memory ends long before the numbers do.
        let Some(number) = u32::try_from(self.lines.len() + 1).ok().filter(|n| *n < MOST) else {
            return;
        };
        if self.lines.len() == self.lines.capacity() {
            let many = if self.lines.is_empty() { FEW } else { self.lines.len().max(MANY) };
            self.lines.reserve_exact(many);
        }
        self.lines.push(line);
        let mask = self.mask();
        if let Some(free) = self.table.get_mut(place as usize) {
            self.taken += usize::from(*free == 0);
            *free = hash & !mask | number;
        }
        // Three in eight stay free, or searches become long.
        if self.taken >= self.table.len() / 8 * 5 {
            self.arrange();
        }
    }

    /// Makes the table anew, larger if it is not only full of what earlier runs have left.
    #[cold]
    fn arrange(&mut self) {
        let is_full = self.lines.len() > self.table.len() / 2;
        let places = if is_full { self.table.len() * 2 } else { self.table.len() };
        self.table.clear();
        self.table.resize(places.max(FEW), 0);
        let mask = self.mask();
        for (number, line) in (1..).zip(&self.lines) {
            let hash = self.hash(line.name());
            let mut place = hash & mask;
            while self.table.get(place as usize).is_some_and(|known| *known != 0) {
                place = place.wrapping_add(1) & mask;
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

    fn put(lines: &mut Lines, name: &str, time: i64) -> Option<i64> {
        Name::of_text(name.as_bytes()).and_then(|name| lines.put_any(name, time))
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

    /// Runs of all sizes, with names that come again and names that do not: what an earlier
    /// run has left in the table is never taken for a line.
    #[test]
    fn runs_know_nothing_of_one_another() {
        let mut lines = Lines::default();
        let mut known = HashMap::new();
        let mut state = 1_u64;
        for n in 0..300_000_i64 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let names = [10, 100, 3000, 1 << 20][(n >> 14) as usize % 4];
            let name = format!("pts/{}", (state >> 33) % names);
            assert_eq!(put(&mut lines, &name, n), known.insert(name, n));
            if (state >> 13).is_multiple_of(names / 4) {
                lines.end_run();
                known.clear();
            }
        }
    }

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
        assert!(lines.table.len() < 1000, "{}", lines.table.len());
        assert!(lines.taken < lines.table.len());
    }

    #[test]
    fn times_far_away() {
        let mut lines = Lines::default();
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
