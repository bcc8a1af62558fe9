//! `--max-size`: the limit for decompressed data, and for data kept of a pipe.

use std::io::{self, ErrorKind, Read};

use loginrec_sources::{Compression, DecompressError};

use crate::args::size::Size;

/// Returns a reader of the content of compressed data, up to `limit` bytes of it.
pub(crate) fn decompress(compression: Compression, compressed: impl Read, limit: u64) -> impl Read {
    Limited(compression.decompress(compressed, limit))
}

/// A decompressor whose errors name the option that sets the limit.
struct Limited<R>(R);

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(|error| {
            match error.get_ref().and_then(|inner| inner.downcast_ref()) {
                Some(DecompressError::TooLarge { limit }) => too_large("unpacks to more", *limit),
                _ => error,
            }
        })
    }
}

/// The error if the data exceeds `--max-size`. `what` is "more" or ends with it.
pub(crate) fn too_large(what: &str, limit: u64) -> io::Error {
    let why = format!("{what} than {}: --max-size sets the limit", Size(limit));
    io::Error::new(ErrorKind::FileTooLarge, why)
}
