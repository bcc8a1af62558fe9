//! Compressed files that are read more than once: decompressed again each time, and not kept.

use std::io::{self, Read};

use loginrec::read::ReadAt as _;
use loginrec_sources::Compression;

use crate::input::held_file::Plain;
use crate::input::limit::decompress;

/// The content of a compressed file.
pub(crate) struct PackedFile {
    file: Plain,
    compression: Compression,
    /// The most bytes to decompress.
    limit: u64,
    /// The decompressor; `None` before the first read.
    reader: Option<Box<dyn Read>>,
    /// Bytes read from the decompressor.
    position: u64,
}

impl PackedFile {
    pub(crate) fn new(file: Plain, compression: Compression, limit: u64) -> PackedFile {
        PackedFile { file, compression, limit, reader: None, position: 0 }
    }

    /// Restarts at the first byte with the next read.
    pub(crate) fn rewind(&mut self) {
        (self.reader, self.position) = (None, 0);
    }

    /// Goes to `position` in the content.
    pub(crate) fn go_to(&mut self, position: u64) -> io::Result<()> {
        if self.position > position {
            self.rewind();
        }
        let missing = position.saturating_sub(self.position);
        io::copy(&mut self.by_ref().take(missing), &mut io::sink()).map(drop)
    }
}

impl Read for PackedFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let reader = match &mut self.reader {
            Some(reader) => reader,
            none => {
                let packed = FromStart { file: self.file.try_clone()?, position: 0 };
                none.insert(Box::new(decompress(self.compression, packed, self.limit)))
            }
        };
        let read = reader.read(buffer)?;
        self.position = self.position.saturating_add(read as u64);
        Ok(read)
    }
}

/// A file from its beginning, whatever its position is.
struct FromStart {
    file: Plain,
    position: u64,
}

impl Read for FromStart {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(buffer, self.position)?;
        self.position = self.position.saturating_add(read as u64);
        Ok(read)
    }
}
