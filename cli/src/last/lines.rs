//! Lines, and when each was next in use.

use std::hash::BuildHasher as _;

use hashbrown::{DefaultHashBuilder, HashTable};

/// What is known of lines, by their names, during one run of the system.
///
/// Names are copied into one string of bytes, once for each line. Room that lines of other
/// runs take is used again when it is needed, so that memory is that of the lines of one run.
#[derive(Debug, Default)]
pub(super) struct Lines {
    table: HashTable<Line>,
    names: Vec<u8>,
    /// Entries with another number are void. Emptying the table at every boot would take as
    /// long as it has ever been.
    run: u64,
    /// Drawn when the program runs: a file cannot have been made for names to collide.
    state: DefaultHashBuilder,
}

#[derive(Clone, Copy, Debug)]
struct Line {
    run: u64,
    time: i64,
    hash: u64,
    name: usize,
    len: usize,
}

impl Line {
    fn is_named(&self, name: &[u8], names: &[u8]) -> bool {
        self.len == name.len() && names.get(self.name..).is_some_and(|n| n.starts_with(name))
    }
}

impl Lines {
    /// Notes that a line was in use, and returns when it was so next. Without a name it is
    /// no line.
    #[inline]
    pub(super) fn put(&mut self, name: &[u8], time: i64) -> Option<i64> {
        if name.is_empty() {
            return None;
        }
        let hash = self.state.hash_one(name);
        let Lines { table, names, run, .. } = self;
        match table.find_mut(hash, |line| line.hash == hash && line.is_named(name, names)) {
            Some(line) => {
                let known = (line.run == *run).then_some(line.time);
                (line.run, line.time) = (*run, time);
                known
            }
            None => {
                self.add(name, time, hash);
                None
            }
        }
    }

    /// Nothing is known any more.
    pub(super) fn end_run(&mut self) {
        self.run += 1;
    }

    fn add(&mut self, name: &[u8], time: i64, hash: u64) {
        if self.table.len() == self.table.capacity() {
            self.sweep();
        }
        let line = Line { run: self.run, time, hash, name: self.names.len(), len: name.len() };
        self.names.extend_from_slice(name);
        self.table.insert_unique(hash, line, |line| line.hash);
    }

    /// Forgets the lines of other runs before the table grows for their sake.
    #[cold]
    fn sweep(&mut self) {
        let (run, before) = (self.run, self.table.len());
        self.table.retain(|line| line.run == run);
        let kept = self.table.len();
        // Room for as many again: sweeping must not be needed for each new line.
        self.table.reserve(kept.max(16), |line| line.hash);
        if kept == before {
            return;
        }
        let mut names = Vec::with_capacity(self.names.len());
        for line in &mut self.table {
            let begin = names.len();
            let end = line.name.saturating_add(line.len);
            names.extend_from_slice(self.names.get(line.name..end).unwrap_or_default());
            line.name = begin;
        }
        self.names = names;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_use_in_the_same_run() {
        let mut lines = Lines::default();
        assert_eq!(lines.put(b"pts/0", 30), None);
        assert_eq!(lines.put(b"pts/1", 20), None);
        assert_eq!(lines.put(b"pts/0", 10), Some(30));
        assert_eq!(lines.put(b"pts/0", 5), Some(10));
        lines.end_run();
        assert_eq!(lines.put(b"pts/0", 3), None);
        assert_eq!(lines.put(b"pts/0", 2), Some(3));
        assert_eq!(lines.put(b"", 2), None);
        assert_eq!(lines.put(b"", 1), None);
    }

    /// As many lines as there can be in each of many runs, never the same.
    #[test]
    fn room_is_used_again() {
        let mut lines = Lines::default();
        for n in 0..200_000 {
            if n % 100 == 0 {
                lines.end_run();
            }
            assert_eq!(lines.put(format!("pts/{n}").as_bytes(), n), None);
            assert_eq!(lines.put(format!("pts/{n}").as_bytes(), n), Some(n));
        }
        assert!(lines.table.capacity() < 1000, "{}", lines.table.capacity());
        assert!(lines.names.capacity() < 10_000, "{}", lines.names.capacity());
    }
}
