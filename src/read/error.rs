use std::{error, fmt, io};

/// An I/O error of a source, with its offset.
#[derive(Debug)]
pub struct ReadError {
    offset: u64,
    error: io::Error,
}

impl ReadError {
    pub(crate) fn new(offset: u64, error: io::Error) -> ReadError {
        ReadError { offset, error }
    }

    /// Returns the byte offset in the file at which reading failed.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Returns the error of the source.
    pub fn io_error(&self) -> &io::Error {
        &self.error
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "byte {}: {}", self.offset, self.error)
    }
}

impl error::Error for ReadError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        Some(&self.error)
    }
}

/// Keeps the kind of the error; the message includes the offset.
impl From<ReadError> for io::Error {
    fn from(error: ReadError) -> io::Error {
        io::Error::new(error.error.kind(), error)
    }
}
