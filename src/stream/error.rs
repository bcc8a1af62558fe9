use std::{error, fmt, io};

/// A source that cannot be read further.
#[derive(Debug)]
pub struct StreamError {
    offset: u64,
    error: io::Error,
}

impl StreamError {
    pub(super) fn new(offset: u64, error: io::Error) -> StreamError {
        StreamError { offset, error }
    }

    /// Byte offset in the file up to which it was read.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// What the source said.
    pub fn io_error(&self) -> &io::Error {
        &self.error
    }
}

impl fmt::Display for StreamError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "byte {}: {}", self.offset, self.error)
    }
}

impl error::Error for StreamError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        Some(&self.error)
    }
}

/// Keeps the kind; place and words become the message.
impl From<StreamError> for io::Error {
    fn from(error: StreamError) -> io::Error {
        io::Error::new(error.error.kind(), error)
    }
}
