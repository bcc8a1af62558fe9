/// Shorter holes are read, so that the output of most files does not depend on how they were copied.
pub(super) const LONG_HOLE: u64 = 1 << 20;

/// Records of zeros that were not read because the file system stores nothing there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Hole {
    /// Byte offset of the first record.
    pub offset: u64,
    /// Index of the first record.
    pub index: u64,
    /// Number of records.
    pub records: u64,
    /// Length of all records together, in bytes.
    pub len: u64,
}
