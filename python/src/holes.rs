//! Where a sparse file has data: a lastlog of a terabyte is mostly hole.

use std::fs::File;
use std::ops::Range;

/// The first part from `at` on that is not a hole; none where nothing but a hole follows.
///
/// A part may end behind the end of the file. Where the system does not tell, all that follows
/// is one part. The file's position is moved.
#[cfg(any(target_os = "linux", target_os = "freebsd", target_vendor = "apple"))]
pub(crate) fn next_data(file: &File, at: u64) -> Option<Range<u64>> {
    use rustix::fs::{SeekFrom, seek};
    use rustix::io::Errno;

    match seek(file, SeekFrom::Data(at)) {
        Ok(start) => {
            let end = seek(file, SeekFrom::Hole(start)).unwrap_or(u64::MAX);
            Some(start..end.max(start.saturating_add(1)))
        }
        Err(Errno::NXIO) => None,
        Err(_) => Some(at..u64::MAX),
    }
}

#[cfg(not(any(target_os = "linux", target_os = "freebsd", target_vendor = "apple")))]
pub(crate) fn next_data(_: &File, at: u64) -> Option<Range<u64>> {
    Some(at..u64::MAX)
}
