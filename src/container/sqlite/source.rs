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

/// A database with its companion files.
#[derive(Clone, Copy)]
pub(crate) struct Files<'s> {
    /// The database.
    pub(crate) main: &'s dyn Source,
    /// Its write-ahead log.
    pub(crate) wal: Option<&'s dyn Source>,
    /// Its rollback journal.
    pub(crate) journal: Option<&'s dyn Source>,
}

/// Returns the big-endian number at `at`.
pub(super) fn be16(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|&bytes| u16::from_be_bytes(bytes))
}

/// Returns the big-endian number at `at`.
pub(super) fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|&bytes| u32::from_be_bytes(bytes))
}

/// Parses a page size in the form of the headers of databases, logs and journals.
pub(super) fn page_size(stored: u32) -> Option<u32> {
    let size = if stored == 1 { 65536 } else { stored };
    ((512..=65536).contains(&size) && size.is_power_of_two()).then_some(size)
}
