//! Where a sparse file has data: a lastlog of a terabyte is mostly hole.

use std::fs::File;
use std::ops::Range;

/// The first part from `at` on that is not a hole; none where nothing but a hole follows.
///
/// A part may end behind the end of the file. Where neither the system nor the file system
/// tells, all that follows is one part. The file's position is moved.
pub(crate) fn next_data(file: &File, at: u64) -> Option<Range<u64>> {
    #[cfg(any(
        target_os = "linux",
        target_os = "android",
        target_os = "freebsd",
        target_os = "dragonfly",
        target_os = "illumos",
        target_os = "solaris",
        target_vendor = "apple"
    ))]
    {
        use rustix::fs::{SeekFrom, seek};
        use rustix::io::Errno;

        match seek(file, SeekFrom::Data(at)) {
            Ok(start) => {
                let end = seek(file, SeekFrom::Hole(start)).unwrap_or(u64::MAX);
                return Some(start..end.max(start.saturating_add(1)));
            }
            Err(Errno::NXIO) => return None,
            Err(_) => {} // the file system does not know
        }
    }
    let _ = file; // where nobody can be asked
    Some(at..u64::MAX)
}
