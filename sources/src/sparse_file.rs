use std::fs::File;
use std::io::{self, Read};
use std::ops::Range;

use loginrec::read::ReadAt;

/// A file whose holes are skipped if the system can find them: a lastlog of a terabyte is mostly
/// holes.
#[derive(Debug)]
pub struct SparseFile(File);

impl SparseFile {
    /// Takes a file.
    pub fn new(file: File) -> SparseFile {
        SparseFile(file)
    }

    /// Returns the file.
    pub fn file(&self) -> &File {
        &self.0
    }

    /// Returns another handle of the same file.
    ///
    /// # Errors
    ///
    /// As [`File::try_clone`].
    pub fn try_clone(&self) -> io::Result<SparseFile> {
        self.0.try_clone().map(SparseFile)
    }
}

/// [`ReadAt::data_after`] moves the file's position; on Unix, nothing else does.
impl ReadAt for SparseFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        ReadAt::read_at(&self.0, buffer, offset)
    }

    fn size(&self) -> io::Result<u64> {
        self.0.size()
    }

    fn data_after(&self, offset: u64) -> io::Result<Option<Range<u64>>> {
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

            match seek(&self.0, SeekFrom::Data(offset)) {
                Ok(start) => {
                    let end = seek(&self.0, SeekFrom::Hole(start)).unwrap_or(u64::MAX);
                    return Ok(Some(start..end.max(start.saturating_add(1))));
                }
                Err(Errno::NXIO) => return Ok(None),
                Err(_) => {} // the file system does not know
            }
        }
        Ok(Some(offset..u64::MAX))
    }
}

/// Reads from the file's position.
impl Read for SparseFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Seek as _, SeekFrom, Write as _};

    use loginrec::OpenOptions;
    use loginrec::open::OnAmbiguous;

    use super::*;

    /// Reading 64 GiB with two records takes only the time of the two.
    #[test]
    fn holes_are_not_read() {
        let path = std::env::temp_dir().join(format!("loginrec-sparse-{}", std::process::id()));
        let mut file = File::create(&path).unwrap();
        let mut slot = vec![0; 292];
        slot[..4].copy_from_slice(&1_700_000_000u32.to_le_bytes());
        slot[4..9].copy_from_slice(b"pts/0");
        file.write_all(&slot.repeat(3)).unwrap();
        let last = (64 << 30) / 292;
        file.seek(SeekFrom::Start(last * 292)).unwrap();
        file.write_all(&slot).unwrap();
        drop(file);
        let sparse = SparseFile::new(File::open(&path).unwrap());
        let knows_holes = sparse.data_after(1 << 30).unwrap().unwrap().start > 1 << 30;
        // Three slots leave the byte order somewhat uncertain.
        let options = OpenOptions::new().on_ambiguous(OnAmbiguous::BestGuess);
        let log = options.from_reader(sparse).unwrap();
        std::fs::remove_file(&path).unwrap();
        assert_eq!(log.layout().unwrap().name, "linux-lastlog-292-le");
        assert_eq!(log.get(last, |record| record.uid()).unwrap(), Some(Some(last)));
        if !knows_holes {
            loginrec_testing::skip("this file system does not report holes");
            return;
        }
        let (mut chunks, mut found) = (log.chunks(), Vec::new());
        while let Some(records) = chunks.next_chunk().unwrap() {
            found.extend(records.flatten().map(|record| record.index()));
        }
        assert_eq!(found, [0, 1, 2, last]);
        let (mut chunks, mut found) = (log.chunks_rev(), Vec::new());
        while let Some(records) = chunks.next_chunk().unwrap() {
            found.extend(records.rev().flatten().map(|record| record.index()));
        }
        assert_eq!(found, [last, 2, 1, 0]);
    }
}
