//! The beginning of a file of the store.

use crate::container::asl::word::be64;
use crate::container::source::Source;
use crate::endian::{BE, U32};
use zerocopy::FromBytes as _;

/// The first bytes of every file of the store.
pub(crate) const COOKIE: &[u8] = b"ASL DB\0\0\0\0\0\0";
/// Where the offset of the first message is.
const FIRST: usize = 16;
/// Bytes of the header.
pub(crate) const LEN: usize = 80;

/// Returns the version of a file that begins so; `None` if it is not one of the store.
pub(crate) fn version(head: &[u8]) -> Option<u32> {
    let (version, _) = U32::<BE>::read_from_prefix(head.strip_prefix(COOKIE)?).ok()?;
    Some(version.get())
}

/// Returns the offset of the first message that the header of version 2 has; `None` without a
/// header.
pub(super) fn first(source: &dyn Source) -> Option<u64> {
    let mut head = [0; LEN];
    let read = source.read_at(&mut head, 0);
    version(head.get(..read)?)?;
    Some(be64(&head, FIRST))
}

/// Returns whether a file begins with a header.
pub(super) fn is_there(source: &dyn Source) -> bool {
    let mut head = [0; LEN];
    let read = source.read_at(&mut head, 0);
    version(head.get(..read).unwrap_or_default()).is_some()
}
