//! The only `unsafe` in the crate.

use std::fs::File;
use std::io;
use std::ops::Deref;

/// A file's bytes as a memory map.
#[derive(Debug)]
pub(crate) struct Map(memmap2::Mmap);

impl Map {
    pub(crate) fn of(file: &File) -> io::Result<Map> {
        // SAFETY: the map is private to this crate and read-only, but another process may truncate
        // the file (SIGBUS on Unix) or rewrite it meanwhile. The record types accept any bytes, so
        // a torn read yields a wrong record, never an invalid value. `LogFile::open` passes this
        // contract on to its caller.
        let map = unsafe { memmap2::Mmap::map(file)? };
        #[cfg(unix)]
        let _ = map.advise(memmap2::Advice::Sequential);
        Ok(Map(map))
    }
}

impl Deref for Map {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}
