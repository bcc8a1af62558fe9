//! Random access to the bytes of a file.

/// A file, or bytes in memory.
///
/// The reader ignores errors of the system: the caller who requested the rows keeps them.
pub(crate) trait Source {
    /// Returns the size in bytes.
    fn len(&self) -> u64;

    /// Fills `buffer` with the bytes at `offset`. Returns how many there were.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> usize;
}

impl Source for [u8] {
    fn len(&self) -> u64 {
        self.len() as u64
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> usize {
        let offset = usize::try_from(offset).unwrap_or(usize::MAX);
        let rest = self.get(offset..).unwrap_or_default();
        let len = rest.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..len), rest.get(..len)) {
            to.copy_from_slice(from);
        }
        len
    }
}

impl Source for &[u8] {
    fn len(&self) -> u64 {
        Source::len(*self)
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> usize {
        Source::read_at(*self, buffer, offset)
    }
}
