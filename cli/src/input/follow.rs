//! Follows one file that grows, shrinks or is replaced by another.
//!
//! It is read, never mapped: a file that shrinks must not kill the process.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::thread;
use std::time::Duration;

use loginrec::detect::{Sample, Verdict};
use loginrec::formats::LAYOUTS;
use loginrec::open::OnAmbiguous;
use loginrec::read::{ReadAt as _, read_full_at};
use loginrec::{Container, FileKind, Layout, OpenOptions, Records};
use loginrec_sources::{Compression, FileId, SparseFile, open_evidence};

use crate::diagnostics::{Diagnostics, reason};
use crate::file_name::FileName;
use crate::input::holes::passed_over;
use crate::input::inputs::ambiguous;
use crate::input::unopened::Unopened;

/// Options for following files.
#[derive(Clone, Copy, Debug)]
pub(crate) struct How {
    /// The layout of all files, if it is given instead of detected.
    pub(crate) layout: Option<&'static Layout>,
    pub(crate) unsigned_seconds: bool,
    pub(crate) interval: Duration,
}

/// Follows the files until all of them failed, `each` fails, or standard output is closed. `each`
/// should flush its output.
pub(crate) fn follow<'a>(
    names: impl Iterator<Item = FileName<'a>>,
    how: How,
    report: &mut Diagnostics,
    mut each: impl FnMut(&FileName<'_>, &Batch, &mut Diagnostics) -> io::Result<()>,
) -> io::Result<()> {
    let mut followers: Vec<Follower<'_>> =
        names.filter_map(|name| Follower::new(name, how)).collect();
    while !followers.is_empty() {
        let mut idle = true;
        let mut kept = Vec::new();
        for mut follower in followers {
            match follower.poll(report) {
                Ok(batch) => {
                    if let Some(batch) = batch {
                        idle = false;
                        each(&follower.name, &batch, report)?;
                    }
                    kept.push(follower);
                }
                Err(why) => report.failed(&follower.name, why),
            }
        }
        followers = kept;
        if idle && !followers.is_empty() {
            if stdout_is_closed() {
                return Ok(());
            }
            thread::sleep(how.interval);
        }
    }
    Ok(())
}

/// Most bytes to read at a time; as many decide the layout.
const ROUND: u64 = 16 << 20;
/// Shorter holes are read.
const LONG_HOLE: u64 = 1 << 20;

/// Whole records that were appended.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) layout: &'static Layout,
    pub(crate) kind: Option<FileKind>,
    /// Whether they are the first ones of a file, or of one that is read from its start again.
    pub(crate) is_first: bool,
    /// Their offset in the file.
    offset: u64,
    index: u64,
    unsigned_seconds: bool,
    bytes: Vec<u8>,
}

impl Batch {
    /// Returns the records with their places in the file.
    pub(crate) fn records(&self) -> Records<'_> {
        let records = self.layout.records_at(&self.bytes, self.offset, self.index);
        records.unsigned_seconds(self.unsigned_seconds)
    }
}

/// One file that grows.
#[derive(Debug)]
pub(crate) struct Follower<'a> {
    pub(crate) name: FileName<'a>,
    path: &'a Path,
    file: Option<SparseFile>,
    unsigned_seconds: bool,
    layout: Option<&'static Layout>,
    kind: Option<FileKind>,
    /// Bytes that are not yet a whole record, and their offset.
    pending: Vec<u8>,
    offset: u64,
    index: u64,
    /// Whether no records have come from this file.
    is_first: bool,
    /// Whether the file begins with a long hole.
    has_hole_first: bool,
    /// While the layout is unknown: the size at the last check. `None` for a file that had content
    /// from the start.
    grown: Option<usize>,
    /// The last message, which is not repeated.
    told: String,
    begun: bool,
}

