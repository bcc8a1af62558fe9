//! Sources that can be read at any offset, and two functions that fill a buffer.

use std::boxed::Box;
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;
use std::vec::Vec;

use crate::error::database::Part;

/// Bytes that can be read at any offset, by several threads at once.
///
/// Implemented for [`File`], for bytes in memory, and for references to them. Implement it to read
/// from other sources: an image, an archive, a file whose holes are known.
///
/// ```
/// use std::fs::File;
/// use loginrec::read::ReadAt;
///
/// let file = File::open("fixtures/linux-glibc-384-le/wtmp")?;
/// let mut record = [0; 384];
/// assert_eq!(file.read_at(&mut record, 384)?, 384);
/// assert_eq!(record[0], 1); // RUN_LVL
/// # Ok::<(), std::io::Error>(())
/// ```
pub trait ReadAt {
    /// Reads up to `buffer.len()` bytes at `offset`. Returns how many were read; only 0 means the
    /// end.
    ///
    /// # Errors
    ///
    /// If the source cannot be read there.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize>;

    /// Returns the current size in bytes.
    ///
    /// # Errors
    ///
    /// If the source does not know its size.
    fn size(&self) -> io::Result<u64>;

    /// Returns the first range at or after `offset` that may hold bytes other than zero; `None` if
    /// there are only zeros up to the end.
    ///
    /// The range may end after the end of the source. The default treats everything as data. To
    /// find the holes of a file, wrap it and use `SEEK_DATA`, which the standard library does not
    /// offer.
    ///
    /// # Errors
    ///
    /// If the file system reports an error.
    fn data_after(&self, offset: u64) -> io::Result<Option<Range<u64>>> {
        Ok(Some(offset..u64::MAX))
    }

    /// Returns a file that belongs to this database: its write-ahead log or its journal; of a log
    /// or a journal, which is not read alone then, its database. By default there is none.
    fn beside(&self, part: Part) -> Option<&dyn ReadAt> {
        let _ = part;
        None
    }

    /// Returns all bytes if they are in memory, so that they need not be copied.
    fn in_memory(&self) -> Option<&[u8]> {
        None
    }
}

/// Keeps the file's position on Unix; elsewhere it changes.
impl ReadAt for File {
    #[cfg(unix)]
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        // No file is that long, and the system reports an error for such offsets.
        if i64::try_from(offset.saturating_add(buffer.len() as u64)).is_err() {
            return Ok(0);
        }
        std::os::unix::fs::FileExt::read_at(self, buffer, offset)
    }

    #[cfg(windows)]
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        std::os::windows::fs::FileExt::seek_read(self, buffer, offset)
    }

    /// Locks, because the file has one position for all threads.
    #[cfg(not(any(unix, windows)))]
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        use std::io::{Seek as _, SeekFrom};
        use std::sync::{Mutex, PoisonError};

        static POSITION: Mutex<()> = Mutex::new(());
        let _held = POSITION.lock().unwrap_or_else(PoisonError::into_inner);
        let mut file = self;
        file.seek(SeekFrom::Start(offset))?;
        file.read(buffer)
    }

    fn size(&self) -> io::Result<u64> {
        self.metadata().map(|metadata| metadata.len())
    }
}

impl ReadAt for [u8] {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let offset = usize::try_from(offset).unwrap_or(usize::MAX);
        self.get(offset..).unwrap_or_default().read(buffer)
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.len() as u64)
    }

    fn in_memory(&self) -> Option<&[u8]> {
        Some(self)
    }
}

/// Forwards every method to the target of `$target`.
macro_rules! forward {
    ($($(#[$doc:meta])* impl[$($generics:tt)*] $source:ty => $target:ty;)*) => {$(
        $(#[$doc])*
        impl<$($generics)*> ReadAt for $source {
            fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
                <$target>::read_at(self, buffer, offset)
            }

            fn size(&self) -> io::Result<u64> {
                <$target>::size(self)
            }

            fn data_after(&self, offset: u64) -> io::Result<Option<Range<u64>>> {
                <$target>::data_after(self, offset)
            }

            fn beside(&self, part: Part) -> Option<&dyn ReadAt> {
                <$target>::beside(self, part)
            }

            fn in_memory(&self) -> Option<&[u8]> {
                <$target>::in_memory(self)
            }
        }
    )*};
}
forward! {
    impl[] Vec<u8> => [u8];
    impl[T: ReadAt + ?Sized] &T => T;
    impl[T: ReadAt + ?Sized] Box<T> => T;
    impl[T: ReadAt + ?Sized] Rc<T> => T;
    impl[T: ReadAt + ?Sized] Arc<T> => T;
}

/// Fills `buffer` from `source`. Returns the number of bytes read, and the error if there was one.
/// The number is smaller than the buffer only at the end of the source or before an error.
pub fn read_full(
    source: &mut (impl Read + ?Sized),
    buffer: &mut [u8],
) -> (usize, Option<io::Error>) {
    fill(buffer, |room, _| source.read(room))
}

/// Fills `buffer` with the bytes at `offset`. Returns as [`read_full`] does.
pub fn read_full_at(
    source: &(impl ReadAt + ?Sized),
    buffer: &mut [u8],
    offset: u64,
) -> (usize, Option<io::Error>) {
    fill(buffer, |room, filled| source.read_at(room, offset.saturating_add(filled as u64)))
}

/// Calls `read` with the rest of `buffer` and the number of bytes read so far, until the buffer is
/// full.
fn fill(
    buffer: &mut [u8],
    mut read: impl FnMut(&mut [u8], usize) -> io::Result<usize>,
) -> (usize, Option<io::Error>) {
    let mut filled = 0usize;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match read(rest, filled) {
            Ok(0) => break,
            Ok(read) => filled = filled.saturating_add(read),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return (filled.min(buffer.len()), Some(error)),
        }
    }
    (filled.min(buffer.len()), None)
}
