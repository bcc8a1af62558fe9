//! Memory in few large pages if there is much of it.

#[cfg(target_os = "linux")]
use std::ops::Range;
use std::ops::{Deref, DerefMut};
use std::vec::Vec;

/// Bytes, zero at first.
///
/// The first access to a page costs as much as the work on a dozen records. Memory of 2 MiB or more
/// is requested in pages of that size, which Linux provides if configured; otherwise this is a
/// `Vec`. Large pages are not accessed before they are used.
#[derive(Debug)]
pub(crate) enum Memory {
    Plain(Vec<u8>),
    #[cfg(target_os = "linux")]
    Huge(Huge),
}

impl Memory {
    /// A large page.
    pub(crate) const HUGE: usize = 2 << 20;

    /// Requests memory; `None` if there is too little.
    pub(crate) fn new(len: usize) -> Option<Memory> {
        #[cfg(target_os = "linux")]
        if let Some(huge) = Huge::new(len) {
            return Some(Memory::Huge(huge));
        }
        let mut plain = Vec::new();
        plain.try_reserve_exact(len).ok()?;
        plain.resize(len, 0);
        Some(Memory::Plain(plain))
    }
}

impl Default for Memory {
    fn default() -> Memory {
        Memory::Plain(Vec::new())
    }
}

impl Deref for Memory {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        match self {
            Memory::Plain(bytes) => bytes,
            #[cfg(target_os = "linux")]
            Memory::Huge(Huge { map, range }) => map.get(range.clone()).unwrap_or_default(),
        }
    }
}

impl DerefMut for Memory {
    #[inline]
    fn deref_mut(&mut self) -> &mut [u8] {
        match self {
            Memory::Plain(bytes) => bytes,
            #[cfg(target_os = "linux")]
            Memory::Huge(Huge { map, range }) => map.get_mut(range.clone()).unwrap_or_default(),
        }
    }
}

/// An anonymous map that begins at a multiple of the size of a large page.
#[cfg(target_os = "linux")]
#[derive(Debug)]
pub(crate) struct Huge {
    map: memmap2::MmapMut,
    range: Range<usize>,
}

#[cfg(target_os = "linux")]
impl Huge {
    fn new(len: usize) -> Option<Huge> {
        // Miri does not support large pages.
        if len < Memory::HUGE || cfg!(miri) {
            return None;
        }
        let mut map = memmap2::MmapMut::map_anon(len.checked_add(Memory::HUGE)?).ok()?;
        let begin = map.as_mut_ptr().align_offset(Memory::HUGE);
        let range = begin..begin.checked_add(len)?;
        map.get(range.clone())?;
        // Fails on a kernel without large pages.
        map.advise(memmap2::Advice::HugePage).ok()?;
        Some(Huge { map, range })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_it_is_there() {
        for len in [0, 1, 4096, Memory::HUGE - 1, Memory::HUGE, 2 * Memory::HUGE + 8] {
            let mut memory = Memory::new(len).unwrap();
            assert_eq!(memory.len(), len);
            assert!(memory.iter().all(|&byte| byte == 0));
            memory.fill(7);
            assert!(memory.iter().all(|&byte| byte == 7));
        }
        assert!(Memory::new(usize::MAX).is_none());
    }
}