impl<'a> Follower<'a> {
    /// Returns `None` for standard input, which cannot be followed.
    pub(crate) fn new(name: FileName<'a>, how: How) -> Option<Follower<'a>> {
        let path = name.path()?;
        let kind =
            path.file_name().and_then(|name| FileKind::from_file_name(&name.to_string_lossy()));
        Some(Follower {
            name,
            path,
            file: None,
            unsigned_seconds: how.unsigned_seconds,
            layout: how.layout,
            kind,
            pending: Vec::new(),
            offset: 0,
            index: 0,
            is_first: true,
            has_hole_first: false,
            grown: None,
            told: String::new(),
            begun: false,
        })
    }

    /// Returns what was appended since the last call. If there was something, call again at once.
    /// An error is final.
    pub(crate) fn poll(&mut self, report: &Diagnostics) -> Result<Option<Batch>, String> {
        let replaced = match self.open(report)? {
            Some(replaced) => replaced,
            None => return Ok(None),
        };
        if self.read(report)? == 0 && replaced {
            // Read to its end: continue with the file that has its name now.
            if !self.pending.is_empty() {
                let (offset, have) = (self.offset, self.pending.len());
                let why = format!("byte {offset}: record cut short: {have} bytes of it are there");
                report.warn(&self.name, why);
            }
            self.restart(report, "was replaced: the new one is read from its start");
            self.file = None;
            if self.open(report)?.is_some() {
                self.read(report)?;
            }
        }
        self.batch(report)
    }

    /// Opens the file, or the one that has its name by now. Returns `None` if there is no file.
    fn open(&mut self, report: &Diagnostics) -> Result<Option<bool>, String> {
        let now = match fs::metadata(self.path) {
            Ok(now) => now,
            // A rotated file may still receive its last records.
            Err(_) if self.file.is_some() => return Ok(Some(false)),
            Err(error) => return self.wait(report, &error),
        };
        if let Some(file) = &self.file {
            let open = file.file().metadata().map_err(|error| reason(&error))?;
            return Ok(Some(match (FileId::of(&open), FileId::of(&now)) {
                (Some(open), Some(now)) => open != now,
                _ => now.len() < self.position(),
            }));
        }
        if !now.is_file() {
            return Err("not a regular file; cannot be followed".to_owned());
        }
        match open_evidence(self.path) {
            Ok(file) => self.file = Some(SparseFile::new(file)),
            Err(error) => return self.wait(report, &error),
        }
        if !self.begun && now.len() == 0 {
            self.grown = Some(0);
        }
        self.begun = true;
        Ok(Some(false))
    }

    /// A missing file may appear later; a file that cannot be read from the start stays unreadable.
    fn wait(&mut self, report: &Diagnostics, error: &io::Error) -> Result<Option<bool>, String> {
        if !self.begun && error.kind() != ErrorKind::NotFound {
            return Err(reason(error));
        }
        self.begun = true;
        self.grown = Some(0);
        self.tell(report, format!("{}: waiting for the file", reason(error)));
        Ok(None)
    }

    /// Reads what is new, from the start if the file is shorter than before.
    fn read(&mut self, report: &Diagnostics) -> Result<usize, String> {
        let Some(file) = &self.file else { return Ok(0) };
        let len = file.file().metadata().map_err(|error| reason(&error))?.len();
        if len < self.position() {
            self.restart(report, "has become shorter: it is read from its start");
        }
        let Some(file) = &self.file else { return Ok(0) };
        let room = match self.layout {
            Some(layout) => self.room(layout, len, report).map_err(|error| reason(&error))?,
            None => {
                let position = self.position();
                let data = file.data_after(position).map_err(|error| reason(&error))?;
                let data = data.unwrap_or(len..u64::MAX);
                self.has_hole_first = position == 0 && data.start >= LONG_HOLE;
                let before_hole = match self.has_hole_first {
                    true => 0,
                    false => data.end.saturating_sub(position),
                };
                before_hole.min(ROUND.saturating_sub(self.pending.len() as u64))
            }
        };
        let room = room.min(len.saturating_sub(self.position()));
        let Some(file) = &self.file else { return Ok(0) };
        let (position, before) = (self.position(), self.pending.len());
        self.pending.resize(before + room as usize, 0);
        let (read, error) =
            read_full_at(file, self.pending.get_mut(before..).unwrap_or_default(), position);
        self.pending.truncate(before + read);
        if let Some(error) = error {
            return Err(reason(&error));
        }
        if read > 0 {
            self.told.clear();
        }
        Ok(read)
    }

    /// Passes over the records in a long hole, and returns how much to read now: no more than up to
    /// the next hole.
    fn room(&mut self, layout: &Layout, len: u64, report: &Diagnostics) -> io::Result<u64> {
        let size = layout.size as u64;
        let position = self.position();
        let is_array = layout.container == Container::Array;
        let Some(file) = self.file.as_ref().filter(|_| is_array && position < len) else {
            return Ok(ROUND);
        };
        let data = file.data_after(position)?.unwrap_or(len..len);
        let hole = data.start.min(len).saturating_sub(position);
        if hole < LONG_HOLE {
            return Ok(ROUND.min(data.end.saturating_sub(position)));
        }
        // The record that has begun ends in the hole.
        if !self.pending.is_empty() {
            return Ok(size.saturating_sub(self.pending.len() as u64));
        }
        let records = hole / size;
        report.warn(&self.name, passed_over(self.offset, records * size, records));
        self.offset += records * size;
        self.index += records;
        Ok(size)
    }

    /// Returns the whole records among the bytes that were read.
    fn batch(&mut self, report: &Diagnostics) -> Result<Option<Batch>, String> {
        let Some(layout) = self.known_layout(report)? else { return Ok(None) };
        if !layout.is_log() {
            return Err("such a file is written in place and cannot be followed".to_owned());
        }
        let (len, records) = layout.whole_records(&self.pending);
        if len == 0 {
            return Ok(None);
        }
        let rest = self.pending.split_off(len.min(self.pending.len()));
        let bytes = std::mem::replace(&mut self.pending, rest);
        let Follower { kind, offset, index, unsigned_seconds, .. } = *self;
        self.offset += len as u64;
        self.index += records;
        let is_first = std::mem::replace(&mut self.is_first, false);
        Ok(Some(Batch { layout, kind, is_first, offset, index, unsigned_seconds, bytes }))
    }

    /// Returns the layout: that of the first records, which is final.
    fn known_layout(&mut self, report: &Diagnostics) -> Result<Option<&'static Layout>, String> {
        if self.layout.is_some() || self.pending.is_empty() && !self.has_hole_first {
            return Ok(self.layout);
        }
        let Some(file) = &self.file else { return Ok(None) };
        if Compression::detect(&self.pending).is_some() {
            return Err("is compressed and cannot be followed".to_owned());
        }
        // Half a record of one layout may look like a whole record of another.
        let now = self.pending.len();
        if self.grown.is_some_and(|before| before != now) {
            self.grown = Some(now);
            return Ok(None);
        }
        let mut options = OpenOptions::new().on_ambiguous(OnAmbiguous::BestGuess);
        if let Some(base) = self.path.file_name() {
            options = options.file_name(base.to_string_lossy());
        }
        let identity = match options.identify(|| Sample::read(file)) {
            Ok(identity) => identity,
            Err(why) => {
                let longest = LAYOUTS.iter().map(|layout| layout.size).max().unwrap_or(0);
                return match self.grown.is_some() && self.pending.len() < longest {
                    true => Ok(None),
                    false => Err(Unopened(why).to_string()),
                };
            }
        };
        if let Some(found) = identity.detection().filter(|f| f.verdict() == Verdict::Ambiguous) {
            report.warn(&self.name, ambiguous(found));
        }
        self.layout = identity.layout();
        Ok(self.layout)
    }

    /// Starts a file again.
    fn restart(&mut self, report: &Diagnostics, why: &str) {
        self.pending.clear();
        (self.offset, self.index) = (0, 0);
        (self.is_first, self.has_hole_first) = (true, false);
        self.grown = Some(0);
        self.tell(report, why.to_owned());
    }

    fn tell(&mut self, report: &Diagnostics, why: String) {
        if self.told != why {
            report.warn(&self.name, &why);
            self.told = why;
        }
    }

    /// Returns the offset up to which the file has been read.
    fn position(&self) -> u64 {
        self.offset + self.pending.len() as u64
    }
}

/// Returns whether the reader of a pipe has closed it. Otherwise that would only show when the next
/// record is written, which may be never.
#[cfg(unix)]
fn stdout_is_closed() -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    let stdout = io::stdout();
    let mut wanted = [PollFd::new(&stdout, PollFlags::empty())];
    let now = Timespec { tv_sec: 0, tv_nsec: 0 };
    // An error means that the state is unknown.
    let _ = poll(&mut wanted, Some(&now));
    wanted.iter().any(|fd| fd.revents().intersects(PollFlags::ERR | PollFlags::HUP))
}

#[cfg(not(unix))]
fn stdout_is_closed() -> bool {
    false
}
