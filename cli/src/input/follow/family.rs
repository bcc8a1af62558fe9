//! A log with its rotated copies.

use std::fs::File;
use std::io::{self, Seek as _};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use loginrec::read::{ReadAt as _, read_full_at};
use loginrec_sources::{Compression, FileId, SparseFile, Spool, open_evidence, rotated_copies};

use crate::diagnostics::reason;
use crate::input::follow::place::{Edges, Place};
use crate::input::limit::decompress;

/// Logs are renamed while the folder is read. It is read again, this often at most.
const TRIES: usize = 20;
/// The copies that are opened, the newest ones.
const MOST: usize = 100;

/// A log or one of its copies, open.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) path: PathBuf,
    pub(super) file: File,
    pub(super) id: Option<FileId>,
    /// When it was written last, in nanoseconds.
    pub(super) changed: Option<i64>,
    /// Whether it is the log itself, and no copy.
    pub(super) is_log: bool,
}

impl Member {
    /// Opens a file.
    pub(super) fn open(path: &Path, is_log: bool) -> io::Result<Member> {
        let file = open_evidence(path)?;
        let (id, changed) = (FileId::of_file(&file), changed(&file));
        Ok(Member { path: path.to_owned(), file, id, changed, is_log })
    }

    /// Returns the compression.
    fn compression(&self) -> Option<Compression> {
        let mut head = [0; 16];
        let (read, _) = read_full_at(&self.file, &mut head, 0);
        Compression::detect(head.get(..read).unwrap_or_default())
    }

    /// Returns the unpacked content of a copy; `None` if it is not compressed.
    pub(super) fn unpacked(&self, limit: u64) -> Result<Option<Spool>, String> {
        let Some(compression) = self.compression() else { return Ok(None) };
        let mut spool = Spool::new();
        let unpacked = self.file.try_clone().and_then(|mut file| {
            // The position is that of all handles of the file.
            file.rewind()?;
            io::copy(&mut decompress(compression, file, limit), &mut spool)
        });
        unpacked.map(|_| Some(spool)).map_err(|error| reason(&error))
    }

    /// Returns whether the file begins as the whole of another one.
    fn begins_with(&self, other: &Member) -> io::Result<bool> {
        let len = other.file.metadata()?.len();
        let (file, other) =
            (SparseFile::new(self.file.try_clone()?), SparseFile::new(other.file.try_clone()?));
        Ok(len > 0 && len <= file.size()? && Edges::read(&other, len)?.are_of(&file, len)?)
    }

    /// Returns whether the place is in this file.
    pub(super) fn has(&self, place: &Place, limit: u64) -> bool {
        if self.compression().is_none() {
            let file = self.file.try_clone().map(SparseFile::new);
            return file.is_ok_and(|file| place.is_in(&file, self.id));
        }
        let is_copy = !self.is_log && place.offset > 0;
        is_copy && matches!(self.unpacked(limit), Ok(Some(spool)) if place.is_in(&spool, None))
    }
}

/// Returns when a file was written last.
pub(super) fn changed(file: &File) -> Option<i64> {
    let time = file.metadata().ok()?.modified().ok()?;
    i64::try_from(time.duration_since(UNIX_EPOCH).ok()?.as_nanos()).ok()
}

/// Opens a log and its copies, the oldest first, the log last. What cannot be opened is left out.
pub(super) fn family(log: &Path) -> Vec<Member> {
    let mut members = Vec::new();
    for _ in 0..TRIES {
        members = list(log)
            .iter()
            .filter_map(|(path, _)| Member::open(path, path == log).ok())
            .collect::<Vec<_>>();
        let opened = members.iter().map(|member| (member.path.clone(), member.id));
        // Otherwise a file was renamed between being listed and being opened.
        if opened.eq(list(log).into_iter().filter(|(_, id)| id.is_some() || cfg!(not(unix)))) {
            break;
        }
    }
    // A copy is being made, and the log is cut afterwards.
    if let [.., copy, log] = members.as_slice()
        && log.is_log
        && log.begins_with(copy).unwrap_or(false)
    {
        members.remove(members.len().saturating_sub(2));
    }
    members
}

fn list(log: &Path) -> Vec<(PathBuf, Option<FileId>)> {
    let copies = rotated_copies(log).unwrap_or_default();
    let newest = copies.len().saturating_sub(MOST);
    let paths = copies.into_iter().skip(newest).chain([log.to_owned()]);
    paths.map(|path| (FileId::of_path(&path), path)).map(|(id, path)| (path, id)).collect()
}
