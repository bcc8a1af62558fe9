//! SHA-256 of data while it is read.

use std::io::{self, Read};

use loginrec::read::read_full;
use sha2::{Digest as _, Sha256};

const BUFFER: usize = 64 << 10;

/// A reader that computes the SHA-256 of the bytes that are read through it.
///
/// ```
/// use std::io::Read as _;
/// use loginrec_sources::Sha256Reader;
///
/// let mut reader = Sha256Reader::new(&b"abc"[..]);
/// reader.read_to_end(&mut Vec::new())?;
/// let sum = reader.finish();
/// assert_eq!((&sum.sha256[..8], sum.len), ("ba7816bf", 3));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Sha256Reader<R> {
    inner: R,
    hash: Sha256,
    len: u64,
}

/// The checksum and length of some data.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Checksum {
    /// The SHA-256, in lower-case hexadecimal digits.
    pub sha256: String,
    /// The number of bytes.
    pub len: u64,
}

impl<R> Sha256Reader<R> {
    /// Wraps a reader.
    pub fn new(inner: R) -> Sha256Reader<R> {
        Sha256Reader { inner, hash: Sha256::new(), len: 0 }
    }

    /// Returns the checksum of the data read so far.
    pub fn finish(self) -> Checksum {
        let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap_or('?');
        let digest = self.hash.finalize();
        let digits = digest.iter().flat_map(|&byte| [digit(byte >> 4), digit(byte & 15)]);
        Checksum { sha256: digits.collect(), len: self.len }
    }
}

impl<R: Read> Read for Sha256Reader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.hash.update(buffer.get(..read).unwrap_or_default());
        self.len = self.len.saturating_add(read as u64);
        Ok(read)
    }
}

/// Returns the checksum of everything up to the end.
///
/// # Errors
///
/// If `input` cannot be read to its end.
pub fn sha256(input: impl Read) -> io::Result<Checksum> {
    let mut reader = Sha256Reader::new(input);
    let mut buffer = vec![0; BUFFER];
    loop {
        match read_full(&mut reader, &mut buffer) {
            (_, Some(error)) => return Err(error),
            (read, None) if read < buffer.len() => return Ok(reader.finish()),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From FIPS 180-2, appendix B.
    #[test]
    fn vectors_of_the_standard() {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let sum = sha256(&b"abc"[..]).unwrap();
        assert_eq!((sum.sha256.as_str(), sum.len), (abc, 3));
        let million = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";
        let sum = sha256(io::repeat(b'a').take(1_000_000)).unwrap();
        assert_eq!((sum.sha256.as_str(), sum.len), (million, 1_000_000));
    }
}
