use std::fmt;
use std::io::{self, ErrorKind};

/// The reason why a thing that is not a file is not opened. It is the source of an [`io::Error`] of
/// the kind [`ErrorKind::InvalidInput`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// A named pipe.
    Fifo,
    /// A socket.
    Socket,
    /// A character device, such as a terminal or `/dev/zero`.
    CharacterDevice,
}

/// Prints the kind of thing, and advice.
impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Refusal::Fifo => {
                "is a FIFO and not read, because that could wait forever; redirect it to standard \
                 input and give `-` as the file"
            }
            Refusal::Socket => {
                "is a socket and not read; redirect its data to standard input and give `-` as the file"
            }
            Refusal::CharacterDevice => {
                "is a character device and not read, because it may have no end; redirect it to \
                 standard input and give `-` as the file"
            }
        })
    }
}

impl std::error::Error for Refusal {}

impl From<Refusal> for io::Error {
    fn from(refusal: Refusal) -> io::Error {
        io::Error::new(ErrorKind::InvalidInput, refusal)
    }
}
