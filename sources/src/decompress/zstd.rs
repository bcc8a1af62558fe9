//! The blocks of a zstd frame, which may be truncated.

use std::io::{self, BufRead as _, Read};

use crate::decompress::lookahead::Lookahead;

/// A zstd frame, completed with an empty last block if it is truncated. The decoder keeps the
/// newest part of a frame, up to some MiB, until the frame ends; otherwise that part would be lost.
pub(super) struct Blocks<R> {
    pub(super) input: Lookahead<R>,
    pub(super) part: Part,
    /// The block being passed on.
    block: Vec<u8>,
    used: usize,
    pub(super) is_cut: bool,
}

/// The next part of a zstd frame.
pub(super) enum Part {
    Header,
    Blocks,
    Checksum,
}

impl<R: Read> Blocks<R> {
    pub(super) fn new(input: Lookahead<R>) -> Blocks<R> {
        Blocks { input, part: Part::Header, block: Vec::new(), used: 0, is_cut: false }
    }

    /// Reads the next block with its header.
    fn next_block(&mut self) -> io::Result<()> {
        self.used = 0;
        self.block.clear();
        let (len, is_last) = match self.input.peek(3)? {
            [a, b, c] => {
                let block = u32::from_le_bytes([*a, *b, *c, 0]);
                let repeated = block >> 1 & 3 == 1; // one byte stands for all
                let size = if repeated { 1 } else { block >> 3 };
                (3 + size as usize, block & 1 == 1)
            }
            _ => (usize::MAX, true),
        };
        let block = if len == usize::MAX { &[] } else { self.input.peek(len)? };
        if block.len() == len {
            self.block.extend_from_slice(block);
            self.input.consume(len);
        } else {
            self.is_cut = true;
            self.block.extend_from_slice(&[1, 0, 0]); // an empty last block
        }
        if is_last || self.is_cut {
            self.part = Part::Checksum;
        }
        Ok(())
    }
}

impl<R: Read> Read for Blocks<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let at_end = self.used >= self.block.len();
        match self.part {
            Part::Header => return self.input.read(buffer),
            Part::Blocks if at_end => self.next_block()?,
            Part::Checksum if at_end => {
                let read = if self.is_cut { 0 } else { self.input.read(buffer)? };
                if read == 0 {
                    // Without its checksum: the decoder gets zeros, and the frame counts as
                    // truncated.
                    self.is_cut = true;
                    buffer.fill(0);
                    return Ok(buffer.len());
                }
                return Ok(read);
            }
            Part::Blocks | Part::Checksum => {}
        }
        let read = self.block.get(self.used..).unwrap_or_default().read(buffer)?;
        self.used += read;
        Ok(read)
    }
}
