//! A reader with lookahead.

use std::io::{self, BufRead, Read};

/// Bytes to read at a time.
const CHUNK: usize = 64 << 10;

/// A buffered reader with access to bytes before they are read.
#[derive(Debug)]
pub(super) struct Lookahead<R> {
    inner: R,
    buffer: Vec<u8>,
    used: usize,
}

impl<R: Read> Lookahead<R> {
    pub(super) fn new(inner: R) -> Lookahead<R> {
        Lookahead { inner, buffer: Vec::new(), used: 0 }
    }

    fn rest(&self) -> &[u8] {
        self.buffer.get(self.used..).unwrap_or_default()
    }

    /// Returns the next `len` bytes, fewer only at the end, without reading them.
    pub(super) fn peek(&mut self, len: usize) -> io::Result<&[u8]> {
        if self.rest().len() < len {
            self.buffer.drain(..self.used);
            self.used = 0;
            let more = len.max(CHUNK).saturating_sub(self.buffer.len()) as u64;
            self.inner.by_ref().take(more).read_to_end(&mut self.buffer)?;
        }
        let rest = self.rest();
        Ok(rest.get(..len).unwrap_or(rest))
    }

    /// Skips zeros.
    pub(super) fn skip_zeros(&mut self) -> io::Result<()> {
        loop {
            let rest = self.fill_buf()?;
            let zeros = rest.iter().take_while(|&&byte| byte == 0).count();
            if zeros == 0 {
                return Ok(());
            }
            self.consume(zeros);
        }
    }
}

impl<R: Read> Read for Lookahead<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

impl<R: Read> BufRead for Lookahead<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.rest().is_empty() {
            self.peek(1)?;
        }
        Ok(self.rest())
    }

    fn consume(&mut self, bytes: usize) {
        self.used = self.used.saturating_add(bytes).min(self.buffer.len());
    }
}
