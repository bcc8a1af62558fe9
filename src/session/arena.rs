//! Pieces of bytes behind one another, which stay where they are.

use std::vec::Vec;

use super::index::NONE;
use crate::memory::Memory;

/// Places are counted in so many bytes: 32 bits of them are 16 GiB.
const UNIT: usize = 4;
/// Bytes of the first block. Each is twice the one before until they are many.
const FIRST: usize = 4 << 10;
/// How often: with these blocks full, a large page is the better half used.
const DOUBLINGS: usize = 6;
const BLOCK: usize = Memory::HUGE;
/// Units in a block.
const UNITS: usize = BLOCK / UNIT;

/// Pieces of bytes by the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Arena {
    blocks: Vec<Block>,
    /// Which one is being filled.
    current: usize,
    /// Bytes that pieces take.
    len: usize,
}

#[derive(Debug)]
struct Block {
    memory: Memory,
    filled: usize,
}

impl Arena {
    /// A place for a piece behind the last, and room from there on, for it and maybe more.
    ///
    /// The bytes are what they were. `None` if there are more than have a place.
    #[inline]
    pub(super) fn add(&mut self, len: usize) -> Option<(u32, &mut [u8])> {
        let room = Arena::room(len);
        let has_room = |block: &Block| block.memory.len().saturating_sub(block.filled) >= room;
        while !self.blocks.get(self.current).is_some_and(has_room) {
            self.next_block(room);
        }
        let block = self.blocks.get_mut(self.current)?;
        let begin = block.filled;
        block.filled = begin.saturating_add(room);
        self.len = self.len.saturating_add(room);
        let at = place(self.current, begin)?;
        Some((at, block.memory.get_mut(begin..)?))
    }

    /// What begins at a place: the piece, and more.
    #[inline]
    pub(super) fn get(&self, at: u32) -> Option<&[u8]> {
        let (block, begin) = (at as usize / UNITS, at as usize % UNITS);
        self.blocks.get(block)?.memory.get(begin.wrapping_mul(UNIT)..)
    }

    /// As [`Arena::get`].
    #[inline]
    pub(super) fn get_mut(&mut self, at: u32) -> Option<&mut [u8]> {
        let (block, begin) = (at as usize / UNITS, at as usize % UNITS);
        self.blocks.get_mut(block)?.memory.get_mut(begin.wrapping_mul(UNIT)..)
    }

    /// The place of the oldest piece.
    pub(super) fn first(&self) -> u32 {
        self.begin(0)
    }

    /// Bytes from the beginning of a piece to that of the next in its block.
    #[inline]
    pub(super) const fn room(len: usize) -> usize {
        len.next_multiple_of(UNIT)
    }

    /// The place behind a piece of some length.
    #[inline]
    pub(super) fn after(&self, at: u32, len: usize) -> u32 {
        let (block, begin) = (at as usize / UNITS, at as usize % UNITS);
        let end = begin.wrapping_mul(UNIT).saturating_add(Arena::room(len));
        match self.blocks.get(block) {
            Some(known) if end < known.filled => place(block, end).unwrap_or(NONE),
            Some(_) => self.begin(block.saturating_add(1)),
            None => NONE,
        }
    }

    /// All pieces, behind one another and in as many parts as there are blocks.
    pub(super) fn parts(&self) -> impl Iterator<Item = &[u8]> {
        self.blocks.iter().filter_map(|block| block.memory.get(..block.filled))
    }

    /// Forgets all pieces; memory is kept for others.
    pub(super) fn clear(&mut self) {
        self.blocks.iter_mut().for_each(|block| block.filled = 0);
        (self.current, self.len) = (0, 0);
    }

    /// Bytes that pieces take.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Bytes there are.
    pub(super) fn capacity(&self) -> usize {
        self.blocks.iter().map(|block| block.memory.len()).sum()
    }

    /// The first piece from a block on.
    fn begin(&self, block: usize) -> u32 {
        let has_some = |block: &&Block| block.filled > 0;
        let some = self.blocks.get(block).filter(has_some);
        some.and_then(|_| place(block, 0)).unwrap_or(NONE)
    }

    #[cold]
    fn next_block(&mut self, room: usize) {
        // A piece that is longer than a small block leaves none of them empty.
        if self.blocks.get(self.current).is_some_and(|block| block.filled > 0) {
            self.current = self.current.saturating_add(1);
        }
        let small = FIRST << self.current.min(DOUBLINGS);
        let len = if self.current < DOUBLINGS { small } else { BLOCK };
        let short = self.blocks.get(self.current).is_some_and(|block| block.memory.len() < room);
        if short || self.current == self.blocks.len() {
            let block = Block { memory: Memory::new(len.max(room)), filled: 0 };
            self.blocks.truncate(self.current);
            self.blocks.push(block);
        }
    }
}

fn place(block: usize, begin: usize) -> Option<u32> {
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
            for (n, &place) in places.iter().enumerate() {
                assert_eq!(at, place);
                assert!(arena.get(at).unwrap()[..len(n)].iter().all(|&byte| byte == n as u8));
                at = arena.after(at, len(n));
            }
            assert_eq!(at, NONE);
            assert!(arena.len() <= arena.capacity());
            arena.clear();
        }
        assert!(arena.capacity() < 12 << 20, "{}", arena.capacity());
    }
}
