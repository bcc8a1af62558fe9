//! An append-only store of byte pieces, which keep their places.

use std::vec::Vec;

use crate::session::table::index::NONE;
use crate::session::table::memory::Memory;

/// Places are in units of this many bytes, so that 32 bits reach 16 GiB.
const UNIT: usize = 4;
/// Size of the first block. Each block is twice as large as the one before, up to a limit.
const FIRST: usize = 4 << 10;
/// Number of doublings. When these blocks are full, more than half of a large page would be used.
const DOUBLINGS: usize = 6;
const BLOCK: usize = Memory::HUGE;
/// Units in a block.
const UNITS: usize = BLOCK / UNIT;

/// Pieces of bytes in the order in which they were added.
#[derive(Debug, Default)]
pub(in crate::session) struct Arena {
    blocks: Vec<Block>,
    /// The block being filled.
    current: usize,
    /// Bytes of all pieces.
    len: usize,
    /// Whether there was no memory for a block. It is not requested again for each piece.
    is_denied: bool,
}

#[derive(Debug)]
struct Block {
    memory: Memory,
    filled: usize,
}

impl Arena {
    /// Adds a piece after the last one. Returns its place, and the room from there on, which may be
    /// longer.
    ///
    /// The bytes are not cleared. `None` if no memory or place is left.
    #[inline]
    pub(in crate::session) fn add(&mut self, len: usize) -> Option<(u32, &mut [u8])> {
        let room = Arena::room(len);
        let has_room = |block: &Block| block.memory.len().saturating_sub(block.filled) >= room;
        while !self.blocks.get(self.current).is_some_and(has_room) {
            self.next_block(room)?;
        }
        let block = self.blocks.get_mut(self.current)?;
        let begin = block.filled;
        block.filled = begin.saturating_add(room);
        self.len = self.len.saturating_add(room);
        let at = location(self.current, begin)?;
        Some((at, block.memory.get_mut(begin..)?))
    }

    /// Returns the bytes from a place on: the piece and more.
    #[inline]
    pub(in crate::session) fn get(&self, at: u32) -> Option<&[u8]> {
        let (block, begin) = (at as usize / UNITS, at as usize % UNITS);
        self.blocks.get(block)?.memory.get(begin.wrapping_mul(UNIT)..)
    }

    /// Does the same as [`Arena::get`].
    #[inline]
    pub(in crate::session) fn get_mut(&mut self, at: u32) -> Option<&mut [u8]> {
        let (block, begin) = (at as usize / UNITS, at as usize % UNITS);
        self.blocks.get_mut(block)?.memory.get_mut(begin.wrapping_mul(UNIT)..)
    }

    /// Returns the place of the oldest piece.
    pub(in crate::session) fn first(&self) -> u32 {
        self.begin(0)
    }

    /// Returns the bytes from the beginning of a piece to that of the next in its block.
    #[inline]
    pub(in crate::session) const fn room(len: usize) -> usize {
        len.next_multiple_of(UNIT)
    }

    /// Returns the place after a piece of this length.
    #[inline]
    pub(in crate::session) fn after(&self, at: u32, len: usize) -> u32 {
        let (block, begin) = (at as usize / UNITS, at as usize % UNITS);
        let end = begin.wrapping_mul(UNIT).saturating_add(Arena::room(len));
        match self.blocks.get(block) {
            Some(known) if end < known.filled => location(block, end).unwrap_or(NONE),
            Some(_) => self.begin(block.saturating_add(1)),
            None => NONE,
        }
    }

    /// Returns all pieces, one after another, in one part per block.
    pub(in crate::session) fn parts(&self) -> impl Iterator<Item = &[u8]> {
        self.blocks.iter().filter_map(|block| block.memory.get(..block.filled))
    }

    /// Removes all pieces and keeps the memory.
    pub(in crate::session) fn clear(&mut self) {
        self.blocks.iter_mut().for_each(|block| block.filled = 0);
        (self.current, self.len, self.is_denied) = (0, 0, false);
    }

    /// Returns the bytes of all pieces.
    pub(in crate::session) fn len(&self) -> usize {
        self.len
    }

    /// Returns the bytes allocated.
    pub(in crate::session) fn capacity(&self) -> usize {
        self.blocks.iter().map(|block| block.memory.len()).sum()
    }

    /// Returns the place of the first piece from a block on.
    fn begin(&self, block: usize) -> u32 {
        let has_some = |block: &&Block| block.filled > 0;
        let some = self.blocks.get(block).filter(has_some);
        some.and_then(|_| location(block, 0)).unwrap_or(NONE)
    }

    #[cold]
    fn next_block(&mut self, room: usize) -> Option<()> {
        // A piece longer than a small block would leave it empty, so it goes into this one.
        if self.blocks.get(self.current).is_some_and(|block| block.filled > 0) {
            self.current = self.current.saturating_add(1);
        }
        let small = FIRST << self.current.min(DOUBLINGS);
        let len = if self.current < DOUBLINGS { small } else { BLOCK };
        let short = self.blocks.get(self.current).is_some_and(|block| block.memory.len() < room);
        if short || self.current == self.blocks.len() {
            let block = self.block(len.max(room));
            self.is_denied = block.is_none();
            self.blocks.truncate(self.current);
            self.blocks.push(block?);
        }
        Some(())
    }

    /// Requests the memory of a block, and for its entry.
    fn block(&mut self, len: usize) -> Option<Block> {
        if self.is_denied || self.blocks.try_reserve(1).is_err() {
            return None;
        }
        Some(Block { memory: Memory::new(len)?, filled: 0 })
    }
}

fn location(block: usize, begin: usize) -> Option<u32> {
    let at = block.checked_mul(UNITS)?.checked_add(begin / UNIT)?;
    u32::try_from(at).ok().filter(|&at| at != NONE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_come_back_in_order() {
        let mut arena = Arena::default();
        for _ in 0..2 {
            assert_eq!(arena.first(), NONE);
            let len = |n: usize| if n == 1000 { 300_000 } else { 1 + n * 7919 % 997 };
            let mut places = Vec::new();
            for n in 0..10_000 {
                let (at, bytes) = arena.add(len(n)).unwrap();
                bytes[..len(n)].fill(n as u8);
                places.push(at);
            }
            let mut at = arena.first();
            for (n, &location) in places.iter().enumerate() {
                assert_eq!(at, location);
                assert!(arena.get(at).unwrap()[..len(n)].iter().all(|&byte| byte == n as u8));
                at = arena.after(at, len(n));
            }
            assert_eq!(at, NONE);
            assert!(arena.len() <= arena.capacity());
            arena.clear();
        }
        assert!(arena.capacity() < 12 << 20, "{}", arena.capacity());
    }

    #[test]
    fn pieces_stay_without_memory() {
        let mut arena = Arena::default();
        let (at, bytes) = arena.add(FIRST / 2 + 4).unwrap();
        bytes[0] = 7;
        arena.is_denied = true;
        assert!(arena.add(FIRST / 2).is_none());
        assert!(arena.add(4).is_none());
        assert_eq!(arena.get(at).unwrap()[0], 7);
        assert_eq!(arena.after(at, FIRST / 2 + 4), NONE);
        assert_eq!(arena.parts().count(), 1);
        arena.clear();
        assert_eq!(arena.add(4).unwrap().0, at);
    }
}
