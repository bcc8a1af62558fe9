//! What a follower reads from, and what it returns.

use std::io;
use std::ops::Range;
use std::time::Duration;

use loginrec::read::ReadAt;
use loginrec::{FileKind, Layout, Record, Records};
use loginrec_sources::{SparseFile, Spool};

use crate::args::follow::FollowOptions;
use crate::args::reading::Reading;
use crate::diagnostics::Diagnostics;
use crate::file_name::FileName;
use crate::input::follow::family::Member;

/// Options for following files.
#[derive(Clone, Copy, Debug)]
pub(crate) struct How {
    /// The layout of all files, if it is given instead of detected.
    pub(crate) layout: Option<&'static Layout>,
    pub(crate) unsigned_seconds: bool,
    /// The kind of all files, if it is given.
    pub(crate) kind: Option<FileKind>,
    /// Most bytes unpacked of a compressed copy.
    pub(crate) max_size: u64,
    pub(crate) interval: Duration,
    /// Whether to end where the files end now.
    pub(crate) is_once: bool,
    /// Whether records that are there at the start are old.
    pub(crate) new_only: bool,
    /// Whether old records are passed on, from the oldest copy of a file on.
    pub(crate) replays: bool,
    /// Whether files that cannot be followed are left out: they were not named.
    pub(crate) is_lenient: bool,
}

impl How {
    /// Takes the options from the command line.
    pub(crate) fn new(follow: &FollowOptions, reading: &Reading) -> How {
        let Reading { options, files, .. } = reading;
        How {
            layout: options.layout,
            unsigned_seconds: options.unsigned_time,
            kind: options.kind,
            max_size: options.max_size,
            interval: follow.interval,
            is_once: !follow.follow,
            new_only: follow.new_only,
            replays: false,
            is_lenient: files.is_empty(),
        }
    }

    /// Passes on old records, for what new ones end.
    pub(crate) fn replaying(self) -> How {
        How { replays: true, ..self }
    }
}

/// Whole records that were appended.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) layout: &'static Layout,
    pub(crate) kind: Option<FileKind>,
    /// Whether they are the first ones of a file, or of one that is read from its start again.
    pub(crate) is_first: bool,
    /// Their offset in the file.
    pub(super) offset: u64,
    pub(super) index: u64,
    /// Records before this offset are old.
    pub(super) old_until: u64,
    pub(super) unsigned_seconds: bool,
    pub(super) bytes: Vec<u8>,
}

impl Batch {
    /// Returns the records with their places in the file.
    pub(crate) fn records(&self) -> Records<'_> {
        let records = self.layout.records_at(&self.bytes, self.offset, self.index);
        records.unsigned_seconds(self.unsigned_seconds)
    }

    /// Returns the whole records, and reports the damage between them unless all are old.
    pub(crate) fn whole_records<'b>(
        &'b self,
        name: &'b FileName<'_>,
        report: &'b mut Diagnostics,
    ) -> impl Iterator<Item = Record<'b>> {
        self.records().filter_map(move |record| match record {
            Ok(record) => Some(record),
            Err(error) => {
                if !self.are_old() {
                    report.damaged(name, error);
                }
                None
            }
        })
    }

    /// Returns whether a record is not to be printed: it was there at the start, or has been printed
    /// by an earlier run.
    pub(crate) fn is_old(&self, record: &Record<'_>) -> bool {
        record.offset() < self.old_until
    }

    /// Returns whether all records are old.
    pub(crate) fn are_old(&self) -> bool {
        self.offset.saturating_add(self.bytes.len() as u64) <= self.old_until
    }
}

/// An open file.
#[derive(Debug)]
pub(super) enum Source {
    File(SparseFile),
    /// The content of a compressed copy.
    Unpacked(Spool),
}

impl ReadAt for Source {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        match self {
            Source::File(file) => file.read_at(buffer, offset),
            Source::Unpacked(spool) => spool.read_at(buffer, offset),
        }
    }

    fn size(&self) -> io::Result<u64> {
        match self {
            Source::File(file) => file.size(),
            Source::Unpacked(spool) => Ok(spool.len()),
        }
    }

    fn data_after(&self, offset: u64) -> io::Result<Option<Range<u64>>> {
        match self {
            Source::File(file) => file.data_after(offset),
            Source::Unpacked(spool) => spool.data_after(offset),
        }
    }
}

/// A file to read, and where to begin in it.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) member: Member,
    /// Offset and number of the first record to read.
    pub(super) offset: u64,
    pub(super) index: u64,
    pub(super) old_until: u64,
}

impl Part {
    pub(super) fn whole(member: Member) -> Part {
        Part { member, offset: 0, index: 0, old_until: 0 }
    }

    pub(super) fn old(member: Member) -> Part {
        Part { old_until: u64::MAX, ..Part::whole(member) }
    }
}
